/* Templates: text in which ${…} stands for something of the operation.  "$$" is a dollar. */
#include <string.h>

#include "build.h"
#include "read.h"

#define ANYWHERE (SN_NAMES_OPERATION | SN_NAMES_ITEM)

static const struct variable {
    const char *name;
    enum sn_part_kind kind;
    uint32_t names;     /* where it is known: enum sn_names, combined */
    uint32_t arguments; /* in parentheses */
    bool modulo;        /* may be followed by %n */
    uint64_t min, max;  /* of the arguments */
    const char *usage;
} variables[] = {
    {"k", SN_PART_K, SN_NAMES_OPERATION, 0, true, 0, 0, "${k}, ${k%100}"},
    {"i", SN_PART_K, SN_NAMES_ITEM, 0, true, 0, 0, "${i}, ${i%100}"},
    {"key", SN_PART_KEY, SN_NAMES_OPERATION, 0, false, 0, 0, "${key(posts)}"},
    {"run", SN_PART_RUN, ANYWHERE, 0, false, 0, 0, "${run}"},
    {"tenant", SN_PART_TENANT, ANYWHERE, 0, false, 0, 0, "${tenant}"},
    {"time", SN_PART_TIME_MS, ANYWHERE, 0, false, 0, 0, "${time}"},
    {"times", SN_PART_TIMES, SN_NAMES_REPEATED, 0, false, 0, 0, "${times}"},
    {"hex", SN_PART_HEX, ANYWHERE, 1, false, 1, 16, "${hex(8)}"},
    {"number", SN_PART_NUMBER, ANYWHERE, 2, false, 0, UINT32_MAX - 1, "${number(1,100)}"},
    {"text", SN_PART_TEXT, ANYWHERE, 1, false, 1, SN_PAYLOAD_BLOCK, "${text(1000)}"},
};
#define VARIABLES (sizeof variables / sizeof *variables)

/* The text between the braces. */
struct inside {
    const char *at, *end;
};

static bool take(struct inside *in, char c) {
    while (in->at < in->end && *in->at == ' ') in->at++;
    if (in->at == in->end || *in->at != c) return false;
    in->at++;
    return true;
}

static bool take_number(struct inside *in, uint64_t *out) {
    while (in->at < in->end && *in->at == ' ') in->at++;
    const char *start = in->at;
    *out = 0;
    for (; in->at < in->end && *in->at >= '0' && *in->at <= '9' && in->at - start < 10; in->at++)
        *out = *out * 10 + (uint64_t)(*in->at - '0');
    return in->at > start;
}

static bool at_end(struct inside *in) {
    while (in->at < in->end && *in->at == ' ') in->at++;
    return in->at == in->end;
}

/* What it is called, and what is known here. */
static bool refuse(struct sn_builder *b, const char *what, size_t len) {
    struct sn_writer w = sn_trail_expected(b->trail, "plan.template");
    const char *before = "one of ";
    for (size_t i = 0; i < VARIABLES; i++) {
        if ((variables[i].names & b->names) == 0) continue;
        sn_put_text(&w, before);
        sn_put_text(&w, variables[i].usage);
        before = ", ";
    }
    if (len > 40) return false;
    sn_put_text(&w, " instead of ${");
    sn_put_bytes(&w, what, len);
    sn_put_text(&w, "}");
    return false;
}

static bool refuse_usage(struct sn_builder *b, const struct variable *variable) {
    struct sn_writer w = sn_trail_expected(b->trail, "plan.template");
    sn_put_text(&w, "something like ");
    sn_put_text(&w, variable->usage);
    if (variable->arguments > 0) {
        sn_put_text(&w, variable->arguments > 1 ? ", two numbers from " : ", a number from ");
        sn_put_dec(&w, variable->min);
        sn_put_text(&w, " to ");
        sn_put_dec(&w, variable->max);
        if (variable->arguments > 1) sn_put_text(&w, ", the smaller first");
    }
    return false;
}

static bool read_arguments(const struct variable *variable, struct inside *in, struct sn_part *part) {
    uint64_t value[2] = {0, variable->max};
    for (uint32_t i = 0; i < variable->arguments; i++) {
        if (!take(in, i == 0 ? '(' : ',') || !take_number(in, &value[i])) return false;
        if (value[i] < variable->min || value[i] > variable->max) return false;
    }
    if (variable->arguments > 0 && (!take(in, ')') || value[0] > value[1])) return false;
    if (variable->modulo && take(in, '%') && (!take_number(in, &value[0]) || value[0] == 0 || value[0] > UINT32_MAX))
        return false;
    part->a = (uint32_t)value[0];
    part->b = variable->arguments > 1 ? (uint32_t)value[1] : 0;
    return at_end(in);
}

static bool refuse_keyspace(struct sn_builder *b) {
    if (b->view.keyspaces_len == 0)
        return sn_trail_refuse(b->trail, "plan.template", "a keyspace in \"keys\"; this workload has none");
    struct sn_writer w = sn_trail_expected(b->trail, "plan.template");
    sn_put_text(&w, "a keyspace in \"keys\": ");
    sn_put_choice(&w, b->keyspace_names, b->view.keyspaces_len);
    return false;
}

/* The name of a keyspace in parentheses. */
static bool put_key(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    if (!take(in, '(')) return refuse_usage(b, variable);
    while (in->at < in->end && *in->at == ' ') in->at++;
    struct sn_span name = {.data = (const uint8_t *)in->at};
    for (; in->at < in->end && *in->at != ' ' && *in->at != ')'; in->at++) name.len++;
    if (!take(in, ')') || !at_end(in)) return refuse_usage(b, variable);
    for (uint32_t i = 0; i < b->view.keyspaces_len; i++) {
        if (!sn_span_is(name, b->keyspace_names[i])) continue;
        return sn_build_part(b, &(struct sn_part){.kind = SN_PART_KEY, .a = i});
    }
    return refuse_keyspace(b);
}

/* `what` is between the braces. */
static bool put_variable(struct sn_builder *b, const char *what, size_t len) {
    for (; len > 0 && *what == ' '; len--) what++;
    struct sn_span name = {.data = (const uint8_t *)what};
    while (name.len < len && what[name.len] >= 'a' && what[name.len] <= 'z') name.len++;
    for (size_t i = 0; i < VARIABLES; i++) {
        const struct variable *variable = &variables[i];
        if ((variable->names & b->names) == 0 || !sn_span_is(name, variable->name)) continue;
        struct sn_part part = {.kind = (uint32_t)variable->kind};
        struct inside in = {what + name.len, what + len};
        if (variable->kind == SN_PART_KEY) return put_key(b, variable, &in);
        if (!read_arguments(variable, &in, &part)) return refuse_usage(b, variable);
        return sn_build_part(b, &part);
    }
    return refuse(b, what, len);
}

static bool put_literal(struct sn_builder *b, const char *text, size_t len) {
    struct sn_text piece;
    if (len == 0) return true;
    if (!sn_build_text(b, text, len, &piece)) return false;
    return sn_build_part(b, &(struct sn_part){SN_PART_LITERAL, piece.offset, piece.len});
}

static bool put_parts(struct sn_builder *b, const char *text) {
    while (*text != 0) {
        size_t plain = strcspn(text, "$");
        if (text[plain] == '$' && text[plain + 1] == '$') { /* the first of the two belongs to the text */
            if (!put_literal(b, text, plain + 1)) return false;
            text += plain + 2;
            continue;
        }
        if (!put_literal(b, text, plain)) return false;
        text += plain;
        if (*text == 0) return true;
        const char *close = text[1] == '{' ? strchr(text, '}') : NULL;
        if (close == NULL) return sn_trail_refuse(b->trail, "plan.template", "${…}, or $$ where a dollar is meant");
        if (!put_variable(b, text + 2, (size_t)(close - text) - 2)) return false;
        text = close + 1;
    }
    return true;
}

bool sn_template_compile(struct sn_builder *b, const char *text, enum sn_value type) {
    struct sn_argument argument = {.type = (uint32_t)type, .parts = b->view.parts_len};
    if (!put_parts(b, text)) return false;
    argument.parts_len = b->view.parts_len - argument.parts;
    return sn_build_argument(b, &argument);
}
