#include "sentinel/load/key_rate.h"

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

/* Of the values that a part takes, the share of the most frequent one. */
static double part_share(const struct sn_workload *workload, const struct sn_part *part) {
    double share = 1;
    switch (part->kind) {
    case SN_PART_K: return part->a > 0 ? 1.0 / part->a : 0;
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

double sn_step_key_rate(const struct sn_workload *workload, const struct sn_step *step, double per_s) {
    const struct sn_argument *key = &workload->arguments[workload->groups[step->groups].arguments];
    for (uint32_t i = 0; i < key->parts_len; i++) {
        const struct sn_part *part = &workload->parts[key->parts + i];
        bool again = false; /* the same part says the same: ${k%10}/${k%10} has ten values */
        for (uint32_t j = 0; j < i; j++) {
            const struct sn_part *before = &workload->parts[key->parts + j];
            again = again || (before->kind == part->kind && before->a == part->a && before->b == part->b);
        }
        if (!again) per_s *= part_share(workload, part);
    }
    return per_s;
}
