#include <string.h>

#include "world.h"

/* Deploys of another version: each form in which something is stored carries its version, and a Sentinel reads only its
 * own.  A second deploy may bring the first version back, and with it what nobody has written anew meanwhile. */

enum form { FORM_PLAN, FORM_RUN, FORM_SHARD, FORM_DELTA, FORMS_LEN };

/* Keys of runs and shards, with the byte of the value in which the version is counted. */
static const struct {
    const char *prefix;
    enum form form;
    size_t at;
} kept[] = {
    {"a.plan", FORM_PLAN, 4},   {"b.snap/head", FORM_RUN, 0}, {"b.snap/", FORM_RUN, 2},
    {"c.log/", FORM_RUN, 0},    {"c.log/", FORM_DELTA, 0}, /* an entry has deltas in it */
    {"b.state", FORM_SHARD, 0}, {"c.delta/", FORM_DELTA, 3},
};

static bool begins_with(const struct entry *entry, const char *prefix) {
    size_t len = strlen(prefix);
    return entry->key_len >= len && memcmp(entry->key, prefix, len) == 0;
}

static uint8_t version_of(uint32_t versions, enum form form) {
    return (uint8_t)(versions >> 8 * form);
}

void version_read(const struct world *world, const struct entry *entry, uint8_t *value) {
    if (entry->version == world->version) return;
    bool snapshot = begins_with(entry, "b.snap/head");
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        uint8_t then = version_of(entry->version, kept[i].form), now = version_of(world->version, kept[i].form);
        if (!begins_with(entry, kept[i].prefix) || kept[i].at >= entry->value_len) continue;
        if (snapshot && kept[i].at != 0) continue; /* its head begins like a chunk */
        value[kept[i].at] = (uint8_t)(value[kept[i].at] + then - now);
    }
}

uint32_t version_deployed(struct world *world) {
    uint32_t changed = 1 + sn_rng_below(&world->rng, (1u << FORMS_LEN) - 1), version = world->version;
    for (uint32_t form = 0; form < FORMS_LEN; form++) {
        if ((changed >> form & 1) != 0) version ^= UINT32_C(1) << 8 * form;
    }
    return version;
}
