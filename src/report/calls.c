#include "calls.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/load/flow.h"

/* What the values of each action are, in their order (base/step.h); "keys..." is a list to the end. */
#define NAMES_MAX 5
static const char *const names[][NAMES_MAX] = {
    [SN_ACTION_KV_GET] = {"key", "type", "cacheTtl"},
    [SN_ACTION_KV_PUT] = {"key", "value", "ttl", "metadata"},
    [SN_ACTION_KV_LIST] = {"prefix", "limit"},
    [SN_ACTION_KV_DELETE] = {"key"},
    [SN_ACTION_KV_GET_MANY] = {"type", "cacheTtl", "keys..."},
    [SN_ACTION_R2_GET] = {"key", "offset", "length"},
    [SN_ACTION_R2_PUT] = {"key", "value", "contentType", "metadata"},
    [SN_ACTION_R2_LIST] = {"prefix", "limit"},
    [SN_ACTION_R2_HEAD] = {"key"},
    [SN_ACTION_R2_DELETE] = {"keys..."},
    [SN_ACTION_R2_MULTIPART] = {"key", "value", "timesInPart", "parts", "contentType"},
    [SN_ACTION_DO_CALL] = {"name", "method", "args..."},
    [SN_ACTION_DO_FETCH] = {"name", "url", "method", "headers", "body"},
    [SN_ACTION_HTTP_FETCH] = {"url", "method", "headers", "body"},
    [SN_ACTION_SERVICE_FETCH] = {"url", "method", "headers", "body"},
};

const char *sn_call_value_name(const struct sn_call *call, uint32_t index, bool *list) {
    static const char *const lists[] = {"keys", "args"};
    SN_ASSERT(call->step->action < sizeof names / sizeof *names);
    const char *const *of = names[call->step->action];
    uint32_t last = 0;
    while (last + 1 < NAMES_MAX && of[last + 1] != NULL) last++;
    *list = index >= last && strchr(of[last], '.') != NULL;
    SN_ASSERT(*list || index <= last);
    return *list ? lists[of[last][0] == 'a'] : of[index];
}

const char *sn_look_name(uint32_t kind) {
    static const char *const looks[] = {
        [SN_LOOK_SAME] = "same",       [SN_LOOK_CONTAINS] = "contains", [SN_LOOK_COLUMN] = "column",
        [SN_LOOK_POINTER] = "pointer", [SN_LOOK_HEADER] = "header",     [SN_LOOK_WHOLE] = "text",
    };
    SN_ASSERT(kind < sizeof looks / sizeof *looks && looks[kind] != NULL);
    return looks[kind];
}

struct sn_render sn_example_render(const struct sn_report_workload *view, uint64_t k) {
    static const char run[] = SN_PLACEHOLDER_RUN, data[] = SN_PLACEHOLDER_DATA, tenant[] = SN_PLACEHOLDER_TENANT;
    return (struct sn_render){.seed = view->seed,
                              .k = k,
                              .now_us = SN_PLACEHOLDER_US,
                              .run = {(const uint8_t *)run, sizeof run - 1},
                              .data = {(const uint8_t *)data, sizeof data - 1},
                              .tenant = {(const uint8_t *)tenant, sizeof tenant - 1}};
}

struct sn_call sn_call_begin(struct sn_call_room *room, const struct sn_workload *workload, const struct sn_step *step,
                             const struct sn_render *render) {
    struct sn_writer sent = sn_writer(room->sent, sizeof room->sent),
                     whole = sn_writer(room->whole, sizeof room->whole);
    struct sn_record record;
    struct sn_span shape, holes;
    room->shapes.holes[step - workload->steps] = 0; /* so that the shape is written too */
    bool fits = sn_step_put(&sent, &room->shapes, workload, step, render, (struct sn_record){.id = 1});
    SN_ASSERT(fits); /* a workload that is sound has steps of at most SN_EFFECT_MAX */
    struct sn_reader records = sn_reader(room->sent, sent.len);
    bool both = sn_record_next(&records, &record, &shape) && sn_record_next(&records, &record, &holes);
    bool filled = both && sn_shape_fill(shape, holes, &whole);
    SN_ASSERT(filled);
    struct sn_call call = {.step = step, .r = sn_reader(room->whole, whole.len)};
    call.sql = sn_step_target(workload, step)->service == SN_SERVICE_D1;
    sn_get_u64(&call.r);
    call.groups = sn_get_u16(&call.r);
    return call;
}

bool sn_call_group(struct sn_call *call, struct sn_call_group *group) {
    if (call->groups == 0) return false;
    call->groups--;
    group->statement = sn_get_u32(&call->r);
    group->looks = group->statement == SN_SHAPE_LOOKS;
    group->values = sn_get_u16(&call->r);
    return true;
}

struct sn_call_value sn_call_value(struct sn_call *call) {
    struct sn_call_value value = {.type = (enum sn_value)sn_get_u32(&call->r)};
    uint32_t len = sn_get_u32(&call->r);
    switch (value.type) {
    case SN_VALUE_NULL: break;
    case SN_VALUE_NUMBER: value.number = sn_get_f64(&call->r); break;
    case SN_VALUE_SLICE:
    case SN_VALUE_SLICE_TEXT:
        value.len = len;
        value.offset = sn_get_u32(&call->r);
        break;
    default:
        SN_ASSERT(value.type == SN_VALUE_TEXT);
        value.text = (struct sn_span){sn_get_bytes(&call->r, len), len};
        sn_get_bytes(&call->r, -len & 3);
    }
    SN_ASSERT(!call->r.bad);
    return value;
}

int64_t sn_example_think_us(const struct sn_report_workload *view, const struct sn_kind *kind, uint32_t drawn,
                            uint32_t step, uint64_t k) {
    const struct sn_workload *workload = view->workload;
    for (uint32_t at = step; (workload->steps[kind->steps + at].flow.marks & SN_FLOW_TOGETHER) != 0;)
        if (drawn & 1u << --at) return 0; /* thought before that one already */
    return sn_flow_think_us(workload, kind, 1u << step, view->seed, k);
}

size_t sn_shown(struct sn_span text) {
    size_t len = SN_SHOWN_MAX;
    if (text.len <= len) return text.len;
    while (len > 0 && (text.data[len] & 0xc0) == 0x80) len--;
    return len;
}

struct sn_span sn_step_target_name(const struct sn_workload *workload, const struct sn_step *step) {
    struct sn_text name = sn_step_target(workload, step)->name;
    return (struct sn_span){(const uint8_t *)workload->pool + name.offset, name.len};
}
