#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/decimal.h"
#include "sentinel/base/escape.h"
#include "sentinel/load/operation.h"
#include "sentinel/load/payload.h"
#include "step_part.h"

#define EXACT_MAX (UINT64_C(1) << 53) /* beyond it a double would lose digits */

bool sn_argument_is_constant(const struct sn_workload *workload, const struct sn_argument *argument) {
    for (uint32_t i = 0; i < argument->parts_len; i++)
        if (!sn_part_is_constant(&workload->parts[argument->parts + i])) return false;
    return true;
}

/* --- What the parts say ------------------------------------------------------------------------------------ */

static uint64_t hash_numbers(uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    uint64_t hash = sn_hash64_add_number(sn_hash64_add_number(SN_HASH64_BEGIN, a), b);
    return sn_hash64_end(sn_hash64_add_number(sn_hash64_add_number(hash, c), d));
}

/* Generated values are named by what they say: within one operation the same part gives the same value, so a cleanup
 * finds again what a step has written.  Only a repeated group has a value for each repetition, and what asks for another
 * draw. */
static uint64_t salt_of(const struct place *place, const struct sn_part *part) {
    return hash_numbers(part->kind, part->a, part->b, place->times | (uint64_t)part->c << 32);
}

/* The row of a list that the operation picks: the same for all columns. */
static uint32_t row_of(const struct place *place, const struct sn_part *part) {
    const struct sn_list *list = &place->workload->lists[part->a];
    const struct sn_option *rows = &place->workload->options[list->options];
    if (place->render->item_tenant > 0 && part->a + 1 == place->workload->tenants)
        return (place->render->item_tenant - 1) % list->rows;
    if (list->total == 0) return (uint32_t)((place->render->k + part->c) % list->rows);
    uint64_t salt = hash_numbers(part->kind, list->salt, part->c, place->times);
    uint32_t draw = sn_rng_first_below(place->render->seed ^ salt, SN_PURPOSE_VALUE, place->render->k, list->total);
    uint32_t low = 0, high = list->rows - 1;
    while (low < high) { /* the first whose share reaches beyond the draw */
        uint32_t middle = low + (high - low) / 2;
        if (rows[middle * list->columns].upto > draw)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

struct sn_span sn_part_picked(const struct place *place, const struct sn_part *part) {
    const struct sn_list *list = &place->workload->lists[part->a];
    uint32_t cell = list->options + row_of(place, part) * list->columns + part->b;
    struct sn_text text = place->workload->options[cell].text;
    return (struct sn_span){(const uint8_t *)place->workload->pool + text.offset, text.len};
}

static uint64_t hex_of(const struct place *place, const struct sn_part *part) {
    return sn_rng_first(place->render->seed ^ salt_of(place, part), SN_PURPOSE_VALUE, place->render->k);
}

static uint64_t time_ms(const struct sn_render *render) {
    return render->now_us > 0 ? (uint64_t)(render->now_us / 1000) : 0;
}

/* Most numbers are small, and dividing 64 bits takes several times as long as dividing 32. */
static uint64_t remainder_of(uint64_t k, uint32_t divisor) {
    return k <= UINT32_MAX ? (uint32_t)k % divisor : k % divisor;
}

/* Of the parts that are numbers. */
static uint64_t number_of(const struct place *place, const struct sn_part *part) {
    const struct sn_render *render = place->render;
    switch (part->kind) {
    case SN_PART_K: return part->a > 0 ? remainder_of(render->k, part->a) : render->k;
    case SN_PART_TIME_MS: return time_ms(render);
    case SN_PART_TIMES: return place->times;
    case SN_PART_PICK: return row_of(place, part);
    case SN_PART_KEY: return sn_keyspace_key(&place->workload->keyspaces[part->a], render->seed, render->k);
    default:
        SN_ASSERT(part->kind == SN_PART_NUMBER);
        return part->a + (uint64_t)sn_rng_first_below(render->seed ^ salt_of(place, part), SN_PURPOSE_VALUE, render->k,
                                                      part->b - part->a + 1);
    }
}

/* What an earlier step captured.  Where nothing is sent, its template stands for it. */
static struct sn_span captured(const struct place *place, const struct sn_part *part) {
    if (place->render->captured != NULL) return place->render->captured[part->a];
    return (struct sn_span){(const uint8_t *)place->workload->pool + part->b, part->c};
}

struct sn_span sn_part_text(const struct place *place, const struct sn_part *part, char digits[SN_NUMBER_TEXT_MAX]) {
    struct sn_writer w = sn_writer(digits, SN_NUMBER_TEXT_MAX);
    SN_ASSERT(part->kind != SN_PART_TEXT);
    switch (part->kind) {
    case SN_PART_LITERAL: return (struct sn_span){(const uint8_t *)place->workload->pool + part->a, part->b};
    case SN_PART_PICK: return sn_part_picked(place, part);
    case SN_PART_CAPTURED: return captured(place, part);
    case SN_PART_RUN: return place->render->run;
    case SN_PART_DATA: return place->render->data;
    case SN_PART_TENANT: return place->render->tenant;
    case SN_PART_HEX: sn_put_hex(&w, hex_of(place, part), part->a); break;
    default: sn_put_dec(&w, number_of(place, part)); break;
    }
    return (struct sn_span){w.data, w.len};
}

double sn_argument_number(const struct place *place, const struct sn_argument *argument) {
    char text[SN_NUMBER_TEXT_MAX], digits[SN_NUMBER_TEXT_MAX];
    struct sn_writer w = sn_writer(text, sizeof text);
    size_t used;
    for (uint32_t i = 0; i < argument->parts_len; i++) {
        struct sn_span part = sn_part_text(place, &place->workload->parts[argument->parts + i], digits);
        sn_put_bytes(&w, part.data, part.len);
    }
    SN_ASSERT(!w.full);
    return sn_decimal_read(text, w.len, &used);
}

/* Chooses a template's slice by what varies in it, but for the time and for what is sliced itself: the bytes are a
 * function of the key even where the rest is not.  Where there is nothing else, k chooses. */
static uint64_t hash_of_values(const struct place *place, const struct sn_argument *argument) {
    const struct sn_part *part = &place->workload->parts[argument->parts];
    uint64_t hash = SN_HASH64_BEGIN;
    bool alone = true;
    for (const struct sn_part *end = part + argument->parts_len; part < end; part++) {
        if (part->kind == SN_PART_TEXT || part->kind == SN_PART_TIME_MS) continue;
        alone = false;
        if (part->kind == SN_PART_HEX)
            hash = sn_hash64_add_number(hash, hex_of(place, part));
        else if (part->kind == SN_PART_CAPTURED)
            hash = sn_hash64_add_number(hash, sn_hash64(captured(place, part).data, captured(place, part).len));
        else if (part->kind == SN_PART_TIMES || !sn_part_is_constant(part))
            hash = sn_hash64_add_number(hash, number_of(place, part));
    }
    if (alone) return hash_numbers(place->render->seed, place->render->k, place->times, 0);
    return sn_hash64_end(hash);
}

void sn_step_put_subject(struct sn_writer *w, const struct sn_workload *workload, const struct sn_step *step,
                         const struct sn_render *render) {
    const struct place place = {.workload = workload, .render = render};
    const struct sn_group *group = &workload->groups[step->groups];
    uint32_t i = 0;
    while (i < group->arguments_len && sn_argument_is_constant(workload, &workload->arguments[group->arguments + i]))
        i++;
    if (i == group->arguments_len) return;
    const struct sn_argument *argument = &workload->arguments[group->arguments + i];
    for (uint32_t p = 0; p < argument->parts_len; p++) {
        char digits[SN_NUMBER_TEXT_MAX];
        const struct sn_part *part = &workload->parts[argument->parts + p];
        if (part->kind == SN_PART_TEXT) continue;
        struct sn_span text = sn_part_text(&place, part, digits);
        sn_put_bytes(w, text.data, text.len);
    }
}

/* --- What crosses with each step --------------------------------------------------------------------------- */

/* Where holes are filled: their number is known, and with it where they end. */
struct pen {
    uint8_t *at, *end;
    struct sn_writer *w; /* ends where the holes do, and where what they point to is appended */
    size_t start;        /* of the payload in it */
};

static void fill(struct pen *pen, const void *eight) {
    SN_ASSERT(pen->at < pen->end);
    memcpy(pen->at, eight, 8);
    pen->at += 8;
}

static void fill_pair(struct pen *pen, uint32_t low, uint32_t high) {
    uint64_t both = (uint64_t)high << 32 | low;
    fill(pen, &both);
}

static void fill_number(struct pen *pen, uint64_t number) {
    SN_ASSERT(number <= EXACT_MAX);
    double exact = (double)number;
    fill(pen, &exact);
}

static void fill_tail(struct pen *pen, struct sn_span text, bool json) {
    size_t at = pen->w->len;
    if (json)
        sn_put_escaped(pen->w, text.data, text.len);
    else
        sn_put_bytes(pen->w, text.data, text.len);
    fill_pair(pen, (uint32_t)(at - pen->start), (uint32_t)(pen->w->len - at));
}

/* How long the slice is follows from what chooses it, too. */
static void fill_chosen(struct pen *pen, const struct sn_part *part, uint64_t hash) {
    if (part->b == 0) {
        fill_number(pen, sn_payload_offset(hash, part->a));
        return;
    }
    struct sn_rng rng = sn_rng(hash, SN_PURPOSE_PAYLOAD, 0);
    uint32_t len = sn_rng_lognormal(&rng, part->b, part->c * 1000, part->a);
    fill_pair(pen, sn_payload_offset(hash, len), len);
}

static void fill_text(struct pen *pen, const struct place *place, const struct sn_argument *argument) {
    const struct sn_part *part = &place->workload->parts[argument->parts];
    bool json = argument->key == SN_ARGUMENT_JSON;
    for (const struct sn_part *end = part + argument->parts_len; part < end && pen->at < pen->end; part++) {
        if (!sn_part_is_hole(part)) continue;
        if (part->kind == SN_PART_HEX) {
            uint64_t bits = hex_of(place, part);
            fill(pen, &bits);
        } else if (part->kind == SN_PART_TEXT) {
            fill_chosen(pen, part, hash_of_values(place, argument));
        } else if (part->kind == SN_PART_PICK) {
            fill_tail(pen, sn_part_picked(place, part), json);
        } else if (part->kind == SN_PART_CAPTURED) {
            fill_tail(pen, captured(place, part), json);
        } else {
            fill_number(pen, number_of(place, part));
        }
    }
}

static void fill_slice(struct pen *pen, const struct place *place, const struct sn_argument *argument) {
    static const struct sn_argument by_k = {.type = SN_VALUE_TEXT};
    const struct sn_argument *key = argument->key == UINT32_MAX ? &by_k : &place->workload->arguments[argument->key];
    fill_chosen(pen, &place->workload->parts[argument->parts], hash_of_values(place, key));
}

static void fill_argument(struct pen *pen, const struct place *place, const struct sn_argument *argument) {
    if (argument->type == SN_VALUE_TEXT) {
        fill_text(pen, place, argument);
    } else if (argument->type == SN_VALUE_SLICE || argument->type == SN_VALUE_SLICE_TEXT) {
        fill_slice(pen, place, argument);
    } else if (argument->type == SN_VALUE_NUMBER && !sn_argument_is_constant(place->workload, argument)) {
        double number = sn_argument_number(place, argument);
        fill(pen, &number);
    }
}

static void fill_group(struct pen *pen, struct place *place, const struct sn_group *group) {
    for (place->times = 0; place->times < group->times && pen->at < pen->end; place->times++) {
        const uint8_t *before = pen->at;
        for (uint32_t i = 0; i < group->arguments_len && pen->at < pen->end; i++)
            fill_argument(pen, place, &place->workload->arguments[group->arguments + i]);
        if (pen->at == before) break; /* without holes, and so are its repetitions */
    }
}

static bool define(struct sn_writer *w, uint16_t *holes, const struct sn_workload *workload, const struct sn_step *step,
                   const struct sn_render *render) {
    struct sn_record record = {.kind = SN_EFFECT_SHAPE, .arg0 = (uint32_t)(step - workload->steps)};
    size_t mark = sn_record_begin(w, &record);
    uint32_t count = sn_shape_put(w, workload, step, render);
    if (!sn_record_end(w, mark)) return false;
    SN_ASSERT(count <= UINT16_MAX);
    *holes = (uint16_t)count;
    return true;
}

/* Of most steps nothing but their own two holes differs. */
bool sn_step_put(struct sn_writer *w, struct sn_shapes *shapes, const struct sn_workload *workload,
                 const struct sn_step *step, const struct sn_render *render, struct sn_record header) {
    uint32_t number = (uint32_t)(step - workload->steps);
    SN_ASSERT(number < workload->steps_len && number < SN_SHAPES_MAX);
    uint16_t *holes = &shapes->holes[number];
    if (*holes == 0 && !define(w, holes, workload, step, render)) return false;
    header.kind = SN_EFFECT_STEP;
    header.size = 8 * (uint32_t)*holes;
    header.target = step->target;
    header.arg0 = step->action;
    header.arg1 |= number << 16;
    size_t mark = w->len;
    uint8_t *at = sn_put_room(w, sizeof header + header.size);
    if (at == NULL) return false;
    struct pen pen = {at + sizeof header, at + sizeof header + header.size, w, mark + sizeof header};
    fill_number(&pen, render->k);
    fill_number(&pen, time_ms(render));
    struct place place = {.workload = workload, .render = render};
    for (uint32_t g = 0; g < step->groups_len && pen.at < pen.end; g++)
        fill_group(&pen, &place, &workload->groups[step->groups + g]);
    place.times = 0;
    for (uint32_t i = 0; i < step->looks_len && pen.at < pen.end; i++)
        fill_argument(&pen, &place, &workload->arguments[workload->looks[step->looks + i].argument]);
    SN_ASSERT(pen.at == pen.end);
    header.size = (uint32_t)(w->len - pen.start);
    sn_put_zeros(w, -header.size & 7);
    if (w->full) w->len = mark;
    memcpy(at, &header, sizeof header);
    return !w->full;
}
