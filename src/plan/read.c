#include "read.h"

#include <math.h>
#include <string.h>

#include "sentinel/base/assert.h"

#define FIELDS_MAX 48

void sn_put_choice(struct sn_writer *w, const char *const *words, size_t len) {
    sn_put_text(w, len == 1 ? "" : "one of ");
    for (size_t i = 0; i < len; i++) {
        if (i > 0) sn_put_text(w, ", ");
        sn_put_text(w, words[i]);
    }
}

static bool refuse_type(struct sn_trail *trail, const char *expected) {
    return sn_trail_refuse(trail, "plan.type", expected);
}

static bool refuse_range(struct sn_trail *trail, const char *what, double min, double max, const char *unit) {
    struct sn_writer w = sn_trail_expected(trail, "plan.range");
    sn_put_text(&w, what);
    sn_put_text(&w, " from ");
    sn_put_number(&w, min);
    sn_put_text(&w, " to ");
    sn_put_number(&w, max);
    sn_put_text(&w, unit);
    return false;
}

static size_t find(const char *const *names, size_t len, const char *name) {
    size_t i = 0;
    while (i < len && strcmp(names[i], name) != 0) i++;
    return i;
}

static bool refuse_name(struct sn_trail *trail, const struct sn_json *member, const char *const *names, size_t len) {
    sn_trail_name(trail, sn_json_name(member));
    struct sn_writer w = sn_trail_expected(trail, "plan.unknown-field");
    sn_put_text(&w, "a known field: ");
    sn_put_choice(&w, names, len);
    return false;
}

bool sn_read_object(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *fields, size_t len,
                    void *into) {
    const char *names[FIELDS_MAX];
    SN_ASSERT(len <= FIELDS_MAX);
    for (size_t i = 0; i < len; i++) names[i] = fields[i].name;
    if (sn_json_type(value) != SN_JSON_OBJECT) return refuse_type(trail, "an object");
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        size_t i = find(names, len, sn_json_name(at));
        if (i == len) return refuse_name(trail, at, names, len);
        size_t mark = sn_trail_name(trail, names[i]);
        if (!fields[i].read(trail, at, &fields[i], into)) return false;
        sn_trail_back(trail, mark);
    }
    return true;
}

bool sn_read_members(struct sn_trail *trail, const struct sn_json *value, const char *const *names, size_t len,
                     const struct sn_json **members) {
    if (sn_json_type(value) != SN_JSON_OBJECT) return refuse_type(trail, "an object");
    for (size_t i = 0; i < len; i++) members[i] = NULL;
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        size_t i = find(names, len, sn_json_name(at));
        if (i == len) return refuse_name(trail, at, names, len);
        members[i] = at;
    }
    return true;
}

bool sn_read_array(struct sn_trail *trail, const struct sn_json *value, size_t min, size_t max) {
    if (sn_json_type(value) != SN_JSON_ARRAY) return refuse_type(trail, "an array");
    size_t count = sn_json_count(value);
    if (count >= min && count <= max) return true;
    return refuse_range(trail, "an array", (double)min, (double)max, " elements");
}

bool sn_read_number(struct sn_trail *trail, const struct sn_json *value, double min, double max, double *out) {
    double number = sn_json_number(value);
    bool is_number = sn_json_type(value) == SN_JSON_NUMBER;
    if (is_number && number >= min && number <= max) {
        *out = number + 0.0; /* -0 becomes 0, so that the two are one plan */
        return true;
    }
    refuse_range(trail, "a number", min, max, "");
    if (!is_number) trail->error->code = "plan.type";
    return false;
}

bool sn_read_whole(struct sn_trail *trail, const struct sn_json *value, uint64_t min, uint64_t max, uint64_t *out) {
    double number = sn_json_number(value);
    bool is_number = sn_json_type(value) == SN_JSON_NUMBER;
    if (is_number && number >= (double)min && number <= (double)max && floor(number) == number) {
        *out = (uint64_t)number;
        return true;
    }
    refuse_range(trail, "a whole number", (double)min, (double)max, "");
    if (!is_number) trail->error->code = "plan.type";
    return false;
}

bool sn_read_true(struct sn_trail *trail, const struct sn_json *value) {
    return sn_json_bool(value) || sn_trail_refuse(trail, "plan.value", "true");
}

bool sn_read_text(struct sn_trail *trail, const struct sn_json *value, size_t min, size_t max, const char **out) {
    const char *text = sn_json_string(value);
    if (text == NULL) return refuse_type(trail, "a text");
    size_t len = strlen(text);
    if (len < min || len > max) return refuse_range(trail, "a text", (double)min, (double)max, " bytes long");
    for (size_t i = 0; i < len; i++)
        if (sn_control_len(text + i) > 0)
            return sn_trail_refuse(trail, "plan.value", "a text without control characters");
    *out = text;
    return true;
}

bool sn_read_word(struct sn_trail *trail, const struct sn_json *value, const char *const *words, size_t len,
                  size_t *out) {
    const char *text = sn_json_string(value);
    *out = text != NULL ? find(words, len, text) : len;
    if (*out < len) return true;
    struct sn_writer w = sn_trail_expected(trail, text != NULL ? "plan.value" : "plan.type");
    sn_put_choice(&w, words, len);
    return false;
}

static void *at(void *into, const struct sn_field *field) {
    return (char *)into + field->offset;
}

bool sn_field_number(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    return sn_read_number(trail, value, field->min, field->max, at(into, field));
}

bool sn_field_whole(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    return sn_read_whole(trail, value, (uint64_t)field->min, (uint64_t)field->max, at(into, field));
}

bool sn_field_text(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    return sn_read_text(trail, value, (size_t)field->min, (size_t)field->max, at(into, field));
}

bool sn_field_switch(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    (void)field;
    (void)into;
    return sn_json_type(value) == SN_JSON_BOOL || refuse_type(trail, "true or false");
}

struct sn_field sn_field_within(const struct sn_trail *trail, const struct sn_field *field) {
    struct sn_field bounded = *field;
    bounded.max = sn_bound(trail->bounds, (enum sn_bound)field->max);
    return bounded;
}

bool sn_field_bounded_whole(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                            void *into) {
    struct sn_field bounded = sn_field_within(trail, field);
    return sn_field_whole(trail, value, &bounded, into);
}

bool sn_field_bounded_number(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                             void *into) {
    struct sn_field bounded = sn_field_within(trail, field);
    return sn_field_number(trail, value, &bounded, into);
}
