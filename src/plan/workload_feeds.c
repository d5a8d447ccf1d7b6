/* Feeds: "feeds": {"products": {"csv": "name,price\\nspade,12\\n", "pick": "random"}}, or with "rows": [{"name": "spade"}]. */
#include <string.h>

#include "read.h"
#include "workload_read.h"

#define ROWS_MAX 1000

/* --- CSV (RFC 4180) ------------------------------------------------------------------------------------------- */

struct csv {
    const char *at;
    struct sn_writer field; /* the one that was read last, in the builder's scratch */
    bool last;              /* of its line */
};

static bool line_ends(const char *at) {
    return *at == 0 || *at == '\n' || (*at == '\r' && at[1] == '\n');
}

static bool read_quoted(struct csv *csv) {
    for (csv->at++; *csv->at != 0; csv->at++) {
        if (*csv->at == '"' && *++csv->at != '"') return true;
        sn_put_u8(&csv->field, (uint8_t)*csv->at);
    }
    return false;
}

/* False where a quote does not end, or something stands behind it. */
static bool read_field(struct csv *csv) {
    csv->field.len = 0;
    if (*csv->at == '"') {
        if (!read_quoted(csv)) return false;
    } else {
        for (; *csv->at != ',' && !line_ends(csv->at); csv->at++) sn_put_u8(&csv->field, (uint8_t)*csv->at);
    }
    csv->last = line_ends(csv->at);
    if (!csv->last) return *csv->at++ == ',' && !csv->field.full;
    csv->at += (*csv->at == '\r') + (*csv->at != 0);
    return !csv->field.full;
}

static bool put_cell(struct sn_builder *b, const char *text, size_t len, uint32_t upto) {
    struct sn_option option = {.upto = upto};
    return sn_build_text(b, text, len, &option.text) && sn_build_option(b, &option);
}

static bool refuse_csv(struct sn_builder *b, uint32_t line) {
    struct sn_writer w = sn_trail_expected(b->trail, "plan.value");
    sn_put_text(&w, "a line of names and up to 1000 lines of as many values each, of at most 8192 bytes, at line ");
    sn_put_dec(&w, line);
    return false;
}

/* Names lie in the tree as they are, so they have no quotes. */
static bool read_heading(struct csv *csv, struct sn_feed *feed) {
    do {
        const char *name = csv->at;
        if (!read_field(csv) || csv->field.len == 0 || feed->columns == SN_COLUMNS_MAX) return false;
        if (memcmp(name, csv->field.data, csv->field.len) != 0) return false;
        feed->column[feed->columns++] = (struct sn_span){(const uint8_t *)name, csv->field.len};
    } while (!csv->last);
    return true;
}

static bool has_twice(const struct sn_feed *feed) {
    for (uint32_t i = 1; i < feed->columns; i++)
        for (uint32_t k = 0; k < i; k++)
            if (sn_span_equal(feed->column[k], feed->column[i])) return true;
    return false;
}

static bool read_csv(struct sn_builder *b, const char *text, bool weighted, struct sn_feed *feed, uint32_t *rows) {
    struct csv csv = {.at = text, .field = sn_writer(b->scratch, SN_BUILD_SCRATCH_MAX)};
    if (!read_heading(&csv, feed)) return refuse_csv(b, 1);
    if (has_twice(feed)) return sn_trail_refuse(b->trail, "plan.duplicate", "each name once, at line 1");
    for (*rows = 0; *csv.at != 0; *rows += 1) {
        for (uint32_t column = 0; column < feed->columns; column++) {
            bool read = read_field(&csv) && csv.last == (column + 1 == feed->columns) && *rows < ROWS_MAX;
            if (!read) return refuse_csv(b, *rows + 2);
            uint32_t upto = weighted && column == 0 ? *rows + 1 : 0;
            if (!put_cell(b, b->scratch, csv.field.len, upto)) return false;
        }
    }
    return *rows > 0 || refuse_csv(b, 2);
}

/* --- Rows of JSON --------------------------------------------------------------------------------------------- */

static bool put_value(struct sn_builder *b, const struct sn_json *value, uint32_t upto) {
    struct sn_writer w = sn_writer(b->scratch, SN_BUILD_SCRATCH_MAX);
    switch (sn_json_type(value)) {
    case SN_JSON_STRING: return put_cell(b, sn_json_string(value), strlen(sn_json_string(value)), upto);
    case SN_JSON_NUMBER: sn_put_number(&w, sn_json_number(value)); break;
    case SN_JSON_BOOL: sn_put_text(&w, sn_json_bool(value) ? "true" : "false"); break;
    default: return sn_trail_refuse(b->trail, "plan.type", "a text, a number, true or false");
    }
    return put_cell(b, b->scratch, w.len, upto);
}

/* The first row names the columns; the others have the same. */
static bool read_row(struct sn_builder *b, const struct sn_json *row, bool weighted, uint32_t index,
                     struct sn_feed *feed) {
    if (sn_json_type(row) != SN_JSON_OBJECT || sn_json_count(row) < 1 || sn_json_count(row) > SN_COLUMNS_MAX)
        return sn_trail_refuse(b->trail, "plan.type", "an object of 1 to 16 values");
    if (index == 0) {
        for (const struct sn_json *at = sn_json_first(row); at != NULL; at = sn_json_next(at))
            feed->column[feed->columns++] =
                (struct sn_span){(const uint8_t *)sn_json_name(at), strlen(sn_json_name(at))};
    }
    if (sn_json_count(row) != feed->columns)
        return sn_trail_refuse(b->trail, "plan.missing", "the same names as in the first row");
    const struct sn_json *at = sn_json_first(row);
    for (uint32_t column = 0; column < feed->columns; column++, at = sn_json_next(at)) {
        size_t mark = sn_trail_name(b->trail, sn_json_name(at));
        if (!sn_span_is(feed->column[column], sn_json_name(at)))
            return sn_trail_refuse(b->trail, "plan.unknown-field",
                                   "the same names as in the first row, in their order");
        if (!put_value(b, at, weighted && column == 0 ? index + 1 : 0)) return false;
        sn_trail_back(b->trail, mark);
    }
    return true;
}

static bool read_rows(struct sn_builder *b, const struct sn_json *json, bool weighted, struct sn_feed *feed,
                      uint32_t *rows) {
    if (!sn_read_array(b->trail, json, 1, ROWS_MAX)) return false;
    *rows = 0;
    for (const struct sn_json *at = sn_json_first(json); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(b->trail, *rows);
        if (!read_row(b, at, weighted, (*rows)++, feed)) return false;
        sn_trail_back(b->trail, mark);
    }
    return true;
}

/* --- The whole -------------------------------------------------------------------------------------------------- */

static bool read_feed(struct sn_builder *b, const struct sn_json *value, struct sn_feed *feed) {
    static const char *const names[] = {"csv", "rows", "pick", "description"};
    static const char *const picks[] = {"random", "sequence"};
    const struct sn_json *members[4];
    size_t pick = 0;
    if (!sn_read_members(b->trail, value, names, 4, members)) return false;
    if ((members[0] != NULL) == (members[1] != NULL))
        return sn_trail_refuse(b->trail, "plan.missing", "a feed with either \"csv\" or \"rows\"");
    size_t mark = sn_trail_name(b->trail, names[2]);
    if (members[2] != NULL && !sn_read_word(b->trail, members[2], picks, 2, &pick)) return false;
    sn_trail_back(b->trail, mark);
    struct sn_list list = {.options = b->view.options_len};
    list.salt = (uint32_t)sn_hash64(feed->name, strlen(feed->name));
    mark = sn_trail_name(b->trail, names[members[0] == NULL]);
    if (members[0] != NULL && sn_json_string(members[0]) == NULL)
        return sn_trail_refuse(b->trail, "plan.type", "a text");
    bool read = members[0] != NULL ? read_csv(b, sn_json_string(members[0]), pick == 0, feed, &list.rows)
                                   : read_rows(b, members[1], pick == 0, feed, &list.rows);
    if (!read) return false;
    sn_trail_back(b->trail, mark);
    list.columns = feed->columns;
    list.total = pick == 0 ? list.rows : 0;
    feed->list = b->view.lists_len;
    return sn_build_list(b, &list);
}

bool sn_workload_feeds(struct sn_workload_read *read, const struct sn_json *feeds) {
    struct sn_builder *b = &read->builder;
    if (feeds == NULL) return true;
    size_t before = sn_trail_name(b->trail, "feeds");
    if (sn_json_type(feeds) != SN_JSON_OBJECT || sn_json_count(feeds) > SN_FEEDS_MAX)
        return sn_trail_refuse(b->trail, "plan.type", "an object of at most 8 feeds");
    for (const struct sn_json *at = sn_json_first(feeds); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_name(b->trail, sn_json_name(at));
        struct sn_feed *feed = &b->feeds[b->feeds_len];
        feed->name = sn_json_name(at);
        if (!sn_workload_name(b->trail, feed->name) || !read_feed(b, at, feed)) return false;
        b->feeds_len += 1;
        sn_trail_back(b->trail, mark);
    }
    sn_trail_back(b->trail, before);
    return true;
}
