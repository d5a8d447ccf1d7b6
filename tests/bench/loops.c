/* Single parts of the core as loops that a bench can time: made of the product's objects, with its flags.
 *
 * Nothing here belongs to the product, and core.wasm exports none of it. */
#include <string.h>

#include "../../src/run/shard_machine.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/record.h"
#include "sentinel/load/operation.h"
#include "sentinel/load/payload.h"
#include "sentinel/measure/compare.h"
#include "sentinel/measure/hist.h"
#include "sentinel/measure/tally.h"
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
    const struct sn_kind *kind = &workload->kinds[sn_operation_kind(&plan.mix, k)];
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

/* --- Verdicts ---------------------------------------------------------------------------------------------- */

static struct sn_blocks sides[2];
static uint32_t side_pages[2][SN_BLOCKS_PAGES][SN_HIST_PAGE];
static struct sn_compare_room compare_room;
static struct sn_compare_result compared;

/* Two runs of so many seconds, with `rate` of the host's values in each. */
EXPORT("bench_runs") void bench_runs(uint32_t seconds, uint32_t rate) {
    uint32_t next = 0;
    for (uint32_t side = 0; side < 2; side++) {
        sn_blocks_init(&sides[side], seconds, side_pages[side], SN_BLOCKS_PAGES);
        for (uint32_t i = 0; i < seconds * rate; i++)
            sn_blocks_add(&sides[side], i / rate, sn_hist_bucket(values[next++ % VALUES]), 1);
        sn_blocks_seal(&sides[side]);
    }
}

/* Blocks of the first, which say whether all of its seconds kept their own. */
EXPORT("bench_blocks") uint32_t bench_blocks(void) {
    return sides[0].len;
}

/* Judges them so often; returns what it found. */
EXPORT("bench_compare") uint32_t bench_compare(uint32_t count) {
    static const struct sn_compare_options options = {0};
    for (uint32_t i = 0; i < count; i++) sn_compare(&sides[0], &sides[1], &options, &compare_room, &compared);
    return compared.change;
}

/* What that takes of memory. */
EXPORT("bench_compare_bytes") uint32_t bench_compare_bytes(void) {
    return sizeof sides + sizeof side_pages + sizeof compare_room + sizeof compared;
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

/* --- Reports of shards ------------------------------------------------------------------------------------- */

#define KINDS 21u /* as many as the built-in workload has */
#define PHASES 3u
#define TALLY_PAGES 1200u /* as a run has for so many cells, and as many slots */
#define SERIES_SECONDS 4096u
#define SERIES_SLOTS 32768u
#define WINDOW_S 60u /* histograms of earlier seconds have been written to the database */

static _Alignas(16) uint8_t tally_memory[1u << 20], series_memory[3u << 17], intervals_memory[1u << 17];
static struct sn_tally *tally;
static struct sn_series *series;
static struct sn_intervals *intervals;
static struct sn_delta delta;
static uint8_t delta_bytes[SN_DELTA_BYTES_MAX];
static size_t delta_len;

EXPORT("bench_run") void bench_run(void) {
    SN_ASSERT(sn_tally_size(KINDS, PHASES, 0, TALLY_PAGES) <= sizeof tally_memory);
    SN_ASSERT(sn_series_size(SERIES_SECONDS, SERIES_SLOTS) <= sizeof series_memory);
    tally = (struct sn_tally *)(void *)tally_memory;
    series = (struct sn_series *)(void *)series_memory;
    sn_tally_init(tally, KINDS, PHASES, 0, TALLY_PAGES);
    sn_series_init(series, SERIES_SECONDS, SERIES_SLOTS);
    SN_ASSERT(sn_intervals_size(SERIES_SECONDS, SN_INTERVALS_SLOTS) <= sizeof intervals_memory);
    intervals = (struct sn_intervals *)(void *)intervals_memory;
    sn_intervals_init(intervals, SERIES_SECONDS, 3600, 0, KINDS, SN_INTERVALS_SLOTS);
}

/* The report of a shard that ended `results` operations in a second, with times from bench_values(); returns its length
 * in bytes. */
EXPORT("bench_report") uint32_t bench_report(uint32_t second, uint32_t results) {
    sn_delta_clear(&delta);
    for (uint32_t i = 0; i < results; i++) {
        uint32_t at = (second * results + i) % VALUES;
        struct sn_result result = {
            .response_us = values[at],
            .service_us = values[at] - values[at] / 8,
            .lag_us = values[at] / 8,
            .end_second = (uint16_t)second,
            .kind = (uint8_t)(i % KINDS),
            .phase = (uint8_t)(second / WINDOW_S % PHASES),
        };
        sn_delta_started(&delta, second);
        sn_delta_result(&delta, &result);
    }
    struct sn_delta_head head = {
        .seq = second + 1, .incarnation = 1, .counts = {.planned = results, .completed = results}};
    struct sn_writer w = sn_writer(delta_bytes, sizeof delta_bytes);
    sn_delta_put(&w, &head, &delta);
    SN_ASSERT(!w.full);
    delta_len = w.len;
    if (second > WINDOW_S) sn_series_forget(series, second - WINDOW_S);
    return (uint32_t)delta_len;
}

/* Takes that report, checksum and all, from `count` shards. */
EXPORT("bench_take") void bench_take(uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct sn_reader r = sn_reader(delta_bytes, delta_len);
        struct sn_delta_head head;
        SN_ASSERT(sn_delta_head_get(&r, &head) == SN_OK);
        SN_ASSERT(sn_tally_add(tally, series, intervals, &r) == SN_OK);
    }
}

EXPORT("bench_taken") double bench_taken(void) {
    uint64_t completed = 0;
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        for (uint32_t phase = 0; phase < PHASES; phase++)
            completed += sn_tally_cell(tally, kind, phase)->response.count;
    }
    return (double)completed;
}

/* --- What a shard's machine is made of ----------------------------------------------------------------------- */

#define SIZE(field) sizeof((struct sn_shard *)0)->field

/* Bytes of a part of a shard's machine, in the order of memory.mjs; part 0 is all of it. */
EXPORT("bench_shard_part") uint32_t bench_shard_part(uint32_t part) {
    static const uint32_t parts[] = {
        sizeof(struct sn_shard),
        SIZE(plan_bytes) + SIZE(plan) + SIZE(shapes),
        SIZE(delta.results),
        SIZE(delta.steps),
        SIZE(delta.seconds) + SIZE(delta.exemplars),
        SIZE(backlog_bytes) + SIZE(backlog),
        SIZE(open) + SIZE(calls) + SIZE(captured),
        SIZE(schedule) + SIZE(state) + SIZE(kept),
    };
    return part < sizeof parts / sizeof parts[0] ? parts[part] : 0;
}
