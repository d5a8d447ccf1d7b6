/* What steps are made of, shared by step_values.c, step_sql.c and step_compile.c. */
#ifndef SENTINEL_PLAN_STEPS_H
#define SENTINEL_PLAN_STEPS_H

#include "build.h"

/* Each appends one argument; `value` is NULL where the field is absent. */
typedef bool sn_value_writer(struct sn_builder *b, const struct sn_json *value);

sn_value_writer sn_put_kv_key, sn_put_r2_key; /* a template, bounded as the platform bounds keys */
sn_value_writer sn_put_stored;                /* what is stored under the key before it */
sn_value_writer sn_put_kv_type, sn_put_ttl, sn_put_limit, sn_put_content_type;
sn_value_writer sn_put_kv_metadata, sn_put_r2_metadata; /* an object, as JSON text */
sn_value_writer sn_put_bound;                           /* a value of a SQL statement */

/* As sn_read_members(), of a step: beside `names` it may have those of its flow, where it may have one. */
bool sn_step_members(struct sn_builder *b, const struct sn_json *step, const char *const *names, size_t len,
                     const struct sn_json **members);
/* Reads how the step follows those before it; `marks`: SN_FLOW_… that it has already. */
bool sn_step_flow(struct sn_builder *b, const struct sn_json *step, uint32_t marks, struct sn_flow *flow);

/* Appends the groups of a D1 step: one statement, or the statements of a batch. */
bool sn_put_statement(struct sn_builder *b, const struct sn_json *sql, const struct sn_json *bind);
bool sn_put_batch(struct sn_builder *b, const struct sn_json *statements);

#endif
