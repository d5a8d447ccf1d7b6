/* A workload's JSON while it is compiled, shared by workload_compile.c, workload_keys.c and workload_jobs.c. */
#ifndef SENTINEL_PLAN_WORKLOAD_READ_H
#define SENTINEL_PLAN_WORKLOAD_READ_H

#include "build.h"
#include "request.h"

struct sn_workload_read {
    struct sn_builder builder;
    uint32_t systems_len, operations_len;
    bool plain; /* without systems; then there is one that nobody names */
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
/* Reads the keyspaces, before anything that names them; NULL: there are none. */
bool sn_workload_keys(struct sn_workload_read *read, const struct sn_json *keys);
/* Reads the feeds, likewise. */
bool sn_workload_feeds(struct sn_workload_read *read, const struct sn_json *feeds);
/* Compiles the jobs of prepare or cleanup; NULL: there are none. */
bool sn_workload_jobs(struct sn_workload_read *read, const char *field, const struct sn_json *jobs,
                      enum sn_stage stage);

#endif
