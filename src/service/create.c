/* POST /api/sentinel: a plan becomes a run.
 *
 *     compile ─► INSERT ─► CREATE at the run's object ─► 201
 *                  │             └─ twice no answer, or a refusal ─► the row is closed ─► 503 or 400
 *                  └─ failed: SELECT the active run ─► 429; our own: the INSERT had worked, go on */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/plan/plan.h"

enum { INSERTED = 1, ACTIVE_READ, CREATED, CLOSED };

/* UUID, version 4 (RFC 9562, 5.4). */
static bool make_id(struct sn_api *api, struct sn_span random) {
    if (random.len != 16) return false;
    struct sn_writer w = sn_writer(api->run_id, sizeof api->run_id);
    for (size_t i = 0; i < 16; i++) {
        uint8_t byte = random.data[i];
        if (i == 6) byte = (uint8_t)((byte & 0x0f) | 0x40);
        if (i == 8) byte = (uint8_t)((byte & 0x3f) | 0x80);
        if (i == 4 || i == 6 || i == 8 || i == 10) sn_put_u8(&w, '-');
        sn_put_hex(&w, byte, 2);
    }
    sn_put_u8(&w, 0);
    return true;
}

/* Compiles into api->plan.  False, and answered, when the plan is refused. */
static bool compile(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_plan_error error = {0};
    struct sn_plan_owner owner = {
        .run_id = api->run_id, .tenant = who->tenant, .entropy = sn_create_entropy(api->run_id)};
    struct sn_writer w = sn_writer(api->plan, sizeof api->plan);
    sn_arena_reset(&api->arena);
    enum sn_status status =
        sn_plan_compile((const char *)http->body.data, http->body.len, &owner, &api->arena, &w, &error);
    api->plan_len = w.len;
    if (status == SN_OK) return true;
    sn_answer_problem(api,
                      &(struct sn_problem){
                          .kind = sn_problem_find(error.code, SN_PROBLEM_PLAN_REFUSED),
                          .detail = status == SN_E_FORMAT
                                        ? "The body is not a plan in JSON. 'path' and 'expected' say where and why."
                                        : "The plan cannot be run as it is. 'path' and 'expected' say what to change.",
                          .path = error.path[0] != '\0' ? error.path : "$",
                          .expected = error.expected[0] != '\0' ? error.expected : sn_status_text(status),
                      });
    return false;
}

static bool same_text(const struct sn_workload *workload, struct sn_text a, struct sn_text b) {
    return a.len == b.len && memcmp(workload->pool + a.offset, workload->pool + b.offset, a.len) == 0;
}

/* ["d1_reads","kv_get"]: the systems of the plan's kinds, each once, in their order. */
static void put_systems(struct sn_writer *w, const struct sn_workload *workload) {
    struct sn_json_writer j = sn_json_writer(w);
    sn_json_open(&j, NULL, '[');
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        struct sn_text system = workload->kinds[i].system;
        bool seen = false;
        for (uint32_t k = 0; k < i && !seen; k++) seen = same_text(workload, workload->kinds[k].system, system);
        if (!seen) sn_json_put_span(&j, NULL, workload->pool + system.offset, system.len);
    }
    sn_json_close(&j, ']');
}

struct sn_span sn_create_entropy(const char *run_id) {
    return (struct sn_span){(const uint8_t *)run_id, strlen(run_id)};
}

static uint32_t ask_insert(struct sn_api *api, const struct sn_principal *who, const struct sn_plan *plan,
                           const struct sn_json *root, struct sn_span body) {
    char systems[2048], hash[16];
    struct sn_writer w = sn_writer(systems, sizeof systems), h = sn_writer(hash, sizeof hash);
    put_systems(&w, &plan->workload);
    sn_put_hex(&h, plan->hash, 16);
    if (w.full) return 0;
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_RUN_INSERT, &args);
    sn_args_text(&args, api->run_id);
    sn_args_text(&args, who->tenant);
    sn_args_text(&args, plan->name);
    sn_args_text(&args, sn_json_string(sn_json_get(root, "description")));
    sn_args_text(&args, sn_profile_type_name((enum sn_profile_type)plan->profile_type));
    sn_args_text(&args, plan->preset[0] != '\0' ? plan->preset : NULL);
    sn_args_number(&args, (double)plan->profile.planned);
    sn_args_number(&args, (double)((plan->profile.end_us + SN_SECOND_US - 1) / SN_SECOND_US));
    sn_args_number(&args, plan->concurrency);
    sn_args_span(&args, SN_VALUE_TEXT, systems, w.len);
    if (api->start) sn_args_number(&args, 1);
    if (!api->start) sn_args_null(&args);
    sn_args_span(&args, SN_VALUE_TEXT, body.data, body.len);
    sn_args_span(&args, SN_VALUE_TEXT, hash, h.len);
    sn_args_text(&args, "api");
    sn_args_number(&args, sn_now_s(api));
    return sn_ask_end(api, mark);
}

static const struct sn_problem no_random = {
    .kind = SN_PROBLEM_INTERNAL_RANDOM,
    .detail = "Sentinel got no random bytes to name the run with. That is our fault, not yours.",
};

static const struct sn_problem too_large = {
    .kind = SN_PROBLEM_PLAN_SIZE,
    .detail = "The plan is larger than one run can hold. Fewer systems, a shorter test or fewer phases will fit.",
    .path = "$",
    .expected = "a plan that fits into the memory of one run",
};

void sn_create(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    if (!make_id(api, http->random)) {
        sn_answer_problem(api, &no_random);
        return;
    }
    if (!compile(api, who, http)) return;
    sn_arena_reset(&api->arena);
    struct sn_json_error error;
    struct sn_plan *plan = sn_arena_alloc(&api->arena, sizeof *plan);
    const struct sn_json *root = sn_json_parse(&api->arena, (const char *)http->body.data, http->body.len, &error);
    if (plan == NULL || root == NULL) { /* a text that is almost too much for the compiler too */
        sn_answer_problem(api, &too_large);
        return;
    }
    SN_ASSERT(sn_plan_open(plan, api->plan, api->plan_len) == SN_OK);
    api->tries = 0;
    api->start = sn_json_bool(sn_json_get(root, "startImmediately"));
    sn_wait(api, INSERTED, ask_insert(api, who, plan, root, http->body));
}

static void ask_object(struct sn_api *api) {
    size_t mark = sn_ask_object_begin(api, api->run_id, SN_MESSAGE_CREATE);
    sn_put_u32(api->effects, api->start ? 1 : 0);
    sn_put_span(api->effects, api->plan, api->plan_len);
    sn_wait(api, CREATED, sn_ask_end(api, mark));
}

static void inserted(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    if (reply->done) {
        ask_object(api);
        return;
    }
    if (!api->start) {
        sn_answer_database_failed(api, reply);
        return;
    }
    if (!sn_text_has(reply->body, "UNIQUE constraint failed")) sn_log(api, "database", api->run_id, reply->body);
    sn_wait(api, ACTIVE_READ, sn_ask_active(api, who));
}

static const struct sn_problem not_set_up = {
    .kind = SN_PROBLEM_RUN_UNREACHABLE,
    .detail = "The run could not be set up, because its object did not answer. Please try again in a moment.",
    .retry_after_s = SN_RETRY_AFTER_S,
};

/* An object that was not reached is asked once more: it gives the same answer when it knows the run already. */
static void created(struct sn_api *api, const struct sn_reply *reply) {
    if (reply->done) {
        char location[64];
        struct sn_writer w = sn_writer(location, sizeof location);
        sn_put_text(&w, "/api/sentinel/");
        sn_put_text(&w, api->run_id);
        sn_put_u8(&w, 0);
        sn_answer_run(api, 201, location, reply->body);
        return;
    }
    sn_log(api, "run", api->run_id, reply->body);
    if (reply->status == SN_OK && api->tries++ == 0) {
        ask_object(api);
        return;
    }
    bool size = reply->status == SN_E_LIMIT || reply->status == SN_E_MEMORY;
    api->problem = size ? &too_large : &not_set_up;
    const char *note = size ? "The plan did not fit into the run's object." : "The run's object could not be reached.";
    sn_wait(api, CLOSED, sn_ask_abandon(api, api->run_id, 0, note));
}

void sn_create_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    switch (api->stage) {
    case INSERTED: inserted(api, who, reply); break;
    case ACTIVE_READ:
        if (sn_answer_unless_own(api, reply)) ask_object(api);
        break;
    case CREATED: created(api, reply); break;
    case CLOSED: sn_answer_problem(api, api->problem); break;
    default: SN_ASSERT(false);
    }
}
