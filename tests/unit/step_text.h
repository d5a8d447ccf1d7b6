/* A rendered step as one readable line: action, then values.  Texts stand in single quotes, numbers as they are, slices
 * of the payload block as slice(offset, length); SQL comes first, and a batch has " ; " between its statements. */
#ifndef SENTINEL_TESTS_STEP_TEXT_H
#define SENTINEL_TESTS_STEP_TEXT_H

#include <stdlib.h>
#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/load/operation.h"

static void step_text_value(struct sn_reader *r, struct sn_writer *w) {
    uint8_t type = sn_get_u8(r);
    SN_ASSERT(sn_get_u8(r) == 0 && sn_get_u16(r) == 0);
    uint32_t len = sn_get_u32(r);
    switch (type) {
    case SN_VALUE_NULL:
        SN_ASSERT(len == 0);
        sn_put_text(w, "null");
        return;
    case SN_VALUE_NUMBER:
        SN_ASSERT(len == 8);
        sn_put_number(w, sn_get_f64(r));
        return;
    case SN_VALUE_SLICE:
    case SN_VALUE_SLICE_TEXT:
        sn_put_text(w, type == SN_VALUE_SLICE ? "slice(" : "text(");
        sn_put_dec(w, sn_get_u32(r));
        sn_put_text(w, ", ");
        sn_put_dec(w, len);
        sn_put_text(w, ")");
        return;
    default: break;
    }
    SN_ASSERT(type == SN_VALUE_TEXT);
    sn_put_text(w, "'");
    sn_put_bytes(w, sn_get_bytes(r, len), len);
    sn_put_text(w, "'");
    for (; len % 4 != 0; len++) SN_ASSERT(sn_get_u8(r) == 0);
}

static inline const char *step_action_name(uint32_t action) {
    switch (action) {
#define SN_X(name, value, text) \
    case value: return text;
        SN_ACTION_LIST(SN_X)
#undef SN_X
    default: return "?";
    }
}

/* What the host keeps changes how a step crosses, and nothing of what it says. */
static inline void expect_same_when_kept(const struct sn_workload *workload, const struct sn_step *step,
                                         struct sn_render render, const uint8_t *expected, size_t len) {
    size_t max = (size_t)sn_step_bytes_max(workload, step);
    uint8_t *defined = malloc(SN_KEPT_BYTES_MAX), *kept = malloc(max), *plain = malloc(SN_EFFECT_MAX);
    SN_ASSERT(defined != NULL && kept != NULL && plain != NULL);
    struct sn_writer define = sn_writer(defined, SN_KEPT_BYTES_MAX), out = sn_writer(kept, max);
    struct sn_writer again = sn_writer(plain, SN_EFFECT_MAX);
    render.kept = sn_kept_define(workload, &render, &define);
    sn_step_render(workload, step, &render, &out);
    SN_ASSERT(!out.full);
    SN_ASSERT(sn_step_plain(workload, &render, (struct sn_span){kept, out.len}, &again));
    SN_ASSERT(again.len == len && memcmp(plain, expected, len) == 0);
    free(defined);
    free(kept);
    free(plain);
}

/* Renders into memory that ends where the rendered step ends, reads it back, and writes the line, zero-terminated. */
static inline void step_text(const struct sn_workload *workload, const struct sn_step *step,
                             const struct sn_render *render, char *line, size_t cap) {
    uint8_t *memory = malloc(SN_EFFECT_MAX);
    SN_ASSERT(memory != NULL);
    struct sn_writer out = sn_writer(memory, SN_EFFECT_MAX);
    sn_step_render(workload, step, render, &out);
    SN_ASSERT(!out.full && out.len <= sn_step_bytes_max(workload, step));
    expect_same_when_kept(workload, step, *render, memory, out.len);
    struct sn_writer w = sn_writer(line, cap - 1);
    struct sn_reader r = sn_reader(memory, out.len);
    SN_ASSERT(sn_get_u64(&r) == render->k);
    uint16_t groups = sn_get_u16(&r);
    sn_put_text(&w, step_action_name(step->action));
    for (uint16_t g = 0; g < groups; g++) {
        uint32_t statement = sn_get_u32(&r);
        uint16_t values = sn_get_u16(&r);
        if (g > 0) sn_put_text(&w, " ;");
        if (step->binding == 2) { /* TARGET_DB */
            struct sn_text text = workload->statements[statement];
            sn_put_text(&w, " ");
            sn_put_bytes(&w, workload->pool + text.offset, text.len);
            sn_put_text(&w, " |");
        }
        for (uint16_t i = 0; i < values; i++) {
            sn_put_text(&w, " ");
            step_text_value(&r, &w);
        }
    }
    SN_ASSERT(!r.bad && sn_reader_left(&r) == 0 && !w.full);
    line[w.len] = 0;
    free(memory);
}

#endif
