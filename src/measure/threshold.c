#include "sentinel/measure/threshold.h"

#include <math.h>
#include <string.h>

#include "hist_code.h"
#include "sentinel/base/assert.h"
#include "series_table.h"
#include "tally_code.h"

#define ENDED_MIN 10 /* of a share over a window: of fewer one says nothing */

static struct sn_threshold_value undecided(void) {
    return (struct sn_threshold_value){.outcome = SN_THRESHOLD_UNDECIDED};
}

static bool holds(const struct sn_threshold *threshold, double value) {
    switch (threshold->comparison) {
    case SN_RELATION_LESS: return value < threshold->bound;
    case SN_RELATION_AT_MOST: return value <= threshold->bound;
    case SN_RELATION_MORE: return value > threshold->bound;
    case SN_RELATION_AT_LEAST: return value >= threshold->bound;
    case SN_RELATION_EQUAL: return value == threshold->bound;
    default: return value != threshold->bound;
    }
}

static struct sn_threshold_value decided(const struct sn_threshold *threshold, double value, uint64_t samples) {
    return (struct sn_threshold_value){
        .known = true,
        .value = value,
        .samples = samples,
        .outcome = holds(threshold, value) ? SN_THRESHOLD_MET : SN_THRESHOLD_NOT_MET,
    };
}

/* --- Times ------------------------------------------------------------------------------------------------- */

static double whole_ms(double us) {
    return floor(us / 1000 + 0.5);
}

/* A figure that too few values stand behind is shown and not judged. */
static struct sn_threshold_value judge_times(const struct sn_threshold *threshold, const struct sn_hist *hist,
                                             const struct sn_pages *pages) {
    double p = threshold->aggregate == SN_AGGREGATE_MED ? 50 : threshold->percentile;
    if (threshold->aggregate == SN_AGGREGATE_COUNT) return decided(threshold, (double)hist->count, hist->count);
    if (hist->count == 0) return undecided();
    switch (threshold->aggregate) {
    case SN_AGGREGATE_AVG: return decided(threshold, whole_ms(sn_hist_mean_us(hist)), hist->count);
    case SN_AGGREGATE_MIN: return decided(threshold, whole_ms(hist->min_us), hist->count);
    case SN_AGGREGATE_MAX: return decided(threshold, whole_ms(hist->max_us), hist->count);
    default: break;
    }
    double ms = whole_ms(sn_hist_percentile_us(hist, pages, p));
    struct sn_threshold_value value = decided(threshold, ms, hist->count);
    if (!sn_hist_has_percentile(hist, p)) value.outcome = SN_THRESHOLD_UNDECIDED;
    return value;
}

/* --- Shares and counters ------------------------------------------------------------------------------------- */

static struct sn_threshold_value judge_share(const struct sn_threshold *threshold, uint64_t part, uint64_t whole,
                                             uint64_t least) {
    if (threshold->aggregate == SN_AGGREGATE_COUNT) return decided(threshold, (double)part, whole);
    if (whole == 0) return undecided();
    struct sn_threshold_value value = decided(threshold, (double)part / (double)whole, whole);
    if (whole < least) value.outcome = SN_THRESHOLD_UNDECIDED;
    return value;
}

static struct sn_threshold_value judge_counter(const struct sn_threshold *threshold, uint64_t count, double seconds,
                                               uint64_t ended) {
    switch (threshold->aggregate) {
    case SN_AGGREGATE_RATE: return seconds > 0 ? decided(threshold, (double)count / seconds, ended) : undecided();
    case SN_AGGREGATE_AVG: return ended > 0 ? decided(threshold, (double)count / (double)ended, ended) : undecided();
    default: return decided(threshold, (double)count, ended);
    }
}

static uint64_t dropped(const uint64_t by_cause[SN_DROPS_LEN]) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < SN_DROPS_LEN; i++) sum += by_cause[i];
    return sum;
}

/* --- Over everything ------------------------------------------------------------------------------------------- */

/* What the cells that belong to a threshold come to. */
struct part {
    struct sn_cell numbers;
    struct sn_hist times;
    struct sn_pages pages;
};

static void add_cell(struct part *part, const struct sn_threshold *threshold, const struct sn_cell *cell,
                     const struct sn_pages *pages) {
    const struct sn_hist *times = threshold->metric == SN_METRIC_OP_SERVICE ? &cell->service : &cell->response;
    sn_cell_add_numbers(&part->numbers, cell);
    if (sn_metric_counted((enum sn_metric)threshold->metric) == SN_METRIC_TIMES)
        sn_hist_merge_lossy(&part->times, &part->pages, times, pages);
}

static void begin(struct part *part, const struct sn_pages *scratch) {
    memset(&part->numbers, 0, sizeof part->numbers);
    sn_hist_init(&part->times);
    sn_pages_init(&part->pages, scratch->page, scratch->len * sizeof *scratch->page);
}

static void gather(struct part *part, const struct sn_threshold *threshold, const struct sn_threshold_facts *facts) {
    struct sn_tally *tally = facts->tally;
    struct sn_pages pages = sn_tally_pages(tally);
    begin(part, facts->scratch);
    if (threshold->metric == SN_METRIC_SCHEDULE_LAG) {
        sn_hist_merge_lossy(&part->times, &part->pages, &tally->lag_harness, &pages);
        sn_hist_merge_lossy(&part->times, &part->pages, &tally->lag_slots, &pages);
        return;
    }
    for (uint32_t kind = 0; kind < tally->kinds; kind++) {
        for (uint32_t phase = 0; phase < tally->phases; phase++) {
            if ((threshold->kinds >> kind & 1) == 0 || (threshold->phases >> phase & 1) == 0) continue;
            add_cell(part, threshold, sn_tally_cell(tally, kind, phase), &pages);
        }
    }
}

#define ALL_PHASES UINT32_MAX

static double seconds_of(uint32_t phases, const struct sn_threshold_facts *facts) {
    double sum = 0;
    for (uint32_t i = 0; i < SN_PHASES_MAX; i++) sum += phases >> i & 1 ? facts->phase_s[i] : 0;
    return sum;
}

struct sn_threshold_value sn_threshold_judge(const struct sn_threshold *threshold,
                                             const struct sn_threshold_facts *facts) {
    struct part part;
    gather(&part, threshold, facts);
    const struct sn_cell *cell = &part.numbers;
    uint64_t ended = cell->completed + cell->failed;
    double seconds = seconds_of(threshold->metric == SN_METRIC_DROPPED_OPS ? ALL_PHASES : threshold->phases, facts);
    switch (threshold->metric) {
    case SN_METRIC_OP_FAILED: return judge_share(threshold, cell->failed, ended, 1);
    case SN_METRIC_KV_HIT: return judge_share(threshold, cell->cache_hits, cell->cache_hits + cell->cache_misses, 1);
    case SN_METRIC_OPS: return judge_counter(threshold, cell->completed, seconds, ended);
    case SN_METRIC_ROWS_READ: return judge_counter(threshold, cell->rows_read, seconds, ended);
    case SN_METRIC_ROWS_WRITTEN: return judge_counter(threshold, cell->rows_written, seconds, ended);
    case SN_METRIC_DROPPED_OPS:
        return judge_counter(threshold, dropped(facts->counts->dropped), seconds, facts->counts->planned);
    case SN_METRIC_COST_USD: return decided(threshold, facts->cost_usd, ended);
    default: return judge_times(threshold, &part.times, &part.pages);
    }
}

/* --- Over a window --------------------------------------------------------------------------------------------- */

static void gather_window(struct part *part, const struct sn_threshold *threshold,
                          const struct sn_threshold_facts *facts, uint32_t from, uint32_t to) {
    const struct sn_series_slot *slots = sn_series_slots(facts->series);
    begin(part, facts->scratch);
    for (uint32_t i = 0; i < facts->series->slots_len; i++) {
        if (sn_series_slot_key(&slots[i]) == 0) continue;
        struct sn_series_key key = sn_series_key(&slots[i]);
        if (key.second < from || key.second >= to || (threshold->kinds >> key.kind & 1) == 0) continue;
        enum sn_status status =
            sn_hist_record(&part->times, &part->pages, sn_hist_bucket_mid_us(key.bucket), slots[i].count);
        SN_ASSERT(status == SN_OK); /* there is room for every page of one histogram */
    }
}

struct sn_threshold_value sn_threshold_judge_window(const struct sn_threshold *threshold,
                                                    const struct sn_threshold_facts *facts, uint32_t to) {
    SN_ASSERT(to >= threshold->window_s);
    uint32_t from = to - threshold->window_s;
    uint64_t completed = 0, failed = 0, never = 0;
    if (threshold->metric == SN_METRIC_OP_DURATION) {
        struct part part;
        if (from < facts->series->first_second) return undecided();
        gather_window(&part, threshold, facts, from, to);
        return judge_times(threshold, &part.times, &part.pages);
    }
    const struct sn_second *seconds = sn_series_seconds(facts->series);
    for (uint32_t s = from; s < to && s < facts->series->seconds_len; s++) {
        completed += seconds[s].completed;
        failed += seconds[s].failed;
        for (uint32_t i = 0; i < SN_DROPS_LEN; i++) never += seconds[s].dropped[i];
    }
    if (threshold->metric == SN_METRIC_OP_FAILED) return judge_share(threshold, failed, completed + failed, ENDED_MIN);
    uint64_t count = threshold->metric == SN_METRIC_OPS ? completed : never;
    return judge_counter(threshold, count, threshold->window_s, completed + failed);
}

/* --- What was seen ----------------------------------------------------------------------------------------------- */

static bool wants_more(const struct sn_threshold *threshold) {
    return threshold->comparison == SN_RELATION_MORE || threshold->comparison == SN_RELATION_AT_LEAST;
}

static bool worse(const struct sn_threshold *threshold, double value, double than) {
    double distance = fabs(value - threshold->bound), other = fabs(than - threshold->bound);
    if (threshold->comparison == SN_RELATION_EQUAL) return distance > other;
    if (threshold->comparison == SN_RELATION_OTHER) return distance < other;
    return wants_more(threshold) ? value < than : value > than;
}

void sn_threshold_watched(struct sn_threshold_watch *watch, const struct sn_threshold *threshold,
                          const struct sn_threshold_value *value, uint32_t second, double rate_per_s) {
    if (value->outcome == SN_THRESHOLD_UNDECIDED) return;
    if (watch->judged == 0 || worse(threshold, value->value, watch->worst)) {
        watch->worst = value->value;
        watch->samples = value->samples;
    }
    watch->judged += 1;
    if (value->outcome == SN_THRESHOLD_MET || watch->failed_s != 0) return;
    watch->failed_s = second;
    watch->rate_per_s = rate_per_s;
}

struct sn_threshold_value sn_threshold_seen(const struct sn_threshold_watch *watch) {
    if (watch->judged == 0) return undecided();
    return (struct sn_threshold_value){
        .known = true,
        .value = watch->worst,
        .samples = watch->samples,
        .outcome = watch->failed_s != 0 ? SN_THRESHOLD_NOT_MET : SN_THRESHOLD_MET,
    };
}
