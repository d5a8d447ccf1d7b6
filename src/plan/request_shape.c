/* The fields of a plan that only one type of load has: its curve, its ramp, its spike, its wave. */
#include "request.h"

#include <stddef.h>
#include <string.h>

static const struct sn_field point_fields[] = {
    {"second", sn_field_number, offsetof(struct sn_curve_point, second), 0, SN_DURATION_S_MAX},
    {"opsPerSecond", sn_field_bounded_number, offsetof(struct sn_curve_point, rate_per_s), 0, SN_BOUND_RATE_PER_S},
};

static bool read_point(struct sn_trail *trail, const struct sn_json *value, struct sn_request *request) {
    struct sn_curve_point *point = &request->curve[request->curve_len];
    *point = (struct sn_curve_point){-1, -1};
    if (!sn_read_object(trail, value, point_fields, 2, point)) return false;
    if (point->second < 0 || point->rate_per_s < 0)
        return sn_trail_refuse(trail, "plan.missing", "a point with second and opsPerSecond");
    /* Two points at one second are a step. */
    if (request->curve_len > 0 && point->second < point[-1].second)
        return sn_trail_refuse_at(trail, "second", "plan.range", "points in the order of time");
    request->curve_len += 1;
    return true;
}

static bool read_curve(struct sn_trail *trail, const struct sn_json *value, struct sn_request *request) {
    if (!sn_read_array(trail, value, 2, SN_CURVE_POINTS_MAX)) return false;
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(trail, request->curve_len);
        if (!read_point(trail, at, request)) return false;
        sn_trail_back(trail, mark);
    }
    return true;
}

#define AT(member) offsetof(struct sn_request, member)

/* Some values have two places where they may stand. */
static bool read_once(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    double known;
    memcpy(&known, (const char *)into + field->offset, sizeof known);
    if (known >= 0) return sn_trail_refuse(trail, "plan.conflict", "this value in one place only");
    return sn_field_number(trail, value, field, into);
}

static bool read_rate_once(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                           void *into) {
    struct sn_field bounded = sn_field_within(trail, field);
    return read_once(trail, value, &bounded, into);
}

static bool read_waveform(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                          void *into) {
    static const char *const waveforms[] = {"sine", "square", "sawtooth"};
    struct sn_request *request = into;
    size_t index;
    (void)field;
    if (!sn_read_word(trail, value, waveforms, 3, &index)) return false;
    request->waveform = (uint32_t)index;
    return true;
}

#define RATE(name, member) \
    { name, read_rate_once, AT(shape.member), 0, SN_BOUND_RATE_PER_S }
#define LENGTH(name, index) \
    { name, read_once, AT(shape.lengths_s) + (index) * sizeof(double), 0, SN_DURATION_S_MAX }
#define MULTIPLIER(name) \
    { name, read_once, AT(shape.multiplier), 1, 100 }
#define PERIOD(name) \
    { name, read_once, AT(shape.period_s), 1, SN_DURATION_S_MAX }

static const struct sn_field ramp_fields[] = {
    RATE("startOpsPerSecond", from_per_s),
    RATE("endOpsPerSecond", to_per_s),
    LENGTH("rampUpSeconds", 0),
    LENGTH("holdSeconds", 1),
    LENGTH("sustainSeconds", 1), /* the predecessor's word for it */
    LENGTH("rampDownSeconds", 2),
};
static const struct sn_field spike_fields[] = {
    LENGTH("warmupSeconds", 0),
    LENGTH("spikeDurationSeconds", 1),
    LENGTH("cooldownSeconds", 2),
    MULTIPLIER("spikeMultiplier"),
};
static const struct sn_field three_phase_fields[] = {
    LENGTH("rampUpSeconds", 0),
    LENGTH("peakSeconds", 1),
    LENGTH("steadyStateSeconds", 2),
    MULTIPLIER("peakMultiplier"),
};
static const struct sn_field oscillation_fields[] = {
    RATE("minOpsPerSecond", from_per_s),
    RATE("maxOpsPerSecond", to_per_s),
    {"waveform", read_waveform, 0, 0, 0},
    PERIOD("periodSeconds"),
};

/* Fields that only one type has: with more than one field of its own an object, with one a number, with none the
 * curve. */
static const struct {
    const char *name;
    enum sn_profile_type type;
    const struct sn_field *fields;
    size_t len;
} specifics[] = {
    {"loadCurve", SN_PROFILE_CUSTOM, NULL, 0},
    {"rampConfig", SN_PROFILE_RAMP, ramp_fields, 6},
    {"spikeConfig", SN_PROFILE_SPIKE, spike_fields, 4},
    {"spikeMultiplier", SN_PROFILE_SPIKE, &spike_fields[3], 1},
    {"threePhase", SN_PROFILE_THREE_PHASE, three_phase_fields, 4},
    {"oscillationConfig", SN_PROFILE_OSCILLATION, oscillation_fields, 4},
    {"periodSeconds", SN_PROFILE_OSCILLATION, &oscillation_fields[3], 1},
};
#define SPECIFICS_LEN (sizeof specifics / sizeof *specifics)

bool sn_request_read_specific(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                              void *into) {
    struct sn_request *request = into;
    const struct sn_field *fields = specifics[field->offset].fields;
    size_t len = specifics[field->offset].len;
    request->specifics |= 1u << field->offset;
    if (len == 0) return read_curve(trail, value, request);
    if (len == 1) return read_once(trail, value, fields, into);
    return sn_read_object(trail, value, fields, len, into);
}

const char *sn_request_specific(const struct sn_request *request) {
    for (size_t i = 0; i < SPECIFICS_LEN; i++)
        if (request->specifics >> i & 1) return specifics[i].name;
    return NULL;
}

const char *sn_type_field(enum sn_profile_type type, size_t index) {
    for (size_t i = 0; i < SPECIFICS_LEN; i++)
        if (specifics[i].type == type && index-- == 0) return specifics[i].name;
    return NULL;
}

bool sn_request_check_specifics(struct sn_trail *trail, const struct sn_request *request) {
    for (size_t i = 0; i < SPECIFICS_LEN; i++) {
        if ((request->specifics >> i & 1) == 0 || specifics[i].type == request->type) continue;
        sn_trail_name(trail, specifics[i].name);
        struct sn_writer w = sn_trail_expected(trail, "plan.conflict");
        sn_put_text(&w, "profileType \"");
        sn_put_text(&w, sn_profile_type_name(specifics[i].type));
        sn_put_text(&w, "\" beside this field");
        return false;
    }
    bool has_stages = request->preset != NULL && request->preset->stages[0].length_s > 0;
    if (request->curve_len == 0 && request->type == SN_PROFILE_CUSTOM && !has_stages)
        return sn_trail_refuse_at(trail, "loadCurve", "plan.missing",
                                  "the points of the curve, since profileType is \"custom\"");
    return true;
}
