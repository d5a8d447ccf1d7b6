#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/load/payload.h"
#include "step_part.h"

/* --- What crosses once -------------------------------------------------------------------------------------- */

struct outline {
    struct place place;
    uint32_t holes; /* so far */
};

/* The row of constant parts at `at` as one TEXT; gives the index of the first part that does not belong to it. */
static uint32_t put_row(struct sn_writer *w, const struct place *place, const struct sn_argument *argument,
                        uint32_t at) {
    const struct sn_part *parts = &place->workload->parts[argument->parts];
    char digits[SN_NUMBER_TEXT_MAX];
    uint32_t end = at, len = 0;
    for (; end < argument->parts_len && sn_part_is_constant(&parts[end]); end++)
        len += (uint32_t)sn_part_text(place, &parts[end], digits).len;
    sn_put_u32(w, SN_VALUE_TEXT);
    sn_put_u32(w, len);
    for (; at < end; at++) {
        struct sn_span text = sn_part_text(place, &parts[at], digits);
        sn_put_bytes(w, text.data, text.len);
    }
    sn_put_zeros(w, -len & 3);
    return end;
}

static void put_sized_hole(struct sn_writer *w, enum sn_value type, uint32_t len, uint32_t hole) {
    sn_put_u32(w, type);
    sn_put_u32(w, len);
    sn_put_u32(w, hole);
}

static void put_hole(struct sn_writer *w, uint32_t hole) {
    sn_put_u32(w, SN_VALUE_HOLE);
    sn_put_u32(w, hole);
}

/* A slice of one length, or of a drawn one. */
static void put_slice(struct sn_writer *w, struct outline *outline, const struct sn_part *part, bool text) {
    enum sn_value type = text ? SN_VALUE_SLICE_TEXT : SN_VALUE_SLICE;
    if (part->b > 0) type = text ? SN_VALUE_CUT_TEXT : SN_VALUE_CUT;
    put_sized_hole(w, type, part->a, outline->holes++);
}

static void put_open_part(struct sn_writer *w, struct outline *outline, const struct sn_part *part) {
    switch (part->kind) {
    case SN_PART_TEXT: put_slice(w, outline, part, true); break;
    case SN_PART_PICK:
    case SN_PART_CAPTURED:
        sn_put_u32(w, SN_VALUE_TAIL);
        sn_put_u32(w, outline->holes++);
        break;
    case SN_PART_HEX: put_sized_hole(w, SN_VALUE_HEX, part->a, outline->holes++); break;
    case SN_PART_TIME_MS: put_hole(w, SN_HOLE_TIME); break;
    default: put_hole(w, sn_part_is_hole(part) ? outline->holes++ : SN_HOLE_K); break;
    }
}

static void put_text(struct sn_writer *w, struct outline *outline, const struct sn_argument *argument) {
    const struct sn_part *parts = &outline->place.workload->parts[argument->parts];
    uint32_t pieces = 0;
    if (sn_argument_is_constant(outline->place.workload, argument)) {
        put_row(w, &outline->place, argument, 0);
        return;
    }
    sn_put_u32(w, SN_VALUE_JOINED);
    size_t mark = w->len;
    sn_put_u32(w, 0);
    for (uint32_t at = 0; at < argument->parts_len; pieces++) {
        if (sn_part_is_constant(&parts[at]))
            at = put_row(w, &outline->place, argument, at);
        else
            put_open_part(w, outline, &parts[at++]);
    }
    if (w->full) return;
    struct sn_writer count = sn_writer(w->data + mark, sizeof pieces);
    sn_put_u32(&count, pieces);
}

static void put_number(struct sn_writer *w, double number) {
    sn_put_u32(w, SN_VALUE_NUMBER);
    sn_put_u32(w, sizeof number);
    sn_put_f64(w, number);
}

static void put_value(struct sn_writer *w, struct outline *outline, const struct sn_argument *argument) {
    const struct sn_workload *workload = outline->place.workload;
    switch (argument->type) {
    case SN_VALUE_TEXT: put_text(w, outline, argument); break;
    case SN_VALUE_NUMBER:
        if (sn_argument_is_constant(workload, argument)) {
            put_number(w, sn_argument_number(&outline->place, argument));
        } else {
            put_hole(w, outline->holes++);
        }
        break;
    case SN_VALUE_SLICE:
    case SN_VALUE_SLICE_TEXT:
        put_slice(w, outline, &workload->parts[argument->parts], argument->type == SN_VALUE_SLICE_TEXT);
        break;
    default: SN_ASSERT(argument->type == SN_VALUE_NULL); sn_put_u64(w, SN_VALUE_NULL);
    }
}

static void put_looks(struct sn_writer *w, struct outline *outline, const struct sn_step *step) {
    const struct sn_workload *workload = outline->place.workload;
    if (step->looks_len == 0) return;
    outline->place.times = 0;
    sn_put_u32(w, SN_SHAPE_LOOKS);
    sn_put_u16(w, (uint16_t)(2 * step->looks_len));
    for (uint32_t i = 0; i < step->looks_len; i++) {
        const struct sn_look *look = &workload->looks[step->looks + i];
        put_number(w, look->kind);
        put_value(w, outline, &workload->arguments[look->argument]);
    }
}

uint32_t sn_shape_put(struct sn_writer *w, const struct sn_workload *workload, const struct sn_step *step,
                      const struct sn_render *render) {
    struct outline outline = {{workload, render, 0}, SN_HOLES_OWN};
    const struct sn_text name = workload->targets[step->target].name;
    uint32_t groups = step->looks_len > 0;
    for (uint32_t g = 0; g < step->groups_len; g++) groups += workload->groups[step->groups + g].times;
    static const char *const sessions[] = {
#define SN_X(session, text) text,
        SN_SESSION_LIST(SN_X)
#undef SN_X
    };
    bool bound = workload->targets[step->target].service != SN_SERVICE_HTTP;
    sn_put_span(w, workload->pool + name.offset, bound ? name.len : 0);
    sn_put_span(w, sessions[step->session], strlen(sessions[step->session]));
    sn_put_u64(w, 0);
    sn_put_u16(w, (uint16_t)groups);
    for (uint32_t g = 0; g < step->groups_len; g++) {
        const struct sn_group *group = &workload->groups[step->groups + g];
        for (outline.place.times = 0; outline.place.times < group->times; outline.place.times++) {
            sn_put_u32(w, group->statement);
            sn_put_u16(w, (uint16_t)group->arguments_len);
            for (uint32_t i = 0; i < group->arguments_len; i++)
                put_value(w, &outline, &workload->arguments[group->arguments + i]);
        }
    }
    put_looks(w, &outline, step);
    return outline.holes;
}

/* --- What the host makes of it ----------------------------------------------------------------------------- */

struct filling {
    struct sn_reader *shape;
    struct sn_span holes;
    struct sn_writer *w;
};

/* A hole's eight bytes; zeros for one that is not there, and then the shape is bad. */
static struct sn_reader hole(const struct filling *filling, uint32_t index) {
    static const uint8_t nothing[8];
    if (index >= filling->holes.len / 8) filling->shape->bad = true;
    return sn_reader(filling->shape->bad ? nothing : filling->holes.data + index * 8, 8);
}

static double number_in(const struct filling *filling, uint32_t index) {
    struct sn_reader r = hole(filling, index);
    return sn_get_f64(&r);
}

static bool is_cut(uint32_t type) {
    return type == SN_VALUE_CUT || type == SN_VALUE_CUT_TEXT;
}

/* `len` is what there is at most; it becomes how long it is. */
static uint32_t offset_in(const struct filling *filling, uint32_t type, uint32_t index, uint32_t *len) {
    struct sn_reader r = hole(filling, index);
    double offset = is_cut(type) ? sn_get_u32(&r) : sn_get_f64(&r);
    uint32_t own = is_cut(type) ? sn_get_u32(&r) : *len;
    bool sound = own <= *len && own <= SN_PAYLOAD_BLOCK && offset >= 0 && offset <= SN_PAYLOAD_BLOCK - own &&
                 (double)(uint32_t)offset == offset && (uint32_t)offset % 8 == 0;
    if (!sound) filling->shape->bad = true;
    *len = own;
    return sound ? (uint32_t)offset : 0;
}

/* What a hole points to behind the holes. */
static void fill_tail(const struct filling *filling, uint32_t index) {
    struct sn_reader r = hole(filling, index);
    uint32_t at = sn_get_u32(&r), len = sn_get_u32(&r);
    if (at > filling->holes.len || len > filling->holes.len - at) filling->shape->bad = true;
    if (!filling->shape->bad) sn_put_bytes(filling->w, filling->holes.data + at, len);
}

static void fill_piece(const struct filling *filling) {
    uint32_t type = sn_get_u32(filling->shape), len = sn_get_u32(filling->shape);
    struct sn_reader digits;
    const uint8_t *bytes;
    uint32_t offset;
    switch (type) {
    case SN_VALUE_TEXT:
        bytes = sn_get_bytes(filling->shape, len);
        if (bytes != NULL) sn_put_bytes(filling->w, bytes, len);
        sn_get_bytes(filling->shape, -len & 3);
        break;
    case SN_VALUE_HOLE: sn_put_number(filling->w, number_in(filling, len)); break;
    case SN_VALUE_HEX:
        digits = hole(filling, sn_get_u32(filling->shape));
        if (len > 16) filling->shape->bad = true;
        if (!filling->shape->bad) sn_put_hex(filling->w, sn_get_u64(&digits), len);
        break;
    case SN_VALUE_TAIL: fill_tail(filling, len); break;
    case SN_VALUE_CUT_TEXT:
    case SN_VALUE_SLICE_TEXT:
        offset = offset_in(filling, type, sn_get_u32(filling->shape), &len);
        if (!filling->shape->bad) sn_payload_put(filling->w, offset, len);
        break;
    default: filling->shape->bad = true; break;
    }
}

static void fill_joined(const struct filling *filling, uint32_t pieces) {
    struct sn_writer *w = filling->w;
    sn_put_u32(w, SN_VALUE_TEXT);
    size_t mark = w->len;
    sn_put_u32(w, 0);
    for (; pieces > 0 && !filling->shape->bad; pieces--) fill_piece(filling);
    if (w->full) return;
    uint32_t len = (uint32_t)(w->len - mark - sizeof len);
    struct sn_writer head = sn_writer(w->data + mark, sizeof len);
    sn_put_u32(&head, len);
    sn_put_zeros(w, -len & 3);
}

static void fill_value(const struct filling *filling) {
    uint32_t type = sn_get_u32(filling->shape), len = sn_get_u32(filling->shape), offset;
    const uint8_t *bytes;
    switch (type) {
    case SN_VALUE_JOINED: fill_joined(filling, len); break;
    case SN_VALUE_HOLE: put_number(filling->w, number_in(filling, len)); break;
    case SN_VALUE_SLICE:
    case SN_VALUE_SLICE_TEXT:
    case SN_VALUE_CUT:
    case SN_VALUE_CUT_TEXT:
        offset = offset_in(filling, type, sn_get_u32(filling->shape), &len);
        if (is_cut(type)) type = type == SN_VALUE_CUT ? SN_VALUE_SLICE : SN_VALUE_SLICE_TEXT;
        put_sized_hole(filling->w, (enum sn_value)type, len, offset);
        break;
    default:
        sn_put_u32(filling->w, type);
        sn_put_u32(filling->w, len);
        bytes = sn_get_bytes(filling->shape, (size_t)len + (-len & 3));
        if (bytes != NULL) sn_put_bytes(filling->w, bytes, len + (-len & 3));
    }
}

bool sn_shape_fill(struct sn_span shape, struct sn_span holes, struct sn_writer *w) {
    struct sn_reader r = sn_reader(shape.data, shape.len);
    const struct filling filling = {&r, holes, w};
    uint16_t groups, values;
    sn_get_span(&r);
    sn_get_span(&r);
    sn_get_u64(&r);
    sn_put_u64(w, (uint64_t)number_in(&filling, SN_HOLE_K));
    sn_put_u16(w, groups = sn_get_u16(&r));
    for (; groups > 0 && !r.bad; groups--) {
        sn_put_u32(w, sn_get_u32(&r));
        sn_put_u16(w, values = sn_get_u16(&r));
        for (; values > 0 && !r.bad; values--) fill_value(&filling);
    }
    return !r.bad && !w->full && sn_reader_left(&r) == 0;
}
