/* A workload as JSON. */
#include "sentinel/report/workload.h"

#include <string.h>

#include "calls.h"
#include "sentinel/load/flow.h"
#include "sentinel/report/plan.h"
#include "warnings.h"

uint32_t sn_report_operation_find(const struct sn_workload *workload, const char *name, size_t len) {
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        struct sn_text own = workload->kinds[i].name;
        if (own.len == len && memcmp(workload->pool + own.offset, name, len) == 0) return i;
    }
    return UINT32_MAX;
}

static void put_pool(struct sn_json_writer *j, const char *name, const struct sn_workload *workload,
                     struct sn_text text) {
    sn_json_put_span(j, name, workload->pool + text.offset, text.len);
}

/* --- Steps ----------------------------------------------------------------------------------------------- */

static void put_think(struct sn_json_writer *j, const struct sn_flow *flow) {
    bool even = flow->think == SN_THINK_EVEN;
    if (flow->think == SN_THINK_NONE) return;
    sn_json_open(j, "thinkMs", '{');
    sn_json_put_number(j, even ? "min" : "median", flow->think_us / 1e3);
    if (!even) sn_json_put_number(j, "sigma", flow->spread / 1e6);
    sn_json_put_number(j, "max", (double)sn_flow_think_max_us(flow) / 1e3);
    sn_json_close(j, '}');
}

static void put_statuses(struct sn_json_writer *j, const struct sn_step *step) {
    if (step->statuses[0] == 0) return;
    sn_json_open(j, "status", '[');
    for (uint32_t i = 0; i < SN_STATUSES_MAX && step->statuses[i] != 0; i++) {
        sn_json_open(j, NULL, '[');
        sn_json_put_uint(j, NULL, step->statuses[i] & 0xffff);
        sn_json_put_uint(j, NULL, step->statuses[i] >> 16);
        sn_json_close(j, ']');
    }
    sn_json_close(j, ']');
}

/* What does not depend on the operation's number; texts that are looked for stand beside the calls. */
static void put_expect(struct sn_json_writer *j, const struct sn_step *step) {
    bool some = step->expect != 0 || step->rows_min > 0 || step->rows_max != UINT32_MAX || step->statuses[0] != 0;
    if (!some) return;
    sn_json_open(j, "expect", '{');
    if (step->expect & SN_EXPECT_FOUND) sn_json_put_bool(j, "found", true);
    if (step->rows_min > 0) sn_json_put_uint(j, "rowsAtLeast", step->rows_min);
    if (step->rows_max != UINT32_MAX) sn_json_put_uint(j, "rowsAtMost", step->rows_max);
    if (step->expect & SN_EXPECT_BYTES) sn_json_put_uint(j, "bytes", step->expect_bytes);
    put_statuses(j, step);
    sn_json_close(j, '}');
}

static void put_sql(struct sn_json_writer *j, const struct sn_workload *workload, const struct sn_step *step) {
    if (sn_step_target(workload, step)->service != SN_SERVICE_D1) return;
    sn_json_open(j, "statements", '[');
    for (uint32_t i = 0; i < step->groups_len; i++) {
        const struct sn_group *group = &workload->groups[step->groups + i];
        sn_json_open(j, NULL, '{');
        put_pool(j, "sql", workload, workload->statements[group->statement]);
        sn_json_put_uint(j, "times", group->times);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

/* `stage` counts from 1; steps of one stage are sent together. */
static void put_step(struct sn_json_writer *j, const struct sn_workload *workload, const struct sn_step *step,
                     uint32_t stage) {
    static const char *const sessions[] = {
#define SN_X(session, text) text,
        SN_SESSION_LIST(SN_X)
#undef SN_X
    };
    struct sn_span target = sn_step_target_name(workload, step);
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "call", sn_action_name(step->action));
    sn_json_put_span(j, "target", target.data, target.len);
    sn_json_put_uint(j, "stage", stage);
    if (step->calls > 1) sn_json_put_uint(j, "calls", step->calls);
    if (step->session != SN_SESSION_NONE) sn_json_put_text(j, "session", sessions[step->session]);
    if (step->flow.marks & SN_FLOW_BACKGROUND) sn_json_put_bool(j, "background", true);
    if (step->flow.chance > 0) sn_json_put_number(j, "probability", (double)step->flow.chance / SN_CHANCE_SURE);
    put_think(j, &step->flow);
    put_expect(j, step);
    put_sql(j, workload, step);
    sn_json_close(j, '}');
}

static void put_steps(struct sn_json_writer *j, const struct sn_workload *workload, uint32_t first, uint32_t len) {
    uint32_t stage = 0;
    sn_json_open(j, "steps", '[');
    for (uint32_t i = 0; i < len; i++) {
        const struct sn_step *step = &workload->steps[first + i];
        if (!(step->flow.marks & SN_FLOW_TOGETHER)) stage++;
        put_step(j, workload, step, stage);
    }
    sn_json_close(j, ']');
}

/* --- Calls ----------------------------------------------------------------------------------------------- */

static void put_value(struct sn_json_writer *j, const char *name, const struct sn_call_value *value) {
    bool whole = value->text.len <= SN_SHOWN_MAX;
    switch (value->type) {
    case SN_VALUE_NULL: sn_json_put_null(j, name); return;
    case SN_VALUE_NUMBER: sn_json_put_number(j, name, value->number); return;
    case SN_VALUE_TEXT:
        if (whole) {
            sn_json_put_span(j, name, value->text.data, value->text.len);
            return;
        }
        sn_json_open(j, name, '{');
        sn_json_put_span(j, "begins", value->text.data, sn_shown(value->text));
        sn_json_put_uint(j, "length", value->text.len);
        break;
    default:
        sn_json_open(j, name, '{');
        sn_json_put_text(j, "payload", value->type == SN_VALUE_SLICE ? "bytes" : "text");
        sn_json_put_uint(j, "length", value->len);
        sn_json_put_uint(j, "offset", value->offset);
    }
    sn_json_close(j, '}');
}

/* The values of a call that is not SQL's, by name; what the step leaves out is left out. */
static void put_named(struct sn_json_writer *j, struct sn_call *call, uint32_t len) {
    bool list, open = false;
    sn_json_open(j, "values", '{');
    for (uint32_t i = 0; i < len; i++) {
        const char *name = sn_call_value_name(call, i, &list);
        struct sn_call_value value = sn_call_value(call);
        if (list && !open) sn_json_open(j, name, '[');
        open = list;
        if (list || value.type != SN_VALUE_NULL) put_value(j, list ? NULL : name, &value);
    }
    if (open) sn_json_close(j, ']');
    sn_json_close(j, '}');
}

static void put_looks(struct sn_json_writer *j, struct sn_call *call, uint32_t len) {
    sn_json_open(j, "looks", '[');
    for (uint32_t i = 0; i < len; i += 2) {
        uint32_t kind = (uint32_t)sn_call_value(call).number;
        struct sn_call_value value = sn_call_value(call);
        sn_json_open(j, NULL, '{');
        put_value(j, sn_look_name(kind), &value);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

static void put_call(struct sn_json_writer *j, struct sn_call *call) {
    struct sn_call_group group;
    bool bound = false;
    while (sn_call_group(call, &group)) {
        if (call->sql && !group.looks) {
            if (!bound) sn_json_open(j, "bind", '[');
            bound = true;
            sn_json_open(j, NULL, '[');
            for (uint32_t i = 0; i < group.values; i++) {
                struct sn_call_value value = sn_call_value(call);
                put_value(j, NULL, &value);
            }
            sn_json_close(j, ']');
            continue;
        }
        if (bound) sn_json_close(j, ']');
        bound = false;
        if (group.looks)
            put_looks(j, call, group.values);
        else
            put_named(j, call, group.values);
    }
    if (bound) sn_json_close(j, ']');
}

/* --- Examples -------------------------------------------------------------------------------------------- */

static void put_example_call(struct sn_json_writer *j, const struct sn_report_workload *view, uint32_t first,
                             uint32_t step, int64_t think_us, const struct sn_render *render) {
    struct sn_call call = sn_call_begin(view->room, view->workload, &view->workload->steps[first + step], render);
    sn_json_open(j, NULL, '{');
    sn_json_put_uint(j, "step", step);
    if (think_us > 0) sn_json_put_number(j, "thinkMs", (double)think_us / 1e3);
    put_call(j, &call);
    sn_json_close(j, '}');
}

/* Operation k of this kind: the steps that it makes, each with what is thought before it. */
static void put_operation_example(struct sn_json_writer *j, const struct sn_report_workload *view,
                                  const struct sn_kind *kind, uint64_t k) {
    struct sn_render render = sn_example_render(view, k);
    uint32_t drawn = sn_flow_drawn(view->workload, kind, view->seed, k);
    sn_json_open(j, NULL, '{');
    sn_json_put_uint(j, "k", k);
    sn_json_open(j, "calls", '[');
    for (uint32_t i = 0; i < kind->steps_len; i++) {
        if (!(drawn & 1u << i)) continue;
        int64_t think_us = sn_example_think_us(view, kind, drawn, i, k);
        put_example_call(j, view, kind->steps, i, think_us, &render);
    }
    sn_json_close(j, ']');
    sn_json_close(j, '}');
}

static void put_item_example(struct sn_json_writer *j, const struct sn_report_workload *view, const struct sn_job *job,
                             uint64_t number) {
    struct sn_render render = sn_example_render(view, number);
    sn_json_open(j, NULL, '{');
    sn_json_put_uint(j, job->kind == UINT32_MAX ? "i" : "k", number);
    sn_json_open(j, "calls", '[');
    for (uint32_t i = 0; i < job->steps_len; i++) put_example_call(j, view, job->steps, i, 0, &render);
    sn_json_close(j, ']');
    sn_json_close(j, '}');
}

/* What is shown, and how much room examples have. */
struct writing {
    const struct sn_report_workload *view;
    bool steps;       /* and not only the outline */
    size_t end;       /* of the writer's bytes, for examples */
    uint64_t omitted; /* examples that did not fit */
};

/* One example, whole or not at all. */
static void put_example(struct sn_json_writer *j, struct writing *writing, const struct sn_kind *kind,
                        const struct sn_job *job, uint64_t number) {
    struct sn_writer *out = j->w;
    size_t most = out->cap / 4 * 3; /* the rest is for what is no example */
    size_t end = writing->end < most ? writing->end : most;
    struct sn_writer part = sn_writer(out->data + out->len, out->len < end ? end - out->len : 0);
    struct sn_json_writer one = {.w = &part, .comma = j->comma};
    if (job == NULL)
        put_operation_example(&one, writing->view, kind, number);
    else
        put_item_example(&one, writing->view, job, number);
    if (part.full) {
        writing->omitted++;
        return;
    }
    out->len += part.len;
    j->comma = true;
}

static void put_operations(struct sn_json_writer *j, struct writing *writing) {
    const struct sn_report_workload *view = writing->view;
    const struct sn_workload *workload = view->workload;
    double sum = 0;
    for (uint32_t i = 0; i < workload->kinds_len; i++) sum += workload->kinds[i].weight;
    sn_json_open(j, "operations", '[');
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        const struct sn_kind *kind = &workload->kinds[i];
        if (view->operation != NULL &&
            sn_report_operation_find(workload, view->operation, strlen(view->operation)) != i)
            continue;
        sn_json_open(j, NULL, '{');
        put_pool(j, "operation", workload, kind->name);
        put_pool(j, "system", workload, kind->system);
        sn_json_put_uint(j, "weight", kind->weight);
        sn_json_put_number(j, "share", kind->weight / sum);
        if (writing->steps) put_steps(j, workload, kind->steps, kind->steps_len);
        if (writing->steps && view->count > 0) {
            sn_json_open(j, "examples", '[');
            for (uint32_t k = 1; k <= view->count; k++) put_example(j, writing, kind, NULL, k);
            sn_json_close(j, ']');
        }
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

static void put_job(struct sn_json_writer *j, struct writing *writing, const struct sn_job *job) {
    const struct sn_workload *workload = writing->view->workload;
    bool per = job->kind != UINT32_MAX;
    sn_json_open(j, NULL, '{');
    if (per) put_pool(j, "per", workload, workload->kinds[job->kind].name);
    if (job->every > 0) sn_json_put_uint(j, "every", job->every);
    if (!per && job->every == 0) sn_json_put_uint(j, "count", job->count);
    if (job->data != 0) sn_json_put_bool(j, "data", true);
    put_steps(j, workload, job->steps, job->steps_len);
    if (writing->view->count > 0) {
        sn_json_open(j, "examples", '[');
        put_example(j, writing, NULL, job, per ? 1 : 0);
        sn_json_close(j, ']');
    }
    sn_json_close(j, '}');
}

static void put_jobs(struct sn_json_writer *j, struct writing *writing, const char *name, enum sn_stage stage) {
    const struct sn_workload *workload = writing->view->workload;
    sn_json_open(j, name, '[');
    for (uint32_t i = 0; i < workload->jobs_len; i++)
        if (workload->jobs[i].stage == (uint32_t)stage) put_job(j, writing, &workload->jobs[i]);
    sn_json_close(j, ']');
}

static void put_targets(struct sn_json_writer *j, const struct sn_workload *workload) {
    static const char *const services[] = {
#define SN_X(name, value, text, binding) [SN_SERVICE_##name] = text,
        SN_SERVICE_LIST(SN_X)
#undef SN_X
    };
    sn_json_open(j, "targets", '[');
    for (uint32_t i = 0; i < workload->targets_len; i++) {
        sn_json_open(j, NULL, '{');
        sn_json_put_text(j, "service", services[workload->targets[i].service]);
        put_pool(j, "name", workload, workload->targets[i].name);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

static void put_outline(struct sn_json_writer *j, struct writing *writing) {
    const struct sn_report_workload *view = writing->view;
    sn_json_put_text(j, "name", view->name);
    sn_json_put_text(j, "description", view->description);
    sn_report_put_systems(j, "systems", view->workload);
    put_targets(j, view->workload);
    put_operations(j, writing);
}

void sn_report_put_workload_outline(struct sn_json_writer *j, const struct sn_report_workload *view) {
    struct writing writing = {.view = view};
    put_outline(j, &writing);
}

void sn_report_put_workload(struct sn_json_writer *j, const struct sn_report_workload *view) {
    struct writing writing = {.view = view, .steps = true, .end = j->w->len + SN_EXAMPLES_BYTES_MAX};
    put_outline(j, &writing);
    put_jobs(j, &writing, "prepare", SN_STAGE_PREPARE);
    put_jobs(j, &writing, "cleanup", SN_STAGE_CLEANUP);
    sn_report_put_key_warnings(j, view->workload);
    sn_json_put_uint(j, "bytes", view->bytes);
    if (view->count == 0) return;
    sn_json_open(j, "placeholders", '{');
    sn_json_put_text(j, "run", SN_PLACEHOLDER_RUN);
    sn_json_put_text(j, "data", SN_PLACEHOLDER_DATA);
    sn_json_put_text(j, "tenant", SN_PLACEHOLDER_TENANT);
    sn_json_put_time(j, "time", SN_PLACEHOLDER_US);
    sn_json_close(j, '}');
    uint8_t digits[20];
    struct sn_writer seed = sn_writer(digits, sizeof digits);
    sn_put_dec(&seed, view->seed);
    sn_json_put_span(j, "seed", digits, seed.len);
    sn_json_put_uint(j, "examplesOmitted", writing.omitted);
}
