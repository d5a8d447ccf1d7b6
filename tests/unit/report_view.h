/* Views with fixed figures for the tests of the report. */
#ifndef TESTS_REPORT_VIEW_H
#define TESTS_REPORT_VIEW_H

#include <stdlib.h>
#include <string.h>

#include "sentinel/report/report.h"

#define ZERO_US INT64_C(1800000000000000) /* 2027-01-15T08:00:00Z */
#define SCRATCH_PAGES 120u

struct view {
    struct sn_report report;
    struct sn_profile profile;
    struct sn_schedule schedule;
    struct sn_workload workload;
    struct sn_kind kinds[SN_KINDS_MAX];
    struct sn_step steps[4];
    struct sn_report_shard shards[SN_SHARDS_MAX];
    char pool[SN_KINDS_MAX * 40 + 16];
    void *scratch;
    struct sn_intervals *intervals;
};

/* Kinds are named "operation_00" and so on; all are of the system "d1_reads". */
static inline void view_workload(struct view *v, uint32_t kinds) {
    memcpy(v->pool, "d1_reads", 8);
    for (uint32_t i = 0; i < kinds; i++) {
        char *name = v->pool + 16 + i * 40;
        memcpy(name, "operation_00", 12);
        name[10] = (char)('0' + i / 10);
        name[11] = (char)('0' + i % 10);
        v->kinds[i] = (struct sn_kind){.name = {16 + i * 40, 12}, .system = {0, 8}, .weight = 1};
    }
    v->workload =
        (struct sn_workload){.kinds = v->kinds, .kinds_len = kinds, .pool = v->pool, .pool_len = sizeof v->pool};
    v->workload.steps = v->steps;
    v->workload.steps_len = sizeof v->steps / sizeof v->steps[0];
}

/* Phases of equal length, "phase 0" and so on, at a constant rate. */
static inline void view_profile(struct view *v, uint32_t phases, uint32_t seconds, double per_s) {
    sn_profile_begin(&v->profile);
    for (uint32_t i = 0; i < phases; i++) {
        char name[] = "phase 0";
        name[6] = (char)('0' + i);
        int64_t end_us = (int64_t)seconds * SN_SECOND_US * (i + 1) / phases;
        if (sn_profile_phase(&v->profile, name, end_us) != SN_OK) abort();
    }
    if (sn_profile_add(&v->profile, (int64_t)seconds * SN_SECOND_US, per_s, per_s) != SN_OK) abort();
    if (sn_profile_finish(&v->profile, 0) != SN_OK) abort();
    sn_schedule_init(&v->schedule, &v->profile);
}

static inline void view_start(struct view *v) {
    struct sn_epoch start = {.seq = 1, .kind = SN_EPOCH_START, .effective_us = ZERO_US, .shards = v->report.shards_len};
    if (sn_schedule_add(&v->schedule, &start) != SN_OK) abort();
    v->report.status = SN_RUN_RUNNING;
    v->report.stage = SN_STAGE_LOAD;
    v->report.started_us = ZERO_US - 2500000;
    v->report.load_started_us = ZERO_US;
}

/* A run that was created and has not started. */
static inline struct view *view_new(uint32_t kinds, uint32_t phases, uint32_t seconds, double per_s, uint32_t shards) {
    struct view *v = calloc(1, sizeof *v);
    if (v == NULL) abort();
    uint32_t pages = 200, slots = 4096, listed = seconds + 60;
    view_workload(v, kinds);
    uint32_t steps = v->workload.steps_len;
    view_profile(v, phases, seconds, per_s);
    struct sn_tally *tally = malloc(sn_tally_size(kinds, phases, steps, pages));
    struct sn_series *series = malloc(sn_series_size(listed, slots));
    v->intervals = malloc(sn_intervals_size(listed, SN_INTERVALS_SLOTS));
    v->scratch = malloc(SCRATCH_PAGES * sizeof(uint32_t[SN_HIST_PAGE]));
    if (tally == NULL || series == NULL || v->intervals == NULL || v->scratch == NULL) abort();
    sn_tally_init(tally, kinds, phases, steps, pages);
    sn_series_init(series, listed, slots);
    sn_intervals_init(v->intervals, listed, seconds, 0, kinds, SN_INTERVALS_SLOTS);
    for (uint32_t i = 0; i < shards; i++)
        v->shards[i] = (struct sn_report_shard){.index = i, .region = SN_REGIONS_LEN, .incarnation = 1};
    v->report = (struct sn_report){.run_id = "0b5c0d9e-7d0a-4c7e-9f0e-0123456789ab",
                                   .tenant = "default",
                                   .name = "Morning check",
                                   .preset = "smoke",
                                   .plan_hash = 0x0123456789abcdefu,
                                   .seed = 18446744073709551615u,
                                   .profile_type = SN_PROFILE_SUSTAINED,
                                   .created_us = ZERO_US - 3000000,
                                   .now_us = ZERO_US - 2900000,
                                   .concurrency = shards * 5,
                                   .slots = 5,
                                   .places = shards,
                                   .shards_len = shards,
                                   .shards = v->shards,
                                   .interval_us = SN_SECOND_US,
                                   .workload = &v->workload,
                                   .profile = &v->profile,
                                   .schedule = &v->schedule,
                                   .tally = tally,
                                   .series = series,
                                   .intervals = v->intervals};
    v->report.cost.prices = sn_prices_listed();
    v->report.counts.planned = v->report.counts.not_yet_due = v->profile.planned;
    sn_pages_init(&v->report.scratch, v->scratch, SCRATCH_PAGES * sizeof(uint32_t[SN_HIST_PAGE]));
    return v;
}

static inline void view_free(struct view *v) {
    free(v->report.tally);
    free(v->report.series);
    free(v->scratch);
    free(v->intervals);
    free(v);
}

/* Operation k of this kind ended: `failed` is 0 or 1 + its error. */
static inline void view_ended(struct view *v, uint64_t k, uint32_t kind, uint32_t phase, uint32_t ms, uint8_t failed) {
    struct sn_tally *tally = v->report.tally;
    struct sn_counts *counts = &v->report.counts;
    struct sn_cell *cell = sn_tally_cell(tally, kind, phase);
    struct sn_pages pages = sn_tally_pages(tally);
    int64_t due_us = sn_profile_due_us(&v->profile, k);
    uint32_t due_second = (uint32_t)((due_us - 1) / SN_SECOND_US);
    uint32_t end_second = (uint32_t)((due_us + ms * 1000 - 1) / SN_SECOND_US);
    uint64_t *sum = failed > 0 ? &cell->failed : &cell->completed;
    (*sum)++;
    sn_hist_record(&cell->response, &pages, ms * 1000, 1);
    sn_hist_record(&cell->service, &pages, ms > 1 ? (ms - 1) * 1000 : 0, 1);
    sn_hist_record(&tally->lag_harness, &pages, ms > 1 ? 1000 : 0, 1);
    tally->pages_used = pages.used;
    cell->bytes += 64;
    cell->rows += 1;
    cell->rows_read += 3;
    v->report.cost.load.units[SN_METER_D1_ROWS_READ] += 3;
    v->report.cost.ledger.target.units[SN_METER_D1_ROWS_READ] += 3;
    cell->sql_us += 250;
    sn_series_second(v->report.series, due_second)->started++;
    struct sn_second *ended = sn_series_second(v->report.series, end_second);
    uint32_t *ended_sum = failed > 0 ? &ended->failed : &ended->completed;
    (*ended_sum)++;
    sn_series_count(v->report.series, end_second, kind, sn_hist_bucket(ms * 1000), 1);
    sn_intervals_count(v->intervals, end_second, kind, sn_hist_bucket(ms * 1000), 1);
    counts->not_yet_due--;
    counts->completed += failed == 0;
    counts->failed += failed > 0;
    if (failed > 0) {
        cell->errors[failed - 1]++;
        counts->errors[failed - 1]++;
    }
}

static inline void view_dropped(struct view *v, uint64_t k, enum sn_drop cause) {
    uint32_t second = (uint32_t)((sn_profile_due_us(&v->profile, k) - 1) / SN_SECOND_US);
    sn_series_second(v->report.series, second)->dropped[cause]++;
    v->report.counts.not_yet_due--;
    v->report.counts.dropped[cause]++;
}

static inline void view_exemplar(struct view *v, uint64_t k, uint32_t kind, uint32_t ms, uint8_t failed,
                                 const char *text) {
    struct sn_exemplar *one = &v->report.tally->exemplars[v->report.tally->exemplars_len++];
    size_t len = strlen(text) < sizeof one->text ? strlen(text) : sizeof one->text;
    *one = (struct sn_exemplar){.k = k,
                                .due_us = ZERO_US + sn_profile_due_us(&v->profile, k),
                                .response_us = ms * 1000,
                                .service_us = ms * 1000,
                                .kind = (uint8_t)kind,
                                .failed = failed,
                                .text_len = (uint8_t)len};
    memcpy(one->text, text, len);
}

static inline void view_end(struct view *v, enum sn_run_status status) {
    v->report.status = status;
    v->report.ended_by = sn_ending_name(status == SN_RUN_CANCELLED ? SN_ENDING_CANCEL : SN_ENDING_COMPLETED);
    v->report.stage = SN_STAGE_DONE;
    v->report.ended_us = v->report.now_us = ZERO_US + v->profile.end_us + 1500000;
    static const struct sn_ledger estimate = {.target = {{[SN_METER_KV_WRITES] = 44}},
                                              .own = {{[SN_METER_OBJECT_ROWS_WRITTEN] = 150}}};
    v->report.cost.ledger.target.units[SN_METER_KV_WRITES] = 40;
    v->report.cost.ledger.own.units[SN_METER_OBJECT_ROWS_WRITTEN] = 160;
    v->report.cost.ledger.own.units[SN_METER_OBJECT_DURATION] = UINT64_C(3) * 16000 * 128;
    v->report.cost.estimate = &estimate;
    v->report.prepared = v->report.to_prepare = 40;
    v->report.cleaned = 44;
    v->report.cleanup_finished = true;
    for (uint32_t i = 0; i < v->report.shards_len; i++) {
        v->shards[i].heard_us = v->report.now_us;
        v->shards[i].slices = 3;
        if (i == 0) v->shards[i].counts = v->report.counts; /* one shard did it all, which the sums do not mind */
    }
    struct sn_validity_input input = {.counts = v->report.counts, .ended = true};
    sn_validity_judge(&input, &v->report.validity);
}

#endif
