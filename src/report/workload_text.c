/* A workload for a terminal: the steps of each operation with what they expect, and then, by the steps' numbers, the values
 * that they would be sent with.
 *
 *     checkout                          custom           10.0 %
 *         1  d1.all of TARGET_DB: SELECT …
 *            expects 1 row
 *         2  kv.put of TARGET_KV, in the background, in 50 % of the operations
 *       k = 1
 *         1  'RUN_5', 3
 *         2  key 'cart_RUN_5', value 200 bytes of text */
#include <string.h>

#include "calls.h"
#include "lines.h"
#include "sentinel/base/vocab.h"
#include "sentinel/load/flow.h"
#include "warnings.h"

#define LINE_BYTES 4096 /* a step with its statement or its values, of which each is cut to SN_SHOWN_MAX */
#define INDENT 7

/* A line that is put together, and then wrapped; what does not fit any more ends in "…". */
struct line {
    uint8_t bytes[LINE_BYTES];
    struct sn_writer w;
};

static struct sn_writer *begin(struct line *line) {
    line->w = sn_writer(line->bytes, sizeof line->bytes - 4);
    return &line->w;
}

static void end(struct sn_writer *out, struct line *line, const char *first, uint32_t indent) {
    if (line->w.full) {
        line->w = (struct sn_writer){line->bytes, sizeof line->bytes, line->w.len, false};
        sn_put_text(&line->w, " \xe2\x80\xa6");
    }
    sn_lines_wrap(out, first, indent, line->bytes, line->w.len);
}

static void put_ms(struct sn_writer *w, double us) {
    sn_put_fixed(w, us / 1e3, 0);
}

/* --- Steps ----------------------------------------------------------------------------------------------- */

static void put_flow(struct sn_writer *w, const struct sn_step *step) {
    const struct sn_flow *flow = &step->flow;
    if (flow->marks & SN_FLOW_TOGETHER) sn_put_text(w, ", together with the one before");
    if (flow->marks & SN_FLOW_BACKGROUND) sn_put_text(w, ", in the background");
    if (flow->chance > 0) {
        sn_put_text(w, ", in ");
        sn_put_number(w, (double)flow->chance / (SN_CHANCE_SURE / 100));
        sn_put_text(w, " % of the operations");
    }
    if (flow->think == SN_THINK_NONE) return;
    bool even = flow->think == SN_THINK_EVEN;
    sn_put_text(w, ", after thinking ");
    if (!even) sn_put_text(w, "about ");
    put_ms(w, flow->think_us);
    if (!even || flow->spread > 0) {
        sn_put_text(w, even ? " to " : ", at most ");
        put_ms(w, (double)sn_flow_think_max_us(flow));
    }
    sn_put_text(w, " ms");
}

static void put_statement(struct sn_writer *w, const struct sn_workload *workload, const struct sn_group *group) {
    struct sn_text sql = workload->statements[group->statement];
    sn_put_bytes(w, workload->pool + sql.offset, sql.len);
    if (group->times == 1) return;
    sn_put_text(w, ", ");
    sn_put_dec(w, group->times);
    sn_put_text(w, " times");
}

static void put_rows(struct sn_writer *w, const struct sn_step *step) {
    bool most = step->rows_max != UINT32_MAX;
    sn_put_text(w, most ? " " : " at least ");
    if (!most || step->rows_min != step->rows_max) sn_put_dec(w, step->rows_min);
    if (most && step->rows_min != step->rows_max) sn_put_text(w, " to ");
    if (most) sn_put_dec(w, step->rows_max);
    sn_put_text(w, (most ? step->rows_max : step->rows_min) == 1 ? " row," : " rows,");
}

static void put_statuses(struct sn_writer *w, const struct sn_step *step) {
    for (uint32_t i = 0; i < SN_STATUSES_MAX && step->statuses[i] != 0; i++) {
        uint32_t low = step->statuses[i] & 0xffff, high = step->statuses[i] >> 16;
        sn_put_text(w, i == 0 ? " status " : " or ");
        sn_put_dec(w, low);
        if (high == low) continue;
        sn_put_text(w, " to ");
        sn_put_dec(w, high);
    }
    if (step->statuses[0] != 0) sn_put_text(w, ",");
}

/* "expects 1 to 20 rows, status 200" */
static void put_expect(struct sn_writer *out, const struct sn_step *step) {
    struct line line;
    struct sn_writer *w = begin(&line);
    sn_put_text(w, "expects");
    size_t mark = w->len;
    if (step->rows_min > 0 || step->rows_max != UINT32_MAX) put_rows(w, step);
    if (step->expect & SN_EXPECT_FOUND) sn_put_text(w, " that it is found,");
    put_statuses(w, step);
    if (step->expect & SN_EXPECT_BYTES) {
        sn_put_text(w, " ");
        sn_put_dec(w, step->expect_bytes);
        sn_put_text(w, " bytes,");
    }
    if (w->len == mark) return;
    w->len--; /* the last comma */
    end(out, &line, "", INDENT);
}

/* The line of a step begins with its number, as the lines of its calls do. */
static void end_of_step(struct sn_writer *out, struct line *line, uint32_t step) {
    char first[INDENT + 1];
    struct sn_writer w = sn_writer(first, INDENT);
    sn_put_text(&w, "  ");
    sn_lines_number(&w, step + 1, INDENT - 4);
    sn_put_text(&w, "  ");
    first[w.len] = '\0';
    end(out, line, first, INDENT);
}

static void put_step(struct sn_writer *out, const struct sn_workload *workload, const struct sn_step *step,
                     uint32_t index) {
    struct line line;
    struct sn_writer *w = begin(&line);
    struct sn_span target = sn_step_target_name(workload, step);
    bool sql = sn_step_target(workload, step)->service == SN_SERVICE_D1;
    sn_put_text(w, sn_action_name(step->action));
    sn_put_text(w, " of ");
    sn_put_bytes(w, target.data, target.len);
    put_flow(w, step);
    if (sql && step->groups_len == 1) {
        sn_put_text(w, ": ");
        put_statement(w, workload, &workload->groups[step->groups]);
    }
    end_of_step(out, &line, index);
    for (uint32_t i = 0; sql && step->groups_len > 1 && i < step->groups_len; i++) {
        w = begin(&line);
        put_statement(w, workload, &workload->groups[step->groups + i]);
        end(out, &line, "       -", INDENT + 2);
    }
    put_expect(out, step);
}

/* --- Calls ----------------------------------------------------------------------------------------------- */

static void put_value(struct sn_writer *w, const struct sn_call_value *value) {
    switch (value->type) {
    case SN_VALUE_NULL: sn_put_text(w, "null"); return;
    case SN_VALUE_NUMBER: sn_put_number(w, value->number); return;
    case SN_VALUE_TEXT:
        sn_put_text(w, "'");
        sn_put_bytes(w, value->text.data, sn_shown(value->text));
        sn_put_text(w, value->text.len > SN_SHOWN_MAX ? "\xe2\x80\xa6' of " : "'");
        if (value->text.len <= SN_SHOWN_MAX) return;
        sn_put_dec(w, value->text.len);
        sn_put_text(w, " bytes");
        return;
    default: sn_put_dec(w, value->len); sn_put_text(w, value->type == SN_VALUE_SLICE ? " bytes" : " bytes of text");
    }
}

static void put_group(struct sn_writer *w, struct sn_call *call, const struct sn_call_group *group) {
    bool list = false, begun = false;
    for (uint32_t i = 0; i < group->values; i++) {
        const char *name = call->sql || list ? NULL : sn_call_value_name(call, i, &list);
        struct sn_call_value value = sn_call_value(call);
        if (value.type == SN_VALUE_NULL && !call->sql && !list) continue;
        if (begun) sn_put_text(w, ", ");
        begun = true;
        if (name != NULL) {
            sn_put_text(w, name);
            sn_put_text(w, " ");
        }
        put_value(w, &value);
    }
    if (!begun) sn_put_text(w, "nothing bound");
}

static void put_looks(struct sn_writer *w, struct sn_call *call, const struct sn_call_group *group) {
    for (uint32_t i = 0; i < group->values; i += 2) {
        uint32_t kind = (uint32_t)sn_call_value(call).number;
        struct sn_call_value value = sn_call_value(call);
        bool compares = kind == SN_LOOK_SAME || kind == SN_LOOK_CONTAINS;
        if (i > 0) sn_put_text(w, ", ");
        sn_put_text(w, !compares ? "captures the " : kind == SN_LOOK_SAME ? "expects " : "expects in it ");
        if (!compares) sn_put_text(w, sn_look_name(kind));
        if (!compares && kind != SN_LOOK_WHOLE) sn_put_text(w, " ");
        if (kind != SN_LOOK_WHOLE) put_value(w, &value);
    }
}

/* A line for what is sent, with the number of its step; one for each statement of a batch; one for what is looked for. */
static void put_call(struct sn_writer *out, const struct sn_report_workload *view, const struct sn_step *step,
                     uint32_t index, int64_t think_us, const struct sn_render *render) {
    struct sn_call call = sn_call_begin(view->room, view->workload, step, render);
    struct sn_call_group group;
    bool first = true;
    while (sn_call_group(&call, &group)) {
        struct line line;
        struct sn_writer *w = begin(&line);
        if (first && think_us > 0) {
            sn_put_text(w, "thinks ");
            put_ms(w, (double)think_us);
            sn_put_text(w, " ms; ");
        }
        if (group.looks)
            put_looks(w, &call, &group);
        else
            put_group(w, &call, &group);
        if (first)
            end_of_step(out, &line, index);
        else
            end(out, &line, "", INDENT);
        first = false;
    }
}

static void put_example_head(struct sn_writer *w, const char *what, uint64_t number) {
    sn_put_text(w, "  ");
    sn_put_text(w, what);
    sn_put_dec(w, number);
    sn_put_text(w, "\n");
}

static void put_operation(struct sn_writer *w, const struct sn_report_workload *view, const struct sn_kind *kind,
                          double share) {
    const struct sn_workload *workload = view->workload;
    uint8_t digits[24];
    struct sn_writer percent = sn_writer(digits, sizeof digits);
    sn_put_fixed(&percent, 100 * share, 1);
    sn_put_text(w, "\n");
    sn_lines_left(w, workload->pool + kind->name.offset, kind->name.len, 34);
    sn_lines_left(w, workload->pool + kind->system.offset, kind->system.len, 14);
    sn_lines_right(w, digits, percent.len, 7);
    sn_put_text(w, " %\n");
    for (uint32_t i = 0; i < kind->steps_len; i++) put_step(w, workload, &workload->steps[kind->steps + i], i);
    for (uint32_t k = 1; k <= view->count; k++) {
        struct sn_render render = sn_example_render(view, k);
        uint32_t drawn = sn_flow_drawn(workload, kind, view->seed, k);
        put_example_head(w, "k = ", k);
        for (uint32_t i = 0; i < kind->steps_len; i++) {
            if (!(drawn & 1u << i)) continue;
            put_call(w, view, &workload->steps[kind->steps + i], i, sn_example_think_us(view, kind, drawn, i, k),
                     &render);
        }
    }
}

/* --- Jobs ------------------------------------------------------------------------------------------------ */

static void put_job(struct sn_writer *w, const struct sn_report_workload *view, const struct sn_job *job) {
    const struct sn_workload *workload = view->workload;
    bool per = job->kind != UINT32_MAX;
    sn_put_text(w, job->stage == SN_STAGE_PREPARE ? "\nprepare, " : "\ncleanup, ");
    if (per) {
        struct sn_text name = workload->kinds[job->kind].name;
        sn_put_text(w, "for each ");
        sn_put_bytes(w, workload->pool + name.offset, name.len);
    } else if (job->every > 0) {
        sn_put_text(w, "for every ");
        sn_lines_count(w, job->every, "operation", "operations");
    } else {
        sn_lines_count(w, job->count, "time", "times");
    }
    if (job->data != 0) sn_put_text(w, ", of what was prepared");
    sn_put_text(w, "\n");
    for (uint32_t i = 0; i < job->steps_len; i++) put_step(w, workload, &workload->steps[job->steps + i], i);
    if (view->count == 0) return;
    struct sn_render render = sn_example_render(view, per ? 1 : 0);
    put_example_head(w, per ? "k = " : "i = ", render.k);
    for (uint32_t i = 0; i < job->steps_len; i++) put_call(w, view, &workload->steps[job->steps + i], i, 0, &render);
}

/* --- The whole ------------------------------------------------------------------------------------------- */

static void put_head(struct sn_writer *w, const struct sn_report_workload *view) {
    const struct sn_workload *workload = view->workload;
    struct line line;
    struct sn_writer *text = begin(&line);
    const char *name = view->name != NULL ? view->name : "This workload";
    sn_lines_wrap(w, "", 0, name, strlen(name));
    if (view->description != NULL) sn_lines_wrap(w, "", 2, view->description, strlen(view->description));
    for (uint32_t i = 0; i < workload->targets_len; i++) {
        if (i > 0) sn_put_text(text, ", ");
        sn_put_bytes(text, workload->pool + workload->targets[i].name.offset, workload->targets[i].name.len);
    }
    end(w, &line, "  calls       ", 14);
    text = begin(&line);
    sn_put_dec(text, view->bytes);
    sn_put_text(text, " bytes compiled, of at most ");
    sn_put_dec(text, SN_PLAN_BYTES_MAX);
    sn_put_text(text, " with the plan's");
    end(w, &line, "  size        ", 14);
    if (view->count == 0) return;
    text = begin(&line);
    sn_put_text(text, "seed ");
    sn_put_dec(text, view->seed);
    sn_put_text(text, "; " SN_PLACEHOLDER_RUN ", " SN_PLACEHOLDER_DATA " and " SN_PLACEHOLDER_TENANT
                      " stand for the run's id, the data's mark and the tenant; the "
                      "time is 2026-01-01");
    end(w, &line, "  examples    ", 14);
}

void sn_report_put_workload_text(struct sn_writer *w, const struct sn_report_workload *view) {
    const struct sn_workload *workload = view->workload;
    uint32_t only = UINT32_MAX;
    double sum = 0;
    if (view->operation != NULL) only = sn_report_operation_find(workload, view->operation, strlen(view->operation));
    for (uint32_t i = 0; i < workload->kinds_len; i++) sum += workload->kinds[i].weight;
    put_head(w, view);
    for (uint32_t i = 0; i < workload->kinds_len; i++)
        if (only == UINT32_MAX || only == i)
            put_operation(w, view, &workload->kinds[i], workload->kinds[i].weight / sum);
    for (uint32_t i = 0; only == UINT32_MAX && i < workload->jobs_len; i++) put_job(w, view, &workload->jobs[i]);
    sn_report_put_key_warning_lines(w, workload);
}
