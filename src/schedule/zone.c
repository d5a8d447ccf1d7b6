#include "sentinel/schedule/zone.h"

#include "sentinel/base/assert.h"

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
           c == '_';
}

bool sn_zone_name_valid(const char *name, size_t len) {
    if (len == 0 || len > SN_ZONE_NAME_MAX) return false;
    for (size_t i = 0; i < len; i++) {
        bool between = i > 0 && i + 1 < len && name[i - 1] != '/';
        if (!is_word(name[i]) && !(name[i] == '/' && between)) return false;
    }
    return true;
}

void sn_zone_begin(struct sn_zone *zone, int64_t from_s, int64_t to_s, int32_t offset_s) {
    zone->from_s = from_s;
    zone->to_s = to_s;
    zone->offset_s = offset_s;
    zone->count = 0;
}

/* Begins before all that there is, so that nothing is too near its beginning. */
void sn_zone_fixed(struct sn_zone *zone, int32_t offset_s) {
    sn_zone_begin(zone, SN_ZONE_BEGIN_S - SN_ZONE_MARGIN_S, SN_ZONE_END_S, offset_s);
}

static int32_t last_offset_s(const struct sn_zone *zone) {
    return zone->count > 0 ? zone->changes[zone->count - 1].offset_s : zone->offset_s;
}

bool sn_zone_add(struct sn_zone *zone, int64_t at_s, int32_t offset_s) {
    SN_ASSERT(at_s > (zone->count > 0 ? zone->changes[zone->count - 1].at_s : zone->from_s) && at_s < zone->to_s);
    if (offset_s == last_offset_s(zone)) return true;
    if (zone->count == SN_ZONE_CHANGES_MAX) {
        zone->to_s = at_s;
        return false;
    }
    zone->changes[zone->count++] = (struct sn_zone_change){at_s, offset_s};
    return true;
}

int32_t sn_zone_offset_s(const struct sn_zone *zone, int64_t at_s) {
    int32_t offset_s = zone->offset_s;
    for (uint32_t i = 0; i < zone->count && zone->changes[i].at_s <= at_s; i++) offset_s = zone->changes[i].offset_s;
    return offset_s;
}

static bool offset_is_possible(int32_t offset_s) {
    return offset_s >= -SN_ZONE_OFFSET_S_MAX && offset_s <= SN_ZONE_OFFSET_S_MAX;
}

static bool moment_is_possible(int64_t at_s) {
    return at_s >= SN_ZONE_BEGIN_S - SN_ZONE_MARGIN_S && at_s <= SN_ZONE_END_S;
}

enum sn_status sn_zone_get(struct sn_reader *r, struct sn_zone *zone) {
    int64_t from_s = sn_get_i64(r), to_s = sn_get_i64(r);
    int32_t offset_s = (int32_t)sn_get_u32(r);
    uint32_t count = sn_get_u32(r);
    if (r->bad) return SN_E_FORMAT;
    if (count > SN_ZONE_CHANGES_MAX) return SN_E_LIMIT;
    if (from_s >= to_s || !moment_is_possible(from_s) || !moment_is_possible(to_s)) return SN_E_RANGE;
    if (!offset_is_possible(offset_s)) return SN_E_RANGE;
    sn_zone_begin(zone, from_s, to_s, offset_s);
    for (int64_t last_s = from_s; count > 0; count--) {
        int64_t at_s = sn_get_i64(r);
        offset_s = (int32_t)sn_get_u32(r);
        if (r->bad) return SN_E_FORMAT;
        if (at_s <= last_s || at_s >= to_s || !offset_is_possible(offset_s)) return SN_E_RANGE;
        sn_zone_add(zone, at_s, offset_s);
        last_s = at_s;
    }
    return sn_reader_left(r) == 0 ? SN_OK : SN_E_FORMAT;
}
