#include <string.h>

#include "run_machine.h"
#include "run_retry.h"
#include "sentinel/base/args.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/place.h"
#include "sentinel/base/sql.h"
#include "sentinel/json/json.h"
#include "sentinel/measure/compared.h"

/* The control database's copy of the run, written in the background: first the row whenever it is out of date, then a
 * checkpoint every half minute, finished minutes of the series, and at the end the final results.  One batch is in flight
 * at a time; one that fails, or is never answered, is sent again (run_retry.c), until it is accepted.  Every statement may
 * arrive twice. */

#define CHECKPOINT_US (30 * SN_SECOND_US)
#define ANSWER_PATIENCE_US (60 * SN_SECOND_US) /* a batch may take 30 s; an answer that comes later is a stray */
#define SERIES_SETTLED_SECONDS 15u             /* a minute is written when no shard reports on it any more */
#define SERIES_CROWDED_SECONDS 5u              /* or a part of it earlier, when the table fills */
#define CELLS_PER_BATCH 8u
#define EXEMPLARS_PER_BATCH 20u

enum { BATCH_ROW = 1, BATCH_CHECKPOINT, BATCH_SERIES, BATCH_FINAL };

static double unix_s(int64_t at_us) {
    return (double)(at_us / SN_SECOND_US);
}

static void put_time(struct sn_args *args, int64_t at_us) {
    if (at_us == 0) {
        sn_args_null(args);
    } else {
        sn_args_number(args, unix_s(at_us));
    }
}

static void put_ms(struct sn_args *args, bool known, double us) {
    if (known) {
        sn_args_number(args, us / 1000.0);
    } else {
        sn_args_null(args);
    }
}

static void put_error_types(struct sn_args *args, const struct sn_counts *counts) {
    uint8_t text[256];
    struct sn_writer w = sn_writer(text, sizeof text);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_open(&j, NULL, '{');
    for (uint32_t i = 0; i < SN_ERRORS_LEN; i++) {
        if (counts->errors[i] > 0) sn_json_put_uint(&j, sn_error_name((enum sn_error)i), counts->errors[i]);
    }
    sn_json_close(&j, '}');
    sn_args_span(args, SN_VALUE_TEXT, text, w.len);
}

static double load_seconds(const struct sn_run *run, int64_t now_us) {
    if (run->state.load_started_us == 0 || now_us <= run->state.load_started_us) return 0;
    int64_t end_us = run->state.load_ended_us != 0 ? run->state.load_ended_us : now_us;
    return (double)(end_us - run->state.load_started_us) / 1e6;
}

static void put_latencies(struct sn_args *args, const struct sn_cell *total, const struct sn_pages *pages) {
    bool known = total->response.count > 0;
    put_ms(args, known, sn_hist_mean_us(&total->response));
    put_ms(args, known, sn_hist_percentile_us(&total->response, pages, 50));
    put_ms(args, known, sn_hist_percentile_us(&total->response, pages, 95));
    put_ms(args, known, sn_hist_percentile_us(&total->response, pages, 99));
    put_ms(args, known, total->response.max_us);
    put_ms(args, known, total->response.min_us);
}

static void put_active(const struct sn_run *run, struct sn_args *args) {
    if (run_ended(run)) {
        sn_args_null(args);
    } else {
        sn_args_number(args, 1);
    }
}

static void put_ending(const struct sn_run *run, struct sn_args *args) {
    sn_args_text(args, run_ended(run) ? sn_ending_name((enum sn_ending)run->state.ending) : NULL);
}

/* Whoever sweeps up has measured nothing. */
static void put_swept(struct sn_run *run, int64_t now_us, struct sn_args *args) {
    sn_args_group(args, SN_SQL_RUN_SWEPT);
    sn_args_text(args, run->plan.run_id);
    sn_args_number(args, run->state.revision);
    sn_args_text(args, sn_run_status_name((enum sn_run_status)run->state.status));
    put_active(run, args);
    put_time(args, run->state.ended_us);
    sn_args_text(args, run->state.reason);
    sn_args_number(args, unix_s(now_us));
    put_ending(run, args);
}

static void put_row(struct sn_run *run, int64_t now_us, struct sn_args *args) {
    struct sn_report report = run_report(run, now_us);
    struct sn_pages pages;
    struct sn_cell total = run_total(run, &pages);
    double seconds = load_seconds(run, now_us);
    const struct sn_counts *counts = &report.counts;
    sn_args_group(args, SN_SQL_RUN_UPDATE);
    sn_args_text(args, run->plan.run_id);
    sn_args_number(args, run->state.revision);
    sn_args_text(args, sn_run_status_name(report.status));
    put_active(run, args);
    put_time(args, report.started_us);
    put_time(args, report.ended_us);
    sn_args_number(args, (double)(counts->completed + counts->failed));
    sn_args_number(args, (double)counts->completed);
    sn_args_number(args, (double)counts->failed);
    put_latencies(args, &total, &pages);
    sn_args_number(args, seconds > 0 ? (double)counts->completed / seconds : 0);
    sn_args_number(args, (double)counts->failed);
    put_error_types(args, counts);
    sn_args_text(args, sn_validity_name(run_ended(run) ? report.validity.validity : SN_VALIDITY_UNKNOWN));
    sn_args_text(args, sn_verdict_name(report.verdict));
    sn_args_text(args, report.reason);
    sn_args_number(args, unix_s(now_us));
    put_ending(run, args);
    sn_args_number(args, (double)sn_schedule_planned(&run->schedule)); /* whoever has to sweep up sweeps so far */
}

static void put_checkpoint(struct sn_run *run, int64_t now_us, struct sn_args *args) {
    struct sn_counts counts = run_counts(run);
    struct sn_pages pages;
    struct sn_cell total = run_total(run, &pages);
    double seconds = load_seconds(run, now_us);
    uint64_t ended = counts.completed + counts.failed;
    uint8_t id[64];
    struct sn_writer text = sn_writer(id, sizeof id);
    sn_put_text(&text, run->plan.run_id);
    sn_put_text(&text, ":");
    sn_put_dec(&text, run->state.checkpoints);
    sn_args_group(args, SN_SQL_CHECKPOINT_UPSERT);
    sn_args_span(args, SN_VALUE_TEXT, id, text.len);
    sn_args_text(args, run->plan.run_id);
    sn_args_text(args, run->plan.tenant);
    sn_args_number(args, run->state.checkpoints);
    sn_args_number(args, unix_s(now_us));
    sn_args_number(args, seconds);
    sn_args_number(args, (double)counts.completed);
    sn_args_number(args, (double)counts.failed);
    sn_args_number(args, seconds > 0 ? (double)ended / seconds : 0);
    put_ms(args, total.response.count > 0, sn_hist_mean_us(&total.response));
    sn_args_number(args, ended > 0 ? (double)counts.failed / (double)ended : 0);
}

/* --- The final results ------------------------------------------------------------------------------------ */

static void put_hist(struct sn_args *args, const struct sn_hist *hist, const struct sn_pages *pages) {
    uint8_t bytes[8192];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    sn_hist_put(&w, hist, pages);
    if (w.full) {
        sn_args_null(args);
    } else {
        sn_args_span(args, SN_VALUE_BYTES, bytes, w.len);
    }
}

static void put_pool_text(struct sn_args *args, const struct sn_run *run, const struct sn_text *text) {
    sn_args_span(args, SN_VALUE_TEXT, run->plan.workload.pool + text->offset, text->len);
}

static void put_stats(struct sn_run *run, uint32_t index, struct sn_args *args) {
    struct sn_pages pages = sn_tally_pages(run->tally);
    uint32_t kind = index / run->tally->phases, phase = index % run->tally->phases;
    const struct sn_cell *cell = sn_tally_cell(run->tally, kind, phase);
    struct sn_counts errors = {0};
    memcpy(errors.errors, cell->errors, sizeof errors.errors);
    sn_args_group(args, SN_SQL_STATS_UPSERT);
    sn_args_text(args, run->plan.run_id);
    put_pool_text(args, run, &run->plan.workload.kinds[kind].name);
    sn_args_text(args, run->plan.profile.phases[phase].name);
    sn_args_number(args, (double)cell->completed);
    sn_args_number(args, (double)cell->failed);
    sn_args_number(args, sn_hist_percentile_us(&cell->response, &pages, 50));
    sn_args_number(args, sn_hist_percentile_us(&cell->response, &pages, 95));
    sn_args_number(args, sn_hist_percentile_us(&cell->response, &pages, 99));
    put_hist(args, &cell->response, &pages);
    put_hist(args, &cell->service, &pages);
    put_error_types(args, &errors);
}

static void put_exemplar(struct sn_run *run, uint32_t index, struct sn_args *args) {
    const struct sn_exemplar *exemplar = &run->tally->exemplars[index];
    const struct sn_kind *kind = &run->plan.workload.kinds[exemplar->kind];
    uint8_t id[80];
    struct sn_writer text = sn_writer(id, sizeof id);
    sn_put_text(&text, run->plan.run_id);
    sn_put_text(&text, ":");
    sn_put_dec(&text, exemplar->k);
    sn_args_group(args, SN_SQL_METRIC_UPSERT);
    sn_args_span(args, SN_VALUE_TEXT, id, text.len);
    sn_args_text(args, run->plan.run_id);
    sn_args_text(args, run->plan.tenant);
    put_pool_text(args, run, &kind->system);
    put_pool_text(args, run, &kind->name);
    sn_args_number(args, unix_s(exemplar->due_us));
    sn_args_number(args, unix_s(exemplar->due_us + exemplar->response_us));
    sn_args_number(args, (double)exemplar->response_us / 1000.0);
    sn_args_number(args, exemplar->failed == 0);
    sn_args_span(args, SN_VALUE_TEXT, exemplar->text, exemplar->text_len);
    sn_args_text(args, exemplar->failed ? sn_error_name((enum sn_error)(exemplar->failed - 1)) : NULL);
    sn_args_number(args, (double)exemplar->due_us);
    sn_args_number(args, (double)exemplar->k);
}

static uint32_t cells_len(const struct sn_run *run) {
    return run->tally->kinds * run->tally->phases;
}

/* What further runs are compared with.  The intervals' bytes are written far behind the place where they are copied to. */
static void put_measured(struct sn_run *run, int64_t now_us, struct sn_args *args) {
    struct sn_report report = run_report(run, now_us);
    struct sn_pages pages;
    struct sn_cell total = run_total(run, &pages);
    struct sn_writer *w = args->w;
    struct sn_compared measured = {.plan_hash = run->plan.hash,
                                   .validity = report.validity.validity,
                                   .clock_step_us = SN_CLOCK_STEP_US,
                                   .planned = report.counts.planned,
                                   .started = report.counts.completed + report.counts.failed + report.counts.in_flight,
                                   .completed = total.completed,
                                   .failed = total.failed};
    if (run->intervals->slots_len == 0) return;
    sn_args_group(args, SN_SQL_RUN_MEASURE);
    sn_args_text(args, run->plan.run_id);
    size_t head = w->len;
    sn_args_span(args, SN_VALUE_BYTES, NULL, 0);
    size_t start = w->len, away = start + SN_COMPARED_BYTES_MAX;
    struct sn_writer bytes = sn_writer(w->data + away, w->cap > away ? w->cap - away : 0);
    sn_intervals_put(&bytes, run->intervals);
    if (bytes.full) w->full = true;
    measured.intervals = (struct sn_span){bytes.data, bytes.len};
    sn_compared_put(w, &measured);
    uint32_t len = (uint32_t)(w->len - start);
    sn_put_zeros(w, (4 - len % 4) % 4);
    if (!w->full) memcpy(w->data + head + 4, &len, sizeof len);
}

/* Results are numbered: cells, then exemplars.  Returns the number after the last one that was put. */
static uint32_t put_final(struct sn_run *run, int64_t now_us, struct sn_args *args) {
    uint32_t cells = cells_len(run), end = cells + run->tally->exemplars_len, next = run->state.final_cursor;
    uint32_t batch = next < cells ? CELLS_PER_BATCH : EXEMPLARS_PER_BATCH;
    if (next == 0) put_measured(run, now_us, args);
    for (uint32_t i = 0; i < batch && next < end; i++, next++) {
        if (next < cells) {
            put_stats(run, next, args);
        } else {
            put_exemplar(run, next - cells, args);
        }
    }
    return next;
}

/* The seconds that are next to be written, or an empty range. */
static void series_range(const struct sn_run *run, int64_t now_us, uint32_t *from, uint32_t *to) {
    *from = *to = run->series->first_second;
    if (!sn_schedule_started(&run->schedule)) return;
    int64_t until_us = run->state.load_ended_us != 0 ? run->state.load_ended_us : now_us;
    uint32_t now_s = (uint32_t)(sn_schedule_clock_us(&run->schedule, until_us) / SN_SECOND_US);
    if (now_s > run->series->seconds_len) now_s = run->series->seconds_len;
    uint32_t minute_end = (*from / 60 + 1) * 60;
    if (run->state.load_ended_us != 0) now_s += 1; /* the second that the load ended in */
    bool crowded = run->series->slots_used > run->series->slots_len / 2;
    if (run_ended(run)) {
        *to = minute_end < now_s ? minute_end : now_s;
    } else if (minute_end + SERIES_SETTLED_SECONDS + run_longest_window_s(run) <= now_s) {
        *to = minute_end;
    } else if (crowded && *from + SERIES_CROWDED_SECONDS < now_s) { /* a part of the minute, to make room */
        *to = now_s - SERIES_CROWDED_SECONDS < minute_end ? now_s - SERIES_CROWDED_SECONDS : minute_end;
    }
}

static void put_series(struct sn_run *run, uint32_t from, uint32_t to, struct sn_args *args) {
    sn_args_group(args, SN_SQL_SERIES_UPSERT);
    sn_args_text(args, run->plan.run_id);
    sn_args_number(args, from / 60);
    sn_args_number(args, from % 60);
    /* The blob is written where it goes, behind a length that is known only afterwards. */
    size_t head = args->w->len;
    sn_args_span(args, SN_VALUE_BYTES, NULL, 0);
    size_t start = args->w->len;
    sn_series_put(args->w, run->series, from, to);
    uint32_t len = (uint32_t)(args->w->len - start);
    sn_put_zeros(args->w, (4 - len % 4) % 4);
    if (!args->w->full) memcpy(args->w->data + head + 4, &len, sizeof len);
}

/* --- One batch at a time ------------------------------------------------------------------------------------ */

static uint32_t next_batch(const struct sn_run *run, int64_t now_us) {
    uint32_t from, to;
    bool durable = run->durable_revision == run->state.revision; /* the row never says what the run may forget */
    if (run->state.revision > run->state.projected) return durable ? BATCH_ROW : 0;
    if (!run->state.started_us) return 0;
    series_range(run, now_us, &from, &to);
    if (to > from) return BATCH_SERIES;
    bool loading = run->state.stage == SN_STAGE_LOAD && sn_schedule_started(&run->schedule);
    int64_t due_us = sn_schedule_zero_us(&run->schedule);
    if (loading && now_us >= due_us + (run->state.checkpoints + 1) * CHECKPOINT_US) return BATCH_CHECKPOINT;
    return run_ended(run) && !run->state.final_done ? BATCH_FINAL : 0;
}

static void failed(struct sn_run *run, struct sn_span said, int64_t now_us) {
    run->sql_id = 0;
    run->sql_pause_us = run_retry_pause_us(run->sql_pause_us, said);
    run->sql_us = now_us + run->sql_pause_us;
}

SN_OWN_FRAME void run_project(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    if (run->sql_id != 0 && now_us - run->sql_sent_us >= ANSWER_PATIENCE_US) failed(run, (struct sn_span){0}, now_us);
    if (!run->planned || run->sql_id != 0 || now_us < run->sql_us) return;
    uint32_t batch = next_batch(run, now_us), from, to;
    if (batch == 0) return;
    uint32_t id = ++run->next_id;
    size_t mark = sn_record_begin(w, &(struct sn_record){.kind = SN_EFFECT_SQL, .id = id, .target = SN_BINDING_DB});
    struct sn_args args;
    sn_args_begin(&args, w, 0);
    run->sql_cursor = 0;
    switch (batch) {
    case BATCH_ROW:
        if (run->state.swept_up)
            put_swept(run, now_us, &args);
        else
            put_row(run, now_us, &args);
        break;
    case BATCH_CHECKPOINT: put_checkpoint(run, now_us, &args); break;
    case BATCH_SERIES:
        series_range(run, now_us, &from, &to);
        put_series(run, from, to, &args);
        run->sql_cursor = to;
        break;
    default: run->sql_cursor = put_final(run, now_us, &args);
    }
    if (!sn_record_end(w, mark)) {
        w->full = false;
        return;
    }
    run->sql_id = id;
    run->sql_sent_us = now_us;
    run->sql_batch = batch;
    run->sql_revision = run->state.revision;
}

static void accepted(struct sn_run *run) {
    struct run_state *state = &run->state;
    switch (run->sql_batch) {
    case BATCH_ROW: state->projected = run->sql_revision; break;
    case BATCH_CHECKPOINT: state->checkpoints += 1; break;
    case BATCH_SERIES:
        if (!run->state.frozen) run_note_levels(run, run->sql_cursor); /* while the detail is there */
        sn_series_forget(run->series, run->sql_cursor);
        break;
    default:
        state->final_cursor = run->sql_cursor;
        if (state->final_cursor >= cells_len(run) + run->tally->exemplars_len) state->final_done = 1;
    }
    run->dirty = true;
}

bool run_projected(struct sn_run *run, const struct sn_record *event, struct sn_span said, int64_t now_us) {
    if (event->id == 0 || event->id != run->sql_id) return false;
    if (event->kind != SN_EVENT_DONE) {
        failed(run, said, now_us);
        return true;
    }
    run->sql_id = 0;
    run->state.use.control_read += event->arg0;
    run->state.use.control_written += event->arg1;
    run->sql_pause_us = 0;
    run->sql_us = now_us;
    accepted(run);
    return true;
}

int64_t run_project_deadline_us(const struct sn_run *run) {
    if (run->sql_id != 0 || !run->planned) return INT64_MAX;
    return next_batch(run, run->now_us) != 0 ? run->sql_us : INT64_MAX;
}
