#include "exemplar.h"

#include <string.h>

#include "sentinel/base/assert.h"

/* The lowest k of every failure, ascending; UINT64_MAX where there are none. */
struct firsts {
    enum sn_exemplar_scope scope;
    uint64_t k[SN_KINDS_MAX][SN_ERRORS_LEN][SN_EXEMPLAR_FIRSTS];
};

static int order(uint64_t a, uint64_t b) {
    return a < b ? -1 : a > b;
}

/* Slowest first, then by k, then by all the rest: negative when `a` comes before `b`, 0 only for equal ones. */
static int compare(const struct sn_exemplar *a, const struct sn_exemplar *b) {
    int by = order(b->response_us, a->response_us);
    if (by == 0) by = order(a->k, b->k);
    if (by == 0) by = order(b->service_us, a->service_us);
    if (by == 0 && a->due_us != b->due_us) by = a->due_us < b->due_us ? -1 : 1;
    if (by == 0) by = order(a->kind, b->kind);
    if (by == 0) by = order(a->phase, b->phase);
    if (by == 0) by = order(a->failed, b->failed);
    if (by == 0) by = order(a->step, b->step);
    if (by == 0) by = order(a->text_len, b->text_len);
    return by != 0 ? by : memcmp(a->text, b->text, a->text_len);
}

static uint32_t firsts_kept(const struct firsts *firsts) {
    return firsts->scope == SN_EXEMPLARS_OF_RUN ? SN_EXEMPLAR_FIRSTS : 1;
}

static uint32_t group_of(const struct firsts *firsts, const struct sn_exemplar *exemplar) {
    return firsts->scope == SN_EXEMPLARS_OF_RUN ? exemplar->kind : 0;
}

static void note(struct firsts *firsts, const struct sn_exemplar *exemplar) {
    if (exemplar->failed == 0) return;
    uint64_t *k = firsts->k[group_of(firsts, exemplar)][exemplar->failed - 1];
    uint32_t kept = firsts_kept(firsts), at = kept;
    while (at > 0 && k[at - 1] > exemplar->k) at--;
    if (at == kept) return;
    memmove(&k[at + 1], &k[at], (kept - 1 - at) * sizeof *k);
    k[at] = exemplar->k;
}

static bool is_first(const struct firsts *firsts, const struct sn_exemplar *exemplar) {
    if (exemplar->failed == 0) return false;
    return exemplar->k <= firsts->k[group_of(firsts, exemplar)][exemplar->failed - 1][firsts_kept(firsts) - 1];
}

/* Makes room in a full list.  The fastest that is not the first of anything leaves; `len` when that is the new one.
 * Should all be firsts, as when one delta meets every class of error, the class that is last in the vocabulary leaves. */
static uint32_t choose_leaver(const struct sn_exemplar *list, uint32_t len, enum sn_exemplar_scope scope,
                              const struct sn_exemplar *exemplar) {
    struct firsts firsts;
    memset(&firsts, 0xff, sizeof firsts);
    firsts.scope = scope;
    for (uint32_t i = 0; i < len; i++) note(&firsts, &list[i]);
    note(&firsts, exemplar);

    bool first = is_first(&firsts, exemplar);
    uint32_t last_class = len - 1;
    for (uint32_t i = len; i-- > 0;) {
        if (!is_first(&firsts, &list[i])) return !first && compare(exemplar, &list[i]) > 0 ? len : i;
        if (list[i].failed > list[last_class].failed) last_class = i;
    }
    return !first || exemplar->failed >= list[last_class].failed ? len : last_class;
}

/* Copies field by field onto zeros: lists are saved as they lie in memory. */
static void copy(struct sn_exemplar *to, const struct sn_exemplar *from) {
    memset(to, 0, sizeof *to);
    to->k = from->k;
    to->due_us = from->due_us;
    to->response_us = from->response_us;
    to->service_us = from->service_us;
    to->kind = from->kind;
    to->phase = from->phase;
    to->failed = from->failed;
    to->step = from->step;
    to->text_len = from->text_len;
    memcpy(to->text, from->text, from->text_len);
}

void sn_exemplar_offer(struct sn_exemplar *list, uint32_t *len, uint32_t cap, enum sn_exemplar_scope scope,
                       const struct sn_exemplar *exemplar) {
    SN_ASSERT(exemplar->kind < SN_KINDS_MAX && exemplar->failed <= SN_ERRORS_LEN);
    SN_ASSERT(exemplar->text_len <= sizeof exemplar->text);
    if (*len == cap) {
        /* What is neither a failure nor slower than anybody is by far the most frequent. */
        if (exemplar->failed == 0 && compare(exemplar, &list[cap - 1]) > 0) return;
        uint32_t leaver = choose_leaver(list, cap, scope, exemplar);
        if (leaver == cap) return;
        memmove(&list[leaver], &list[leaver + 1], (cap - 1 - leaver) * sizeof *list);
        (*len)--;
    }
    uint32_t at = *len;
    while (at > 0 && compare(exemplar, &list[at - 1]) < 0) at--;
    memmove(&list[at + 1], &list[at], (*len - at) * sizeof *list);
    copy(&list[at], exemplar);
    (*len)++;
}
