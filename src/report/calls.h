/* A step's call as the host would get it, piece by piece. */
#ifndef SN_REPORT_CALLS_H
#define SN_REPORT_CALLS_H

#include "sentinel/report/workload.h"

#define SN_SHOWN_MAX 200u /* bytes of a text that are shown; of a longer one its beginning */

struct sn_call {
    const struct sn_step *step;
    struct sn_reader r;
    uint32_t groups; /* that were not begun */
    bool sql;        /* its values are bound to statements */
};

/* Values that belong together: those of a statement, of any other call, or what is looked for in the answer. */
struct sn_call_group {
    uint32_t statement; /* index in statements[] when the call is SQL's */
    bool looks;         /* pairs of an enum sn_look_kind and a value */
    uint32_t values;
};

struct sn_call_value {
    enum sn_value type;   /* NULL, TEXT, NUMBER, SLICE or SLICE_TEXT */
    struct sn_span text;  /* TEXT */
    double number;        /* NUMBER */
    uint32_t offset, len; /* of a slice of the payload block */
};

/* Renders the call; what is read from it lies in the room until the next one. */
struct sn_call sn_call_begin(struct sn_call_room *room, const struct sn_workload *workload, const struct sn_step *step,
                             const struct sn_render *render);
/* The next group, before whose values all of the one before have been read; false behind the last. */
bool sn_call_group(struct sn_call *call, struct sn_call_group *group);
struct sn_call_value sn_call_value(struct sn_call *call);

/* What the call's value at this place is, as a step's field names it: "key".  `list`: all from there on are. */
const char *sn_call_value_name(const struct sn_call *call, uint32_t index, bool *list);
/* How a look is asked for: "same", "contains", "column", … */
const char *sn_look_name(uint32_t kind);
/* What is rendered for the number k; the run and the tenant are placeholders. */
struct sn_render sn_example_render(const struct sn_report_workload *view, uint64_t k);
/* What operation k of this kind thinks before its step, of those `drawn`: once in a stage. */
int64_t sn_example_think_us(const struct sn_report_workload *view, const struct sn_kind *kind, uint32_t drawn,
                            uint32_t step, uint64_t k);
/* Bytes of the text that are shown: all, or a beginning that ends between two characters. */
size_t sn_shown(struct sn_span text);
/* Whom the step calls. */
struct sn_span sn_step_target_name(const struct sn_workload *workload, const struct sn_step *step);

#endif
