#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"

_Static_assert(sizeof(struct sn_api) + 512 * 1024 <= SN_API_MEMORY, "half a megabyte is left to read JSON in");

struct sn_api *sn_api_init(void *memory) {
    SN_ASSERT((uintptr_t)memory % 16 == 0);
    struct sn_api *api = memory;
    memset(api, 0, sizeof *api);
    sn_arena_init(&api->arena, (uint8_t *)memory + sizeof *api, SN_API_MEMORY - sizeof *api);
    return api;
}

int64_t sn_api_deadline_us(const struct sn_api *api) {
    (void)api;
    return INT64_MAX;
}

static bool read_http(const struct sn_record *record, struct sn_span payload, struct sn_http *http) {
    http->incomplete = (record->arg0 & SN_REQUEST_INCOMPLETE) != 0;
    http->keyed = (record->arg0 & SN_REQUEST_KEYED) != 0;
    http->websocket = (record->arg0 & SN_REQUEST_WEBSOCKET) != 0;
    struct sn_reader r = sn_reader(payload.data, payload.len);
    http->method = sn_get_span(&r);
    struct sn_span target = sn_get_span(&r);
    http->authorization = sn_get_span(&r);
    http->token = sn_get_span(&r);
    http->content_type = sn_get_span(&r);
    http->body = sn_get_span(&r);
    http->random = sn_get_span(&r);
    http->key = sn_get_span(&r);
    http->settings = sn_settings_get(&r);
    if (r.bad) return false;
    const uint8_t *mark = target.len > 0 ? memchr(target.data, '?', target.len) : NULL;
    size_t path_len = mark != NULL ? (size_t)(mark - target.data) : target.len;
    size_t query_at = mark != NULL ? path_len + 1 : path_len;
    http->path = (struct sn_span){target.data, path_len};
    http->query = (struct sn_span){target.data + query_at, target.len - query_at};
    return true;
}

static const struct sn_problem malformed = {
    .kind = SN_PROBLEM_INTERNAL_REQUEST,
    .detail = "The request reached Sentinel's core in pieces. That is our fault, not yours.",
};

static const struct sn_problem unknown_path = {
    .kind = SN_PROBLEM_ROUTE_UNKNOWN,
    .detail = "There is nothing at this address. The API begins at /api/sentinel.",
};

static const struct sn_problem not_allowed = {
    .kind = SN_PROBLEM_AUTH_ROLE,
    .detail = "Your token may look at runs, but not do this.",
};

static const struct sn_problem too_long = {
    .kind = SN_PROBLEM_BODY_SIZE,
    .detail = "The body is longer than a plan may be.",
    .path = "$",
    .expected = "at most 65536 bytes",
};

static const struct sn_problem incomplete = {
    .kind = SN_PROBLEM_BODY_INCOMPLETE,
    .detail = "The body broke off before its end. Please send it again.",
};

static const struct sn_problem wrong_type = {
    .kind = SN_PROBLEM_BODY_CONTENT_TYPE,
    .detail = "Bodies are JSON here. Please send 'Content-Type: application/json', or none.",
    .expected = "application/json",
};

static void refuse_method(struct sn_api *api, const char *allow) {
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = SN_PROBLEM_ROUTE_METHOD,
                               .detail = "This address knows other methods; the Allow header lists them.",
                               .expected = allow,
                               .allow = allow,
                           });
}

/* What is checked before any handler runs, in the order in which it is told.  Whoever is not let in learns nothing but
 * that, not even which addresses there are; health alone is open. */
static const struct sn_route *admit(struct sn_api *api, const struct sn_http *http) {
    char allow[32];
    const struct sn_route *route = sn_route_find(api, http, allow, sizeof allow);
    bool open = route != NULL && route->access == SN_ACCESS_NONE;
    api->who = (struct sn_principal){.tenant = SN_TENANT_DEFAULT, .access = SN_ACCESS_NONE};
    if (!open && !sn_access_check(api, http, &api->who)) return NULL;
    if (route == NULL && allow[0] != '\0') {
        refuse_method(api, allow);
        return NULL;
    }
    const struct sn_problem *problem = NULL;
    bool has_body = sn_span_is(http->method, "POST") || sn_span_is(http->method, "PATCH");
    if (route == NULL) {
        problem = &unknown_path;
    } else if (api->who.access < route->access) {
        problem = &not_allowed;
    } else if (has_body && !sn_content_type_is_json(http->content_type)) {
        problem = &wrong_type;
    } else if (has_body && http->body.len > SN_PLAN_TEXT_MAX) {
        problem = &too_long;
    } else if (has_body && http->incomplete) {
        problem = &incomplete;
    }
    if (problem != NULL) {
        sn_answer_problem(api, problem);
        return NULL;
    }
    return sn_query_check(api, route, http->query) ? route : NULL;
}

/* A request takes the place of one that was never finished: its answers, should they still come, find nobody. */
static void request(struct sn_api *api, const struct sn_record *record, struct sn_span payload) {
    struct sn_http http;
    api->route = NULL;
    api->waiting_id = 0;
    api->run_id[0] = '\0';
    api->scheduled_us = 0;
    api->maintenance[0] = '\0';
    api->replayed = false;
    api->comparison[0] = '\0';
    sn_arena_reset(&api->arena);
    if (!read_http(record, payload, &http)) {
        sn_answer_problem(api, &malformed);
        return;
    }
    sn_settings_note(api, &http.settings);
    const struct sn_route *route = admit(api, &http);
    if (route == NULL) return;
    bool names_run = strstr(route->pattern, ":id") != NULL;
    if (names_run && api->run_id[0] == '\0') {
        sn_answer_unknown_run(api);
        return;
    }
    api->route = route;
    route->handler(api, &api->who, &http);
}

/* Without its settings a tick would compile by others than were meant. */
static void tick(struct sn_api *api, struct sn_span payload) {
    struct sn_reader r = sn_reader(payload.data, payload.len);
    struct sn_settings settings = sn_settings_get(&r);
    if (r.bad) api->strays++;
    sn_settings_note(api, &settings);
    sn_tick_begin(api);
}

/* A host failure has no status of ours; an object's refusal has, however the shim hands it on. */
static struct sn_reply reply_from(const struct sn_record *record, struct sn_span payload) {
    bool done = record->kind == SN_EVENT_DONE && record->status == SN_OK;
    return (struct sn_reply){
        .done = done, .status = (enum sn_status)record->status, .body = payload, .number = record->arg0};
}

static void answer(struct sn_api *api, const struct sn_record *record, struct sn_span payload) {
    struct sn_reply reply = reply_from(record, payload);
    sn_arena_reset(&api->arena);
    if (api->route != NULL && record->id != 0 && record->id == api->waiting_id) {
        api->waiting_id = 0;
        api->route->then(api, &api->who, &reply);
    } else if (!sn_tick_take(api, record->id, &reply)) {
        api->strays++;
    }
}

void sn_api_step(struct sn_api *api, int64_t now_us, struct sn_reader *events, struct sn_writer *effects) {
    struct sn_record record;
    struct sn_span payload;
    api->now_us = now_us;
    api->effects = effects;
    while (sn_record_next(events, &record, &payload)) {
        switch (record.kind) {
        case SN_EVENT_REQUEST: request(api, &record, payload); break;
        case SN_EVENT_TICK: tick(api, payload); break;
        case SN_EVENT_DONE:
        case SN_EVENT_FAILED: answer(api, &record, payload); break;
        default: api->strays++;
        }
    }
    if (events->bad) api->strays++;
    api->effects = NULL;
}
