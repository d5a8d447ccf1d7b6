/* Time zone files as systems have them: TZif, version 2 and later (RFC 9636). */
#ifndef SENTINEL_SCHEDULE_TZIF_H
#define SENTINEL_SCHEDULE_TZIF_H

#include "sentinel/schedule/zone.h"

/* Fills a table for [from_s, to_s) from a file's bytes; it ends early when it is full.  What lies after the last change
 * in the file follows the rule in its footer.  SN_E_FORMAT when this is no such file or is damaged, SN_E_VERSION for a
 * file of version 1, which ends in 2037. */
enum sn_status sn_tzif_read(const void *data, size_t len, int64_t from_s, int64_t to_s, struct sn_zone *zone);

#endif
