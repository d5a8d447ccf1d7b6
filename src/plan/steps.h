/* What steps are made of, shared by step_values.c, step_sql.c and step_compile.c. */
#ifndef SENTINEL_PLAN_STEPS_H
#define SENTINEL_PLAN_STEPS_H

#include "build.h"

/* Each appends one argument; `value` is NULL where the field is absent. */
typedef bool sn_value_writer(struct sn_builder *b, const struct sn_json *value);

sn_value_writer sn_put_kv_key, sn_put_r2_key; /* a template, bounded as the platform bounds keys */
sn_value_writer sn_put_stored;                /* what is stored under the key before it */
sn_value_writer sn_put_kv_type, sn_put_ttl, sn_put_limit, sn_put_content_type;
sn_value_writer sn_put_kv_keep, sn_put_kv_keys; /* cacheTtl; "keys", one argument each */
sn_value_writer sn_put_range;                   /* two arguments: offset and length */
sn_value_writer sn_put_part, sn_put_parts;      /* of a multipart upload: a part's value and how often it is repeated */
sn_value_writer sn_put_object_name, sn_put_method, sn_put_arguments; /* of a Durable Object */
sn_value_writer sn_put_path, sn_put_headers;                         /* of a request; a path becomes a URL */
sn_value_writer sn_put_body;                                         /* what is sent, the third value behind its URL */
sn_value_writer sn_put_kv_metadata, sn_put_r2_metadata;              /* an object, as JSON text */
sn_value_writer sn_put_bound;                                        /* a value of a SQL statement */

/* As sn_read_members(), of a step: beside `names` it may have those of its flow, where it may have one. */
bool sn_step_members(struct sn_builder *b, const struct sn_json *step, const char *const *names, size_t len,
                     const struct sn_json **members);
/* Reads how the step follows those before it; `marks`: SN_FLOW_… that it has already. */
bool sn_step_flow(struct sn_builder *b, const struct sn_json *step, uint32_t marks, struct sn_flow *flow);

/* Appends the groups of a D1 step: one statement, with the rows that it is said to read and write, or the statements of a
 * batch. */
bool sn_put_statement(struct sn_builder *b, const struct sn_json *sql, const struct sn_json *bind,
                      const struct sn_json *rows);
bool sn_put_batch(struct sn_builder *b, const struct sn_json *statements);

/* A text that is the same in every operation, dollars and all. */
bool sn_put_literal(struct sn_builder *b, const char *text);

/* What an answer has that can be looked at; sums of these. */
enum sn_may {
    SN_MAY_ROWS = 1,
    SN_MAY_BYTES = 2,
    SN_MAY_TEXT = 4,
    SN_MAY_COLUMN = 8,
    SN_MAY_HEADER = 16,
    SN_MAY_STATUS = 32,
    SN_MAY_LATENCY = 64 /* of every step */
};
/* Reads "expect" and "capture" into the step, whose groups have been built; NULL: it has none (step_expect.c). */
bool sn_put_expect(struct sn_builder *b, const struct sn_json *value, uint32_t may, struct sn_step *step);
bool sn_put_capture(struct sn_builder *b, const struct sn_json *value, uint32_t may, struct sn_step *step);

/* A text whose length is bounded as that of the argument that was built last; `what` is "a key". */
bool sn_check_length(struct sn_builder *b, uint64_t max, const char *what);

/* A URL with a constant host, which becomes the step's target (step_target.c). */
bool sn_put_url(struct sn_builder *b, const struct sn_json *value, struct sn_step *step);

/* The target that "binding" names, or the service's own one when it is NULL.  Refused where the operator's list does not
 * have it (step_target.c). */
bool sn_put_binding(struct sn_builder *b, enum sn_service service, const struct sn_json *value, struct sn_step *step);

#endif
