#include "api_harness.h"
#include "hostile_plans.h"
#include "sentinel/plan/plan.h"

/* The list that the end-to-end test sends to the Worker, here to the API machine and to the compiler by itself. */

#define ARENA_BYTES (256 * 1024)
#define REQUEST_BODY_MAX 131072 /* where the shim cuts a body off */

static void send_to(struct host *host, const char *target, const struct hostile_plan *plan) {
    size_t len = plan->len < REQUEST_BODY_MAX ? plan->len : REQUEST_BODY_MAX;
    host_call(host, &(struct call){.method = "POST",
                                   .target = target,
                                   .body = len > 0 ? (const char *)plan->body : "",
                                   .body_len = len});
}

static void send(struct host *host, const struct hostile_plan *plan) {
    send_to(host, "/api/sentinel", plan);
}

/* What is accepted goes on to the database; nobody answers there, so nothing is created. */
static bool answered_as_promised(struct host *host, const struct hostile_plan *plan) {
    const struct effect *effect = &host->effects[0];
    if (host->effects_len != 1) return false;
    if (plan->code[0] == '\0') return effect->record.kind == SN_EFFECT_SQL;
    if (effect->record.kind != SN_EFFECT_RESPOND || effect->record.arg0 != plan->status) return false;
    struct response response = expect_response(host, plan->status);
    return strcmp(member(response.json, "code"), plan->code) == 0 &&
           strcmp(member(response.json, "path"), plan->path) == 0 && member(response.json, "expected")[0] != '\0';
}

/* Trying a plan out asks nobody: it is answered at once, and refused exactly as when it is created. */
static bool tried_out_alike(struct host *host, const struct hostile_plan *plan) {
    send_to(host, "/api/sentinel/plan", plan);
    const struct effect *effect = &host->effects[0];
    bool alike = plan->code[0] != '\0' ? answered_as_promised(host, plan) : effect->record.arg0 == 200;
    return host->effects_len == 1 && effect->record.kind == SN_EFFECT_RESPOND && alike;
}

static void show(const struct host *host, const struct hostile_plan *plan) {
    const struct effect *effect = &host->effects[0];
    printf("# %s: expected %u %s %s, got kind %u: %.*s\n", plan->name, plan->status, plan->code, plan->path,
           effect->record.kind, (int)effect->payload.len, (const char *)effect->payload.data);
}

static bool says_the_same_again(struct host *host, const struct hostile_plan *plan) {
    size_t len = host->effects[0].payload.len;
    uint8_t *said = malloc(len);
    memcpy(said, host->effects[0].payload.data, len);
    send(host, plan);
    const struct effect *effect = &host->effects[0];
    bool same = host->effects_len == 1 && effect->payload.len == len && memcmp(effect->payload.data, said, len) == 0;
    free(said);
    return same;
}

static void each_body_is_answered_as_promised_and_twice_the_same(void **state) {
    (void)state;
    struct hostile_file *rows = hostile_open();
    struct host *host = host_open();
    struct hostile_plan plan;
    unsigned wrong = 0, count = 0;
    for (; hostile_next(rows, &plan); count++) {
        send(host, &plan);
        bool good = answered_as_promised(host, &plan);
        good = good && (plan.code[0] == '\0' || says_the_same_again(host, &plan));
        good = good && tried_out_alike(host, &plan);
        if (!good) show(host, &plan);
        wrong += !good;
        free(plan.body);
    }
    host_close(host);
    hostile_close(rows);
    assert_true(count >= 300);
    assert_int_equal(wrong, 0);
}

/* The compiler alone: the text ends where its memory does, and a plan that is accepted opens and compiles to the same
 * bytes again. */
static void each_body_is_compiled_from_memory_that_ends_with_it(void **state) {
    (void)state;
    static _Alignas(16) uint8_t bytes[2][SN_PLAN_BYTES_MAX];
    const struct sn_plan_owner owner = {.run_id = RUN, .tenant = "default", .entropy = {(const uint8_t *)"dice", 4}};
    struct hostile_file *rows = hostile_open();
    struct sn_plan *opened = malloc(sizeof *opened);
    struct hostile_plan plan;
    struct sn_arena arena;
    sn_arena_init(&arena, aligned_alloc(16, ARENA_BYTES), ARENA_BYTES);
    while (hostile_next(rows, &plan)) {
        size_t lens[2];
        for (int i = 0; i < 2; i++) {
            struct sn_writer w = sn_writer(bytes[i], sizeof bytes[i]);
            struct sn_plan_error error = {0};
            sn_arena_reset(&arena);
            enum sn_status status = sn_plan_compile((const char *)plan.body, plan.len, &owner, &arena, &w, &error);
            if ((status == SN_OK) != (plan.code[0] == '\0')) fail_msg("%s: %s", plan.name, sn_status_text(status));
            lens[i] = status == SN_OK ? w.len : 0;
        }
        assert_int_equal(lens[0], lens[1]);
        assert_memory_equal(bytes[0], bytes[1], lens[0]);
        if (lens[0] > 0) assert_int_equal(sn_plan_open(opened, bytes[0], lens[0]), SN_OK);
        free(plan.body);
    }
    free(arena.memory);
    free(opened);
    hostile_close(rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_body_is_answered_as_promised_and_twice_the_same),
        cmocka_unit_test(each_body_is_compiled_from_memory_that_ends_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
