#include "sentinel/load/profile.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "arrivals.h"
#include "segment.h"

/* Rounding can leave R a few units in the last place below the whole number that it is in exact arithmetic; without
 * this the operation would be due a microsecond late. */
#define ALMOST (1.0 + 8.0 * DBL_EPSILON)

/* Sums a curve's pieces with what rounding took from each, so that the sum of many is as good as that of one. */
struct sum {
    double value, lost;
};

static void sum_add(struct sum *sum, double one) {
    double corrected = one - sum->lost;
    double value = sum->value + corrected;
    sum->lost = (value - sum->value) - corrected;
    sum->value = value;
}

void sn_profile_begin(struct sn_profile *profile) {
    memset(profile, 0, sizeof *profile);
}

static enum sn_status add(struct sn_profile *profile, const struct sn_segment *segment) {
    if (profile->segments_len == SN_SEGMENTS_MAX) return SN_E_LIMIT;
    if (segment->end_us <= profile->end_us) return SN_E_RANGE;
    double from = segment->from_per_s, to = segment->to_per_s;
    if (!(isfinite(from) && isfinite(to) && from >= 0 && to >= 0)) return SN_E_RANGE;
    struct sn_segment *added = &profile->segments[profile->segments_len++];
    *added = *segment;
    added->start_us = profile->end_us;
    profile->end_us = segment->end_us;
    return SN_OK;
}

enum sn_status sn_profile_add(struct sn_profile *profile, int64_t end_us, double from_per_s, double to_per_s) {
    struct sn_segment line = {.end_us = end_us, .from_per_s = from_per_s, .to_per_s = to_per_s};
    return add(profile, &line);
}

enum sn_status sn_profile_add_sine(struct sn_profile *profile, int64_t end_us, double low_per_s, double high_per_s,
                                   uint32_t period_us) {
    struct sn_segment wave = {
        .end_us = end_us,
        .from_per_s = low_per_s,
        .to_per_s = high_per_s,
        .shape = SN_SHAPE_SINE,
        .period_us = period_us,
    };
    if (period_us == 0 || low_per_s > high_per_s) return SN_E_RANGE;
    return add(profile, &wave);
}

enum sn_status sn_profile_phase(struct sn_profile *profile, const char *name, int64_t end_us) {
    if (profile->phases_len == SN_PHASES_MAX) return SN_E_LIMIT;
    if (profile->phases_len > 0 && end_us <= profile->phases[profile->phases_len - 1].end_us) return SN_E_RANGE;
    struct sn_phase *phase = &profile->phases[profile->phases_len];
    size_t len = strlen(name);
    if (end_us <= 0 || len == 0 || len >= sizeof phase->name) return SN_E_RANGE;
    memset(phase, 0, sizeof *phase);
    memcpy(phase->name, name, len);
    phase->end_us = end_us;
    profile->phases_len += 1;
    return SN_OK;
}

double sn_profile_area(const struct sn_profile *profile) {
    struct sum sum = {0};
    for (uint32_t i = 0; i < profile->segments_len; i++) sum_add(&sum, sn_segment_area(&profile->segments[i]));
    return sum.value;
}

void sn_profile_scale(struct sn_profile *profile, double factor) {
    for (uint32_t i = 0; i < profile->segments_len; i++) {
        profile->segments[i].from_per_s *= factor;
        profile->segments[i].to_per_s *= factor;
    }
}

enum sn_status sn_profile_finish(struct sn_profile *profile, uint64_t planned) {
    if (profile->segments_len == 0) return SN_E_RANGE;
    if (planned > 0) {
        double area = sn_profile_area(profile);
        if (area <= 0) return SN_E_RANGE;
        sn_profile_scale(profile, (double)planned / area);
    }
    struct sum before = {0};
    for (uint32_t i = 0; i < profile->segments_len; i++) {
        profile->segments[i].before = before.value;
        sum_add(&before, sn_segment_area(&profile->segments[i]));
    }
    profile->planned = planned > 0 ? planned : (uint64_t)(before.value * ALMOST);
    return SN_OK;
}

enum sn_status sn_profile_lead_in(struct sn_profile *profile, const char *name, int64_t length_us, uint64_t more) {
    uint32_t segments_len = profile->segments_len, phases_len = profile->phases_len;
    if (segments_len == SN_SEGMENTS_MAX || phases_len == SN_PHASES_MAX) return SN_E_LIMIT;
    if (length_us <= 0 || name[0] == '\0' || strlen(name) >= sizeof profile->phases[0].name) return SN_E_RANGE;
    memmove(profile->segments + 1, profile->segments, segments_len * sizeof profile->segments[0]);
    memmove(profile->phases + 1, profile->phases, phases_len * sizeof profile->phases[0]);
    for (uint32_t i = 1; i <= segments_len; i++) {
        profile->segments[i].start_us += length_us;
        profile->segments[i].end_us += length_us;
    }
    for (uint32_t i = 1; i <= phases_len; i++) profile->phases[i].end_us += length_us;
    profile->segments[0] = (struct sn_segment){.end_us = length_us, .to_per_s = 2e6 * (double)more / (double)length_us};
    profile->phases[0] = (struct sn_phase){.end_us = length_us};
    memcpy(profile->phases[0].name, name, strlen(name));
    profile->segments_len += 1;
    profile->phases_len += 1;
    profile->end_us += length_us;
    return sn_profile_finish(profile, profile->planned + more);
}

uint32_t sn_profile_seconds(const struct sn_profile *profile) {
    return (uint32_t)((profile->end_us + SN_SECOND_US - 1) / SN_SECOND_US);
}

double sn_profile_rate_per_s(const struct sn_profile *profile, int64_t at_us) {
    for (uint32_t i = 0; i < profile->segments_len; i++) {
        const struct sn_segment *segment = &profile->segments[i];
        if (at_us > segment->start_us && at_us <= segment->end_us) return sn_segment_rate_per_s(segment, at_us);
    }
    return 0;
}

double sn_profile_peak_per_s(const struct sn_profile *profile) {
    double peak = 0;
    for (uint32_t i = 0; i < profile->segments_len; i++) {
        peak = fmax(peak, sn_segment_peak_per_s(&profile->segments[i]));
    }
    return peak;
}

double sn_profile_peak_between_per_s(const struct sn_profile *profile, int64_t from_us, int64_t to_us) {
    double peak = 0;
    for (uint32_t i = 0; i < profile->segments_len; i++) {
        const struct sn_segment *segment = &profile->segments[i];
        int64_t from = from_us > segment->start_us ? from_us : segment->start_us;
        int64_t to = to_us < segment->end_us ? to_us : segment->end_us;
        if (from > to) continue;
        bool wave = segment->shape == SN_SHAPE_SINE;
        double higher = fmax(sn_segment_rate_per_s(segment, from), sn_segment_rate_per_s(segment, to));
        peak = fmax(peak, wave ? sn_segment_peak_per_s(segment) : higher);
    }
    if (to_us > profile->end_us) peak = fmax(peak, sn_profile_end_rate_per_s(profile));
    return peak;
}

/* Index of the segment with start < at_us ≤ end.  The moment is inside the profile. */
static uint32_t segment_at(const struct sn_profile *profile, int64_t at_us) {
    uint32_t low = 0, high = profile->segments_len - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (at_us <= profile->segments[middle].end_us) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* R(at_us), of a moment inside the profile.  Rounding does not carry it past the whole. */
static double reached(const struct sn_profile *profile, int64_t at_us) {
    double operations = sn_segment_integral(&profile->segments[segment_at(profile, at_us)], at_us) * ALMOST;
    return fmin(operations, (double)profile->planned);
}

double sn_profile_end_rate_per_s(const struct sn_profile *profile) {
    return sn_segment_rate_per_s(&profile->segments[profile->segments_len - 1], profile->end_us);
}

double sn_profile_reached(const struct sn_profile *profile, int64_t at_us) {
    if (at_us <= 0) return 0;
    if (at_us < profile->end_us) return reached(profile, at_us);
    double behind_s = (double)(at_us - profile->end_us) / 1e6;
    return (double)profile->planned + sn_profile_end_rate_per_s(profile) * behind_s;
}

uint64_t sn_profile_count(const struct sn_profile *profile, int64_t at_us) {
    if (at_us <= 0 || profile->segments_len == 0) return 0;
    if (at_us >= profile->end_us || profile->planned == 0) return profile->planned;
    double operations = reached(profile, at_us);
    uint64_t count = (uint64_t)operations;
    if (profile->arrivals == SN_ARRIVALS_POISSON) {
        count = sn_arrivals_below(profile, (uint64_t)(operations * (double)SN_PLACES) / profile->planned);
    }
    return count < profile->planned ? count : profile->planned;
}

/* What R has to reach for operation k.  Both numbers in the quotient are whole, below 2^53, so this agrees with counting
 * to the last bit. */
static double wanted(const struct sn_profile *profile, uint64_t k) {
    if (profile->arrivals != SN_ARRIVALS_POISSON) return (double)k;
    return (double)((sn_arrivals_place(profile, k) + 1) * profile->planned) / (double)SN_PLACES;
}

static bool due_by(const struct sn_profile *profile, int64_t at_us, double operations) {
    return at_us >= profile->end_us || (at_us > 0 && reached(profile, at_us) >= operations);
}

/* Beyond the end of the curve. */
static int64_t reach_behind_us(const struct sn_profile *profile, double operations) {
    double rate = sn_profile_end_rate_per_s(profile), more = operations - (double)profile->planned;
    if (!(rate > 0 && more / rate < 1e12)) return INT64_MAX;
    int64_t at_us = profile->end_us + (int64_t)(more / rate * 1e6);
    while (sn_profile_reached(profile, at_us) < operations) at_us++;
    while (at_us > profile->end_us && sn_profile_reached(profile, at_us - 1) >= operations) at_us--;
    return at_us;
}

int64_t sn_profile_due_us(const struct sn_profile *profile, uint64_t k) {
    return sn_profile_reach_us(profile, wanted(profile, k));
}

int64_t sn_profile_reach_us(const struct sn_profile *profile, double operations) {
    if (operations > (double)profile->planned) return reach_behind_us(profile, operations);
    uint32_t low_index = 0, high_index = profile->segments_len - 1;
    while (low_index < high_index) { /* the first segment by whose end k is due */
        uint32_t middle = low_index + (high_index - low_index) / 2;
        if (due_by(profile, profile->segments[middle].end_us, operations)) {
            high_index = middle;
        } else {
            low_index = middle + 1;
        }
    }
    const struct sn_segment *segment = &profile->segments[low_index];
    /* On a line the guess is off by a microsecond at most, but where the rate runs out towards 0; a wave bends away from
     * it.  Widen until it brackets. */
    int64_t guess = sn_segment_guess_us(segment, operations), step = 1;
    int64_t low = guess, high = guess; /* not due by low, due by high is the aim */
    while (low > segment->start_us && due_by(profile, low, operations)) {
        low = low - step > segment->start_us ? low - step : segment->start_us;
        step *= 2;
    }
    step = 1;
    while (high < segment->end_us && !due_by(profile, high, operations)) {
        high = high + step < segment->end_us ? high + step : segment->end_us;
        step *= 2;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (due_by(profile, middle, operations)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high;
}

uint32_t sn_profile_phase_at(const struct sn_profile *profile, int64_t at_us) {
    for (uint32_t i = 0; i + 1 < profile->phases_len; i++) {
        if (at_us <= profile->phases[i].end_us) return i;
    }
    return profile->phases_len > 0 ? profile->phases_len - 1 : 0;
}

size_t sn_profile_bytes(const struct sn_profile *profile) {
    size_t segment = sizeof(int64_t) + 3 * sizeof(double) + 2 * sizeof(uint32_t);
    size_t phase = sizeof profile->phases[0].name + sizeof(int64_t);
    return sizeof(uint64_t) + 4 * sizeof(uint32_t) + profile->segments_len * segment + profile->phases_len * phase;
}

void sn_profile_put(struct sn_writer *w, const struct sn_profile *profile) {
    sn_put_u64(w, profile->planned);
    sn_put_u32(w, profile->segments_len);
    sn_put_u32(w, profile->phases_len);
    sn_put_u32(w, profile->arrivals);
    sn_put_u32(w, 0);
    for (uint32_t i = 0; i < profile->segments_len; i++) {
        const struct sn_segment *segment = &profile->segments[i];
        sn_put_i64(w, segment->end_us);
        sn_put_f64(w, segment->from_per_s);
        sn_put_f64(w, segment->to_per_s);
        sn_put_f64(w, segment->before);
        sn_put_u32(w, segment->shape);
        sn_put_u32(w, segment->period_us);
    }
    for (uint32_t i = 0; i < profile->phases_len; i++) {
        sn_put_bytes(w, profile->phases[i].name, sizeof profile->phases[i].name);
        sn_put_i64(w, profile->phases[i].end_us);
    }
}

static enum sn_status get_segments(struct sn_reader *r, struct sn_profile *profile, uint32_t len) {
    struct sum before = {0};
    for (uint32_t i = 0; i < len; i++) {
        int64_t end_us = sn_get_i64(r);
        double from = sn_get_f64(r);
        double to = sn_get_f64(r);
        double stored = sn_get_f64(r);
        uint32_t shape = sn_get_u32(r), period_us = sn_get_u32(r);
        if (r->bad || shape > SN_SHAPE_SINE || (shape == SN_SHAPE_LINEAR && period_us != 0)) return SN_E_FORMAT;
        enum sn_status status = shape == SN_SHAPE_SINE ? sn_profile_add_sine(profile, end_us, from, to, period_us)
                                                       : sn_profile_add(profile, end_us, from, to);
        if (status != SN_OK) return SN_E_FORMAT;
        if (!(stored == before.value)) return SN_E_FORMAT; /* the same arithmetic gives the same bits */
        profile->segments[i].before = stored;
        sum_add(&before, sn_segment_area(&profile->segments[i]));
    }
    return fabs(before.value - (double)profile->planned) <= 1.0 + before.value * 1e-9 ? SN_OK : SN_E_FORMAT;
}

enum sn_status sn_profile_get(struct sn_reader *r, struct sn_profile *profile) {
    sn_profile_begin(profile);
    profile->planned = sn_get_u64(r);
    uint32_t segments_len = sn_get_u32(r), phases_len = sn_get_u32(r);
    profile->arrivals = sn_get_u32(r);
    if (sn_get_u32(r) != 0 || profile->arrivals > SN_ARRIVALS_POISSON) return SN_E_FORMAT;
    if (r->bad || segments_len == 0 || segments_len > SN_SEGMENTS_MAX || phases_len > SN_PHASES_MAX) return SN_E_FORMAT;
    enum sn_status status = get_segments(r, profile, segments_len);
    if (status != SN_OK) return status;
    for (uint32_t i = 0; i < phases_len; i++) {
        char name[sizeof profile->phases[0].name + 1] = {0};
        const uint8_t *bytes = sn_get_bytes(r, sizeof profile->phases[0].name);
        int64_t end_us = sn_get_i64(r);
        if (r->bad) return SN_E_FORMAT;
        memcpy(name, bytes, sizeof profile->phases[0].name);
        if (sn_profile_phase(profile, name, end_us) != SN_OK) return SN_E_FORMAT;
    }
    return r->bad ? SN_E_FORMAT : SN_OK;
}
