/* GET /api/sentinel/openapi.json: the API described for programs, as OpenAPI 3.1.  Routes, roles, problems, actions and a
 * plan's fields come from the tables that requests are answered with, so nothing is described that is not there. */
#include "service.h"

#include <string.h>

#include "sentinel/base/action.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/version.h"
#include "sentinel/plan/catalog.h"

static const struct {
    uint32_t status;
    const char *type, *schema;
} gives[] = {
#define SN_X(name, status, type, schema) {status, type, schema},
    SN_GIVES_LIST(SN_X)
#undef SN_X
};

/* An object whose members are written down. */
static void put_object(struct sn_json_writer *j, const char *name, const char *members) {
    sn_json_open(j, name, '{');
    sn_put_text(j->w, members);
    sn_json_close(j, '}');
}

/* --- Parameters ----------------------------------------------------------------------------------------- */

/* What may stand behind a name in a query. */
static const struct {
    const char *name, *schema;
} queries[] = {
    {"limit", "\"type\":\"integer\",\"minimum\":1,\"maximum\":100,\"default\":20"},
    {"status", "\"$ref\":\"#/components/schemas/Status\""},
    {"planHash", "\"type\":\"string\",\"pattern\":\"^[0-9a-f]{16}$\""},
    {"cursor", "\"type\":\"string\",\"pattern\":\"^[0-9a-f]{42}$\""},
    {"format", "\"$ref\":\"#/components/schemas/Format\""},
    {"seed", "\"type\":\"string\",\"pattern\":\"^[0-9]{1,20}$\",\"default\":\"1\""},
    {"operation", "\"type\":\"string\""},
    {"count", "\"type\":\"integer\",\"minimum\":0,\"maximum\":100,\"default\":5"},
    {"state", "\"enum\":[\"waiting\",\"dead\"]"},
    {"since", "\"type\":\"integer\",\"minimum\":0,\"maximum\":99999,\"default\":0"},
};

static const char *query_schema(const char *name, size_t len) {
    struct sn_span wanted = {(const uint8_t *)name, len};
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        if (sn_span_is(wanted, queries[i].name)) return queries[i].schema;
    }
    SN_ASSERT(false); /* a route with a query that nobody has described */
    return "";
}

static void put_parameter(struct sn_json_writer *j, const char *in, const char *name, size_t len, const char *schema) {
    sn_json_open(j, NULL, '{');
    sn_json_put_span(j, "name", name, len);
    sn_json_put_text(j, "in", in);
    if (strcmp(in, "path") == 0) sn_json_put_bool(j, "required", true);
    put_object(j, "schema", schema);
    sn_json_close(j, '}');
}

static void put_parameters(struct sn_json_writer *j, const struct sn_route *route) {
    static const char key[] = "idempotency-key";
    sn_json_open(j, "parameters", '[');
    const char *colon = strchr(route->pattern, ':');
    if (colon != NULL) {
        bool uuid = strncmp(colon, ":name", 5) != 0;
        put_parameter(j, "path", colon + 1, strcspn(colon + 1, "/"),
                      uuid ? "\"type\":\"string\",\"format\":\"uuid\"" : "\"type\":\"string\"");
    }
    for (const char *name = route->query; *name != '\0';) {
        size_t len = strcspn(name, " ");
        put_parameter(j, "query", name, len, query_schema(name, len));
        name += len + strspn(name + len, " ");
    }
    if (route->keyed) {
        put_parameter(j, "header", key, strlen(key), "\"type\":\"string\",\"pattern\":\"^[ -~]{1,255}$\"");
    }
    sn_json_close(j, ']');
}

/* --- Routes --------------------------------------------------------------------------------------------- */

static void put_type(struct sn_json_writer *j, const char *type, const char *schema) {
    sn_json_open(j, type, '{');
    put_object(j, "schema", schema);
    sn_json_close(j, '}');
}

static void put_content(struct sn_json_writer *j, const char *type, const char *schema) {
    sn_json_open(j, "content", '{');
    put_type(j, type, schema);
    sn_json_close(j, '}');
}

/* Reports come in several types; the first is the one that its schema is about. */
static void put_report_content(struct sn_json_writer *j, const char *schema) {
    sn_json_open(j, "content", '{');
    for (size_t i = 0; i < sn_report_types_len; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++) seen = seen || strcmp(sn_report_types[k].type, sn_report_types[i].type) == 0;
        if (!seen) put_type(j, sn_report_types[i].type, i == 0 ? schema : "\"type\":\"string\"");
    }
    sn_json_close(j, '}');
}

#define BASELINE_NAMES                                                                                   \
    "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"name\":{\"type\":\"string\"}," \
    "\"description\":{\"type\":\"string\"}"

static void put_body(struct sn_json_writer *j, enum sn_takes takes) {
    static const char *const schemas[] = {
        [SN_TAKES_PLAN] = "\"$ref\":\"#/components/schemas/Plan\"",
        [SN_TAKES_WORKLOAD] = "\"type\":\"object\",\"required\":[\"operations\"]",
        [SN_TAKES_SCHEDULE] = "\"$ref\":\"#/components/schemas/ScheduleBody\"",
        [SN_TAKES_SCHEDULE_CHANGE] = "\"$ref\":\"#/components/schemas/ScheduleBody\"",
        [SN_TAKES_TIMES] = "\"allOf\":[{\"$ref\":\"#/components/schemas/ScheduleBody\"}],\"required\":[\"cron\"]",
        [SN_TAKES_ACTION] = "\"$ref\":\"#/components/schemas/Action\"",
        [SN_TAKES_BASELINE] = BASELINE_NAMES
        ",\"active\":{\"type\":\"boolean\",\"default\":true},"
        "\"runs\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":10,\"uniqueItems\":true,\"items\":{"
        "\"type\":\"string\",\"format\":\"uuid\"}}},\"required\":[\"name\",\"runs\"]",
        [SN_TAKES_BASELINE_CHANGE] =
            BASELINE_NAMES ",\"active\":{\"type\":\"boolean\"},\"floors\":{\"type\":[\"object\",\"null\"]}}",
        [SN_TAKES_RESEND] =
            "\"type\":\"object\",\"required\":[\"action\"],\"properties\":{\"action\":{\"const\":\"resend\"}}",
        [SN_TAKES_STOP] =
            "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"reason\":{\"type\":\"string\"},"
            "\"schedules\":{\"enum\":[\"pause\",\"keep\"],\"default\":\"pause\"}}",
    };
    if (takes == SN_TAKES_NOTHING) return;
    sn_json_open(j, "requestBody", '{');
    sn_json_put_bool(j, "required", takes != SN_TAKES_STOP);
    put_content(j, "application/json", schemas[takes]);
    sn_json_close(j, '}');
}

static void put_answers(struct sn_json_writer *j, const struct sn_route *route) {
    char status[12];
    struct sn_writer w = sn_writer(status, sizeof status);
    sn_put_dec(&w, gives[route->gives].status);
    sn_put_u8(&w, 0);
    sn_json_open(j, "responses", '{');
    sn_json_open(j, status, '{');
    sn_json_put_text(j, "description", route->summary);
    if (route->gives == SN_GIVES_REPORT)
        put_report_content(j, gives[route->gives].schema);
    else if (gives[route->gives].type != NULL)
        put_content(j, gives[route->gives].type, gives[route->gives].schema);
    sn_json_close(j, '}');
    put_object(j, "default", "\"$ref\":\"#/components/responses/Problem\"");
    sn_json_close(j, '}');
}

static void put_route(struct sn_json_writer *j, const struct sn_route *route) {
    char method[8];
    size_t len = strlen(route->method);
    SN_ASSERT(len < sizeof method);
    for (size_t i = 0; i <= len; i++) method[i] = (char)(route->method[i] | (i < len ? 0x20 : 0));
    sn_json_open(j, method, '{');
    sn_json_put_text(j, "summary", route->summary);
    sn_json_put_text(j, "x-role", sn_access_name(route->access));
    if (route->access == SN_ACCESS_NONE) sn_put_text(j->w, ",\"security\":[]");
    put_parameters(j, route);
    put_body(j, route->takes);
    put_answers(j, route);
    sn_json_close(j, '}');
}

/* "/api/sentinel/:id/live" → "/api/sentinel/{id}/live" */
static const char *path_of(const struct sn_route *route, char *path, size_t cap) {
    struct sn_writer w = sn_writer(path, cap);
    const char *colon = strchr(route->pattern, ':');
    size_t head = colon != NULL ? (size_t)(colon - route->pattern) : strlen(route->pattern);
    sn_put_bytes(&w, route->pattern, head);
    if (colon != NULL) {
        size_t len = strcspn(colon, "/");
        sn_put_text(&w, "{");
        sn_put_bytes(&w, colon + 1, len - 1);
        sn_put_text(&w, "}");
        sn_put_text(&w, colon + len);
    }
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    return path;
}

static void put_paths(struct sn_json_writer *j) {
    char path[64];
    sn_json_open(j, "paths", '{');
    for (size_t i = 0; i < sn_routes_len; i++) {
        bool same = i > 0 && strcmp(sn_routes[i].pattern, sn_routes[i - 1].pattern) == 0;
        if (!same && i > 0) sn_json_close(j, '}');
        if (!same) sn_json_open(j, path_of(&sn_routes[i], path, sizeof path), '{');
        put_route(j, &sn_routes[i]);
    }
    sn_json_close(j, '}');
    sn_json_close(j, '}');
}

/* --- What they share ------------------------------------------------------------------------------------ */

static void put_statuses(struct sn_json_writer *j) {
    sn_json_open(j, "Status", '{');
    sn_json_open(j, "enum", '[');
    for (uint32_t i = 0; i < SN_RUN_STATUSES_LEN; i++) {
        sn_json_put_text(j, NULL, sn_run_status_name((enum sn_run_status)i));
    }
    sn_json_close(j, ']');
    sn_json_close(j, '}');
}

static void put_formats(struct sn_json_writer *j) {
    sn_json_open(j, "Format", '{');
    sn_json_open(j, "enum", '[');
    for (size_t i = 0; i < sn_report_types_len; i++) sn_json_put_text(j, NULL, sn_report_types[i].name);
    sn_json_close(j, ']');
    sn_json_close(j, '}');
}

static void put_plan(struct sn_json_writer *j) {
    sn_json_open(j, "Plan", '{');
    sn_json_put_text(j, "type", "object");
    sn_json_put_bool(j, "additionalProperties", false);
    sn_json_open(j, "properties", '{');
    for (size_t i = 0; sn_plan_field(i) != NULL; i++) put_object(j, sn_plan_field(i), "");
    sn_json_close(j, '}');
    sn_json_close(j, '}');
}

static void put_action(struct sn_json_writer *j) {
    sn_json_open(j, "Action", '{');
    sn_put_text(j->w, "\"type\":\"object\",\"required\":[\"action\"],\"additionalProperties\":false,\"properties\":{"
                      "\"factor\":{\"type\":\"number\"},\"durationSeconds\":{\"type\":\"integer\"},"
                      "\"action\":{\"enum\":[");
    for (uint32_t i = 0; i < SN_RUN_ACTIONS_LEN; i++) {
        sn_json_put_text(j, NULL, sn_run_action_name((enum sn_run_action)i));
    }
    sn_put_text(j->w, "]}}");
    sn_json_close(j, '}');
}

static void put_schedules(struct sn_json_writer *j) {
    put_object(
        j, "ScheduleBody",
        "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"preset\":{\"enum\":[\"weekly\","
        "\"daily\"]},\"name\":{\"type\":\"string\"},\"description\":{\"type\":[\"string\",\"null\"]},\"cron\":{"
        "\"type\":\"string\"},\"dialect\":{\"enum\":[\"standard\",\"cloudflare\"]},\"timezone\":{\"type\":\"string\"},"
        "\"overlap\":{\"enum\":[\"skip\",\"queue\",\"replace\"]},\"catchUp\":{\"enum\":[\"skip\",\"once\"]},"
        "\"jitterSeconds\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":3600},\"plan\":{\"$ref\":"
        "\"#/components/schemas/Plan\"},\"maintenance\":{\"type\":[\"object\",\"null\"]},\"alerts\":{\"type\":["
        "\"object\",\"null\"]},\"active\":{\"type\":\"boolean\"}}");
    put_object(
        j, "Schedule",
        "\"type\":\"object\",\"required\":[\"id\",\"name\",\"cron\",\"timezone\",\"words\",\"nextRuns\",\"active\"],"
        "\"properties\":{\"id\":{\"type\":\"string\"},\"nextRuns\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
        "\"properties\":{\"at\":{\"type\":\"string\"},\"local\":{\"type\":\"string\"}}}}}");
    put_object(j, "ScheduleAnswer",
               "\"type\":\"object\",\"required\":[\"schedule\"],\"properties\":{\"schedule\":{\"$ref\":"
               "\"#/components/schemas/Schedule\"}}");
}

static void put_problem(struct sn_json_writer *j) {
    sn_json_open(j, "Problem", '{');
    sn_put_text(j->w, "\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"code\",\"detail\"],"
                      "\"properties\":{\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
                      "\"path\":{\"type\":\"string\"},\"expected\":{\"type\":\"string\"},"
                      "\"activeRunId\":{\"type\":\"string\"},\"runStatus\":{\"type\":\"string\"},"
                      "\"code\":{\"enum\":[");
    for (uint32_t i = 0; i < SN_PROBLEMS_LEN; i++) sn_json_put_text(j, NULL, sn_problem_code((enum sn_problem_kind)i));
    sn_put_text(j->w, "]}}");
    sn_json_close(j, '}');
}

static void put_components(struct sn_json_writer *j) {
    sn_json_open(j, "components", '{');
    put_object(j, "securitySchemes", "\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}");
    sn_json_open(j, "responses", '{');
    sn_json_open(j, "Problem", '{');
    sn_json_put_text(j, "description", "what was wrong (RFC 9457)");
    put_content(j, "application/problem+json", "\"$ref\":\"#/components/schemas/Problem\"");
    sn_json_close(j, '}');
    sn_json_close(j, '}');
    sn_json_open(j, "schemas", '{');
    put_statuses(j);
    put_formats(j);
    put_object(j, "RunAnswer",
               "\"type\":\"object\",\"required\":[\"run\"],\"properties\":{\"stale\":{\"type\":\"boolean\"},\"run\":{"
               "\"type\":\"object\",\"required\":[\"id\",\"status\"],\"properties\":{\"id\":{\"type\":\"string\"},"
               "\"status\":{\"$ref\":\"#/components/schemas/Status\"}}}}");
    put_plan(j);
    put_action(j);
    put_schedules(j);
    put_problem(j);
    sn_json_close(j, '}');
    sn_json_close(j, '}');
}

void sn_openapi(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    (void)who;
    (void)http;
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "application/json"});
    struct sn_json_writer json = sn_json_writer(api->effects), *j = &json;
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "openapi", "3.1.0");
    put_object(j, "info", "\"title\":\"Sentinel\",\"version\":\"" SN_VERSION "\"");
    sn_put_text(j->w, ",\"security\":[{\"token\":[]}]");
    put_paths(j);
    put_components(j);
    sn_json_close(j, '}');
    sn_answer_end(api, mark);
}
