#include "sentinel/load/schedule.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/time.h"

void sn_schedule_init(struct sn_schedule *schedule, const struct sn_profile *profile) {
    memset(schedule, 0, sizeof *schedule);
    schedule->profile = profile;
    schedule->planned = profile->planned;
}

bool sn_schedule_started(const struct sn_schedule *schedule) {
    return schedule->epochs_len > 0;
}

int64_t sn_schedule_zero_us(const struct sn_schedule *schedule) {
    return sn_schedule_started(schedule) ? schedule->epochs[0].effective_us : INT64_MAX;
}

int64_t sn_schedule_length_us(const struct sn_schedule *schedule) {
    return schedule->profile->end_us + schedule->extra_us;
}

uint64_t sn_schedule_planned(const struct sn_schedule *schedule) {
    return schedule->planned;
}

static const struct sn_stretch *last_stretch(const struct sn_schedule *schedule) {
    return &schedule->stretches[schedule->epochs_len - 1];
}

bool sn_schedule_paused(const struct sn_schedule *schedule) {
    return sn_schedule_started(schedule) && last_stretch(schedule)->paused;
}

bool sn_schedule_stopped(const struct sn_schedule *schedule) {
    return sn_schedule_started(schedule) && last_stretch(schedule)->stopped;
}

double sn_schedule_factor(const struct sn_schedule *schedule) {
    return sn_schedule_started(schedule) ? last_stretch(schedule)->factor : 1;
}

/* The stretch that a moment after the start belongs to. */
static const struct sn_stretch *stretch_at(const struct sn_schedule *schedule, int64_t at_us) {
    uint32_t i = schedule->epochs_len - 1;
    while (i > 0 && at_us <= schedule->stretches[i].from_us) i--;
    return &schedule->stretches[i];
}

/* --- The run clock ---------------------------------------------------------------------------------------- */

static int64_t clock_in(const struct sn_stretch *stretch, int64_t at_us) {
    return stretch->clock_us + (stretch->paused ? 0 : at_us - stretch->from_us);
}

int64_t sn_schedule_clock_us(const struct sn_schedule *schedule, int64_t at_us) {
    if (!sn_schedule_started(schedule) || at_us <= sn_schedule_zero_us(schedule)) return 0;
    return clock_in(stretch_at(schedule, at_us), at_us);
}

/* The stretch in which the run clock comes to show this, or would if it were not stopped or paused. */
static const struct sn_stretch *stretch_by_clock(const struct sn_schedule *schedule, int64_t clock_us) {
    uint32_t i = schedule->epochs_len - 1;
    while (i > 0 && clock_us <= schedule->stretches[i].clock_us) i--;
    return &schedule->stretches[i];
}

/* The first moment at which the run clock shows this; INT64_MAX when a pause keeps it from getting there. */
static int64_t moment_us(const struct sn_schedule *schedule, int64_t clock_us) {
    const struct sn_stretch *stretch = stretch_by_clock(schedule, clock_us);
    if (clock_us > stretch->clock_us && stretch->paused) return INT64_MAX;
    return stretch->from_us + (clock_us - stretch->clock_us);
}

int64_t sn_schedule_end_us(const struct sn_schedule *schedule) {
    if (!sn_schedule_started(schedule)) return INT64_MAX;
    int64_t end_us = moment_us(schedule, sn_schedule_length_us(schedule));
    return sn_schedule_stopped(schedule) ? sn_earlier(end_us, last_stretch(schedule)->from_us) : end_us;
}

/* --- What is due ------------------------------------------------------------------------------------------- */

static bool as_planned(const struct sn_schedule *schedule, const struct sn_stretch *stretch) {
    return stretch->factor == 1 && stretch->shift == 0 && schedule->extra_us == 0;
}

/* What every epoch may take from the last place; at most a hundred-millionth of an operation in all. */
#define ALMOST (1.0 - SN_EPOCHS_MAX * DBL_EPSILON)

/* Where the curve's integral stands when operation k is due. */
static double wanted(const struct sn_stretch *stretch, uint64_t k) {
    return ((double)k / stretch->factor + stretch->shift) * ALMOST;
}

/* Operations due when the run clock shows this in the stretch, if nothing else came before.  Dividing and multiplying
 * do not cancel to the last bit, so the answer is the one that wanted() agrees with. */
static uint64_t due_by(const struct sn_schedule *schedule, const struct sn_stretch *stretch, int64_t clock_us) {
    if (as_planned(schedule, stretch)) return sn_profile_count(schedule->profile, clock_us);
    int64_t length_us = sn_schedule_length_us(schedule);
    double reached = sn_profile_reached(schedule->profile, clock_us < length_us ? clock_us : length_us);
    double operations = (reached - stretch->shift) * stretch->factor;
    uint64_t count = operations > 0 ? (uint64_t)operations : 0;
    while (wanted(stretch, count + 1) <= reached) count++;
    while (count > 0 && wanted(stretch, count) > reached) count--;
    return count;
}

static uint64_t at_least(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static uint64_t count_in(const struct sn_schedule *schedule, const struct sn_stretch *stretch, int64_t at_us) {
    if (stretch->stopped || stretch->paused) return stretch->before;
    return at_least(due_by(schedule, stretch, clock_in(stretch, at_us)), stretch->before);
}

uint64_t sn_schedule_count(const struct sn_schedule *schedule, int64_t at_us) {
    if (!sn_schedule_started(schedule) || at_us <= sn_schedule_zero_us(schedule)) return 0;
    at_us = sn_earlier(at_us, sn_schedule_end_us(schedule));
    if (at_us <= sn_schedule_zero_us(schedule)) return 0;
    return count_in(schedule, stretch_at(schedule, at_us), at_us);
}

/* A stretch depends on the epochs before it alone, so whoever knows fewer has the first of the same stretches. */
uint64_t sn_schedule_most(const struct sn_schedule *schedule, uint32_t known, int64_t at_us) {
    uint64_t most = sn_schedule_count(schedule, at_us);
    if (known >= schedule->epochs_len) return most;
    struct sn_schedule fewer = *schedule;
    while (fewer.epochs_len > known) {
        const struct sn_epoch *last = &fewer.epochs[--fewer.epochs_len];
        if (last->kind == SN_EPOCH_EXTEND) fewer.extra_us -= (int64_t)last->factor * SN_SECOND_US;
        if (fewer.epochs_len > 0) most = at_least(sn_schedule_count(&fewer, at_us), most);
    }
    return most;
}

uint64_t sn_schedule_count_by_clock(const struct sn_schedule *schedule, int64_t clock_us) {
    if (!sn_schedule_started(schedule)) return sn_profile_count(schedule->profile, clock_us);
    const struct sn_stretch *stretch = stretch_by_clock(schedule, clock_us);
    return at_least(due_by(schedule, stretch, clock_us), stretch->before);
}

uint64_t sn_schedule_total(const struct sn_schedule *schedule) {
    return sn_schedule_stopped(schedule) ? last_stretch(schedule)->before : schedule->planned;
}

int64_t sn_schedule_due_us(const struct sn_schedule *schedule, uint64_t k) {
    SN_ASSERT(k >= 1 && k <= schedule->planned);
    if (!sn_schedule_started(schedule)) return INT64_MAX;
    uint32_t i = schedule->epochs_len - 1;
    while (i > 0 && k <= schedule->stretches[i].before) i--;
    const struct sn_stretch *stretch = &schedule->stretches[i];
    if (stretch->paused || stretch->stopped) return INT64_MAX;
    int64_t clock_us = as_planned(schedule, stretch) ? sn_profile_due_us(schedule->profile, k)
                                                     : sn_profile_reach_us(schedule->profile, wanted(stretch, k));
    /* What rounding would put before the stretch is its first. */
    if (clock_us <= stretch->clock_us) clock_us = stretch->clock_us + 1;
    int64_t length_us = sn_schedule_length_us(schedule);
    return stretch->from_us + (sn_earlier(clock_us, length_us) - stretch->clock_us);
}

double sn_schedule_peak_per_s(const struct sn_schedule *schedule) {
    double peak = sn_schedule_started(schedule) ? 0 : sn_profile_peak_per_s(schedule->profile);
    for (uint32_t i = 0; i < schedule->epochs_len; i++) {
        const struct sn_stretch *stretch = &schedule->stretches[i];
        bool last = i + 1 == schedule->epochs_len;
        int64_t to_us = last ? sn_schedule_length_us(schedule) : stretch[1].clock_us;
        if (to_us <= stretch->clock_us) continue;
        peak = fmax(peak, stretch->factor * sn_profile_peak_between_per_s(schedule->profile, stretch->clock_us, to_us));
    }
    return peak;
}

double sn_schedule_rate_per_s(const struct sn_schedule *schedule, int64_t clock_us) {
    double factor = sn_schedule_started(schedule) ? stretch_by_clock(schedule, clock_us)->factor : 1;
    if (clock_us > schedule->profile->end_us && clock_us <= sn_schedule_length_us(schedule))
        return factor * sn_profile_end_rate_per_s(schedule->profile);
    return factor * sn_profile_rate_per_s(schedule->profile, clock_us);
}

/* --- Epochs ------------------------------------------------------------------------------------------------- */

#define K_MAX 9007199254740991.0 /* 2⁵³ − 1: whole numbers up to here are exact */

static bool understood(const struct sn_schedule *schedule, const struct sn_epoch *epoch) {
    if (schedule->epochs_len == 0) return epoch->kind == SN_EPOCH_START && epoch->shards > 0;
    const struct sn_stretch *last = last_stretch(schedule);
    if (epoch->effective_us < schedule->epochs[schedule->epochs_len - 1].effective_us) return false;
    if (epoch->kind == SN_EPOCH_REPLACE)
        return epoch->place < schedule->epochs[0].shards && epoch->factor >= 0 && epoch->factor <= K_MAX &&
               floor(epoch->factor) == epoch->factor;
    if (last->stopped) return false;
    bool even = schedule->profile->arrivals == SN_ARRIVALS_EVEN;
    double factor = epoch->factor;
    switch (epoch->kind) {
    case SN_EPOCH_STOP: return true;
    case SN_EPOCH_PAUSE: return !last->paused;
    case SN_EPOCH_RESUME: return last->paused;
    case SN_EPOCH_SCALE: return even && factor >= SN_SCALE_MIN && factor <= SN_SCALE_MAX;
    case SN_EPOCH_EXTEND:
        return even && factor >= 1 && factor <= SN_DURATION_S_MAX && floor(factor) == factor &&
               sn_profile_end_rate_per_s(schedule->profile) > 0;
    default: return false;
    }
}

/* The integral goes on from where it stands, so what was due stays due: with n operations so far, R is reached where
 * n = (R - shift) · factor, before and after. */
static void rescale(struct sn_stretch *stretch, double factor, double reached) {
    if (factor == stretch->factor) return;
    stretch->shift = reached - (reached - stretch->shift) * stretch->factor / factor;
    stretch->factor = factor;
}

static struct sn_stretch stretch_from(const struct sn_schedule *schedule, const struct sn_epoch *epoch) {
    if (epoch->kind == SN_EPOCH_START) return (struct sn_stretch){.from_us = epoch->effective_us, .factor = 1};
    const struct sn_stretch *last = last_stretch(schedule);
    struct sn_stretch next = *last;
    if (epoch->kind == SN_EPOCH_REPLACE) { /* a mark on what goes on as it was, also behind the end */
        next.before = sn_schedule_count(schedule, epoch->effective_us);
        if (last->stopped || epoch->effective_us <= last->from_us) return next;
        next.from_us = epoch->effective_us;
        next.clock_us = clock_in(last, epoch->effective_us);
        return next;
    }
    int64_t at_us = sn_earlier(epoch->effective_us, sn_schedule_end_us(schedule));
    next.from_us = epoch->effective_us;
    next.clock_us = at_us > last->from_us ? clock_in(last, at_us) : last->clock_us;
    next.before = at_us > last->from_us ? count_in(schedule, last, at_us) : last->before;
    if (epoch->kind == SN_EPOCH_STOP) next.stopped = true;
    if (epoch->kind == SN_EPOCH_STOP || epoch->kind == SN_EPOCH_RESUME) next.paused = false;
    if (epoch->kind == SN_EPOCH_PAUSE) next.paused = true;
    if (epoch->kind == SN_EPOCH_SCALE)
        rescale(&next, epoch->factor, sn_profile_reached(schedule->profile, next.clock_us));
    return next;
}

enum sn_status sn_schedule_add(struct sn_schedule *schedule, const struct sn_epoch *epoch) {
    if (epoch->seq == 0) return SN_E_RANGE;
    if (epoch->seq <= schedule->epochs_len) return SN_OK;
    if (epoch->seq != schedule->epochs_len + 1) return SN_E_GAP;
    if (schedule->epochs_len == SN_EPOCHS_MAX) return SN_E_LIMIT;
    if (!understood(schedule, epoch)) return SN_E_RANGE;
    struct sn_stretch stretch = stretch_from(schedule, epoch);
    schedule->stretches[schedule->epochs_len] = stretch;
    schedule->epochs[schedule->epochs_len++] = *epoch;
    if (epoch->kind == SN_EPOCH_EXTEND) schedule->extra_us += (int64_t)epoch->factor * SN_SECOND_US;
    if (epoch->kind == SN_EPOCH_SCALE || epoch->kind == SN_EPOCH_EXTEND)
        schedule->planned = at_least(due_by(schedule, &stretch, sn_schedule_length_us(schedule)), stretch.before);
    return SN_OK;
}

/* --- On the wire ---------------------------------------------------------------------------------------------- */

void sn_schedule_put(struct sn_writer *w, const struct sn_schedule *schedule, uint32_t epochs) {
    SN_ASSERT(epochs <= schedule->epochs_len);
    sn_put_u32(w, epochs);
    sn_put_bytes(w, schedule->epochs, epochs * sizeof schedule->epochs[0]);
}

enum sn_status sn_schedule_get(struct sn_reader *r, struct sn_schedule *schedule) {
    uint32_t len = sn_get_u32(r);
    if (len > SN_EPOCHS_MAX) return SN_E_FORMAT;
    for (uint32_t i = 0; i < len; i++) {
        struct sn_epoch epoch;
        const uint8_t *bytes = sn_get_bytes(r, sizeof epoch);
        if (bytes == NULL) return SN_E_FORMAT;
        memcpy(&epoch, bytes, sizeof epoch);
        enum sn_status status = sn_schedule_add(schedule, &epoch);
        if (status != SN_OK) return status;
    }
    return r->bad ? SN_E_FORMAT : SN_OK;
}
