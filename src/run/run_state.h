/* What a run saves of itself, beside its plan, its deltas and its measurements: flat, so that storing it is copying it.  Any
 * change of it is another version. */
#ifndef SENTINEL_RUN_RUN_STATE_H
#define SENTINEL_RUN_RUN_STATE_H

#include "run_search.h"
#include "sentinel/base/limits.h"
#include "sentinel/load/schedule.h"
#include "sentinel/measure/cost.h"
#include "sentinel/measure/delta.h"
#include "sentinel/measure/threshold.h"

#define RUN_STATE_VERSION 14u

/* What is known of one shard.  Saved. */
struct run_shard {
    uint32_t armed, lost;
    uint32_t replaced, epochs_late; /* replaced: another one has its place */
    uint32_t place;                 /* load/share.h */
    uint32_t life; /* when it was armed, as it says itself, in ms; another one is not the shard that we know */
    uint32_t incarnation, seq, stored_seq;
    uint16_t stage, stage_done;
    uint32_t timers_late_ms; /* for so long its load stood still because timers were late */
    uint32_t epoch_seq;
    uint32_t slices, harness_errors;
    int64_t heard_us, skew_us; /* skew: its clock minus ours when it was last heard, delays included */
    uint64_t lease_k, jobs_total, jobs_done, jobs_failed, calls;
    struct sn_counts counts;
};

/* What the run itself has used, as it happened. */
struct run_use {
    uint64_t requests;                      /* that it got: calls, alarms, sockets; and the calls to shards */
    uint64_t http;                          /* of those, what came through the Worker */
    uint64_t messages;                      /* of viewers */
    uint64_t rows_stored;                   /* written to its own storage, alarms and what was erased included */
    uint64_t control_read, control_written; /* rows of the control database */
    uint64_t target_read, target_written; /* rows of databases that are to be tested: whose they are, and their data */
};

/* What got in the way of the load. */
struct run_interruptions {
    uint32_t shards_lost, shards_replaced, restarts, run_restarts, harness_errors, epochs_late;
    uint32_t clock_skew_us;  /* how far ahead of ours a shard's clock was */
    uint32_t timers_late_ms; /* of all shards together */
};

/* The run's own state.  Saved, flat. */
struct run_state {
    uint32_t version, size;
    uint32_t status, stage;
    uint32_t start_wanted, cancel_wanted, failing; /* failing: it will end as failed, for `reason` */
    uint32_t ending;                               /* enum sn_ending: what came first of what can end it */
    uint32_t shards_len, epochs_len;
    uint32_t log_seq;                  /* of the newest log entry */
    uint32_t revision, projected;      /* of the run's row: wanted, and accepted by the database */
    uint32_t final_cursor, final_done; /* what of the final results the database has accepted */
    uint32_t checkpoints;              /* rows written to sentinel_checkpoints */
    uint32_t sweep_done, sweep_cut, forgotten;
    uint32_t opened;                        /* times this object was opened again before the run's end */
    uint32_t frozen;                        /* the load is over: what follows is judged no more */
    uint32_t swept_up;                      /* nothing is sent: it only cleans up after a run that was lost */
    uint32_t judged_s;                      /* seconds of the load whose ends thresholds were judged at */
    uint32_t aborted;                       /* 1 + the threshold that ended the run; 0: none did */
    uint32_t data;                          /* enum run_data_state: of data that outlives the run */
    uint32_t reused;                        /* nothing was prepared, since an earlier run's data was there */
    uint32_t series_from;                   /* detail of earlier seconds is in the database and has left the series */
    uint32_t levels_s;                      /* windows of the load up to this second are over */
    struct run_interruptions interruptions; /* as they were then */
    uint64_t last_k;                        /* no operation above it was ever started; known from the cleanup on */
    int64_t stage_us;                       /* when the stage began */
    int64_t written_us;                     /* when this was written: what it says of silence is true of that moment */
    int64_t created_us, started_us, load_started_us, load_ended_us, ended_us, sweep_us, cancelled_us;
    uint64_t quiet_call_us; /* the lowest median time of a call so far; 0: too early to say */
    uint64_t prepared, prepare_failed, cleaned, clean_failed;
    struct run_use use;
    int64_t swept_us; /* when the sweep was over; 0: it is not */
    uint64_t usage_before[SN_METERS_COUNTED],
        usage_after[SN_METERS_COUNTED]; /* of the target, when the load began and ended */
    struct sn_epoch epochs[SN_EPOCHS_MAX];
    struct sn_threshold_watch watches[SN_THRESHOLDS_MAX];
    struct run_search search;
    char reason[SN_REASON_MAX];
    uint32_t words_len; /* what a target said when something could not be prepared; the first that was heard of */
    uint8_t words[SN_WORDS_MAX];
};

#endif
