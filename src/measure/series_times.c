#include <string.h>

#include "hist_code.h"
#include "sentinel/base/assert.h"
#include "series_table.h"

/* Percentiles of many groups at once, in two walks through the table, however many there are: the first counts by page of
 * buckets, which tells in which page each percentile lies; the second counts the buckets of those pages alone. */

_Static_assert(SN_SERIES_GROUPS *SN_HIST_PAGES <= sizeof(struct sn_series_room) / sizeof(uint32_t),
               "both walks count in the same room");

/* Groups are kinds, with all of them together in the last, or points of `step` seconds. */
struct window {
    const struct sn_series *series;
    uint32_t from, to, step; /* step 0: by kind */
    uint32_t groups;
};

/* Where the percentiles of a group lie. */
struct place {
    uint32_t page[SN_SERIES_PERCENTILES];
    uint64_t rank[SN_SERIES_PERCENTILES]; /* within its page, from 1 */
};

struct walk {
    struct window window;
    struct sn_series_room *room;
    struct place places[SN_SERIES_GROUPS];
    bool placed;
};

static void count(struct walk *walk, uint32_t group, uint32_t bucket, uint32_t times) {
    uint32_t page = bucket / SN_HIST_PAGE;
    if (!walk->placed) {
        uint32_t *pages = &walk->room->counts[0][0][0] + group * SN_HIST_PAGES;
        pages[page] = sn_add_sat_u32(pages[page], times);
        return;
    }
    for (uint32_t i = 0; i < SN_SERIES_PERCENTILES; i++) {
        uint32_t *into = &walk->room->counts[group][i][bucket % SN_HIST_PAGE];
        if (walk->places[group].page[i] == page) *into = sn_add_sat_u32(*into, times);
    }
}

static void through_table(struct walk *walk) {
    const struct window *window = &walk->window;
    const struct sn_series_slot *slots = sn_series_slots(window->series);
    memset(walk->room, 0, sizeof *walk->room);
    for (uint32_t i = 0; i < window->series->slots_len; i++) {
        if (sn_series_slot_key(&slots[i]) == 0) continue;
        struct sn_series_key key = sn_series_key(&slots[i]);
        if (key.second < window->from || key.second >= window->to) continue;
        if (window->step != 0) {
            count(walk, (key.second - window->from) / window->step, key.bucket, slots[i].count);
        } else {
            count(walk, key.kind, key.bucket, slots[i].count);
            count(walk, SN_KINDS_MAX, key.bucket, slots[i].count);
        }
    }
}

/* Index of the counter that the rank falls into; `rank` becomes the rank within that counter. */
static uint32_t find_rank(const uint32_t *counts, uint32_t len, uint64_t *rank) {
    uint32_t at = 0;
    for (; counts[at] < *rank; at++) {
        *rank -= counts[at];
        SN_ASSERT(at + 1 < len);
    }
    return at;
}

static void place(struct walk *walk, const double p[], struct sn_series_times times[]) {
    for (uint32_t group = 0; group < walk->window.groups; group++) {
        const uint32_t *pages = &walk->room->counts[0][0][0] + group * SN_HIST_PAGES;
        struct place *of = &walk->places[group];
        uint64_t total = 0;
        for (uint32_t page = 0; page < SN_HIST_PAGES; page++) total += pages[page];
        times[group] = (struct sn_series_times){.count = total};
        for (uint32_t i = 0; i < SN_SERIES_PERCENTILES; i++) {
            of->rank[i] = sn_hist_rank(total, p[i]);
            of->page[i] = total == 0 ? UINT32_MAX : find_rank(pages, SN_HIST_PAGES, &of->rank[i]);
        }
    }
}

static void find(struct walk *walk, struct sn_series_times times[]) {
    for (uint32_t group = 0; group < walk->window.groups; group++) {
        for (uint32_t i = 0; i < SN_SERIES_PERCENTILES && times[group].count > 0; i++) {
            struct place *of = &walk->places[group];
            uint32_t bucket = find_rank(walk->room->counts[group][i], SN_HIST_PAGE, &of->rank[i]);
            times[group].us[i] = sn_hist_bucket_mid_us(of->page[i] * SN_HIST_PAGE + bucket);
        }
    }
}

static void look(const struct window *window, const double p[], struct sn_series_room *room,
                 struct sn_series_times times[]) {
    struct walk walk = {.window = *window, .room = room};
    bool gone =
        window->to <= window->series->first_second; /* who comes late asks for hundreds of seconds that have left */
    memset(times, 0, window->groups * sizeof times[0]);
    if (gone || window->from >= window->to) return;
    through_table(&walk);
    place(&walk, p, times);
    walk.placed = true;
    through_table(&walk);
    find(&walk, times);
}

void sn_series_kinds(const struct sn_series *series, uint32_t from, uint32_t to, const double p[],
                     struct sn_series_room *room, struct sn_series_times times[SN_SERIES_GROUPS]) {
    look(&(struct window){series, from, to, 0, SN_SERIES_GROUPS}, p, room, times);
}

void sn_series_points(const struct sn_series *series, uint32_t from, uint32_t to, uint32_t step, const double p[],
                      struct sn_series_room *room, struct sn_series_times times[]) {
    SN_ASSERT(step > 0 && from < to && (to - from - 1) / step < SN_SERIES_GROUPS);
    look(&(struct window){series, from, to, step, (to - from - 1) / step + 1}, p, room, times);
}
