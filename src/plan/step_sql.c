/* Steps at a database. */
#include <string.h>

#include "read.h"
#include "sentinel/plan/statement.h"
#include "steps.h"

#define ROWS_MAX 1000000000u /* of one statement: what fits a database of 10 GB */

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

/* --- Rows that are read and written ------------------------------------------------------------------------- */

/* What is taken to be so where a workload does not say.  A row that is written counts, and so do its key and one index; one
 * that is updated is found by its key and read, and no index changes; one that the clean-up deletes is found by an index and
 * read, and then by its key.  So the local runtime counts them (tests/e2e/cost.test.mjs). */
static void assume_rows(const char *sql, struct sn_group *group) {
    struct sn_statement statement = sn_statement_read(sql, strlen(sql));
    uint64_t rows = statement.limit > 0 ? statement.limit : 1;
    switch (statement.verb) {
    case SN_VERB_INSERT:
    case SN_VERB_REPLACE:
        group->rows_written = 3;
        group->rows_added = 1;
        break;
    case SN_VERB_UPDATE:
        group->rows_read = 2;
        group->rows_written = 1;
        break;
    case SN_VERB_DELETE:
        group->rows_read = 4;
        group->rows_written = 1;
        break;
    case SN_VERB_SELECT: group->rows_read = rows < ROWS_MAX ? (uint32_t)rows : ROWS_MAX; break;
    }
}

static bool read_rows(struct sn_builder *b, const struct sn_json *value, const char *sql, struct sn_group *group) {
    static const char *const names[] = {"read", "written", "added"};
    uint32_t *const into[] = {&group->rows_read, &group->rows_written, &group->rows_added};
    const struct sn_json *members[3];
    assume_rows(sql, group);
    if (value == NULL) return true;
    size_t before = sn_trail_name(b->trail, "rows");
    if (!sn_read_members(b->trail, value, names, 3, members)) return false;
    group->rows_read = group->rows_written = 0;
    for (size_t i = 0; i < 3; i++) {
        uint64_t rows;
        if (members[i] == NULL) continue;
        size_t mark = sn_trail_name(b->trail, names[i]);
        if (!sn_read_whole(b->trail, members[i], 0, ROWS_MAX, &rows)) return false;
        sn_trail_back(b->trail, mark);
        *into[i] = (uint32_t)rows;
    }
    sn_trail_back(b->trail, before);
    return true;
}

/* --- Statements ----------------------------------------------------------------------------------------------- */

static bool sql_group(struct sn_builder *b, const char *field, const struct sn_json *sql, const struct sn_json *values,
                      const struct sn_json *rows, uint64_t times) {
    struct sn_group group = {.times = (uint32_t)times, .arguments = b->view.arguments_len};
    if (!statement(b, field, sql, &group.statement) || !bind(b, values)) return false;
    if (!read_rows(b, rows, sn_json_string(sql), &group)) return false;
    group.arguments_len = b->view.arguments_len - group.arguments;
    return sn_build_group(b, &group);
}

static bool batch_statement(struct sn_builder *b, const struct sn_json *value, uint64_t *total) {
    static const char *const names[] = {"sql", "bind", "times", "rows"};
    const struct sn_json *members[4];
    uint64_t times = 1;
    if (!sn_read_members(b->trail, value, names, 4, members)) return false;
    size_t mark = sn_trail_name(b->trail, "times");
    if (members[2] != NULL && !sn_read_whole(b->trail, members[2], 1, SN_BATCH_MAX, &times)) return false;
    sn_trail_back(b->trail, mark);
    *total += times;
    uint32_t names_before = b->names;
    b->names |= SN_NAMES_REPEATED;
    bool built = sql_group(b, "sql", members[0], members[1], members[3], times);
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

bool sn_put_statement(struct sn_builder *b, const struct sn_json *sql, const struct sn_json *values,
                      const struct sn_json *rows) {
    return sql_group(b, "d1", sql, values, rows, 1);
}
