/* Single parts of the core as loops that a bench can time: made of the product's objects, with its flags.
 *
 * Nothing here belongs to the product, and core.wasm exports none of it. */
#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/record.h"
#include "sentinel/load/operation.h"
#include "sentinel/load/payload.h"
#include "sentinel/measure/hist.h"
#include "sentinel/plan/plan.h"

#define EXPORT(name) __attribute__((export_name(name)))

static _Alignas(16) uint8_t text[SN_EFFECT_MAX];
static _Alignas(16) uint8_t scratch[1u << 19];
static _Alignas(16) uint8_t plan_bytes[SN_PLAN_BYTES_MAX];
static size_t plan_len;
static struct sn_plan plan;
static struct sn_render render;
static struct sn_shapes shapes;

/* Bytes that the host may write to and read from. */
EXPORT("bench_text") uint8_t *bench_text(void) {
    return text;
}

/* Takes the plan whose JSON is in bench_text(), as a shard takes it. */
EXPORT("bench_plan") int32_t bench_plan(uint32_t len) {
    static const struct sn_plan_owner owner = {.run_id = "01890a5d-ac96-774b-bcce-b302099a8057", .tenant = "default"};
    struct sn_arena arena;
    struct sn_plan_error error = {0};
    struct sn_writer w = sn_writer(plan_bytes, sizeof plan_bytes);
    sn_arena_init(&arena, scratch, sizeof scratch);
    enum sn_status status = sn_plan_compile((const char *)text, len, &owner, &arena, &w, &error);
    if (status != SN_OK) return status;
    plan_len = w.len;
    status = sn_plan_open(&plan, plan_bytes, plan_len);
    render = sn_plan_render(&plan);
    return status;
}

/* Puts bytes of the payload block into bench_text(), as many as fit: returns how many. */
EXPORT("bench_payload") uint32_t bench_payload(uint32_t offset, uint32_t len) {
    if (len > sizeof text) len = sizeof text;
    sn_payload_fill(text, offset, len);
    return len;
}

/* Leaves the calls of operation k in bench_text(), as a shard does (src/run/shard_work.c); returns their length. */
EXPORT("bench_operation") uint32_t bench_operation(uint32_t k, double now_us) {
    const struct sn_workload *workload = &plan.workload;
    const struct sn_kind *kind = &workload->kinds[sn_operation_kind(&plan.mix, plan.seed, k)];
    struct sn_writer w = sn_writer(text, sizeof text);
    render.k = k;
    render.now_us = (int64_t)now_us;
    for (uint32_t i = 0; i < kind->steps_len; i++) {
        const struct sn_step *step = &workload->steps[kind->steps + i];
        struct sn_record header = {.id = k, .at_us = now_us, .arg1 = SN_STAGE_LOAD | i << 8};
        SN_ASSERT(sn_step_put(&w, &shapes, workload, step, &render, header));
    }
    return (uint32_t)w.len;
}

/* --- Histograms -------------------------------------------------------------------------------------------- */

#define VALUES 65536u /* a power of two */

static uint32_t values[VALUES];
static struct sn_pages pages;
static struct sn_hist recorded, merged;
static _Alignas(16) uint32_t page_memory[2 * SN_HIST_PAGES + 1][SN_HIST_PAGE];

/* Where the host puts VALUES values to record. */
EXPORT("bench_values") uint32_t *bench_values(void) {
    return values;
}

EXPORT("bench_clear") void bench_clear(void) {
    sn_pages_init(&pages, page_memory, sizeof page_memory);
    sn_hist_init(&recorded);
    sn_hist_init(&merged);
}

/* Records the values from the first on, again and again, until there are `count`. */
EXPORT("bench_record") void bench_record(uint32_t count) {
    for (uint32_t i = 0; i < count; i++) SN_ASSERT(sn_hist_record(&recorded, &pages, values[i % VALUES], 1) == SN_OK);
}

/* Merges what was recorded so often. */
EXPORT("bench_merge") void bench_merge(uint32_t count) {
    for (uint32_t i = 0; i < count; i++) SN_ASSERT(sn_hist_merge(&merged, &pages, &recorded, &pages) == SN_OK);
}

EXPORT("bench_percentile") uint32_t bench_percentile(double p, uint32_t of_merged) {
    return sn_hist_percentile_us(of_merged ? &merged : &recorded, &pages, p);
}

EXPORT("bench_count") double bench_count(uint32_t of_merged) {
    return (double)(of_merged ? merged.count : recorded.count);
}

/* --- Profiles ---------------------------------------------------------------------------------------------- */

static struct sn_profile profile;

/* A curve of one piece; a wave when it has a period. */
EXPORT("bench_profile")
int32_t bench_profile(double end_us, double from_per_s, double to_per_s, uint32_t period_us, uint32_t planned,
                      uint32_t arrivals) {
    sn_profile_begin(&profile);
    enum sn_status status = period_us > 0
                                ? sn_profile_add_sine(&profile, (int64_t)end_us, from_per_s, to_per_s, period_us)
                                : sn_profile_add(&profile, (int64_t)end_us, from_per_s, to_per_s);
    if (status == SN_OK) status = sn_profile_finish(&profile, planned);
    profile.arrivals = arrivals;
    sn_profile_seed(&profile, 29);
    return status;
}

/* The sum of when `count` operations are due, which lie `step` apart, as those of one shard do. */
EXPORT("bench_due") double bench_due(uint32_t step, uint32_t count) {
    double sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += (double)sn_profile_due_us(&profile, 1 + (uint64_t)i * step % profile.planned);
    return sum;
}
