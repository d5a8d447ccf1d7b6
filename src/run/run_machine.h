/* The run machine's inside, shared by its files (what it saves of itself: run_state.h):
 *
 *     run.c          events in, effects out, deadlines
 *     run_life.c     its status: what begins, ends and fails it
 *     run_stages.c   its stages: what its shards work on, and what comes next
 *     run_pace.c     how the number of shards stretches the times between them
 *     run_steer.c    pause, resume, scale, extend
 *     run_arm.c      which shards are started, and who starts them
 *     run_shards.c   arming, commanding and watching the shards; their deltas
 *     run_replace.c  shards that are silent, lost, and replaced
 *     run_counts.c   what became of every operation, also of lost shards'
 *     run_judge.c    thresholds, once a second and in reports
 *     run_levels.c   what each level of the load did
 *     run_search.c   the search for the highest rate that keeps the thresholds
 *     run_target.c   is the database that is to be tested Sentinel's own?
 *     run_data.c     data that outlives runs: is it there, is it ready, is it gone
 *     run_fault.c    what can break on our own side, and the reason that is given
 *     run_cost.c     what the run has used so far, and its budget
 *     run_forget.c   erasing a run that is over
 *     run_store.c    the log, the snapshot, and opening from them
 *     run_project.c  the control database's copy
 *     run_retry.c    when to ask the database again that has failed
 *     run_view.c     the report's view; answers to READ and REPORT
 *     run_told.c     what those who watch have been told, and what they lack
 *     run_live.c     those who watch: what they are sent, and what they say
 */
#ifndef SENTINEL_RUN_RUN_MACHINE_H
#define SENTINEL_RUN_RUN_MACHINE_H

#include "run_data.h"
#include "run_state.h"
#include "sentinel/base/action.h"
#include "sentinel/base/message.h"
#include "sentinel/base/time.h"
#include "sentinel/load/share.h"
#include "sentinel/measure/levels.h"
#include "sentinel/measure/series.h"
#include "sentinel/measure/tally.h"
#include "sentinel/plan/estimate.h"
#include "sentinel/report/report.h"
#include "sentinel/run/command.h"
#include "sentinel/run/run.h"

#define RUN_REVISION_AFRESH (1u << 20) /* so far above what the row has is whatever sweeps up after a lost run */
#define RUN_LOG_BYTES 98304            /* deltas that wait to be written to the log */
#define RUN_LOG_ENTRIES 45             /* after so many the snapshot replaces the log */
#define RUN_CHUNK_BYTES 294912         /* of a snapshot; the series is one chunk */
_Static_assert(RUN_CHUNK_BYTES < SN_STORE_VALUE_MAX, "a chunk is one stored value");
#define RUN_CALLS_MAX 5 /* to shards at once; of six connections one stays free */
#define RUN_CALL_TIMEOUT_US (5 * SN_SECOND_US)
#define RUN_ARM_PATIENCE_US (60 * SN_SECOND_US) /* or twice what the spacing takes */
#define RUN_LEAD_SPARE_US (SN_SECOND_US / 2)    /* beyond the report by which the slowest shard learns of the start */
#define RUN_PAUSE_MAX_US (3600 * SN_SECOND_US)
#define RUN_STAGE_PATIENCE_US (900 * SN_SECOND_US) /* a prepare or a cleanup that takes longer is given up */
#define RUN_HELD_MAX 8u
#define RUN_HALT_US (5 * SN_SECOND_US) /* when the run was not called for so long, nobody's silence counts */
/* Of the schedule's epochs these stay free: for a resume, a stop, and shards that are lost. */
#define RUN_EPOCHS_KEPT (2 + SN_REPLACED_MAX)
#define RUN_PAGES_MAX 1200u /* of all histograms: a snapshot has them all */
#define RUN_SERIES_SLOTS 32768u
#define RUN_DRAIN_SECONDS 65u /* seconds after the end that the series can still count */
#define RUN_SERIES_SECONDS (SN_DURATION_S_MAX + 1 + RUN_DRAIN_SECONDS) /* the run may be extended so far */

/* What the databases that are to be tested have said of themselves, one after the other.  Not saved: a run that was opened
 * again asks again. */
struct run_target {
    bool own;         /* the one at `next` is the control database */
    bool remembers;   /* the one that would remember data has a table for it */
    uint32_t next;    /* index in the plan's targets: those before it are databases that are none, or no databases */
    uint32_t call_id; /* in flight; 0: none */
    int64_t next_us;  /* not before */
    uint32_t trouble_len;
    uint8_t trouble[SN_WORDS_MAX]; /* why it did not answer */
};

/* What those who watch have been told of the history: the seconds before `next`, again and again when something in them
 * changes.  Not saved: a run that was opened again tells everything anew. */
struct run_told {
    uint32_t next;
    bool again; /* it was opened again: what a viewer knows, one that died since may have told */
    bool left;  /* sockets that were there before this object are still open */
    uint16_t behind[RUN_SERIES_SECONDS + 1]; /* by `next`: how far behind it things have changed while it stood there */
};

/* The call to a shard that is in flight, and when the next may follow.  Not saved. */
struct run_link {
    uint32_t call_id, kind; /* kind: enum sn_message */
    uint32_t followers;     /* of a call to arm: those after it, which it is to start */
    uint32_t pushed_stage, pushed_epoch;
    int64_t sent_us, next_us;
};

/* The bindings that this Worker has, by the hashes of their names; when the table is full there may be more. */
#define RUN_BINDINGS_MAX 256u
struct run_bindings {
    uint32_t len;
    uint64_t hashes[RUN_BINDINGS_MAX];
};

struct sn_run {
    bool opened, planned; /* planned: there is a plan */
    uint32_t plan_len, next_id, calls;
    struct run_bindings bindings;
    int64_t now_us, frame_us, alarm_us, arm_us;
    int64_t budget_us;       /* when the cost is looked at next */
    int64_t halted_us;       /* of the present stage's time, the machine stood still: nobody's patience wears out */
    int64_t stepped_us;      /* when the machine was called last; 0: not since it was opened */
    uint64_t quiet_sampled;  /* operations that had ended when quiet_call_us was last looked at */
    int64_t alone_us;        /* since when every shard is lost; INT64_MAX: some are not */
    int64_t store_failed_us; /* since when no write has worked; INT64_MAX: the last one did */
    struct sn_plan plan;
    struct sn_schedule schedule;
    struct run_state state;
    struct run_shard shards[SN_SHARDS_MAX];
    struct run_link links[SN_SHARDS_MAX];
    struct sn_report_shard report_shards[SN_SHARDS_MAX];
    struct sn_threshold_value threshold_values[SN_THRESHOLDS_MAX]; /* of the newest report */
    struct run_target target;
    struct run_data data;
    struct run_told told;

    bool dirty;                          /* something changed since the last write */
    bool write_now;                      /* do not wait for the interval */
    bool snapshot_wanted;                /* the next write is a snapshot, not a log entry */
    bool plan_unwritten;                 /* the next write carries the plan, and the one after it the start */
    bool start_when_stored;              /* the plan, that is */
    uint32_t store_id;                   /* in flight; 0: none */
    uint32_t snapshot_log_seq;           /* of the write in flight; 0 unless it is a snapshot */
    uint32_t stored_seqs[SN_SHARDS_MAX]; /* what becomes durable with the write in flight */
    uint32_t store_stage, store_epochs, store_shards, store_swept; /* likewise */
    uint32_t durable_stage, durable_epochs, durable_shards,
        durable_swept;                         /* what shards may be told: a restarted run must still know it */
    uint32_t store_revision, durable_revision; /* the same for the database's row */
    bool unreadable;                           /* something stored is of another version */
    /* Answers to START, CANCEL and CREATE that wait until what they say is durable.  The first held_stored of them are
     * in the write in flight. */
    uint32_t held[RUN_HELD_MAX], held_len, held_stored;
    uint32_t first_log_seq; /* oldest entry that still exists */
    int64_t store_us;       /* when the next write is due */
    uint32_t log_used;

    uint32_t sql_id, sql_batch, sql_revision, sql_cursor; /* the statement batch in flight */
    int64_t sql_us, sql_pause_us;                         /* not before; the pause that ends then, 0: none */
    int64_t sql_sent_us;                                  /* when the batch in flight left */

    struct sn_tally *tally; /* these in `memory` below */
    struct sn_series *series;
    struct sn_intervals *intervals;
    struct sn_levels *levels;
    size_t tally_size, series_size, intervals_size, levels_size;
    uint8_t *scratch; /* pages for sums */
    _Alignas(16) uint8_t plan_bytes[SN_PLAN_BYTES_MAX];
    uint8_t log_bytes[RUN_LOG_BYTES];
    _Alignas(16) uint8_t memory[];
};

#define RUN_SCRATCH_PAGES 120u

/* run_pace.c: times that grow with the number of shards, because each reports the more rarely, the more there are. */
int64_t run_interval_us(const struct sn_run *run);     /* between two reports of a shard */
int64_t run_silence_us(const struct sn_run *run);      /* a shard that has no answer for so long starts nothing more */
int64_t run_lost_us(const struct sn_run *run);         /* a shard that is silent so long is lost */
int64_t run_lead_us(const struct sn_run *run);         /* from deciding the start to run time 0 */
int64_t run_steer_lead_us(const struct sn_run *run);   /* until an epoch takes effect: every shard reports before */
int64_t run_arm_patience_us(const struct sn_run *run); /* until every shard is to be armed */

/* run_life.c */
bool run_active(const struct sn_run *run); /* started, and not everything that it left is cleaned */
bool run_ended(const struct sn_run *run);
enum sn_status run_start(struct sn_run *run, int64_t now_us);
/* Ends a run early, as cancelled.  The reason stands unless the run is failing already. */
enum sn_status run_cancel(struct sn_run *run, enum sn_ending ending, const char *reason, int64_t now_us);
/* Cleans up after a run that its object has lost.  `reach`: it may have been steered to this many operations; `revision`: of
 * its row, which may have been written by another sweep. */
void run_sweep_up(struct sn_run *run, uint64_t reach, uint32_t revision, int64_t now_us);
/* A pending run whose time has passed ends as failed. */
enum sn_status run_expire(struct sn_run *run, int64_t now_us);
void run_show_paused(struct sn_run *run, bool paused); /* the status, after the epoch */
/* The load is over. */
void run_drain(struct sn_run *run);
/* Everything is cleaned: completed, cancelled or failed. */
void run_finish(struct sn_run *run, int64_t now_us);
void run_enter(struct sn_run *run, enum sn_stage stage);
int64_t run_waited_us(const struct sn_run *run); /* how long the stage has lasted for whoever was awake */
/* An order to all shards that takes effect then. */
void run_add_epoch(struct sn_run *run, enum sn_epoch_kind kind, int64_t effective_us);
/* Stops the load, and ends the run as failed when what is in flight has ended and all is cleaned. */
void run_abort(struct sn_run *run, const char *reason, int64_t now_us);
/* Stops the load; the run goes on to its end as if that were the curve's. */
void run_stop(struct sn_run *run, int64_t now_us);
/* Ends the run as failed, after cleaning.  The first reason stands. */
void run_fail(struct sn_run *run, const char *reason);
/* The same where it is not SN_ENDING_ERROR that brings it to its end. */
void run_fail_by(struct sn_run *run, enum sn_ending ending, const char *reason);
/* What brings the run to its end, unless something else has before. */
void run_note_ending(struct sn_run *run, enum sn_ending ending);
/* The same with somebody's own words behind the reason, of which at most SN_WORDS_MAX bytes are kept. */
void run_fail_saying(struct sn_run *run, const char *reason, const void *words, size_t len);
void run_changed(struct sn_run *run); /* the run's row in the database is out of date */

/* run_stages.c */
void run_advance(struct sn_run *run, int64_t now_us, struct sn_writer *w);
struct run_interruptions run_interruptions(const struct sn_run *run);

/* run_steer.c */
enum sn_situation run_situation(const struct sn_run *run, int64_t now_us);
/* In the situations in which the action is to be done.  `value`: the factor, or the seconds that the load is to last in all. */
enum sn_status run_steer(struct sn_run *run, enum sn_run_action action, double value, int64_t now_us);
/* When an epoch that is wanted at this moment can take effect: not before the one before it. */
int64_t run_epoch_moment_us(const struct sn_run *run, int64_t at_us);

/* run_counts.c */
/* Where a shard stands: what it said last, and if it is lost what must have become of the rest. */
struct sn_counts run_shard_counts(const struct sn_run *run, uint32_t shard);
struct sn_counts run_counts(const struct sn_run *run);
/* A shard that is lost, or out of touch, started no operation above this one. */
uint64_t run_shard_reach(const struct sn_run *run, uint32_t shard);

/* run_replace.c */
uint32_t run_places(const struct sn_run *run);
bool run_vacant(const struct run_shard *shard); /* it is lost, and nobody has its place */
/* Marks shards as lost that have been silent for too long, and gives their places to new ones. */
void run_replace_lost(struct sn_run *run, int64_t now_us);
/* The run came to its clean-up before this place's first shard was there.  It may be at work where nobody hears it, and
 * what others prepared is dealt anew, to every place: so it is asked to clean up, and awaited like everybody else. */
bool run_comes_late(const struct sn_run *run, uint32_t index);
void run_await_late(struct sn_run *run, int64_t now_us); /* at the beginning of the clean-up */
/* Silence is counted in time in which the run listened.  From `from_us` until now it did not: it stood still, or was not in
 * memory; and what it had heard by then without writing it down is forgotten with the silence that followed. */
void run_forgive(struct sn_run *run, int64_t from_us, int64_t now_us);
/* The epochs that tell of the places that were taken before there was a schedule; to be called at its start. */
void run_tell_replaced(struct sn_run *run);

/* run_judge.c */
/* Judges what is to be judged at the ends of the run's seconds up to this one, which every shard has told of: some of them
 * at once, the rest with the next call, or all of them. */
void run_watch_thresholds(struct sn_run *run, uint32_t known_s, int64_t now_us);
void run_watch_thresholds_to(struct sn_run *run, uint32_t known_s, int64_t now_us);
/* What a report says of them, and the verdict.  Frames cost nothing: they are judged here only once the run has ended. */
void run_put_verdict(struct sn_run *run, struct sn_report *report);
void run_judge_thresholds(struct sn_run *run, const struct sn_report *report); /* by what is known so far */
uint32_t run_longest_window_s(const struct sn_run *run);
/* What thresholds are judged by; `scratch` and `counts` are the caller's. */
struct sn_threshold_facts run_facts(struct sn_run *run, const struct sn_counts *counts, const struct sn_pages *scratch,
                                    int64_t now_us);

/* run_levels.c */
/* Ends the windows of the load that lie before this second, which every shard has told of. */
void run_note_levels(struct sn_run *run, uint32_t known_s);

/* run_target.c */
bool run_target_asked(const struct sn_run *run); /* no database is Sentinel's own */
bool run_target_known(const struct sn_run *run); /* that, and what is to be known of its data; or one is our own */
void run_target_ask(struct sn_run *run, int64_t now_us, struct sn_writer *w);
int64_t run_target_deadline_us(const struct sn_run *run);
/* False: not its id. */
bool run_target_answered(struct sn_run *run, const struct sn_record *event, struct sn_span payload, int64_t now_us);
bool run_target_refused(struct sn_run *run); /* true when the run has failed for that */
void run_target_silent(struct sn_run *run);  /* the run fails, since it has waited long enough */

/* run_fault.c.  The first two are true when the run has failed for that. */
/* Takes the names of the bindings that this Worker has; and fails the run when the plan needs another. */
void run_note_bindings(struct sn_run *run, struct sn_span payload);
bool run_lacks_binding(struct sn_run *run);
bool run_lost_shard(struct sn_run *run, const char *when);        /* when: "during the load" */
bool run_alone(struct sn_run *run, int64_t now_us);               /* every shard is lost, and stays so */
bool run_storage_fails(const struct sn_run *run, int64_t now_us); /* for so long that it will not take anything */
void run_check_storage(struct sn_run *run, int64_t now_us);       /* at its end */

/* run_arm.c */
/* Whether the shard is to be asked to come, as soon as the spacing lets it. */
bool run_to_be_armed(const struct sn_run *run, uint32_t index);
/* Somebody has asked it to come, and what became of that is not known yet. */
bool run_being_armed(const struct sn_run *run, uint32_t index);
/* How many of the shards after this one it is to start. */
uint32_t run_followers(const struct sn_run *run, uint32_t index);
/* The call to arm is on its way, or has been answered. */
void run_arming(struct sn_run *run, uint32_t index, int64_t now_us);
void run_arm_answered(struct sn_run *run, uint32_t index, bool ok, struct sn_span payload, int64_t now_us);
void run_arm_timed_out(struct sn_run *run, uint32_t index, int64_t now_us);

/* run_shards.c */
void run_shards_drive(struct sn_run *run, int64_t now_us, struct sn_writer *w);
int64_t run_shards_deadline_us(const struct sn_run *run);
/* False: not its id. */
bool run_shard_answered(struct sn_run *run, const struct sn_record *event, struct sn_span payload, int64_t now_us);
void run_delta(struct sn_run *run, uint32_t call_id, struct sn_reader *message, int64_t now_us, struct sn_writer *w);
uint64_t run_last_k(const struct sn_run *run); /* no operation above it was ever started */
bool run_shards_all_done(const struct sn_run *run, uint32_t stage);

/* run_store.c */
void run_save_soon(struct sn_run *run); /* the next step writes, without waiting for the interval */
/* Answers the call with the run's state as soon as that is durable. */
void run_hold(struct sn_run *run, uint32_t call_id, int64_t now_us, struct sn_writer *w);
enum sn_status run_use_plan(struct sn_run *run, const void *bytes, size_t len);
void run_store(struct sn_run *run, int64_t now_us, struct sn_writer *w);
bool run_stored(struct sn_run *run, const struct sn_record *event, int64_t now_us, struct sn_writer *w);
void run_loaded(struct sn_run *run, struct sn_span payload);
void run_reopen(struct sn_run *run, int64_t now_us);

/* run_cost.c */
/* What the run has used so far: at the target by its shards' counts, on our side counted or worked out. */
struct sn_ledger run_ledger(const struct sn_run *run, int64_t now_us);
/* What that comes to in nano-dollars, gross, both sides together. */
uint64_t run_cost_nusd(const struct sn_run *run, int64_t now_us);
/* The same for a report. */
void run_put_cost(const struct sn_run *run, int64_t now_us, struct sn_report_cost *cost);
void run_note_usage(const struct sn_run *run, uint64_t usage[SN_METERS_COUNTED]); /* of the target, by now */
/* Cancels a run that has cost as much as it may.  Looks once a second. */
void run_keep_budget(struct sn_run *run, int64_t now_us);
/* An event that costs something: a call, an alarm, a socket, a viewer's message. */
void run_charge_event(struct sn_run *run, const struct sn_record *event, struct sn_span payload);

/* run_forget.c */
/* Everything that is stored, whoever wrote it: the object is as if it were new. */
void run_erase(struct sn_run *run, struct sn_writer *w);
/* Answers with nothing and erases everything; with E_STATE and the state when the run is not over. */
void run_forget(struct sn_run *run, uint32_t call_id, int64_t now_us, struct sn_writer *w);

/* run_project.c */
void run_project(struct sn_run *run, int64_t now_us, struct sn_writer *w);
/* False: not its id.  `said`: of a failure, in the database's own words. */
bool run_projected(struct sn_run *run, const struct sn_record *event, struct sn_span said, int64_t now_us);
int64_t run_project_deadline_us(const struct sn_run *run);

/* run_view.c */
/* The sum of all cells; its histograms use the run's scratch pages until the next sum. */
void run_use_scratch(struct sn_run *run, struct sn_pages *pages); /* empty; whatever was in it is gone */
struct sn_cell run_total(struct sn_run *run, struct sn_pages *pages);
/* Median time of all calls that have ended so far. */
uint32_t run_median_call_us(struct sn_run *run);
struct sn_report run_report(struct sn_run *run, int64_t now_us);
void run_put_state(struct sn_run *run, int64_t now_us, struct sn_writer *w);
void run_reply_state(struct sn_run *run, uint32_t call_id, enum sn_status status, int64_t now_us, struct sn_writer *w);
void run_reply_report(struct sn_run *run, uint32_t call_id, uint32_t format, int64_t now_us, struct sn_writer *w);

/* run_told.c */
/* What everybody has not heard yet, or not as it stands now: up to `end`, and from a second at which points begin, however
 * wide they are.  `touched` is 1 + the first second that changed since the last message; 0: none did. */
struct sn_report_seconds run_untold(const struct run_told *told, uint32_t touched, uint32_t end);
void run_now_told(struct run_told *told, struct sn_report_seconds seconds); /* what run_untold() gave */
/* What somebody lacks who has been told of the seconds before `since`: in a run that was opened again, everything. */
struct sn_report_seconds run_missed(const struct run_told *told, uint32_t since);

/* run_live.c */
void run_publish_frame(struct sn_run *run, struct sn_report *report, struct sn_writer *w);
void run_publish_result(struct sn_run *run, int64_t now_us, struct sn_writer *w); /* to everybody, and good-bye */
/* A viewer has come, by an address with this query. */
void run_greet(struct sn_run *run, uint32_t socket, struct sn_span query, int64_t now_us, struct sn_writer *w);
/* A viewer has outlived the object that greeted it. */
void run_keep(struct sn_run *run, uint32_t socket, struct sn_writer *w);
/* To be called when all events of a step are in: tells those who have outlived a run that it has ended. */
void run_release(struct sn_run *run, int64_t now_us, struct sn_writer *w);
void run_dismiss(struct sn_writer *w, uint32_t socket, const char *reason); /* no such run; socket 0: everybody */
void run_hear(uint32_t socket, struct sn_span text, struct sn_writer *w);

#endif
