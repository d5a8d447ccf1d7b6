#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/planted.h"
#include "shard_machine.h"

#define WORDS_MAX sizeof(((struct sn_exemplar *)0)->text)

static uint32_t clamp_us(int64_t us) {
    if (us < 0) return 0;
    return us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

/* --- The end of an operation ---------------------------------------------------------------------------- */

static void keep_exemplar(struct sn_shard *shard, const struct open_work *work, const struct sn_result *result,
                          uint8_t step, struct sn_span text) {
    struct sn_exemplar exemplar = {
        .k = work->k,
        .due_us = work->due_us,
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

/* The place is free when what the operation left in the background has ended too. */
static void leave_ended(struct sn_shard *shard, struct open_work *work, int64_t now_us) {
    if (work->state != OPEN_ENDED || work->behind > 0 || work->aside != 0) return;
    work->state = OPEN_FREE;
    shard_note_room(shard, now_us);
}

/* Nothing more is begun, and what is in flight is not waited for. */
static void cut_short(struct sn_shard *shard, struct open_work *work) {
    work->left = work->ready = 0;
    work->behind += work->calls;
    work->calls = 0;
    for (uint32_t i = 0; i < SHARD_CALLS_MAX; i++)
        if (&shard->open[shard->calls[i].place] == work) shard->calls[i].waited = false;
}

/* `failed`: 0, or 1 + the error's class; then `step` is the one that did. */
static void finish_operation(struct sn_shard *shard, struct open_work *work, uint32_t step, int64_t end_us,
                             uint8_t failed, struct sn_span text) {
    struct sn_counts *counts = &shard->state.counts;
    struct sn_result result = {
        .response_us = clamp_us(end_us - work->due_us - work->think_us),
        .service_us = clamp_us(end_us - work->first_sent_us - work->think_us),
        .lag_us = clamp_us(work->first_sent_us - work->due_us),
        .sql_us = work->sql_us,
        .rows = work->rows,
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
    keep_exemplar(shard, work, &result, failed ? (uint8_t)(step + 1) : 0, text);
    cut_short(shard, work);
    work->state = OPEN_ENDED;
    work->wake_us = end_us;
    leave_ended(shard, work, shard->now_us);
}

void shard_cancel_thinking(struct sn_shard *shard, int64_t now_us) {
    struct sn_counts *counts = &shard->state.counts;
    for (uint32_t i = 0; i < shard->open_len; i++) {
        struct open_work *work = &shard->open[i];
        if (!shard_is_thinking(work) || work->wake_us <= now_us || work->job != NULL || work->aside != 0) continue;
        SN_ASSERT(counts->in_flight > 0);
        counts->in_flight -= 1;
        counts->cancelled += 1;
        work->left = 0;
        work->state = OPEN_ENDED;
        work->wake_us = now_us;
        leave_ended(shard, work, now_us);
    }
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
        work->state = OPEN_AGAIN; /* from its first step: items are idempotent as a whole */
        work->left = work->ready = 0;
        work->wake_us = now_us + SN_ITEM_PAUSE_US * work->tries;
        return;
    }
    if (failed) {
        if (state->items_failed == 0) keep_words(state, text);
        state->items_failed += 1;
        for (uint32_t i = 0; SN_PLANTED(RETRIES_DROPPED) && i < shard->open_len; i++)
            if (shard->open[i].state == OPEN_AGAIN) shard->open[i].state = OPEN_FREE;
    } else {
        state->items_done += 1;
    }
    work->state = OPEN_FREE;
}

static void finish(struct sn_shard *shard, struct open_work *work, uint32_t step, int64_t end_us, uint8_t failed,
                   struct sn_span text) {
    if (work->job == NULL) {
        finish_operation(shard, work, step, end_us, failed, text);
        return;
    }
    finish_item(shard, work, end_us, failed, text);
    shard_note_room(shard, shard->now_us);
}

/* --- The end of a step ------------------------------------------------------------------------------------ */

/* Kept apart where an operation has several, or a budget, and after a lead-in. */
static void note_step(struct sn_shard *shard, const struct open_work *work, uint32_t step, int64_t service_us,
                      uint8_t failed) {
    const struct sn_workload *workload = &shard->plan.workload;
    if (work->job != NULL || work->phase < shard->plan.lead_in) return;
    if (!sn_kind_tells_steps(workload, &workload->kinds[work->kind])) return;
    const struct sn_step *what = shard_step_of(shard, work, step);
    struct sn_step_result result = {.number = (uint32_t)(what - workload->steps),
                                    .service_us = clamp_us(service_us),
                                    .failed = failed,
                                    .within = !failed && service_us <= what->budget_us};
    sn_delta_step(&shard->delta, &result);
}

/* --- Answers --------------------------------------------------------------------------------------------- */

/* Whatever becomes of the operation, the database has done its work. */
static void charge_rows(struct sn_shard *shard, const struct sn_answer *answer) {
    shard->delta.spent.units[SN_METER_D1_ROWS_READ] += answer->rows_read;
    shard->delta.spent.units[SN_METER_D1_ROWS_WRITTEN] += answer->rows_written;
}

static bool at_database(const struct sn_step *step) {
    return step->action == SN_ACTION_D1_ALL || step->action == SN_ACTION_D1_BATCH;
}

static void meter(struct open_work *work, const struct sn_step *step, const struct sn_answer *answer) {
    if (at_database(step)) work->rows = sn_add_sat_u32(work->rows, answer->rows);
    work->sql_us = sn_add_sat_u32(work->sql_us, answer->sql_us);
    work->rows_read = sn_add_sat_u32(work->rows_read, answer->rows_read);
    work->rows_written = sn_add_sat_u32(work->rows_written, answer->rows_written);
    work->bytes = sn_add_sat_u32(work->bytes, answer->bytes);
    if (answer->attempts > 1) work->retries = sn_add_sat_u32(work->retries, answer->attempts - 1u);
    if (answer->cache != 0) work->cache = answer->cache;
}

/* The next step follows at once, from outside of a slice too: waiting for one would be our time, and would be measured.
 * It waits for a new slice only when this one has used up what the platform allows; when many answers at once have
 * filled the outbox; or for shard_time_out(), when its time is over. */
static void go_on(struct sn_shard *shard, struct open_work *work, uint32_t step, int64_t end_us, struct sn_writer *w) {
    if (work->calls > 0 || work->ready != 0) return; /* those beside it have not ended */
    if (left_behind(shard, work) || !shard_go_on(shard, work, end_us))
        finish(shard, work, step, end_us, 0, (struct sn_span){0});
    if (end_us < shard_time_up_us(shard, work)) shard_send_ready(shard, work, end_us, w);
}

/* "not what was prepared: " and which of many things it was; of a long one the end, where they differ. */
static struct sn_span say_wrong(struct sn_shard *shard, const struct open_work *work, const struct sn_step *step,
                                uint8_t *text, size_t cap) {
    uint8_t subject[SN_R2_KEY_MAX];
    struct sn_writer w = sn_writer(text, cap), s = sn_writer(subject, sizeof subject);
    sn_step_put_subject(&s, &shard->plan.workload, step, shard_render(shard, work, shard->now_us));
    sn_put_text(&w, "the answer is not what was prepared");
    if (s.full || s.len == 0) return (struct sn_span){text, w.len};
    w.len = 0;
    sn_put_text(&w, "not what was prepared: ");
    size_t from = s.len > cap - w.len ? s.len - (cap - w.len) : 0;
    while (from < s.len && (subject[from] & 0xc0) == 0x80) from++;
    sn_put_bytes(&w, subject + from, s.len - from);
    return (struct sn_span){text, w.len};
}

static struct sn_span say_status(uint32_t status, uint8_t *words, size_t cap) {
    struct sn_writer w = sn_writer(words, cap);
    sn_put_text(&w, "answered with status ");
    sn_put_dec(&w, status);
    return (struct sn_span){words, w.len};
}

/* --- What was captured ------------------------------------------------------------------------------------- */

/* A text of several lines that a later step is to send in a header. */
static bool breaks_line(const struct sn_shard *shard, const struct sn_step *step, const struct open_work *work,
                        const struct sn_look *look, struct sn_span text) {
    const struct sn_workload *workload = &shard->plan.workload;
    const struct sn_kind *kind = &workload->kinds[work->kind];
    bool control = false;
    for (size_t i = 0; i < text.len; i++) control = control || text.data[i] < 0x20;
    for (uint32_t s = (uint32_t)(step - workload->steps) + 1; control && s < kind->steps + kind->steps_len; s++)
        if (sn_step_heads_captured(workload, &workload->steps[s], look->capture)) return true;
    return false;
}

/* What is wrong with a captured text, in words; NULL: nothing. */
static const char *fault_of(const struct sn_shard *shard, const struct sn_step *step, const struct open_work *work,
                            const struct sn_look *look, struct sn_span text, bool there) {
    _Static_assert(SN_CAPTURE_MAX == 64, "which the words say");
    if (!there) return " is not there, or empty";
    if (text.len == 0 || text.len > SN_CAPTURE_MAX)
        return " is longer than 64 bytes"; /* the host has kept it to itself */
    if (breaks_line(shard, step, work, look, text)) return " has a line break, and is to be in a header";
    return NULL;
}

/* Keeps the texts that stand behind the answer.  False: one is not there or unfit; `words` then say which, and how it
 * is.  The answer is left as if all of them were. */
static bool keep_captured(struct sn_shard *shard, const struct open_work *work, const struct sn_step *step,
                          struct sn_answer *answer, struct sn_reader *r, struct sn_writer *words) {
    for (uint32_t i = 0; i < step->looks_len; i++) {
        const struct sn_look *look = &shard->plan.workload.looks[step->looks + i];
        if (!sn_look_captures(look)) continue;
        struct sn_span text = sn_get_span(r);
        bool there = (answer->looked >> i & 1) != 0;
        answer->looked |= UINT32_C(1) << i;
        const char *fault = fault_of(shard, step, work, look, text, there && !r->bad);
        if (fault == NULL) {
            struct captured_text *kept = &shard_captured(shard, work)[look->capture];
            kept->len = (uint8_t)text.len;
            memcpy(kept->bytes, text.data, text.len);
        } else if (words->len == 0) {
            sn_put_text(words, "not captured: ");
            sn_put_bytes(words, shard->plan.workload.pool + look->name.offset, look->name.len);
            sn_put_text(words, fault);
        }
    }
    return words->len == 0;
}

/* What came instead of an answer.  1 + the error's class. */
static uint8_t classify(struct sn_shard *shard, struct sn_span text) {
    enum sn_error error = sn_error_classify((const char *)text.data, text.len);
    if (error == SN_ERROR_HARNESS) shard->slice_over = true; /* our own budget: a new slice has a new one */
    return (uint8_t)(1 + error);
}

/* 0, or 1 + the error's class; then `text` says it in words, perhaps in `words`.  Captures are read off `r`. */
static uint8_t judge(struct sn_shard *shard, struct open_work *work, const struct open_call *call,
                     struct sn_answer *answer, struct sn_reader *r, struct sn_span *text, uint8_t words[WORDS_MAX]) {
    const struct sn_step *step = shard_step_of(shard, work, call->step);
    if (call->waited) meter(work, step, answer);
    *text = (struct sn_span){0};
    if (!sn_step_admits(step, answer->status)) {
        *text = say_status(answer->status, words, WORDS_MAX);
        return (uint8_t)(1 + sn_error_of_status(answer->status));
    }
    struct sn_writer w = sn_writer(words, WORDS_MAX);
    bool captured = keep_captured(shard, work, step, answer, r, &w);
    bool expected = sn_step_satisfied(step, answer);
    if (expected && captured) return 0;
    *text = expected ? (struct sn_span){words, w.len} : say_wrong(shard, work, step, words, WORDS_MAX);
    return 1 + SN_ERROR_DATA;
}

void shard_step_answered(struct sn_shard *shard, const struct sn_record *event, struct sn_span payload, int64_t now_us,
                         struct sn_writer *w) {
    struct open_call *place = shard_find_call(shard, event->id);
    if (place == NULL) { /* from before a restart, or answered twice */
        shard->state.strays += 1;
        return;
    }
    struct open_call call = *place;
    shard_settle(shard, place, now_us);
    struct sn_answer answer;
    struct sn_reader r = sn_reader(payload.data, payload.len);
    bool done = event->kind == SN_EVENT_STEP_DONE && sn_answer_get(&r, event->arg0, &answer);
    if (done) charge_rows(shard, &answer);
    if (call.counted) return; /* when its time was up */
    struct open_work *work = &shard->open[call.place];
    int64_t end_us = (int64_t)event->at_us;
    uint8_t words[WORDS_MAX];
    uint8_t failed = done ? judge(shard, work, &call, &answer, &r, &payload, words) : classify(shard, payload);
    note_step(shard, work, call.step, end_us - call.sent_us, failed);
    if (!call.waited) {
        work->behind -= 1;
        leave_ended(shard, work, now_us);
        return;
    }
    work->calls -= 1;
    if (failed)
        finish(shard, work, call.step, end_us, failed, payload);
    else
        go_on(shard, work, call.step, end_us, w);
}

/* --- What is not answered --------------------------------------------------------------------------------- */

static void give_up_call(struct sn_shard *shard, struct open_call *call, int64_t end_us) {
    struct open_work *work = &shard->open[call->place];
    note_step(shard, work, call->step, end_us - call->sent_us, 1 + SN_ERROR_TIMEOUT);
    if (call->waited)
        work->calls -= 1;
    else
        work->behind -= 1;
    call->counted = true; /* the slot is free only when the call settles */
    if (SN_PLANTED(SLOT_ON_TIMEOUT)) shard_settle(shard, call, shard->now_us);
}

static void time_out_calls(struct sn_shard *shard, int64_t now_us) {
    for (uint32_t i = 0; i < SHARD_CALLS_MAX; i++) {
        struct open_call *call = &shard->calls[i];
        int64_t end_us = call->sent_us + shard->plan.timeout_us;
        if (call->id == 0 || call->counted || call->waited || now_us < end_us) continue;
        give_up_call(shard, call, end_us);
        leave_ended(shard, &shard->open[call->place], now_us);
    }
}

static void time_out_work(struct sn_shard *shard, struct open_work *work, int64_t end_us) {
    static const char text[] = "no answer within timeoutMs";
    uint32_t step = (uint32_t)__builtin_ctz(work->ready | work->left | 1u << (SN_STEPS_MAX - 1)); /* that did not end */
    for (uint32_t i = 0; i < SHARD_CALLS_MAX; i++) {
        struct open_call *call = &shard->calls[i];
        if (call->id == 0 || call->counted || !call->waited || &shard->open[call->place] != work) continue;
        if (call->step < step) step = call->step;
        give_up_call(shard, call, end_us);
    }
    work->tries = SN_ITEM_TRIES; /* an item is not tried again: a late answer may still be on its way */
    finish(shard, work, step, end_us, 1 + SN_ERROR_TIMEOUT, (struct sn_span){(const uint8_t *)text, sizeof text - 1});
}

/* No slot came free in time for what an operation left in the background. */
static void give_up_aside(struct sn_shard *shard, struct open_work *work, int64_t now_us) {
    for (; work->aside != 0; work->aside &= (uint16_t)(work->aside - 1))
        note_step(shard, work, (uint32_t)__builtin_ctz(work->aside), shard->plan.timeout_us, 1 + SN_ERROR_TIMEOUT);
    leave_ended(shard, work, now_us);
}

void shard_time_out(struct sn_shard *shard, int64_t now_us) {
    time_out_calls(shard, now_us);
    for (uint32_t i = 0; i < shard->open_len; i++) {
        struct open_work *work = &shard->open[i];
        if (work->state == OPEN_RUNNING && now_us >= shard_time_up_us(shard, work))
            time_out_work(shard, work, shard_time_up_us(shard, work));
        if (work->state == OPEN_ENDED && work->aside != 0 && now_us >= work->wake_us + shard->plan.timeout_us)
            give_up_aside(shard, work, now_us);
    }
}
