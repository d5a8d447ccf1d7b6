/* Single steps of a workload, compiled and rendered by the core and judged by it, for a test that performs them on real
 * bindings.  Nothing here belongs to the product. */
#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/vocab.h"
#include "sentinel/load/operation.h"
#include "sentinel/load/payload.h"
#include "sentinel/plan/plan.h"

#define EXPORT(name) __attribute__((export_name(name)))

static _Alignas(16) uint8_t text[2 * SN_EFFECT_MAX];
static _Alignas(16) uint8_t scratch[1u << 19];
static _Alignas(16) uint8_t bytes[SN_PLAN_BYTES_MAX];
static struct sn_workload workload;
static struct sn_shapes shapes;
static struct sn_render render = {.seed = 1, .run = {(const uint8_t *)"r1", 2}, .tenant = {(const uint8_t *)"acme", 4}};

/* Bytes that the host may write to and read from. */
EXPORT("steps_text") uint8_t *steps_text(void) {
    return text;
}

static uint32_t say(const struct sn_plan_error *error) {
    struct sn_writer w = sn_writer(text, sizeof text);
    sn_put_text(&w, error->code);
    sn_put_text(&w, " at ");
    sn_put_text(&w, error->path);
    sn_put_text(&w, ": ");
    sn_put_text(&w, error->expected);
    return (uint32_t)w.len;
}

/* Takes the workload whose JSON is in the text.  0, or the length of what was wrong with it. */
EXPORT("steps_workload") uint32_t steps_workload(uint32_t len) {
    struct sn_arena arena;
    struct sn_plan_error error = {0};
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    sn_arena_init(&arena, scratch, sizeof scratch);
    memset(&shapes, 0, sizeof shapes);
    if (sn_workload_compile((const char *)text, len, NULL, 0, &arena, &w, &error) != SN_OK) return say(&error);
    SN_ASSERT(sn_workload_open(&workload, bytes, w.len) == SN_OK);
    return 0;
}

EXPORT("steps_count") uint32_t steps_count(uint32_t kind) {
    return kind < workload.kinds_len ? workload.kinds[kind].steps_len : 0;
}

static const struct sn_step *step_of(uint32_t kind, uint32_t step) {
    return &workload.steps[workload.kinds[kind].steps + step];
}

/* Leaves the records of all statements in the text; returns their length, as the next one does. */
EXPORT("steps_define") uint32_t steps_define(void) {
    struct sn_writer w = sn_writer(text, sizeof text);
    for (uint32_t i = 0; i < workload.statements_len; i++) {
        struct sn_text sql = workload.statements[i];
        sn_record_put(&w, &(struct sn_record){.kind = SN_EFFECT_DEFINE, .arg0 = i}, workload.pool + sql.offset,
                      sql.len);
    }
    SN_ASSERT(!w.full);
    return (uint32_t)w.len;
}

EXPORT("steps_put") uint32_t steps_put(uint32_t kind, uint32_t step, uint32_t k, double now_us) {
    struct sn_writer w = sn_writer(text, sizeof text);
    render.k = k;
    render.now_us = (int64_t)now_us;
    SN_ASSERT(sn_step_put(&w, &shapes, &workload, step_of(kind, step), &render, (struct sn_record){.id = 1}));
    return (uint32_t)w.len;
}

/* The answer and `more` are in the text: -1 when the step is satisfied with them, else the error's class. */
EXPORT("steps_judge") int32_t steps_judge(uint32_t kind, uint32_t step, uint32_t more) {
    struct sn_answer answer;
    struct sn_reader r = sn_reader(text, sizeof text);
    SN_ASSERT(sn_answer_get(&r, more, &answer));
    memcpy(text, &answer, sizeof answer);
    if (!sn_step_admits(step_of(kind, step), answer.status)) return (int32_t)sn_error_of_status(answer.status);
    return sn_step_satisfied(step_of(kind, step), &answer) ? -1 : SN_ERROR_DATA;
}

EXPORT("steps_class") int32_t steps_class(uint32_t len) {
    return (int32_t)sn_error_classify((const char *)text, len);
}

/* Where bytes of the payload block are left: the records in the text are still being read. */
EXPORT("steps_block") uint8_t *steps_block(void) {
    return scratch;
}

EXPORT("steps_payload") uint32_t steps_payload(uint32_t offset, uint32_t len) {
    if (len > sizeof scratch) len = sizeof scratch;
    sn_payload_fill(scratch, offset, len);
    return len;
}
