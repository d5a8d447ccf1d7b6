/* The tables of the report for a terminal: 30 + 1 + 13 + 10 + 5 × 8 = 94 columns. */
#include "figures.h"
#include "lines.h"

#include <string.h>

#define NAME 30u
#define GROUP 13u
#define COMPLETED 10u
#define FIGURE 8u
#define BUDGET_HEADING "Budget of                      call             budget  within   share\n"

/* "-" where fewer than ten values lie above the percentile. */
static void put_percentile(struct sn_writer *w, const struct sn_hist *hist, const struct sn_pages *pages, double p) {
    if (sn_hist_has_percentile(hist, p)) {
        sn_lines_number(w, sn_report_ms(sn_hist_percentile_us(hist, pages, p)), FIGURE);
    } else {
        sn_lines_right(w, "-", 1, FIGURE);
    }
}

static void put_figures(struct sn_writer *w, uint64_t completed, uint64_t failed, const struct sn_hist *hist,
                        const struct sn_pages *pages) {
    sn_lines_number(w, completed, COMPLETED);
    sn_lines_number(w, failed, FIGURE);
    put_percentile(w, hist, pages, 50);
    put_percentile(w, hist, pages, 95);
    put_percentile(w, hist, pages, 99);
    if (hist->count > 0) {
        sn_lines_number(w, sn_report_ms(hist->max_us), FIGURE);
    } else {
        sn_lines_right(w, "-", 1, FIGURE);
    }
    sn_put_text(w, "\n");
}

static void put_heading(struct sn_writer *w, const char *name, const char *group) {
    sn_lines_left(w, name, strlen(name), NAME);
    sn_put_text(w, " ");
    sn_lines_left(w, group, strlen(group), GROUP);
    sn_put_text(w, " completed  failed     p50     p95     p99     max\n");
}

static void put_row(struct sn_writer *w, const struct sn_report *report, uint32_t kind, struct sn_span name,
                    struct sn_span group) {
    struct sn_cell cell;
    struct sn_pages pages;
    sn_report_sum(report, kind, SN_REPORT_ALL, &cell, &pages);
    sn_lines_left(w, name.data, name.len, NAME);
    sn_put_text(w, " ");
    sn_lines_left(w, group.data, group.len, GROUP);
    put_figures(w, cell.completed, cell.failed, &cell.response, &pages);
}

static void put_operations(struct sn_writer *w, const struct sn_report *report) {
    put_heading(w, "Operation", "System");
    for (uint32_t kind = 0; kind < report->workload->kinds_len; kind++) {
        const struct sn_kind *one = &report->workload->kinds[kind];
        if (one->weight == 0) continue;
        put_row(w, report, kind, sn_report_pooled(report, one->name), sn_report_pooled(report, one->system));
    }
    struct sn_span all = {(const uint8_t *)"All", 3}, none = {(const uint8_t *)"", 0};
    put_row(w, report, SN_REPORT_ALL, all, none);
    sn_put_text(w, "In ms, from the moment an operation was due to its end; the clock has whole milliseconds.\n"
                   "A \"-\" stands where fewer than ten values lie above the percentile.\n\n");
}

/* "2 r2.get", or "2 kv.put *" of one that is not waited for. */
static void put_call(struct sn_writer *w, uint32_t number, const struct sn_report_step *step) {
    uint8_t data[32];
    struct sn_writer text = sn_writer(data, sizeof data);
    sn_put_dec(&text, number);
    sn_put_text(&text, " ");
    sn_put_text(&text, step->call);
    if (step->background) sn_put_text(&text, " *");
    sn_lines_left(w, data, text.len, GROUP);
}

static void put_steps(struct sn_writer *w, const struct sn_report *report) {
    struct sn_report_step step;
    bool any = false, background = false;
    for (uint32_t kind = 0; kind < report->workload->kinds_len; kind++) {
        const struct sn_kind *one = &report->workload->kinds[kind];
        if (one->weight == 0) continue;
        for (uint32_t i = 0; sn_report_step(report, kind, i, &step); i++) {
            if (!any) put_heading(w, "Step of", "call");
            any = true;
            struct sn_span name = i == 0 ? sn_report_pooled(report, one->name) : (struct sn_span){0};
            sn_lines_left(w, name.data, name.len, NAME);
            sn_put_text(w, " ");
            put_call(w, i + 1, &step);
            put_figures(w, step.cell->completed, step.cell->failed, &step.cell->service, &step.pages);
            background = background || step.background;
        }
    }
    if (!any) return;
    sn_put_text(w, "In ms, from the moment a call was sent to its answer.\n");
    if (background)
        sn_put_text(w, "* Nobody waits for it: it is no part of its operation's time, nor of its outcome.\n");
    sn_put_text(w, "\n");
}

/* "99.98%", or "-" where nothing was sent. */
static void put_share(struct sn_writer *w, uint64_t part, uint64_t whole) {
    uint8_t digits[24];
    struct sn_writer share = sn_writer(digits, sizeof digits);
    if (whole > 0) sn_put_fixed(&share, (double)sn_report_share(part, whole) / 100, 2);
    sn_put_text(&share, whole > 0 ? "%" : "-");
    sn_lines_right(w, digits, share.len, FIGURE);
}

static void put_budgets(struct sn_writer *w, const struct sn_report *report) {
    struct sn_report_step step;
    bool any = false;
    for (uint32_t kind = 0; kind < report->workload->kinds_len; kind++) {
        const struct sn_kind *one = &report->workload->kinds[kind];
        if (one->weight == 0) continue;
        for (uint32_t i = 0; sn_report_step(report, kind, i, &step); i++) {
            if (step.budget_us == 0) continue;
            if (!any) sn_put_text(w, BUDGET_HEADING);
            any = true;
            struct sn_span name = sn_report_pooled(report, one->name);
            sn_lines_left(w, name.data, name.len, NAME);
            sn_put_text(w, " ");
            put_call(w, i + 1, &step);
            sn_lines_number(w, step.budget_us / 1000, COMPLETED);
            sn_lines_number(w, step.cell->within, FIGURE);
            put_share(w, step.cell->within, step.cell->completed + step.cell->failed);
            sn_put_text(w, "\n");
        }
    }
    if (any) sn_put_text(w, "In ms, counted one by one; a call that failed is not within its budget.\n\n");
}

static void put_phases(struct sn_writer *w, const struct sn_report *report) {
    put_heading(w, "Phase", "Planned");
    for (uint32_t i = 0; i < report->profile->phases_len; i++) {
        const struct sn_phase *phase = &report->profile->phases[i];
        uint8_t data[64];
        struct sn_writer name = sn_writer(data, sizeof data);
        sn_put_text(&name, phase->name);
        sn_put_text(&name, ", ");
        sn_lines_decimal(&name, (double)sn_report_phase_start_us(report, i) / 1e6);
        sn_put_text(&name, " to ");
        sn_lines_decimal(&name, (double)sn_report_phase_end_us(report, i) / 1e6);
        sn_put_text(&name, " s");
        struct sn_cell cell;
        struct sn_pages pages;
        sn_report_sum(report, SN_REPORT_ALL, i, &cell, &pages);
        sn_lines_left(w, data, name.len, NAME);
        sn_put_text(w, " ");
        uint8_t digits[20];
        struct sn_writer planned = sn_writer(digits, sizeof digits);
        sn_put_dec(&planned, sn_report_phase_planned(report, i));
        sn_lines_left(w, digits, planned.len, GROUP);
        put_figures(w, cell.completed, cell.failed, &cell.response, &pages);
    }
    sn_put_text(w, "\n");
}

void sn_report_text_tables(struct sn_writer *w, const struct sn_report *report) {
    put_operations(w, report);
    put_steps(w, report);
    put_budgets(w, report);
    put_phases(w, report);
}
