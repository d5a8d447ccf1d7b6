/* What was done to a run while it went on, in the order of time: its epochs, and that it was cancelled. */
#include "figures.h"
#include "lines.h"

#include "sentinel/base/time.h"

#define LABEL 12u

static const char *const names[] = {
#define SN_X(name, value, text) [value] = text,
    SN_EPOCH_LIST(SN_X)
#undef SN_X
};

static uint32_t epochs_of(const struct sn_report *report) {
    return report->schedule != NULL ? report->schedule->epochs_len : 0;
}

/* So many epochs took effect before somebody cancelled the run; the stop that comes of it does not. */
static uint32_t cancelled_after(const struct sn_report *report) {
    uint32_t i = 0;
    while (i < epochs_of(report) && report->schedule->epochs[i].effective_us < report->cancelled_us) i++;
    return report->cancelled_us != 0 ? i : UINT32_MAX;
}

bool sn_report_moment(const struct sn_report *report, uint32_t index, struct sn_report_moment *moment) {
    uint32_t cancel = cancelled_after(report);
    if (index == cancel) {
        bool started = epochs_of(report) > 0;
        *moment = (struct sn_report_moment){.what = "cancel", .at_us = report->cancelled_us};
        if (started) moment->clock_us = sn_schedule_clock_us(report->schedule, report->cancelled_us);
        return true;
    }
    if (index > cancel) index -= 1;
    if (index >= epochs_of(report)) return false;
    const struct sn_epoch *epoch = &report->schedule->epochs[index];
    *moment = (struct sn_report_moment){.what = names[epoch->kind],
                                        .at_us = epoch->effective_us,
                                        .clock_us = report->schedule->stretches[index].clock_us,
                                        .epoch = epoch};
    return true;
}

static void put_what(struct sn_writer *w, const struct sn_report_moment *moment) {
    switch (moment->epoch != NULL ? moment->epoch->kind : 0) {
    case SN_EPOCH_START: sn_put_text(w, "the load began."); break;
    case SN_EPOCH_STOP: sn_put_text(w, "the load was stopped."); break;
    case SN_EPOCH_PAUSE: sn_put_text(w, "the load was paused."); break;
    case SN_EPOCH_RESUME: sn_put_text(w, "the load was resumed."); break;
    case SN_EPOCH_SCALE:
        sn_put_text(w, "the rate became ");
        sn_put_number(w, moment->epoch->factor);
        sn_put_text(w, " times the planned one.");
        break;
    case SN_EPOCH_EXTEND:
        sn_put_text(w, "the load was made ");
        sn_put_number(w, moment->epoch->factor);
        sn_put_text(w, SN_STICKY "s longer.");
        break;
    case SN_EPOCH_REPLACE:
        sn_put_text(w, "another shard took place ");
        sn_put_dec(w, moment->epoch->place);
        sn_put_text(w, ".");
        break;
    default: sn_put_text(w, "the run was cancelled.");
    }
}

/* Of a run that nobody and nothing steered there is nothing to tell. */
void sn_report_text_timeline(struct sn_writer *w, const struct sn_report *report) {
    struct sn_report_moment moment;
    bool steered = epochs_of(report) > 1 || report->cancelled_us != 0;
    for (uint32_t i = 0; steered && sn_report_moment(report, i, &moment); i++) {
        struct sn_sentence s;
        sn_sentence_begin(&s);
        sn_put_iso(&s.w, moment.at_us);
        sn_put_text(&s.w, ", ");
        sn_lines_decimal(&s.w, (double)moment.clock_us / 1e6);
        sn_put_text(&s.w, SN_STICKY "s of load: ");
        put_what(&s.w, &moment);
        sn_lines_sentence(w, i == 0 ? "Timeline" : "", LABEL, &s);
    }
}
