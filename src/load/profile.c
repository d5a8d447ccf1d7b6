#include "sentinel/load/profile.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Rounding can leave R a few units in the last place below the whole number that it is in exact arithmetic; without
 * this the operation would be due a microsecond late. */
#define ALMOST (1.0 + 8.0 * DBL_EPSILON)

static double seconds(int64_t us) {
    return (double)us / 1e6;
}

static double area(const struct sn_segment *segment) {
    return (segment->from_per_s + segment->to_per_s) / 2.0 * seconds(segment->end_us - segment->start_us);
}

/* R(at_us) for a moment inside the segment. */
static double integral_at(const struct sn_segment *segment, int64_t at_us) {
    double x = seconds(at_us - segment->start_us);
    double length = seconds(segment->end_us - segment->start_us);
    double slope = (segment->to_per_s - segment->from_per_s) / length;
    return segment->before + x * (segment->from_per_s + 0.5 * slope * x);
}

void sn_profile_begin(struct sn_profile *profile) {
    memset(profile, 0, sizeof *profile);
}

enum sn_status sn_profile_add(struct sn_profile *profile, int64_t end_us, double from_per_s, double to_per_s) {
    if (profile->segments_len == SN_SEGMENTS_MAX) return SN_E_LIMIT;
    if (end_us <= profile->end_us) return SN_E_RANGE;
    if (!(isfinite(from_per_s) && isfinite(to_per_s) && from_per_s >= 0 && to_per_s >= 0)) return SN_E_RANGE;
    profile->segments[profile->segments_len++] = (struct sn_segment){
        .start_us = profile->end_us,
        .end_us = end_us,
        .from_per_s = from_per_s,
        .to_per_s = to_per_s,
        .shape = SN_SHAPE_LINEAR,
    };
    profile->end_us = end_us;
    return SN_OK;
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

enum sn_status sn_profile_finish(struct sn_profile *profile, uint64_t planned) {
    if (profile->segments_len == 0) return SN_E_RANGE;
    double total = 0;
    for (uint32_t i = 0; i < profile->segments_len; i++) total += area(&profile->segments[i]);
    double scale = 1;
    if (planned > 0) {
        if (total <= 0) return SN_E_RANGE;
        scale = (double)planned / total;
    }
    double before = 0;
    for (uint32_t i = 0; i < profile->segments_len; i++) {
        struct sn_segment *segment = &profile->segments[i];
        segment->from_per_s *= scale;
        segment->to_per_s *= scale;
        segment->before = before;
        before += area(segment);
    }
    profile->planned = planned > 0 ? planned : (uint64_t)(before * ALMOST);
    return SN_OK;
}

double sn_profile_rate_per_s(const struct sn_profile *profile, int64_t at_us) {
    for (uint32_t i = 0; i < profile->segments_len; i++) {
        const struct sn_segment *segment = &profile->segments[i];
        if (at_us > segment->end_us || at_us <= segment->start_us) continue;
        double share = (double)(at_us - segment->start_us) / (double)(segment->end_us - segment->start_us);
        return segment->from_per_s + (segment->to_per_s - segment->from_per_s) * share;
    }
    return 0;
}

double sn_profile_peak_per_s(const struct sn_profile *profile) {
    double peak = 0;
    for (uint32_t i = 0; i < profile->segments_len; i++) {
        peak = fmax(peak, fmax(profile->segments[i].from_per_s, profile->segments[i].to_per_s));
    }
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

uint64_t sn_profile_count(const struct sn_profile *profile, int64_t at_us) {
    if (at_us <= 0 || profile->segments_len == 0) return 0;
    if (at_us >= profile->end_us) return profile->planned;
    uint64_t count = (uint64_t)(integral_at(&profile->segments[segment_at(profile, at_us)], at_us) * ALMOST);
    return count < profile->planned ? count : profile->planned;
}

/* Where the curve's formula puts arrival k in this segment: from x·a + x²·slope/2 = n, in the form that is stable for a
 * level curve too. */
static int64_t estimate_us(const struct sn_segment *segment, uint64_t k) {
    double n = fmax((double)k - segment->before, 0);
    double length = seconds(segment->end_us - segment->start_us);
    double slope = (segment->to_per_s - segment->from_per_s) / length;
    double root = sqrt(fmax(segment->from_per_s * segment->from_per_s + 2.0 * n * slope, 0));
    double divisor = segment->from_per_s + root;
    double x = divisor > 0 ? 2.0 * n / divisor : length;
    return segment->start_us + (int64_t)(fmin(x, length) * 1e6);
}

int64_t sn_profile_due_us(const struct sn_profile *profile, uint64_t k) {
    uint32_t low_index = 0, high_index = profile->segments_len - 1;
    while (low_index < high_index) { /* the first segment by whose end k is due */
        uint32_t middle = low_index + (high_index - low_index) / 2;
        if (sn_profile_count(profile, profile->segments[middle].end_us) >= k) {
            high_index = middle;
        } else {
            low_index = middle + 1;
        }
    }
    const struct sn_segment *segment = &profile->segments[low_index];
    /* The estimate is off by a microsecond at most, but where the rate runs out towards 0: widen until it brackets. */
    int64_t guess = estimate_us(segment, k), step = 1;
    int64_t low = guess, high = guess; /* count(low) < k ≤ count(high) is the aim */
    while (low > segment->start_us && sn_profile_count(profile, low) >= k) {
        low = low - step > segment->start_us ? low - step : segment->start_us;
        step *= 2;
    }
    step = 1;
    while (high < segment->end_us && sn_profile_count(profile, high) < k) {
        high = high + step < segment->end_us ? high + step : segment->end_us;
        step *= 2;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (sn_profile_count(profile, middle) >= k) {
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

void sn_profile_put(struct sn_writer *w, const struct sn_profile *profile) {
    sn_put_u64(w, profile->planned);
    sn_put_u32(w, profile->segments_len);
    sn_put_u32(w, profile->phases_len);
    for (uint32_t i = 0; i < profile->segments_len; i++) {
        const struct sn_segment *segment = &profile->segments[i];
        sn_put_i64(w, segment->end_us);
        sn_put_f64(w, segment->from_per_s);
        sn_put_f64(w, segment->to_per_s);
        sn_put_f64(w, segment->before);
        sn_put_u32(w, segment->shape);
        sn_put_u32(w, 0);
    }
    for (uint32_t i = 0; i < profile->phases_len; i++) {
        sn_put_bytes(w, profile->phases[i].name, sizeof profile->phases[i].name);
        sn_put_i64(w, profile->phases[i].end_us);
    }
}

static enum sn_status get_segments(struct sn_reader *r, struct sn_profile *profile, uint32_t len) {
    double before = 0;
    for (uint32_t i = 0; i < len; i++) {
        int64_t end_us = sn_get_i64(r);
        double from = sn_get_f64(r);
        double to = sn_get_f64(r);
        double stored = sn_get_f64(r);
        if (sn_get_u32(r) != SN_SHAPE_LINEAR || sn_get_u32(r) != 0) return SN_E_FORMAT;
        if (r->bad || sn_profile_add(profile, end_us, from, to) != SN_OK) return SN_E_FORMAT;
        if (!(stored == before)) return SN_E_FORMAT; /* the same arithmetic gives the same bits */
        profile->segments[i].before = stored;
        before += area(&profile->segments[i]);
    }
    return fabs(before - (double)profile->planned) <= 1.0 + before * 1e-9 ? SN_OK : SN_E_FORMAT;
}

enum sn_status sn_profile_get(struct sn_reader *r, struct sn_profile *profile) {
    sn_profile_begin(profile);
    profile->planned = sn_get_u64(r);
    uint32_t segments_len = sn_get_u32(r), phases_len = sn_get_u32(r);
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
