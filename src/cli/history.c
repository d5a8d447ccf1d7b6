/* `sentinel history`: when did it change? */
#include "history.h"

#include "part.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentinel/base/decimal.h"

#define LINE_BYTES 160
#define BLANKS " \t\r\n"

/* --- The file -------------------------------------------------------------------------------------------------- */

/* NULL, or what was expected. */
static const char *read_value(struct sn_cli_series *series, char *text) {
    char *rest;
    const char *index = strtok_r(text, BLANKS, &rest), *value = strtok_r(NULL, BLANKS, &rest);
    if (index == NULL || index[0] == '#') return NULL;
    size_t used = 0, len = value != NULL ? strlen(value) : 0;
    uint64_t number;
    double read = len > 0 ? sn_decimal_read(value, len, &used) : 0;
    if (!sn_cli_whole_number(index, UINT64_C(1) << 53, &number) || used == 0 || used != len ||
        strtok_r(NULL, BLANKS, &rest) != NULL)
        return "a whole number that says which run, a blank, and a number";
    if (!(fabs(read) <= SN_HISTORY_VALUE_MAX)) return "a value from -1e100 to 1e100";
    if (series->len > 0 && number <= series->indices[series->len - 1]) return "runs in order, each once";
    if (series->len == SN_HISTORY_MAX) return "at most 10000 values";
    series->indices[series->len] = number;
    series->values[series->len++] = read;
    return NULL;
}

static bool read_file(struct sn_cli_series *series, FILE *file, const char *name) {
    char line[LINE_BYTES], text[LINE_BYTES];
    for (unsigned long long number = 1; sn_cli_next_line(file, line, sizeof line); number++) {
        strcpy(text, line);
        const char *expected = read_value(series, text);
        if (expected == NULL) continue;
        sn_cli_say("%s, line %llu: expected %s; got \"%s\".", name, number, expected, line);
        return false;
    }
    if (ferror(file)) sn_cli_say("%s could not be read: %s.", name, strerror(errno));
    return !ferror(file);
}

static bool read_series(struct sn_cli_series *series, const char *path) {
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "rb");
    if (file == NULL) {
        sn_cli_say("%s could not be opened: %s.", path, strerror(errno));
        return false;
    }
    bool read = read_file(series, file, is_stdin ? "stdin" : path);
    if (!is_stdin) fclose(file);
    return read;
}

/* --- The answer ------------------------------------------------------------------------------------------------ */

static double relative(const struct sn_history_change *change) {
    return (change->after - change->before) / fabs(change->before);
}

void sn_cli_series_put(struct sn_json_writer *j, const char *name, const struct sn_cli_series *series) {
    sn_json_open(j, name, '[');
    for (uint32_t i = 0; i < series->found; i++) {
        const struct sn_history_change *change = &series->changes[i];
        sn_json_open(j, NULL, '{');
        sn_json_put_uint(j, "index", series->indices[change->index]);
        sn_json_put_number(j, "before", change->before);
        sn_json_put_number(j, "after", change->after);
        sn_json_put_number(j, "p", change->p);
        sn_json_put_number(j, "change", relative(change)); /* null where the level before is 0 */
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

static void put_changes(struct sn_json_writer *j, void *user) {
    sn_cli_series_put(j, NULL, user);
}

#define COLUMNS 60u
#define ROWS 8u

/* The mean of each column's values, between the least and the most of all; a bar stands where a new level begins. */
static void draw(const struct sn_cli_series *series) {
    uint32_t columns = series->len < COLUMNS ? series->len : COLUMNS, next = 0;
    double means[COLUMNS], least = (double)INFINITY, most = -(double)INFINITY;
    bool begins[COLUMNS];
    for (uint32_t i = 0; i < columns; i++) {
        uint32_t from = i * series->len / columns, to = (i + 1) * series->len / columns;
        means[i] = 0;
        begins[i] = next < series->found && series->changes[next].index < to;
        while (next < series->found && series->changes[next].index < to) next++;
        for (uint32_t at = from; at < to; at++) means[i] += series->values[at] / (to - from);
        least = fmin(least, means[i]);
        most = fmax(most, means[i]);
    }
    for (uint32_t row = ROWS; row-- > 0;) {
        char line[COLUMNS + 1] = {0};
        for (uint32_t i = 0; i < columns; i++) {
            double height = most > least ? (means[i] - least) / (most - least) * (ROWS - 1) : 0;
            line[i] = (uint32_t)(height + 0.5) == row ? '*' : begins[i] ? '|' : ' ';
        }
        int len = (int)columns;
        while (len > 0 && line[len - 1] == ' ') len--;
        if (row == 0 || row == ROWS - 1) {
            printf("  %12.6g |%.*s\n", row == 0 ? least : most, len, line);
        } else {
            printf("  %12s |%.*s\n", "", len, line);
        }
    }
    printf("\n");
}

void sn_cli_series_print(const struct sn_cli_series *series) {
    if (series->len > 0) draw(series);
    if (series->found == 0) printf("  No change in %u values.\n", series->len);
    for (uint32_t i = 0; i < series->found; i++) {
        const struct sn_history_change *change = &series->changes[i];
        printf("  from %llu on: %.6g, before that %.6g", (unsigned long long)series->indices[change->index],
               change->after, change->before);
        if (isfinite(relative(change))) printf(" (%+.1f %%)", 100 * relative(change));
        printf(", p %.2g\n", change->p);
    }
}

enum sn_exit sn_cli_history(const struct sn_cli_options *options) {
    static struct sn_cli_series series;
    if (options->plan_hash != NULL || options->baseline != NULL) return sn_cli_trend(options);
    if (options->argument == NULL) {
        sn_cli_say("`sentinel history` needs a file, or --plan-hash or --baseline for the runs of a plan.");
        return SN_EXIT_CONFIGURATION;
    }
    if (!read_series(&series, options->argument)) return SN_EXIT_CONFIGURATION;
    series.found = sn_history(series.values, series.len, series.changes);
    if (options->json) return sn_cli_print_json(put_changes, &series);
    sn_cli_series_print(&series);
    return SN_EXIT_OK;
}
