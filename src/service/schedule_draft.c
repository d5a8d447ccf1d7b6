/* From a request's body to a schedule's draft: over nothing, or over the row that is to be changed. */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/plan/alerts.h"
#include "sentinel/plan/read.h"
#include "sentinel/report/plan.h"

enum {
    PRESET,
    NAME,
    DESCRIPTION,
    CRON,
    DIALECT,
    TIMEZONE,
    OVERLAP,
    CATCH_UP,
    JITTER,
    PLAN,
    MAINTENANCE,
    ALERTS,
    ACTIVE,
    LEN
};
static const char *const names[LEN] = {"preset",      "name",    "description", "cron",          "dialect",
                                       "timezone",    "overlap", "catchUp",     "jitterSeconds", "plan",
                                       "maintenance", "alerts",  "active"};

#define SN_X(name, text) text,
static const char *const dialects[] = {SN_CRON_DIALECT_LIST(SN_X)};
static const char *const overlaps[] = {SN_OVERLAP_LIST(SN_X)};
static const char *const catch_ups[] = {SN_CATCH_UP_LIST(SN_X)};
#undef SN_X
#define COUNT(list) (sizeof(list) / sizeof *(list))

static const struct preset {
    const char *name, *title, *description, *cron, *plan;
} presets[] = {
    {"weekly", "Weekly Infrastructure Validation", "Whether a busy day's load is carried, every Sunday at midnight.",
     "0 0 * * 0", "{\"preset\":\"sustained\"}"},
    {"daily", "Daily Smoke Test", "Whether everything works, every day at four in the morning.", "0 4 * * *",
     "{\"preset\":\"smoke\"}"},
};

static void copy(char *out, const char *text) {
    memcpy(out, text, strlen(text) + 1); /* its reader has seen to the length */
}

static bool read_preset(struct sn_api *api, struct sn_trail *trail, const struct sn_json *value) {
    struct sn_draft *draft = &api->draft;
    const char *const words[] = {presets[0].name, presets[1].name};
    size_t index;
    if (!sn_read_word(trail, value, words, COUNT(words), &index)) return false;
    const struct preset *preset = &presets[index];
    size_t len = strlen(preset->plan);
    SN_ASSERT(len <= SN_PRESET_PLAN_MAX);
    copy(draft->name, preset->title);
    copy(draft->description, preset->description);
    copy(draft->cron, preset->cron);
    draft->described = true;
    memcpy(api->text + SN_PLAN_TEXT_MAX, preset->plan, len);
    draft->plan = (struct sn_piece){true, SN_PLAN_TEXT_MAX, (uint32_t)len};
    return true;
}

static bool read_name(struct sn_trail *trail, const struct sn_json *value, struct sn_draft *draft) {
    const char *text;
    if (!sn_read_text(trail, value, 1, SN_NAME_MAX, &text)) return false;
    copy(draft->name, text);
    return true;
}

static bool read_description(struct sn_trail *trail, const struct sn_json *value, struct sn_draft *draft) {
    const char *text;
    draft->described = sn_json_type(value) != SN_JSON_NULL;
    if (!draft->described) return true;
    if (!sn_read_text(trail, value, 0, SN_DESCRIPTION_MAX, &text)) return false;
    copy(draft->description, text);
    return true;
}

static bool read_cron(struct sn_trail *trail, const struct sn_json *value, struct sn_draft *draft) {
    const char *text;
    if (!sn_read_text(trail, value, 1, SN_CRON_TEXT_MAX, &text)) return false;
    copy(draft->cron, text);
    return true;
}

static bool read_zone(struct sn_trail *trail, const struct sn_json *value, struct sn_draft *draft) {
    const char *text;
    if (!sn_read_text(trail, value, 1, SN_ZONE_NAME_MAX, &text)) return false;
    if (!sn_zone_name_valid(text, strlen(text))) return sn_trail_refuse(trail, "schedule.timezone", SN_EXPECTED_ZONE);
    copy(draft->times.zone, text);
    return true;
}

static bool read_jitter(struct sn_trail *trail, const struct sn_json *value, struct sn_draft *draft) {
    uint64_t seconds;
    if (!sn_read_whole(trail, value, 0, SN_JITTER_S_MAX, &seconds)) return false;
    draft->times.timing.jitter_s = (uint32_t)seconds;
    return true;
}

static bool read_words(struct sn_trail *trail, const struct sn_json *value, struct sn_draft *draft, int field) {
    size_t index = 0;
    if (field == DIALECT) {
        if (!sn_read_word(trail, value, dialects, COUNT(dialects), &index)) return false;
        draft->dialect = (enum sn_cron_dialect)index;
    } else if (field == OVERLAP) {
        if (!sn_read_word(trail, value, overlaps, COUNT(overlaps), &index)) return false;
        draft->overlap = (enum sn_overlap)index;
    } else {
        if (!sn_read_word(trail, value, catch_ups, COUNT(catch_ups), &index)) return false;
        draft->times.timing.catch_up = (enum sn_catch_up)index;
    }
    return true;
}

static bool read_active(struct sn_trail *trail, const struct sn_json *value, struct sn_draft *draft) {
    if (sn_json_type(value) != SN_JSON_BOOL) return sn_trail_refuse(trail, "plan.type", "true or false");
    bool active = sn_json_bool(value);
    draft->retimed = draft->retimed || active != draft->active;
    draft->active = active;
    return true;
}

/* --- Objects that are kept as they are ------------------------------------------------------------------------- */

static void keep(struct sn_api *api, const struct sn_json *root, int field, struct sn_piece *piece) {
    const struct sn_json *value = sn_json_get(root, names[field]);
    *piece = (struct sn_piece){.given = true};
    if (sn_json_type(value) == SN_JSON_NULL) return;
    struct sn_span text = sn_json_slice((const char *)api->text, root, names[field]);
    piece->at = (uint32_t)(text.data - api->text);
    piece->len = (uint32_t)text.len;
}

/* What a schedule says of its runs takes the place of what its plan says; null: the plan's counts. */
static bool check_object(struct sn_trail *trail, const struct sn_json *value, int field) {
    if (sn_json_type(value) == SN_JSON_NULL) return true;
    return field == MAINTENANCE ? sn_maintenance_check(trail, value) : sn_alerts_check(trail, value);
}

static bool read_object(struct sn_api *api, struct sn_trail *trail, const struct sn_json *root, int field) {
    const struct sn_json *value = sn_json_get(root, names[field]);
    struct sn_draft *draft = &api->draft;
    if (field == PLAN) {
        if (sn_json_type(value) != SN_JSON_OBJECT)
            return sn_trail_refuse(trail, "plan.type", "a plan, which is an object");
        keep(api, root, field, &draft->plan);
        return true;
    }
    struct sn_piece *piece = field == MAINTENANCE ? &draft->maintenance : &draft->alerts;
    if (!check_object(trail, value, field)) return false;
    keep(api, root, field, piece);
    return piece->len <= SN_ALERTS_MAX || sn_trail_refuse(trail, "plan.range", "at most 2048 bytes");
}

/* --- The whole ------------------------------------------------------------------------------------------------- */

static bool read_field(struct sn_api *api, struct sn_trail *trail, const struct sn_json *root, int field) {
    const struct sn_json *value = sn_json_get(root, names[field]);
    struct sn_draft *draft = &api->draft;
    switch (field) {
    case PRESET: return read_preset(api, trail, value);
    case NAME: return read_name(trail, value, draft);
    case DESCRIPTION: return read_description(trail, value, draft);
    case CRON: return read_cron(trail, value, draft);
    case TIMEZONE: return read_zone(trail, value, draft);
    case JITTER: return read_jitter(trail, value, draft);
    case ACTIVE: return read_active(trail, value, draft);
    case DIALECT:
    case OVERLAP:
    case CATCH_UP: return read_words(trail, value, draft, field);
    default: return read_object(api, trail, root, field);
    }
}

/* Members in the order of the list: a preset first, which the others override. */
static bool read_fields(struct sn_api *api, struct sn_trail *trail, const struct sn_json *root) {
    static const bool times[LEN] = {[CRON] = true, [DIALECT] = true, [TIMEZONE] = true, [JITTER] = true};
    const struct sn_json *members[LEN];
    if (!sn_read_members(trail, root, names, LEN, members)) return false;
    if (members[PRESET] != NULL && api->draft.changes)
        return sn_trail_refuse_at(trail, names[PRESET], "plan.unknown-field",
                                  "a preset only where a schedule is created");
    for (int i = 0; i < LEN; i++) {
        if (members[i] == NULL) continue;
        size_t mark = sn_trail_name(trail, names[i]);
        if (!read_field(api, trail, root, i)) return false;
        sn_trail_back(trail, mark);
        api->draft.retimed = api->draft.retimed || times[i];
    }
    return true;
}

static bool require(struct sn_trail *trail, const char *name, bool given, const char *expected) {
    return given || sn_trail_refuse_at(trail, name, "plan.missing", expected);
}

bool sn_draft_parse_cron(struct sn_trail *trail, struct sn_draft *draft) {
    struct sn_cron_error error;
    enum sn_status status =
        sn_cron_read(&draft->times.timing.cron, draft->dialect, draft->cron, strlen(draft->cron), &error);
    if (status == SN_OK) return true;
    sn_trail_name(trail, "cron");
    struct sn_writer w = sn_trail_expected(trail, "schedule.cron");
    sn_put_text(&w, "in the field ");
    sn_put_text(&w, error.field);
    sn_put_text(&w, ", at character ");
    sn_put_dec(&w, error.position);
    sn_put_text(&w, ", ");
    sn_put_text(&w, error.expected);
    return false;
}

bool sn_draft_read(struct sn_api *api, struct sn_trail *trail, size_t len, bool preview) {
    struct sn_draft *draft = &api->draft;
    sn_arena_reset(&api->arena);
    const struct sn_json *root = sn_trail_parse(trail, &api->arena, (const char *)api->text, len);
    char listed[SN_LISTED_MAX];
    trail->outside = sn_body_outside(api, listed, sizeof listed);
    bool read = root != NULL && read_fields(api, trail, root);
    trail->outside = (struct sn_plan_outside){0};
    if (!read) return false;
    if (!require(trail, names[CRON], draft->cron[0] != '\0', "a cron expression such as \"0 4 * * *\"")) return false;
    if (!sn_draft_parse_cron(trail, draft)) return false;
    if (draft->dialect == SN_CRON_CLOUDFLARE && strcmp(draft->times.zone, "UTC") != 0)
        return sn_trail_refuse_at(trail, names[TIMEZONE], "schedule.timezone",
                                  "UTC, the only one in which cron triggers run");
    if (preview) return true;
    return require(trail, names[NAME], draft->name[0] != '\0', "what to call the schedule") &&
           require(trail, names[PLAN], draft->changes || draft->plan.given, "the plan of its runs, an object");
}

void sn_draft_begin(struct sn_api *api) {
    memset(&api->draft, 0, sizeof api->draft);
    copy(api->draft.times.zone, "UTC");
    api->draft.active = true;
    api->draft.retimed = true;
}

/* --- A row ----------------------------------------------------------------------------------------------------- */

/* The index of a row's word; 0, which is the default, for one that is not in the list. */
static uint32_t word_of(const struct sn_json *row, const char *column, const char *const *words, size_t len) {
    const char *text = sn_json_string(sn_json_get(row, column));
    for (uint32_t i = 0; text != NULL && i < len; i++) {
        if (strcmp(text, words[i]) == 0) return i;
    }
    return 0;
}

uint32_t sn_overlap_of(const struct sn_json *row) {
    return word_of(row, "overlap", overlaps, COUNT(overlaps));
}

uint32_t sn_catch_up_of(const struct sn_json *row) {
    return word_of(row, "catch_up", catch_ups, COUNT(catch_ups));
}

uint32_t sn_dialect_of(const struct sn_json *row) {
    return word_of(row, "dialect", dialects, COUNT(dialects));
}

bool sn_copy_column(char *out, size_t cap, const struct sn_json *row, const char *column) {
    const char *text = sn_json_string(sn_json_get(row, column));
    if (text == NULL || strlen(text) >= cap) return false;
    copy(out, text);
    return true;
}

bool sn_draft_from_row(struct sn_draft *draft, const struct sn_json *row) {
    draft->changes = true;
    draft->retimed = false;
    draft->described = sn_copy_column(draft->description, sizeof draft->description, row, "description");
    draft->dialect = (enum sn_cron_dialect)sn_dialect_of(row);
    draft->overlap = (enum sn_overlap)sn_overlap_of(row);
    draft->times.timing.catch_up = (enum sn_catch_up)sn_catch_up_of(row);
    draft->times.timing.jitter_s = (uint32_t)sn_json_number(sn_json_get(row, "jitter_seconds"));
    draft->active = sn_json_number(sn_json_get(row, "is_active")) > 0;
    draft->revision = sn_json_number(sn_json_get(row, "revision"));
    return sn_copy_column(draft->name, sizeof draft->name, row, "name") &&
           sn_copy_column(draft->cron, sizeof draft->cron, row, "cron_expression") &&
           sn_copy_column(draft->times.zone, sizeof draft->times.zone, row, "timezone");
}

/* --- What follows from the plan -------------------------------------------------------------------------------- */

/* A schedule says itself when its runs begin. */
static bool refuse_start(struct sn_trail *trail, const struct sn_json *plan) {
    static const char *const starts[] = {"startImmediately", "scheduledAt"};
    for (size_t i = 0; i < 2; i++) {
        if (sn_json_get(plan, starts[i]) == NULL) continue;
        sn_trail_name(trail, "plan");
        return sn_trail_refuse_at(trail, starts[i], "plan.unknown-field",
                                  "no word of when the run starts: that is the schedule's");
    }
    return true;
}

static void note_facts(struct sn_plan_facts *facts, const struct sn_plan *plan, bool named) {
    struct sn_writer h = sn_writer(facts->hash, sizeof facts->hash);
    struct sn_writer w = sn_writer(facts->systems, sizeof facts->systems);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_put_hex(&h, plan->hash, 16);
    sn_put_u8(&h, 0);
    sn_report_put_systems(&j, NULL, &plan->workload);
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full && !h.full);
    facts->name[0] = '\0';
    if (named) copy(facts->name, plan->name);
    copy(facts->preset, plan->preset);
    facts->profile_type = plan->profile_type;
    facts->concurrency = plan->concurrency;
    facts->planned = (double)plan->profile.planned;
    facts->seconds = sn_profile_seconds(&plan->profile);
}

/* "$.loadCurve" of the plan is "$.plan.loadCurve" of the schedule. */
static void move_path(struct sn_plan_error *error) {
    char path[sizeof error->path];
    struct sn_writer w = sn_writer(path, sizeof path - 1);
    const char *rest = error->path[0] == '$' ? error->path + 1 : "";
    size_t room;
    sn_put_text(&w, "$.plan");
    room = sizeof path - 1 - w.len;
    sn_put_bytes(&w, rest, strlen(rest) < room ? strlen(rest) : room);
    path[w.len] = '\0';
    copy(error->path, path);
}

bool sn_draft_compile(struct sn_api *api, const struct sn_principal *who, struct sn_trail *trail) {
    struct sn_draft *draft = &api->draft;
    const char *text = (const char *)api->text + draft->plan.at;
    struct sn_json_error fault;
    if (!draft->plan.given) return true;
    sn_arena_reset(&api->arena);
    const struct sn_json *root = sn_json_parse(&api->arena, text, draft->plan.len, &fault);
    if (root != NULL && !refuse_start(trail, root)) return false;
    bool named = root != NULL && sn_json_get(root, "name") != NULL;
    sn_arena_reset(&api->arena);
    trail->status = sn_body_compile(api, draft->id, who->tenant, draft->name, text, draft->plan.len, trail->error);
    if (trail->status != SN_OK) {
        move_path(trail->error);
        return false;
    }
    sn_arena_reset(&api->arena);
    struct sn_plan *plan = sn_arena_alloc(&api->arena, sizeof *plan);
    if (plan == NULL)
        return sn_trail_refuse_at(trail, "plan", "plan.size", "a plan that fits into the memory of one run");
    SN_ASSERT(sn_plan_open(plan, api->plan, api->plan_len) == SN_OK);
    note_facts(&draft->facts, plan, named);
    return true;
}
