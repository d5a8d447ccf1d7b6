#include "demand.h"

#include <math.h>
#include <string.h>

#include "sentinel/base/time.h"

struct sn_charge sn_step_charge(const struct sn_workload *workload, const struct sn_step *step) {
    switch (step->action) {
    case SN_ACTION_KV_GET: return (struct sn_charge){SN_METER_KV_READS, 1};
    case SN_ACTION_KV_GET_MANY: /* each key counts; before them are the type and how long the edge may keep it */
        return (struct sn_charge){SN_METER_KV_READS, workload->groups[step->groups].arguments_len - 2};
    case SN_ACTION_KV_PUT: return (struct sn_charge){SN_METER_KV_WRITES, 1};
    case SN_ACTION_KV_DELETE: return (struct sn_charge){SN_METER_KV_DELETES, 1};
    case SN_ACTION_KV_LIST: return (struct sn_charge){SN_METER_KV_LISTS, 1};
    case SN_ACTION_R2_GET:
    case SN_ACTION_R2_HEAD: return (struct sn_charge){SN_METER_R2_CLASS_B, 1};
    case SN_ACTION_R2_PUT:
    case SN_ACTION_R2_LIST:
    case SN_ACTION_R2_MULTIPART: return (struct sn_charge){SN_METER_R2_CLASS_A, step->calls};
    case SN_ACTION_R2_DELETE: return (struct sn_charge){SN_METER_R2_DELETES, 1};
    case SN_ACTION_DO_CALL:
    case SN_ACTION_DO_FETCH: return (struct sn_charge){SN_METER_OBJECT_REQUESTS, 1};
    case SN_ACTION_HTTP_FETCH: return (struct sn_charge){SN_METER_HTTP_REQUESTS, 1};
    default: return (struct sn_charge){SN_METERS_LEN, 0};
    }
}

/* --- Tables: what is added to one is taken away again -------------------------------------------------------- */

#define TABLES_MAX 32

struct table {
    struct sn_span name;
    double added;
    bool emptied; /* a DELETE of the clean-up was met */
};

struct sums {
    const struct sn_plan *plan;
    struct sn_demand demand;
    struct table tables[TABLES_MAX]; /* what is added to others stays, as far as estimates go */
    uint32_t tables_len;
};

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The word behind the first `keyword` of a statement; nothing where there is none. */
static struct sn_span word_behind(struct sn_span sql, const char *keyword) {
    size_t len = strlen(keyword);
    for (size_t at = 0; at + len < sql.len; at++) {
        if (memcmp(sql.data + at, keyword, len) != 0) continue;
        struct sn_span word = {sql.data + at + len, 0};
        while (at + len + word.len < sql.len && is_word((char)word.data[word.len])) word.len++;
        return word;
    }
    return (struct sn_span){0};
}

static struct table *table_of(struct sums *sums, struct sn_span name) {
    if (name.len == 0) return NULL;
    for (uint32_t i = 0; i < sums->tables_len; i++) {
        struct table *table = &sums->tables[i];
        if (sn_span_equal(table->name, name)) return table;
    }
    if (sums->tables_len == TABLES_MAX) return NULL;
    sums->tables[sums->tables_len] = (struct table){.name = name};
    return &sums->tables[sums->tables_len++];
}

/* --- Steps ------------------------------------------------------------------------------------------------------ */

static void add_rows(struct sums *sums, const struct sn_group *group, double times, bool cleaning) {
    const struct sn_workload *workload = &sums->plan->workload;
    const struct sn_text *text = &workload->statements[group->statement];
    struct sn_span sql = {(const uint8_t *)workload->pool + text->offset, text->len};
    struct table *into = table_of(sums, word_behind(sql, "INTO "));
    struct table *from = cleaning ? table_of(sums, word_behind(sql, "DELETE FROM ")) : NULL;
    if (into != NULL) into->added += times * group->rows_added;
    if (from != NULL) { /* whichever statement finds the rows: that there are several changes nothing */
        times = from->emptied ? 0 : from->added;
        from->emptied = true;
    }
    sums->demand.units[SN_METER_D1_ROWS_READ] += times * group->rows_read;
    sums->demand.units[SN_METER_D1_ROWS_WRITTEN] += times * group->rows_written;
}

static double add_steps(struct sums *sums, uint32_t steps, uint32_t len, double times, bool cleaning) {
    const struct sn_workload *workload = &sums->plan->workload;
    double calls = 0;
    for (uint32_t i = 0; i < len; i++) {
        const struct sn_step *step = &workload->steps[steps + i];
        double made = step->flow.chance > 0 ? times * step->flow.chance / SN_CHANCE_SURE : times;
        struct sn_charge charge = sn_step_charge(workload, step);
        bool sql = step->action == SN_ACTION_D1_ALL || step->action == SN_ACTION_D1_BATCH;
        calls += made * step->calls;
        if (charge.meter < SN_METERS_LEN) sums->demand.units[charge.meter] += made * charge.units;
        for (uint32_t g = 0; sql && g < step->groups_len; g++) {
            const struct sn_group *group = &workload->groups[step->groups + g];
            add_rows(sums, group, made * group->times, cleaning);
        }
    }
    return calls;
}

/* What an operation is expected to think. */
static double thinking_s(const struct sn_workload *workload, const struct sn_kind *kind) {
    double sum_us = 0;
    for (uint32_t i = 0; i < kind->steps_len; i++) {
        const struct sn_flow *flow = &workload->steps[kind->steps + i].flow;
        double chance = flow->chance > 0 ? (double)flow->chance / SN_CHANCE_SURE : 1;
        if (flow->think == SN_THINK_EVEN) sum_us += chance * (flow->think_us + flow->spread / 2.0);
        if (flow->think == SN_THINK_LOGNORMAL) sum_us += chance * flow->think_us; /* the median is near enough */
    }
    return sum_us / SN_SECOND_US;
}

/* Operations of this kind to be expected. */
static double expected(const struct sn_plan *plan, uint32_t kind) {
    const struct sn_workload *workload = &plan->workload;
    double sum = 0;
    for (uint32_t i = 0; i < workload->kinds_len; i++) sum += workload->kinds[i].weight;
    return sum > 0 ? (double)plan->profile.planned * workload->kinds[kind].weight / sum : 0;
}

static double job_items(const struct sn_plan *plan, const struct sn_job *job) {
    if (job->stage == SN_STAGE_PREPARE && plan->prepare == SN_PREPARE_NONE) return 0;
    if (job->kind != UINT32_MAX) return expected(plan, job->kind);
    double items = job->every > 0 ? (double)((plan->profile.planned + job->every - 1) / job->every) : job->count;
    return items * sn_plan_tenants(plan);
}

/* The sweep is the clean-up a second time; on the free plan keys of KV are left to expire. */
static double cleanings(const struct sn_plan *plan, const struct sn_job *job, enum sn_platform platform) {
    if (job->data != 0 && sn_plan_keeps_data(plan)) return plan->prepare == SN_PREPARE_REMOVE ? 1 : 0;
    bool expires = plan->workload.steps[job->steps].action == SN_ACTION_KV_DELETE;
    return platform == SN_PLATFORM_FREE && expires ? 1 : 2;
}

/* What is added comes before what is taken away. */
struct sn_demand sn_plan_demand(const struct sn_plan *plan, enum sn_platform platform) {
    struct sums sums = {.plan = plan};
    const struct sn_workload *workload = &plan->workload;
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        const struct sn_kind *kind = &workload->kinds[i];
        sums.demand.load_calls += add_steps(&sums, kind->steps, kind->steps_len, expected(plan, i), false);
        if (kind->weight > 0) sums.demand.thinking_s = fmax(sums.demand.thinking_s, thinking_s(workload, kind));
    }
    for (uint32_t i = 0; i < workload->jobs_len; i++) {
        const struct sn_job *job = &workload->jobs[i];
        if (job->stage == SN_STAGE_PREPARE)
            sums.demand.prepare_calls += add_steps(&sums, job->steps, job->steps_len, job_items(plan, job), false);
    }
    for (uint32_t i = 0; i < workload->jobs_len; i++) {
        const struct sn_job *job = &workload->jobs[i];
        double items = job_items(plan, job), times = cleanings(plan, job, platform);
        if (job->stage == SN_STAGE_PREPARE || times == 0) continue;
        sums.demand.cleanup_calls += add_steps(&sums, job->steps, job->steps_len, items * times, true) / times;
    }
    return sums.demand;
}
