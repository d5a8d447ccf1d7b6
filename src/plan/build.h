/* A workload under construction: the arrays of struct sn_workload, growing in the arena. */
#ifndef SENTINEL_PLAN_BUILD_H
#define SENTINEL_PLAN_BUILD_H

#include "sentinel/plan/trail.h"

/* Room while building.  What is kept has to fit SN_PLAN_BYTES_MAX, which is reached before these are. */
#define SN_BUILD_JOBS_MAX 64
#define SN_BUILD_STEPS_MAX 256
#define SN_BUILD_GROUPS_MAX 384
#define SN_BUILD_ARGUMENTS_MAX 1024
#define SN_BUILD_PARTS_MAX 2048
#define SN_BUILD_STATEMENTS_MAX 256
#define SN_BUILD_OPTIONS_MAX 2048
#define SN_BUILD_LOOKS_MAX 256
#define SN_BUILD_POOL_MAX 32768
#define SN_BUILD_SCRATCH_MAX 8193 /* R2's metadata and a zero */

/* What a template may name where it stands. */
enum sn_names { SN_NAMES_OPERATION = 1, SN_NAMES_ITEM = 2, SN_NAMES_REPEATED = 4 };

/* Whose mark a template may name: in a job it says who takes away again what it names. */
enum sn_marks { SN_MARKS_BOTH, SN_MARKS_DATA, SN_MARKS_RUN };

/* The rows that templates name: "feed.products.price". */
struct sn_feed {
    const char *name;
    uint32_t list, columns;
    struct sn_span column[SN_COLUMNS_MAX]; /* names, in the tree */
};
#define SN_FEEDS_MAX 8

struct sn_builder {
    struct sn_trail *trail;
    uint32_t names; /* enum sn_names, combined */
    enum sn_marks marks;
    bool kept;               /* what is prepared outlives the run */
    bool bytes;              /* the newest template is to become bytes, and no text */
    bool beside;             /* inside of "parallel" */
    bool flows;              /* steps may be left out, thought before, sent together or in the background */
    struct sn_workload view; /* counts so far; its pointers are the arrays below */
    struct sn_kind *kinds;
    struct sn_job *jobs;
    struct sn_step *steps;
    struct sn_group *groups;
    struct sn_argument *arguments;
    struct sn_part *parts;
    struct sn_text *statements;
    struct sn_keyspace *keyspaces;
    struct sn_list *lists;
    struct sn_option *options;
    uint32_t feeds_len;
    struct sn_feed feeds[SN_FEEDS_MAX];
    struct sn_target *targets;
    struct sn_look *looks;
    uint32_t captures_len;                 /* of the operation that is read */
    const char *captures[SN_CAPTURES_MAX]; /* their names; in the tree, as those of keyspaces */
    uint32_t captured, capturing; /* of these, as bits: those that a step has for certain; will have after this stage */
    const char *keyspace_names[SN_KEYSPACES_MAX]; /* in the tree: templates name them, what is compiled does not */
    char *pool;
    char *scratch;
};

/* False when the arena has no room. */
bool sn_build_begin(struct sn_builder *b, struct sn_trail *trail, struct sn_arena *arena);

/* Each appends one element; false, refused as too large, when there is no room. */
bool sn_build_kind(struct sn_builder *b, const struct sn_kind *kind);
bool sn_build_job(struct sn_builder *b, const struct sn_job *job);
bool sn_build_step(struct sn_builder *b, const struct sn_step *step);
bool sn_build_group(struct sn_builder *b, const struct sn_group *group);
bool sn_build_argument(struct sn_builder *b, const struct sn_argument *argument);
bool sn_build_part(struct sn_builder *b, const struct sn_part *part);
bool sn_build_option(struct sn_builder *b, const struct sn_option *option);
bool sn_build_list(struct sn_builder *b, const struct sn_list *list);
bool sn_build_keyspace(struct sn_builder *b, const char *name, const struct sn_keyspace *keyspace);
bool sn_build_look(struct sn_builder *b, const struct sn_look *look);
/* Index of a target; the same one is kept once. */
bool sn_build_target(struct sn_builder *b, enum sn_service service, const char *name, size_t len, uint32_t *index);
/* The number of a captured value in its operation, by its name: UINT32_MAX when there is none yet.  sn_build_capture() makes
 * one; that a later step captures the same name again is no fault. */
uint32_t sn_find_capture(const struct sn_builder *b, struct sn_span name);
bool sn_build_capture(struct sn_builder *b, const char *name, uint32_t *number);
/* Text in the pool; the same text is kept once. */
bool sn_build_text(struct sn_builder *b, const char *text, size_t len, struct sn_text *out);
/* Index of a SQL text; the same text is one statement. */
bool sn_build_statement(struct sn_builder *b, const char *sql, uint32_t *index);

/* Appends an argument of this type from a template: text with ${…} in it (template.c).  The argument has no key. */
bool sn_template_compile(struct sn_builder *b, const char *text, enum sn_value type);
/* Refuses a dollar that begins nothing. */
bool sn_template_refuse_dollar(struct sn_builder *b);
/* Of a template that is JSON: what is picked and captured in its strings will be escaped.  False: refused, for a text outside
 * of strings (template_json.c). */
bool sn_template_escape(struct sn_builder *b, const char *text, struct sn_argument *argument);
/* Appends a step (step_compile.c); its flow has the marks that are given. */
bool sn_step_compile(struct sn_builder *b, const struct sn_json *step, uint32_t marks);
/* Appends the steps of an array (step_flow.c); `first` and `len` get their range. */
bool sn_steps_compile(struct sn_builder *b, const struct sn_json *steps, uint32_t *first, uint32_t *len);

/* What a plan asks of its workload. */
struct sn_workload_wish {
    const char *const *systems; /* as in sn_workload_compile() */
    size_t systems_len;
    const struct sn_json *tenants; /* names, or how many; NULL: the run's own alone */
    const struct sn_json *data;    /* how much of what is prepared, as {"posts": 1000}; NULL: what the workload says */
    bool kept;                     /* what is prepared outlives the run */
};

/* The whole workload.  From a text, or from its tree, to which the trail leads. */
bool sn_workload_build(struct sn_trail *trail, struct sn_arena *arena, const char *json, size_t len,
                       const struct sn_workload_wish *wish, struct sn_workload *out);
bool sn_workload_build_tree(struct sn_trail *trail, struct sn_arena *arena, const struct sn_json *tree,
                            const struct sn_workload_wish *wish, struct sn_workload *out);

#endif
