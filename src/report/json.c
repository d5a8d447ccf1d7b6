/* The whole report as JSON, schema "sentinel.report/1"; docs/report.md explains every member. */
#include "capacity.h"
#include "cost.h"
#include "figures.h"

static void put_lag(struct sn_json_writer *j, const char *name, const struct sn_report *report,
                    const struct sn_hist *lag) {
    struct sn_pages pages = sn_tally_pages(report->tally);
    sn_json_open(j, name, '{');
    sn_json_put_uint(j, "count", lag->count);
    sn_report_json_percentile(j, "p50", lag, &pages, 50);
    sn_report_json_percentile(j, "p99", lag, &pages, 99);
    sn_report_json_ms(j, "max", lag->count > 0, lag->max_us);
    sn_json_close(j, '}');
}

static void put_accounting(struct sn_json_writer *j, const struct sn_counts *counts) {
    sn_json_open(j, "accounting", '{');
    sn_report_json_counts(j, "terms", counts);
    sn_json_put_int(j, "difference", sn_counts_difference(counts));
    sn_json_close(j, '}');
}

static void put_validity(struct sn_json_writer *j, const struct sn_report *report) {
    const struct sn_counts *counts = &report->counts;
    uint64_t ended = counts->completed + counts->failed;
    sn_json_open(j, "validity", '{');
    sn_json_put_text(j, "validity", sn_validity_name(report->validity.validity));
    sn_json_open(j, "reasons", '[');
    for (uint32_t i = 0; i < report->validity.reasons_len; i++) {
        sn_json_put_text(j, NULL, report->validity.reasons[i]);
    }
    sn_json_close(j, ']');
    sn_json_put_text(j, "limitedBy", report->limited_by);
    if (report->concurrency_needed > 0) {
        sn_json_put_uint(j, "concurrencyNeeded", report->concurrency_needed);
    } else {
        sn_json_put_null(j, "concurrencyNeeded");
    }
    sn_json_open(j, "delivery", '{');
    sn_json_put_uint(j, "planned", counts->planned);
    sn_json_put_uint(j, "started", sn_report_started(counts));
    sn_json_put_uint(j, "completed", counts->completed);
    sn_json_put_fixed(j, "deliveredShare", (double)sn_report_share(ended, counts->planned) / 1e4, 4);
    sn_json_close(j, '}');
    sn_json_open(j, "lagMs", '{');
    put_lag(j, "harness", report, &report->tally->lag_harness);
    put_lag(j, "slots", report, &report->tally->lag_slots);
    sn_json_close(j, '}');
    sn_json_open(j, "shards", '{');
    sn_json_put_uint(j, "of", report->places);
    sn_json_put_uint(j, "lost", sn_report_shards_lost(report));
    sn_json_put_uint(j, "replaced", sn_report_shards_replaced(report));
    sn_json_put_uint(j, "restarts", sn_report_restarts(report));
    sn_json_close(j, '}');
    put_accounting(j, counts);
    sn_json_put_uint(j, "clockStepMs", SN_CLOCK_STEP_US / 1000);
    sn_json_put_uint(j, "detailLost", (uint64_t)report->tally->coarse + report->series->lost + report->intervals->lost);
    sn_json_close(j, '}');
}

/* Seconds between two moments; null until both have come. */
static void put_lasted(struct sn_json_writer *j, const char *name, int64_t from_us, int64_t to_us) {
    if (from_us == 0 || to_us == 0) {
        sn_json_put_null(j, name);
    } else {
        sn_report_json_seconds(j, name, to_us - from_us);
    }
}

static void put_run(struct sn_json_writer *j, const struct sn_report *report) {
    sn_json_open(j, "run", '{');
    sn_report_json_identity(j, report);
    sn_json_put_uint(j, "slots", report->slots);
    put_lasted(j, "wholeS", report->started_us, report->ended_us);
    sn_json_close(j, '}');
}

static void put_timeline(struct sn_json_writer *j, const struct sn_report *report) {
    struct sn_report_moment moment;
    sn_json_open(j, "timeline", '[');
    for (uint32_t i = 0; sn_report_moment(report, i, &moment); i++) {
        const struct sn_epoch *epoch = moment.epoch;
        uint32_t kind = epoch != NULL ? epoch->kind : 0;
        sn_json_open(j, NULL, '{');
        sn_json_put_text(j, "what", moment.what);
        sn_json_put_time(j, "at", moment.at_us);
        sn_report_json_seconds(j, "elapsedS", moment.clock_us);
        if (kind == SN_EPOCH_SCALE) sn_json_put_number(j, "factor", epoch->factor);
        if (kind == SN_EPOCH_EXTEND) sn_json_put_number(j, "seconds", epoch->factor);
        if (kind == SN_EPOCH_REPLACE) sn_json_put_uint(j, "place", epoch->place);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

static void put_load(struct sn_json_writer *j, const struct sn_report *report) {
    const struct sn_profile *profile = report->profile;
    sn_json_open(j, "load", '{');
    sn_json_put_uint(j, "planned", sn_report_planned(report));
    sn_report_json_seconds(j, "durationS", sn_report_length_us(report));
    sn_json_put_fixed(j, "peakPerS", sn_report_peak_per_s(report), 2);
    sn_json_open(j, "phases", '[');
    for (uint32_t i = 0; i < profile->phases_len; i++) {
        int64_t start_us = (int64_t)sn_report_phase_start_us(report, i), end_us = sn_report_phase_end_us(report, i);
        uint64_t planned = sn_report_phase_planned(report, i);
        sn_json_open(j, NULL, '{');
        sn_json_put_text(j, "name", profile->phases[i].name);
        sn_report_json_seconds(j, "startS", start_us);
        sn_report_json_seconds(j, "endS", end_us);
        sn_json_put_uint(j, "planned", planned);
        /* Phases are half-open on the left: the rate at a start belongs to the phase before. */
        sn_json_put_fixed(j, "fromPerS", sn_report_rate_per_s(report, start_us + 1), 2);
        sn_json_put_fixed(j, "toPerS", sn_report_rate_per_s(report, end_us), 2);
        sn_json_put_fixed(j, "meanPerS", (double)planned * 1e6 / (double)(end_us - start_us), 2);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
    put_timeline(j, report);
    sn_json_close(j, '}');
}

enum column { COLUMN_PLANNED, COLUMN_STARTED, COLUMN_COMPLETED, COLUMN_FAILED, COLUMN_DROPPED, COLUMN_UNTOLD };

static void put_column(struct sn_json_writer *j, const char *name, const struct sn_report *report, enum column column) {
    uint32_t len = sn_report_listed_seconds(report);
    sn_json_open(j, name, '[');
    for (uint32_t s = 0; s < len; s++) {
        struct sn_report_seconds one = {s, s + 1};
        struct sn_second happened = sn_report_happened(report, one);
        uint64_t value = 0;
        switch (column) {
        case COLUMN_PLANNED: value = sn_report_asked(report, one); break;
        case COLUMN_STARTED: value = happened.started; break;
        case COLUMN_COMPLETED: value = happened.completed; break;
        case COLUMN_FAILED: value = happened.failed; break;
        case COLUMN_DROPPED: value = sn_report_dropped_in(&happened); break;
        case COLUMN_UNTOLD: value = sn_report_untold(report, one); break;
        }
        sn_json_put_uint(j, NULL, value);
    }
    sn_json_close(j, ']');
}

/* Columns instead of objects: a report of an hour stays small. */
static void put_series(struct sn_json_writer *j, const struct sn_report *report) {
    sn_json_open(j, "series", '{');
    sn_json_put_uint(j, "stepS", 1);
    put_column(j, "planned", report, COLUMN_PLANNED);
    put_column(j, "started", report, COLUMN_STARTED);
    put_column(j, "completed", report, COLUMN_COMPLETED);
    put_column(j, "failed", report, COLUMN_FAILED);
    put_column(j, "dropped", report, COLUMN_DROPPED);
    put_column(j, "untold", report, COLUMN_UNTOLD);
    sn_json_close(j, '}');
}

static void put_shard(struct sn_json_writer *j, const struct sn_report_shard *shard) {
    bool placed = shard->region < SN_REGIONS_LEN;
    sn_json_open(j, NULL, '{');
    sn_json_put_uint(j, "index", shard->index);
    sn_json_put_uint(j, "place", shard->place);
    sn_json_put_text(j, "region", placed ? sn_region_name((enum sn_region)shard->region) : NULL);
    sn_json_put_uint(j, "incarnation", shard->incarnation);
    sn_json_put_uint(j, "slices", shard->slices);
    sn_json_put_bool(j, "lost", shard->lost);
    sn_json_put_bool(j, "replaced", shard->replaced);
    sn_json_put_time(j, "heardAt", shard->heard_us);
    sn_report_json_counts(j, "counts", &shard->counts);
    sn_json_put_int(j, "difference", sn_counts_difference(&shard->counts));
    sn_json_close(j, '}');
}

/* Whether the shard's own story differs from that of most others. */
static bool notable(const struct sn_report_shard *shard) {
    const struct sn_counts *counts = &shard->counts;
    bool ours = counts->dropped[SN_DROP_HARNESS] + counts->dropped[SN_DROP_SHARD_DOWN] + counts->unaccounted > 0;
    return shard->lost || shard->replaced || shard->incarnation > 1 || ours || sn_counts_difference(counts) != 0;
}

/* All of them, in their order; of more than a report has room for the notable ones, and the first of the others. */
static void put_shards(struct sn_json_writer *j, const struct sn_report *report) {
    uint32_t notables = 0;
    for (uint32_t i = 0; i < report->shards_len; i++) notables += notable(&report->shards[i]);
    if (notables > SN_REPORT_SHARDS_MAX) notables = SN_REPORT_SHARDS_MAX;
    uint32_t others = SN_REPORT_SHARDS_MAX - notables;
    sn_json_open(j, "shards", '[');
    for (uint32_t i = 0; i < report->shards_len; i++) {
        uint32_t *left = notable(&report->shards[i]) ? &notables : &others;
        if (*left == 0) continue;
        *left -= 1;
        put_shard(j, &report->shards[i]);
    }
    sn_json_close(j, ']');
}

void sn_report_put_json(struct sn_writer *w, const struct sn_report *report) {
    struct sn_json_writer json = sn_json_writer(w), *j = &json;
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "schema", "sentinel.report/1");
    put_validity(j, report);
    put_run(j, report);
    sn_report_json_thresholds(j, report);
    put_load(j, report);
    sn_report_json_operations(j, report);
    sn_report_json_capacity(j, report);
    put_series(j, report);
    sn_report_json_intervals(j, report);
    sn_report_json_exemplars(j, report);
    put_shards(j, report);
    sn_json_open(j, "prepare", '{');
    sn_json_put_uint(j, "items", report->prepared);
    sn_json_put_uint(j, "failed", report->prepare_failed);
    sn_json_put_bool(j, "reused", report->reused);
    sn_json_close(j, '}');
    sn_json_open(j, "cleanup", '{');
    sn_json_put_uint(j, "items", report->cleaned);
    sn_json_put_uint(j, "failed", report->clean_failed);
    sn_json_put_bool(j, "finished", report->cleanup_finished);
    sn_json_put_bool(j, "sweepFinished", report->sweep_finished);
    sn_json_put_bool(j, "sweepBrokeOff", report->sweep_broke_off);
    sn_json_close(j, '}');
    sn_report_json_cost(j, report);
    sn_json_close(j, '}');
}
