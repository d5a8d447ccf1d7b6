#include "step_kept.h"

#include "sentinel/base/assert.h"
#include "sentinel/base/record.h"
#include "sentinel/load/payload.h"

bool sn_part_is_constant(const struct sn_part *part) {
    return part->kind == SN_PART_LITERAL || part->kind == SN_PART_RUN || part->kind == SN_PART_TENANT;
}

void sn_part_put_constant(struct sn_writer *w, const struct sn_workload *workload, const struct sn_render *render,
                          const struct sn_part *part) {
    switch (part->kind) {
    case SN_PART_LITERAL: sn_put_bytes(w, workload->pool + part->a, part->b); break;
    case SN_PART_RUN: sn_put_bytes(w, render->run.data, render->run.len); break;
    default: SN_ASSERT(part->kind == SN_PART_TENANT); sn_put_bytes(w, render->tenant.data, render->tenant.len);
    }
}

uint32_t sn_kept_end(const struct sn_workload *workload, const struct sn_argument *argument, uint32_t at) {
    while (at < argument->parts_len && sn_part_is_constant(&workload->parts[argument->parts + at])) at++;
    return at;
}

uint32_t sn_kept_number(const struct sn_workload *workload, const struct sn_argument *argument, uint32_t at) {
    return workload->statements_len + argument->parts + at;
}

static void put_row(struct sn_writer *w, const struct sn_workload *workload, const struct sn_render *render,
                    const struct sn_argument *argument, uint32_t at) {
    uint32_t end = sn_kept_end(workload, argument, at);
    for (; at < end; at++) sn_part_put_constant(w, workload, render, &workload->parts[argument->parts + at]);
}

static void define_rows(struct sn_writer *w, const struct sn_workload *workload, const struct sn_render *render,
                        const struct sn_argument *argument) {
    for (uint32_t at = 0; at < argument->parts_len; at++) {
        uint32_t end = sn_kept_end(workload, argument, at);
        if (end == at) continue;
        struct sn_record define = {.kind = SN_EFFECT_DEFINE, .arg0 = sn_kept_number(workload, argument, at)};
        size_t mark = sn_record_begin(w, &define);
        put_row(w, workload, render, argument, at);
        sn_record_end(w, mark);
        at = end - 1;
    }
}

/* A number names the place of a part, so the arguments have to lie one behind the other, as the compiler leaves them: of
 * two that overlap, both might begin a row at the same part, and end it at different ones. */
uint32_t sn_kept_define(const struct sn_workload *workload, const struct sn_render *render, struct sn_writer *w) {
    size_t room = w->cap - w->len;
    struct sn_writer own = sn_writer(w->data + w->len, room < SN_KEPT_BYTES_MAX ? room : SN_KEPT_BYTES_MAX);
    uint32_t kept = 0, parts = 0;
    if (w->full) return 0;
    for (; kept < workload->arguments_len && workload->arguments[kept].parts == parts; kept++) {
        const struct sn_argument *argument = &workload->arguments[kept];
        size_t mark = own.len;
        if (argument->type == SN_VALUE_TEXT) define_rows(&own, workload, render, argument);
        if (own.full) {
            own.len = mark;
            break;
        }
        parts += argument->parts_len;
    }
    w->len += own.len;
    return kept;
}

/* --- The same without anything kept -------------------------------------------------------------------------- */

struct plain {
    const struct sn_workload *workload;
    const struct sn_render *render;
    struct sn_reader *r;
    struct sn_writer *w;
};

static void put_kept(const struct plain *plain, uint32_t number) {
    uint32_t part = number - plain->workload->statements_len;
    for (uint32_t i = 0; i < plain->workload->arguments_len; i++) {
        const struct sn_argument *argument = &plain->workload->arguments[i];
        if (part - argument->parts >= argument->parts_len) continue;
        put_row(plain->w, plain->workload, plain->render, argument, part - argument->parts);
        return;
    }
    plain->r->bad = true;
}

static void put_slice(const struct plain *plain, uint32_t offset, uint32_t len) {
    if (offset % 8 != 0 || offset > SN_PAYLOAD_BLOCK || len > SN_PAYLOAD_BLOCK - offset) plain->r->bad = true;
    if (!plain->r->bad) sn_payload_put(plain->w, offset, len);
}

/* Bytes as they are. */
static void put_span(const struct plain *plain, size_t len) {
    const uint8_t *bytes = sn_get_bytes(plain->r, len);
    if (bytes != NULL) sn_put_bytes(plain->w, bytes, len);
}

static void put_piece(const struct plain *plain, uint32_t type, uint32_t len) {
    switch (type) {
    case SN_VALUE_KEPT: put_kept(plain, len); break;
    case SN_VALUE_NUMBER: sn_put_number(plain->w, sn_get_f64(plain->r)); break;
    case SN_VALUE_SLICE_TEXT: put_slice(plain, sn_get_u32(plain->r), len); break;
    case SN_VALUE_TEXT:
        put_span(plain, len);
        sn_get_bytes(plain->r, -len & 3);
        break;
    default: plain->r->bad = true; break;
    }
}

/* A KEPT text, or a JOINED one, as one TEXT. */
static void put_text(const struct plain *plain, uint32_t type, uint32_t number) {
    sn_put_u32(plain->w, SN_VALUE_TEXT);
    size_t mark = plain->w->len;
    sn_put_u32(plain->w, 0);
    if (type == SN_VALUE_KEPT) put_kept(plain, number);
    for (; type == SN_VALUE_JOINED && number > 0 && !plain->r->bad; number--) {
        uint32_t piece = sn_get_u32(plain->r), len = sn_get_u32(plain->r);
        put_piece(plain, piece, len);
    }
    if (plain->w->full) return;
    uint32_t len = (uint32_t)(plain->w->len - mark - sizeof len);
    struct sn_writer head = sn_writer(plain->w->data + mark, sizeof len);
    sn_put_u32(&head, len);
    sn_put_zeros(plain->w, -len & 3);
}

static void put_value(const struct plain *plain) {
    uint32_t type = sn_get_u32(plain->r), len = sn_get_u32(plain->r);
    if (type == SN_VALUE_KEPT || type == SN_VALUE_JOINED) {
        put_text(plain, type, len);
        return;
    }
    bool slice = type == SN_VALUE_SLICE || type == SN_VALUE_SLICE_TEXT;
    size_t size = slice ? sizeof(uint32_t) : (len + 3) / 4 * 4;
    sn_put_u32(plain->w, type);
    sn_put_u32(plain->w, len);
    put_span(plain, size);
}

bool sn_step_plain(const struct sn_workload *workload, const struct sn_render *render, struct sn_span payload,
                   struct sn_writer *w) {
    struct sn_reader r = sn_reader(payload.data, payload.len);
    const struct plain plain = {workload, render, &r, w};
    sn_put_u64(w, sn_get_u64(&r));
    uint16_t groups = sn_get_u16(&r);
    sn_put_u16(w, groups);
    for (; groups > 0 && !r.bad; groups--) {
        sn_put_u32(w, sn_get_u32(&r));
        uint16_t values = sn_get_u16(&r);
        sn_put_u16(w, values);
        for (; values > 0 && !r.bad; values--) put_value(&plain);
    }
    return !r.bad && !w->full && sn_reader_left(&r) == 0;
}
