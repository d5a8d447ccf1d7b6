#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"

static const char *title_of(uint32_t status) {
    switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: SN_ASSERT(false); return "";
    }
}

static void put_headers(struct sn_json_writer *j, const char *name, const struct sn_headers *headers) {
    sn_json_open(j, name, '{');
    if (headers->type != NULL) sn_json_put_text(j, "content-type", headers->type);
    sn_json_put_text(j, "cache-control", "no-store");
    sn_json_put_text(j, "x-content-type-options", "nosniff");
    if (headers->location != NULL) sn_json_put_text(j, "location", headers->location);
    if (headers->allow != NULL) sn_json_put_text(j, "allow", headers->allow);
    if (headers->challenge != NULL) sn_json_put_text(j, "www-authenticate", headers->challenge);
    if (headers->replayed) sn_json_put_text(j, "idempotent-replayed", "true");
    if (headers->retry_after_s != 0) {
        char text[12];
        struct sn_writer seconds = sn_writer(text, sizeof text);
        sn_put_dec(&seconds, headers->retry_after_s);
        sn_put_u8(&seconds, 0);
        sn_json_put_text(j, "retry-after", text);
    }
    sn_json_close(j, '}');
}

size_t sn_answer_begin(struct sn_api *api, uint32_t status, const struct sn_headers *headers) {
    char text[512];
    struct sn_writer w = sn_writer(text, sizeof text);
    struct sn_json_writer j = sn_json_writer(&w);
    put_headers(&j, NULL, headers);
    SN_ASSERT(!w.full);
    size_t mark = sn_record_begin(api->effects, &(struct sn_record){.kind = SN_EFFECT_RESPOND, .arg0 = status});
    sn_put_span(api->effects, text, w.len);
    return mark;
}

/* Whether the answer fitted; the request is over either way.  When it did not, the outbox is as it was before. */
static bool finish(struct sn_api *api, size_t mark) {
    bool fitted = sn_record_end(api->effects, mark);
    if (!fitted) api->effects->full = false;
    api->route = NULL;
    api->waiting_id = 0;
    return fitted;
}

static const struct sn_problem too_long = {
    .kind = SN_PROBLEM_INTERNAL_ANSWER_SIZE,
    .detail = "The answer is longer than Sentinel can send. That is our fault, not yours; a shorter format may do.",
};

void sn_answer_end(struct sn_api *api, size_t mark) {
    if (!finish(api, mark)) sn_answer_too_long(api);
}

void sn_answer_too_long(struct sn_api *api) {
    sn_answer_problem(api, &too_long);
}

static struct sn_headers headers_of(const struct sn_problem *problem) {
    return (struct sn_headers){
        .type = "application/problem+json",
        .allow = problem->allow,
        .challenge = problem->challenge,
        .retry_after_s = problem->retry_after_s,
    };
}

static void put_problem(struct sn_writer *w, const struct sn_problem *problem) {
    uint32_t status = sn_problem_status(problem->kind);
    struct sn_json_writer j = sn_json_writer(w);
    sn_json_open(&j, NULL, '{');
    /* "about:blank" (RFC 9457, 4.2.1): the status says the kind, `code` says which. */
    sn_json_put_text(&j, "type", "about:blank");
    sn_json_put_text(&j, "title", title_of(status));
    sn_json_put_uint(&j, "status", status);
    sn_json_put_text(&j, "code", sn_problem_code(problem->kind));
    sn_json_put_text(&j, "detail", problem->detail);
    if (problem->path != NULL) sn_json_put_text(&j, "path", problem->path);
    if (problem->expected != NULL) sn_json_put_text(&j, "expected", problem->expected);
    if (problem->active_run != NULL) sn_json_put_text(&j, "activeRunId", problem->active_run);
    if (problem->run_status != NULL) sn_json_put_text(&j, "runStatus", problem->run_status);
    sn_json_close(&j, '}');
}

void sn_answer_rows(struct sn_api *api, const struct sn_reply *reply, const char *name, sn_row_writer *put) {
    const struct sn_json *rows = sn_reply_rows(api, reply, 0);
    if (rows == NULL) {
        sn_answer_database_failed(api, reply);
        return;
    }
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "application/json"});
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    sn_json_open(&j, name, '[');
    for (const struct sn_json *row = sn_json_first(rows); row != NULL; row = sn_json_next(row)) put(api, &j, NULL, row);
    sn_json_close(&j, ']');
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}

void sn_answer_problem(struct sn_api *api, const struct sn_problem *problem) {
    struct sn_headers headers = headers_of(problem);
    size_t mark = sn_answer_begin(api, sn_problem_status(problem->kind), &headers);
    put_problem(api->effects, problem);
    SN_ASSERT(finish(api, mark)); /* an outbox without room for a paragraph is our mistake */
}

void sn_api_put_unanswered(struct sn_writer *w) {
    static const struct sn_problem unanswered = {
        .kind = SN_PROBLEM_INTERNAL_UNANSWERED,
        .detail = "The request was not answered. The Worker's log says why; asking again may work.",
    };
    char body[512];
    struct sn_writer text = sn_writer(body, sizeof body);
    struct sn_headers headers = headers_of(&unanswered);
    put_problem(&text, &unanswered);
    SN_ASSERT(!text.full);
    struct sn_json_writer j = sn_json_writer(w);
    sn_json_open(&j, NULL, '{');
    sn_json_put_uint(&j, "status", sn_problem_status(unanswered.kind));
    put_headers(&j, "headers", &headers);
    sn_json_put_span(&j, "body", body, text.len);
    sn_json_close(&j, '}');
}

static const struct sn_problem unreadable_state = {
    .kind = SN_PROBLEM_RUN_UNREADABLE,
    .detail =
        "The run answered with something that Sentinel cannot read. After a deployment this may pass in a moment.",
    .retry_after_s = SN_RETRY_AFTER_S,
};

/* The object knows neither what its run is scheduled for, nor what it was compared with, nor the status page: those are
 * rows', and stand behind what it says. */
static void put_state(struct sn_api *api, struct sn_span state, bool members) {
    while (state.data[state.len - 1] != '}') state.len--;
    sn_put_bytes(api->effects, state.data, state.len - 1);
    struct sn_json_writer j = sn_json_writer(api->effects);
    j.comma = members;
    sn_json_put_time(&j, "scheduledAt", api->scheduled_us);
    sn_comparison_put(api, &j);
    sn_maintenance_put(api, &j);
    sn_put_text(api->effects, "}");
}

void sn_answer_run(struct sn_api *api, uint32_t status, const char *location, struct sn_span state) {
    struct sn_json_error error;
    const struct sn_json *json = sn_json_parse(&api->arena, (const char *)state.data, state.len, &error);
    if (sn_json_type(json) != SN_JSON_OBJECT) {
        sn_answer_problem(api, &unreadable_state);
        return;
    }
    struct sn_headers headers = {.type = "application/json", .location = location, .replayed = api->replayed};
    size_t mark = sn_answer_begin(api, status, &headers);
    sn_put_text(api->effects, "{\"run\":");
    put_state(api, state, sn_json_first(json) != NULL);
    sn_put_text(api->effects, "}");
    sn_answer_end(api, mark);
}

void sn_hold(struct sn_api *api, struct sn_span state) {
    api->held_len = state.len <= sizeof api->held ? state.len : 0;
    if (api->held_len > 0) memcpy(api->held, state.data, state.len);
}

static const struct sn_problem database_unreachable = {
    .kind = SN_PROBLEM_DATABASE_UNREACHABLE,
    .detail = "The control database did not answer. Please try again in a moment.",
    .retry_after_s = SN_RETRY_AFTER_S,
};

static const struct sn_problem database_empty = {
    .kind = SN_PROBLEM_DATABASE_NOT_MIGRATED,
    .detail = "The control database has no tables yet, or older ones; GET /api/sentinel/health says which migration is "
              "missing. 'wrangler d1 migrations apply DB' (with --local or --remote) brings it up to date.",
};

void sn_answer_database_failed(struct sn_api *api, const struct sn_reply *reply) {
    sn_log(api, "database", api->run_id, sn_reply_words(reply));
    sn_answer_problem(api, sn_reply_not_migrated(reply) ? &database_empty : &database_unreachable);
}

static const struct sn_problem object_unreachable = {
    .kind = SN_PROBLEM_RUN_UNREACHABLE,
    .detail = "The run did not answer. It may still have heard the request: look at its state before asking again.",
    .retry_after_s = SN_RETRY_AFTER_S,
};

void sn_answer_object_failed(struct sn_api *api, const struct sn_reply *reply) {
    sn_log(api, "run", api->run_id, reply->body);
    sn_answer_problem(api, reply->status == SN_OK ? &object_unreachable : &unreadable_state);
}

static const struct sn_problem unknown_run = {
    .kind = SN_PROBLEM_RUN_UNKNOWN,
    .detail = "There is no run with this id. GET /api/sentinel lists the runs that there are.",
};

void sn_answer_unknown_run(struct sn_api *api) {
    sn_answer_problem(api, &unknown_run);
}

static const struct sn_problem being_set_up = {
    .kind = SN_PROBLEM_RUN_NOT_READY,
    .detail = "The run is still being set up. Please try again in a moment.",
    .retry_after_s = SN_RETRY_AFTER_S,
};

void sn_answer_not_ready(struct sn_api *api) {
    sn_answer_problem(api, &being_set_up);
}

bool sn_answer_unless_own(struct sn_api *api, const struct sn_reply *reply) {
    char id[64];
    const struct sn_json *rows = sn_reply_rows(api, reply, 0);
    const char *active = sn_json_string(sn_json_get(sn_json_first(rows), "id"));
    if (active == NULL) {
        sn_answer_database_failed(api, reply);
        return false;
    }
    if (strcmp(active, api->run_id) == 0) return true;
    sn_copy_plain(id, sizeof id, active, strlen(active));
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = SN_PROBLEM_RUN_ACTIVE,
                               .detail = "Another run is active, and two at once would measure each other. "
                                         "Wait for it, or cancel it.",
                               .active_run = id,
                               .retry_after_s = SN_BUSY_RETRY_S,
                           });
    return false;
}

void sn_answer_upgrade(struct sn_api *api) {
    size_t mark =
        sn_record_begin(api->effects, &(struct sn_record){.kind = SN_EFFECT_UPGRADE, .target = SN_BINDING_RUNS});
    sn_put_text(api->effects, api->run_id);
    sn_answer_end(api, mark);
}

/* A log line that does not fit is not worth an answer. */
void sn_log(struct sn_api *api, const char *what, const char *run_id, struct sn_span text) {
    char plain[256];
    sn_copy_plain(plain, sizeof plain, text.data, text.len);
    size_t mark = sn_record_begin(api->effects, &(struct sn_record){.kind = SN_EFFECT_LOG});
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    sn_json_put_text(&j, "level", "error");
    sn_json_put_text(&j, "from", "api");
    sn_json_put_text(&j, "what", what);
    sn_json_put_text(&j, "run", run_id[0] != '\0' ? run_id : NULL);
    sn_json_put_text(&j, "text", plain);
    sn_json_close(&j, '}');
    if (!sn_record_end(api->effects, mark)) api->effects->full = false;
}
