#include "figures.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/time.h"

/* A shard reports what it has stored; this is how old that may be when its report is heard. */
#define REPORT_AGE_US INT64_C(250000)
/* A silent shard holds the live window back no longer than this. */
#define WINDOW_BACK_INTERVALS 3

static uint32_t whole_seconds(int64_t us) {
    return us <= 0 ? 0 : (uint32_t)(us / SN_SECOND_US);
}

int64_t sn_report_elapsed_us(const struct sn_report *report) {
    if (report->schedule == NULL || !sn_schedule_started(report->schedule)) return 0;
    return sn_schedule_clock_us(report->schedule, sn_earlier(report->now_us, sn_schedule_end_us(report->schedule)));
}

int64_t sn_report_length_us(const struct sn_report *report) {
    return report->schedule == NULL ? report->profile->end_us : sn_schedule_length_us(report->schedule);
}

double sn_report_peak_per_s(const struct sn_report *report) {
    return report->schedule == NULL ? sn_profile_peak_per_s(report->profile) : sn_schedule_peak_per_s(report->schedule);
}

double sn_report_rate_per_s(const struct sn_report *report, int64_t clock_us) {
    return report->schedule == NULL ? sn_profile_rate_per_s(report->profile, clock_us)
                                    : sn_schedule_rate_per_s(report->schedule, clock_us);
}

uint64_t sn_report_planned(const struct sn_report *report) {
    return report->schedule == NULL ? report->profile->planned : sn_schedule_planned(report->schedule);
}

uint32_t sn_report_known_seconds(const struct sn_report *report) {
    int64_t elapsed_us = sn_report_elapsed_us(report);
    if (elapsed_us == 0) return 0;
    int64_t known_us = elapsed_us;
    for (uint32_t i = 0; i < report->shards_len; i++) {
        const struct sn_report_shard *shard = &report->shards[i];
        int64_t told_us = sn_schedule_clock_us(report->schedule, shard->heard_us - REPORT_AGE_US);
        if (!shard->lost && told_us < known_us) known_us = told_us;
    }
    uint32_t elapsed = whole_seconds(elapsed_us);
    uint32_t known = whole_seconds(known_us);
    uint32_t back = whole_seconds(WINDOW_BACK_INTERVALS * report->interval_us);
    uint32_t least = elapsed > back ? elapsed - back : 0;
    return known > least ? known : least;
}

static bool second_is_empty(const struct sn_second *second) {
    uint32_t dropped = 0;
    for (int i = 0; i < SN_DROPS_LEN; i++) dropped |= second->dropped[i];
    return (second->started | second->completed | second->failed | dropped) == 0;
}

uint32_t sn_report_listed_seconds(const struct sn_report *report) {
    uint32_t asked = whole_seconds(sn_report_elapsed_us(report) + SN_SECOND_US - 1);
    uint32_t len = report->series->seconds_len;
    while (len > asked && second_is_empty(sn_series_second(report->series, len - 1))) len--;
    return len;
}

static uint64_t asked_by(const struct sn_report *report, int64_t clock_us) {
    uint64_t total = sn_schedule_total(report->schedule); /* a stop takes away what is left */
    uint64_t asked = sn_schedule_count_by_clock(report->schedule, clock_us);
    return asked < total ? asked : total;
}

uint64_t sn_report_asked_so_far(const struct sn_report *report) {
    int64_t elapsed_us = sn_report_elapsed_us(report);
    return elapsed_us > 0 ? asked_by(report, elapsed_us) : 0;
}

uint64_t sn_report_asked(const struct sn_report *report, struct sn_report_seconds seconds) {
    if (report->schedule == NULL || !sn_schedule_started(report->schedule)) return 0;
    return asked_by(report, seconds.to * SN_SECOND_US) - asked_by(report, seconds.from * SN_SECOND_US);
}

struct sn_second sn_report_happened(const struct sn_report *report, struct sn_report_seconds seconds) {
    struct sn_second sum = {0};
    uint32_t to = seconds.to < report->series->seconds_len ? seconds.to : report->series->seconds_len;
    for (uint32_t s = seconds.from; s < to; s++) {
        const struct sn_second *second = sn_series_second(report->series, s);
        sum.started += second->started;
        sum.completed += second->completed;
        sum.failed += second->failed;
        for (int i = 0; i < SN_DROPS_LEN; i++) sum.dropped[i] += second->dropped[i];
    }
    return sum;
}

uint64_t sn_report_dropped_in(const struct sn_second *second) {
    uint64_t sum = 0;
    for (int i = 0; i < SN_DROPS_LEN; i++) sum += second->dropped[i];
    return sum;
}

uint64_t sn_report_untold(const struct sn_report *report, struct sn_report_seconds second) {
    struct sn_second happened = sn_report_happened(report, second);
    uint64_t asked = sn_report_asked(report, second), told = happened.started + sn_report_dropped_in(&happened);
    return asked > told ? asked - told : 0;
}

uint64_t sn_report_untold_in_all(const struct sn_report *report) {
    uint64_t sum = 0;
    uint32_t len = sn_report_listed_seconds(report);
    for (uint32_t s = 0; s < len; s++) sum += sn_report_untold(report, (struct sn_report_seconds){s, s + 1});
    return sum;
}

uint64_t sn_report_phase_start_us(const struct sn_report *report, uint32_t phase) {
    return phase == 0 ? 0 : (uint64_t)report->profile->phases[phase - 1].end_us;
}

/* An extended run ends with its last phase. */
int64_t sn_report_phase_end_us(const struct sn_report *report, uint32_t phase) {
    bool last = phase + 1 == report->profile->phases_len;
    return last ? sn_report_length_us(report) : report->profile->phases[phase].end_us;
}

uint64_t sn_report_phase_planned(const struct sn_report *report, uint32_t phase) {
    int64_t start_us = (int64_t)sn_report_phase_start_us(report, phase), end_us = sn_report_phase_end_us(report, phase);
    if (report->schedule == NULL)
        return sn_profile_count(report->profile, end_us) - sn_profile_count(report->profile, start_us);
    return sn_schedule_count_by_clock(report->schedule, end_us) -
           sn_schedule_count_by_clock(report->schedule, start_us);
}

const char *sn_report_phase_now(const struct sn_report *report) {
    if (report->stage != SN_STAGE_LOAD || report->profile->phases_len == 0) return NULL;
    int64_t elapsed_us = sn_report_elapsed_us(report);
    return report->profile->phases[sn_profile_phase_at(report->profile, elapsed_us > 0 ? elapsed_us : 1)].name;
}

struct sn_series_room *sn_report_room(const struct sn_report *report) {
    SN_ASSERT(report->scratch.len * sizeof *report->scratch.page >= sizeof(struct sn_series_room));
    return (struct sn_series_room *)(void *)report->scratch.page;
}

void sn_report_sum(const struct sn_report *report, uint32_t kind, uint32_t phase, struct sn_cell *cell,
                   struct sn_pages *pages) {
    sn_pages_init(pages, report->scratch.page, report->scratch.len * sizeof *report->scratch.page);
    sn_tally_sum(report->tally, kind, phase, report->lead_in ? 1 : 0, cell, pages);
}

bool sn_report_enough(uint64_t count, double p) {
    return (double)count * (100.0 - p) >= 1000.0;
}

uint64_t sn_report_ms(uint64_t us) {
    return (us + 500) / 1000;
}

uint64_t sn_report_share(uint64_t part, uint64_t whole) {
    return whole == 0 ? 10000 : sn_mul_sat(part, 10000) / whole;
}

uint64_t sn_report_dropped(const struct sn_counts *counts) {
    uint64_t sum = 0;
    for (int i = 0; i < SN_DROPS_LEN; i++) sum += counts->dropped[i];
    return sum;
}

uint64_t sn_report_started(const struct sn_counts *counts) {
    return counts->completed + counts->failed + counts->in_flight;
}

uint32_t sn_report_shards_lost(const struct sn_report *report) {
    uint32_t lost = 0;
    for (uint32_t i = 0; i < report->shards_len; i++) lost += report->shards[i].lost && !report->shards[i].replaced;
    return lost;
}

uint32_t sn_report_shards_replaced(const struct sn_report *report) {
    return report->shards_len - report->places;
}

uint32_t sn_report_restarts(const struct sn_report *report) {
    uint32_t restarts = 0;
    for (uint32_t i = 0; i < report->shards_len; i++) {
        uint32_t opened = report->shards[i].incarnation;
        restarts += opened > 1 ? opened - 1 : 0;
    }
    return restarts;
}

struct sn_span sn_report_pooled(const struct sn_report *report, struct sn_text text) {
    return (struct sn_span){(const uint8_t *)report->workload->pool + text.offset, text.len};
}

bool sn_report_step(const struct sn_report *report, uint32_t kind, uint32_t index, struct sn_report_step *step) {
    const struct sn_kind *one = &report->workload->kinds[kind];
    if (index >= one->steps_len || !sn_kind_tells_steps(report->workload, one)) return false;
    const struct sn_step *what = &report->workload->steps[one->steps + index];
    *step = (struct sn_report_step){
        .call = sn_action_name(what->action),
        .background = (what->flow.marks & SN_FLOW_BACKGROUND) != 0,
        .budget_us = what->budget_us,
        .cell = sn_tally_step(report->tally, one->steps + index),
        .pages = sn_tally_pages(report->tally),
    };
    return true;
}
