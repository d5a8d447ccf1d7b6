/* What a time zone's clocks show, as a table of the moments at which they change.
 *
 * The core has no zone data.  It asks for a stretch of a zone (struct sn_zone_ask), and whoever has data answers with
 * a table of at most SN_ZONE_CHANGES_MAX changes.  A table that was full ends early, and the core asks on from there. */
#ifndef SENTINEL_SCHEDULE_ZONE_H
#define SENTINEL_SCHEDULE_ZONE_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/status.h"

#define SN_ZONE_CHANGES_MAX 64     /* thirty-two years of summer time */
#define SN_ZONE_NAME_MAX 63        /* bytes; the longest of IANA's has 32 */
#define SN_ZONE_OFFSET_S_MAX 93600 /* local time is at most 26 hours from UTC, which RFC 9636 asks readers to allow */
#define SN_ZONE_BEGIN_S INT64_C(-62167219200) /* 0000-01-01 */
#define SN_ZONE_END_S INT64_C(253402300800)   /* 10000-01-01 */
/* How long a table has to begin before the moments that it is used for: what a clock shows now may be what it showed
 * before the last change, and none was ever set by more than a day. */
#define SN_ZONE_MARGIN_S INT64_C(172800)

struct sn_zone_change {
    int64_t at_s;     /* since 1970, UTC: the first second with this offset */
    int32_t offset_s; /* local time minus UTC */
};

struct sn_zone {
    int64_t from_s, to_s; /* what the table speaks of: [from_s, to_s) */
    int32_t offset_s;     /* at from_s */
    uint32_t count;
    struct sn_zone_change changes[SN_ZONE_CHANGES_MAX]; /* in (from_s, to_s), ascending, each to another offset */
};

/* A question for a stretch of a zone. */
struct sn_zone_ask {
    char name[SN_ZONE_NAME_MAX + 1];
    int64_t from_s, to_s;
};

/* "Europe/Dublin": words of letters, digits, '+', '-' and '_', with slashes between them.  It says nothing of whether
 * there is such a zone, but it is never a way out of a folder. */
bool sn_zone_name_valid(const char *name, size_t len);

/* One offset at all times; 0 is UTC. */
void sn_zone_fixed(struct sn_zone *zone, int32_t offset_s);
/* Begins a table for [from_s, to_s), to which changes are added in their order. */
void sn_zone_begin(struct sn_zone *zone, int64_t from_s, int64_t to_s, int32_t offset_s);
/* One that changes nothing is left out.  False when the table is full: it ends where this change would be. */
bool sn_zone_add(struct sn_zone *zone, int64_t at_s, int32_t offset_s);

/* Local time minus UTC at a moment within the table, in seconds. */
int32_t sn_zone_offset_s(const struct sn_zone *zone, int64_t at_s);

/* An answer on its way: from i64, to i64, offset i32, count u32, then for each change its moment i64 and offset i32.
 * SN_E_FORMAT when it is cut off or has bytes too many, SN_E_LIMIT with too many changes, SN_E_RANGE when an offset or
 * the order of the moments cannot be. */
enum sn_status sn_zone_get(struct sn_reader *r, struct sn_zone *zone);

#endif
