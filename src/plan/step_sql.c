/* Steps at a database. */
#include <string.h>

#include "read.h"
#include "sentinel/plan/statement.h"
#include "steps.h"

static bool bind(struct sn_builder *b, const struct sn_json *values) {
    size_t before = sn_trail_name(b->trail, "bind"), index = 0;
    if (values != NULL && !sn_read_array(b->trail, values, 0, SN_BIND_MAX)) return false;
    for (const struct sn_json *at = sn_json_first(values); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(b->trail, index++);
        if (!sn_put_bound(b, at)) return false;
        sn_trail_back(b->trail, mark);
    }
    sn_trail_back(b->trail, before);
    return true;
}

/* SQL is sent once and known by its number from then on, so nothing of an operation can be in it. */
static bool statement(struct sn_builder *b, const char *field, const struct sn_json *sql, uint32_t *index) {
    char expected[160];
    struct sn_writer w = sn_writer(expected, sizeof expected - 1);
    size_t mark = sn_trail_name(b->trail, field);
    const char *text = sn_json_string(sql);
    if (text == NULL || *text == 0) return sn_trail_refuse(b->trail, "plan.type", "SQL");
    if (strstr(text, "${") != NULL)
        return sn_trail_refuse(b->trail, "plan.template", "SQL with ?1, ?2 …, and the templates in bind");
    if (!sn_statement_check(text, strlen(text), &w)) {
        expected[w.len] = '\0';
        return sn_trail_refuse(b->trail, "plan.sql", expected);
    }
    sn_trail_back(b->trail, mark);
    return sn_build_statement(b, text, index);
}

static bool sql_group(struct sn_builder *b, const char *field, const struct sn_json *sql, const struct sn_json *values,
                      uint64_t times) {
    struct sn_group group = {.times = (uint32_t)times, .arguments = b->view.arguments_len};
    if (!statement(b, field, sql, &group.statement) || !bind(b, values)) return false;
    group.arguments_len = b->view.arguments_len - group.arguments;
    return sn_build_group(b, &group);
}

static bool batch_statement(struct sn_builder *b, const struct sn_json *value, uint64_t *total) {
    static const char *const names[] = {"sql", "bind", "times"};
    const struct sn_json *members[3];
    uint64_t times = 1;
    if (!sn_read_members(b->trail, value, names, 3, members)) return false;
    size_t mark = sn_trail_name(b->trail, "times");
    if (members[2] != NULL && !sn_read_whole(b->trail, members[2], 1, SN_BATCH_MAX, &times)) return false;
    sn_trail_back(b->trail, mark);
    *total += times;
    uint32_t names_before = b->names;
    b->names |= SN_NAMES_REPEATED;
    bool built = sql_group(b, "sql", members[0], members[1], times);
    b->names = names_before;
    return built;
}

bool sn_put_batch(struct sn_builder *b, const struct sn_json *statements) {
    uint64_t total = 0;
    size_t before = sn_trail_name(b->trail, "statements"), index = 0;
    if (!sn_read_array(b->trail, statements, 1, SN_BATCH_MAX)) return false;
    for (const struct sn_json *at = sn_json_first(statements); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(b->trail, index++);
        if (!batch_statement(b, at, &total)) return false;
        sn_trail_back(b->trail, mark);
    }
    if (total > SN_BATCH_MAX)
        return sn_trail_refuse(b->trail, "plan.range", "at most 100 statements, repetitions included");
    sn_trail_back(b->trail, before);
    return true;
}

bool sn_put_statement(struct sn_builder *b, const struct sn_json *sql, const struct sn_json *values) {
    return sql_group(b, "d1", sql, values, 1);
}
