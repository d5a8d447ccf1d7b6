/* A delta: what a shard learned between two checkpoints, and where it stands after it.
 *
 *     shard: results, starts, drops ──put──► bytes (stored, then reported) ──read──► run: tally, series
 *
 * Between two checkpoints a shard keeps plain results; histograms are made when they are written, so a shard holds no
 * histograms at all.  A delta is stored by the shard before it is reported and kept until the run has stored it too:
 * after any crash on either side the deltas that the other does not have are simply sent again, in order. */
#ifndef SENTINEL_MEASURE_DELTA_H
#define SENTINEL_MEASURE_DELTA_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/limits.h"
#include "sentinel/base/status.h"
#include "sentinel/base/vocab.h"
#include "sentinel/measure/cost.h"

/* One operation that ended.  Times saturate at UINT32_MAX. */
struct sn_result {
    uint32_t response_us; /* from due to end */
    uint32_t service_us;  /* from the first send to the end */
    uint32_t lag_us;      /* from due to the first send */
    uint32_t sql_us, rows_read, rows_written, bytes;
    uint32_t rows;       /* that D1 returned */
    uint16_t end_second; /* run second in which it ended; 0 is (0 s, 1 s] */
    uint16_t retries;    /* attempts that the platform hid */
    uint8_t kind, phase;
    uint8_t failed;    /* 0, or 1 + enum sn_error */
    uint8_t lag_slots; /* 1 when the lag was for want of a slot, 0 when it was ours */
    uint8_t cache;     /* as in struct sn_answer */
    uint8_t reserved[3];
};
_Static_assert(sizeof(struct sn_result) == 44, "results are kept by the thousand");

/* A step that ended, of an operation that has several. */
struct sn_step_result {
    uint32_t number;     /* of the step in the workload */
    uint32_t service_us; /* from its send to its end */
    uint8_t failed;      /* 0, or 1 + enum sn_error */
    bool within;         /* it did not fail, and kept to the step's budget; false of one that has none */
};

/* What happened to the operations of one run second.  `started` and `dropped` count by the second in which the
 * operation was due, so that started + dropped (+ cancelled) is the curve; `completed` and `failed` by the second
 * in which it ended. */
struct sn_second {
    uint32_t started, completed, failed;
    uint32_t dropped[SN_DROPS_LEN];
};

/* Where a shard stands, cumulatively.  planned = completed + failed + Σ dropped + cancelled + unaccounted + in_flight +
 * not_yet_due holds at every instant. */
struct sn_counts {
    uint64_t planned, completed, failed;
    uint64_t dropped[SN_DROPS_LEN];
    uint64_t cancelled, unaccounted, in_flight, not_yet_due;
    uint64_t late;                  /* of those started: later than one clock step after due */
    uint64_t errors[SN_ERRORS_LEN]; /* of those failed */
};

/* Operations that are behind: started, dropped, or given up. */
uint64_t sn_counts_passed(const struct sn_counts *counts);

/* An operation that is kept whole: among the slowest, or the first of its error. */
struct sn_exemplar {
    uint64_t k;
    int64_t due_us; /* absolute */
    uint32_t response_us, service_us;
    uint8_t kind, phase, failed;
    uint8_t text_len;
    char text[96]; /* the error's own words, cut */
    uint8_t step;  /* which of its steps failed, from 1; 0: none did */
};

struct sn_delta_head {
    uint32_t shard, incarnation, seq; /* seq 1, 2, 3, …; incarnation: times this shard was opened */
    uint32_t stage, stage_done;       /* enum sn_stage; 1 when its share of the stage is finished */
    uint32_t epoch_seq;               /* newest epoch it knows */
    int64_t armed_us; /* when this shard was armed: one that lost everything and was armed again is another */
    int64_t at_us;
    uint64_t lease_k;                            /* nothing at or above it was ever started */
    uint64_t jobs_total, jobs_done, jobs_failed; /* of the present stage's jobs */
    uint64_t calls;                              /* host calls so far, jobs included */
    uint32_t slices, harness_errors;
    uint32_t epochs_late;    /* epochs that it heard of when they should have taken effect */
    uint64_t timers_late_us; /* for so long its load stood still because the runtime's timers were late */
    struct sn_counts counts;
    uint32_t words_len; /* of the first of jobs_failed: what the target said, UTF-8 but for a cut at its end */
    uint8_t words[SN_WORDS_MAX];
};

struct sn_delta_second {
    uint32_t second;
    struct sn_second counts;
};

/* What a shard was charged for. */
struct sn_spent {
    uint64_t units[SN_METERS_COUNTED]; /* by what it sent to targets, and by what D1 answered; jobs included */
    uint64_t rows_stored;              /* written to its own storage, alarms and what was erased included */
};

/* Collects between two checkpoints. */
struct sn_delta {
    struct sn_spent spent;
    uint32_t results_len, seconds_len, exemplars_len, steps_len;
    struct sn_result results[SN_RESULTS_MAX];
    uint64_t steps[SN_STEP_RESULTS_MAX]; /* number << 48 | service << 16 | within << 8 | failed */
    struct sn_delta_second seconds[SN_DELTA_SECONDS_MAX];
    struct sn_exemplar exemplars[SN_DELTA_EXEMPLARS_MAX];
};

void sn_delta_clear(struct sn_delta *delta);
/* True when it is time for a checkpoint, because it might soon not fit any more.  A shard that starts and drops nothing
 * while this is true always has room for the results of what is open (SN_OPEN_MAX). */
bool sn_delta_full(const struct sn_delta *delta);
void sn_delta_result(struct sn_delta *delta, const struct sn_result *result);
void sn_delta_step(struct sn_delta *delta, const struct sn_step_result *result);
void sn_delta_started(struct sn_delta *delta, uint32_t due_second);
void sn_delta_dropped(struct sn_delta *delta, uint32_t due_second, enum sn_drop cause);
/* Keeps it if it is the first of its error in this delta (the one with the lowest k), or slower than the fastest that is
 * kept.  What stays does not depend on the order. */
void sn_delta_exemplar(struct sn_delta *delta, const struct sn_exemplar *exemplar);

/* The most that sn_delta_put() can write. */
#define SN_DELTA_BYTES_MAX 49152u

/* Writes the whole delta.  Sorts the results in place; equal results give equal bytes in whatever order they came. */
void sn_delta_put(struct sn_writer *w, const struct sn_delta_head *head, struct sn_delta *delta);
/* Checks the whole delta against its checksum and reads the head alone; `r`, which ends where the delta does, then stands
 * at the body, for sn_tally_add().  SN_E_FORMAT, SN_E_VERSION, SN_E_CHECKSUM: `r` stays where it was. */
enum sn_status sn_delta_head_get(struct sn_reader *r, struct sn_delta_head *head);

#endif
