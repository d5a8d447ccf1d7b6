#include "figures.h"

/* Exemplars are few and shown seldom, so they are put in order by looking for the next one again and again: no memory,
 * and the report's own order stays as it is. */

typedef bool (*before_fn)(const struct sn_exemplar *a, const struct sn_exemplar *b);

/* k is unique, so there are no ties. */
static bool slower(const struct sn_exemplar *a, const struct sn_exemplar *b) {
    if (a->response_us != b->response_us) return a->response_us > b->response_us;
    return a->k < b->k;
}

static bool earlier(const struct sn_exemplar *a, const struct sn_exemplar *b) {
    if (a->due_us != b->due_us) return a->due_us < b->due_us;
    return a->k < b->k;
}

static const struct sn_exemplar *next(const struct sn_report *report, const struct sn_exemplar *last, bool failed,
                                      before_fn before) {
    const struct sn_exemplar *best = NULL;
    for (uint32_t i = 0; i < report->tally->exemplars_len; i++) {
        const struct sn_exemplar *one = &report->tally->exemplars[i];
        if (failed && one->failed == 0) continue;
        if (last != NULL && !before(last, one)) continue;
        if (best == NULL || before(one, best)) best = one;
    }
    return best;
}

const struct sn_exemplar *sn_report_slowest_after(const struct sn_report *report, const struct sn_exemplar *last) {
    return next(report, last, false, slower);
}

const struct sn_exemplar *sn_report_error_after(const struct sn_report *report, const struct sn_exemplar *last) {
    return next(report, last, true, earlier);
}

size_t sn_report_text_len(const struct sn_exemplar *exemplar) {
    size_t len = exemplar->text_len < sizeof exemplar->text ? exemplar->text_len : sizeof exemplar->text;
    /* A character has at most four bytes, so at most three of them are left over from the cut. */
    for (int cut = 0; cut < 4 && len > 0; cut++, len--) {
        if (sn_utf8_valid(exemplar->text, len)) return len;
    }
    return 0;
}
