/* The schedule: the profile, placed in time and steered by epochs.
 *
 * Every shard holds the same schedule, so it knows by itself which operations are its own and when they are due; the
 * run steers only by adding epochs.  An epoch takes effect at `effective_us`; a shard that learns of it later has
 * missed it and starts nothing that the epoch took away.  Within an epoch shard i of n owns the k with k ≡ i (mod n).
 *
 * This build understands start and stop; the type has room for pause, resume, scale, extend and reshard, and a
 * schedule refuses an epoch that it does not understand. */
#ifndef SENTINEL_LOAD_SCHEDULE_H
#define SENTINEL_LOAD_SCHEDULE_H

#include "sentinel/load/profile.h"

#define SN_EPOCH_LIST(X)   \
    X(START, 1, "start")   \
    X(STOP, 2, "stop")     \
    X(PAUSE, 3, "pause")   \
    X(RESUME, 4, "resume") \
    X(SCALE, 5, "scale")   \
    X(EXTEND, 6, "extend") \
    X(RESHARD, 7, "reshard")

enum sn_epoch_kind {
#define SN_X(name, value, text) SN_EPOCH_##name = value,
    SN_EPOCH_LIST(SN_X)
#undef SN_X
};

struct sn_epoch {
    uint32_t seq;         /* 1, 2, 3, … without gaps */
    uint32_t kind;        /* enum sn_epoch_kind */
    int64_t effective_us; /* absolute */
    double factor;        /* scale */
    uint32_t shards;      /* number of shards from here on; 0 keeps it */
    uint32_t reserved;    /* 0 */
    uint64_t first_k;     /* first operation that the new dealing applies to; 0 for all */
};
_Static_assert(sizeof(struct sn_epoch) == 40, "an epoch is 40 bytes on the wire");

struct sn_schedule {
    const struct sn_profile *profile; /* the caller's; must outlive the schedule */
    uint32_t epochs_len;
    struct sn_epoch epochs[SN_EPOCHS_MAX];
};

void sn_schedule_init(struct sn_schedule *schedule, const struct sn_profile *profile);

/* Adds an epoch.  SN_OK also for one that is known already (same seq); SN_E_GAP when one before it is missing;
 * SN_E_RANGE for a kind that this build does not understand, a first epoch that is not a start, or a time before the
 * last epoch's; SN_E_LIMIT when there are SN_EPOCHS_MAX. */
enum sn_status sn_schedule_add(struct sn_schedule *schedule, const struct sn_epoch *epoch);

/* False until a start epoch is known. */
bool sn_schedule_started(const struct sn_schedule *schedule);
/* Absolute time of run time 0.  INT64_MAX before a start epoch is known. */
int64_t sn_schedule_zero_us(const struct sn_schedule *schedule);
/* Absolute time at which the last operation is due, or at which a stop took effect.  INT64_MAX before a start. */
int64_t sn_schedule_end_us(const struct sn_schedule *schedule);
/* Absolute due time of operation k; INT64_MAX when it is not known yet (no start) or will never be (stopped before). */
int64_t sn_schedule_due_us(const struct sn_schedule *schedule, uint64_t k);
/* Operations due at or before the absolute moment, over all shards. */
uint64_t sn_schedule_count(const struct sn_schedule *schedule, int64_t at_us);
/* Operations that will ever be due; falls when the run is stopped early. */
uint64_t sn_schedule_total(const struct sn_schedule *schedule);

/* The dealing.  Smallest k ≥ from that shard `index` owns (from ≥ 1), and how many it owns in [1, upto]. */
uint64_t sn_schedule_owned_from(const struct sn_schedule *schedule, uint32_t index, uint64_t from);
uint64_t sn_schedule_owned_count(const struct sn_schedule *schedule, uint32_t index, uint64_t upto);

/* All epochs after `after_seq`, as u32 count and 40 bytes each. */
void sn_schedule_put(struct sn_writer *w, const struct sn_schedule *schedule, uint32_t after_seq);
/* Adds the epochs that are read; the first status that is not SN_OK ends it. */
enum sn_status sn_schedule_get(struct sn_reader *r, struct sn_schedule *schedule);

#endif
