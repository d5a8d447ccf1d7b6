#include <math.h>

#include "request.h"

/* The predecessor's ramp: from 1 to 500 operations a second, 40 % of the time up, 30 % level, 30 % down.  Where the
 * number of operations is given, only the shape of it counts. */
#define RAMP_FROM_PER_S 1.0
#define RAMP_TO_PER_S 500.0
#define RAMP_UP_SHARE 0.4
#define RAMP_HOLD_SHARE 0.3

static int64_t to_us(double seconds) {
    return (int64_t)floor(seconds * 1e6 + 0.5);
}

static bool refuse(struct sn_trail *trail, const char *field, const char *code, const char *expected) {
    if (field != NULL) sn_trail_name(trail, field);
    return sn_trail_refuse(trail, code, expected);
}

static double duration_s(const struct sn_request *request) {
    return request->duration_s > 0 ? (double)request->duration_s : (double)sn_request_defaults(request)->duration_s;
}

/* The field that is most likely what somebody wants to change when the curve as a whole does not work. */
static const char *culprit(const struct sn_request *request) {
    if (request->operations > 0) return "targetOperations";
    if (request->curve_len > 0) return "loadCurve";
    if (request->ramp_given) return "rampConfig";
    return request->duration_s > 0 ? "durationSeconds" : NULL;
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

/* The three lengths of a ramp, given together or taken as shares of the duration. */
static bool ramp_lengths(struct sn_trail *trail, const struct sn_request *request, double *up_s, double *hold_s,
                         double *end_s) {
    int given = (request->ramp.up_s >= 0) + (request->ramp.hold_s >= 0) + (request->ramp.down_s >= 0);
    if (given == 0) {
        *end_s = duration_s(request);
        *up_s = RAMP_UP_SHARE * *end_s;
        *hold_s = RAMP_HOLD_SHARE * *end_s;
        return true;
    }
    if (given < 3)
        return refuse(trail, "rampConfig", "plan.missing",
                      "rampUpSeconds, holdSeconds and rampDownSeconds together, or none of them");
    *up_s = request->ramp.up_s;
    *hold_s = request->ramp.hold_s;
    *end_s = *up_s + *hold_s + request->ramp.down_s;
    if (*end_s < 1 || *end_s > SN_DURATION_S_MAX)
        return refuse(trail, "rampConfig", "plan.range", "lengths that add up to 1 to 3600 seconds");
    if (request->duration_s > 0 && to_us(*end_s) != to_us((double)request->duration_s))
        return refuse(trail, "durationSeconds", "plan.conflict",
                      "the sum of the ramp's lengths, or no durationSeconds");
    return true;
}

static bool ramp(struct sn_trail *trail, const struct sn_request *request, struct sn_profile *profile) {
    double up_s = 0, hold_s = 0, end_s = 0;
    if (!ramp_lengths(trail, request, &up_s, &hold_s, &end_s)) return false;
    double to = request->ramp.to_per_s;
    if (to < 0) to = request->max_rate_per_s > 0 ? request->max_rate_per_s : RAMP_TO_PER_S;
    double from = request->ramp.from_per_s >= 0 ? request->ramp.from_per_s : fmin(RAMP_FROM_PER_S, to);
    int64_t up_us = to_us(up_s), hold_us = to_us(up_s + hold_s), end_us = to_us(end_s);
    return add(profile, up_us, from, to) && add(profile, hold_us, to, to) && add(profile, end_us, to, from) &&
           add_phase(profile, "ramp-up", 0, up_us) && add_phase(profile, "peak", up_us, hold_us) &&
           add_phase(profile, "ramp-down", hold_us, end_us);
}

/* Straight lines between the points.  Before the first and after the last the rate stays what it is there. */
static bool custom(struct sn_trail *trail, const struct sn_request *request, struct sn_profile *profile) {
    const struct sn_curve_point *first = &request->curve[0], *last = &request->curve[request->curve_len - 1];
    double end_s = request->duration_s > 0 ? (double)request->duration_s : last->second;
    if (end_s < last->second)
        return refuse(trail, "durationSeconds", "plan.conflict", "a duration that reaches the curve's last point");
    if (end_s < 1) return refuse(trail, "loadCurve", "plan.range", "a curve of at least a second, or durationSeconds");
    bool fits = add(profile, to_us(first->second), first->rate_per_s, first->rate_per_s);
    for (uint32_t i = 1; i < request->curve_len; i++) {
        const struct sn_curve_point *point = &request->curve[i];
        fits = fits && add(profile, to_us(point->second), point[-1].rate_per_s, point->rate_per_s);
    }
    fits = fits && add(profile, to_us(end_s), last->rate_per_s, last->rate_per_s);
    if (!fits) return refuse(trail, "loadCurve", "plan.range", "a curve of at most 256 pieces");
    return add_phase(profile, "custom", 0, to_us(end_s));
}

/* Rates that somebody wrote down stand as they are, unless the number of operations is given too. */
static uint64_t wanted_operations(const struct sn_request *request) {
    bool rates_given = request->curve_len > 0 || request->ramp.from_per_s >= 0 || request->ramp.to_per_s >= 0 ||
                       (request->type == SN_PROFILE_RAMP && request->max_rate_per_s > 0);
    if (request->operations > 0 || rates_given) return request->operations;
    return sn_request_defaults(request)->operations;
}

static bool check_size(struct sn_trail *trail, const struct sn_request *request, const struct sn_profile *profile) {
    if (profile->planned < 1) return refuse(trail, culprit(request), "plan.range", "a curve of at least one operation");
    if (profile->planned > SN_OPERATIONS_MAX) {
        sn_trail_name(trail, culprit(request) != NULL ? culprit(request) : "profileType");
        struct sn_writer w = sn_trail_expected(trail, "plan.range");
        sn_put_text(&w, "at most 1000000 operations in all; this curve has ");
        sn_put_dec(&w, profile->planned);
        return false;
    }
    double peak = sn_profile_peak_per_s(profile);
    double ceiling = request->max_rate_per_s > 0 ? request->max_rate_per_s : SN_RATE_PER_S_MAX;
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
    switch (request->type) {
    case SN_PROFILE_RAMP: built = ramp(trail, request, profile); break;
    case SN_PROFILE_CUSTOM: built = custom(trail, request, profile); break;
    default: built = sustained(request, profile); break;
    }
    if (!built) return false;
    if (sn_profile_finish(profile, wanted_operations(request)) != SN_OK)
        return refuse(trail, culprit(request), "plan.range", "a curve that is above 0 somewhere");
    return check_size(trail, request, profile);
}
