/* A workload's JSON while it is compiled, shared by workload_compile.c, workload_keys.c and workload_jobs.c. */
#ifndef SENTINEL_PLAN_WORKLOAD_READ_H
#define SENTINEL_PLAN_WORKLOAD_READ_H

#include "build.h"
#include "request.h"

struct sn_workload_read {
    struct sn_builder builder;
    uint32_t systems_len, operations_len;
    bool plain;                 /* without systems; then there is one that nobody names */
    const struct sn_json *base; /* operations of the workload that this one is of, or NULL */
    uint64_t data, data_of;     /* that there is to be so much of what is so much in the text */
    struct {
        const char *name;
        uint32_t weight;
        uint32_t operations; /* sum of their weights */
        bool wanted;
    } systems[SN_SYSTEMS_MAX];
    struct {
        const char *name;
        uint32_t system;
        uint32_t kind; /* UINT32_MAX when its system is not wanted */
    } * operations;    /* every operation of the text */
};

/* Whether a system or a keyspace can have this name; refused when not. */
bool sn_workload_name(struct sn_trail *trail, const char *name);
/* Index of a system, refused with the known ones when there is none of this name: UINT32_MAX. */
uint32_t sn_workload_system(struct sn_workload_read *read, const struct sn_json *value);
/* Takes what a workload does not have itself from the one that it is of: the members of these names.  NULL: of none. */
bool sn_workload_of(struct sn_workload_read *read, struct sn_arena *arena, const struct sn_json *value,
                    const char *const *names, const struct sn_json **members, size_t len);
/* The operation of that workload, or NULL. */
const struct sn_json *sn_workload_base(const struct sn_workload_read *read, const char *operation);
/* Reads how much data the workload prepares as it is written, and how much of it the plan wants; both NULL: there is nothing to
 * be chosen. */
bool sn_workload_data(struct sn_workload_read *read, const struct sn_json *own, const struct sn_json *wanted);
/* What a number of keys or items comes to, rounded up. */
uint64_t sn_workload_scaled(const struct sn_workload_read *read, uint64_t count);
/* Reads the keyspaces, before anything that names them; NULL: there are none. */
bool sn_workload_keys(struct sn_workload_read *read, const struct sn_json *keys);
/* Reads the feeds, likewise. */
bool sn_workload_feeds(struct sn_workload_read *read, const struct sn_json *feeds);
/* Compiles the jobs of prepare or cleanup; NULL: there are none. */
bool sn_workload_jobs(struct sn_workload_read *read, const char *field, const struct sn_json *jobs,
                      enum sn_stage stage);

#endif
