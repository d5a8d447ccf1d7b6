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

/* SQL's words are the same in small letters, and its lines may end anywhere. */
static char plain(char c) {
    if (c >= 'a' && c <= 'z') return (char)(c - 'a' + 'A');
    return c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
}

/* Where such words, in capitals, begin in a statement; NULL where they do not. */
static const char *find_words(const char *sql, const char *words) {
    for (; *sql != '\0'; sql++) {
        size_t i = 0;
        while (words[i] != '\0' && plain(sql[i]) == words[i]) i++;
        if (words[i] == '\0') return sql;
    }
    return NULL;
}

/* What the last LIMIT of a statement says, when that is a number; else 1. */
static uint32_t limit_of(const char *sql) {
    uint64_t limit = 1;
    for (const char *at = sql; (at = find_words(at, "LIMIT ")) != NULL; at++) {
        uint64_t value = 0;
        for (const char *digit = at + 6; *digit >= '0' && *digit <= '9' && value < ROWS_MAX; digit++)
            value = value * 10 + (uint64_t)(*digit - '0');
        if (value > 0) limit = value;
    }
    return limit < ROWS_MAX ? (uint32_t)limit : ROWS_MAX;
}

/* What is taken to be so where a workload does not say.  A row that is written counts, and so do its key and one index; one
 * that is updated is found by its key and read, and no index changes; one that the clean-up deletes is found by an index and
 * read, and then by its key.  So the local runtime counts them (tests/e2e/cost.test.mjs). */
static void assume_rows(const char *sql, struct sn_group *group) {
    if (find_words(sql, "INSERT ") != NULL || find_words(sql, "REPLACE INTO ") != NULL) {
        group->rows_written = 3;
        group->rows_added = 1;
    } else if (find_words(sql, "UPDATE ") != NULL) {
        group->rows_read = 2;
        group->rows_written = 1;
    } else if (find_words(sql, "DELETE ") != NULL) {
        group->rows_read = 4;
        group->rows_written = 1;
    } else {
        group->rows_read = limit_of(sql);
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
