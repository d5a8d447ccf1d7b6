#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/decimal.h"
#include "sentinel/load/operation.h"
#include "sentinel/load/payload.h"
#include "step_kept.h"

struct place {
    const struct sn_workload *workload;
    const struct sn_render *render;
    uint32_t times; /* position in a repeated group */
};

static uint64_t hash_numbers(uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    uint64_t numbers[4] = {a, b, c, d};
    return sn_hash64(numbers, sizeof numbers);
}

/* Generated values are named by what they say: within one operation the same part gives the same value, so a cleanup
 * finds again what a step has written.  Only a repeated group has a value for each repetition. */
static struct sn_rng value_rng(const struct place *place, const struct sn_part *part) {
    uint64_t salt = hash_numbers(part->kind, part->a, part->b, place->times);
    return sn_rng(place->render->seed ^ salt, SN_PURPOSE_VALUE, place->render->k);
}

static void put_hex(struct sn_writer *w, const struct place *place, const struct sn_part *part) {
    struct sn_rng rng = value_rng(place, part);
    sn_put_hex(w, sn_rng_u64(&rng), part->a);
}

/* `len` bytes of the payload block, copied into the text. */
static void put_payload(struct sn_writer *w, uint64_t key_hash, uint32_t len) {
    sn_payload_put(w, sn_payload_offset(key_hash, len), len);
}

/* Of the parts that are numbers. */
static uint64_t number_of(const struct place *place, const struct sn_part *part) {
    const struct sn_render *render = place->render;
    struct sn_rng rng;
    switch (part->kind) {
    case SN_PART_K: return part->a > 0 ? render->k % part->a : render->k;
    case SN_PART_TIME_MS: return render->now_us > 0 ? (uint64_t)(render->now_us / 1000) : 0;
    case SN_PART_TIMES: return place->times;
    case SN_PART_KEY: return sn_keyspace_key(&place->workload->keyspaces[part->a], render->seed, render->k);
    default:
        SN_ASSERT(part->kind == SN_PART_NUMBER);
        rng = value_rng(place, part);
        return part->a + (uint64_t)sn_rng_below(&rng, part->b - part->a + 1);
    }
}

/* Everything but TEXT, whose bytes depend on the rest of its template. */
static void put_part(struct sn_writer *w, const struct place *place, const struct sn_part *part) {
    if (sn_part_is_constant(part)) {
        sn_part_put_constant(w, place->workload, place->render, part);
    } else if (part->kind == SN_PART_HEX) {
        put_hex(w, place, part);
    } else if (part->kind != SN_PART_TEXT) {
        sn_put_dec(w, number_of(place, part));
    }
}

/* Hash of a template without its TEXT parts, and without the time, so that the bytes are a function of k even where the
 * rest is not.  The parts are written where the value is about to be, and taken back. */
static uint64_t hash_of_rest(struct sn_writer *w, const struct place *place, const struct sn_argument *argument) {
    size_t mark = w->len;
    for (uint32_t i = 0; i < argument->parts_len; i++) {
        const struct sn_part *part = &place->workload->parts[argument->parts + i];
        if (part->kind != SN_PART_TIME_MS) put_part(w, place, part);
    }
    size_t len = w->len - mark;
    w->len = mark;
    if (len == 0) return hash_numbers(place->render->seed, place->render->k, place->times, 0);
    return sn_hash64(w->data + mark, len);
}

static void put_template(struct sn_writer *w, const struct place *place, const struct sn_argument *argument) {
    const struct sn_part *parts = &place->workload->parts[argument->parts];
    for (uint32_t i = 0; i < argument->parts_len; i++) {
        if (parts[i].kind == SN_PART_TEXT) {
            put_payload(w, hash_of_rest(w, place, argument), parts[i].a);
        } else {
            put_part(w, place, &parts[i]);
        }
    }
}

static void put_value_head(struct sn_writer *w, uint32_t type, uint32_t len) {
    sn_put_u64(w, (uint64_t)len << 32 | type); /* one byte, three of zeros, and four */
}

static void put_slice(struct sn_writer *w, const struct place *place, const struct sn_argument *argument) {
    static const struct sn_argument by_k = {.type = SN_VALUE_TEXT};
    const struct sn_argument *key = argument->key == UINT32_MAX ? &by_k : &place->workload->arguments[argument->key];
    uint32_t len = place->workload->parts[argument->parts].a;
    uint32_t offset = sn_payload_offset(hash_of_rest(w, place, key), len);
    put_value_head(w, argument->type, len);
    sn_put_u32(w, offset);
}

static void put_number(struct sn_writer *w, const struct place *place, const struct sn_argument *argument) {
    char text[SN_NUMBER_TEXT_MAX];
    struct sn_writer digits = sn_writer(text, sizeof text);
    size_t used;
    put_template(&digits, place, argument);
    SN_ASSERT(!digits.full);
    put_value_head(w, SN_VALUE_NUMBER, sizeof(double));
    sn_put_f64(w, sn_decimal_read(text, digits.len, &used));
}

static void put_text(struct sn_writer *w, const struct place *place, const struct sn_argument *argument) {
    size_t mark = w->len;
    put_value_head(w, SN_VALUE_TEXT, 0);
    size_t start = w->len;
    put_template(w, place, argument);
    if (w->full) return;
    uint32_t len = (uint32_t)(w->len - start);
    memcpy(w->data + mark + 4, &len, sizeof len);
    sn_put_zeros(w, (4 - len % 4) % 4);
}

/* --- Texts whose constant parts the host keeps ------------------------------------------------------------- */

/* Beyond 2^53 a number would lose digits on its way. */
static void put_number_piece(struct sn_writer *w, uint64_t value) {
    char digits[SN_NUMBER_TEXT_MAX];
    struct sn_writer text = sn_writer(digits, sizeof digits);
    if (value <= UINT64_C(1) << 53) {
        put_value_head(w, SN_VALUE_NUMBER, sizeof(double));
        sn_put_f64(w, (double)value);
        return;
    }
    sn_put_dec(&text, value);
    put_value_head(w, SN_VALUE_TEXT, (uint32_t)text.len);
    sn_put_bytes(w, digits, text.len);
    sn_put_zeros(w, -text.len & 3);
}

/* What differs from operation to operation. */
static void put_piece(struct sn_writer *w, const struct place *place, const struct sn_argument *argument,
                      const struct sn_part *part) {
    if (part->kind == SN_PART_TEXT) {
        uint32_t offset = sn_payload_offset(hash_of_rest(w, place, argument), part->a);
        put_value_head(w, SN_VALUE_SLICE_TEXT, part->a);
        sn_put_u32(w, offset);
    } else if (part->kind == SN_PART_HEX) {
        put_value_head(w, SN_VALUE_TEXT, part->a);
        put_hex(w, place, part);
        sn_put_zeros(w, -part->a & 3);
    } else {
        put_number_piece(w, number_of(place, part));
    }
}

/* One piece alone that is kept needs no joining. */
static void put_joined(struct sn_writer *w, const struct place *place, const struct sn_argument *argument) {
    const struct sn_workload *workload = place->workload;
    size_t mark = w->len;
    uint32_t pieces = 0, end = sn_kept_end(workload, argument, 0);
    if (end > 0 && end == argument->parts_len) {
        put_value_head(w, SN_VALUE_KEPT, sn_kept_number(workload, argument, 0));
        return;
    }
    put_value_head(w, SN_VALUE_JOINED, 0);
    for (uint32_t at = 0; at < argument->parts_len; at = end, pieces++) {
        end = sn_kept_end(workload, argument, at);
        if (end > at) {
            put_value_head(w, SN_VALUE_KEPT, sn_kept_number(workload, argument, at));
        } else {
            end = at + 1;
            put_piece(w, place, argument, &workload->parts[argument->parts + at]);
        }
    }
    if (!w->full) memcpy(w->data + mark + 4, &pieces, sizeof pieces);
}

static void put_argument(struct sn_writer *w, const struct place *place, uint32_t index) {
    const struct sn_argument *argument = &place->workload->arguments[index];
    switch (argument->type) {
    case SN_VALUE_NULL: put_value_head(w, SN_VALUE_NULL, 0); break;
    case SN_VALUE_NUMBER: put_number(w, place, argument); break;
    case SN_VALUE_SLICE:
    case SN_VALUE_SLICE_TEXT: put_slice(w, place, argument); break;
    default:
        if (index < place->render->kept)
            put_joined(w, place, argument);
        else
            put_text(w, place, argument);
        break;
    }
}

void sn_step_render(const struct sn_workload *workload, const struct sn_step *step, const struct sn_render *render,
                    struct sn_writer *w) {
    uint32_t groups = 0;
    for (uint32_t g = 0; g < step->groups_len; g++) groups += workload->groups[step->groups + g].times;
    sn_put_u64(w, render->k);
    sn_put_u16(w, (uint16_t)groups);
    for (uint32_t g = 0; g < step->groups_len; g++) {
        const struct sn_group *group = &workload->groups[step->groups + g];
        struct place place = {.workload = workload, .render = render};
        for (; place.times < group->times; place.times++) {
            sn_put_u32(w, group->statement);
            sn_put_u16(w, (uint16_t)group->arguments_len);
            for (uint32_t i = 0; i < group->arguments_len; i++) put_argument(w, &place, group->arguments + i);
        }
    }
}
