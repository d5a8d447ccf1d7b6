/* A workload before anybody runs it: what it does, whom it calls, and the calls of its operations as they would be sent.
 * For the command line and for the API, documented in docs/workloads.md. */
#ifndef SENTINEL_REPORT_WORKLOAD_H
#define SENTINEL_REPORT_WORKLOAD_H

#include "sentinel/json/json.h"
#include "sentinel/load/operation.h"

/* What stands for what only a run has. */
#define SN_PLACEHOLDER_RUN "RUN"
#define SN_PLACEHOLDER_DATA "DATA"
#define SN_PLACEHOLDER_TENANT "TENANT"
#define SN_PLACEHOLDER_US INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */

#define SN_EXAMPLES_MAX 100u         /* that can be asked for, of one operation */
#define SN_EXAMPLES_DEFAULT 5u       /* that are shown unless somebody asks for another number */
#define SN_EXAMPLES_BYTES_MAX 393216 /* as JSON; what does not fit any more is counted and left out */

/* Room to render a call in. */
struct sn_call_room {
    struct sn_shapes shapes;
    uint8_t sent[2 * (SN_EFFECT_MAX + 64)], whole[SN_EFFECT_MAX];
};

struct sn_report_workload {
    const char *name, *description; /* NULL: it has none */
    const struct sn_workload *workload;
    size_t bytes;              /* of the compiled form */
    uint64_t seed;             /* of the examples */
    uint32_t count;            /* examples of each operation, as it were for k from 1 on; 0: none */
    const char *operation;     /* only this one; NULL: all */
    struct sn_call_room *room; /* NULL when there are no examples */
};

/* Index of the operation of this name; UINT32_MAX when there is none. */
uint32_t sn_report_operation_find(const struct sn_workload *workload, const char *name, size_t len);
/* Name, description, systems, operations with their shares, and what they call, as members of the object that is open. */
void sn_report_put_workload_outline(struct sn_json_writer *j, const struct sn_report_workload *view);
/* The same with all steps, jobs, warnings and the examples. */
void sn_report_put_workload(struct sn_json_writer *j, const struct sn_report_workload *view);
/* The latter for a terminal. */
void sn_report_put_workload_text(struct sn_writer *w, const struct sn_report_workload *view);

#endif
