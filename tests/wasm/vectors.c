/* Figures that native and wasm must agree on to the last bit, one to a line.
 *
 * Natively a program that prints them, as wasm a module that leaves them in memory; agree.test.mjs compares.  Only what
 * adds, subtracts, multiplies, divides and takes square roots is here: nothing that needs libm. */
#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/real.h"
#include "sentinel/base/time.h"
#include "sentinel/load/operation.h"
#include "sentinel/load/payload.h"
#include "sentinel/measure/compare.h"
#include "sentinel/measure/delta.h"
#include "sentinel/measure/hist.h"
#include "sentinel/measure/history.h"
#include "sentinel/measure/intervals.h"
#include "sentinel/measure/student.h"
#include "sentinel/plan/builtin.h"
#include "sentinel/plan/plan.h"

static uint8_t text[1u << 20];
static _Alignas(16) uint8_t scratch[1u << 19];
static _Alignas(16) uint8_t plan_bytes[SN_PLAN_BYTES_MAX];
static _Alignas(16) uint32_t page_memory[64][SN_HIST_PAGE];
static struct sn_plan plan;
static struct sn_profile profile;
static struct sn_delta delta;

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* "name 12 0123456789abcdef" */
static void line(struct sn_writer *w, const char *name, uint64_t index, uint64_t value) {
    sn_put_text(w, name);
    sn_put_text(w, " ");
    sn_put_dec(w, index);
    sn_put_text(w, " ");
    sn_put_hex(w, value, 16);
    sn_put_text(w, "\n");
}

static void randoms(struct sn_writer *w) {
    for (uint64_t k = 0; k < 200; k++) {
        struct sn_rng rng = sn_rng(k * k * UINT64_C(0x9e3779b97f4a7c15), (enum sn_purpose)(1 + k % 6), k);
        line(w, "random.u64", k, sn_rng_u64(&rng));
        line(w, "random.below", k, sn_rng_below(&rng, (uint32_t)(1 + k * 21474837)));
        line(w, "random.unit", k, bits_of(sn_rng_unit(&rng)));
    }
}

static void reals(struct sn_writer *w) {
    for (uint64_t k = 0; k < 400; k++) {
        struct sn_rng rng = sn_rng(17, SN_PURPOSE_MODEL, k);
        double x = (2 * sn_rng_unit(&rng) - 1) * (double)(UINT64_C(1) << k % 10) / (double)(UINT64_C(1) << k % 50);
        line(w, "real.ln", k, bits_of(sn_ln(1e-3 + x * x)));
        line(w, "real.ln1p", k, bits_of(sn_ln1p(x * x - 0.5)));
        line(w, "real.exp", k, bits_of(sn_exp(x)));
        line(w, "real.expm1", k, bits_of(sn_expm1(x)));
    }
}

/* What is stored of a keyspace, and where its draws go. */
static void keys(struct sn_writer *w) {
    static const char *const distributions[] = {"uniform",        "sequential",  "zipfian:0.5", "zipfian:0.99",
                                                "zipfian:1",      "zipfian:1.5", "zipfian:100", "zipfian:1e-9",
                                                "hotset:0.2:0.8", "latest:0.99", "latest:2"};
    static const uint32_t counts[] = {1, 2, 10, 1000, 65537, 10000000, SN_KEYS_MAX};
    for (size_t d = 0; d < sizeof distributions / sizeof *distributions; d++) {
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            struct sn_keyspace keyspace;
            SN_ASSERT(sn_keyspace_read(&keyspace, distributions[d], counts[c], c) == SN_OK);
            line(w, "keyspace", counts[c], sn_hash64(&keyspace, sizeof keyspace));
            uint64_t sum = 0;
            for (uint64_t k = 1; k <= 1000; k++) {
                uint64_t key = sn_keyspace_key(&keyspace, d, k);
                sum = sum * 31 + key;
                if (k <= 5) line(w, "key", k, key);
            }
            line(w, "keys", counts[c], sum);
        }
    }
}

static void texts(struct sn_writer *w) {
    for (uint64_t k = 0; k < 300; k++) {
        struct sn_rng rng = sn_rng(7, SN_PURPOSE_VALUE, k);
        double unit = sn_rng_unit(&rng);
        double value = k % 3 == 0 ? unit : unit * (double)(sn_rng_u64(&rng) >> (k % 64));
        sn_put_number(w, k % 7 == 0 ? -value : value);
        sn_put_text(w, " ");
        sn_put_fixed(w, value / 1e9, (unsigned)(k % 6));
        sn_put_text(w, " ");
        sn_put_iso(w, (int64_t)(sn_rng_u64(&rng) >> 14));
        sn_put_text(w, "\n");
    }
}

static void dues(struct sn_writer *w, const char *name) {
    uint64_t step = profile.planned / 150 + 1;
    for (uint64_t k = 1; k <= profile.planned; k += step) {
        int64_t due_us = sn_profile_due_us(&profile, k);
        line(w, name, k, (uint64_t)due_us);
        line(w, "rate", k, bits_of(sn_profile_rate_per_s(&profile, due_us)));
        line(w, "count", k, sn_profile_count(&profile, due_us - 1));
    }
}

static void profiles(struct sn_writer *w) {
    static const double curves[][6] = {
        /* seconds and the two rates, twice; the last is a ramp to nothing */
        {3, 100, 100, 7, 33.3, 33.3},
        {10, 0, 977.7, 20.123457, 977.7, 977.7},
        {1, 0.1, 10000, 3600, 10000, 0},
    };
    static const uint64_t planned[] = {0, 6000, 1000000};
    for (size_t i = 0; i < sizeof planned / sizeof *planned; i++) {
        const double *curve = curves[i];
        sn_profile_begin(&profile);
        SN_ASSERT(sn_profile_add(&profile, (int64_t)(curve[0] * 1e6), curve[1], curve[2]) == SN_OK);
        SN_ASSERT(sn_profile_add(&profile, (int64_t)(curve[3] * 1e6), curve[4], curve[5]) == SN_OK);
        SN_ASSERT(sn_profile_finish(&profile, planned[i]) == SN_OK);
        line(w, "planned", i, profile.planned);
        dues(w, "due");
    }
    for (uint32_t arrivals = SN_ARRIVALS_EVEN; arrivals <= SN_ARRIVALS_POISSON; arrivals++) {
        sn_profile_begin(&profile);
        SN_ASSERT(sn_profile_add_sine(&profile, 3600000000, 0, 77.7, 61234567) == SN_OK);
        SN_ASSERT(sn_profile_finish(&profile, 123457) == SN_OK);
        profile.arrivals = arrivals;
        sn_profile_seed(&profile, 29);
        dues(w, "wave");
    }
}

static void hists(struct sn_writer *w) {
    struct sn_pages pages;
    struct sn_hist hist;
    sn_pages_init(&pages, page_memory, sizeof page_memory);
    sn_hist_init(&hist);
    for (uint64_t k = 0; k < 5000; k++) {
        struct sn_rng rng = sn_rng(11, SN_PURPOSE_MODEL, k);
        uint64_t value_us = sn_rng_u64(&rng) >> (36 + k % 28);
        SN_ASSERT(sn_hist_record(&hist, &pages, value_us, 1 + sn_rng_below(&rng, 3)) == SN_OK);
    }
    for (uint32_t i = 0; i <= 1000; i += 7) {
        line(w, "percentile", i, sn_hist_percentile_us(&hist, &pages, (double)i / 10));
    }
    line(w, "mean", 0, bits_of(sn_hist_mean_us(&hist)));
    struct sn_writer encoded = sn_writer(scratch, sizeof scratch);
    sn_hist_put(&encoded, &hist, &pages);
    SN_ASSERT(!encoded.full);
    line(w, "hist", encoded.len, sn_hash64(scratch, encoded.len));
}

static void deltas(struct sn_writer *w) {
    sn_delta_clear(&delta);
    for (uint64_t k = 1; k <= 600; k++) {
        struct sn_rng rng = sn_rng(13, SN_PURPOSE_MODEL, k);
        struct sn_result result = {
            .response_us = sn_rng_below(&rng, 90000),
            .service_us = sn_rng_below(&rng, 60000),
            .lag_us = sn_rng_below(&rng, 2000),
            .bytes = sn_rng_below(&rng, 100000),
            .end_second = (uint16_t)(k / 100),
            .kind = (uint8_t)(k % 5),
            .failed = (uint8_t)(k % 50 == 0 ? 1 + k % 3 : 0),
        };
        sn_delta_result(&delta, &result);
        sn_delta_started(&delta, (uint32_t)(k / 100));
    }
    struct sn_delta_head head = {.shard = 3, .incarnation = 1, .seq = 9, .counts = {.planned = 600}};
    struct sn_writer encoded = sn_writer(scratch, sizeof scratch);
    sn_delta_put(&encoded, &head, &delta);
    SN_ASSERT(!encoded.full);
    line(w, "delta", encoded.len, sn_hash64(scratch, encoded.len));
}

static void payloads(struct sn_writer *w) {
    for (uint32_t at = 0; at < SN_PAYLOAD_BLOCK; at += 65536) {
        sn_payload_fill(scratch, at, 65536);
        line(w, "payload", at, sn_hash64(scratch, 65536));
        line(w, "offset", at, sn_payload_offset(at * UINT64_C(0x9e3779b97f4a7c15), at));
    }
}

/* A plan from JSON to the bytes of every call that its operations make. */
static void steps(struct sn_writer *w) {
    static const char json[] = "{\"name\":\"Vectors\",\"profileType\":\"ramp\",\"targetOperations\":5000,"
                               "\"durationSeconds\":60,\"concurrency\":40}";
    static const struct sn_plan_owner owner = {.run_id = "01890a5d-ac96-774b-bcce-b302099a8057", .tenant = "default"};
    struct sn_arena arena;
    struct sn_plan_error error = {0};
    struct sn_writer compiled = sn_writer(plan_bytes, sizeof plan_bytes);
    sn_arena_init(&arena, scratch, sizeof scratch);
    if (sn_plan_compile(json, sizeof json - 1, &owner, &arena, &compiled, &error) != SN_OK) {
        sn_put_text(w, "plan refused at ");
        sn_put_text(w, error.path);
        sn_put_text(w, "\n");
        return;
    }
    SN_ASSERT(sn_plan_open(&plan, plan_bytes, compiled.len) == SN_OK);
    line(w, "plan", compiled.len, sn_hash64(plan_bytes, compiled.len));
    line(w, "plan.hash", plan.seed, plan.hash);
    struct sn_render render = sn_plan_render(&plan);
    render.now_us = INT64_C(1795446241462000);
    static struct sn_shapes shapes;
    for (uint64_t k = 1; k <= 500; k++) {
        uint32_t number = sn_operation_kind(&plan.mix, k);
        const struct sn_kind *kind = &plan.workload.kinds[number];
        line(w, "kind", k, number);
        line(w, "plan.due", k, (uint64_t)sn_profile_due_us(&plan.profile, k));
        render.k = k;
        for (uint32_t i = 0; i < kind->steps_len; i++) {
            struct sn_writer call = sn_writer(scratch, sizeof scratch);
            const struct sn_step *step = &plan.workload.steps[kind->steps + i];
            struct sn_record header = {.id = i + 1, .at_us = (double)render.now_us};
            SN_ASSERT(sn_step_put(&call, &shapes, &plan.workload, step, &render, header));
            line(w, "step", i, sn_hash64(scratch, call.len));
        }
    }
}

/* Two runs, the second slower by k in twenty, and what is said of them. */
static void verdicts(struct sn_writer *w) {
    static struct sn_blocks sides[2];
    static uint32_t side_pages[2][300][SN_HIST_PAGE];
    static struct sn_compare_room room;
    static const struct sn_compare_options options = {0};
    for (uint64_t k = 0; k < 6; k++) {
        struct sn_compare_result result;
        for (uint32_t side = 0; side < 2; side++) {
            struct sn_rng rng = sn_rng(k, SN_PURPOSE_MODEL, side);
            sn_blocks_init(&sides[side], 90, side_pages[side], 300);
            for (uint32_t i = 0; i < 90 * 40; i++) {
                uint32_t us = sn_rng_lognormal(&rng, side == 0 ? 5000 : 5000 + 250 * (uint32_t)k, 400000, UINT32_MAX);
                sn_blocks_add(&sides[side], i / 40, sn_hist_bucket(us), 1);
            }
            sn_blocks_seal(&sides[side]);
        }
        sn_compare(&sides[0], &sides[1], &options, &room, &result);
        line(w, "compare.change", k, result.change);
        line(w, "compare.a12", k, bits_of(result.a12));
        for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
            line(w, "compare.low", k, bits_of(result.percentiles[i].low));
            line(w, "compare.high", k, bits_of(result.percentiles[i].high));
            line(w, "compare.settled", k, bits_of(result.percentiles[i].settled_s));
        }
    }
}

/* Operations of three kinds as bytes, of lists that hold them all and of ones that had to become coarser; and read back. */
static void intervals(struct sn_writer *w) {
    static const uint32_t slots[] = {16384, 3000, 1200, 400};
    static _Alignas(8) uint8_t memory[80000];
    static struct sn_blocks blocks;
    static uint32_t pages[300][SN_HIST_PAGE];
    struct sn_intervals *counted = (struct sn_intervals *)(void *)memory;
    for (uint64_t k = 0; k < 4; k++) {
        struct sn_rng rng = sn_rng(k, SN_PURPOSE_MODEL, 3);
        SN_ASSERT(sn_intervals_size(200, slots[k]) <= sizeof memory);
        sn_intervals_init(counted, 200, 100, 5, 3, slots[k]);
        for (uint32_t i = 0; i < 100 * 50; i++) {
            uint32_t us = sn_rng_lognormal(&rng, 5000, 400000, UINT32_MAX);
            sn_intervals_count(counted, i / 50, i % 3, sn_hist_bucket(us), 1 + i % 7);
        }
        struct sn_writer bytes = sn_writer(scratch, sizeof scratch);
        sn_intervals_put(&bytes, counted);
        line(w, "intervals.bytes", k, sn_hash64(scratch, bytes.len));
        sn_intervals_blocks((struct sn_span){scratch, bytes.len}, SN_INTERVALS_ALL, &blocks, pages, 300);
        line(w, "intervals.blocks", k, sn_blocks_hash(&blocks));
    }
}

static void histories(struct sn_writer *w) {
    static double values[120];
    static struct sn_history_change changes[120];
    for (uint64_t k = 1; k < 200; k++) {
        line(w, "student.p", k, bits_of(sn_student_p((double)(k % 20) / 3, (double)(1 + k / 4))));
        line(w, "student.t", k, bits_of(sn_student_t(1 / (double)(k * k), (double)(1 + k / 4))));
    }
    for (uint64_t k = 0; k < 10; k++) {
        struct sn_rng rng = sn_rng(k, SN_PURPOSE_MODEL, 2);
        for (uint32_t i = 0; i < 120; i++) values[i] = (i < 50 ? 90 : 100) + 4 * sn_rng_unit(&rng);
        uint32_t found = sn_history(values, 120, changes);
        line(w, "history.found", k, found);
        for (uint32_t i = 0; i < found; i++) {
            line(w, "history.index", k, changes[i].index);
            line(w, "history.p", k, bits_of(changes[i].p));
            line(w, "history.after", k, bits_of(changes[i].after));
        }
    }
}

/* "mix WORKLOAD/OPERATION/SEED 0 count": what is drawn of each workload that comes with Sentinel. */
static void mixes(struct sn_writer *w) {
    static struct sn_workload workload;
    static struct sn_mix mix;
    uint32_t counts[SN_KINDS_MAX];
    for (size_t i = 0; i < sn_builtins_len; i++) {
        const struct sn_builtin *builtin = &sn_builtins[i];
        struct sn_writer compiled = sn_writer(plan_bytes, sizeof plan_bytes);
        struct sn_plan_error error = {0};
        struct sn_arena arena;
        sn_arena_init(&arena, scratch, sizeof scratch);
        SN_ASSERT(sn_workload_compile(builtin->text, builtin->len, NULL, 0, &arena, &compiled, &error) == SN_OK);
        SN_ASSERT(sn_workload_open(&workload, plan_bytes, compiled.len) == SN_OK);
        for (uint64_t seed = 1; seed <= 3; seed++) {
            memset(counts, 0, sizeof counts);
            SN_ASSERT(sn_workload_mix(&workload, seed, &mix) == SN_OK);
            for (uint64_t k = 1; k <= 100000; k++) counts[sn_operation_kind(&mix, k)]++;
            for (uint32_t kind = 0; kind < workload.kinds_len; kind++) {
                sn_put_text(w, "mix ");
                sn_put_text(w, builtin->name);
                sn_put_text(w, "/");
                sn_put_bytes(w, workload.pool + workload.kinds[kind].name.offset, workload.kinds[kind].name.len);
                line(w, "", seed, counts[kind]);
            }
        }
    }
}

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(name)))
#else
#define EXPORT(name)
#endif

/* Length of what is then at sn_vectors(). */
EXPORT("sn_vectors_make") uint32_t sn_vectors_make(void) {
    struct sn_writer w = sn_writer(text, sizeof text);
    randoms(&w);
    reals(&w);
    keys(&w);
    texts(&w);
    profiles(&w);
    hists(&w);
    deltas(&w);
    payloads(&w);
    steps(&w);
    verdicts(&w);
    intervals(&w);
    histories(&w);
    mixes(&w);
    SN_ASSERT(!w.full);
    return (uint32_t)w.len;
}

EXPORT("sn_vectors") const uint8_t *sn_vectors(void) {
    return text;
}

#ifndef __wasm__
#include <stdio.h>

int main(void) {
    uint32_t len = sn_vectors_make();
    return fwrite(text, 1, len, stdout) != len;
}
#endif
