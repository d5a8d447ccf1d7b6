/* Jobs: what prepare makes for the run and cleanup takes away again. */
#include <string.h>

#include "read.h"
#include "workload_read.h"

#define JOBS_MAX 64
#define ITEMS_MAX 1000000

enum { SYSTEM, SYSTEMS, COUNT, EVERY, PER, STEPS, DESCRIPTION, DATA, MEMBERS };

static const char *const names[MEMBERS] = {"system", "systems", "count",       "every",
                                           "per",    "steps",   "description", "data"};

static bool system_wanted(struct sn_workload_read *read, const struct sn_json *value, bool *wanted) {
    uint32_t system = sn_workload_system(read, value);
    if (system == UINT32_MAX) return false;
    *wanted = *wanted || read->systems[system].wanted;
    return true;
}

/* A job is for one system, for several, or, when it names none, for every run. */
static bool read_wanted(struct sn_workload_read *read, const struct sn_json **members, bool *wanted) {
    struct sn_trail *trail = read->builder.trail;
    *wanted = members[SYSTEM] == NULL && members[SYSTEMS] == NULL;
    if (members[SYSTEM] != NULL) {
        size_t mark = sn_trail_name(trail, names[SYSTEM]);
        if (!system_wanted(read, members[SYSTEM], wanted)) return false;
        sn_trail_back(trail, mark);
    }
    if (members[SYSTEMS] == NULL) return true;
    size_t before = sn_trail_name(trail, names[SYSTEMS]), index = 0;
    if (!sn_read_array(trail, members[SYSTEMS], 1, SN_SYSTEMS_MAX)) return false;
    for (const struct sn_json *at = sn_json_first(members[SYSTEMS]); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(trail, index++);
        if (!system_wanted(read, at, wanted)) return false;
        sn_trail_back(trail, mark);
    }
    sn_trail_back(trail, before);
    return true;
}

static bool read_per(struct sn_workload_read *read, const struct sn_json *value, struct sn_job *job, bool *wanted) {
    struct sn_trail *trail = read->builder.trail;
    const char *name = sn_json_string(value);
    for (uint32_t i = 0; name != NULL && i < read->operations_len; i++) {
        if (strcmp(read->operations[i].name, name) != 0) continue;
        job->kind = read->operations[i].kind;
        *wanted = job->kind != UINT32_MAX;
        return true;
    }
    *wanted = false;
    if (name != NULL && sn_workload_base(read, name) != NULL) return true; /* one that this workload leaves out */
    sn_trail_name(trail, names[PER]);
    return sn_trail_refuse(trail, "plan.value", "the name of an operation of this workload");
}

static bool read_whole(struct sn_workload_read *read, const struct sn_json **members, int member, uint32_t *out) {
    struct sn_trail *trail = read->builder.trail;
    uint64_t value;
    if (members[member] == NULL) return true;
    size_t mark = sn_trail_name(trail, names[member]);
    if (!sn_read_whole(trail, members[member], 1, ITEMS_MAX, &value)) return false;
    sn_trail_back(trail, mark);
    *out = (uint32_t)value;
    return true;
}

/* Counted items are more or fewer with the plan's data. */
static bool read_count(struct sn_workload_read *read, const struct sn_json **members, struct sn_job *job) {
    if (!read_whole(read, members, COUNT, &job->count)) return false;
    uint64_t count = sn_workload_scaled(read, job->count);
    if (count > ITEMS_MAX) {
        sn_trail_name(read->builder.trail, names[COUNT]);
        return sn_trail_refuse(read->builder.trail, "plan.range", "at most 1000000 items with the plan's data");
    }
    job->count = (uint32_t)count;
    return true;
}

/* How often a job is done.  Nothing has been sent when prepare runs, so it can only count. */
static bool read_often(struct sn_workload_read *read, const struct sn_json **members, struct sn_job *job,
                       bool *wanted) {
    struct sn_trail *trail = read->builder.trail;
    int given = (members[COUNT] != NULL) + (members[EVERY] != NULL) + (members[PER] != NULL);
    if (job->stage == SN_STAGE_PREPARE && (given != 1 || members[COUNT] == NULL))
        return sn_trail_refuse(trail, "plan.missing", "a job with \"count\"");
    if (given != 1) return sn_trail_refuse(trail, "plan.missing", "a job with one of \"count\", \"every\", \"per\"");
    if (members[PER] == NULL) return read_count(read, members, job) && read_whole(read, members, EVERY, &job->every);
    if (members[SYSTEM] != NULL || members[SYSTEMS] != NULL)
        return sn_trail_refuse(trail, "plan.conflict", "a job without systems: \"per\" says which");
    return read_per(read, members[PER], job, wanted);
}

/* Whether it takes away what was prepared: then it counts as prepare does. */
static bool read_data(struct sn_workload_read *read, const struct sn_json **members, struct sn_job *job) {
    struct sn_trail *trail = read->builder.trail;
    if (members[DATA] == NULL) return true;
    size_t mark = sn_trail_name(trail, names[DATA]);
    if (!sn_json_bool(members[DATA])) return sn_trail_refuse(trail, "plan.value", "true, or nothing");
    if (job->stage == SN_STAGE_PREPARE)
        return sn_trail_refuse(trail, "plan.conflict", "nothing here: all of prepare is data");
    if (members[COUNT] == NULL)
        return sn_trail_refuse(trail, "plan.conflict", "a job with \"count\", as what was prepared has one");
    sn_trail_back(trail, mark);
    job->data = 1;
    return true;
}

/* A clean-up that takes away what the run wrote leaves the data alone, and the other way round. */
static enum sn_marks marks_of(const struct sn_builder *b, const struct sn_job *job) {
    if (job->stage == SN_STAGE_PREPARE) return b->kept ? SN_MARKS_DATA : SN_MARKS_BOTH;
    return job->data != 0 ? SN_MARKS_DATA : SN_MARKS_RUN;
}

static bool read_job(struct sn_workload_read *read, const struct sn_json *value, enum sn_stage stage) {
    const struct sn_json *members[MEMBERS];
    struct sn_job job = {.stage = (uint32_t)stage, .kind = UINT32_MAX};
    bool wanted;
    if (!sn_read_members(read->builder.trail, value, names, MEMBERS, members)) return false;
    if (!read_wanted(read, members, &wanted) || !read_often(read, members, &job, &wanted)) return false;
    if (!read_data(read, members, &job)) return false;
    if (!wanted) return true;
    read->builder.names = members[PER] != NULL ? SN_NAMES_OPERATION : SN_NAMES_ITEM;
    read->builder.marks = marks_of(&read->builder, &job);
    bool built = sn_steps_compile(&read->builder, members[STEPS], &job.steps, &job.steps_len);
    read->builder.marks = SN_MARKS_BOTH;
    return built && sn_build_job(&read->builder, &job);
}

bool sn_workload_jobs(struct sn_workload_read *read, const char *field, const struct sn_json *jobs,
                      enum sn_stage stage) {
    struct sn_trail *trail = read->builder.trail;
    size_t before = sn_trail_name(trail, field), index = 0;
    if (jobs != NULL && !sn_read_array(trail, jobs, 0, JOBS_MAX)) return false;
    for (const struct sn_json *at = sn_json_first(jobs); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(trail, index++);
        if (!read_job(read, at, stage)) return false;
        sn_trail_back(trail, mark);
    }
    sn_trail_back(trail, before);
    return true;
}
