/* Templates: text in which ${…} stands for something of the operation.  "$$" is a dollar. */
#include "template.h"

#include <string.h>

#include "read.h"

#define ANYWHERE (SN_NAMES_OPERATION | SN_NAMES_ITEM)

static variable_reader put_simple, put_run, put_data, put_tenant, put_uuid, put_text, put_choice_of;

static const struct variable variables[] = {
    {"k", put_simple, SN_PART_K, SN_NAMES_OPERATION, 0, true, false, 0, 0, "${k}, ${k%100}"},
    {"i", put_simple, SN_PART_K, SN_NAMES_ITEM, 0, true, false, 0, 0, "${i}, ${i%100}"},
    {"key", sn_template_key, SN_PART_KEY, SN_NAMES_OPERATION, 0, false, false, 0, 0, "${key(posts)}"},
    {"user", sn_template_user, SN_PART_KEY, SN_NAMES_OPERATION, 0, false, false, 0, 0, "${user}"},
    {"count", sn_template_count, SN_PART_LITERAL, ANYWHERE, 0, false, false, 0, 0, "${count(posts)}"},
    {"run", put_run, SN_PART_RUN, ANYWHERE, 0, false, false, 0, 0, "${run}"},
    {"data", put_data, SN_PART_DATA, ANYWHERE, 0, false, false, 0, 0, "${data}"},
    {"tenant", put_tenant, SN_PART_TENANT, ANYWHERE, 0, false, false, 0, 0, "${tenant}"},
    {"time", put_simple, SN_PART_TIME_MS, ANYWHERE, 0, false, false, 0, 0, "${time}"},
    {"times", put_simple, SN_PART_TIMES, SN_NAMES_REPEATED, 0, false, false, 0, 0, "${times}"},
    {"hex", put_simple, SN_PART_HEX, ANYWHERE, 1, false, true, 1, 16, "${hex(8)}"},
    {"uuid", put_uuid, SN_PART_HEX, ANYWHERE, 0, false, true, 0, 0, "${uuid}"},
    {"number", put_simple, SN_PART_NUMBER, ANYWHERE, 2, false, true, 0, UINT32_MAX - 1, "${number(1,100)}"},
    {"text", put_text, SN_PART_TEXT, ANYWHERE, 1, false, false, 1, SN_PAYLOAD_BLOCK, "${text(1000)}"},
    {"bytes", put_text, SN_PART_TEXT, ANYWHERE, 1, false, false, 1, SN_PAYLOAD_BLOCK, "${bytes(1000)}"},
    {"choice", put_choice_of, SN_PART_PICK, ANYWHERE, 0, false, true, 0, 0, "${choice('a','b':3)}"},
    {"feed", sn_template_feed, SN_PART_PICK, ANYWHERE, 0, false, true, 0, 0, "${feed.products.name}"},
    {"captured", sn_template_captured, SN_PART_CAPTURED, ANYWHERE, 0, false, false, 0, 0, "${captured.id}"},
};
#define VARIABLES (sizeof variables / sizeof *variables)

bool sn_inside_take(struct inside *in, char c) {
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

bool sn_inside_at_end(struct inside *in) {
    while (in->at < in->end && *in->at == ' ') in->at++;
    return in->at == in->end;
}

struct sn_span sn_inside_take_name(struct inside *in) {
    while (in->at < in->end && *in->at == ' ') in->at++;
    struct sn_span name = {.data = (const uint8_t *)in->at};
    for (; in->at < in->end && strchr(" ).#", *in->at) == NULL; in->at++) name.len++;
    return name;
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

bool sn_template_refuse_usage(struct sn_builder *b, const struct variable *variable) {
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

bool sn_template_literal(struct sn_builder *b, const char *text, size_t len) {
    struct sn_text piece;
    if (len == 0) return true;
    if (!sn_build_text(b, text, len, &piece)) return false;
    return sn_build_part(b, &(struct sn_part){SN_PART_LITERAL, piece.offset, piece.len, 0});
}

#define AGAIN_MAX 1000
#define OPTIONS_MAX 64
#define WEIGHT_MAX 1000

/* What may stand behind anything that is drawn. */
bool sn_inside_take_again(const struct variable *variable, struct inside *in, uint32_t *again) {
    uint64_t value = 0;
    if (variable->again && sn_inside_take(in, '#') && (!take_number(in, &value) || value == 0 || value > AGAIN_MAX))
        return false;
    *again = (uint32_t)value;
    return sn_inside_at_end(in);
}

static bool read_arguments(const struct variable *variable, struct inside *in, struct sn_part *part) {
    uint64_t value[2] = {0, variable->max};
    for (uint32_t i = 0; i < variable->arguments; i++) {
        if (!sn_inside_take(in, i == 0 ? '(' : ',') || !take_number(in, &value[i])) return false;
        if (value[i] < variable->min || value[i] > variable->max) return false;
    }
    if (variable->arguments > 0 && (!sn_inside_take(in, ')') || value[0] > value[1])) return false;
    if (variable->modulo && sn_inside_take(in, '%') &&
        (!take_number(in, &value[0]) || value[0] == 0 || value[0] > UINT32_MAX))
        return false;
    part->a = (uint32_t)value[0];
    part->b = variable->arguments > 1 ? (uint32_t)value[1] : 0;
    return sn_inside_take_again(variable, in, &part->c);
}

static bool put_simple(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    struct sn_part part = {.kind = (uint32_t)variable->kind};
    if (!read_arguments(variable, in, &part)) return sn_template_refuse_usage(b, variable);
    return sn_build_part(b, &part);
}

/* What outlives the run does not have its name, and is not taken away with what has. */
static bool put_run(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    if (b->marks != SN_MARKS_DATA) return put_simple(b, variable, in);
    return sn_trail_refuse(b->trail, "plan.template",
                           "${data} instead of ${run}: what is prepared may be kept for other runs");
}

static bool put_data(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    if (b->marks != SN_MARKS_RUN) return put_simple(b, variable, in);
    return sn_trail_refuse(
        b->trail, "plan.template",
        "${run}, for what the run itself has written; or \"data\": true beside the steps, for a job that "
        "takes away what was prepared");
}

/* Of several it is the one that the operation, or the item, is for. */
static bool put_tenant(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    if (b->view.tenants == 0) return put_simple(b, variable, in);
    if (!sn_inside_at_end(in)) return sn_template_refuse_usage(b, variable);
    return sn_build_part(b, &(struct sn_part){SN_PART_PICK, b->view.tenants - 1, 0, 0});
}

/* --- Texts and bytes ------------------------------------------------------------------------------------------- */

/* Its form is that of version 4: 30 digits are drawn, in five groups. */
static bool put_uuid(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    static const struct {
        uint32_t digits;
        const char *before;
    } groups[] = {{8, ""}, {4, "-"}, {3, "-4"}, {3, "-a"}, {12, "-"}};
    uint32_t again;
    if (!sn_inside_take_again(variable, in, &again)) return sn_template_refuse_usage(b, variable);
    for (uint32_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        struct sn_part part = {SN_PART_HEX, groups[i].digits, 1 + i, again}; /* b tells the groups apart */
        if (!sn_template_literal(b, groups[i].before, strlen(groups[i].before)) || !sn_build_part(b, &part))
            return false;
    }
    return true;
}

static bool take_thousandths(struct inside *in, uint64_t *out) {
    uint64_t whole, unit = 100;
    if (!take_number(in, &whole) || whole > 1000) return false;
    *out = whole * 1000;
    if (in->at == in->end || *in->at != '.') return true;
    for (in->at++; in->at < in->end && *in->at >= '0' && *in->at <= '9' && unit > 0; in->at++, unit /= 10)
        *out += (uint64_t)(*in->at - '0') * unit;
    return unit < 100;
}

/* ${text(n)}, or ${text(median,sigma,max)}: log-normal. */
static bool put_text(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    uint64_t len, sigma = 0, max;
    bool bytes = strcmp(variable->name, "bytes") == 0;
    if (!sn_inside_take(in, '(') || !take_number(in, &len) || len < 1 || len > SN_PAYLOAD_BLOCK)
        return sn_template_refuse_usage(b, variable);
    struct sn_part part = {SN_PART_TEXT, (uint32_t)len, 0, 0};
    if (sn_inside_take(in, ',')) {
        bool read = take_thousandths(in, &sigma) && sigma <= SN_SIGMA_MAX_MILLIONTHS / 1000 &&
                    sn_inside_take(in, ',') && take_number(in, &max) && max >= len && max <= SN_PAYLOAD_BLOCK;
        if (!read)
            return sn_trail_refuse(b->trail, "plan.template",
                                   "something like ${text(800,0.7,4000)}: the median, sigma from 0 to 4, the most");
        part = (struct sn_part){SN_PART_TEXT, (uint32_t)max, (uint32_t)len, (uint32_t)sigma};
    }
    if (!sn_inside_take(in, ')') || !sn_inside_at_end(in)) return sn_template_refuse_usage(b, variable);
    b->bytes = b->bytes || bytes;
    return sn_build_part(b, &part);
}

/* --- Choices ----------------------------------------------------------------------------------------------------- */

static bool take_option(struct sn_builder *b, struct inside *in, uint32_t *upto) {
    uint64_t weight = 1;
    if (!sn_inside_take(in, '\'')) return false;
    const char *text = in->at;
    while (in->at < in->end && *in->at != '\'') in->at++;
    struct sn_option option = {.upto = 0};
    size_t len = (size_t)(in->at - text);
    if (!sn_inside_take(in, '\'')) return false;
    if (sn_inside_take(in, ':') && (!take_number(in, &weight) || weight < 1 || weight > WEIGHT_MAX)) return false;
    *upto += (uint32_t)weight;
    option.upto = *upto;
    return sn_build_text(b, text, len, &option.text) && sn_build_option(b, &option);
}

/* Equal choices pick alike, wherever they stand: what they say salts their draws. */
static bool put_choice_of(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    const char *begin = in->at;
    struct sn_list list = {.options = b->view.options_len, .columns = 1};
    struct sn_part part = {SN_PART_PICK, b->view.lists_len, 0, 0};
    if (!sn_inside_take(in, '(')) return sn_template_refuse_usage(b, variable);
    do {
        if (list.rows == OPTIONS_MAX || !take_option(b, in, &list.total))
            return b->trail->status == SN_E_LIMIT ? false : sn_template_refuse_usage(b, variable);
        list.rows += 1;
    } while (sn_inside_take(in, ','));
    if (!sn_inside_take(in, ')')) return sn_template_refuse_usage(b, variable);
    list.salt = (uint32_t)sn_hash64(begin, (size_t)(in->at - begin));
    if (!sn_inside_take_again(variable, in, &part.c)) return sn_template_refuse_usage(b, variable);
    return sn_build_list(b, &list) && sn_build_part(b, &part);
}

/* `what` is between the braces. */
static bool put_variable(struct sn_builder *b, const char *what, size_t len) {
    for (; len > 0 && *what == ' '; len--) what++;
    struct sn_span name = {.data = (const uint8_t *)what};
    while (name.len < len && what[name.len] >= 'a' && what[name.len] <= 'z') name.len++;
    for (size_t i = 0; i < VARIABLES; i++) {
        const struct variable *variable = &variables[i];
        if ((variable->names & b->names) == 0 || !sn_span_is(name, variable->name)) continue;
        struct inside in = {what + name.len, what + len};
        return variable->put(b, variable, &in);
    }
    return refuse(b, what, len);
}

bool sn_template_refuse_dollar(struct sn_builder *b) {
    return sn_trail_refuse(b->trail, "plan.template", "${…}, or $$ where a dollar is meant");
}

static bool put_parts(struct sn_builder *b, const char *text) {
    while (*text != 0) {
        size_t plain = strcspn(text, "$");
        if (text[plain] == '$' && text[plain + 1] == '$') { /* the first of the two belongs to the text */
            if (!sn_template_literal(b, text, plain + 1)) return false;
            text += plain + 2;
            continue;
        }
        if (!sn_template_literal(b, text, plain)) return false;
        text += plain;
        if (*text == 0) return true;
        const char *close = text[1] == '{' ? strchr(text, '}') : NULL;
        if (close == NULL) return sn_template_refuse_dollar(b);
        if (!put_variable(b, text + 2, (size_t)(close - text) - 2)) return false;
        text = close + 1;
    }
    return true;
}

bool sn_template_compile(struct sn_builder *b, const char *text, enum sn_value type) {
    struct sn_argument argument = {.type = (uint32_t)type, .parts = b->view.parts_len};
    b->bytes = false;
    if (!put_parts(b, text)) return false;
    argument.parts_len = b->view.parts_len - argument.parts;
    if (b->bytes && argument.parts_len > 1)
        return sn_trail_refuse(b->trail, "plan.template", "${bytes(n)} by itself: in a text it is ${text(n)}");
    if (type == SN_VALUE_TEXT && !sn_template_escape(b, text, &argument)) return false;
    return sn_build_argument(b, &argument);
}
