/* Keyspaces: "keys": {"posts": {"count": 100, "distribution": "zipfian:0.99"}}. */
#include <string.h>

#include "read.h"
#include "workload_read.h"

/* Names salt the draws: a keyspace does the same wherever it stands, and whatever stands beside it. */
static bool read_keyspace(struct sn_workload_read *read, const struct sn_json *value) {
    struct sn_builder *b = &read->builder;
    static const char *const names[] = {"count", "distribution", "description"};
    const struct sn_json *members[3];
    const char *name = sn_json_name(value), *text;
    struct sn_keyspace keyspace;
    uint64_t count;
    if (!sn_read_members(b->trail, value, names, 3, members)) return false;
    size_t mark = sn_trail_name(b->trail, "count");
    if (!sn_read_whole(b->trail, members[0], 1, SN_KEYS_MAX, &count)) return false;
    count = sn_workload_scaled(read, count);
    if (count > SN_KEYS_MAX)
        return sn_trail_refuse(b->trail, "plan.range", "at most 1000000000 keys with the plan's data");
    sn_trail_back(b->trail, mark);
    mark = sn_trail_name(b->trail, "distribution");
    text = sn_json_string(members[1]);
    if (text == NULL) return sn_trail_refuse(b->trail, "plan.type", SN_DISTRIBUTION_EXPECTED);
    if (sn_keyspace_read(&keyspace, text, (uint32_t)count, sn_hash64(name, strlen(name))) != SN_OK)
        return sn_trail_refuse(b->trail, "plan.value", SN_DISTRIBUTION_EXPECTED);
    sn_trail_back(b->trail, mark);
    return sn_build_keyspace(b, name, &keyspace);
}

bool sn_workload_keys(struct sn_workload_read *read, const struct sn_json *keys) {
    struct sn_builder *b = &read->builder;
    if (keys == NULL) return true;
    size_t before = sn_trail_name(b->trail, "keys");
    if (sn_json_type(keys) != SN_JSON_OBJECT) return sn_trail_refuse(b->trail, "plan.type", "an object of keyspaces");
    for (const struct sn_json *at = sn_json_first(keys); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_name(b->trail, sn_json_name(at));
        if (!sn_workload_name(b->trail, sn_json_name(at)) || !read_keyspace(read, at)) return false;
        sn_trail_back(b->trail, mark);
    }
    sn_trail_back(b->trail, before);
    return true;
}
