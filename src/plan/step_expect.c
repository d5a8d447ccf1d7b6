/* What an answer has to be like, and what of it is kept for later steps. */
#include <string.h>

#include "read.h"
#include "steps.h"
#include "workload_read.h"

/* --- Looking at the text of an answer ------------------------------------------------------------------------ */

/* The argument that was built last is what is looked for. */
static bool put_look(struct sn_builder *b, struct sn_step *step, enum sn_look_kind kind, uint32_t capture,
                     const char *name) {
    struct sn_look look = {(uint32_t)kind, b->view.arguments_len - 1, capture, {0, 0}};
    if (name != NULL && !sn_build_text(b, name, strlen(name), &look.name)) return false;
    if (step->looks_len == SN_LOOKS_MAX)
        return sn_trail_refuse(b->trail, "plan.range", "at most 8 texts that are looked for in one answer");
    if (step->looks_len++ == 0) step->looks = b->view.looks_len;
    return sn_build_look(b, &look);
}

/* The value that chose the slice of the payload block when it was stored: a key, a URL.  UINT32_MAX: k did. */
static uint32_t key_of(const struct sn_builder *b, const struct sn_step *step) {
    uint32_t first = b->groups[step->groups].arguments;
    switch (b->targets[step->target].service) {
    case SN_SERVICE_D1: return UINT32_MAX;
    case SN_SERVICE_DO: return step->action == SN_ACTION_DO_FETCH ? first + 1 : UINT32_MAX;
    default: return first;
    }
}

static bool put_compared(struct sn_builder *b, const struct sn_json *value, enum sn_look_kind kind,
                         struct sn_step *step) {
    const char *text = sn_json_string(value);
    if (text == NULL) return sn_trail_refuse(b->trail, "plan.type", "a text");
    if (!sn_template_compile(b, text, SN_VALUE_TEXT)) return false;
    struct sn_argument *argument = &b->arguments[b->view.arguments_len - 1];
    if (argument->parts_len == 0) return sn_trail_refuse(b->trail, "plan.range", "a text that is not empty");
    if (argument->parts_len == 1 && b->parts[argument->parts].kind == SN_PART_TEXT) {
        argument->type = SN_VALUE_SLICE_TEXT;
        argument->key = key_of(b, step);
    }
    return put_look(b, step, kind, UINT32_MAX, NULL);
}

static const struct way {
    const char *name;
    enum sn_look_kind kind;
    uint32_t may;
} ways[] = {
    {"column", SN_LOOK_COLUMN, SN_MAY_COLUMN},
    {"pointer", SN_LOOK_POINTER, SN_MAY_TEXT},
    {"header", SN_LOOK_HEADER, SN_MAY_HEADER},
    {"text", SN_LOOK_WHOLE, SN_MAY_TEXT},
};
#define WAYS (sizeof ways / sizeof *ways)

/* Where the captured text stands. */
static bool put_place(struct sn_builder *b, const struct way *way, const struct sn_json *value) {
    const char *text = NULL;
    if (way->kind == SN_LOOK_WHOLE)
        return sn_read_true(b->trail, value) &&
               sn_build_argument(b, &(struct sn_argument){.type = SN_VALUE_NULL, .parts = b->view.parts_len});
    if (!sn_read_text(b->trail, value, way->kind == SN_LOOK_POINTER ? 0 : 1, SN_KV_KEY_MAX, &text)) return false;
    if (way->kind == SN_LOOK_POINTER && *text != 0 && *text != '/')
        return sn_trail_refuse(b->trail, "plan.value", "a JSON pointer such as \"/id\"");
    return sn_put_literal(b, text);
}

static bool put_captured(struct sn_builder *b, const struct sn_json *value, uint32_t may, struct sn_step *step) {
    const char *names[WAYS];
    const struct way *of[WAYS];
    const struct sn_json *members[WAYS];
    size_t len = 0, given = 0, at = 0;
    uint32_t number;
    for (size_t i = 0; i < WAYS; i++) {
        if ((ways[i].may & may) == 0) continue;
        of[len] = &ways[i];
        names[len++] = ways[i].name;
    }
    if (!sn_read_members(b->trail, value, names, len, members)) return false;
    for (size_t i = 0; i < len; i++) {
        if (members[i] == NULL) continue;
        at = i;
        given += 1;
    }
    if (given != 1) {
        struct sn_writer w = sn_trail_expected(b->trail, "plan.missing");
        sn_put_text(&w, "where it stands: ");
        sn_put_choice(&w, names, len);
        return false;
    }
    size_t mark = sn_trail_name(b->trail, names[at]);
    if (!put_place(b, of[at], members[at])) return false;
    sn_trail_back(b->trail, mark);
    const char *name = sn_json_name(value);
    return sn_build_capture(b, name, &number) && put_look(b, step, of[at]->kind, number, name);
}

bool sn_put_capture(struct sn_builder *b, const struct sn_json *value, uint32_t may, struct sn_step *step) {
    if (value == NULL) return true;
    size_t before = sn_trail_name(b->trail, "capture");
    if (sn_json_type(value) != SN_JSON_OBJECT || sn_json_count(value) < 1)
        return sn_trail_refuse(b->trail, "plan.type", "an object of names and where their values stand");
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_name(b->trail, sn_json_name(at));
        if (!sn_workload_name(b->trail, sn_json_name(at)) || !put_captured(b, at, may, step)) return false;
        sn_trail_back(b->trail, mark);
    }
    sn_trail_back(b->trail, before);
    return true;
}

/* --- Expectations ---------------------------------------------------------------------------------------------- */

typedef bool expectation(struct sn_builder *b, const struct sn_json *value, struct sn_step *step);

static bool read_u32(struct sn_builder *b, const struct sn_json *value, uint32_t *out) {
    uint64_t number;
    if (!sn_read_whole(b->trail, value, 0, UINT32_MAX - 1, &number)) return false;
    *out = (uint32_t)number;
    return true;
}

static bool expect_found(struct sn_builder *b, const struct sn_json *value, struct sn_step *step) {
    step->expect |= SN_EXPECT_FOUND;
    return sn_read_true(b->trail, value);
}

static bool expect_rows_min(struct sn_builder *b, const struct sn_json *value, struct sn_step *step) {
    return read_u32(b, value, &step->rows_min);
}

static bool expect_rows_max(struct sn_builder *b, const struct sn_json *value, struct sn_step *step) {
    return read_u32(b, value, &step->rows_max);
}

static bool expect_bytes(struct sn_builder *b, const struct sn_json *value, struct sn_step *step) {
    step->expect |= SN_EXPECT_BYTES;
    return read_u32(b, value, &step->expect_bytes);
}

static bool read_status(struct sn_builder *b, const struct sn_json *value, uint64_t *out) {
    return sn_read_whole(b->trail, value, 100, 599, out);
}

/* 404, or a range as "200-299". */
static bool read_statuses(struct sn_builder *b, const struct sn_json *value, uint32_t *out) {
    uint64_t status = 0, to;
    const char *text = sn_json_string(value);
    if (text == NULL) {
        if (!read_status(b, value, &status)) return false;
        *out = (uint32_t)(status | status << 16);
        return true;
    }
    size_t len = strlen(text);
    bool range = len == 7 && text[3] == '-';
    for (size_t i = 0; i < len && range; i++) range = i == 3 || (text[i] >= '0' && text[i] <= '9');
    if (range) {
        status = (uint64_t)((text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0');
        to = (uint64_t)((text[4] - '0') * 100 + (text[5] - '0') * 10 + text[6] - '0');
        range = status >= 100 && status <= to && to <= 599;
        *out = (uint32_t)(status | to << 16);
    }
    return range || sn_trail_refuse(b->trail, "plan.value", "a status such as 200, or a range such as \"200-299\"");
}

static bool expect_status(struct sn_builder *b, const struct sn_json *value, struct sn_step *step) {
    size_t index = 0;
    if (sn_json_type(value) != SN_JSON_ARRAY) return read_statuses(b, value, &step->statuses[0]);
    if (!sn_read_array(b->trail, value, 1, SN_STATUSES_MAX)) return false;
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(b->trail, index);
        if (!read_statuses(b, at, &step->statuses[index++])) return false;
        sn_trail_back(b->trail, mark);
    }
    return true;
}

static bool expect_latency(struct sn_builder *b, const struct sn_json *value, struct sn_step *step) {
    uint64_t budget_ms;
    if (!b->flows)
        return sn_trail_refuse(b->trail, "plan.conflict", "no latency here: no report tells how long a job takes");
    if (!sn_read_whole(b->trail, value, 1, SN_LATENESS_MS_MAX, &budget_ms)) return false;
    step->budget_us = (uint32_t)budget_ms * 1000;
    return true;
}

static bool expect_contained(struct sn_builder *b, const struct sn_json *value, struct sn_step *step) {
    return put_compared(b, value, SN_LOOK_CONTAINS, step);
}

static bool expect_same(struct sn_builder *b, const struct sn_json *value, struct sn_step *step) {
    return put_compared(b, value, SN_LOOK_SAME, step);
}

static const struct {
    const char *name;
    uint32_t may;
    expectation *read;
} expectations[] = {
    {"found", SN_MAY_ROWS, expect_found},         {"rowsAtLeast", SN_MAY_ROWS, expect_rows_min},
    {"rowsAtMost", SN_MAY_ROWS, expect_rows_max}, {"bytes", SN_MAY_BYTES, expect_bytes},
    {"status", SN_MAY_STATUS, expect_status},     {"contains", SN_MAY_TEXT, expect_contained},
    {"same", SN_MAY_TEXT, expect_same},           {"latencyMs", SN_MAY_LATENCY, expect_latency},
};
#define EXPECTATIONS (sizeof expectations / sizeof *expectations)

bool sn_put_expect(struct sn_builder *b, const struct sn_json *value, uint32_t may, struct sn_step *step) {
    const char *names[EXPECTATIONS];
    size_t of[EXPECTATIONS];
    const struct sn_json *members[EXPECTATIONS];
    size_t len = 0;
    if (value == NULL) return true;
    size_t before = sn_trail_name(b->trail, "expect");
    for (size_t i = 0; i < EXPECTATIONS; i++) {
        if ((expectations[i].may & may) == 0) continue;
        of[len] = i;
        names[len++] = expectations[i].name;
    }
    if (!sn_read_members(b->trail, value, names, len, members)) return false;
    for (size_t i = 0; i < len; i++) {
        if (members[i] == NULL) continue;
        size_t mark = sn_trail_name(b->trail, names[i]);
        if (!expectations[of[i]].read(b, members[i], step)) return false;
        sn_trail_back(b->trail, mark);
    }
    if (step->rows_min > step->rows_max)
        return sn_trail_refuse(b->trail, "plan.range", "rowsAtLeast not above rowsAtMost");
    sn_trail_back(b->trail, before);
    return true;
}
