/* The answer in words: what was asked for, what came of it, and where it stopped working gracefully, if it did. */
#include "figures.h"
#include "lines.h"

#define NEVER UINT32_MAX

static void say(struct sn_sentence *s, const char *text) {
    sn_put_text(&s->w, text);
}

static void say_ms(struct sn_sentence *s, uint64_t us) {
    sn_put_dec(&s->w, sn_report_ms(us));
    say(s, SN_STICKY "ms");
}

static void say_asked(struct sn_sentence *s, const struct sn_report *report) {
    bool named = report->name != NULL && report->name[0] != 0;
    say(s, named ? "\"" : "This run");
    say(s, named ? report->name : "");
    say(s, named ? "\" asked for " : " asked for ");
    sn_lines_count(&s->w, sn_report_planned(report), "operation", "operations");
    say(s, " in ");
    sn_lines_decimal(&s->w, (double)sn_report_length_us(report) / 1e6);
    say(s, SN_STICKY "s, at most ");
    sn_lines_decimal(&s->w, sn_report_peak_per_s(report));
    say(s, " a second, from ");
    sn_lines_count(&s->w, report->places, "shard", "shards");
    say(s, " with at most ");
    sn_lines_count(&s->w, report->concurrency, "call", "calls");
    say(s, " in flight. ");
    if (report->lead_in) say(s, "Times and tables leave out what was due in the lead-in. ");
}

static void say_done(struct sn_sentence *s, const struct sn_report *report) {
    const struct sn_counts *counts = &report->counts;
    uint64_t ended = counts->completed + counts->failed, dropped = sn_report_dropped(counts);
    sn_put_dec(&s->w, counts->completed);
    say(s, " completed, ");
    sn_put_dec(&s->w, counts->failed);
    say(s, " failed");
    if (dropped > 0) {
        say(s, ", ");
        sn_put_dec(&s->w, dropped);
        say(s, " could not be started in time");
    }
    say(s, ": ");
    /* What a search has left over when it has found its rate was never wanted. */
    uint64_t wanted = report->search != NULL ? counts->planned - counts->cancelled : counts->planned;
    uint64_t share = sn_report_share(ended, wanted);
    sn_lines_decimal(&s->w, (double)(share / 10) / 10.0);
    say(s, SN_STICKY "% of the load was delivered. ");
}

static void say_times(struct sn_sentence *s, const struct sn_report *report) {
    struct sn_cell cell;
    struct sn_pages pages;
    sn_report_sum(report, SN_REPORT_ALL, SN_REPORT_ALL, &cell, &pages);
    const struct sn_hist *hist = &cell.response;
    if (hist->count == 0) return;
    if (sn_hist_has_percentile(hist, 50)) {
        say(s, "Half of them ended within ");
        say_ms(s, sn_hist_percentile_us(hist, &pages, 50));
        say(s, " of being due");
        if (sn_hist_has_percentile(hist, 95)) {
            say(s, ", 95" SN_STICKY "% within ");
            say_ms(s, sn_hist_percentile_us(hist, &pages, 95));
        }
        if (sn_hist_has_percentile(hist, 99)) {
            say(s, ", 99" SN_STICKY "% within ");
            say_ms(s, sn_hist_percentile_us(hist, &pages, 99));
        }
        say(s, "; the");
    } else {
        say(s, "The");
    }
    say(s, " slowest took ");
    say_ms(s, hist->max_us);
    say(s, ".");
}

/* The first second in which something failed, or in which something due found no slot for too long. */
static uint32_t first_second(const struct sn_report *report, bool failed) {
    uint32_t len = sn_report_listed_seconds(report);
    for (uint32_t i = 0; i < len; i++) {
        const struct sn_second *second = sn_series_second(report->series, i);
        if ((failed ? second->failed : second->dropped[SN_DROP_SLOTS]) > 0) return i;
    }
    return NEVER;
}

static void say_moment(struct sn_sentence *s, const struct sn_report *report, uint32_t second) {
    sn_lines_count(&s->w, second + 1, "second", "seconds");
    say(s, " into the load, when ");
    sn_put_dec(&s->w, sn_report_asked(report, (struct sn_report_seconds){second, second + 1}));
    say(s, " a second were asked for. ");
}

static bool limited_by(const struct sn_report *report, char initial) {
    return report->limited_by != NULL && report->limited_by[0] == initial;
}

static void say_needed(struct sn_sentence *s, const struct sn_report *report) {
    if (report->concurrency_needed == 0) {
        say(s, "Ask for more to see further.");
        return;
    }
    say(s, "The highest rate would need about ");
    sn_put_dec(&s->w, report->concurrency_needed);
    say(s, " calls in flight.");
}

static void say_limit(struct sn_sentence *s, const struct sn_report *report) {
    uint32_t failure = first_second(report, true), drop = first_second(report, false);
    if (failure != NEVER) {
        say(s, "The first failure came ");
        say_moment(s, report, failure);
    }
    if (drop != NEVER) {
        say(s, "The first operation that waited too long for a free slot was due ");
        say_moment(s, report, drop);
    }
    if (limited_by(report, 't')) {
        say(s, "The target grew slower, or stood still, until every slot was busy: it is what limited this run.");
    } else if (limited_by(report, 'c')) {
        say(s, "Every slot was busy while the target answered as quickly as before: the run was limited by its own "
               "concurrency. ");
        say_needed(s, report);
    } else if (failure == NEVER && drop == NEVER && report->counts.failed == 0) {
        say(s, "Nothing failed and nothing had to wait too long, so the point where it stops working gracefully lies "
               "above this load.");
    }
}

static void say_life(struct sn_sentence *s, const struct sn_report *report) {
    switch (report->status) {
    case SN_RUN_COMPLETED:
        if (report->validity.validity == SN_VALIDITY_INVALID) {
            say(s, "Where the limit lies cannot be said from this run.");
        } else {
            say_limit(s, report);
        }
        return;
    case SN_RUN_FAILED: say(s, "The run failed: "); break;
    case SN_RUN_CANCELLED: say(s, "The run was cancelled: "); break;
    default: say(s, "The run has not ended yet, so these are the figures so far."); return;
    }
    say(s, report->reason != NULL ? report->reason : "no reason was recorded.");
}

void sn_report_text_answer(struct sn_writer *w, const struct sn_report *report) {
    struct sn_sentence s;
    sn_sentence_begin(&s);
    say_asked(&s, report);
    sn_lines_sentence(w, "Load", 12, &s);
    sn_sentence_begin(&s);
    say_done(&s, report);
    say_times(&s, report);
    sn_lines_sentence(w, "Outcome", 12, &s);
    sn_sentence_begin(&s);
    say_life(&s, report);
    if (s.w.len > 0) sn_lines_sentence(w, "Answer", 12, &s);
}
