#include "request.h"

#include <stddef.h>
#include <string.h>

#include "sentinel/base/place.h"
#include "sentinel/base/time.h"

static bool read_name(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    struct sn_request *request = into;
    const char *name = NULL;
    (void)field;
    if (!sn_read_text(trail, value, 1, SN_NAME_MAX, &name)) return false;
    memcpy(request->name, name, strlen(name) + 1);
    return true;
}

/* People read it, the load does not: the control database keeps it. */
static bool read_description(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                             void *into) {
    const char *text;
    (void)field;
    (void)into;
    return sn_read_text(trail, value, 0, SN_DESCRIPTION_MAX, &text);
}

static void type_names(const char *names[SN_PROFILE_TYPES_LEN]) {
    for (size_t i = 0; i < SN_PROFILE_TYPES_LEN; i++) names[i] = sn_profile_type_name((enum sn_profile_type)i);
}

static bool read_type(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    struct sn_request *request = into;
    const char *names[SN_PROFILE_TYPES_LEN];
    size_t index;
    (void)field;
    type_names(names);
    if (!sn_read_word(trail, value, names, SN_PROFILE_TYPES_LEN, &index)) return false;
    request->type = (enum sn_profile_type)index;
    request->type_given = true;
    return true;
}

#define PRESETS_MAX 16

static size_t preset_names(const char *names[PRESETS_MAX]) {
    size_t len = sn_presets_len < PRESETS_MAX ? sn_presets_len : PRESETS_MAX;
    for (size_t i = 0; i < len; i++) names[i] = sn_presets[i].name;
    return len;
}

static bool read_preset(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    struct sn_request *request = into;
    const char *names[PRESETS_MAX];
    size_t index, len = preset_names(names);
    (void)field;
    if (!sn_read_word(trail, value, names, len, &index)) return false;
    request->preset = &sn_presets[index];
    return true;
}

static bool known_already(const struct sn_request *request, const char *system) {
    for (uint32_t i = 0; i < request->systems_len; i++)
        if (strcmp(request->systems[i], system) == 0) return true;
    return false;
}

static bool read_systems(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                         void *into) {
    struct sn_request *request = into;
    (void)field;
    if (!sn_read_array(trail, value, 1, SN_SYSTEMS_MAX)) return false;
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        const char *system = NULL;
        size_t mark = sn_trail_index(trail, request->systems_len);
        if (!sn_read_text(trail, at, 1, SN_SYSTEM_NAME_MAX, &system)) return false;
        if (known_already(request, system)) return sn_trail_refuse(trail, "plan.duplicate", "each system once");
        memcpy(request->systems[request->systems_len++], system, strlen(system) + 1);
        sn_trail_back(trail, mark);
    }
    return true;
}

static size_t find_region(struct sn_trail *trail, const char *name) {
    const char *names[SN_REGIONS_LEN];
    for (size_t i = 0; i < SN_REGIONS_LEN; i++) {
        names[i] = sn_region_name((enum sn_region)i);
        if (name != NULL && strcmp(name, names[i]) == 0) return i;
    }
    struct sn_writer w = sn_trail_expected(trail, name != NULL ? "plan.value" : "plan.type");
    sn_put_choice(&w, names, SN_REGIONS_LEN);
    return SN_REGIONS_LEN;
}

/* A list of regions that share alike, or an object of regions and their weights. */
static bool read_regions(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                         void *into) {
    struct sn_request *request = into;
    bool weighted = sn_json_type(value) == SN_JSON_OBJECT;
    size_t index = 0;
    (void)field;
    if (!weighted && sn_json_type(value) != SN_JSON_ARRAY)
        return sn_trail_refuse(trail, "plan.type", "a list of regions, or an object of regions and their weights");
    if (sn_json_count(value) < 1) return sn_trail_refuse(trail, "plan.range", "at least one region");
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        const char *name = weighted ? sn_json_name(at) : sn_json_string(at);
        size_t mark = weighted ? sn_trail_name(trail, name) : sn_trail_index(trail, index++);
        size_t region = find_region(trail, name);
        uint64_t weight = 1;
        if (region == SN_REGIONS_LEN) return false;
        if (request->regions[region] > 0) return sn_trail_refuse(trail, "plan.duplicate", "each region once");
        if (weighted && !sn_read_whole(trail, at, 1, SN_REGION_WEIGHT_MAX, &weight)) return false;
        request->regions[region] = (uint16_t)weight;
        sn_trail_back(trail, mark);
    }
    return true;
}

#define AT(member) offsetof(struct sn_request, member)

/* Fields whose value is one of a few words. */
static const char *const arrivals[] = {[SN_ARRIVALS_EVEN] = "even", [SN_ARRIVALS_POISSON] = "poisson"};
static const char *const prepares[] = {
#define SN_X(name, text) text,
    SN_PREPARE_LIST(SN_X)
#undef SN_X
};

enum { ARRIVALS, PREPARE };

static const struct {
    const char *const *words;
    size_t len;
    size_t offset; /* of the uint32_t that gets the word's index */
} choices[] = {
    [ARRIVALS] = {arrivals, 2, AT(arrivals)},
    [PREPARE] = {prepares, SN_PREPARES_LEN, AT(prepare)},
};

static bool read_choice(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    size_t index;
    if (!sn_read_word(trail, value, choices[field->offset].words, choices[field->offset].len, &index)) return false;
    uint32_t chosen = (uint32_t)index;
    memcpy((char *)into + choices[field->offset].offset, &chosen, sizeof chosen);
    return true;
}

static bool read_scale(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    struct sn_request *request = into;
    request->scale = sn_json_bool(value);
    return sn_field_switch(trail, value, field, into);
}

static bool read_start(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    struct sn_request *request = into;
    request->start = sn_json_bool(value);
    return sn_field_switch(trail, value, field, into);
}

/* When a run starts is the API's business; here the time need only be one. */
static bool read_scheduled(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                           void *into) {
    struct sn_request *request = into;
    const char *text = sn_json_string(value);
    int64_t at_us;
    (void)field;
    request->scheduled = true;
    if (text != NULL && sn_iso_parse(text, strlen(text), &at_us) == SN_OK) return true;
    return sn_trail_refuse(trail, text != NULL ? "plan.value" : "plan.type",
                           "a time with its zone, like 2026-11-23T09:00:00Z");
}

/* They name phases and operations, which are known when the rest of the plan is. */
static bool read_thresholds(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                            void *into) {
    struct sn_request *request = into;
    enum sn_json_type type = sn_json_type(value);
    (void)field;
    request->thresholds = value;
    return type == SN_JSON_OBJECT || type == SN_JSON_ARRAY ||
           sn_trail_refuse(trail, "plan.type",
                           "an object like {\"op_duration\": [\"p(95)<400\"]}, or a list of objects with metric, "
                           "operator and value");
}

static bool read_safety(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    struct sn_request *request = into;
    request->unsafe = !sn_json_bool(value);
    return sn_field_switch(trail, value, field, into);
}

SN_NOT_FOR_SHARDS static const struct sn_field plan_fields[] = {
    {"name", read_name, 0, 0, 0},
    {"description", read_description, 0, 0, 0},
    {"preset", read_preset, 0, 0, 0},
    {"profileType", read_type, 0, 0, 0},
    {"targetOperations", sn_field_bounded_whole, AT(operations), 1, SN_BOUND_OPERATIONS},
    {"durationSeconds", sn_field_whole, AT(duration_s), 1, SN_DURATION_S_MAX},
    {"concurrency", sn_field_bounded_whole, AT(concurrency), 1, SN_BOUND_CONCURRENCY},
    {"workload", sn_request_workload, 0, 0, 0},
    {"targetSystems", read_systems, 0, 0, 0},
    {"tenants", sn_request_tenants, 0, 0, 0},
    {"data", sn_request_data, 0, 0, 0},
    {"maxOpsPerSecond", sn_field_bounded_number, AT(max_rate_per_s), 1, SN_BOUND_RATE_PER_S},
    {"users", sn_field_whole, AT(users), 1, SN_USERS_MAX},
    {"opsPerUser", sn_field_bounded_whole, AT(operations_per_user), 1, SN_BOUND_OPERATIONS},
    {"scale", read_scale, 0, 0, 0},
    {"arrivals", read_choice, ARRIVALS, 0, 0},
    {"loadCurve", sn_request_read_specific, 0, 0, 0},
    {"rampConfig", sn_request_read_specific, 1, 0, 0},
    {"spikeConfig", sn_request_read_specific, 2, 0, 0},
    {"spikeMultiplier", sn_request_read_specific, 3, 0, 0},
    {"threePhase", sn_request_read_specific, 4, 0, 0},
    {"oscillationConfig", sn_request_read_specific, 5, 0, 0},
    {"periodSeconds", sn_request_read_specific, 6, 0, 0},
    {"seed", sn_request_seed, 0, 0, 0},
    {"prepare", read_choice, PREPARE, 0, 0},
    {"warmUpSeconds", sn_field_whole, AT(lead_in_s), 1, SN_LEAD_IN_S_MAX},
    {"regions", read_regions, 0, 0, 0},
    {"maxLateMs", sn_field_whole, AT(max_late_ms), SN_LATENESS_MS_MIN, SN_LATENESS_MS_MAX},
    {"timeoutMs", sn_field_whole, AT(timeout_ms), SN_LATENESS_MS_MIN, SN_LATENESS_MS_MAX},
    {"searchStepSeconds", sn_field_whole, AT(search_step_s), SN_SEARCH_STEP_S_MIN, SN_SEARCH_STEP_S_MAX},
    {"thresholds", read_thresholds, 0, 0, 0},
    {"safety", read_safety, 0, 0, 0},
    {"maxCostUsd", sn_field_number, AT(max_cost_usd), 1e-6, SN_COST_USD_MAX},
    {"alerts", sn_request_alerts, 0, 0, 0},
    {"maintenance", sn_request_maintenance, 0, 0, 0},
    {"startImmediately", read_start, 0, 0, 0},
    {"scheduledAt", read_scheduled, 0, 0, 0},
};

const char *sn_plan_field(size_t index) {
    return index < sizeof plan_fields / sizeof *plan_fields ? plan_fields[index].name : NULL;
}

static bool refuse_no_type(struct sn_trail *trail) {
    const char *presets[PRESETS_MAX], *types[SN_PROFILE_TYPES_LEN];
    size_t len = preset_names(presets);
    type_names(types);
    struct sn_writer w = sn_trail_expected(trail, "plan.missing");
    sn_put_text(&w, "a preset (");
    sn_put_choice(&w, presets, len);
    sn_put_text(&w, ") or a profileType (");
    sn_put_choice(&w, types, SN_PROFILE_TYPES_LEN);
    sn_put_text(&w, ")");
    return false;
}

static bool count_users(struct sn_trail *trail, struct sn_request *request) {
    if (request->users == 0 && request->operations_per_user == 0) return true;
    if (request->users == 0 || request->operations_per_user == 0)
        return sn_trail_refuse_at(trail, "users", "plan.missing", "users and opsPerUser together");
    if (request->operations > 0)
        return sn_trail_refuse_at(trail, "users", "plan.conflict", "either users and opsPerUser or targetOperations");
    request->operations = request->users * request->operations_per_user;
    return true;
}

void sn_request_begin(struct sn_request *request) {
    double *shape = (double *)&request->shape;
    for (size_t i = 0; i < sizeof request->shape / sizeof *shape; i++) shape[i] = -1;
}

bool sn_request_read(struct sn_trail *trail, const struct sn_json *plan, struct sn_request *request) {
    sn_request_begin(request);
    if (!sn_read_object(trail, plan, plan_fields, sizeof plan_fields / sizeof *plan_fields, request)) return false;
    if (!request->type_given && request->preset == NULL) return refuse_no_type(trail);
    if (!request->type_given) request->type = request->preset->type;
    if (request->start && request->scheduled)
        return sn_trail_refuse_at(trail, "scheduledAt", "plan.conflict", "either scheduledAt or startImmediately");
    return sn_request_check_specifics(trail, request) && count_users(trail, request);
}

const struct sn_preset *sn_request_defaults(const struct sn_request *request) {
    return request->preset != NULL ? request->preset : sn_preset_of_type(request->type);
}
