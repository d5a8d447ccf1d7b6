/* Reading what the report wrote: strictly parsed, followed by path, compared with golden files. */
#ifndef TESTS_REPORT_READ_H
#define TESTS_REPORT_READ_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "report_view.h"
#include "sentinel/json/json.h"

#define OUT_BYTES (2u * 1024 * 1024)
#define ARENA_BYTES (16u * 1024 * 1024)

typedef void put_fn(struct sn_writer *w, const struct sn_report *report);

/* What was written, with all of the history where it has one, zero-terminated; to be freed. */
static inline char *written(put_fn *put, const struct sn_report *report) {
    char *data = malloc(OUT_BYTES);
    assert_non_null(data);
    struct sn_writer w = sn_writer(data, OUT_BYTES - 1);
    struct sn_report whole = *report;
    whole.history = (struct sn_report_seconds){0, sn_report_history_end(report)};
    put(&w, &whole);
    assert_false(w.full);
    data[w.len] = 0;
    return data;
}

/* Parsed strictly; the tree lives in *memory, which is to be freed. */
static inline const struct sn_json *parsed(const char *text, void **memory) {
    struct sn_arena arena;
    struct sn_json_error error = {0};
    *memory = malloc(ARENA_BYTES);
    assert_non_null(*memory);
    sn_arena_init(&arena, *memory, ARENA_BYTES);
    const struct sn_json *root = sn_json_parse(&arena, text, strlen(text), &error);
    if (root == NULL) fail_msg("not JSON at %zu: %s", error.offset, error.reason);
    return root;
}

/* "a.b.2": members by name, elements by position.  A name that has a dot in it cannot be reached. */
static inline const struct sn_json *at(const struct sn_json *value, const char *path) {
    char step[40];
    while (*path != 0 && value != NULL) {
        size_t len = strcspn(path, ".");
        assert_true(len < sizeof step);
        memcpy(step, path, len);
        step[len] = 0;
        path += len + (path[len] == '.');
        if (sn_json_type(value) == SN_JSON_OBJECT) {
            value = sn_json_get(value, step);
            continue;
        }
        value = sn_json_first(value);
        for (long skip = strtol(step, NULL, 10); skip > 0 && value != NULL; skip--) value = sn_json_next(value);
    }
    return value;
}

static inline void expect_number(const struct sn_json *root, const char *path, double number) {
    const struct sn_json *value = at(root, path);
    if (sn_json_type(value) != SN_JSON_NUMBER) fail_msg("%s is no number", path);
    if (sn_json_number(value) != number) fail_msg("%s is %.17g, not %.17g", path, sn_json_number(value), number);
}

static inline void expect_text(const struct sn_json *root, const char *path, const char *text) {
    const char *value = sn_json_string(at(root, path));
    if (value == NULL || strcmp(value, text) != 0) fail_msg("%s is %s, not %s", path, value ? value : "no text", text);
}

static inline void expect_null(const struct sn_json *root, const char *path) {
    if (sn_json_type(at(root, path)) != SN_JSON_NULL) fail_msg("%s is not null", path);
}

/* Columns are counted in characters. */
static inline void expect_narrow(const char *text) {
    for (size_t column = 0; *text != 0; text++) {
        if (*text == '\n') {
            column = 0;
        } else if (((unsigned char)*text & 0xc0) != 0x80) {
            assert_true(++column <= 100);
        }
        assert_true(*text == '\n' || (unsigned char)*text >= 0x20);
    }
}

/* Compares with tests/golden/report/NAME; with GOLDEN=write in the environment the file is made anew. */
static inline void expect_golden(const char *name, char *text) {
    char path[128];
    const char *mode = getenv("GOLDEN");
    snprintf(path, sizeof path, "tests/golden/report/%s", name);
    if (mode != NULL && strcmp(mode, "write") == 0) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail_msg("%s is not there", path);
    char *golden = calloc(1, OUT_BYTES);
    assert_non_null(golden);
    size_t len = fread(golden, 1, OUT_BYTES - 1, file);
    golden[len] = 0;
    fclose(file);
    for (size_t i = 0, line = 1; golden[i] != 0 || text[i] != 0; i++) {
        if (golden[i] != text[i])
            fail_msg("%s, line %zu: not \"%.90s\" but \"%.90s\"", path, line, golden + i, text + i);
        line += golden[i] == '\n';
    }
    free(golden);
    free(text);
}

/* JSON is kept a member a line, so that a difference can be read.  Commas inside texts break lines too: no harm. */
static inline char *in_lines(char *json) {
    char *out = malloc(strlen(json) * 2 + 2), *to = out;
    assert_non_null(out);
    for (const char *from = json; *from != 0; from++) {
        *to++ = *from;
        if (*from == ',') *to++ = '\n';
    }
    memcpy(to, "\n", 2);
    free(json);
    return out;
}

/* 1,200 operations in 12 s, two kinds, two phases, nothing wrong. */
static inline struct view *good_run(void) {
    struct view *v = view_new(3, 2, 12, 100, 2);
    v->kinds[2].weight = 0; /* never picked, so never shown */
    view_start(v);
    for (uint64_t k = 1; k <= 1200; k++) view_ended(v, k, (uint32_t)(k % 2), k > 600, (uint32_t)(2 + k % 40), 0);
    view_exemplar(v, 39, 1, 41, 0, "");
    view_exemplar(v, 38, 0, 40, 0, "");
    view_end(v, SN_RUN_COMPLETED);
    v->report.sweep_finished = true;
    return v;
}

/* Failures, drops of every cause, a lost shard, a restart, names and texts that mean harm. */
static inline struct view *troubled_run(void) {
    struct view *v = view_new(2, 1, 10, 20, 2);
    v->report.name = "\x1b[31mgäste, "
                     "a_word_that_is_longer_than_a_line_of_the_report_and_so_has_to_be_broken_somewhere_as_it_has_no_"
                     "blank_\xc2\x9b at all";
    v->report.preset = "";
    v->report.limited_by = "target";
    v->report.prepare_failed = 2;
    v->report.clean_failed = 1;
    view_start(v);
    for (uint64_t k = 1; k <= 200; k++) {
        if (k > 190) {
            view_dropped(v, k, (enum sn_drop)(k % SN_DROPS_LEN));
        } else {
            view_ended(v, k, (uint32_t)(k % 2), 0, (uint32_t)(k * 3),
                       k > 100 && k % 10 == 0 ? 1 + SN_ERROR_THROTTLED : 0);
        }
    }
    /* Cut in the middle of a two-byte character, as a text of 96 bytes may be. */
    view_exemplar(v, 110, 0, 330, 1 + SN_ERROR_THROTTLED, "D1 DB is overloaded \"now\"\n\x1b[2J \xc3");
    view_exemplar(v, 120, 0, 360, 1 + SN_ERROR_THROTTLED, "later");
    view_exemplar(v, 130, 0, 390, 1 + SN_ERROR_THROTTLED, "\xff\xfe no UTF-8");
    sn_hist_record(&v->report.tally->lag_slots, &v->report.scratch, 0, 0);
    v->shards[1].lost = true;
    v->shards[0].incarnation = 3;
    view_end(v, SN_RUN_COMPLETED);
    v->report.cleanup_finished = false;
    struct sn_validity_input input = {
        .counts = v->report.counts, .shards_lost = 1, .restarts = 2, .prepare_failed = true, .ended = true};
    sn_validity_judge(&input, &v->report.validity);
    return v;
}

#endif
