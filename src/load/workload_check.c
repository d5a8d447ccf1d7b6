#include <string.h>

#include "sentinel/base/escape.h"
#include "sentinel/base/record.h"
#include "sentinel/base/vocab.h"
#include "sentinel/load/flow.h"
#include "sentinel/load/mix.h"
#include "sentinel/load/workload.h"
#include "step_part.h"

/* What a host call takes: its service, and how many values in its one group.  A statement has as many as it binds. */
static const struct call {
    uint32_t service, values_min, values_max;
    bool sql;
} calls[] = {
    [SN_ACTION_D1_ALL] = {SN_SERVICE_D1, 0, SN_BIND_MAX, true},
    [SN_ACTION_D1_BATCH] = {SN_SERVICE_D1, 0, SN_BIND_MAX, true},
    [SN_ACTION_KV_GET] = {SN_SERVICE_KV, 3, 3, false},
    [SN_ACTION_KV_PUT] = {SN_SERVICE_KV, 4, 4, false},
    [SN_ACTION_KV_LIST] = {SN_SERVICE_KV, 2, 2, false},
    [SN_ACTION_KV_DELETE] = {SN_SERVICE_KV, 1, 1, false},
    [SN_ACTION_R2_GET] = {SN_SERVICE_R2, 3, 3, false},
    [SN_ACTION_R2_PUT] = {SN_SERVICE_R2, 4, 4, false},
    [SN_ACTION_R2_LIST] = {SN_SERVICE_R2, 2, 2, false},
    [SN_ACTION_R2_HEAD] = {SN_SERVICE_R2, 1, 1, false},
    [SN_ACTION_R2_DELETE] = {SN_SERVICE_R2, 1, SN_LIST_MAX, false},
    [SN_ACTION_KV_GET_MANY] = {SN_SERVICE_KV, 3, 2 + SN_KV_KEYS_MAX, false},
    [SN_ACTION_R2_MULTIPART] = {SN_SERVICE_R2, 5, 5, false},
    [SN_ACTION_DO_CALL] = {SN_SERVICE_DO, 2, 2 + SN_ARGUMENTS_MAX, false},
    [SN_ACTION_DO_FETCH] = {SN_SERVICE_DO, 5, 5, false},
    [SN_ACTION_HTTP_FETCH] = {SN_SERVICE_HTTP, 4, 4, false},
    [SN_ACTION_SERVICE_FETCH] = {SN_SERVICE_SERVICE, 4, 4, false},
};

static bool within(uint32_t first, uint32_t len, uint32_t total) {
    return len <= total && first <= total - len;
}

const struct sn_target *sn_step_target(const struct sn_workload *workload, const struct sn_step *step) {
    return &workload->targets[step->target];
}

bool sn_kind_tells_steps(const struct sn_workload *workload, const struct sn_kind *kind) {
    return kind->steps_len > 1 || workload->steps[kind->steps].budget_us > 0;
}

bool sn_look_captures(const struct sn_look *look) {
    return look->capture != UINT32_MAX;
}

static bool text_sound(const struct sn_workload *workload, struct sn_text text) {
    return text.len > 0 && within(text.offset, text.len, workload->pool_len);
}

/* --- Sizes ---------------------------------------------------------------------------------------------- */

static uint64_t decimals(uint64_t value) {
    uint64_t count = 1;
    for (; value > 9; value /= 10) count++;
    return count;
}

static uint64_t option_bytes_max(const struct sn_workload *workload, const struct sn_list *list, uint32_t column,
                                 bool json) {
    uint64_t most = 0;
    for (uint32_t row = 0; row < list->rows; row++) {
        struct sn_text text = workload->options[list->options + row * list->columns + column].text;
        uint64_t len = json ? sn_escaped_len(workload->pool + text.offset, text.len) : text.len;
        if (len > most) most = len;
    }
    return most;
}

#define ESCAPED_MAX 6 /* "\\u001f": bytes of JSON for one of a text */

/* `json`: in a text that is JSON. */
static uint64_t part_bytes_max(const struct sn_workload *workload, const struct sn_part *part, bool json) {
    switch (part->kind) {
    case SN_PART_LITERAL: return part->b;
    case SN_PART_K: return decimals(part->a > 0 ? part->a - 1 : UINT64_MAX);
    case SN_PART_RUN:
    case SN_PART_DATA: return SN_RUN_ID_MAX;
    case SN_PART_TENANT: return SN_TENANT_MAX;
    case SN_PART_TIME_MS: return decimals(INT64_MAX);
    case SN_PART_NUMBER: return decimals(part->b);
    case SN_PART_TIMES: return decimals(SN_BATCH_MAX - 1);
    case SN_PART_PICK: return option_bytes_max(workload, &workload->lists[part->a], part->b, json);
    case SN_PART_KEY: return decimals(workload->keyspaces[part->a].count - 1);
    case SN_PART_CAPTURED: return json ? ESCAPED_MAX * SN_CAPTURE_MAX : SN_CAPTURE_MAX;
    default: return part->a; /* HEX, TEXT */
    }
}

static bool is_json(const struct sn_argument *argument) {
    return argument->type == SN_VALUE_TEXT && argument->key == SN_ARGUMENT_JSON;
}

uint64_t sn_argument_bytes_max(const struct sn_workload *workload, const struct sn_argument *argument) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < argument->parts_len; i++)
        bytes += part_bytes_max(workload, &workload->parts[argument->parts + i], is_json(argument));
    return bytes;
}

/* A text in a shape: each piece with 8 bytes of header, then its bytes, padded, or the number of its hole; and room for what
 * crosses behind the holes. */
static uint64_t joined_bytes_max(const struct sn_workload *workload, const struct sn_argument *argument) {
    uint64_t bytes = 8;
    for (uint32_t i = 0; i < argument->parts_len; i++) {
        const struct sn_part *part = &workload->parts[argument->parts + i];
        uint64_t own = (part_bytes_max(workload, part, is_json(argument)) + 3) / 4 * 4;
        bytes += sn_part_is_constant(part) ? 8 + own : 12;
        if (part->kind == SN_PART_PICK || part->kind == SN_PART_CAPTURED) bytes += own;
    }
    return bytes;
}

/* A value on the wire: 8 bytes of header, then the bytes, padded; a slice is its offset, whatever its length. */
static uint64_t value_bytes_max(const struct sn_workload *workload, const struct sn_argument *argument) {
    if (argument->type == SN_VALUE_NULL) return 8;
    if (argument->type == SN_VALUE_NUMBER) return 8 + sizeof(double);
    if (argument->type == SN_VALUE_SLICE || argument->type == SN_VALUE_SLICE_TEXT) return 8 + sizeof(uint32_t);
    uint64_t whole = 8 + (sn_argument_bytes_max(workload, argument) + 3) / 4 * 4;
    uint64_t joined = joined_bytes_max(workload, argument);
    return whole > joined ? whole : joined;
}

static uint64_t looks_bytes_max(const struct sn_workload *workload, const struct sn_step *step) {
    uint64_t bytes = step->looks_len > 0 ? 6 : 0;
    for (uint32_t i = 0; i < step->looks_len; i++)
        bytes += 16 + value_bytes_max(workload, &workload->arguments[workload->looks[step->looks + i].argument]);
    return bytes;
}

uint64_t sn_step_bytes_max(const struct sn_workload *workload, const struct sn_step *step) {
    uint64_t bytes = 34 + workload->targets[step->target].name.len + looks_bytes_max(workload, step);
    for (uint32_t g = 0; g < step->groups_len; g++) {
        const struct sn_group *group = &workload->groups[step->groups + g];
        uint64_t once = 6;
        for (uint32_t i = 0; i < group->arguments_len; i++)
            once += value_bytes_max(workload, &workload->arguments[group->arguments + i]);
        bytes += once * group->times;
    }
    return bytes;
}

/* --- Elements ------------------------------------------------------------------------------------------- */

static bool part_sound(const struct sn_workload *workload, const struct sn_part *part) {
    switch (part->kind) {
    case SN_PART_LITERAL: return within(part->a, part->b, workload->pool_len);
    case SN_PART_K:
    case SN_PART_RUN:
    case SN_PART_DATA:
    case SN_PART_TENANT:
    case SN_PART_TIME_MS:
    case SN_PART_TIMES: return true;
    case SN_PART_HEX: return part->a >= 1 && part->a <= 16;
    case SN_PART_NUMBER: return part->a <= part->b && part->b - part->a < UINT32_MAX;
    case SN_PART_TEXT:
        return part->a >= 1 && part->a <= SN_PAYLOAD_BLOCK && part->b <= part->a &&
               part->c <= SN_SIGMA_MAX_MILLIONTHS / 1000;
    case SN_PART_KEY: return part->a < workload->keyspaces_len;
    case SN_PART_PICK: return part->a < workload->lists_len && part->b < workload->lists[part->a].columns;
    case SN_PART_CAPTURED:
        return part->a < SN_CAPTURES_MAX && part->c <= SN_CAPTURE_MAX && within(part->b, part->c, workload->pool_len);
    default: return false;
    }
}

/* The parts that can only give digits; run, tenant and text would make no number. */
static bool number_sound(const struct sn_workload *workload, const struct sn_argument *argument) {
    for (uint32_t i = 0; i < argument->parts_len; i++) {
        uint32_t kind = workload->parts[argument->parts + i].kind;
        bool digits = kind == SN_PART_LITERAL || kind == SN_PART_K || kind == SN_PART_TIME_MS ||
                      kind == SN_PART_NUMBER || kind == SN_PART_TIMES || kind == SN_PART_KEY;
        if (!digits) return false;
    }
    return argument->parts_len > 0 && sn_argument_bytes_max(workload, argument) <= SN_NUMBER_TEXT_MAX;
}

static bool argument_sound(const struct sn_workload *workload, const struct sn_argument *argument) {
    if (!within(argument->parts, argument->parts_len, workload->parts_len)) return false;
    switch (argument->type) {
    case SN_VALUE_NULL: return argument->parts_len == 0;
    case SN_VALUE_TEXT: return argument->key <= SN_ARGUMENT_JSON;
    case SN_VALUE_NUMBER: return number_sound(workload, argument);
    case SN_VALUE_SLICE:
    case SN_VALUE_SLICE_TEXT: return argument->parts_len == 1 && workload->parts[argument->parts].kind == SN_PART_TEXT;
    default: return false;
    }
}

/* The key of a slice is a text of the same group, and that of one that is looked for a text of the step's first. */
static bool key_sound(const struct sn_workload *workload, const struct sn_group *group,
                      const struct sn_argument *argument) {
    if (argument->type != SN_VALUE_SLICE && argument->type != SN_VALUE_SLICE_TEXT) return true;
    if (argument->key == UINT32_MAX) return true;
    if (argument->key < group->arguments || argument->key - group->arguments >= group->arguments_len) return false;
    return workload->arguments[argument->key].type == SN_VALUE_TEXT;
}

static bool keys_sound(const struct sn_workload *workload, const struct sn_group *group) {
    for (uint32_t i = 0; i < group->arguments_len; i++)
        if (!key_sound(workload, group, &workload->arguments[group->arguments + i])) return false;
    return true;
}

static bool capture_sound(const struct sn_workload *workload, const struct sn_look *look) {
    return look->capture < SN_CAPTURES_MAX && text_sound(workload, look->name);
}

static bool look_sound(const struct sn_workload *workload, const struct sn_step *step, const struct sn_look *look) {
    if (look->argument >= workload->arguments_len) return false;
    const struct sn_argument *argument = &workload->arguments[look->argument];
    switch (look->kind) {
    case SN_LOOK_SAME:
    case SN_LOOK_CONTAINS:
        if (argument->type != SN_VALUE_TEXT && argument->type != SN_VALUE_SLICE_TEXT) return false;
        return look->capture == UINT32_MAX && look->name.len == 0 &&
               key_sound(workload, &workload->groups[step->groups], argument);
    case SN_LOOK_COLUMN:
    case SN_LOOK_POINTER:
    case SN_LOOK_HEADER: return argument->type == SN_VALUE_TEXT && capture_sound(workload, look);
    case SN_LOOK_WHOLE: return argument->type == SN_VALUE_NULL && capture_sound(workload, look);
    default: return false;
    }
}

static bool looks_sound(const struct sn_workload *workload, const struct sn_step *step) {
    if (step->looks_len > SN_LOOKS_MAX || !within(step->looks, step->looks_len, workload->looks_len)) return false;
    for (uint32_t i = 0; i < step->looks_len; i++)
        if (!look_sound(workload, step, &workload->looks[step->looks + i])) return false;
    return true;
}

static bool group_sound(const struct sn_workload *workload, const struct sn_group *group, const struct call *call) {
    if (!within(group->arguments, group->arguments_len, workload->arguments_len)) return false;
    if (group->arguments_len < call->values_min || group->arguments_len > call->values_max) return false;
    if (group->times < 1 || group->times > SN_BATCH_MAX) return false;
    bool statement_ok = call->sql ? group->statement < workload->statements_len : group->statement == 0;
    return statement_ok && keys_sound(workload, group);
}

/* A URL begins with its host, and nothing of an operation can become part of that. */
static bool url_sound(const struct sn_workload *workload, const struct sn_step *step) {
    const struct sn_text *name = &workload->targets[step->target].name;
    const struct sn_argument *url = &workload->arguments[workload->groups[step->groups].arguments];
    const struct sn_part *first = &workload->parts[url->parts];
    if (url->type != SN_VALUE_TEXT || url->parts_len == 0 || first->kind != SN_PART_LITERAL) return false;
    const char *text = workload->pool + first->a, *end = text + first->b;
    size_t scheme = first->b >= 8 && memcmp(text, "https://", 8) == 0  ? 8
                    : first->b >= 7 && memcmp(text, "http://", 7) == 0 ? 7
                                                                       : 0;
    text += scheme;
    if (scheme == 0 || (size_t)(end - text) < name->len) return false;
    if (memcmp(text, workload->pool + name->offset, name->len) != 0) return false;
    text += name->len;
    return text < end ? *text == '/' || *text == '?' : url->parts_len == 1;
}

static bool call_sound(const struct sn_workload *workload, const struct sn_step *step) {
    if (step->session >= SN_SESSIONS_LEN || (step->session != SN_SESSION_NONE && !calls[step->action].sql))
        return false;
    if (step->calls < 1 || step->calls > SN_PARTS_MAX + 2) return false;
    if (step->budget_us > SN_LATENESS_MS_MAX * 1000u) return false;
    return step->action != SN_ACTION_HTTP_FETCH || url_sound(workload, step);
}

static bool step_sound(const struct sn_workload *workload, const struct sn_step *step) {
    if (step->action == 0 || step->action >= sizeof calls / sizeof *calls) return false;
    const struct call *call = &calls[step->action];
    if (step->target >= workload->targets_len || workload->targets[step->target].service != call->service) return false;
    if (step->rows_min > step->rows_max) return false;
    if ((step->expect & ~(SN_EXPECT_FOUND | SN_EXPECT_BYTES)) != 0) return false;
    if (step->groups_len == 0 || !within(step->groups, step->groups_len, workload->groups_len)) return false;
    uint64_t rendered = 0;
    for (uint32_t i = 0; i < step->groups_len; i++) {
        const struct sn_group *group = &workload->groups[step->groups + i];
        if (!group_sound(workload, group, call)) return false;
        rendered += group->times;
    }
    if (rendered > (step->action == SN_ACTION_D1_BATCH ? SN_BATCH_MAX : 1)) return false;
    if (!call_sound(workload, step) || !looks_sound(workload, step)) return false;
    return sn_step_bytes_max(workload, step) <= SN_EFFECT_MAX;
}

static bool steps_in_range(const struct sn_workload *workload, uint32_t steps, uint32_t steps_len) {
    return steps_len >= 1 && steps_len <= SN_STEPS_MAX && within(steps, steps_len, workload->steps_len);
}

static bool job_sound(const struct sn_workload *workload, const struct sn_job *job) {
    static const struct sn_flow plain;
    if (!steps_in_range(workload, job->steps, job->steps_len)) return false;
    for (uint32_t i = 0; i < job->steps_len;
         i++) { /* one after the other, all of them, and nobody holds them to a time */
        const struct sn_step *step = &workload->steps[job->steps + i];
        if (memcmp(&step->flow, &plain, sizeof plain) != 0 || step->budget_us != 0) return false;
    }
    bool counted = job->kind == UINT32_MAX && job->every == 0 && job->count >= 1;
    if (job->data > 1 || (job->data == 1 && (job->stage != SN_STAGE_CLEANUP || !counted))) return false;
    if (job->stage == SN_STAGE_PREPARE) return counted;
    if (job->stage != SN_STAGE_CLEANUP) return false;
    if (counted) return true;
    bool per_kind = job->kind < workload->kinds_len && job->every == 0;
    bool every = job->kind == UINT32_MAX && job->every >= 1;
    return (per_kind || every) && job->count == 0;
}

static bool kinds_sound(const struct sn_workload *workload) {
    struct sn_mix mix;
    if (sn_workload_mix(workload, 0, &mix) != SN_OK) return false;
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        const struct sn_kind *kind = &workload->kinds[i];
        if (!text_sound(workload, kind->name) || !text_sound(workload, kind->system)) return false;
        if (!steps_in_range(workload, kind->steps, kind->steps_len) || !sn_flow_sound(workload, kind)) return false;
    }
    return true;
}

static bool keyspaces_sound(const struct sn_workload *workload) {
    if (workload->keyspaces_len > SN_KEYSPACES_MAX) return false;
    for (uint32_t i = 0; i < workload->keyspaces_len; i++)
        if (!sn_keyspace_sound(&workload->keyspaces[i])) return false;
    return true;
}

/* Weights rise to the list's total; where there are none, rows are picked in their order. */
static bool list_sound(const struct sn_workload *workload, const struct sn_list *list) {
    if (list->rows < 1 || list->columns < 1 || list->columns > SN_COLUMNS_MAX) return false;
    uint64_t cells = (uint64_t)list->rows * list->columns;
    if (cells > workload->options_len || !within(list->options, (uint32_t)cells, workload->options_len)) return false;
    uint32_t before = 0;
    for (uint32_t cell = 0; cell < cells; cell++) {
        const struct sn_option *option = &workload->options[list->options + cell];
        bool first = cell % list->columns == 0 && list->total > 0;
        if (!within(option->text.offset, option->text.len, workload->pool_len)) return false;
        if (first ? option->upto < before : option->upto != 0) return false;
        if (first) before = option->upto;
    }
    return before == list->total;
}

static bool targets_sound(const struct sn_workload *workload) {
    if (workload->targets_len > SN_TARGETS_MAX) return false;
    for (uint32_t i = 0; i < workload->targets_len; i++) {
        const struct sn_target *target = &workload->targets[i];
        if (target->service < 1 || target->service >= SN_SERVICES_END) return false;
        if (!text_sound(workload, target->name) || target->name.len > SN_HOST_MAX) return false;
    }
    return true;
}

/* In this order: what is looked into has been checked before. */
bool sn_workload_sound(const struct sn_workload *workload) {
    if (!keyspaces_sound(workload) || !targets_sound(workload) || workload->lists_len > SN_LISTS_MAX) return false;
    if (workload->tenants > workload->lists_len) return false;
    for (uint32_t i = 0; i < workload->lists_len; i++)
        if (!list_sound(workload, &workload->lists[i])) return false;
    for (uint32_t i = 0; i < workload->parts_len; i++)
        if (!part_sound(workload, &workload->parts[i])) return false;
    for (uint32_t i = 0; i < workload->statements_len; i++)
        if (!text_sound(workload, workload->statements[i])) return false;
    for (uint32_t i = 0; i < workload->arguments_len; i++)
        if (!argument_sound(workload, &workload->arguments[i])) return false;
    for (uint32_t i = 0; i < workload->steps_len; i++)
        if (!step_sound(workload, &workload->steps[i])) return false;
    for (uint32_t i = 0; i < workload->jobs_len; i++)
        if (!job_sound(workload, &workload->jobs[i])) return false;
    return kinds_sound(workload);
}
