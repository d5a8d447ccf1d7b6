/* Expressions and moments as texts, for the tests of src/schedule. */
#ifndef CRON_HELP_H
#define CRON_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/limits.h"
#include "sentinel/base/time.h"
#include "sentinel/schedule/cron.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

/* Reads a copy that ends where its memory ends. */
static inline enum sn_status read_cron(struct sn_cron *cron, enum sn_cron_dialect dialect, const char *text,
                                       struct sn_cron_error *error) {
    size_t len = strlen(text);
    char *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, text, len);
    enum sn_status status = sn_cron_read(cron, dialect, copy, len, error);
    free(copy);
    return status;
}

static inline struct sn_cron cron_of(enum sn_cron_dialect dialect, const char *text) {
    struct sn_cron cron;
    struct sn_cron_error error;
    if (read_cron(&cron, dialect, text, &error) != SN_OK)
        fail_msg("\"%s\": %s, character %u: expected %s", text, error.field, (unsigned)error.position, error.expected);
    return cron;
}

/* "2026-03-01 00:07", with seconds where they are not 0, or NULL for never. */
static inline int64_t moment_us(const char *text) {
    char iso[32];
    int64_t at_us = 0;
    snprintf(iso, sizeof iso, "%.10sT%s%sZ", text, text + 11, strlen(text) > 16 ? "" : ":00");
    if (sn_iso_parse(iso, strlen(iso), &at_us) != SN_OK) fail_msg("%s is no moment", text);
    return at_us;
}

static inline const char *moment_text(int64_t at_us) {
    static char texts[4][32];
    static int used;
    char *text = texts[used++ % 4];
    struct sn_writer w = sn_writer(text, 31);
    sn_put_iso(&w, at_us);
    text[w.len] = 0;
    text[10] = ' ';
    return text;
}

/* Whether a run is that one; NULL: there is none. */
static inline void assert_run(const char *what, enum sn_status status, int64_t at_us, const char *expected) {
    if (expected == NULL) {
        if (status != SN_E_MISSING) fail_msg("%s: expected none, got %s (%d)", what, moment_text(at_us), status);
        return;
    }
    if (status != SN_OK || at_us != moment_us(expected))
        fail_msg("%s: expected %s, got %s (%d)", what, expected, moment_text(at_us), status);
}

#endif
