/* A compiled workload: what can be done, as data.
 *
 * A kind is an operation that visitors do ("select_test_records"); it belongs to a system ("d1_reads") and has one or
 * more steps.  A step is one host call with arguments; an argument is a template, compiled to parts.  Jobs are what
 * prepare and cleanup do; they use the same steps.  Nothing in Sentinel switches over operations: this is the only
 * description of them.
 *
 * The struct is a view on bytes that were checked once by sn_workload_open(); it points into the caller's bytes. */
#ifndef SENTINEL_LOAD_WORKLOAD_H
#define SENTINEL_LOAD_WORKLOAD_H

#include <assert.h>

#include "sentinel/base/bytes.h"
#include "sentinel/base/limits.h"
#include "sentinel/base/status.h"
#include "sentinel/base/step.h"
#include "sentinel/load/keyspace.h"

/* A piece of text in the pool. */
struct sn_text {
    uint32_t offset, len;
};

/* Whom steps call: a binding of the Worker, by its name; or, of HTTP, a host with its port. */
struct sn_target {
    uint32_t service; /* enum sn_service */
    struct sn_text name;
};

/* Where a template's next bytes come from.  A generated part (HEX, NUMBER, KEY) has the same value everywhere in
 * one operation: what a step writes, another step or the cleanup can name again. */
#define SN_PART_LIST(X)                                                                                           \
    X(LITERAL, 1) /* a, b: offset and length in the pool */                                                       \
    X(K, 2)       /* decimal of the operation's number; a > 0: modulo a.  Jobs: of the item's index, from 0 */    \
    X(RUN, 3)     /* the run's id */                                                                              \
    X(TENANT, 4)  /* the tenant */                                                                                \
    X(TIME_MS, 5) /* Unix milliseconds of the call: one of the few things that are not a function of k */         \
    X(HEX, 6)     /* a random lower-case hexadecimal digits, a ≤ 16 */                                          \
    X(NUMBER, 7)  /* a random decimal from a to b */                                                              \
    X(TEXT,                                                                                                       \
      8) /* a bytes of the payload block, chosen by what varies in the template but the time; b > 0: log-       \
                     normal with median b and sigma c thousandths, and a at most */ \
    X(TIMES, 9) /* decimal of the position in a repeated group, from 0 */                                         \
    X(KEY, 10)  /* decimal of the key that the operation touches; a: index in keyspaces[] */                      \
    X(PICK, 11) /* of the row that the operation picks of lists[a], column b */                                   \
    X(DATA, 13) /* the mark of what is prepared: the run's id, or one that other runs share */                    \
    X(CAPTURED,                                                                                                   \
      12) /* captured value a of the operation; b, c: offset and length of what stands for it where no answer is known */

enum sn_part_kind {
#define SN_X(name, value) SN_PART_##name = value,
    SN_PART_LIST(SN_X)
#undef SN_X
};

struct sn_part {
    uint32_t kind; /* enum sn_part_kind */
    uint32_t a, b;
    uint32_t c; /* HEX, NUMBER, PICK: another draw for each; 0 where none is asked for */
};

/* Texts to pick from: rows of equal columns, row after row in options[]. */
struct sn_list {
    uint32_t options, rows, columns;
    uint32_t total; /* sum of the rows' weights; 0: row k mod rows */
    uint32_t salt;  /* tells lists apart: their draws have nothing to do with each other */
};

struct sn_option {
    struct sn_text text;
    uint32_t upto; /* of a row's first column: sum of the weights up to and with this row's; else 0 */
};

/* The text is JSON: what is picked or captured stands in its strings, and is escaped there. */
#define SN_ARGUMENT_JSON 1u

/* One argument: its parts are concatenated and cross as `type`. */
struct sn_argument {
    uint32_t type; /* enum sn_value: NULL, TEXT, NUMBER, SLICE or SLICE_TEXT (the last two have one TEXT part) */
    uint32_t parts, parts_len; /* range in parts[] */
    uint32_t key; /* SLICE, SLICE_TEXT: index in arguments[] of the key that chooses the slice, so that a reader can
                     check it; UINT32_MAX: k chooses it.  TEXT: SN_ARGUMENT_JSON or 0.  0 otherwise */
};

struct sn_group {
    uint32_t statement;                /* D1: index in statements[]; else 0 */
    uint32_t times;                    /* the group is repeated so often; ≥ 1 */
    uint32_t arguments, arguments_len; /* range in arguments[] */
    /* D1: rows that one execution is taken to read and to write, indexes included, and to add to its table.  Of a statement
     * that deletes in the clean-up: for each row that it takes away.  Only estimates look at these. */
    uint32_t rows_read, rows_written, rows_added;
};

/* Something that is looked for in an answer (enum sn_look_kind). */
struct sn_look {
    uint32_t kind;
    uint32_t argument;   /* index in arguments[]: the text to compare with, or where the captured one stands */
    uint32_t capture;    /* of its operation's captured values, the one that it gives; UINT32_MAX when it compares */
    struct sn_text name; /* of what is captured; none when it compares */
};

#define SN_EXPECT_FOUND 1u /* rows ≥ 1; a miss is an error of class data */
#define SN_EXPECT_BYTES 2u /* the answer's bytes must be `expect_bytes` */

/* How a step follows those before it in its operation (load/flow.h). */
#define SN_FLOW_BACKGROUND 1u   /* the operation does not wait for it */
#define SN_FLOW_TOGETHER 2u     /* sent together with the step before it */
#define SN_CHANCE_SURE 1000000u /* chances are of so many */
#define SN_SIGMA_MAX_MILLIONTHS \
    4000000u /* of a log-normal: from there on a draw is either next to nothing or the most */

enum sn_think { SN_THINK_NONE, SN_THINK_EVEN, SN_THINK_LOGNORMAL };

struct sn_flow {
    uint32_t marks;        /* SN_FLOW_… */
    uint32_t chance;       /* of SN_CHANCE_SURE; 0: it is made in any case */
    uint32_t think;        /* enum sn_think: how long is thought before it */
    uint32_t think_us;     /* EVEN: at least; LOGNORMAL: the median */
    uint32_t spread;       /* EVEN: µs more at most; LOGNORMAL: sigma in millionths */
    uint32_t think_max_us; /* LOGNORMAL: what is drawn longer is cut to this */
};

struct sn_step {
    uint32_t action;             /* enum sn_action */
    uint32_t target;             /* index in targets[] */
    uint32_t groups, groups_len; /* range in groups[]; 1 but for a batch */
    uint32_t expect;             /* SN_EXPECT_… */
    uint32_t rows_min, rows_max; /* expectation on rows; rows_max UINT32_MAX: none */
    uint32_t expect_bytes;
    uint32_t session;                   /* enum sn_session; D1 */
    uint32_t calls;                     /* that it makes of the host */
    uint32_t statuses[SN_STATUSES_MAX]; /* that are expected: the lowest of a range, and << 16 the highest; 0: none */
    uint32_t looks, looks_len; /* range in looks[]; what is looked for and not found is an error of class data */
    uint32_t budget_us;        /* latency that the report holds its calls against; 0: none, as in every job */
    struct sn_flow flow;       /* of an operation's; of a job's all 0 */
};

struct sn_kind {
    struct sn_text name;       /* "select_test_records" */
    struct sn_text system;     /* "d1_reads" */
    uint32_t weight;           /* of the sum of all weights; 0 is never picked */
    uint32_t steps, steps_len; /* range in steps[] */
    uint32_t reserved;
};

/* What prepare or cleanup does. */
struct sn_job {
    uint32_t stage; /* SN_STAGE_PREPARE or SN_STAGE_CLEANUP */
    uint32_t kind;  /* UINT32_MAX: `count` items; else once for each k of the run that is of this kind */
    uint32_t count; /* items, unless per kind or `every` */
    uint32_t steps, steps_len;
    uint32_t every; /* above 0, cleanup only: one item for every so many operations that the run may have started */
    uint32_t data;  /* 1, cleanup only: it takes away what was prepared, which a run may keep */
};

struct sn_workload {
    const struct sn_kind *kinds;
    const struct sn_job *jobs;
    const struct sn_step *steps;
    const struct sn_group *groups;
    const struct sn_argument *arguments;
    const struct sn_part *parts;
    const struct sn_text *statements;
    const struct sn_keyspace *keyspaces;
    const struct sn_list *lists;
    const struct sn_option *options;
    const struct sn_target *targets;
    const struct sn_look *looks;
    const char *pool;
    uint32_t kinds_len, jobs_len, steps_len, groups_len, arguments_len, parts_len, statements_len, keyspaces_len,
        lists_len, options_len, targets_len, looks_len, pool_len;
    uint32_t tenants; /* 1 + index in lists[] of those that operations are drawn for; 0: the run's own */
};

/* Whom the step calls. */
const struct sn_target *sn_step_target(const struct sn_workload *workload, const struct sn_step *step);
/* Whether the report tells of the kind's steps one by one: of several, or of one that has a budget. */
bool sn_kind_tells_steps(const struct sn_workload *workload, const struct sn_kind *kind);
/* Whether the look gives a text, instead of comparing with one. */
bool sn_look_captures(const struct sn_look *look);

/* Bytes that an argument comes to at most, whatever k, run and tenant. */
uint64_t sn_argument_bytes_max(const struct sn_workload *workload, const struct sn_argument *argument);
/* Bytes at most of a step's shape, of what crosses with each of its calls, and of its arguments whole; a workload whose
 * steps exceed SN_EFFECT_MAX does not open. */
uint64_t sn_step_bytes_max(const struct sn_workload *workload, const struct sn_step *step);

/* Whether every index, range and kind in the view is one that rendering can follow blindly. */
bool sn_workload_sound(const struct sn_workload *workload);

/* Checks every index and range in `bytes` (8-aligned) and makes the view.  SN_E_FORMAT when anything points outside. */
enum sn_status sn_workload_open(struct sn_workload *workload, const void *bytes, size_t len);
/* Writes the form that sn_workload_open() reads. */
void sn_workload_put(struct sn_writer *w, const struct sn_workload *workload);
uint64_t sn_workload_bytes(const struct sn_workload *workload); /* that this writes */

#endif
