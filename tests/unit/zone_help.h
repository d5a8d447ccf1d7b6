/* A zone's table as a host sends it. */
#ifndef SENTINEL_TESTS_ZONE_HELP_H
#define SENTINEL_TESTS_ZONE_HELP_H

#include "sentinel/base/bytes.h"
#include "sentinel/schedule/zone.h"

static inline void put_zone(struct sn_writer *w, const struct sn_zone *zone) {
    sn_put_i64(w, zone->from_s);
    sn_put_i64(w, zone->to_s);
    sn_put_u32(w, (uint32_t)zone->offset_s);
    sn_put_u32(w, zone->count);
    for (uint32_t i = 0; i < zone->count; i++) {
        sn_put_i64(w, zone->changes[i].at_s);
        sn_put_u32(w, (uint32_t)zone->changes[i].offset_s);
    }
}

#endif
