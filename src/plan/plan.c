#include "sentinel/plan/plan.h"

#include <string.h>

#include "form.h"
#include "sentinel/base/assert.h"

/* The compiled form, little-endian:
 *
 *     head        who, which seed, checksum: nothing that shapes the load
 *     thresholds  nothing either
 *     body        limits, profile, workload: hashed as it lies here
 *
 * Profile and workload are padded to 8, so that the workload's view can point into it. */
struct head {
    uint32_t magic, version;
    uint32_t size; /* of the whole form */
    uint32_t crc;  /* of everything behind it */
    uint64_t hash, seed;
    uint32_t platform, bounds;
    uint32_t thresholds_len;
    uint16_t search_step_s; /* hashed with the body, unless it is 0 */
    uint16_t remove;        /* 1: of SN_PREPARE_REUSE it is SN_PREPARE_REMOVE, which does the same load */
    char run_id[SN_RUN_ID_MAX + 1];
    char tenant[SN_TENANT_MAX + 1];
    char name[SN_NAME_MAX + 8]; /* padded */
    char preset[SN_PRESET_NAME_MAX + 1];
    uint64_t max_cost_nusd, users, data_hash;
    struct sn_prices prices;
};
_Static_assert(sizeof(struct head) == 328 + 8 * SN_METERS_LEN, "the head has no holes and the body begins aligned");
_Static_assert(offsetof(struct head, hash) == 16, "the checksum ends before the hash");

struct body {
    uint32_t profile_type, concurrency, slots, shards;
    int64_t max_late_us, timeout_us;
    uint32_t profile_len, workload_len; /* with their padding */
    uint32_t lead_in, prepare;
    uint16_t regions[SN_REGIONS_LEN + 1];
};
_Static_assert(sizeof(struct body) == 72, "the body has no holes and the profile begins aligned");

#define MAGIC 0x4c504e53u /* "SNPL" */
#define VERSION 8u

static void pad(struct sn_writer *w, size_t start) {
    sn_put_zeros(w, (8 - (w->len - start) % 8) % 8);
}

static void patch(struct sn_writer *w, size_t at, const void *data, size_t len) {
    if (!w->full) memcpy(w->data + at, data, len);
}

uint64_t sn_plan_shape_hash(const void *form, size_t len) {
    struct head head;
    SN_ASSERT(len > sizeof head);
    memcpy(&head, form, sizeof head);
    size_t before = sizeof head + head.thresholds_len * sizeof(struct sn_threshold);
    uint64_t hash = sn_hash64((const uint8_t *)form + before, len - before);
    return head.search_step_s == 0 ? hash : sn_hash64_end(sn_hash64_add_number(hash, head.search_step_s));
}

uint64_t sn_plan_bytes(const struct sn_plan *plan) {
    size_t profile = (sn_profile_bytes(&plan->profile) + 7) / 8 * 8;
    return sizeof(struct head) + plan->thresholds_len * sizeof(struct sn_threshold) + sizeof(struct body) + profile +
           sn_workload_bytes(&plan->workload);
}

void sn_plan_put(struct sn_writer *w, const struct sn_plan *plan) {
    struct head head = {.magic = MAGIC,
                        .version = VERSION,
                        .hash = plan->hash,
                        .seed = plan->seed,
                        .platform = plan->platform,
                        .bounds = plan->bounds,
                        .thresholds_len = plan->thresholds_len,
                        .search_step_s = (uint16_t)plan->search_step_s,
                        .remove = plan->prepare == SN_PREPARE_REMOVE,
                        .data_hash = plan->data_hash,
                        .max_cost_nusd = plan->max_cost_nusd,
                        .users = plan->users,
                        .prices = plan->prices};
    struct body body = {
        .profile_type = plan->profile_type,
        .concurrency = plan->concurrency,
        .slots = plan->slots,
        .shards = plan->shards,
        .max_late_us = plan->max_late_us,
        .timeout_us = plan->timeout_us,
        .lead_in = plan->lead_in,
        .prepare = plan->prepare == SN_PREPARE_REMOVE ? SN_PREPARE_REUSE : plan->prepare,
    };
    memcpy(body.regions, plan->regions, sizeof body.regions);
    memcpy(head.run_id, plan->run_id, sizeof plan->run_id);
    memcpy(head.tenant, plan->tenant, sizeof plan->tenant);
    memcpy(head.name, plan->name, sizeof plan->name);
    memcpy(head.preset, plan->preset, sizeof plan->preset);
    size_t start = w->len;
    sn_put_zeros(w, sizeof head);
    sn_put_bytes(w, plan->thresholds, plan->thresholds_len * sizeof(struct sn_threshold));
    size_t body_at = w->len;
    sn_put_zeros(w, sizeof body);
    size_t profile_at = w->len;
    sn_profile_put(w, &plan->profile);
    pad(w, start);
    size_t workload_at = w->len;
    sn_workload_put(w, &plan->workload);
    body.profile_len = (uint32_t)(workload_at - profile_at);
    body.workload_len = (uint32_t)(w->len - workload_at);
    head.size = (uint32_t)(w->len - start);
    patch(w, start, &head, sizeof head);
    patch(w, body_at, &body, sizeof body);
    if (w->full) return;
    size_t behind = offsetof(struct head, hash);
    head.crc = sn_crc32(w->data + start + behind, head.size - behind);
    patch(w, start, &head, sizeof head);
}

/* Texts end inside their fields, and are followed by zeros alone, so equal plans are equal bytes. */
static bool text_sound(const char *text, size_t cap, size_t max) {
    size_t len = 0;
    while (len < cap && text[len] != 0) len++;
    for (size_t i = len; i < cap; i++)
        if (text[i] != 0) return false;
    return len <= max;
}

static bool regions_sound(const struct body *body) {
    uint32_t named = 0;
    for (uint32_t i = 0; i < SN_REGIONS_LEN; i++) {
        if (body->regions[i] > SN_REGION_WEIGHT_MAX) return false;
        named += body->regions[i] > 0;
    }
    return named <= body->shards && body->regions[SN_REGIONS_LEN] == 0;
}

static bool shards_sound(const struct body *body) {
    return body->concurrency >= 1 && body->concurrency <= SN_CONCURRENCY_CEILING && body->slots >= 1 &&
           body->slots < SN_CONNECTIONS_MAX && body->shards >= 1 && body->shards <= SN_SHARDS_MAX &&
           body->shards <= body->concurrency;
}

static bool numbers_sound(const struct body *body) {
    return body->profile_type < SN_PROFILE_TYPES_LEN && shards_sound(body) && body->max_late_us > 0 &&
           body->max_late_us <= SN_LATENESS_MS_MAX * INT64_C(1000) && body->timeout_us > 0 &&
           body->timeout_us <= SN_LATENESS_MS_MAX * INT64_C(1000) && body->lead_in <= 1 &&
           body->prepare < SN_PREPARE_REMOVE && regions_sound(body);
}

static bool profile_sound(const struct sn_profile *profile, uint32_t kinds) {
    return profile->planned >= 1 && profile->planned <= SN_OPERATIONS_CEILING && profile->phases_len >= 1 &&
           profile->end_us <= SN_DURATION_S_MAX * SN_SECOND_US && profile->phases_len * kinds <= SN_CELLS_MAX;
}

static void put_data_mark(struct sn_plan *plan) {
    struct sn_writer w = sn_writer(plan->data, sizeof plan->data - 1);
    sn_put_text(&w, sn_plan_keeps_data(plan) ? "data-" : plan->run_id);
    if (sn_plan_keeps_data(plan)) sn_put_hex(&w, plan->data_hash, 16);
}

static void fill(struct sn_plan *plan, const struct head *head, const struct body *body) {
    memset(plan, 0, sizeof *plan);
    memcpy(plan->run_id, head->run_id, sizeof plan->run_id);
    memcpy(plan->tenant, head->tenant, sizeof plan->tenant);
    memcpy(plan->name, head->name, sizeof plan->name);
    memcpy(plan->preset, head->preset, sizeof plan->preset);
    plan->seed = head->seed;
    plan->hash = head->hash;
    plan->platform = head->platform;
    plan->bounds = head->bounds;
    plan->max_cost_nusd = head->max_cost_nusd;
    plan->users = head->users;
    plan->search_step_s = head->search_step_s;
    plan->prices = head->prices;
    plan->profile_type = body->profile_type;
    plan->concurrency = body->concurrency;
    plan->slots = body->slots;
    plan->shards = body->shards;
    plan->max_late_us = body->max_late_us;
    plan->timeout_us = body->timeout_us;
    plan->lead_in = body->lead_in;
    plan->prepare = head->remove != 0 ? SN_PREPARE_REMOVE : body->prepare;
    plan->data_hash = head->data_hash;
    put_data_mark(plan);
    memcpy(plan->regions, body->regions, sizeof plan->regions);
}

void sn_plan_make_mix(struct sn_plan *plan) {
    enum sn_status status = sn_workload_mix(&plan->workload, plan->seed, &plan->mix);
    SN_ASSERT(status == SN_OK); /* a workload that opened has weights that mix */
}

static bool head_sound(const struct head *head) {
    return text_sound(head->run_id, sizeof head->run_id, SN_RUN_ID_MAX) &&
           text_sound(head->tenant, sizeof head->tenant, SN_TENANT_MAX) &&
           text_sound(head->name, sizeof head->name, SN_NAME_MAX) &&
           text_sound(head->preset, sizeof head->preset, SN_PRESET_NAME_MAX) && head->platform < SN_PLATFORMS_LEN &&
           head->bounds < SN_BOUNDS_LEN && head->thresholds_len <= SN_THRESHOLDS_MAX &&
           head->search_step_s <= SN_SEARCH_STEP_S_MAX && head->remove <= 1;
}

static bool thresholds_sound(const struct sn_plan *plan) {
    for (uint32_t i = 0; i < plan->thresholds_len; i++) {
        if (!sn_threshold_sound(&plan->thresholds[i], plan->workload.kinds_len, plan->profile.phases_len)) return false;
    }
    return true;
}

/* The head, and that everything behind it is as it was written. */
static enum sn_status open_head(struct head *head, const void *bytes, size_t len) {
    if (len < sizeof *head) return SN_E_FORMAT;
    memcpy(head, bytes, sizeof *head);
    if (head->magic != MAGIC) return SN_E_FORMAT;
    if (head->version != VERSION) return SN_E_VERSION;
    if (head->size != len) return SN_E_FORMAT;
    size_t behind = offsetof(struct head, hash);
    if (head->crc != sn_crc32((const uint8_t *)bytes + behind, len - behind)) return SN_E_CHECKSUM;
    return head_sound(head) ? SN_OK : SN_E_FORMAT;
}

enum sn_status sn_plan_open(struct sn_plan *plan, const void *bytes, size_t len) {
    struct head head;
    struct body body;
    SN_ASSERT((uintptr_t)bytes % 8 == 0);
    enum sn_status status = open_head(&head, bytes, len);
    if (status != SN_OK) return status;
    struct sn_reader r = sn_reader(bytes, len);
    sn_get_bytes(&r, sizeof head);
    const void *thresholds = sn_get_bytes(&r, head.thresholds_len * sizeof(struct sn_threshold));
    const void *read = sn_get_bytes(&r, sizeof body);
    if (read == NULL) return SN_E_FORMAT;
    memcpy(&body, read, sizeof body);
    if (!numbers_sound(&body) || (head.remove != 0 && body.prepare != SN_PREPARE_REUSE) ||
        (uint64_t)body.profile_len + body.workload_len != sn_reader_left(&r) || body.profile_len % 8 != 0)
        return SN_E_FORMAT;
    fill(plan, &head, &body);
    plan->thresholds = thresholds;
    plan->thresholds_len = head.thresholds_len;
    struct sn_reader profile = sn_reader(sn_get_bytes(&r, body.profile_len), body.profile_len);
    if (sn_profile_get(&profile, &plan->profile) != SN_OK || sn_reader_left(&profile) >= 8) return SN_E_FORMAT;
    status = sn_workload_open(&plan->workload, sn_get_bytes(&r, body.workload_len), body.workload_len);
    if (status != SN_OK) return status;
    if (!profile_sound(&plan->profile, plan->workload.kinds_len) || !thresholds_sound(plan)) return SN_E_FORMAT;
    sn_profile_seed(&plan->profile, plan->seed);
    sn_plan_make_mix(plan);
    return SN_OK;
}

struct sn_render sn_plan_render(const struct sn_plan *plan) {
    return (struct sn_render){
        .seed = plan->seed,
        .run = {(const uint8_t *)plan->run_id, strlen(plan->run_id)},
        .data = {(const uint8_t *)plan->data, strlen(plan->data)},
        .tenant = {(const uint8_t *)plan->tenant, strlen(plan->tenant)},
    };
}
