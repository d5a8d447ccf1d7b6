#include <math.h>

#include "request.h"

#define PERIOD_S 60.0
#define SPIKE_MULTIPLIER 10.0
#define PEAK_MULTIPLIER 3.0
/* The predecessor's wave, in parts of its mean rate as it was asked for. */
#define WAVE_LOW 0.2
#define WAVE_HIGH 2.5

static int64_t to_us(double seconds) {
    return (int64_t)floor(seconds * 1e6 + 0.5);
}

static bool refuse(struct sn_trail *trail, const char *field, const char *code, const char *expected) {
    if (field != NULL) sn_trail_name(trail, field);
    return sn_trail_refuse(trail, code, expected);
}

/* "… figure …" */
static bool refuse_figure(struct sn_trail *trail, const char *field, const char *code, const char *before,
                          double figure, const char *behind) {
    if (field != NULL) sn_trail_name(trail, field);
    struct sn_writer w = sn_trail_expected(trail, code);
    sn_put_text(&w, before);
    sn_put_number(&w, ceil(figure * 1000) / 1000);
    sn_put_text(&w, behind);
    return false;
}

static double duration_s(const struct sn_request *request) {
    return request->duration_s > 0 ? (double)request->duration_s : (double)sn_request_defaults(request)->duration_s;
}

/* Rates that somebody wrote down; other curves are mere shapes. */
static bool has_rates(const struct sn_request *request) {
    return request->curve_len > 0 || request->shape.from_per_s >= 0 || request->shape.to_per_s >= 0;
}

/* The field that is most likely what somebody wants to change when the curve as a whole does not work. */
static const char *culprit(const struct sn_request *request) {
    if (request->operations > 0) return request->users > 0 ? "users" : "targetOperations";
    if (request->max_rate_per_s > 0 && !has_rates(request)) return "maxOpsPerSecond";
    const char *specific = sn_request_specific(request);
    return specific == NULL && request->duration_s > 0 ? "durationSeconds" : specific;
}

/* Segments and phases are added by these two; what the profile cannot take shows up once, at the end. */
static bool add(struct sn_profile *profile, int64_t end_us, double from_per_s, double to_per_s) {
    return end_us <= profile->end_us || sn_profile_add(profile, end_us, from_per_s, to_per_s) == SN_OK;
}

static bool add_phase(struct sn_profile *profile, const char *name, int64_t start_us, int64_t end_us) {
    return end_us <= start_us || sn_profile_phase(profile, name, end_us) == SN_OK;
}

static bool sustained(const struct sn_request *request, struct sn_profile *profile) {
    int64_t end_us = to_us(duration_s(request));
    return add(profile, end_us, 1, 1) && add_phase(profile, "steady", 0, end_us);
}

/* --- Three parts: ramp, spike, three-phase --------------------------------------------------------------------- */

struct parts {
    const char *config, *names[3];
    double shares[2]; /* of the duration, when no lengths are given; the third part has the rest */
};

static const struct parts ramp_parts = {"rampConfig", {"ramp-up", "peak", "ramp-down"}, {0.4, 0.3}};
static const struct parts spike_parts = {"spikeConfig", {"warm-up", "spike", "cool-down"}, {0.15, 0.3}};
static const struct parts three_phase_parts = {"threePhase", {"ramp-up", "peak", "steady"}, {0.2, 0.3}};

/* Where the parts end: their lengths given together or taken as shares of the duration. */
static bool part_ends(struct sn_trail *trail, const struct sn_request *request, const struct parts *parts,
                      double ends_s[3]) {
    const double *lengths_s = request->shape.lengths_s;
    int given = (lengths_s[0] >= 0) + (lengths_s[1] >= 0) + (lengths_s[2] >= 0);
    if (given == 0) {
        ends_s[2] = duration_s(request);
        ends_s[0] = parts->shares[0] * ends_s[2];
        ends_s[1] = (parts->shares[0] + parts->shares[1]) * ends_s[2];
        return true;
    }
    if (given < 3) return refuse(trail, parts->config, "plan.missing", "all three lengths together, or none of them");
    ends_s[0] = lengths_s[0];
    ends_s[1] = ends_s[0] + lengths_s[1];
    ends_s[2] = ends_s[1] + lengths_s[2];
    if (ends_s[2] < 1 || ends_s[2] > SN_DURATION_S_MAX)
        return refuse(trail, parts->config, "plan.range", "lengths that add up to 1 to 3600 seconds");
    if (request->duration_s > 0 && to_us(ends_s[2]) != to_us((double)request->duration_s))
        return refuse(trail, "durationSeconds", "plan.conflict", "the sum of the three lengths, or no durationSeconds");
    return true;
}

/* The rates at the two ends of each part. */
static bool three(struct sn_trail *trail, const struct sn_request *request, const struct parts *parts,
                  const double rates[6], struct sn_profile *profile) {
    double ends_s[3];
    int64_t start_us = 0;
    if (!part_ends(trail, request, parts, ends_s)) return false;
    for (int i = 0; i < 3; i++) {
        int64_t end_us = to_us(ends_s[i]);
        if (!add(profile, end_us, rates[2 * i], rates[2 * i + 1])) return false;
        if (!add_phase(profile, parts->names[i], start_us, end_us)) return false;
        start_us = end_us;
    }
    return true;
}

static bool ramp(struct sn_trail *trail, const struct sn_request *request, struct sn_profile *profile) {
    double to = request->shape.to_per_s, from = request->shape.from_per_s;
    if (to < 0) to = request->max_rate_per_s > 0 ? request->max_rate_per_s : sn_request_defaults(request)->ramp_per_s;
    if (from < 0) from = fmin(1, to);
    return three(trail, request, &ramp_parts, (const double[]){from, to, to, to, to, from}, profile);
}

/* Up to the usual rate, a multiple of it at once, then the usual rate running down to half of it. */
static bool spike(struct sn_trail *trail, const struct sn_request *request, struct sn_profile *profile) {
    double times = request->shape.multiplier >= 1 ? request->shape.multiplier : SPIKE_MULTIPLIER;
    return three(trail, request, &spike_parts, (const double[]){0, 1, times, times, 1, 0.5}, profile);
}

static bool three_phase(struct sn_trail *trail, const struct sn_request *request, struct sn_profile *profile) {
    double times = request->shape.multiplier >= 1 ? request->shape.multiplier : PEAK_MULTIPLIER;
    return three(trail, request, &three_phase_parts, (const double[]){0, times, times, times, 1, 1}, profile);
}

/* --- Waves ------------------------------------------------------------------------------------------------------ */

static bool refuse_period(struct sn_trail *trail, const struct sn_request *request, double least_s) {
    return refuse_figure(trail, sn_request_specific(request), "plan.range", "a period of at least ", least_s,
                         " seconds, since a curve has at most 256 pieces");
}

/* Square: high for the first half of a period, low for the second.  Sawtooth: from low to high, and down at once. */
static bool zigzag(const struct sn_request *request, struct sn_profile *profile, double piece_s, int64_t end_us,
                   double low, double high) {
    for (int i = 0; profile->end_us < end_us; i++) {
        int64_t piece_us = to_us((i + 1) * piece_s);
        int64_t at_us = piece_us < end_us ? piece_us : end_us;
        double level = i % 2 == 0 ? high : low;
        double share = (double)(at_us - profile->end_us) / (double)(piece_us - profile->end_us);
        bool square = request->waveform == SN_WAVE_SQUARE;
        if (!add(profile, at_us, square ? level : low, square ? level : low + (high - low) * share)) return false;
    }
    return true;
}

static bool oscillation(struct sn_trail *trail, const struct sn_request *request, struct sn_profile *profile) {
    double low = request->shape.from_per_s, high = request->shape.to_per_s;
    if ((low < 0) != (high < 0))
        return refuse(trail, "oscillationConfig", "plan.missing",
                      "minOpsPerSecond and maxOpsPerSecond together, or none of them");
    if (low > high) return refuse(trail, "oscillationConfig", "plan.range", "a minOpsPerSecond up to maxOpsPerSecond");
    if (low < 0) {
        low = WAVE_LOW;
        high = WAVE_HIGH;
    }
    double period_s = request->shape.period_s >= 1 ? request->shape.period_s : PERIOD_S;
    int64_t end_us = to_us(duration_s(request));
    if (!add_phase(profile, "oscillation", 0, end_us)) return false;
    if (request->waveform == SN_WAVE_SINE)
        return sn_profile_add_sine(profile, end_us, low, high, (uint32_t)to_us(period_s)) == SN_OK;
    double pieces = request->waveform == SN_WAVE_SQUARE ? 2 : 1;
    double least_s = duration_s(request) * pieces / SN_SEGMENTS_MAX;
    if (period_s < least_s) return refuse_period(trail, request, least_s);
    return zigzag(request, profile, period_s / pieces, end_us, low, high) || refuse_period(trail, request, least_s);
}

/* --- Custom ------------------------------------------------------------------------------------------------------ */

/* A preset's own curve, stretched to the run's length: as many users for longer, or for less long. */
static bool stages(const struct sn_request *request, struct sn_profile *profile) {
    static const char *const names[SN_PRESET_STAGES] = {"ramp-up", "peak", "steady", "ramp-down"};
    const struct sn_preset_stage *stage = sn_request_defaults(request)->stages;
    double whole_s = 0, end_s = 0;
    for (int i = 0; i < SN_PRESET_STAGES; i++) whole_s += stage[i].length_s;
    for (int i = 0; i < SN_PRESET_STAGES; i++) {
        int64_t start_us = profile->end_us;
        end_s += stage[i].length_s;
        int64_t end_us = to_us(end_s / whole_s * duration_s(request));
        double from_per_s = (double)stage[i].from_users / SN_PRESET_USER_S;
        double to_per_s = (double)stage[i].to_users / SN_PRESET_USER_S;
        if (!add(profile, end_us, from_per_s, to_per_s)) return false;
        if (!add_phase(profile, names[i], start_us, end_us)) return false;
    }
    return true;
}

/* Straight lines between the points; 0 before the first and after the last. */
static bool custom(struct sn_trail *trail, const struct sn_request *request, struct sn_profile *profile) {
    if (request->curve_len == 0) return stages(request, profile);
    const struct sn_curve_point *first = &request->curve[0], *last = &request->curve[request->curve_len - 1];
    double end_s = request->duration_s > 0 ? (double)request->duration_s : last->second;
    if (end_s < last->second)
        return refuse(trail, "durationSeconds", "plan.conflict", "a duration that reaches the curve's last point");
    if (end_s < 1) return refuse(trail, "loadCurve", "plan.range", "a curve of at least a second, or durationSeconds");
    bool fits = add(profile, to_us(first->second), 0, 0);
    for (uint32_t i = 1; i < request->curve_len; i++) {
        const struct sn_curve_point *point = &request->curve[i];
        fits = fits && add(profile, to_us(point->second), point[-1].rate_per_s, point->rate_per_s);
    }
    fits = fits && add(profile, to_us(end_s), 0, 0);
    if (!fits) return refuse(trail, "loadCurve", "plan.range", "a curve of at most 256 pieces");
    return add_phase(profile, "custom", 0, to_us(end_s));
}

/* --- From the shape to the curve --------------------------------------------------------------------------------- */

/* Rates that somebody wrote down stand as they are.  A number of operations beside them has to be the curve's own. */
static bool check_agreement(struct sn_trail *trail, const struct sn_request *request,
                            const struct sn_profile *profile) {
    double area = sn_profile_area(profile), target = (double)request->operations;
    if (!has_rates(request) || target <= 0 || request->scale || area <= 0) return true;
    if (fabs(area - target) <= 0.01 * target) return true;
    return refuse_figure(trail, culprit(request), "plan.conflict",
                         "a number within 1 % of the operations under the curve, ", area, ", or \"scale\": true");
}

/* A ceiling alone is what a shape without rates reaches. */
static bool finish(struct sn_trail *trail, const struct sn_request *request, struct sn_profile *profile) {
    uint64_t operations = request->operations;
    if (operations == 0 && !has_rates(request)) {
        if (request->max_rate_per_s > 0) {
            sn_profile_scale(profile, request->max_rate_per_s / sn_profile_peak_per_s(profile));
        } else {
            operations = sn_request_defaults(request)->operations;
        }
    }
    if (sn_profile_finish(profile, operations) == SN_OK) return true;
    return refuse(trail, culprit(request), "plan.range", "a curve that is above 0 somewhere");
}

/* The rate rises to the load's own mean, so that connections are open and caches are filled when it begins. */
static bool lead_in(struct sn_trail *trail, const struct sn_request *request, struct sn_profile *profile) {
    if (request->lead_in_s == 0) return true;
    int64_t length_us = (int64_t)request->lead_in_s * SN_SECOND_US;
    if (profile->end_us + length_us > SN_DURATION_S_MAX * SN_SECOND_US)
        return refuse(trail, "warmUpSeconds", "plan.range", "a lead-in and a load of at most 3600 seconds together");
    double half = (double)profile->planned * (double)length_us / (double)profile->end_us / 2;
    uint64_t more = half < 1 ? 1 : (uint64_t)(half + 0.5);
    return sn_profile_lead_in(profile, SN_LEAD_IN_NAME, length_us, more) == SN_OK ||
           refuse(trail, "warmUpSeconds", "plan.range", "a lead-in before a curve of at most 255 pieces and 7 phases");
}

static bool refuse_operations(struct sn_trail *trail, const struct sn_request *request,
                              const struct sn_profile *profile) {
    sn_trail_name(trail, culprit(request) != NULL ? culprit(request) : "profileType");
    struct sn_writer w = sn_trail_expected(trail, "plan.range");
    sn_put_text(&w, "at most ");
    sn_put_number(&w, sn_bound(trail->bounds, SN_BOUND_OPERATIONS));
    sn_put_text(&w, " operations in all; this plan has ");
    sn_put_dec(&w, profile->planned);
    return false;
}

static bool check_size(struct sn_trail *trail, const struct sn_request *request, const struct sn_profile *profile) {
    if (profile->planned < 1) return refuse(trail, culprit(request), "plan.range", "a curve of at least one operation");
    if ((double)profile->planned > sn_bound(trail->bounds, SN_BOUND_OPERATIONS))
        return refuse_operations(trail, request, profile);
    double peak = sn_profile_peak_per_s(profile);
    double ceiling = request->max_rate_per_s;
    if (ceiling <= 0) ceiling = sn_bound(trail->bounds, SN_BOUND_RATE_PER_S);
    if (peak <= ceiling * (1 + 1e-9)) return true;
    if (culprit(request) != NULL) sn_trail_name(trail, culprit(request));
    struct sn_writer w = sn_trail_expected(trail, "plan.rate");
    sn_put_text(&w, "at most ");
    sn_put_number(&w, ceiling);
    sn_put_text(&w, " operations a second at any time; this plan needs ");
    sn_put_fixed(&w, peak, peak < 100 ? 2 : 0);
    return false;
}

bool sn_shape_build(struct sn_trail *trail, const struct sn_request *request, struct sn_profile *profile) {
    bool built = false;
    sn_profile_begin(profile);
    profile->arrivals = request->arrivals;
    switch (request->type) {
    case SN_PROFILE_RAMP: built = ramp(trail, request, profile); break;
    case SN_PROFILE_SPIKE: built = spike(trail, request, profile); break;
    case SN_PROFILE_THREE_PHASE: built = three_phase(trail, request, profile); break;
    case SN_PROFILE_OSCILLATION: built = oscillation(trail, request, profile); break;
    case SN_PROFILE_CUSTOM: built = custom(trail, request, profile); break;
    default: built = sustained(request, profile); break;
    }
    return built && check_agreement(trail, request, profile) && finish(trail, request, profile) &&
           lead_in(trail, request, profile) && check_size(trail, request, profile);
}
