/* `sentinel cron`: when an expression runs, what it says, and when a zone's clocks are changed. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sentinel/base/limits.h"
#include "sentinel/base/time.h"
#include "sentinel/schedule/cron.h"

#define RUNS_DEFAULT 5
#define YEAR_S INT64_C(31556952)
#define ISO_MAX 32

/* What is asked for, and the stretch of the zone that is at hand. */
struct search {
    const char *zone_name;
    struct sn_cli_text data;
    struct sn_zone zone;
    bool backwards;
    int64_t at_us;
    uint64_t count;
    enum sn_cron_dialect dialect;
};

/* --- Moments ----------------------------------------------------------------------------------------------------- */

static bool read_moment(const char *option, const char *text, int64_t *at_us) {
    if (sn_iso_parse(text, strlen(text), at_us) == SN_OK) return true;
    sn_cli_say("%s: expected a time with its zone such as 2026-11-23T09:00:00Z, got \"%s\".", option, text);
    return false;
}

static bool read_moments(const struct sn_cli_options *options, struct search *search) {
    search->at_us = (int64_t)time(NULL) * SN_SECOND_US;
    search->backwards = options->before != NULL;
    if (options->before != NULL && options->after != NULL) {
        sn_cli_say("--after and --before exclude each other.");
        return false;
    }
    if (options->before != NULL) return read_moment("--before", options->before, &search->at_us);
    return options->after == NULL || read_moment("--after", options->after, &search->at_us);
}

/* "2026-11-23T09:00:00Z": runs have whole seconds. */
static const char *iso(char out[ISO_MAX], int64_t at_us) {
    struct sn_writer w = sn_writer(out, ISO_MAX - 1);
    sn_put_iso(&w, at_us);
    memcpy(out + w.len - 5, "Z", 2);
    return out;
}

/* --- The zone ---------------------------------------------------------------------------------------------------- */

static bool read_zone(struct search *search, int64_t from_s) {
    int64_t begin_s = SN_ZONE_BEGIN_S - SN_ZONE_MARGIN_S;
    if (from_s < begin_s) from_s = begin_s;
    return sn_cli_zone_read(search->zone_name, &search->data, from_s, &search->zone);
}

/* A table that begins before the moment, by so much that what comes before it can be found too, and reaches it. */
static bool read_zone_around(struct search *search) {
    int64_t at_s = search->at_us / SN_SECOND_US;
    int64_t before_s = search->backwards ? 16 * YEAR_S : SN_ZONE_MARGIN_S + 1;
    do {
        if (!read_zone(search, at_s - before_s)) return false;
        before_s = before_s / 2;
    } while (search->zone.to_s <= at_s && before_s > SN_ZONE_MARGIN_S);
    return true;
}

/* The next run, or the one before, from where the search stands: SN_OK, or SN_E_MISSING when there is none. */
static enum sn_status step(struct search *search, const struct sn_cron *cron) {
    for (;;) {
        enum sn_status status = search->backwards ? sn_cron_previous(cron, &search->zone, search->at_us, &search->at_us)
                                                  : sn_cron_next(cron, &search->zone, search->at_us, &search->at_us);
        if (status != SN_E_GAP && status != SN_E_RANGE) return status;
        if (!read_zone_around(search)) return SN_E_FORMAT;
    }
}

/* --- Commands ---------------------------------------------------------------------------------------------------- */

static bool read_expression(const struct search *search, const char *text, size_t len, struct sn_cron *cron) {
    struct sn_cron_error error;
    enum sn_status status = sn_cron_read(cron, search->dialect, text, len, &error);
    if (status == SN_OK) return true;
    sn_cli_say("\"%.*s\" %s: %s, character %u: expected %s.", (int)len, text,
               status == SN_E_RANGE ? "would never run" : "cannot be used", error.field, (unsigned)error.position,
               error.expected);
    return false;
}

static enum sn_exit print_runs(struct search *search, const struct sn_cron *cron) {
    char text[ISO_MAX];
    enum sn_status status = SN_OK;
    printf("[");
    for (uint64_t i = 0; i < search->count && (status = step(search, cron)) == SN_OK; i++)
        printf("%s\"%s\"", i > 0 ? ", " : "", iso(text, search->at_us));
    printf("]\n");
    return status == SN_OK || status == SN_E_MISSING ? SN_EXIT_OK : SN_EXIT_CONFIGURATION;
}

/* One expression a line from stdin, one answer a line; null for one that cannot be used.  What is kept of a longer line is
 * more than an expression may have. */
static enum sn_exit next_of_lines(const struct search *search) {
    char line[SN_CRON_TEXT_MAX + 3];
    enum sn_exit code = SN_EXIT_OK;
    while (sn_cli_next_line(stdin, line, sizeof line)) {
        struct search one = *search;
        struct sn_cron cron;
        size_t len = strlen(line);
        if (len > 0 && line[len - 1] == '\r') len--;
        if (read_expression(search, line, len, &cron)) {
            if (print_runs(&one, &cron) != SN_EXIT_OK) return SN_EXIT_CONFIGURATION;
        } else {
            printf("null\n");
            code = SN_EXIT_CONFIGURATION;
        }
    }
    return code;
}

static enum sn_exit next(struct search *search, const char *text) {
    struct sn_cron cron;
    if (strcmp(text, "-") == 0) return next_of_lines(search);
    if (!read_expression(search, text, strlen(text), &cron)) return SN_EXIT_CONFIGURATION;
    return print_runs(search, &cron);
}

/* A moment as the zone's clocks show it. */
static void print_local(const struct search *search) {
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    int32_t offset_s = sn_zone_offset_s(&search->zone, search->at_us / SN_SECOND_US);
    struct sn_civil civil = sn_civil_from_us(search->at_us + offset_s * SN_SECOND_US);
    char text[ISO_MAX];
    printf("  %s  %s %04d-%02d-%02d %02d:%02d %s\n", iso(text, search->at_us), days[civil.weekday], civil.year,
           civil.month, civil.day, civil.hour, civil.minute, search->zone_name);
}

static enum sn_exit explain(struct search *search, const char *text) {
    struct sn_cron cron;
    enum sn_status status = SN_OK;
    char words[SN_CRON_WORDS_MAX];
    if (!read_expression(search, text, strlen(text), &cron)) return SN_EXIT_CONFIGURATION;
    struct sn_writer w = sn_writer(words, sizeof words);
    sn_cron_put_words(&w, &cron);
    printf("%.*s.\n\n", (int)w.len, words);
    for (uint64_t i = 0; i < search->count && (status = step(search, &cron)) == SN_OK; i++) print_local(search);
    return status == SN_OK || status == SN_E_MISSING ? SN_EXIT_OK : SN_EXIT_CONFIGURATION;
}

/* The next changes of a zone's clocks, each with local time minus UTC from then on. */
static enum sn_exit zone(struct search *search) {
    char text[ISO_MAX];
    int64_t after_s = search->at_us / SN_SECOND_US;
    uint64_t printed = 0;
    printf("[");
    do {
        if (!read_zone(search, after_s)) return SN_EXIT_CONFIGURATION;
        for (uint32_t i = 0; i < search->zone.count && printed < search->count; i++) {
            const struct sn_zone_change *change = &search->zone.changes[i];
            printf("%s{\"at\": \"%s\", \"offsetSeconds\": %d}", printed++ > 0 ? ", " : "",
                   iso(text, change->at_s * SN_SECOND_US), (int)change->offset_s);
        }
        after_s = search->zone.to_s - 1;
    } while (search->zone.to_s < SN_ZONE_END_S && printed < search->count);
    printf("]\n");
    return SN_EXIT_OK;
}

static enum sn_exit run(const char *verb, struct search *search, const char *text) {
    if (strcmp(verb, "next") == 0) return next(search, text);
    if (strcmp(verb, "explain") == 0) return explain(search, text);
    return zone(search);
}

enum sn_exit sn_cli_cron(const struct sn_cli_options *options) {
    const char *verb = options->argument, *text = options->arguments[1];
    bool known = strcmp(verb, "next") == 0 || strcmp(verb, "explain") == 0 || strcmp(verb, "zone") == 0;
    if (!known || options->arguments_len < 2) {
        sn_cli_say("`sentinel cron` needs next or explain and an expression, or zone and a time zone.");
        return SN_EXIT_CONFIGURATION;
    }
    struct search search = {.count = options->count != UINT64_MAX ? options->count : RUNS_DEFAULT};
    const char *dialect = options->dialect != NULL ? options->dialect : "standard";
    search.zone_name = strcmp(verb, "zone") == 0 ? text : options->timezone != NULL ? options->timezone : "UTC";
    if (!sn_cron_dialect_named(dialect, strlen(dialect), &search.dialect)) {
        sn_cli_say("--dialect: expected standard or cloudflare, got \"%s\".", dialect);
        return SN_EXIT_CONFIGURATION;
    }
    if (search.dialect == SN_CRON_CLOUDFLARE && strcmp(search.zone_name, "UTC") != 0) {
        sn_cli_say("--timezone: cron triggers of Cloudflare run in UTC only.");
        return SN_EXIT_CONFIGURATION;
    }
    if (!read_moments(options, &search) || !sn_cli_zone_open(search.zone_name, &search.data))
        return SN_EXIT_CONFIGURATION;
    enum sn_exit code = read_zone_around(&search) ? run(verb, &search, text) : SN_EXIT_CONFIGURATION;
    free(search.data.data);
    return code;
}
