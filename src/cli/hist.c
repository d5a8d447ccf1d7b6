/* `sentinel hist`: values in, a histogram's figures out. */
#include "part.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/decimal.h"
#include "sentinel/measure/hist.h"

#define PERCENTILES_MAX 32
#define LINE_BYTES 128 /* bytes that are kept of a line, and a zero */
#define BLANKS " \t\r\n"

/* A histogram with a page for every octave, so that nothing is ever lost. */
struct full_hist {
    struct sn_hist hist;
    struct sn_pages pages;
    uint32_t memory[SN_HIST_PAGES + 1][SN_HIST_PAGE];
};

struct hist_job {
    struct full_hist all;
    char names[256]; /* of the percentiles, as typed, each ended with zero */
    struct {
        const char *name;
        double p;
    } percentiles[PERCENTILES_MAX];
    size_t percentiles_len;
};

static void begin(struct full_hist *full) {
    sn_pages_init(&full->pages, full->memory, sizeof full->memory);
    sn_hist_init(&full->hist);
}

/* --- Percentiles -------------------------------------------------------------------------------------------- */

/* Digits and a point: what goes into JSON as a name needs no escapes. */
static bool read_percentile(const char *text, double *p) {
    size_t used, len = strlen(text);
    *p = sn_decimal_read(text, len, &used);
    return len > 0 && used == len && strspn(text, "0123456789.") == len && *p <= 100;
}

static bool add_percentile(struct hist_job *job, const char *name) {
    double p;
    if (job->percentiles_len == PERCENTILES_MAX || !read_percentile(name, &p)) return false;
    for (size_t i = 0; i < job->percentiles_len; i++)
        if (strcmp(job->percentiles[i].name, name) == 0) return false;
    job->percentiles[job->percentiles_len].name = name;
    job->percentiles[job->percentiles_len++].p = p;
    return true;
}

static bool read_percentiles(struct hist_job *job, const char *list) {
    bool good = strlen(list) < sizeof job->names;
    if (good) memcpy(job->names, list, strlen(list) + 1);
    for (char *at = job->names; good && at != NULL;) {
        char *comma = strchr(at, ',');
        if (comma != NULL) *comma++ = 0;
        good = add_percentile(job, at);
        at = comma;
    }
    if (!good)
        sn_cli_say("--percentiles: expected at most %d different numbers from 0 to 100, such as 50,99.9, got \"%s\".",
                   PERCENTILES_MAX, list);
    return good;
}

/* --- Values --------------------------------------------------------------------------------------------------- */

/* Records what a line says; an empty one says nothing. */
static bool read_line(struct full_hist *full, const char *line) {
    char text[LINE_BYTES], *rest;
    uint64_t value_us, count = 1;
    strcpy(text, line);
    const char *value = strtok_r(text, BLANKS, &rest);
    const char *times = value != NULL ? strtok_r(NULL, BLANKS, &rest) : NULL;
    if (value == NULL) return true;
    if (times != NULL && strtok_r(NULL, BLANKS, &rest) != NULL) return false;
    if (!sn_cli_whole_number(value, UINT64_MAX, &value_us)) return false;
    if (times != NULL && !sn_cli_whole_number(times, UINT32_MAX, &count)) return false;
    enum sn_status status = sn_hist_record(&full->hist, &full->pages, value_us, (uint32_t)count);
    SN_ASSERT(status == SN_OK); /* there is a page for every value */
    return true;
}

static bool read_lines(struct full_hist *full, FILE *file, const char *name) {
    char line[LINE_BYTES];
    for (unsigned long long number = 1; sn_cli_next_line(file, line, sizeof line); number++) {
        if (read_line(full, line)) continue;
        sn_cli_say("%s, line %llu: expected a value in microseconds and, after a blank, how often it came, at most %u; "
                   "got \"%s\".",
                   name, number, UINT32_MAX, line);
        return false;
    }
    if (ferror(file)) sn_cli_say("%s could not be read: %s.", name, strerror(errno));
    return !ferror(file);
}

/* Each file is a histogram of its own first: what is added up are histograms, as a run adds up those of its shards. */
static bool merge_file(struct full_hist *all, const char *path) {
    static struct full_hist one;
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "rb");
    if (file == NULL) {
        sn_cli_say("%s could not be opened: %s.", path, strerror(errno));
        return false;
    }
    begin(&one);
    bool read = read_lines(&one, file, is_stdin ? "stdin" : path);
    if (!is_stdin) fclose(file);
    if (!read) return false;
    enum sn_status status = sn_hist_merge(&all->hist, &all->pages, &one.hist, &one.pages);
    SN_ASSERT(status == SN_OK);
    return true;
}

/* --- The answer ------------------------------------------------------------------------------------------------ */

static void put_value(struct sn_json_writer *j, const struct sn_hist *hist, const char *name, double value) {
    if (hist->count > 0) {
        sn_json_put_number(j, name, value);
    } else {
        sn_json_put_null(j, name);
    }
}

static void put_hist(struct sn_json_writer *j, void *user) {
    const struct hist_job *job = user;
    const struct sn_hist *hist = &job->all.hist;
    sn_json_open(j, NULL, '{');
    sn_json_put_uint(j, "count", hist->count);
    put_value(j, hist, "min", hist->min_us);
    put_value(j, hist, "max", hist->max_us);
    put_value(j, hist, "mean", sn_hist_mean_us(hist));
    sn_json_open(j, "percentiles", '{');
    for (size_t i = 0; i < job->percentiles_len; i++)
        put_value(j, hist, job->percentiles[i].name,
                  sn_hist_percentile_us(hist, &job->all.pages, job->percentiles[i].p));
    sn_json_close(j, '}');
    sn_json_close(j, '}');
}

static bool check_files(const struct sn_cli_options *options) {
    if (options->merge && options->arguments_len == 0) {
        sn_cli_say("--merge needs the files that are to be merged.");
        return false;
    }
    if (!options->merge && options->arguments_len > 1) {
        sn_cli_say("\"%s\" is one file too many; --merge takes several.", options->arguments[1]);
        return false;
    }
    return true;
}

enum sn_exit sn_cli_hist(const struct sn_cli_options *options) {
    static struct hist_job job;
    const char *list = options->percentiles != NULL ? options->percentiles : "50,90,95,99,99.9";
    if (!check_files(options) || !read_percentiles(&job, list)) return SN_EXIT_CONFIGURATION;
    begin(&job.all);
    if (options->arguments_len == 0 && !merge_file(&job.all, "-")) return SN_EXIT_CONFIGURATION;
    for (int i = 0; i < options->arguments_len; i++)
        if (!merge_file(&job.all, options->arguments[i])) return SN_EXIT_CONFIGURATION;
    if (job.all.hist.clamped > 0)
        sn_cli_say(job.all.hist.clamped == 1 ? "%u value above %u µs was counted as that."
                                             : "%u values above %u µs were counted as that.",
                   job.all.hist.clamped, UINT32_MAX);
    return sn_cli_print_json(put_hist, &job);
}
