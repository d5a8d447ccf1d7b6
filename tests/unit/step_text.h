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

/* Writes a step and its shape into memory that ends where they may end, puts the two together, and writes the line,
 * zero-terminated. */
static inline void step_text(const struct sn_workload *workload, const struct sn_step *step,
                             const struct sn_render *render, char *line, size_t cap) {
    size_t max = (size_t)sn_step_bytes_max(workload, step), both = 2 * (sizeof(struct sn_record) + (max + 7) / 8 * 8);
    struct sn_shapes *shapes = calloc(1, sizeof *shapes);
    uint8_t *crossing = malloc(both), *memory = malloc(max);
    SN_ASSERT(shapes != NULL && crossing != NULL && memory != NULL);
    struct sn_writer sent = sn_writer(crossing, both), out = sn_writer(memory, max);
    SN_ASSERT(sn_step_put(&sent, shapes, workload, step, render, (struct sn_record){.id = 1}));
    struct sn_reader records = sn_reader(crossing, sent.len);
    struct sn_record record;
    struct sn_span shape, holes;
    SN_ASSERT(sn_record_next(&records, &record, &shape) && record.kind == SN_EFFECT_SHAPE && shape.len <= max);
    SN_ASSERT(sn_record_next(&records, &record, &holes) && record.kind == SN_EFFECT_STEP && holes.len <= max);
    SN_ASSERT(record.target == step->target && record.arg0 == step->action);
    SN_ASSERT(&workload->steps[record.arg1 >> 16] == step && sn_reader_left(&records) == 0);
    SN_ASSERT(sn_shape_fill(shape, holes, &out));
    struct sn_writer w = sn_writer(line, cap - 1);
    struct sn_reader r = sn_reader(memory, out.len);
    SN_ASSERT(sn_get_u64(&r) == render->k);
    uint16_t groups = sn_get_u16(&r);
    sn_put_text(&w, step_action_name(step->action));
    for (uint16_t g = 0; g < groups; g++) {
        uint32_t statement = sn_get_u32(&r);
        uint16_t values = sn_get_u16(&r);
        bool looks = statement == SN_SHAPE_LOOKS;
        if (looks) sn_put_text(&w, " looks");
        if (g > 0 && !looks) sn_put_text(&w, " ;");
        if (sn_step_target(workload, step)->service == SN_SERVICE_D1 && !looks) {
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
    free(shapes);
    free(crossing);
    free(memory);
}

#endif
