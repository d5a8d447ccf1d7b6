/* The shard machine's inside, shared by its files:
 *
 *     shard.c         events in, effects out; slices and deadlines
 *     shard_pass.c    starting the shards that come after it
 *     shard_work.c    what to start next: operations of the schedule, items of a job
 *     shard_flow.c    which steps of those under way come next, and sending them
 *     shard_breath.c  leaving the runtime time for others
 *     shard_answer.c  what calls answered: steps, results, errors
 *     shard_report.c  deltas on their way to the run, commands on their way back
 *     shard_turn.c    when it may report, so that not all shards do at once
 *     shard_store.c   checkpoints, and opening from one
 */
#ifndef SENTINEL_RUN_SHARD_MACHINE_H
#define SENTINEL_RUN_SHARD_MACHINE_H

#include "sentinel/base/time.h"
#include "sentinel/load/operation.h"
#include "sentinel/load/share.h"
#include "sentinel/measure/delta.h"
#include "sentinel/plan/estimate.h"
#include "sentinel/run/command.h"
#include "sentinel/run/shard.h"

#define SN_BACKLOG_BYTES 65536 /* encoded deltas that the run has not stored yet */
#define SN_BACKLOG_MAX 64
_Static_assert(SN_BACKLOG_MAX <= SN_STORE_ENTRIES_MAX, "what the run has stored is erased in one go");
#define SN_LEASE_SPARE_US (3 * SN_SECOND_US / 2) /* of a lease, beyond the next checkpoint */
#define SN_CONTROL_TIMEOUT_US (5 * SN_SECOND_US)
#define SN_ITEM_TRIES 4 /* an item of a job is tried so often before it counts as failed */
#define SN_ITEM_PAUSE_US (SN_SECOND_US / 4)
#define SN_SHARD_STATE_VERSION 4u
#define SHARD_NEVER_US (INT64_MIN / 2) /* of a time that has not come yet */

enum open_state {
    OPEN_FREE = 0,
    OPEN_RUNNING, /* its steps are being made */
    OPEN_AGAIN,   /* a job's item that failed: it is tried again at wake_us */
    OPEN_ENDED,   /* it was counted; what it left in the background has not ended */
};

/* An operation or a job's item that is under way.  Its steps are bits: first `left`, then `ready` or `aside`, then a call. */
struct open_work {
    uint64_t k;    /* operation, or item number as the job counts */
    uint64_t item; /* index of the item in its stage; jobs only */
    int64_t due_us, first_sent_us;
    int64_t wake_us;          /* since then, or from then on, there is something to send; ENDED: when it ended */
    int64_t think_us;         /* thought so far, the time that is running included: no part of any latency */
    const struct sn_job *job; /* NULL: an operation of the schedule */
    uint32_t sql_us, rows, rows_read, rows_written, bytes, retries;
    uint16_t left;  /* not reached yet */
    uint16_t ready; /* reached, and not sent; none while it is thinking */
    uint16_t aside; /* the same in the background */
    uint8_t calls;  /* in flight, that it waits for */
    uint8_t behind; /* in flight, that it does not wait for */
    uint8_t state, kind, phase, tries, cache, lag_slots;
    uint8_t tenant; /* of several, the one that an item is for, from 1 */
    bool thought;   /* the time before the steps that are next is running or over */
};

/* What was captured of an operation's answers, or an item's.  An operation has it as long as it has its place. */
struct captured_text {
    uint8_t len; /* 0: nothing yet */
    uint8_t bytes[SN_CAPTURE_MAX];
};

/* A host call in flight: a slot that is taken. */
struct open_call {
    uint32_t id; /* 0: none */
    uint8_t place, step;
    bool waited;  /* the operation waits for it */
    bool counted; /* its time was up, and it was counted; only the slot is not free yet */
    int64_t sent_us;
};
#define SHARD_CALLS_MAX 8u /* SN_CONNECTIONS_MAX and a little; a call's place is in the low bits of its id */
_Static_assert(SHARD_CALLS_MAX >= SN_CONNECTIONS_MAX + 1, "a place for every slot");

/* What a checkpoint keeps of the machine's own state.  Flat, so that storing it is copying it. */
struct shard_state {
    uint32_t version, size;
    uint32_t index, place, places, incarnation, seq;
    uint32_t stage, stage_done;
    uint32_t slices, harness_errors;
    uint32_t epochs_late; /* heard of after their moment, while we started operations */
    int64_t heard_us;     /* the run's newest word */
    int64_t armed_us;     /* by this the run knows us from one that was armed again after it had lost everything */
    uint64_t cursor_k;    /* LOAD: the next operation of ours that is neither started nor given up */
    uint64_t lease_k;     /* nothing at or above it was ever started */
    uint64_t item_cursor; /* jobs: the next item of ours */
    uint64_t items_total, items_done, items_failed; /* after a crash a few that are done again count twice */
    uint32_t words_len;                             /* of the first item that failed: what the target said */
    uint8_t words[SN_WORDS_MAX];
    uint64_t last_k, calls, strays;
    uint64_t timers_late_us; /* while there was load: for so long work stood still because a timer was late */
    struct sn_counts counts;
    uint32_t epochs_len, open_len;
    struct sn_epoch epochs[SN_EPOCHS_MAX];
    char run_name[64];
};

struct backlog_entry {
    uint32_t seq, offset, len;
    bool durable;
};

/* The shards that this one starts before it works.  Not saved: the run calls those that have not come. */
struct shard_pass {
    uint32_t len, next; /* so many follow; those from `next` on were not called yet.  len 0: there is nothing to do */
    uint32_t come;      /* bit n: follower n has come.  `next` and this stay when all is done */
    int64_t next_us, until_us;
    uint32_t ids[SN_FOLLOWERS_MAX]; /* of calls in flight; 0: none */
};

struct sn_shard {
    bool armed, opened; /* armed: there is a plan and a run to work for */
    bool in_slice, slice_over;
    bool stored; /* something was on disk when it was opened */
    uint32_t plan_len;
    struct sn_plan plan;
    struct sn_render render; /* of the plan; k and the time are those of the step that was sent last */
    struct sn_shapes shapes; /* of the plan's steps; the host has them as long as it has this machine */
    struct sn_schedule schedule;
    struct sn_command command;
    struct shard_state state;

    struct shard_state kept;  /* what the newest delta was made from: a write that is repeated says the same again */
    uint64_t durable_lease_k; /* state.lease_k is the one of the newest checkpoint, durable or not */
    uint32_t epochs_counted;  /* the share and the counts are those of a schedule with so many epochs */
    struct sn_share share;    /* which operations are ours; before a start, whose items */
    int64_t now_us;           /* of the last step */
    int64_t slice_start_us, alarm_us, opened_us;
    int64_t breath_us;          /* when a timer came last */
    int64_t breath_due_us;      /* when the one is due before which nothing is started; 0: none is waited for */
    int64_t breathless_us;      /* since when it is waited for */
    int64_t saturated_until_us; /* until then the runtime is taken for saturated; see shard_breath.c */
    uint32_t rest_level;
    bool timer_was_late;
    int64_t allowed_us;    /* when the newest report that the run answered was sent; see shard_silenced() */
    int64_t back_us;       /* when we were last allowed again: what was due before was due while we were away */
    int64_t full_since_us; /* since when every slot is busy; INT64_MAX when one is free */
    int64_t freed_us;      /* when a slot last became free after all had been busy */
    uint32_t calls_in_flight, generation;
    uint64_t slice_k;     /* state.cursor_k when the slice began */
    uint32_t slice_calls; /* that the present slice has made, reports too */

    int64_t checkpoint_us;        /* when the next one is due */
    int64_t checkpointed_us;      /* when the last one was made, and how many operations were behind us by then: */
    uint64_t passed_then;         /* how fast leases are used up */
    bool checkpoint_wanted;       /* sooner than that */
    uint32_t store_id, store_seq; /* in flight; 0: none */
    uint64_t store_lease_k;
    uint32_t arm_call_id; /* a CALL that is answered when the plan is durable and was passed on */
    bool plan_durable, store_plan;
    struct shard_pass pass;

    uint32_t report_id, report_seq; /* in flight; 0: none */
    int64_t report_sent_us, report_pause_us;
    int64_t report_turn_us; /* of the report that waits; 0: none does */
    uint32_t want_seq;      /* the delta to send next */
    uint32_t next_id;

    uint32_t backlog_len, backlog_used;
    struct backlog_entry backlog[SN_BACKLOG_MAX];
    struct open_call calls[SHARD_CALLS_MAX];
    uint32_t open_len; /* places that may be taken: those from here on are free */
    struct open_work open[SN_OPEN_MAX];
    struct captured_text captured[SN_OPEN_MAX][SN_CAPTURES_MAX]; /* by place */
    struct sn_span captured_now[SN_CAPTURES_MAX];                /* of the one that is rendered */
    struct sn_delta delta;
    _Alignas(16) uint8_t plan_bytes[SN_PLAN_BYTES_MAX];
    uint8_t backlog_bytes[SN_BACKLOG_BYTES];
};

/* Whether the shard has work that needs alarms: from being armed until the run says DONE. */
bool shard_working(const struct sn_shard *shard);
/* Run second of an absolute moment: (0 s, 1 s] is 0. */
uint32_t shard_second(const struct sn_shard *shard, int64_t at_us);

/* shard.c: erases everything, as if it had never been armed. */
void shard_forget(struct sn_shard *shard, struct sn_writer *w);

/* Answers the call to arm when there is one and it is time. */
void shard_answer_arm(struct sn_shard *shard, struct sn_writer *w);

/* shard_pass.c */
void shard_pass_begin(struct sn_shard *shard, uint32_t followers, int64_t now_us);
bool shard_passing(const struct sn_shard *shard);
void shard_pass_on(struct sn_shard *shard, int64_t now_us, struct sn_writer *w);
bool shard_pass_answered(struct sn_shard *shard, const struct sn_record *event); /* false: not its id */
int64_t shard_pass_deadline_us(const struct sn_shard *shard);

/* shard_work.c */
enum sn_stage shard_job_stage(uint32_t stage); /* whose jobs are worked on: sweeping is cleaning a second time */
void shard_stage_enter(struct sn_shard *shard, uint32_t stage);
/* What is ours, by the epochs that are known. */
void shard_count_share(struct sn_shard *shard);
void shard_work(struct sn_shard *shard, int64_t now_us, struct sn_writer *w);
int64_t shard_work_deadline_us(const struct sn_shard *shard, int64_t now_us);
/* Whether there are operations of ours that were neither started nor given up. */
bool shard_has_more(const struct sn_shard *shard);
/* Counts calls.  The slice that has made as many as an invocation may is over. */
void shard_spend_calls(struct sn_shard *shard, uint32_t calls);
/* Whether the invocation may make so many calls more. */
bool shard_may_call(const struct sn_shard *shard, uint32_t calls);
bool shard_slot_free(const struct sn_shard *shard);
bool shard_place_left(const struct sn_shard *shard);
/* To be called when a call was sent or settled, or a place taken or left: since when there is no room for one more. */
void shard_note_room(struct sn_shard *shard, int64_t now_us);

/* shard_flow.c */
/* Begins with the work's first steps; what they are is ready. */
void shard_begin(struct sn_shard *shard, struct open_work *work, int64_t at_us);
/* What follows the steps that have ended is ready, or thought about until wake_us.  False when nothing does. */
bool shard_go_on(struct sn_shard *shard, struct open_work *work, int64_t at_us);
/* Whether no call is in flight that it waits for, and none is ready: it thinks, or has thought. */
bool shard_is_thinking(const struct open_work *work);
/* Whether the work can send something at this moment. */
bool shard_has_ready(const struct open_work *work, int64_t now_us);
/* Sends one of the steps that the work can send.  False when the outbox is full: then nothing happened. */
bool shard_send_step(struct sn_shard *shard, struct open_work *work, int64_t now_us, struct sn_writer *w);
/* Sends what the work can send, as far as slots go. */
void shard_send_ready(struct sn_shard *shard, struct open_work *work, int64_t now_us, struct sn_writer *w);
/* What operations are rendered with, for this one at this moment. */
const struct sn_render *shard_render(struct sn_shard *shard, const struct open_work *work, int64_t now_us);
struct captured_text *shard_captured(struct sn_shard *shard,
                                     const struct open_work *work); /* SN_CAPTURES_MAX of them */
/* NULL: no call that is in flight. */
struct open_call *shard_find_call(struct sn_shard *shard, uint32_t id);
void shard_settle(struct sn_shard *shard, struct open_call *call, int64_t now_us);
const struct sn_step *shard_step_of(const struct sn_shard *shard, const struct open_work *work, uint32_t step);
/* When the work has taken as long as it may. */
int64_t shard_time_up_us(const struct sn_shard *shard, const struct open_work *work);

/* shard_breath.c */
/* Whether it has worked for so long that nothing may be started before a timer has come. */
bool shard_breathless(struct sn_shard *shard, int64_t now_us);
/* Calls that may be in flight now. */
uint32_t shard_slots(const struct sn_shard *shard);
/* A timer has come. */
void shard_breathe(struct sn_shard *shard, int64_t now_us);

/* shard_answer.c */
void shard_step_answered(struct sn_shard *shard, const struct sn_record *event, struct sn_span payload, int64_t now_us,
                         struct sn_writer *w);
void shard_time_out(struct sn_shard *shard, int64_t now_us);
/* Operations that are thinking are cancelled: nobody waits for what they would have done.  Those that wait for an answer get
 * it. */
void shard_cancel_thinking(struct sn_shard *shard, int64_t now_us);

/* shard_report.c */
void shard_report(struct sn_shard *shard, int64_t now_us, struct sn_writer *w);
void shard_report_answered(struct sn_shard *shard, const struct sn_record *event, struct sn_span payload,
                           int64_t now_us, struct sn_writer *w);
/* Reads a command and follows it.  Stages only go forward.  A status when it cannot be read: then only epochs are known that
 * were not. */
enum sn_status shard_obey(struct sn_shard *shard, struct sn_reader *message, int64_t now_us, struct sn_writer *w);
/* True when the run has not answered for so long that nothing may be started or given up: it may have given our place to
 * another shard.  Only the answer to a report ends it; the run's own calls may be old. */
bool shard_silenced(const struct sn_shard *shard, int64_t now_us);
struct backlog_entry *shard_backlog_find(struct sn_shard *shard, uint32_t seq);
/* False when there is no room. */
bool shard_backlog_add(struct sn_shard *shard, uint32_t seq, const void *bytes, size_t len, bool durable);

/* shard_turn.c */
/* The first turn of this place at this moment or after it, by the clock.  `behind`: it has more to tell than one report. */
int64_t shard_turn_us(uint32_t place, uint32_t places, bool behind, int64_t at_us);
/* When the report with this number, which could be sent now, may be. */
int64_t shard_report_turn_us(struct sn_shard *shard, uint32_t seq, int64_t now_us);
/* When to write the checkpoint after this one: where shards report more rarely than once a second, just before their turns. */
int64_t shard_next_checkpoint_us(const struct sn_shard *shard, int64_t now_us);

/* shard_store.c */
void shard_checkpoint(struct sn_shard *shard, int64_t now_us, struct sn_writer *w);
void shard_stored(struct sn_shard *shard, bool ok, int64_t now_us, struct sn_writer *w);
void shard_loaded(struct sn_shard *shard, struct sn_span payload);
/* After the last LOADED: what the machine was when it last wrote. */
void shard_reopen(struct sn_shard *shard, int64_t now_us, struct sn_writer *w);
/* Takes a plan for the first time.  A status when it cannot be used. */
enum sn_status shard_arm(struct sn_shard *shard, struct sn_reader *message, uint32_t *followers, struct sn_writer *w);
enum sn_status shard_use_plan(struct sn_shard *shard, const void *bytes, size_t len, struct sn_writer *w);
void shard_put_delta_key(struct sn_writer *w, uint32_t seq);

#endif
