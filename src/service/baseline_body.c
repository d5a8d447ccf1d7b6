/* What a baseline is to be made of, or how it is to change: {"name", "description", "runs", "active", "floors"}. */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/plan/trail.h"

static bool refuse_name(struct sn_trail *trail, const char *name, bool change) {
    sn_trail_name(trail, name);
    struct sn_writer w = sn_trail_expected(trail, "body.unknown-field");
    sn_put_text(&w, change ? "name, description, active, floors and nothing else"
                           : "name, description, runs, active and nothing else");
    return false;
}

static bool is_known(const char *name, bool change) {
    static const char *const names[] = {"name", "description", "active"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return strcmp(name, change ? "floors" : "runs") == 0;
}

/* --- Its words -------------------------------------------------------------------------------------------------- */

static bool read_words(struct sn_trail *trail, const struct sn_json *root, struct sn_baseline_draft *draft) {
    const struct sn_json *name = sn_json_get(root, "name"), *description = sn_json_get(root, "description");
    const struct sn_json *active = sn_json_get(root, "active");
    static const char a_name[] = "a text of 1 to 120 bytes without control characters";
    static const char a_text[] = "a text of up to 1000 bytes without control characters";
    size_t mark = sn_trail_name(trail, "name");
    if (name != NULL && !sn_body_text(trail, name, a_name, 1, SN_NAME_MAX, draft->name)) return false;
    sn_trail_back(trail, mark);
    sn_trail_name(trail, "description");
    draft->described = description != NULL;
    if (description != NULL && !sn_body_text(trail, description, a_text, 0, SN_DESCRIPTION_MAX, draft->description))
        return false;
    sn_trail_back(trail, mark);
    sn_trail_name(trail, "active");
    if (active != NULL && sn_json_type(active) != SN_JSON_BOOL)
        return sn_trail_refuse(trail, "body.type", "true or false");
    if (active != NULL) draft->active = sn_json_bool(active);
    sn_trail_back(trail, mark);
    return true;
}

/* --- Its runs --------------------------------------------------------------------------------------------------- */

static bool read_run(struct sn_trail *trail, const struct sn_json *value, struct sn_baseline_draft *draft) {
    const char *id = sn_json_string(value);
    struct sn_span span = {(const uint8_t *)id, id != NULL ? strlen(id) : 0};
    if (id == NULL) return sn_trail_refuse(trail, "body.type", "the id of a run");
    if (!sn_is_id(span)) return sn_trail_refuse(trail, "body.range", "the id of a run, a UUID in lower case");
    for (uint32_t i = 0; i < draft->runs_len; i++)
        if (strcmp(draft->runs[i], id) == 0) return sn_trail_refuse(trail, "body.range", "each run once");
    memcpy(draft->runs[draft->runs_len++], id, span.len + 1);
    return true;
}

static bool read_runs(struct sn_trail *trail, const struct sn_json *root, struct sn_baseline_draft *draft) {
    static const char expected[] = "a list of 1 to 10 ids of runs that ended";
    const struct sn_json *runs = sn_json_get(root, "runs");
    sn_trail_name(trail, "runs");
    if (runs == NULL) return sn_trail_refuse(trail, "body.missing", expected);
    if (sn_json_type(runs) != SN_JSON_ARRAY) return sn_trail_refuse(trail, "body.type", expected);
    size_t len = sn_json_count(runs);
    if (len == 0 || len > SN_SOURCES_MAX) return sn_trail_refuse(trail, "body.range", expected);
    for (const struct sn_json *run = sn_json_first(runs); run != NULL; run = sn_json_next(run)) {
        size_t mark = sn_trail_index(trail, draft->runs_len);
        if (!read_run(trail, run, draft)) return false;
        sn_trail_back(trail, mark);
    }
    return true;
}

/* --- Its floors ------------------------------------------------------------------------------------------------- */

/* Which of the percentiles a floor is for; a floor below the usual one would be none. */
static bool read_floor(struct sn_trail *trail, const struct sn_json *floor, struct sn_json_writer *j) {
    uint32_t index = sn_floors_find(sn_json_name(floor));
    double value = sn_json_number(floor);
    if (index == SN_COMPARE_PERCENTILES) {
        sn_trail_refuse(trail, "body.unknown-field", "the percentiles 50, 90 and 99");
        return false;
    }
    if (sn_json_type(floor) == SN_JSON_NUMBER && value >= sn_compare_kinds[index].floor && value <= 1) {
        sn_json_put_number(j, sn_json_name(floor), value);
        return true;
    }
    struct sn_writer w = sn_trail_expected(trail, sn_json_type(floor) == SN_JSON_NUMBER ? "body.range" : "body.type");
    sn_put_text(&w, "a number from ");
    sn_put_number(&w, sn_compare_kinds[index].floor);
    sn_put_text(&w, " to 1, of which 0.05 is 5 %");
    return false;
}

static bool read_floors(struct sn_trail *trail, const struct sn_json *root, struct sn_baseline_draft *draft) {
    const struct sn_json *floors = sn_json_get(root, "floors");
    struct sn_writer w = sn_writer(draft->floors, sizeof draft->floors - 1);
    struct sn_json_writer j = sn_json_writer(&w);
    if (floors == NULL) return true;
    sn_trail_name(trail, "floors");
    if (sn_json_type(floors) != SN_JSON_OBJECT && sn_json_type(floors) != SN_JSON_NULL)
        return sn_trail_refuse(trail, "body.type",
                               "an object of percentiles and their floors, or null for the usual ones");
    sn_json_open(&j, NULL, '{');
    for (const struct sn_json *floor = sn_json_first(floors); floor != NULL; floor = sn_json_next(floor)) {
        size_t mark = sn_trail_name(trail, sn_json_name(floor));
        if (!read_floor(trail, floor, &j)) return false;
        sn_trail_back(trail, mark);
    }
    sn_json_close(&j, '}');
    SN_ASSERT(!w.full);
    draft->floors[w.len] = '\0';
    return true;
}

/* --- The whole -------------------------------------------------------------------------------------------------- */

static bool read_body(struct sn_trail *trail, const struct sn_json *root, struct sn_baseline_draft *draft,
                      bool change) {
    if (sn_json_type(root) != SN_JSON_OBJECT) return sn_trail_refuse(trail, "body.type", "an object");
    for (const struct sn_json *m = sn_json_first(root); m != NULL; m = sn_json_next(m))
        if (!is_known(sn_json_name(m), change)) return refuse_name(trail, sn_json_name(m), change);
    if (change && sn_json_first(root) == NULL)
        return sn_trail_refuse(trail, "body.missing", "at least one of name, description, active and floors");
    if (!read_words(trail, root, draft)) return false;
    if (change) return read_floors(trail, root, draft);
    if (draft->name[0] == '\0') return sn_trail_refuse_at(trail, "name", "body.missing", "what to call the baseline");
    return read_runs(trail, root, draft);
}

bool sn_baseline_draft_read(struct sn_api *api, struct sn_span body, bool change) {
    struct sn_plan_error error = {0};
    struct sn_trail trail = sn_trail(&error);
    struct sn_baseline_draft *draft = &api->baseline_draft;
    memset(draft, 0, sizeof *draft);
    draft->active = change ? -1 : 1;
    sn_arena_reset(&api->arena);
    const struct sn_json *root = sn_trail_parse(&trail, &api->arena, (const char *)body.data, body.len);
    if (root != NULL && read_body(&trail, root, draft, change)) return true;
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = sn_problem_find(error.code, SN_PROBLEM_BODY_RANGE),
                               .detail = change ? "The body says what to change, like {\"active\":true}."
                                                : "The body says what to make the baseline of, like "
                                                  "{\"name\":\"Monday\",\"runs\":[\"...\"]}.",
                               .path = error.path,
                               .expected = error.expected,
                           });
    return false;
}
