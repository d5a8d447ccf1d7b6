#include "sentinel/load/schedule.h"

#include <string.h>

#include "sentinel/base/assert.h"

void sn_schedule_init(struct sn_schedule *schedule, const struct sn_profile *profile) {
    memset(schedule, 0, sizeof *schedule);
    schedule->profile = profile;
}

static bool understood(const struct sn_schedule *schedule, const struct sn_epoch *epoch) {
    if (schedule->epochs_len == 0) return epoch->kind == SN_EPOCH_START && epoch->shards > 0;
    return epoch->kind == SN_EPOCH_STOP;
}

enum sn_status sn_schedule_add(struct sn_schedule *schedule, const struct sn_epoch *epoch) {
    if (epoch->seq == 0) return SN_E_RANGE;
    if (epoch->seq <= schedule->epochs_len) return SN_OK;
    if (epoch->seq != schedule->epochs_len + 1) return SN_E_GAP;
    if (schedule->epochs_len == SN_EPOCHS_MAX) return SN_E_LIMIT;
    if (!understood(schedule, epoch)) return SN_E_RANGE;
    if (schedule->epochs_len > 0 && epoch->effective_us < schedule->epochs[schedule->epochs_len - 1].effective_us) {
        return SN_E_RANGE;
    }
    schedule->epochs[schedule->epochs_len++] = *epoch;
    return SN_OK;
}

bool sn_schedule_started(const struct sn_schedule *schedule) {
    return schedule->epochs_len > 0;
}

int64_t sn_schedule_zero_us(const struct sn_schedule *schedule) {
    return sn_schedule_started(schedule) ? schedule->epochs[0].effective_us : INT64_MAX;
}

int64_t sn_schedule_end_us(const struct sn_schedule *schedule) {
    if (!sn_schedule_started(schedule)) return INT64_MAX;
    int64_t end_us = schedule->epochs[0].effective_us + schedule->profile->end_us;
    for (uint32_t i = 1; i < schedule->epochs_len; i++) {
        if (schedule->epochs[i].effective_us < end_us) end_us = schedule->epochs[i].effective_us;
    }
    return end_us;
}

int64_t sn_schedule_due_us(const struct sn_schedule *schedule, uint64_t k) {
    SN_ASSERT(k >= 1 && k <= schedule->profile->planned);
    if (!sn_schedule_started(schedule)) return INT64_MAX;
    int64_t due_us = sn_schedule_zero_us(schedule) + sn_profile_due_us(schedule->profile, k);
    return due_us <= sn_schedule_end_us(schedule) ? due_us : INT64_MAX;
}

uint64_t sn_schedule_count(const struct sn_schedule *schedule, int64_t at_us) {
    if (!sn_schedule_started(schedule)) return 0;
    int64_t end_us = sn_schedule_end_us(schedule);
    if (at_us > end_us) at_us = end_us;
    return sn_profile_count(schedule->profile, at_us - sn_schedule_zero_us(schedule));
}

uint64_t sn_schedule_total(const struct sn_schedule *schedule) {
    if (!sn_schedule_started(schedule)) return schedule->profile->planned;
    return sn_schedule_count(schedule, INT64_MAX);
}

uint64_t sn_schedule_owned_from(const struct sn_schedule *schedule, uint32_t index, uint64_t from) {
    SN_ASSERT(sn_schedule_started(schedule));
    uint64_t shards = schedule->epochs[0].shards;
    SN_ASSERT(index < shards && from >= 1);
    uint64_t ahead = (index + shards - from % shards) % shards;
    return from + ahead;
}

uint64_t sn_schedule_owned_count(const struct sn_schedule *schedule, uint32_t index, uint64_t upto) {
    SN_ASSERT(sn_schedule_started(schedule));
    uint64_t shards = schedule->epochs[0].shards;
    SN_ASSERT(index < shards);
    if (index == 0) return upto / shards;
    return upto < index ? 0 : (upto - index) / shards + 1;
}

void sn_schedule_put(struct sn_writer *w, const struct sn_schedule *schedule, uint32_t after_seq) {
    uint32_t first = after_seq < schedule->epochs_len ? after_seq : schedule->epochs_len;
    sn_put_u32(w, schedule->epochs_len - first);
    for (uint32_t i = first; i < schedule->epochs_len; i++) {
        sn_put_bytes(w, &schedule->epochs[i], sizeof schedule->epochs[i]);
    }
}

enum sn_status sn_schedule_get(struct sn_reader *r, struct sn_schedule *schedule) {
    uint32_t len = sn_get_u32(r);
    if (len > SN_EPOCHS_MAX) return SN_E_FORMAT;
    for (uint32_t i = 0; i < len; i++) {
        struct sn_epoch epoch;
        const uint8_t *bytes = sn_get_bytes(r, sizeof epoch);
        if (bytes == NULL) return SN_E_FORMAT;
        memcpy(&epoch, bytes, sizeof epoch);
        enum sn_status status = sn_schedule_add(schedule, &epoch);
        if (status != SN_OK) return status;
    }
    return r->bad ? SN_E_FORMAT : SN_OK;
}
