#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/planted.h"
#include "shard_machine.h"

static uint32_t clamp_us(int64_t us) {
    if (us < 0) return 0;
    return us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static struct open_work *find(struct sn_shard *shard, uint32_t id) {
    struct open_work *work = &shard->open[id % SN_OPEN_MAX];
    bool waiting_for_it = work->state == OPEN_CALLED || work->state == OPEN_TIMED_OUT;
    return waiting_for_it && work->id == id ? work : NULL;
}

static void settle_slot(struct sn_shard *shard, int64_t now_us) {
    SN_ASSERT(shard->calls_in_flight > 0);
    shard->calls_in_flight -= 1;
    if (shard->full_since_us != INT64_MAX) {
        shard->full_since_us = INT64_MAX;
        shard->freed_us = now_us;
    }
}

/* --- The end of an operation ---------------------------------------------------------------------------- */

static void keep_exemplar(struct sn_shard *shard, const struct sn_result *result, int64_t due_us, uint8_t step,
                          struct sn_span text) {
    struct sn_exemplar exemplar = {
        .k = result->k,
        .due_us = due_us,
        .response_us = result->response_us,
        .service_us = result->service_us,
        .kind = result->kind,
        .phase = result->phase,
        .failed = result->failed,
        .step = step,
    };
    size_t len = text.len < sizeof exemplar.text ? text.len : sizeof exemplar.text;
    while (len > 0 && len < text.len && (text.data[len] & 0xc0) == 0x80) len--; /* not in the middle of a character */
    if (len > 0) memcpy(exemplar.text, text.data, len);
    exemplar.text_len = (uint8_t)len;
    sn_delta_exemplar(&shard->delta, &exemplar);
}

/* `failed`: 0, or 1 + the error's class. */
static void finish_operation(struct sn_shard *shard, const struct open_work *work, int64_t end_us, uint8_t failed,
                             struct sn_span text) {
    struct sn_counts *counts = &shard->state.counts;
    struct sn_result result = {
        .k = work->k,
        .response_us = clamp_us(end_us - work->due_us),
        .service_us = clamp_us(end_us - work->first_sent_us),
        .lag_us = clamp_us(work->first_sent_us - work->due_us),
        .sql_us = work->sql_us,
        .rows_read = work->rows_read,
        .rows_written = work->rows_written,
        .bytes = work->bytes,
        .end_second = (uint16_t)shard_second(shard, end_us),
        .retries = (uint16_t)(work->retries > UINT16_MAX ? UINT16_MAX : work->retries),
        .kind = work->kind,
        .phase = work->phase,
        .failed = failed,
        .lag_slots = work->lag_slots,
        .cache = work->cache,
    };
    SN_ASSERT(counts->in_flight > 0);
    counts->in_flight -= 1;
    if (failed) {
        counts->failed += 1;
        counts->errors[failed - 1] += 1;
        if (failed == 1 + SN_ERROR_HARNESS) shard->state.harness_errors += 1;
    } else {
        counts->completed += 1;
    }
    sn_delta_result(&shard->delta, &result);
    keep_exemplar(shard, &result, work->due_us, failed ? (uint8_t)(work->step + 1) : 0, text);
}

/* --- The end of a job's item ---------------------------------------------------------------------------- */

/* The run went on without waiting for it: nothing more is done for it, since nobody would clean that up. */
static bool left_behind(const struct sn_shard *shard, const struct open_work *work) {
    return work->job != NULL && work->job->stage != shard_job_stage(shard->state.stage);
}

static bool worth_trying_again(enum sn_error error) {
    return error != SN_ERROR_CLIENT && error != SN_ERROR_DATA;
}

static void keep_words(struct shard_state *state, struct sn_span text) {
    state->words_len = (uint32_t)(text.len < sizeof state->words ? text.len : sizeof state->words);
    if (state->words_len > 0) memcpy(state->words, text.data, state->words_len);
}

static void finish_item(struct sn_shard *shard, struct open_work *work, int64_t now_us, uint8_t failed,
                        struct sn_span text) {
    struct shard_state *state = &shard->state;
    if (left_behind(shard, work)) {
        work->state = OPEN_FREE;
        return;
    }
    if (failed && work->tries < SN_ITEM_TRIES && worth_trying_again((enum sn_error)(failed - 1))) {
        work->state = OPEN_WAITING;
        work->step = 0; /* items are idempotent as a whole */
        work->wake_us = now_us + SN_ITEM_PAUSE_US * work->tries;
        return;
    }
    if (failed) {
        if (state->items_failed == 0) keep_words(state, text);
        state->items_failed += 1;
    } else {
        state->items_done += 1;
    }
    work->state = OPEN_FREE;
}

static void finish(struct sn_shard *shard, struct open_work *work, int64_t end_us, uint8_t failed,
                   struct sn_span text) {
    if (work->job != NULL) {
        finish_item(shard, work, end_us, failed, text);
        return;
    }
    finish_operation(shard, work, end_us, failed, text);
    work->state = OPEN_FREE;
}

/* --- Answers --------------------------------------------------------------------------------------------- */

static void meter(struct open_work *work, const struct sn_answer *answer) {
    work->sql_us = sn_add_sat_u32(work->sql_us, answer->sql_us);
    work->rows_read = sn_add_sat_u32(work->rows_read, answer->rows_read);
    work->rows_written = sn_add_sat_u32(work->rows_written, answer->rows_written);
    work->bytes = sn_add_sat_u32(work->bytes, answer->bytes);
    if (answer->attempts > 1) work->retries = sn_add_sat_u32(work->retries, answer->attempts - 1u);
    if (answer->cache != 0) work->cache = answer->cache;
}

static bool in_time(const struct sn_shard *shard, const struct open_work *work, int64_t at_us) {
    return at_us - work->first_sent_us < shard->plan.timeout_us;
}

/* The next step follows at once, from outside of a slice too: waiting for one would be our time, and would be measured.
 * It waits for a new slice only when this one has used up what the platform allows; when many answers at once have
 * filled the outbox; or for shard_time_out(), when its time is over. */
static void go_on(struct sn_shard *shard, struct open_work *work, int64_t end_us, struct sn_writer *w) {
    work->step += 1;
    bool may = !shard->slice_over && in_time(shard, work, end_us);
    if (may && shard_send_step(shard, work, end_us, w)) return;
    work->state = OPEN_WAITING;
    work->wake_us = end_us;
}

/* "not what was prepared: " and which of many things it was; of a long one the end, where they differ. */
static struct sn_span say_wrong(struct sn_shard *shard, const struct open_work *work, const struct sn_step *step,
                                uint8_t *text, size_t cap) {
    uint8_t subject[SN_R2_KEY_MAX];
    struct sn_writer w = sn_writer(text, cap), s = sn_writer(subject, sizeof subject);
    struct sn_render render = shard->render;
    render.k = work->k;
    sn_step_put_subject(&s, &shard->plan.workload, step, &render);
    sn_put_text(&w, "the answer is not what was prepared");
    if (s.full || s.len == 0) return (struct sn_span){text, w.len};
    w.len = 0;
    sn_put_text(&w, "not what was prepared: ");
    size_t from = s.len > cap - w.len ? s.len - (cap - w.len) : 0;
    while (from < s.len && (subject[from] & 0xc0) == 0x80) from++;
    sn_put_bytes(&w, subject + from, s.len - from);
    return (struct sn_span){text, w.len};
}

static void succeeded(struct sn_shard *shard, struct open_work *work, const struct sn_answer *answer, int64_t end_us,
                      struct sn_writer *w) {
    uint32_t steps_len;
    const struct sn_step *step = shard_step_of(shard, work, &steps_len);
    meter(work, answer);
    if (!sn_step_admits(step, answer->status)) {
        uint8_t text[32];
        struct sn_writer said = sn_writer(text, sizeof text);
        sn_put_text(&said, "answered with status ");
        sn_put_dec(&said, answer->status);
        enum sn_error error = sn_error_of_status(answer->status);
        finish(shard, work, end_us, (uint8_t)(1 + error), (struct sn_span){text, said.len});
        return;
    }
    if (!sn_step_satisfied(step, answer)) {
        uint8_t text[sizeof((struct sn_exemplar *)0)->text];
        finish(shard, work, end_us, 1 + SN_ERROR_DATA, say_wrong(shard, work, step, text, sizeof text));
        return;
    }
    if (work->step + 1 == steps_len || left_behind(shard, work)) {
        finish(shard, work, end_us, 0, (struct sn_span){0});
        return;
    }
    go_on(shard, work, end_us, w);
}

void shard_step_answered(struct sn_shard *shard, const struct sn_record *event, struct sn_span payload, int64_t now_us,
                         struct sn_writer *w) {
    struct open_work *work = find(shard, event->id);
    if (work == NULL) { /* from before a restart, or answered twice */
        shard->state.strays += 1;
        return;
    }
    settle_slot(shard, now_us);
    if (work->state == OPEN_TIMED_OUT) { /* it was counted when its time was up */
        work->state = OPEN_FREE;
        return;
    }
    int64_t end_us = (int64_t)event->at_us;
    struct sn_answer answer;
    if (event->kind == SN_EVENT_STEP_DONE && payload.len >= sizeof answer) {
        memcpy(&answer, payload.data, sizeof answer);
        succeeded(shard, work, &answer, end_us, w);
        return;
    }
    enum sn_error error = sn_error_classify((const char *)payload.data, payload.len);
    if (error == SN_ERROR_HARNESS) shard->slice_over = true; /* our own budget: a new slice has a new one */
    finish(shard, work, end_us, (uint8_t)(1 + error), payload);
}

void shard_time_out(struct sn_shard *shard, int64_t now_us) {
    static const char text[] = "no answer within timeoutMs";
    for (uint32_t i = 0; i < shard->open_len; i++) {
        struct open_work *work = &shard->open[i];
        bool called = work->state == OPEN_CALLED;
        if (!(called || shard_between_steps(work)) || in_time(shard, work, now_us)) continue;
        int64_t end_us = work->first_sent_us + shard->plan.timeout_us;
        work->tries = SN_ITEM_TRIES; /* an item is not tried again: its place waits for the late answer */
        finish(shard, work, end_us, 1 + SN_ERROR_TIMEOUT, (struct sn_span){(const uint8_t *)text, sizeof text - 1});
        if (SN_PLANTED(SLOT_ON_TIMEOUT) && called) {
            settle_slot(shard, now_us);
            continue;
        }
        if (called) work->state = OPEN_TIMED_OUT; /* the slot is free only when the call settles */
    }
}
