/* Cron expressions: when a schedule runs, and how to say so.  docs/cron.md has the two dialects.
 *
 * A parsed expression is sets of bits.  Nothing here allocates or reads a clock, and a search ends after forty years. */
#ifndef SENTINEL_SCHEDULE_CRON_H
#define SENTINEL_SCHEDULE_CRON_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/status.h"
#include "sentinel/schedule/zone.h"

#define SN_CRON_TEXT_MAX 250 /* bytes of an expression; sixty minutes in a list take 169 */
#define SN_CRON_YEARS 40     /* a 29 February of one weekday comes again within so many, also across the year 2100 */

#define SN_CRON_DIALECT_LIST(X) \
    X(STANDARD, "standard")     \
    X(CLOUDFLARE, "cloudflare")

enum sn_cron_dialect {
#define SN_X(name, text) SN_CRON_##name,
    SN_CRON_DIALECT_LIST(SN_X)
#undef SN_X
};

#define SN_CRON_EVERY 0x1fu /* the first to the fifth, which are all that a month can have */
#define SN_CRON_LAST 0x20u

struct sn_cron {
    uint64_t minutes;       /* bits 0 … 59 */
    uint32_t hours;         /* bits 0 … 23 */
    uint32_t months;        /* bits 1 … 12 */
    uint32_t days;          /* bits 1 … 31 */
    uint32_t workdays;      /* nW: the Monday to Friday nearest to day n, bits 1 … 31 */
    uint32_t last_days;     /* L-n: n days before the month's last, bits 0 … 30 */
    uint32_t last_workdays; /* L-nW: the Monday to Friday nearest to that, bits 0 … 30 */
    uint8_t weekdays[7];    /* from Sunday: bit k - 1 for the kth in a month, SN_CRON_LAST for the last */
    bool any_day;           /* the field is `*`; with any_weekday every day will do */
    bool any_weekday;
    bool steady; /* the minute or hour begins with `*`: it follows real time when clocks are changed */
};

struct sn_cron_error {
    enum sn_status status; /* SN_E_FORMAT, or SN_E_RANGE: well formed, but its day never comes */
    const char *field;     /* "minute" … "weekday", or "expression" */
    uint32_t position;     /* of the character, from 1 */
    char expected[160];    /* "a number from 0 to 59" */
};

/* Reads an expression.  On failure `cron` is not touched and `error` says where and what was expected. */
enum sn_status sn_cron_read(struct sn_cron *cron, enum sn_cron_dialect dialect, const char *text, size_t len,
                            struct sn_cron_error *error);
/* The dialect of that name; false when there is none. */
bool sn_cron_dialect_named(const char *name, size_t len, enum sn_cron_dialect *dialect);

/* The first run after `after_us`, and the last before `before_us`, in UTC.  `zone` is what the expression's times are
 * local to, NULL for UTC.
 *
 * A local time that a clock skips runs when the clock has skipped it; one that comes twice runs once, the first time.  A
 * steady expression runs whenever the clock shows its time.
 *
 * SN_OK          *at_us is the run.
 * SN_E_GAP       none as far as the table goes: with a table that begins SN_ZONE_MARGIN_S before (after), or ends with
 *                (before) *at_us, ask again from *at_us on.
 * SN_E_MISSING   none within SN_CRON_YEARS, or before the year 0 or after 9999.
 * SN_E_RANGE     the table does not speak of that moment, or begins too late. */
enum sn_status sn_cron_next(const struct sn_cron *cron, const struct sn_zone *zone, int64_t after_us, int64_t *at_us);
enum sn_status sn_cron_previous(const struct sn_cron *cron, const struct sn_zone *zone, int64_t before_us,
                                int64_t *at_us);

#define SN_CRON_WORDS_MAX 3072 /* bytes; no expression takes more */

/* "At 04:00 on weekdays": what the expression does, in words without a full stop. */
void sn_cron_put_words(struct sn_writer *w, const struct sn_cron *cron);

#endif
