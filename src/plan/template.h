/* A template's inside, shared by its files:
 *
 *     template.c        the text around variables; variables that stand for something by themselves
 *     template_named.c  variables that name something of the workload: a keyspace, a feed, what was captured
 */
#ifndef SENTINEL_PLAN_TEMPLATE_H
#define SENTINEL_PLAN_TEMPLATE_H

#include "build.h"

/* The text between the braces, from where it is read on. */
struct inside {
    const char *at, *end;
};

struct variable;

/* Appends the parts of a variable, whose name has been read; `in` stands behind that.  False: refused. */
typedef bool variable_reader(struct sn_builder *b, const struct variable *variable, struct inside *in);

struct variable {
    const char *name;
    variable_reader *put;
    enum sn_part_kind kind;
    uint32_t names;     /* where it is known: enum sn_names, combined */
    uint32_t arguments; /* in parentheses */
    bool modulo;        /* may be followed by %n */
    bool again;         /* may be followed by #n, another draw of the same */
    uint64_t min, max;  /* of the arguments */
    const char *usage;
};

/* Each skips spaces before it.  False, or no name, when something else stands there. */
bool sn_inside_take(struct inside *in, char c);
bool sn_inside_at_end(struct inside *in);
struct sn_span sn_inside_take_name(struct inside *in);
/* What may stand behind anything that is drawn: #n, and then the end. */
bool sn_inside_take_again(const struct variable *variable, struct inside *in, uint32_t *again);

/* Refuses it, with what it looks like when it is right. */
bool sn_template_refuse_usage(struct sn_builder *b, const struct variable *variable);
bool sn_template_literal(struct sn_builder *b, const char *text, size_t len);

/* template_named.c */
variable_reader sn_template_key, sn_template_user, sn_template_count, sn_template_feed, sn_template_captured;

#endif
