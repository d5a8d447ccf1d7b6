#include "sentinel/load/key_rate.h"

#include <string.h>

#include "sentinel/base/real.h"

#define TERMS 1000u /* of the sum that are added one by one; the rest is an integral */

bool sn_step_writes_key(const struct sn_step *step) {
    return step->action == SN_ACTION_KV_PUT || step->action == SN_ACTION_KV_DELETE ||
           step->action == SN_ACTION_R2_PUT || step->action == SN_ACTION_R2_DELETE ||
           step->action == SN_ACTION_R2_MULTIPART;
}

static double power(double x, double exponent) {
    return sn_exp(exponent * sn_ln(x));
}

/* 1 / Σ 1/r^s for r from 1 to n. */
static double zipfian_share(double s, uint32_t n) {
    uint32_t terms = n < TERMS ? n : TERMS;
    double sum = 0;
    for (uint32_t r = 1; r <= terms; r++) sum += power(r, -s);
    double from = terms + 0.5, to = n + 0.5;
    if (n > terms) {
        double tail = 1 - s;
        bool flat = tail > -1e-9 && tail < 1e-9;
        sum += flat ? sn_ln(to / from) : (power(to, tail) - power(from, tail)) / tail;
    }
    return 1 / sum;
}

/* The newest of LATEST moves on with every operation, so that over a second each key is as hot as any other. */
static double top_share(const struct sn_keyspace *keyspace) {
    double even = 1.0 / keyspace->count;
    if (keyspace->distribution == SN_DISTRIBUTION_ZIPFIAN) return zipfian_share(keyspace->exponent, keyspace->count);
    if (keyspace->distribution != SN_DISTRIBUTION_HOTSET) return even;
    double hot = keyspace->share / keyspace->hot, cold = 0;
    if (keyspace->count > keyspace->hot) cold = (1 - keyspace->share) / (keyspace->count - keyspace->hot);
    return hot > cold ? hot : cold;
}

/* --- Parts that are drawn ---------------------------------------------------------------------------------------- */

/* Of the values that a part takes by itself, the share of the most frequent one. */
static double part_share(const struct sn_workload *workload, const struct sn_part *part) {
    double share = 1;
    switch (part->kind) {
    case SN_PART_TIME_MS: return 0;
    case SN_PART_HEX:
        for (uint32_t i = 0; i < part->a; i++) share /= 16;
        return share;
    case SN_PART_NUMBER: return 1 / ((double)part->b - part->a + 1);
    case SN_PART_CAPTURED: return 0; /* only the target knows, and an id differs each time */
    case SN_PART_KEY: return top_share(&workload->keyspaces[part->a]);
    default: return 1; /* the same in all operations of a run, or a function of the rest */
    }
}

static bool same_part(const struct sn_part *a, const struct sn_part *b) {
    return a->kind == b->kind && a->a == b->a && a->b == b->b && a->c == b->c;
}

/* --- Rows of lists: all columns of one draw are of one row ------------------------------------------------------- */

/* A choice that stands twice is two lists, which pick alike. */
static bool same_draw(const struct sn_workload *workload, const struct sn_part *a, const struct sn_part *b) {
    if (a->kind != SN_PART_PICK || b->kind != SN_PART_PICK || a->c != b->c) return false;
    const struct sn_list *one = &workload->lists[a->a], *other = &workload->lists[b->a];
    return a->a == b->a || (one->salt == other->salt && one->rows == other->rows && one->total == other->total);
}

static const struct sn_option *cell(const struct sn_workload *workload, const struct sn_part *part, uint32_t row) {
    const struct sn_list *list = &workload->lists[part->a];
    return &workload->options[list->options + row * list->columns + part->b];
}

/* Whether two rows say the same in all columns that the key names. */
static bool same_row(const struct sn_workload *workload, const struct sn_argument *key, const struct sn_part *pick,
                     uint32_t a, uint32_t b) {
    for (uint32_t i = 0; i < key->parts_len; i++) {
        const struct sn_part *part = &workload->parts[key->parts + i];
        if (!same_draw(workload, part, pick)) continue;
        struct sn_text one = cell(workload, part, a)->text, other = cell(workload, part, b)->text;
        if (one.len != other.len) return false;
        if (memcmp(workload->pool + one.offset, workload->pool + other.offset, one.len) != 0) return false;
    }
    return true;
}

static uint32_t weight(const struct sn_workload *workload, const struct sn_part *pick, uint32_t row) {
    const struct sn_list *list = &workload->lists[pick->a];
    const struct sn_option *rows = &workload->options[list->options];
    if (list->total == 0) return 1;
    return rows[row * list->columns].upto - (row > 0 ? rows[(row - 1) * list->columns].upto : 0);
}

static double pick_share(const struct sn_workload *workload, const struct sn_argument *key,
                         const struct sn_part *pick) {
    const struct sn_list *list = &workload->lists[pick->a];
    uint32_t most = 0;
    for (uint32_t row = 0; row < list->rows; row++) {
        uint32_t sum = 0;
        for (uint32_t other = 0; other < list->rows; other++)
            if (same_row(workload, key, pick, row, other)) sum += weight(workload, pick, other);
        if (sum > most) most = sum;
    }
    return (double)most / (list->total > 0 ? list->total : list->rows);
}

/* --- Parts that come round with k -------------------------------------------------------------------------------- */

/* After so many operations the part says the same again, and not before; 0: it is not of that sort. */
static uint32_t period_of(const struct sn_workload *workload, const struct sn_argument *key,
                          const struct sn_part *part) {
    if (part->kind == SN_PART_K) return part->a;
    if (part->kind == SN_PART_KEY && workload->keyspaces[part->a].distribution == SN_DISTRIBUTION_SEQUENTIAL)
        return workload->keyspaces[part->a].count;
    if (part->kind != SN_PART_PICK || workload->lists[part->a].total > 0) return 0;
    uint32_t rows = workload->lists[part->a].rows;
    return pick_share(workload, key, part) * rows < 1.5 ? rows : 0; /* each row is another text */
}

static double common_divisor(double a, double b) {
    while (b > 0) {
        double rest = a - b * (double)(uint64_t)(a / b);
        a = b;
        b = rest;
    }
    return a;
}

/* --- The whole ----------------------------------------------------------------------------------------------------- */

#define PERIOD_MAX 1e12 /* no key comes again within any run */

double sn_step_key_rate(const struct sn_workload *workload, const struct sn_step *step, double per_s) {
    const struct sn_argument *key = &workload->arguments[workload->groups[step->groups].arguments];
    double period = 1; /* of all parts together that come round with k: k%4 and k%6 say the same again after 12 */
    bool text = false, alone = true;
    if (step->flow.chance > 0) per_s *= (double)step->flow.chance / SN_CHANCE_SURE;
    for (uint32_t i = 0; i < key->parts_len; i++) {
        const struct sn_part *part = &workload->parts[key->parts + i];
        bool again = false; /* the same part says the same: ${k%10}/${k%10} has ten values */
        for (uint32_t j = 0; j < i; j++) {
            const struct sn_part *before = &workload->parts[key->parts + j];
            again = again || same_part(part, before) || same_draw(workload, part, before);
        }
        text = text || part->kind == SN_PART_TEXT;
        alone = alone && part->kind == SN_PART_TEXT;
        if (again) continue;
        uint32_t round = period_of(workload, key, part);
        if (part->kind == SN_PART_K && round == 0) return 0; /* k itself */
        if (round > 0 && period < PERIOD_MAX)
            period *= round / common_divisor(period, round);
        else if (round == 0)
            per_s *= part->kind == SN_PART_PICK ? pick_share(workload, key, part) : part_share(workload, part);
    }
    return text && alone ? 0 : per_s / period; /* of a text and nothing else k chooses the slice */
}
