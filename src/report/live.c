/* What those who watch a run are sent: its state, a frame each second, the history so far, the result. */
#include "cost.h"
#include "figures.h"

#define HISTORY_POINTS_MAX 600u

static void put_percentiles(struct sn_json_writer *j, const struct sn_cell *cell, const struct sn_pages *pages) {
    sn_report_json_percentile(j, "p50Ms", &cell->response, pages, 50);
    sn_report_json_percentile(j, "p95Ms", &cell->response, pages, 95);
    sn_report_json_percentile(j, "p99Ms", &cell->response, pages, 99);
}

/* Of everything that has ended so far. */
static void put_total(struct sn_json_writer *j, const char *name, const struct sn_report *report) {
    struct sn_cell cell;
    struct sn_pages pages;
    sn_report_sum(report, SN_REPORT_ALL, SN_REPORT_ALL, &cell, &pages);
    sn_json_open(j, name, '{');
    put_percentiles(j, &cell, &pages);
    sn_json_close(j, '}');
}

static void put_state(struct sn_json_writer *j, const char *name, const struct sn_report *report) {
    sn_json_open(j, name, '{');
    sn_report_json_identity(j, report);
    sn_json_put_text(j, "validity", sn_validity_name(report->validity.validity));
    sn_json_put_uint(j, "planned", sn_report_planned(report));
    sn_report_json_counts(j, "counts", &report->counts);
    put_total(j, "response", report);
    sn_json_put_uint(j, "prepared", report->prepared);
    sn_json_put_uint(j, "toPrepare", report->to_prepare);
    sn_json_put_bool(j, "reused", report->reused);
    sn_json_put_uint(j, "cleaned", report->cleaned);
    sn_json_close(j, '}');
}

void sn_report_put_state(struct sn_writer *w, const struct sn_report *report) {
    struct sn_json_writer j = sn_json_writer(w);
    put_state(&j, NULL, report);
}

/* --- The last seconds -------------------------------------------------------------------------------------- */

static const double percentiles[SN_SERIES_PERCENTILES] = {50, 95, 99};
static const char *const percentile_names[SN_SERIES_PERCENTILES] = {"p50Ms", "p95Ms", "p99Ms"};

/* null where too few operations ended. */
static void put_times(struct sn_json_writer *j, const struct sn_series_times *times) {
    for (int i = 0; i < SN_SERIES_PERCENTILES; i++) {
        sn_report_json_ms(j, percentile_names[i], sn_report_enough(times->count, percentiles[i]), times->us[i]);
    }
}

static void put_kinds(struct sn_json_writer *j, const struct sn_report *report, const struct sn_series_times recent[]) {
    struct sn_cell cell;
    struct sn_pages pages;
    sn_json_open(j, "kinds", '[');
    for (uint32_t kind = 0; kind < report->workload->kinds_len; kind++) {
        if (report->workload->kinds[kind].weight == 0) continue;
        struct sn_span operation = sn_report_pooled(report, report->workload->kinds[kind].name);
        sn_report_sum(report, kind, SN_REPORT_ALL, &cell, &pages);
        sn_json_open(j, NULL, '{');
        sn_json_put_span(j, "operation", operation.data, operation.len);
        sn_json_put_uint(j, "completed", cell.completed);
        sn_json_put_uint(j, "failed", cell.failed);
        put_percentiles(j, &cell, &pages);
        sn_json_open(j, "window", '{');
        sn_json_put_uint(j, "ended", recent[kind].count);
        put_times(j, &recent[kind]);
        sn_json_close(j, '}');
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

/* The last seconds of the load that are known whole; empty outside the load. */
static struct sn_report_seconds recent_seconds(const struct sn_report *report) {
    uint32_t to = report->stage == SN_STAGE_LOAD ? sn_report_known_seconds(report) : 0;
    return (struct sn_report_seconds){to > SN_REPORT_WINDOW_S ? to - SN_REPORT_WINDOW_S : 0, to};
}

/* --- History ------------------------------------------------------------------------------------------------ */

/* A count per second: merged seconds give their average, single ones the count itself. */
static void put_average(struct sn_json_writer *j, const char *name, uint64_t count, uint32_t seconds) {
    if (seconds == 1) {
        sn_json_put_uint(j, name, count);
    } else {
        sn_json_put_fixed(j, name, (double)count / seconds, 2);
    }
}

static void put_point(struct sn_json_writer *j, const struct sn_report *report, struct sn_report_seconds seconds,
                      const struct sn_series_times *times) {
    struct sn_second happened = sn_report_happened(report, seconds);
    uint64_t dropped = 0;
    for (int i = 0; i < SN_DROPS_LEN; i++) dropped += happened.dropped[i];
    uint32_t len = seconds.to - seconds.from;
    sn_json_open(j, NULL, '{');
    sn_json_put_uint(j, "s", seconds.from);
    put_average(j, "asked", sn_report_asked(report, seconds), len);
    put_average(j, "started", happened.started, len);
    put_average(j, "dropped", dropped, len);
    put_average(j, "completed", happened.completed, len);
    put_average(j, "failed", happened.failed, len);
    put_times(j, times);
    sn_json_close(j, '}');
}

/* Points begin where the step divides, whatever the first second is: so a point of one message is never half of another's. */
static uint32_t point_end(struct sn_report_seconds seconds, uint32_t step) {
    uint32_t end = (seconds.from / step + 1) * step;
    return end < seconds.to ? end : seconds.to;
}

static uint32_t step_of(struct sn_report_seconds seconds) {
    uint32_t step = 1;
    while ((seconds.to + step - 1) / step - seconds.from / step > HISTORY_POINTS_MAX) step *= 2;
    return step;
}

uint32_t sn_report_history_end(const struct sn_report *report) {
    return report->stage > SN_STAGE_LOAD ? sn_report_listed_seconds(report) : sn_report_known_seconds(report);
}

/* The series is looked into for as many points at a time as there is room for. */
static void put_history(struct sn_json_writer *j, const struct sn_report *report) {
    struct sn_report_seconds left = report->history;
    uint32_t step = step_of(left);
    sn_json_put_uint(j, "fromS", left.from);
    sn_json_put_uint(j, "nextS", left.to);
    sn_json_put_uint(j, "stepS", step);
    sn_json_open(j, "history", '[');
    while (left.from < left.to) {
        struct sn_series_times times[SN_SERIES_GROUPS];
        uint32_t end = point_end(left, step); /* the first may be short, so that it stands alone */
        uint32_t most = left.from + SN_SERIES_GROUPS * step;
        if (left.from % step == 0) end = most < left.to ? most : left.to;
        sn_series_points(report->series, left.from, end, step, percentiles, sn_report_room(report), times);
        for (uint32_t i = 0; left.from < end; i++) {
            struct sn_report_seconds point = {left.from, point_end((struct sn_report_seconds){left.from, end}, step)};
            put_point(j, report, point, &times[i]);
            left.from = point.to;
        }
    }
    sn_json_close(j, ']');
}

/* --- Messages ----------------------------------------------------------------------------------------------- */

static void put_window(struct sn_json_writer *j, const struct sn_report *report, struct sn_report_seconds recent,
                       const struct sn_series_times *times) {
    sn_json_open(j, "window", '{');
    sn_json_put_uint(j, "seconds", recent.to - recent.from);
    sn_json_put_uint(j, "ended", times->count);
    put_times(j, times);
    sn_json_put_uint(j, "failed", sn_report_happened(report, recent).failed);
    sn_json_close(j, '}');
}

static void put_progress(struct sn_json_writer *j, const struct sn_report *report, struct sn_report_seconds recent) {
    uint32_t seconds = recent.to - recent.from;
    sn_json_put_time(j, "at", report->now_us);
    sn_json_put_text(j, "status", sn_run_status_name(report->status));
    sn_json_put_text(j, "stage", sn_stage_name(report->stage));
    sn_report_json_seconds(j, "elapsedS", sn_report_elapsed_us(report));
    sn_report_json_seconds(j, "durationS", sn_report_length_us(report));
    sn_json_put_text(j, "phase", sn_report_phase_now(report));
    sn_json_put_uint(j, "asked", sn_report_asked_so_far(report));
    sn_json_put_uint(j, "started", sn_report_started(&report->counts));
    sn_report_json_rate(j, "askedPerS", sn_report_asked(report, recent), seconds);
    sn_report_json_rate(j, "achievedPerS", sn_report_happened(report, recent).started, seconds);
    sn_report_json_counts(j, "counts", &report->counts);
}

void sn_report_put_frame(struct sn_writer *w, const struct sn_report *report) {
    struct sn_json_writer json = sn_json_writer(w), *j = &json;
    struct sn_report_seconds recent = recent_seconds(report);
    struct sn_series_times times[SN_SERIES_GROUPS];
    sn_series_kinds(report->series, recent.from, recent.to, percentiles, sn_report_room(report), times);
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "type", "frame");
    put_progress(j, report, recent);
    put_window(j, report, recent, &times[SN_KINDS_MAX]);
    put_total(j, "total", report);
    put_kinds(j, report, times);
    sn_json_open(j, "shards", '{');
    sn_json_put_uint(j, "alive", report->places - sn_report_shards_lost(report));
    sn_json_put_uint(j, "of", report->places);
    sn_json_close(j, '}');
    sn_json_put_uint(j, "prepared", report->prepared);
    sn_json_put_uint(j, "toPrepare", report->to_prepare);
    sn_json_put_bool(j, "reused", report->reused);
    sn_json_put_uint(j, "cleaned", report->cleaned);
    sn_json_put_usd(j, "costUsd", sn_ledger_cost_nusd(&report->cost.prices, &report->cost.ledger));
    put_history(j, report);
    sn_json_close(j, '}');
}

static void put_with_state(struct sn_writer *w, const char *type, const struct sn_report *report) {
    struct sn_json_writer j = sn_json_writer(w);
    sn_json_open(&j, NULL, '{');
    sn_json_put_text(&j, "type", type);
    put_state(&j, "state", report);
    put_history(&j, report);
    sn_json_close(&j, '}');
}

void sn_report_put_hello(struct sn_writer *w, const struct sn_report *report) {
    put_with_state(w, "hello", report);
}

void sn_report_put_result(struct sn_writer *w, const struct sn_report *report) {
    put_with_state(w, "result", report);
}
