#include "sentinel/load/share.h"

#include "sentinel/base/assert.h"

uint32_t sn_share_shards(const struct sn_schedule *schedule) {
    if (!sn_schedule_started(schedule)) return 0;
    uint32_t shards = schedule->epochs[0].shards;
    for (uint32_t i = 1; i < schedule->epochs_len; i++) shards += schedule->epochs[i].kind == SN_EPOCH_REPLACE;
    return shards;
}

struct sn_share sn_share_of(const struct sn_schedule *schedule, uint32_t shard) {
    SN_ASSERT(sn_schedule_started(schedule));
    uint32_t places = schedule->epochs[0].shards, newest = places;
    struct sn_share share = {.place = shard, .places = places, .first_k = 1, .last_k = UINT64_MAX};
    bool found = shard < places;
    for (uint32_t i = 1; i < schedule->epochs_len; i++) {
        if (schedule->epochs[i].kind != SN_EPOCH_REPLACE) continue;
        /* What a stop takes away stays with the shard that had it. */
        const struct sn_stretch *stretch = &schedule->stretches[i];
        uint64_t before = stretch->stopped ? schedule->planned : stretch->before;
        uint64_t reach = (uint64_t)schedule->epochs[i].factor;
        if (reach > before) before = reach;
        if (newest++ == shard) {
            share.place = schedule->epochs[i].place;
            share.first_k = before + 1;
            found = true;
        } else if (found && schedule->epochs[i].place == share.place) {
            share.last_k = before;
            break;
        }
    }
    SN_ASSERT(found);
    return share;
}

bool sn_share_ended(const struct sn_share *share) {
    return share->last_k != UINT64_MAX;
}

uint64_t sn_share_next(const struct sn_share *share, uint64_t from) {
    SN_ASSERT(from >= 1);
    if (from < share->first_k) from = share->first_k;
    uint64_t places = share->places, behind = (share->place + places - from % places) % places;
    uint64_t k = from + behind;
    return k < from || k > share->last_k ? UINT64_MAX : k;
}

/* Of the operations 1 … upto, the ones that belong to the place. */
static uint64_t of_place(const struct sn_share *share, uint64_t upto) {
    if (share->place == 0) return upto / share->places;
    return upto < share->place ? 0 : (upto - share->place) / share->places + 1;
}

uint64_t sn_share_count(const struct sn_share *share, uint64_t upto) {
    if (upto > share->last_k) upto = share->last_k;
    return upto < share->first_k ? 0 : of_place(share, upto) - of_place(share, share->first_k - 1);
}

uint64_t sn_share_items(uint32_t place, uint32_t places, uint64_t items) {
    return items > place ? (items - place - 1) / places + 1 : 0;
}
