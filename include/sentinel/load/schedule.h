/* The schedule: the profile, placed in time and steered by epochs.
 *
 * Every shard holds the same schedule, so it knows by itself which operations are its own and when they are due; the
 * run steers only by adding epochs.  An epoch takes effect at `effective_us`.  Which of the operations are whose is in
 * share.h.
 *
 *     moment ──epochs──► run clock (place on the curve) ──profile──► R ──factor──► operations due
 *
 * A pause stops the run clock, and with it everything that would become due.  Scaling multiplies the curve's rate from
 * there on; the factor is of the plan's own curve, so twice 2 is 2.  Extending lets the run clock go on behind the
 * curve's end, at the rate that the curve has there.  A stop takes away what is due after it; the clock goes on.
 * Replacing changes nothing of what is due: it gives a lost shard's place to a new one. */
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
    X(REPLACE, 7, "replace")

enum sn_epoch_kind {
#define SN_X(name, value, text) SN_EPOCH_##name = value,
    SN_EPOCH_LIST(SN_X)
#undef SN_X
};

struct sn_epoch {
    uint32_t seq;         /* 1, 2, 3, … without gaps */
    uint32_t kind;        /* enum sn_epoch_kind */
    int64_t effective_us; /* absolute */
    double factor; /* scale: of the plan's own rate, 0.01 … 100; extend: whole seconds, 1 … 3600; replace: the last
                             operation that the lost shard may have started */
    uint32_t shards; /* start: the number of places */
    uint32_t place;  /* replace: whose shard is lost */
};
_Static_assert(sizeof(struct sn_epoch) == 32, "an epoch is 32 bytes on the wire");

/* What holds from one epoch to the next, worked out when the epoch is added. */
struct sn_stretch {
    int64_t from_us;      /* absolute; a stretch is half-open on the left */
    int64_t clock_us;     /* the run clock at its beginning */
    uint64_t before;      /* operations due up to its beginning */
    double factor, shift; /* operation k is due where R reaches k / factor + shift */
    bool paused;          /* the run clock stands */
    bool stopped;         /* nothing more is due */
};

struct sn_schedule {
    const struct sn_profile *profile; /* the caller's; must outlive the schedule */
    uint32_t epochs_len;
    struct sn_epoch epochs[SN_EPOCHS_MAX];
    struct sn_stretch stretches[SN_EPOCHS_MAX]; /* one for each epoch */
    int64_t extra_us;                           /* that the curve was extended by */
    uint64_t planned;                           /* see sn_schedule_planned() */
};

void sn_schedule_init(struct sn_schedule *schedule, const struct sn_profile *profile);

/* Adds an epoch.  SN_OK also for one that is known already (same seq); SN_E_GAP when one before it is missing;
 * SN_E_RANGE for one that makes no sense here: a kind that this build does not understand, a first epoch that is not a
 * start, a time before the last epoch's, a resume without a pause, scaling or extending Poisson arrivals (they were drawn
 * for exactly `planned`), extending a curve that ends at 0, a place that there is not, anything but a replace after a stop;
 * SN_E_LIMIT when there are SN_EPOCHS_MAX. */
enum sn_status sn_schedule_add(struct sn_schedule *schedule, const struct sn_epoch *epoch);

/* False until a start epoch is known. */
bool sn_schedule_started(const struct sn_schedule *schedule);
/* What the newest epoch left behind, whether its time has come or not. */
bool sn_schedule_paused(const struct sn_schedule *schedule);
bool sn_schedule_stopped(const struct sn_schedule *schedule);
double sn_schedule_factor(const struct sn_schedule *schedule);
/* Absolute time of run time 0.  INT64_MAX before a start epoch is known. */
int64_t sn_schedule_zero_us(const struct sn_schedule *schedule);
/* Absolute time at which the curve ends, or at which a stop took effect.  INT64_MAX before a start and in a pause that
 * nothing has ended yet. */
int64_t sn_schedule_end_us(const struct sn_schedule *schedule);
/* The run clock at an absolute moment: 0 up to the start, then it runs, but for pauses, also behind the end. */
int64_t sn_schedule_clock_us(const struct sn_schedule *schedule, int64_t at_us);
/* Where the curve ends on the run clock: the profile's end, or later when it was extended. */
int64_t sn_schedule_length_us(const struct sn_schedule *schedule);

/* What is asked for, as sn_schedule_planned() counts it: also where a pause or a stop keeps the clock from it.  The highest
 * rate over the whole schedule, and the rate at a moment of the run clock, which belongs to what lies before it. */
double sn_schedule_peak_per_s(const struct sn_schedule *schedule);
double sn_schedule_rate_per_s(const struct sn_schedule *schedule, int64_t clock_us);

/* Absolute due time of operation k, from 1 to sn_schedule_planned(); INT64_MAX when it is not known (no start, a pause) or
 * will never be (stopped before). */
int64_t sn_schedule_due_us(const struct sn_schedule *schedule, uint64_t k);
/* Operations due at or before the absolute moment, over all shards. */
uint64_t sn_schedule_count(const struct sn_schedule *schedule, int64_t at_us);
/* The most that is due by then for somebody who knows the first `known` of the epochs (at least 1), or more of them. */
uint64_t sn_schedule_most(const struct sn_schedule *schedule, uint32_t known, int64_t at_us);
/* Operations due once the run clock shows this, also where a pause or a stop keeps it from it. */
uint64_t sn_schedule_count_by_clock(const struct sn_schedule *schedule, int64_t clock_us);
/* Operations that the run has, stopped or not: the profile's, more or fewer after scaling and extending. */
uint64_t sn_schedule_planned(const struct sn_schedule *schedule);
/* Operations that will ever be due; falls when the run is stopped early. */
uint64_t sn_schedule_total(const struct sn_schedule *schedule);

/* The first `epochs` epochs (at most schedule->len), as u32 count and 32 bytes each. */
void sn_schedule_put(struct sn_writer *w, const struct sn_schedule *schedule, uint32_t epochs);
/* Adds the epochs that are read; the first status that is not SN_OK ends it. */
enum sn_status sn_schedule_get(struct sn_reader *r, struct sn_schedule *schedule);

#endif
