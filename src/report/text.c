/* The report for a terminal: whether it can be believed, the answer, then the tables behind it. */
#include "capacity.h"
#include "cost.h"
#include "figures.h"
#include "lines.h"
#include "sentinel/base/time.h"

#include <string.h>

#define LABEL 12u /* columns of a label on the left */

static void put_validity(struct sn_writer *w, const struct sn_report *report) {
    const struct sn_validity_result *result = &report->validity;
    static const char *const sentence[] = {
        [SN_VALIDITY_UNKNOWN] = "not known yet: the run has not ended.",
        [SN_VALIDITY_VALID] = "valid. Sentinel kept to its schedule and accounts for every operation.",
        [SN_VALIDITY_DEGRADED] = "degraded. The figures hold, with this in mind:",
        [SN_VALIDITY_INVALID] = "invalid. Please do not draw conclusions from these figures:",
    };
    const char *text = sentence[result->validity];
    if (result->validity == SN_VALIDITY_VALID && report->ended_us == 0) text = "valid so far; the run has not ended.";
    sn_lines_wrap(w, "Validity", LABEL, text, strlen(text));
    for (uint32_t i = 0; i < result->reasons_len; i++) {
        sn_lines_wrap(w, "          -", LABEL, result->reasons[i], strlen(result->reasons[i]));
    }
}

static const struct sn_exemplar *first_of(const struct sn_report *report, uint32_t error) {
    const struct sn_exemplar *one = NULL;
    do {
        one = sn_report_error_after(report, one);
    } while (one != NULL && one->failed != error + 1);
    return one;
}

/* Of an operation that has but one nobody asks. */
static void put_step(struct sn_writer *w, uint32_t step, uint32_t steps_len) {
    if (step == 0 || steps_len < 2) return;
    sn_put_text(w, ", step" SN_STICKY);
    sn_put_dec(w, step);
    sn_put_text(w, " of" SN_STICKY);
    sn_put_dec(w, steps_len);
}

static void put_errors(struct sn_writer *w, const struct sn_report *report) {
    const char *label = "Errors";
    for (uint32_t error = 0; error < SN_ERRORS_LEN; error++) {
        if (report->counts.errors[error] == 0) continue;
        struct sn_sentence s;
        sn_sentence_begin(&s);
        sn_put_text(&s.w, sn_error_name((enum sn_error)error));
        sn_put_text(&s.w, " ");
        sn_put_dec(&s.w, report->counts.errors[error]);
        const struct sn_exemplar *one = first_of(report, error);
        if (one != NULL && one->kind < report->workload->kinds_len) {
            struct sn_span operation = sn_report_pooled(report, report->workload->kinds[one->kind].name);
            sn_put_text(&s.w, ", first in ");
            sn_put_bytes(&s.w, operation.data, operation.len);
            put_step(&s.w, one->step, report->workload->kinds[one->kind].steps_len);
            sn_put_text(&s.w, ": ");
            sn_put_bytes(&s.w, one->text, sn_report_text_len(one));
        }
        sn_lines_sentence(w, label, LABEL, &s);
        label = "";
    }
}

static void put_term(struct sn_sentence *s, const char *sign, uint64_t value, const char *name) {
    sn_put_text(&s->w, sign);
    sn_put_dec(&s->w, value);
    sn_put_text(&s->w, name);
}

static void put_accounting(struct sn_writer *w, const struct sn_report *report) {
    const struct sn_counts *counts = &report->counts;
    int64_t difference = sn_counts_difference(counts);
    struct sn_sentence s;
    sn_sentence_begin(&s);
    put_term(&s, "", counts->planned, " planned =");
    put_term(&s, " ", counts->completed, " completed +");
    put_term(&s, " ", counts->failed, " failed +");
    put_term(&s, " ", sn_report_dropped(counts), " dropped (");
    for (int i = 0; i < SN_DROPS_LEN; i++) {
        if (i > 0) sn_put_text(&s.w, ", ");
        sn_put_text(&s.w, sn_drop_name((enum sn_drop)i));
        put_term(&s, " ", counts->dropped[i], "");
    }
    put_term(&s, ") + ", counts->cancelled, " cancelled +");
    put_term(&s, " ", counts->unaccounted, " unaccounted +");
    put_term(&s, " ", counts->in_flight, " in flight +");
    put_term(&s, " ", counts->not_yet_due, " not yet due. Difference: ");
    sn_put_int(&s.w, difference);
    sn_put_text(&s.w, difference == 0 ? ", so nothing is missing." : ", which should be 0.");
    uint64_t untold = report->ended_us != 0 ? sn_report_untold_in_all(report) : 0;
    if (untold > 0) put_term(&s, " The per-second series does not say when ", untold, " of these were due.");
    sn_lines_sentence(w, "Accounting", LABEL, &s);
}

static void put_lag(struct sn_sentence *s, const struct sn_report *report, const struct sn_hist *lag) {
    struct sn_pages pages = sn_tally_pages(report->tally);
    if (sn_hist_has_percentile(lag, 99)) {
        put_term(s, "99" SN_STICKY "% within ", sn_report_ms(sn_hist_percentile_us(lag, &pages, 99)), SN_STICKY "ms, ");
    }
    put_term(s, "at most ", sn_report_ms(lag->max_us), SN_STICKY "ms (");
    sn_lines_count(&s->w, lag->count, "operation).", "operations).");
}

static void put_lags(struct sn_writer *w, const struct sn_report *report) {
    const struct sn_tally *tally = report->tally;
    struct sn_sentence s;
    if (tally->lag_harness.count > 0) {
        sn_sentence_begin(&s);
        sn_put_text(&s.w, "Started after being due, with a slot free: ");
        put_lag(&s, report, &tally->lag_harness);
        sn_lines_sentence(w, "Lag", LABEL, &s);
    }
    if (tally->lag_slots.count > 0) {
        sn_sentence_begin(&s);
        sn_put_text(&s.w, "Started after being due, for want of a slot: ");
        put_lag(&s, report, &tally->lag_slots);
        sn_lines_sentence(w, tally->lag_harness.count > 0 ? "" : "Lag", LABEL, &s);
    }
}

static void put_shards(struct sn_writer *w, const struct sn_report *report) {
    uint32_t lost = sn_report_shards_lost(report), restarts = sn_report_restarts(report);
    uint32_t replaced = sn_report_shards_replaced(report);
    struct sn_sentence s;
    sn_sentence_begin(&s);
    sn_lines_count(&s.w, report->places, "shard, ", "shards, ");
    sn_put_dec(&s.w, lost);
    sn_put_text(&s.w, " lost, ");
    sn_put_dec(&s.w, replaced);
    sn_put_text(&s.w, " replaced, ");
    sn_lines_count(&s.w, restarts, "restart.", "restarts.");
    sn_lines_sentence(w, "Shards", LABEL, &s);
}

static void put_items(struct sn_sentence *s, uint64_t done, uint64_t failed, const char *what) {
    sn_lines_count(&s->w, done, "item", "items");
    sn_put_text(&s->w, what);
    if (failed > 0) put_term(s, ", ", failed, " could not be");
    sn_put_text(&s->w, ". ");
}

static void put_cleanup(struct sn_writer *w, const struct sn_report *report) {
    struct sn_sentence s;
    sn_sentence_begin(&s);
    if (report->reused)
        sn_put_text(&s.w, "The data of an earlier run was there, and was used again. ");
    else
        put_items(&s, report->prepared, report->prepare_failed, " prepared before the load");
    put_items(&s, report->cleaned, report->clean_failed, " cleaned up after it");
    if (!report->cleanup_finished) {
        sn_put_text(&s.w, "The clean-up has not finished.");
    } else if (report->sweep_broke_off) {
        sn_put_text(&s.w, "The second sweep broke off: what it did not come to may still be there.");
    } else if (!report->sweep_finished) {
        sn_put_text(&s.w, "A second sweep follows.");
    }
    sn_lines_sentence(w, "Clean-up", LABEL, &s);
}

static void put_identity(struct sn_writer *w, const struct sn_report *report) {
    struct sn_sentence s;
    sn_sentence_begin(&s);
    sn_put_text(&s.w, report->run_id);
    sn_put_text(&s.w, ", ");
    sn_put_text(&s.w, sn_run_status_name(report->status));
    if (report->started_us != 0) {
        sn_put_text(&s.w, ", started ");
        sn_put_iso(&s.w, report->started_us);
    }
    if (report->ended_us != 0) {
        sn_put_text(&s.w, ", ended ");
        sn_put_iso(&s.w, report->ended_us);
    }
    sn_put_text(&s.w, ", plan ");
    sn_put_hex(&s.w, report->plan_hash, 16);
    put_term(&s, ", seed ", report->seed, ".");
    sn_lines_sentence(w, "Run", LABEL, &s);
}

void sn_report_put_text(struct sn_writer *w, const struct sn_report *report) {
    put_validity(w, report);
    sn_report_text_thresholds(w, report);
    sn_report_text_answer(w, report);
    sn_report_text_search(w, report);
    sn_report_text_capacity(w, report);
    sn_put_text(w, "\n");
    sn_report_text_tables(w, report);
    put_errors(w, report);
    put_accounting(w, report);
    put_lags(w, report);
    sn_report_text_timeline(w, report);
    put_shards(w, report);
    put_cleanup(w, report);
    if (report->started_us != 0) sn_report_text_cost(w, report);
    put_identity(w, report);
}
