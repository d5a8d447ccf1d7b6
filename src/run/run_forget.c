#include "run_machine.h"

/* A run that never began, or of which nothing is left that would have to be cleaned.  One whose plan is not durable yet
 * may be about to begin. */
static bool is_over(const struct sn_run *run) {
    bool begun = run->plan_unwritten || run->state.started_us != 0;
    return run->state.forgotten || !begun;
}

static void refuse_held(struct sn_run *run, struct sn_writer *w) {
    for (uint32_t i = 0; i < run->held_len; i++) {
        struct sn_record gone = {.kind = SN_EFFECT_REPLY, .id = run->held[i], .status = SN_E_MISSING};
        sn_record_put(w, &gone, NULL, 0);
    }
}

void run_erase(struct sn_run *run, struct sn_writer *w) {
    uint32_t next_id = run->next_id; /* answers to what was asked before must find nobody */
    struct run_bindings bindings = run->bindings;
    sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_ERASE}, NULL, 0);
    sn_run_init(run);
    run->next_id = next_id;
    run->bindings = bindings;
    run->opened = true;
}

void run_forget(struct sn_run *run, uint32_t call_id, int64_t now_us, struct sn_writer *w) {
    if (!is_over(run)) {
        run_reply_state(run, call_id, SN_E_STATE, now_us, w);
        return;
    }
    refuse_held(run, w);
    run_dismiss(w, 0, "the run was deleted");
    run_erase(run, w);
    sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_REPLY, .id = call_id}, NULL, 0);
}
