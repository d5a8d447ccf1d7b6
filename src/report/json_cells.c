/* The report's tables as JSON: operations by phase, totals, and the operations that were kept whole. */
#include "figures.h"

#define EXEMPLARS_LISTED 50u

static void put_times(struct sn_json_writer *j, const char *name, const struct sn_hist *hist,
                      const struct sn_pages *pages) {
    sn_json_open(j, name, '{');
    sn_report_json_percentile(j, "p50", hist, pages, 50);
    sn_report_json_percentile(j, "p90", hist, pages, 90);
    sn_report_json_percentile(j, "p95", hist, pages, 95);
    sn_report_json_percentile(j, "p99", hist, pages, 99);
    sn_report_json_percentile(j, "p99.9", hist, pages, 99.9);
    sn_report_json_ms(j, "min", hist->count > 0, hist->min_us);
    sn_report_json_ms(j, "mean", hist->count > 0, (uint64_t)sn_hist_mean_us(hist));
    sn_report_json_ms(j, "max", hist->count > 0, hist->max_us);
    sn_json_close(j, '}');
}

static void put_cell(struct sn_json_writer *j, const struct sn_cell *cell, const struct sn_pages *pages) {
    sn_json_put_uint(j, "completed", cell->completed);
    sn_json_put_uint(j, "failed", cell->failed);
    sn_report_json_errors(j, "errors", cell->errors);
    put_times(j, "responseMs", &cell->response, pages);
    put_times(j, "serviceMs", &cell->service, pages);
    sn_json_put_uint(j, "bytes", cell->bytes);
    sn_json_put_uint(j, "rowsReturned", cell->rows);
    sn_json_put_uint(j, "rowsRead", cell->rows_read);
    sn_json_put_uint(j, "rowsWritten", cell->rows_written);
    /* The database's own clock, which is finer than ours. */
    sn_json_put_fixed(j, "sqlMs", (double)cell->sql_us / 1e3, 3);
    sn_json_put_uint(j, "hiddenRetries", cell->retries);
    sn_json_put_uint(j, "cacheHits", cell->cache_hits);
    sn_json_put_uint(j, "cacheMisses", cell->cache_misses);
}

static void put_budget(struct sn_json_writer *j, const struct sn_report_step *step) {
    uint64_t ended = step->cell->completed + step->cell->failed;
    if (step->budget_us > 0)
        sn_json_put_uint(j, "budgetMs", step->budget_us / 1000);
    else
        sn_json_put_null(j, "budgetMs");
    if (step->budget_us > 0 && ended > 0)
        sn_json_put_fixed(j, "withinBudget", (double)sn_report_share(step->cell->within, ended) / 1e4, 4);
    else
        sn_json_put_null(j, "withinBudget");
}

/* Each by itself, over the whole load but a lead-in. */
static void put_steps(struct sn_json_writer *j, const struct sn_report *report, uint32_t kind) {
    struct sn_report_step step;
    if (!sn_kind_tells_steps(report->workload, &report->workload->kinds[kind])) return;
    sn_json_open(j, "steps", '[');
    for (uint32_t i = 0; sn_report_step(report, kind, i, &step); i++) {
        sn_json_open(j, NULL, '{');
        sn_json_put_uint(j, "step", i + 1);
        sn_json_put_text(j, "call", step.call);
        sn_json_put_bool(j, "background", step.background);
        sn_json_put_uint(j, "completed", step.cell->completed);
        sn_json_put_uint(j, "failed", step.cell->failed);
        put_times(j, "serviceMs", &step.cell->service, &step.pages);
        put_budget(j, &step);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

/* A phase in which a kind did nothing is left out; its total is not. */
static void put_operation(struct sn_json_writer *j, const struct sn_report *report, uint32_t kind, uint32_t phase) {
    struct sn_cell cell;
    struct sn_pages pages;
    sn_report_sum(report, kind, phase, &cell, &pages);
    if (phase != SN_REPORT_ALL && cell.completed + cell.failed == 0) return;
    struct sn_span operation = sn_report_pooled(report, report->workload->kinds[kind].name);
    struct sn_span system = sn_report_pooled(report, report->workload->kinds[kind].system);
    sn_json_open(j, NULL, '{');
    sn_json_put_span(j, "operation", operation.data, operation.len);
    sn_json_put_span(j, "system", system.data, system.len);
    sn_json_put_text(j, "phase", phase == SN_REPORT_ALL ? "all" : report->profile->phases[phase].name);
    put_cell(j, &cell, &pages);
    if (phase == SN_REPORT_ALL) put_steps(j, report, kind);
    sn_json_close(j, '}');
}

static void put_kinds(struct sn_json_writer *j, const struct sn_report *report) {
    sn_json_open(j, "operations", '[');
    for (uint32_t kind = 0; kind < report->workload->kinds_len; kind++) {
        if (report->workload->kinds[kind].weight == 0) continue;
        put_operation(j, report, kind, SN_REPORT_ALL);
        for (uint32_t phase = 0; phase < report->profile->phases_len; phase++) put_operation(j, report, kind, phase);
    }
    sn_json_close(j, ']');
}

static void put_totals(struct sn_json_writer *j, const struct sn_report *report) {
    struct sn_cell cell;
    struct sn_pages pages;
    sn_report_sum(report, SN_REPORT_ALL, SN_REPORT_ALL, &cell, &pages);
    sn_json_open(j, "total", '{');
    put_cell(j, &cell, &pages);
    sn_json_close(j, '}');
    sn_json_open(j, "phases", '[');
    for (uint32_t phase = 0; phase < report->profile->phases_len; phase++) {
        sn_report_sum(report, SN_REPORT_ALL, phase, &cell, &pages);
        sn_json_open(j, NULL, '{');
        sn_json_put_text(j, "phase", report->profile->phases[phase].name);
        sn_json_put_uint(j, "planned", sn_report_phase_planned(report, phase));
        put_cell(j, &cell, &pages);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

void sn_report_json_operations(struct sn_json_writer *j, const struct sn_report *report) {
    put_kinds(j, report);
    put_totals(j, report);
}

static void put_exemplar(struct sn_json_writer *j, const struct sn_report *report, const struct sn_exemplar *one) {
    sn_json_open(j, NULL, '{');
    sn_json_put_uint(j, "k", one->k);
    if (one->kind < report->workload->kinds_len) {
        struct sn_span operation = sn_report_pooled(report, report->workload->kinds[one->kind].name);
        sn_json_put_span(j, "operation", operation.data, operation.len);
    }
    if (one->phase < report->profile->phases_len) {
        sn_json_put_text(j, "phase", report->profile->phases[one->phase].name);
    }
    sn_json_put_time(j, "dueAt", one->due_us);
    sn_report_json_ms(j, "responseMs", true, one->response_us);
    sn_report_json_ms(j, "serviceMs", true, one->service_us);
    bool known = one->failed > 0 && one->failed <= SN_ERRORS_LEN;
    sn_json_put_text(j, "error", known ? sn_error_name((enum sn_error)(one->failed - 1)) : NULL);
    if (one->step > 0)
        sn_json_put_uint(j, "step", one->step);
    else
        sn_json_put_null(j, "step");
    sn_json_put_span(j, "text", one->text, sn_report_text_len(one));
    sn_json_close(j, '}');
}

void sn_report_json_exemplars(struct sn_json_writer *j, const struct sn_report *report) {
    const struct sn_exemplar *one = NULL;
    sn_json_open(j, "exemplars", '{');
    sn_json_put_uint(j, "kept", report->tally->exemplars_len);
    sn_json_open(j, "slowest", '[');
    for (uint32_t i = 0; i < EXEMPLARS_LISTED && (one = sn_report_slowest_after(report, one)) != NULL; i++) {
        put_exemplar(j, report, one);
    }
    sn_json_close(j, ']');
    sn_json_open(j, "errors", '[');
    one = NULL;
    for (uint32_t i = 0; i < EXEMPLARS_LISTED && (one = sn_report_error_after(report, one)) != NULL; i++) {
        put_exemplar(j, report, one);
    }
    sn_json_close(j, ']');
    sn_json_close(j, '}');
}
