/* What can be asked about one run, and about Sentinel itself.  Every question about a run first reads its row, which
 * says whose it is: a run of another tenant is as unknown as one that never was. */
#include "service.h"

#include <string.h>

#include "sentinel/report/comparison.h"

enum { ROW_READ = 1, COMPARING, OBJECT_READ };

/* --- GET /api/sentinel/:id ------------------------------------------------------------------------------ */

void sn_read(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    (void)http;
    sn_wait(api, ROW_READ, sn_ask_run(api, who));
}

/* What the database knows, under the names that the run itself uses. */
void sn_hold_row(struct sn_api *api, const struct sn_json *row) {
    static const struct {
        const char *name, *column;
    } texts[] = {{"id", "id"},
                 {"name", "name"},
                 {"status", "status"},
                 {"reason", "notes"},
                 {"endedBy", "ended_by"},
                 {"verdict", "verdict"},
                 {"validity", "validity"},
                 {"preset", "preset"},
                 {"profileType", "profile_type"},
                 {"planHash", "plan_hash"}};
    struct sn_writer w = sn_writer(api->held, sizeof api->held);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_open(&j, NULL, '{');
    sn_json_open(&j, "run", '{');
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        sn_json_put_text(&j, texts[i].name, sn_json_string(sn_json_get(row, texts[i].column)));
    }
    sn_json_put_number(&j, "concurrency", sn_json_number(sn_json_get(row, "concurrency")));
    sn_json_put_number(&j, "durationS", sn_json_number(sn_json_get(row, "duration_seconds")));
    sn_json_put_time(&j, "createdAt", sn_row_us(row, "created_at"));
    sn_json_put_time(&j, "scheduledAt", sn_row_us(row, "scheduled_at"));
    sn_json_put_time(&j, "startedAt", sn_row_us(row, "started_at"));
    sn_json_put_time(&j, "endedAt", sn_row_us(row, "completed_at"));
    sn_json_put_number(&j, "planned", sn_json_number(sn_json_get(row, "target_operations")));
    sn_json_open(&j, "counts", '{');
    sn_json_put_number(&j, "completed", sn_json_number(sn_json_get(row, "successful_operations")));
    sn_json_put_number(&j, "failed", sn_json_number(sn_json_get(row, "failed_operations")));
    sn_json_close(&j, '}');
    api->held_len = w.full ? 0 : w.len;
}

/* What was held is open still: what has been found out since is put behind it. */
static void put_rest(struct sn_api *api) {
    struct sn_json_writer j = sn_json_writer(api->effects);
    j.comma = true;
    sn_comparison_put(api, &j);
    sn_json_close(&j, '}');
    sn_json_put_bool(&j, "stale", true);
    sn_json_close(&j, '}');
}

void sn_answer_held_row(struct sn_api *api, uint32_t status, const char *location, const struct sn_reply *reply) {
    if (api->held_len == 0) {
        sn_answer_object_failed(api, reply);
        return;
    }
    sn_log(api, "run", api->run_id, reply->body);
    struct sn_headers headers = {.type = "application/json", .location = location, .replayed = api->replayed};
    size_t mark = sn_answer_begin(api, status, &headers);
    sn_put_bytes(api->effects, api->held, api->held_len);
    put_rest(api);
    sn_answer_end(api, mark);
}

/* Of a run that ended the comparison comes first.  True while something is asked for it. */
static bool compare_first(struct sn_api *api, const struct sn_principal *who, const struct sn_json *row) {
    uint32_t id = sn_comparing_note(api, who, row) ? sn_comparing_ask(api) : 0;
    if (id != 0) sn_wait(api, COMPARING, id);
    return id != 0;
}

static bool compare_on(struct sn_api *api, const struct sn_reply *reply) {
    uint32_t id = sn_comparing_take(api, reply);
    if (id != 0) sn_wait(api, COMPARING, id);
    return id != 0;
}

static void ask_state(struct sn_api *api) {
    sn_wait(api, OBJECT_READ, sn_ask_object(api, api->run_id, SN_MESSAGE_READ));
}

void sn_read_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    if (api->stage == ROW_READ) {
        const struct sn_json *row = sn_reply_run(api, reply);
        if (row == NULL) return;
        sn_hold_row(api, row);
        if (!compare_first(api, who, row)) ask_state(api);
        return;
    }
    if (api->stage == COMPARING) {
        if (!compare_on(api, reply)) ask_state(api);
        return;
    }
    if (reply->done)
        sn_answer_run(api, 200, NULL, reply->body);
    else
        sn_answer_held_row(api, 200, NULL, reply);
}

/* --- GET /api/sentinel/:id/report ----------------------------------------------------------------------- */

const struct sn_report_type sn_report_types[] = {
    {"json", "application/json", SN_REPORT_JSON},
    {"text", "text/plain; charset=utf-8", SN_REPORT_TEXT},
};
const size_t sn_report_types_len = sizeof sn_report_types / sizeof sn_report_types[0];

void sn_report(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_span name;
    uint32_t index = 0;
    if (sn_query_get(http->query, "format", &name)) {
        while (index < sn_report_types_len && !sn_span_is(name, sn_report_types[index].name)) index++;
    }
    if (index == sn_report_types_len) {
        sn_answer_problem(api, &(struct sn_problem){
                                   .kind = SN_PROBLEM_QUERY_RANGE,
                                   .detail = "Reports are not written in this format.",
                                   .path = "?format",
                                   .expected = "json or text",
                               });
        return;
    }
    api->format = index;
    sn_wait(api, ROW_READ, sn_ask_run(api, who));
}

static const struct sn_problem no_report_yet = {
    .kind = SN_PROBLEM_REPORT_EARLY,
    .detail = "This run was not started yet, so there is nothing to report.",
};

static const struct sn_problem no_report = {
    .kind = SN_PROBLEM_REPORT_MISSING,
    .detail = "This run was never set up completely, so there is no report of it.",
};

static const struct sn_problem report_lost = {
    .kind = SN_PROBLEM_REPORT_MISSING,
    .detail = "What this run has measured is gone, or was stored by another version of Sentinel and cannot be read, so "
              "there is no report of it.",
};

static void ask_report(struct sn_api *api) {
    size_t mark = sn_ask_object_begin(api, api->run_id, SN_MESSAGE_REPORT);
    sn_put_u32(api->effects, (uint32_t)sn_report_types[api->format].format);
    sn_wait(api, OBJECT_READ, sn_ask_end(api, mark));
}

/* The run knows neither what it was compared with nor the status page: those are rows', and stand behind what it says. */
static void put_report(struct sn_api *api, struct sn_span report) {
    enum sn_report_format format = sn_report_types[api->format].format;
    struct sn_json_error error;
    size_t len = report.len;
    if (format == SN_REPORT_TEXT) {
        sn_put_bytes(api->effects, report.data, len);
        sn_report_put_comparison_text(api->effects,
                                      sn_json_parse(&api->arena, api->comparison, strlen(api->comparison), &error));
        if (api->maintenance[0] != '\0') sn_maintenance_put_line(api, api->effects);
        return;
    }
    while (len > 0 && report.data[len - 1] != '}') len--;
    if (format != SN_REPORT_JSON || len == 0) {
        sn_put_bytes(api->effects, report.data, report.len);
        return;
    }
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_put_bytes(api->effects, report.data, len - 1);
    j.comma = len > 2;
    sn_comparison_put(api, &j);
    sn_maintenance_put(api, &j);
    sn_put_bytes(api->effects, report.data + len - 1, report.len - len + 1);
}

static void report_read(struct sn_api *api, const struct sn_reply *reply) {
    if (!reply->done) {
        switch (reply->status) {
        case SN_E_STATE: sn_answer_problem(api, &no_report_yet); break;
        case SN_E_MISSING: sn_answer_problem(api, sn_was_known(api) ? &report_lost : &no_report); break;
        case SN_E_LIMIT: sn_answer_too_long(api); break;
        default: sn_answer_object_failed(api, reply);
        }
        return;
    }
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = sn_report_types[api->format].type});
    put_report(api, reply->body);
    sn_answer_end(api, mark);
}

void sn_report_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    if (api->stage == ROW_READ) {
        const struct sn_json *row = sn_reply_run(api, reply);
        if (row != NULL && !compare_first(api, who, row)) ask_report(api);
    } else if (api->stage == COMPARING) {
        if (!compare_on(api, reply)) ask_report(api);
    } else {
        report_read(api, reply);
    }
}

/* --- GET /api/sentinel/:id/live ------------------------------------------------------------------------- */

/* The header Upgrade that belongs to a 426 (RFC 9110, 15.5.22) would not come through: workerd takes off what concerns a
 * connection. */
static const struct sn_problem no_websocket = {
    .kind = SN_PROBLEM_LIVE_UPGRADE,
    .detail = "This address speaks WebSocket. Please ask with 'Upgrade: websocket'.",
    .expected = "Upgrade: websocket",
};

/* The object reads the query once more (run_live.c). */
void sn_live(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_span since;
    uint32_t second;
    if (sn_query_get(http->query, "since", &since) && !sn_query_uint(since, SN_SINCE_DIGITS_MAX, &second)) {
        sn_answer_problem(api, &(struct sn_problem){
                                   .kind = SN_PROBLEM_QUERY_RANGE,
                                   .detail = "This is no second of a run.",
                                   .path = "?since",
                                   .expected = "a whole number from 0 to 99999",
                               });
        return;
    }
    api->websocket = http->websocket;
    sn_wait(api, ROW_READ, sn_ask_run(api, who));
}

void sn_live_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    (void)who;
    if (sn_reply_run(api, reply) == NULL) return;
    if (api->websocket)
        sn_answer_upgrade(api);
    else
        sn_answer_problem(api, &no_websocket);
}

/* --- GET /api/sentinel/health --------------------------------------------------------------------------- */

/* Open to everybody, so it says nothing about anybody's runs.  A database that is older than this Worker is not healthy. */
void sn_health(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    (void)who;
    api->token_configured = http->token.len > 0;
    struct sn_args args;
    sn_wait(api, ROW_READ, sn_ask_end(api, sn_ask_sql_begin(api, SN_SQL_HEALTH, &args)));
}

void sn_health_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    (void)who;
    const char *missing = sn_reply_missing(api, reply, 0);
    if (missing == NULL) {
        sn_answer_database_failed(api, reply);
        return;
    }
    if (missing[0] != '\0') {
        sn_answer_problem(api, &(struct sn_problem){.kind = SN_PROBLEM_DATABASE_NOT_MIGRATED,
                                                    .detail = "The control database is older than this Worker. "
                                                              "'wrangler d1 migrations apply DB' (with --local or "
                                                              "--remote) brings it up to date.",
                                                    .path = "migrations",
                                                    .expected = missing});
        return;
    }
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "application/json"});
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    sn_json_put_text(&j, "status", "ok");
    sn_json_put_text(&j, "database", "ok");
    sn_json_put_text(&j, "token", api->token_configured ? "configured" : "missing");
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}
