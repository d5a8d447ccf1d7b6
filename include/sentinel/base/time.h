/* Civil time.  Instants are microseconds since 1970-01-01T00:00:00Z, as i64; nothing here reads a clock. */
#ifndef SENTINEL_BASE_TIME_H
#define SENTINEL_BASE_TIME_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/status.h"

struct sn_civil {
    int year;       /* proleptic Gregorian, 0 … 9999 */
    int month, day; /* 1 … 12, 1 … 31 */
    int hour, minute, second;
    int micro;
    int weekday; /* 0 = Sunday */
};

struct sn_civil sn_civil_from_us(int64_t at_us);
int64_t sn_civil_to_us(const struct sn_civil *civil); /* weekday is ignored */
/* "2026-11-23T09:00:00.000Z": always milliseconds, always Z.  "-" outside the years 0000 … 9999. */
void sn_put_iso(struct sn_writer *w, int64_t at_us);
/* RFC 3339 with Z or an offset, fraction optional and cut to µs.  SN_E_FORMAT otherwise, also for a leap second, which
 * has no instant. */
enum sn_status sn_iso_parse(const char *text, size_t len, int64_t *at_us);

/* The earlier of two moments; INT64_MAX stands for never. */
static inline int64_t sn_earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

#endif
