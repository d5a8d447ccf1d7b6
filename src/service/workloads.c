/* /api/sentinel/workloads: those that come with Sentinel, and somebody's own, tried out.  Nothing is stored, and nobody is
 * asked. */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/plan/builtin.h"
#include "sentinel/plan/trail.h"
#include "sentinel/report/workload.h"

/* --- Those that come with Sentinel ----------------------------------------------------------------------- */

/* Compiled into api->plan; name and description live in the arena.  They all compile: the build's tests say so. */
static struct sn_report_workload open_builtin(struct sn_api *api, const struct sn_builtin *builtin,
                                              struct sn_workload *workload) {
    struct sn_span anything = {0};
    struct sn_plan_error error;
    struct sn_writer out = sn_writer(api->plan, sizeof api->plan);
    sn_arena_reset(&api->arena);
    enum sn_status status =
        sn_workload_check(builtin->text, builtin->len, anything, anything, &api->arena, &out, &error);
    SN_ASSERT(status == SN_OK && sn_workload_open(workload, api->plan, out.len) == SN_OK);
    sn_arena_reset(&api->arena);
    return (struct sn_report_workload){.name = builtin->name,
                                       .description = sn_builtin_about(builtin, &api->arena),
                                       .workload = workload,
                                       .bytes = out.len};
}

void sn_workloads(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_workload workload;
    (void)who;
    (void)http;
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "application/json"});
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    sn_json_open(&j, "workloads", '[');
    for (size_t i = 0; i < sn_builtins_len; i++) {
        struct sn_report_workload view = open_builtin(api, &sn_builtins[i], &workload);
        sn_json_open(&j, NULL, '{');
        sn_report_put_workload_outline(&j, &view);
        sn_json_close(&j, '}');
    }
    sn_json_close(&j, ']');
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}

#define BUILTINS_MAX 32

static void answer_unknown(struct sn_api *api) {
    const char *names[BUILTINS_MAX];
    char expected[400];
    size_t len = sn_builtins_len < BUILTINS_MAX ? sn_builtins_len : BUILTINS_MAX;
    struct sn_writer w = sn_writer(expected, sizeof expected - 1);
    for (size_t i = 0; i < len; i++) names[i] = sn_builtins[i].name;
    sn_put_choice(&w, names, len);
    expected[w.len] = '\0';
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = SN_PROBLEM_WORKLOAD_UNKNOWN,
                               .detail = "No workload of this name comes with Sentinel.",
                               .expected = expected,
                           });
}

void sn_workload_show(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    const struct sn_builtin *builtin = sn_builtin_find(api->name);
    struct sn_workload workload;
    (void)who;
    (void)http;
    if (builtin == NULL) {
        answer_unknown(api);
        return;
    }
    struct sn_report_workload view = open_builtin(api, builtin, &workload);
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "application/json"});
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    sn_json_open(&j, "workload", '{');
    sn_report_put_workload(&j, &view);
    sn_json_put_json(&j, "definition", builtin->text, builtin->len);
    sn_json_close(&j, '}');
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}

/* --- Somebody's own -------------------------------------------------------------------------------------- */

/* What is asked for beside the body, and what people call it. */
struct question {
    uint64_t seed;
    uint32_t count;
    char operation[64], name[SN_NAME_MAX + 1], description[SN_DESCRIPTION_MAX + 1];
};

static bool refuse(struct sn_api *api, const char *path, const char *expected) {
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = SN_PROBLEM_QUERY_RANGE,
                               .detail = "A value in the query is not one that a workload can be checked with.",
                               .path = path,
                               .expected = expected,
                           });
    return false;
}

static bool read_seed(struct sn_span text, uint64_t *seed) {
    *seed = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint64_t digit = (uint64_t)text.data[i] - '0';
        if (digit > 9 || *seed > (UINT64_MAX - digit) / 10) return false;
        *seed = 10 * *seed + digit;
    }
    return text.len > 0;
}

static bool read_question(struct sn_api *api, struct sn_span query, struct question *question) {
    struct sn_span value;
    *question = (struct question){.seed = 1, .count = SN_EXAMPLES_DEFAULT};
    if (sn_query_get(query, "seed", &value) && !read_seed(value, &question->seed))
        return refuse(api, "?seed", "a whole number below 2^64");
    if (sn_query_get(query, "count", &value) &&
        (!sn_query_uint(value, 3, &question->count) || question->count > SN_EXAMPLES_MAX))
        return refuse(api, "?count", "a whole number from 0 to 100");
    if (sn_query_get(query, "operation", &value))
        sn_copy_plain(question->operation, sizeof question->operation, value.data, value.len);
    return true;
}

/* The tree needs the memory that examples are rendered in, so what is kept of it is copied.  The compiler has seen to it
 * that both are texts, and short enough. */
static void read_words(struct sn_api *api, struct sn_span body, struct question *question) {
    struct sn_json_error error;
    sn_arena_reset(&api->arena);
    const struct sn_json *root = sn_json_parse(&api->arena, (const char *)body.data, body.len, &error);
    const char *name = sn_json_string(sn_json_get(root, "name"));
    const char *description = sn_json_string(sn_json_get(root, "description"));
    if (name != NULL) memcpy(question->name, name, strlen(name) + 1);
    if (description != NULL) memcpy(question->description, description, strlen(description) + 1);
    sn_arena_reset(&api->arena);
}

static void answer_refused(struct sn_api *api, enum sn_status status, const struct sn_plan_error *error) {
    sn_answer_problem(
        api, &(struct sn_problem){
                 .kind = sn_problem_find(error->code, SN_PROBLEM_PLAN_REFUSED),
                 .detail = status == SN_E_FORMAT
                               ? "The body is not a workload in JSON. 'path' and 'expected' say where and why."
                               : "The workload cannot be used as it is. 'path' and 'expected' say what to change.",
                 .path = error->path[0] != '\0' ? error->path : "$",
                 .expected = error->expected[0] != '\0' ? error->expected : sn_status_text(status),
             });
}

static void answer(struct sn_api *api, const struct sn_report_workload *view) {
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "application/json"});
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    sn_json_open(&j, "workload", '{');
    sn_report_put_workload(&j, view);
    sn_json_close(&j, '}');
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}

void sn_workload_try(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct question question;
    struct sn_plan_error error = {0};
    struct sn_workload workload;
    struct sn_writer out = sn_writer(api->plan, sizeof api->plan);
    struct sn_span hosts = {(const uint8_t *)api->hosts, strlen(api->hosts)};
    (void)who;
    if (!read_question(api, http->query, &question)) return;
    enum sn_status status = sn_workload_check((const char *)http->body.data, http->body.len, sn_settings_targets(api),
                                              hosts, &api->arena, &out, &error);
    if (status != SN_OK) {
        answer_refused(api, status, &error);
        return;
    }
    SN_ASSERT(sn_workload_open(&workload, api->plan, out.len) == SN_OK);
    read_words(api, http->body, &question);
    size_t operation_len = strlen(question.operation);
    if (operation_len > 0 && sn_report_operation_find(&workload, question.operation, operation_len) == UINT32_MAX) {
        refuse(api, "?operation", "the name of an operation of this workload");
        return;
    }
    struct sn_call_room *room = sn_arena_alloc(&api->arena, sizeof *room);
    SN_ASSERT(room != NULL);
    struct sn_report_workload view = {.name = question.name[0] != '\0' ? question.name : NULL,
                                      .description = question.description[0] != '\0' ? question.description : NULL,
                                      .workload = &workload,
                                      .bytes = out.len,
                                      .seed = question.seed,
                                      .count = question.count,
                                      .operation = operation_len > 0 ? question.operation : NULL,
                                      .room = room};
    answer(api, &view);
}
