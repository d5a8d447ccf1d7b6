#include "sentinel/measure/validity.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/limits.h"
#include "sentinel/measure/limit.h"

_Static_assert(10 * SN_CLOCK_STEP_US <= 50000, "the lag bound is 50 ms as long as ten clock steps are less");
#define SN_LAG_BOUND_US 50000u

static uint64_t accounted(const struct sn_counts *counts) {
    uint64_t sum = counts->completed + counts->failed + counts->cancelled + counts->unaccounted;
    for (uint32_t i = 0; i < SN_DROPS_LEN; i++) sum += counts->dropped[i];
    return sum;
}

int64_t sn_counts_difference(const struct sn_counts *counts) {
    return (int64_t)(counts->planned - accounted(counts) - counts->in_flight - counts->not_yet_due);
}

void sn_counts_add(struct sn_counts *into, const struct sn_counts *from) {
    into->planned += from->planned;
    into->completed += from->completed;
    into->failed += from->failed;
    for (uint32_t i = 0; i < SN_DROPS_LEN; i++) into->dropped[i] += from->dropped[i];
    into->cancelled += from->cancelled;
    into->unaccounted += from->unaccounted;
    into->in_flight += from->in_flight;
    into->not_yet_due += from->not_yet_due;
    into->late += from->late;
    for (uint32_t i = 0; i < SN_ERRORS_LEN; i++) into->errors[i] += from->errors[i];
}

/* Opens the next reason and lowers the verdict.  The sentence is written there and then; what a sentence with absurdly
 * large figures has too much is cut. */
static struct sn_writer reason(struct sn_validity_result *result, enum sn_validity validity) {
    SN_ASSERT(result->reasons_len < SN_REASONS_MAX);
    if (validity > result->validity) result->validity = validity;
    char *text = result->reasons[result->reasons_len++];
    return sn_writer(text, sizeof result->reasons[0] - 1); /* the last byte stays zero */
}

static void put_count(struct sn_writer *w, uint64_t count, const char *one, const char *many) {
    sn_put_dec(w, count);
    sn_put_text(w, " ");
    sn_put_text(w, count == 1 ? one : many);
}

/* "0.15 % of the operations (15 of 10000)" */
static void put_share(struct sn_writer *w, uint64_t count, uint64_t planned) {
    sn_put_fixed(w, planned == 0 ? 100 : 100 * (double)count / (double)planned, 2);
    sn_put_text(w, " % of the operations (");
    sn_put_dec(w, count);
    sn_put_text(w, " of ");
    sn_put_dec(w, planned);
    sn_put_text(w, ")");
}

static bool too_many_unaccounted(const struct sn_counts *counts) {
    return sn_mul_sat(counts->unaccounted, 100) > counts->planned;
}

static void judge_machinery(const struct sn_validity_input *input, struct sn_validity_result *result) {
    if (input->prepare_failed) {
        struct sn_writer w = reason(result, SN_VALIDITY_INVALID);
        sn_put_text(&w, "Preparing the data failed, so the operations did not find what they expect.");
    }
    if (input->shards_lost > 0) {
        struct sn_writer w = reason(result, SN_VALIDITY_INVALID);
        put_count(&w, input->shards_lost, "shard was", "shards were");
        sn_put_text(&w, " lost for good, and a part of the load with it (none may be).");
    }
    uint64_t drops = input->counts.dropped[SN_DROP_HARNESS];
    if (sn_mul_sat(drops, 1000) > input->counts.planned) {
        struct sn_writer w = reason(result, SN_VALIDITY_INVALID);
        put_share(&w, drops, input->counts.planned);
        sn_put_text(&w, drops == 1 ? " was" : " were");
        sn_put_text(&w, " dropped because Sentinel was slow (at most 0.1 %).");
    }
    if (input->lag_harness_count > 0 && input->lag_harness_us > SN_LAG_BOUND_US) {
        struct sn_writer w = reason(result, SN_VALIDITY_INVALID);
        sn_put_text(&w, "Sentinel was slow: ");
        sn_put_dec(&w, 100 - input->lag_percentile);
        sn_put_text(&w, " % of the operations started more than ");
        sn_put_dec(&w, input->lag_harness_us / 1000);
        sn_put_text(&w, " ms late though a slot was free (at most 50 ms).");
    }
}

/* Every operation has one outcome, and after the end none is on its way any more. */
static void judge_accounts(const struct sn_validity_input *input, struct sn_validity_result *result) {
    const struct sn_counts *counts = &input->counts;
    if (too_many_unaccounted(counts)) {
        struct sn_writer w = reason(result, SN_VALIDITY_INVALID);
        put_share(&w, counts->unaccounted, counts->planned);
        sn_put_text(&w, " have no known outcome after a restart (at most 1 %).");
    }
    if (!input->ended) return;
    int64_t difference = sn_counts_difference(counts);
    if (difference != 0) {
        struct sn_writer w = reason(result, SN_VALIDITY_INVALID);
        put_count(&w, difference > 0 ? (uint64_t)difference : -(uint64_t)difference, "operation", "operations");
        sn_put_text(&w, " cannot be accounted for: ");
        sn_put_text(&w, difference > 0 ? "fewer outcomes were counted than operations planned."
                                       : "more outcomes were counted than operations planned.");
    }
    uint64_t open = sn_add_sat(counts->in_flight, counts->not_yet_due);
    if (open > 0) {
        struct sn_writer w = reason(result, SN_VALIDITY_INVALID);
        put_count(&w, open, "operation", "operations");
        sn_put_text(&w, " cannot be accounted for: the run ended while it waited for them.");
    }
}

static void judge_interruptions(const struct sn_validity_input *input, struct sn_validity_result *result) {
    const struct sn_counts *counts = &input->counts;
    uint64_t away = counts->dropped[SN_DROP_SHARD_DOWN];
    if (counts->unaccounted > 0 && !too_many_unaccounted(counts)) {
        struct sn_writer w = reason(result, SN_VALIDITY_DEGRADED);
        put_count(&w, counts->unaccounted, "operation has", "operations have");
        sn_put_text(&w, " no known outcome after a restart; nothing was sent twice.");
    }
    if (input->restarts > 0 || away > 0) {
        struct sn_writer w = reason(result, SN_VALIDITY_DEGRADED);
        sn_put_text(&w, "Shards were away");
        if (input->restarts > 0) {
            sn_put_text(&w, " and restarted ");
            put_count(&w, input->restarts, "time", "times");
        }
        sn_put_text(&w, "; ");
        put_count(&w, away, "operation that came due meanwhile was", "operations that came due meanwhile were");
        sn_put_text(&w, " dropped.");
    }
    if (input->shards_replaced > 0) {
        struct sn_writer w = reason(result, SN_VALIDITY_DEGRADED);
        put_count(&w, input->shards_replaced, "shard fell silent for half a minute, and another",
                  "shards fell silent for half a minute, and others");
        sn_put_text(&w, input->shards_replaced == 1 ? " went on in its place." : " went on in their places.");
    }
    if (input->epochs_late > 0) {
        struct sn_writer w = reason(result, SN_VALIDITY_DEGRADED);
        sn_put_text(&w, "A change of the load reached shards late ");
        put_count(&w, input->epochs_late, "time", "times");
        sn_put_text(&w, "; until then they went on as before.");
    }
    if (input->run_restarts > 0) {
        struct sn_writer w = reason(result, SN_VALIDITY_DEGRADED);
        sn_put_text(&w, "The object that owns the run restarted ");
        put_count(&w, input->run_restarts, "time", "times");
        sn_put_text(&w, " and took up what its shards still had.");
    }
}

static void judge_instruments(const struct sn_validity_input *input, struct sn_validity_result *result) {
    uint64_t errors = input->counts.errors[SN_ERROR_HARNESS];
    if (input->harness_errors > errors) errors = input->harness_errors; /* jobs count there, and nowhere else */
    if (errors > 0) {
        struct sn_writer w = reason(result, SN_VALIDITY_DEGRADED);
        sn_put_text(&w, "Sentinel's own machinery failed ");
        put_count(&w, errors, "time", "times");
        sn_put_text(&w, "; that says nothing about the targets.");
    }
    if (input->clock_skew_us > SN_SKEW_BOUND_US) {
        struct sn_writer w = reason(result, SN_VALIDITY_DEGRADED);
        sn_put_text(&w, "The shards' clocks differ by up to ");
        sn_put_dec(&w, input->clock_skew_us / 1000 + (input->clock_skew_us % 1000 != 0));
        sn_put_text(&w, " ms (at most 100 ms), which blurs the seconds of the charts.");
    }
    if (input->timers_late > SN_TIMERS_LATE_BOUND) {
        struct sn_writer w = reason(result, SN_VALIDITY_DEGRADED);
        sn_put_text(&w, "The machine that runs Sentinel was saturated: for ");
        sn_put_fixed(&w, 100 * input->timers_late, 1);
        sn_put_text(&w, " % of the load shards stood still, since timers were late (at most 10 %).");
    }
    if (input->detail_lost > 0) {
        struct sn_writer w = reason(result, SN_VALIDITY_DEGRADED);
        put_count(&w, input->detail_lost, "measured time", "measured times");
        sn_put_text(&w, " found no room in the histograms: the counts are right, percentiles may be off.");
    }
    if (input->seconds_lost > 0) {
        struct sn_writer w = reason(result, SN_VALIDITY_DEGRADED);
        put_count(&w, input->seconds_lost, "measured time is", "measured times are");
        sn_put_text(&w, " missing from the percentiles of single seconds; those of the whole run have them.");
    }
}

/* What makes a run invalid is said first. */
void sn_validity_judge(const struct sn_validity_input *input, struct sn_validity_result *result) {
    memset(result, 0, sizeof *result);
    result->validity = SN_VALIDITY_VALID;
    judge_machinery(input, result);
    judge_accounts(input, result);
    judge_interruptions(input, result);
    judge_instruments(input, result);
}
