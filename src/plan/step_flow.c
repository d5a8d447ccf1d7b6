/* How steps follow one another: {"probability": 0.3}, {"background": true}, {"thinkMs": …}, {"parallel": […]}. */
#include <string.h>

#include "read.h"
#include "sentinel/load/flow.h"
#include "steps.h"

enum { PROBABILITY, BACKGROUND, THINK, MEMBERS };

static const char *const flow_names[MEMBERS] = {"probability", "background", "thinkMs"};

#define NAMES_MAX 16

bool sn_step_members(struct sn_builder *b, const struct sn_json *step, const char *const *names, size_t len,
                     const struct sn_json **members) {
    const char *all[NAMES_MAX];
    const struct sn_json *found[NAMES_MAX];
    size_t all_len = len;
    memcpy(all, names, len * sizeof *all);
    for (size_t i = 0; b->flows && i < MEMBERS; i++) all[all_len++] = flow_names[i];
    if (!sn_read_members(b->trail, step, all, all_len, found)) return false;
    memcpy(members, found, len * sizeof *members);
    return true;
}

/* --- Think time --------------------------------------------------------------------------------------------- */

static bool read_ms(struct sn_builder *b, const struct sn_json *value, const char *name, double min, double max,
                    uint32_t *us) {
    double ms;
    size_t mark = sn_trail_name(b->trail, name);
    if (!sn_read_number(b->trail, value, min, max, &ms)) return false;
    sn_trail_back(b->trail, mark);
    *us = (uint32_t)(ms * 1000 + 0.5);
    return true;
}

static bool read_even(struct sn_builder *b, const struct sn_json *value, struct sn_flow *flow) {
    static const char *const names[] = {"min", "max"};
    const struct sn_json *members[2];
    uint32_t max_us;
    if (!sn_read_members(b->trail, value, names, 2, members)) return false;
    if (!read_ms(b, members[0], "min", 0, SN_THINK_MS_MAX, &flow->think_us)) return false;
    if (!read_ms(b, members[1], "max", flow->think_us / 1000.0, SN_THINK_MS_MAX, &max_us)) return false;
    flow->think = SN_THINK_EVEN;
    flow->spread = max_us - flow->think_us;
    return true;
}

#define TAIL 10 /* medians that are thought at most, unless the plan says otherwise */

static bool read_lognormal(struct sn_builder *b, const struct sn_json *value, struct sn_flow *flow) {
    static const char *const names[] = {"median", "sigma", "max"};
    const struct sn_json *members[3];
    double sigma;
    if (!sn_read_members(b->trail, value, names, 3, members)) return false;
    if (!read_ms(b, members[0], "median", 1, SN_THINK_MS_MAX, &flow->think_us)) return false;
    size_t mark = sn_trail_name(b->trail, "sigma");
    if (!sn_read_number(b->trail, members[1], 0, SN_SIGMA_MAX_MILLIONTHS / 1e6, &sigma)) return false;
    sn_trail_back(b->trail, mark);
    flow->think = SN_THINK_LOGNORMAL;
    flow->spread = (uint32_t)(sigma * 1e6 + 0.5);
    uint32_t most_us = SN_THINK_MS_MAX * 1000;
    flow->think_max_us = flow->think_us < most_us / TAIL ? TAIL * flow->think_us : most_us;
    return members[2] == NULL ||
           read_ms(b, members[2], "max", flow->think_us / 1000.0, SN_THINK_MS_MAX, &flow->think_max_us);
}

static bool read_think(struct sn_builder *b, const struct sn_json *value, struct sn_flow *flow) {
    if (value == NULL) return true;
    size_t mark = sn_trail_name(b->trail, flow_names[THINK]);
    bool read;
    if (sn_json_get(value, "median") != NULL) {
        read = read_lognormal(b, value, flow);
    } else if (sn_json_type(value) == SN_JSON_OBJECT) {
        read = read_even(b, value, flow);
    } else if (sn_json_type(value) == SN_JSON_NUMBER) {
        sn_trail_back(b->trail, mark);
        read = read_ms(b, value, flow_names[THINK], 0, SN_THINK_MS_MAX, &flow->think_us);
        if (read && flow->think_us > 0) flow->think = SN_THINK_EVEN;
    } else {
        read = sn_trail_refuse(b->trail, "plan.type",
                               "milliseconds, {\"min\", \"max\"} or {\"median\", \"sigma\"} with a \"max\" if need be");
    }
    if (read) sn_trail_back(b->trail, mark);
    return read;
}

/* --- A step ------------------------------------------------------------------------------------------------- */

bool sn_step_flow(struct sn_builder *b, const struct sn_json *step, uint32_t marks, struct sn_flow *flow) {
    *flow = (struct sn_flow){.marks = marks};
    if (!b->flows) return true;
    const struct sn_json *probability = sn_json_get(step, flow_names[PROBABILITY]);
    const struct sn_json *background = sn_json_get(step, flow_names[BACKGROUND]);
    const struct sn_json *think = sn_json_get(step, flow_names[THINK]);
    size_t mark = sn_trail_name(b->trail, flow_names[PROBABILITY]);
    double chance = 1;
    if (probability != NULL && !sn_read_number(b->trail, probability, 1.0 / SN_CHANCE_SURE, 1, &chance)) return false;
    flow->chance = (uint32_t)(chance * SN_CHANCE_SURE + 0.5) % SN_CHANCE_SURE;
    sn_trail_back(b->trail, mark);
    mark = sn_trail_name(b->trail, flow_names[BACKGROUND]);
    if (background != NULL && !sn_read_true(b->trail, background)) return false;
    if (background != NULL && b->beside)
        return sn_trail_refuse(b->trail, "plan.conflict", "either \"parallel\" or \"background\"");
    if (background != NULL) flow->marks |= SN_FLOW_BACKGROUND;
    sn_trail_back(b->trail, mark);
    if (think != NULL && b->beside) {
        sn_trail_name(b->trail, flow_names[THINK]);
        return sn_trail_refuse(b->trail, "plan.conflict",
                               "thinkMs beside \"parallel\": all of it is thought about at once");
    }
    return read_think(b, think, flow);
}

/* --- Several ------------------------------------------------------------------------------------------------ */

/* {"parallel": [step, step]}, with the time to think before all of them. */
static bool put_parallel(struct sn_builder *b, const struct sn_json *group) {
    static const char *const names[] = {"parallel", "thinkMs"};
    const struct sn_json *members[2];
    if (!sn_read_members(b->trail, group, names, 2, members)) return false;
    size_t before = sn_trail_name(b->trail, "parallel"), index = 0;
    uint32_t first = b->view.steps_len;
    if (!sn_read_array(b->trail, members[0], 2, SN_STEPS_MAX)) return false;
    b->beside = true;
    for (const struct sn_json *at = sn_json_first(members[0]); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(b->trail, index);
        if (!sn_step_compile(b, at, index++ > 0 ? SN_FLOW_TOGETHER : 0)) return false;
        sn_trail_back(b->trail, mark);
    }
    b->beside = false;
    b->captured |= b->capturing;
    sn_trail_back(b->trail, before);
    return read_think(b, members[1], &b->steps[first].flow);
}

static bool refuse_think(struct sn_builder *b, int64_t us) {
    struct sn_writer w = sn_trail_expected(b->trail, "plan.range");
    sn_put_text(&w, "at most ");
    sn_put_dec(&w, SN_THINK_MS_MAX);
    sn_put_text(&w, " ms of think time in one operation; this can come to ");
    sn_put_number(&w, (double)us / 1000);
    return false;
}

/* What no step shows by itself. */
static bool check_flow(struct sn_builder *b, uint32_t first) {
    struct sn_kind kind = {.steps = first, .steps_len = b->view.steps_len - first};
    int64_t think_us = sn_flow_thinking_max_us(&b->view, &kind);
    bool sure = false;
    for (uint32_t i = first; i < b->view.steps_len; i++) {
        const struct sn_flow *flow = &b->steps[i].flow;
        sure = sure || (flow->chance == 0 && (flow->marks & SN_FLOW_BACKGROUND) == 0);
    }
    if (!sure)
        return sn_trail_refuse(b->trail, "plan.missing",
                               "a step that is made and waited for in any case: no probability, not in the background");
    if (think_us > SN_THINK_MS_MAX * INT64_C(1000)) return refuse_think(b, think_us);
    if (b->steps[first].flow.think == SN_THINK_NONE) return true;
    sn_trail_index(b->trail, 0);
    sn_trail_name(b->trail, flow_names[THINK]);
    return sn_trail_refuse(b->trail, "plan.conflict",
                           "no thinkMs before the first step: the schedule says when that is due");
}

bool sn_steps_compile(struct sn_builder *b, const struct sn_json *steps, uint32_t *first, uint32_t *len) {
    size_t before = sn_trail_name(b->trail, "steps"), index = 0;
    if (!sn_read_array(b->trail, steps, 1, SN_STEPS_MAX)) return false;
    *first = b->view.steps_len;
    b->captures_len = b->captured = b->capturing = 0; /* each operation has its own */
    for (const struct sn_json *at = sn_json_first(steps); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(b->trail, index++);
        bool several = b->flows && sn_json_get(at, "parallel") != NULL;
        if (several ? !put_parallel(b, at) : !sn_step_compile(b, at, 0)) return false;
        sn_trail_back(b->trail, mark);
    }
    *len = b->view.steps_len - *first;
    if (*len > SN_STEPS_MAX)
        return sn_trail_refuse(b->trail, "plan.range", "at most 16 steps, those in parallel included");
    if (!check_flow(b, *first)) return false;
    sn_trail_back(b->trail, before);
    return true;
}
