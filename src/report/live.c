/* What those who watch a run are sent: its state, a frame each second, the history so far, the result. */
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
    sn_json_put_text(j, "id", report->run_id);
    sn_json_put_text(j, "name", report->name);
    sn_json_put_text(j, "tenant", report->tenant);
    sn_report_json_preset(j, report);
    sn_json_put_text(j, "profileType", sn_profile_type_name(report->profile_type));
    sn_json_put_text(j, "status", sn_run_status_name(report->status));
    sn_json_put_text(j, "stage", sn_stage_name(report->stage));
    sn_json_put_text(j, "validity", sn_validity_name(report->validity.validity));
    sn_json_put_text(j, "verdict", sn_verdict_name(report->verdict));
    sn_json_put_text(j, "reason", report->reason);
    sn_report_json_hash(j, "planHash", report->plan_hash);
    sn_report_json_decimal(j, "seed", report->seed);
    sn_json_put_time(j, "createdAt", report->created_us);
    sn_json_put_time(j, "startedAt", report->started_us);
    sn_json_put_time(j, "loadStartedAt", report->load_started_us);
    sn_json_put_time(j, "endedAt", report->ended_us);
    sn_json_put_uint(j, "concurrency", report->concurrency);
    sn_json_put_uint(j, "shards", report->places);
    sn_report_json_seconds(j, "durationS", sn_report_length_us(report));
    sn_report_json_seconds(j, "elapsedS", sn_report_elapsed_us(report));
    sn_json_put_uint(j, "planned", sn_report_planned(report));
    sn_report_json_counts(j, "counts", &report->counts);
    put_total(j, "response", report);
    sn_json_put_uint(j, "prepared", report->prepared);
    sn_json_put_uint(j, "cleaned", report->cleaned);
    sn_json_close(j, '}');
}

void sn_report_put_state(struct sn_writer *w, const struct sn_report *report) {
    struct sn_json_writer j = sn_json_writer(w);
    put_state(&j, NULL, report);
}

void sn_report_put_result(struct sn_writer *w, const struct sn_report *report) {
    struct sn_json_writer j = sn_json_writer(w);
    sn_json_open(&j, NULL, '{');
    sn_json_put_text(&j, "type", "result");
    put_state(&j, "state", report);
    sn_json_close(&j, '}');
}

/* Percentile of the series over some seconds; null when too few operations ended in them. */
static void put_window_ms(struct sn_json_writer *j, const char *name, const struct sn_report *report,
                          struct sn_report_seconds seconds, double p) {
    uint64_t count = 0;
    uint32_t us = 0;
    /* Seconds before the first one kept have only their counts left. */
    uint32_t from = seconds.from > report->series->first_second ? seconds.from : report->series->first_second;
    if (from < seconds.to) {
        us = sn_series_percentile_us(report->series, from, seconds.to, SN_REPORT_ALL, p, &count);
    }
    sn_report_json_ms(j, name, sn_report_enough(count, p), us);
}

static void put_window_percentiles(struct sn_json_writer *j, const struct sn_report *report,
                                   struct sn_report_seconds seconds) {
    put_window_ms(j, "p50Ms", report, seconds, 50);
    put_window_ms(j, "p95Ms", report, seconds, 95);
    put_window_ms(j, "p99Ms", report, seconds, 99);
}

static void put_kinds(struct sn_json_writer *j, const struct sn_report *report) {
    struct sn_cell cell;
    struct sn_pages pages;
    put_total(j, "total", report);
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
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

/* The last seconds of the load that are known whole; empty outside the load. */
static struct sn_report_seconds recent_seconds(const struct sn_report *report) {
    uint32_t to = report->stage == SN_STAGE_LOAD ? sn_report_known_seconds(report) : 0;
    return (struct sn_report_seconds){to > SN_REPORT_WINDOW_S ? to - SN_REPORT_WINDOW_S : 0, to};
}

void sn_report_put_frame(struct sn_writer *w, const struct sn_report *report) {
    struct sn_json_writer json = sn_json_writer(w), *j = &json;
    struct sn_report_seconds recent = recent_seconds(report);
    struct sn_second happened = sn_report_happened(report, recent);
    uint32_t seconds = recent.to - recent.from;
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "type", "frame");
    sn_json_put_time(j, "at", report->now_us);
    sn_json_put_text(j, "status", sn_run_status_name(report->status));
    sn_json_put_text(j, "stage", sn_stage_name(report->stage));
    sn_report_json_seconds(j, "elapsedS", sn_report_elapsed_us(report));
    sn_report_json_seconds(j, "durationS", sn_report_length_us(report));
    sn_json_put_text(j, "phase", sn_report_phase_now(report));
    sn_report_json_rate(j, "askedPerS", sn_report_asked(report, recent), seconds);
    sn_report_json_rate(j, "achievedPerS", happened.started, seconds);
    sn_report_json_counts(j, "counts", &report->counts);
    sn_json_open(j, "window", '{');
    sn_json_put_uint(j, "seconds", seconds);
    put_window_percentiles(j, report, recent);
    sn_json_put_uint(j, "failed", happened.failed);
    sn_json_close(j, '}');
    put_kinds(j, report);
    sn_json_open(j, "shards", '{');
    sn_json_put_uint(j, "alive", report->places - sn_report_shards_lost(report));
    sn_json_put_uint(j, "of", report->places);
    sn_json_close(j, '}');
    sn_json_put_uint(j, "prepared", report->prepared);
    sn_json_put_uint(j, "cleaned", report->cleaned);
    sn_json_close(j, '}');
}

/* A count per second: merged seconds give their average, single ones the count itself. */
static void put_average(struct sn_json_writer *j, const char *name, uint64_t count, uint32_t seconds) {
    if (seconds == 1) {
        sn_json_put_uint(j, name, count);
    } else {
        sn_json_put_fixed(j, name, (double)count / seconds, 2);
    }
}

static void put_point(struct sn_json_writer *j, const struct sn_report *report, struct sn_report_seconds seconds) {
    struct sn_second happened = sn_report_happened(report, seconds);
    uint32_t len = seconds.to - seconds.from;
    sn_json_open(j, NULL, '{');
    sn_json_put_uint(j, "s", seconds.from);
    put_average(j, "asked", sn_report_asked(report, seconds), len);
    put_average(j, "started", happened.started, len);
    put_average(j, "completed", happened.completed, len);
    put_average(j, "failed", happened.failed, len);
    put_window_percentiles(j, report, seconds);
    sn_json_close(j, '}');
}

/* While the load goes on, the seconds that every shard has told of; once it is over, all of them, also those behind its end
 * in which answers came. */
static uint32_t history_seconds(const struct sn_report *report) {
    return report->stage > SN_STAGE_LOAD ? sn_report_listed_seconds(report) : sn_report_known_seconds(report);
}

void sn_report_put_hello(struct sn_writer *w, const struct sn_report *report) {
    struct sn_json_writer json = sn_json_writer(w), *j = &json;
    uint32_t known = history_seconds(report);
    uint32_t step = (known + HISTORY_POINTS_MAX - 1) / HISTORY_POINTS_MAX;
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "type", "hello");
    put_state(j, "state", report);
    sn_json_put_uint(j, "stepS", step > 0 ? step : 1);
    sn_json_open(j, "history", '[');
    for (uint32_t s = 0; s < known; s += step) {
        put_point(j, report, (struct sn_report_seconds){s, s + step < known ? s + step : known});
    }
    sn_json_close(j, ']');
    sn_json_close(j, '}');
}
