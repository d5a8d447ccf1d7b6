/* The simulated world, shared by the simulator's files:
 *
 *     sim.c     the event queue and the story: create, start, evictions, end
 *     faults.c  what goes wrong, and how often
 *     story.c   what happens from outside: deaths, losses, halts, people who steer
 *     host.c    what becomes of effects, and of what was planned
 *     object.c  objects: opened, fed, dying
 *     calls.c   messages between them
 *     disk.c    what they store
 *     gate.c    what they may not say before it is stored
 *     version.c what of that another version of Sentinel cannot read
 *     alarm.c   when they are woken
 *     database.c  the run's row in the control database, and the tick that looks after it
 *     entries.c values by their keys
 *     remember.c  data that outlives runs
 *     target.c  what targets answer: keys and rows that can be counted, and of the simplest target when
 *     serve.c   when targets answer that are like Cloudflare's
 *     audit.c, audit_….c  the auditor
 */
#ifndef SENTINEL_SIM_WORLD_H
#define SENTINEL_SIM_WORLD_H

#include "sentinel/base/message.h"
#include "sentinel/base/random.h"
#include "sentinel/base/record.h"
#include "sentinel/base/vocab.h"
#include "sentinel/json/json.h"
#include "sentinel/load/schedule.h"
#include "sentinel/measure/delta.h"
#include "sentinel/plan/plan.h"
#include "sentinel/run/run.h"
#include "sentinel/run/shard.h"
#include "sentinel/sim/models.h"
#include "sentinel/sim/sim.h"

#define WORLD_START_US INT64_C(1800000000000000)
#define WORLD_END_US (3 * 3600 * SN_SECOND_US) /* a run that has not ended by then never will */
#define AUDIT_SENT_MAX 64
#define AUDIT_REPORTS_MAX 2048 /* more than may be sent in a second, by a thousand shards that were all woken late */
#define OUTBOX_BYTES (2u * 1024 * 1024)

/* A stored value, or a key that a target holds. */
struct entry {
    struct entry *next;
    size_t key_len, value_len;
    uint8_t *key, *value;
    uint32_t version; /* of Sentinel, when it was written */
};

/* Something that will happen. */
struct happening {
    int64_t at_us;
    uint64_t order;      /* equal times happen in the order in which they were planned */
    uint32_t object;     /* whom it concerns; AUDIENCE for the world itself */
    uint32_t generation; /* of the object's memory; an older one's answers reach nobody */
    enum {
        WILL_FEED,
        WILL_TIMER,
        WILL_ALARM,
        WILL_DURABLE,
        WILL_ERASE,
        WILL_DELIVER,
        WILL_EVICT,
        WILL_VANISH,
        WILL_CUT,
        WILL_STEER,
        WILL_ALARM_AGAIN,
        WILL_HALT,
        WILL_TICK,
        WILL_DEPLOY
    } what;
    uint32_t from, from_generation, from_id; /* DELIVER: who asked */
    struct sn_record record;
    uint8_t *payload; /* owned */
    size_t payload_len;
};

struct object {
    char name[64];
    bool is_run, resident, handling; /* handling: an alarm handler has not ended its slice */
    bool called;                     /* by another object, ever */
    bool alarm_again;                /* its alarm comes again once it has */
    bool given_up;                   /* its newest alarm will never come */
    uint32_t generation;
    int64_t alarm_us;   /* 0: none */
    int64_t touched_us; /* when it last did something */
    int64_t timer_us;   /* of the one timer, earlier ones are void; INT64_MAX: none */
    void *memory;
    struct entry *storage;
    uint64_t erased_order; /* writes that were begun before storage was erased do not come back */
    int64_t gate_us;       /* when everything will have been erased, and what is held may leave; 0: the gate is open */
    int64_t unset_us;      /* the alarm that is erased with the rest */
    struct held *held;
    uint32_t steps_in_flight;
    uint32_t writes;      /* that are on their way to its disk */
    bool unwritten;       /* the last one failed */
    uint32_t slice_calls; /* since its handler was called */
    uint64_t lease_k;     /* shards: of the newest delta that is on its disk; nothing at or above it may be sent */
    uint32_t place;       /* shards: of the operations that it sends; NO_PLACE before the first */
    int64_t skew_us;      /* its clock minus the world's */
    int64_t hidden_us;    /* the time that a late timer shows; 0: the clock's */
    int64_t unwritable_until_us;
    int64_t opened_us;   /* when it came to be in memory last */
    uint32_t reported;   /* shards: the generation of their memory that has reported, */
    uint32_t heard;      /* and the one that has heard of its run */
    uint32_t told_stage; /* twice the stage of the newest report, and one more at its end */
    int64_t stored_life; /* of which the run has said that it has stored something */
    uint32_t want_seq;   /* the newest report that the run has asked this generation for */
    struct sent {
        uint32_t seq;
        uint64_t order;     /* when it was sent first */
    } sent[AUDIT_SENT_MAX]; /* shards: reports, by seq */
    bool cut_one_way;       /* what is said to it arrives all the same */
    int64_t cut_until_us;   /* until then no message reaches it or leaves it */
    struct {
        uint32_t id, from, from_generation, from_id;
        int64_t life; /* of the shard whose report it is: when that was armed */
    } calls[64];      /* CALLs that were fed and not answered yet */
    uint32_t next_call;
};

#define AUDIT_STARTS_MAX 20 /* objects that may be started within a second */

/* What the auditor knows of an operation. */
struct operation {
    uint16_t sent, answered; /* its steps, as bits */
    bool behind;             /* its sender may have missed a change of the load */
    bool was_due;            /* when it was sent, by a load that its sender may have known */
    /* When the first was sent, and since when its sender had been in memory, both in SENT_STEP_US of virtual time. */
    uint32_t sent_at, opened_at;
};

struct auditor {
    const struct sn_plan *plan;
    int64_t starts_us[AUDIT_STARTS_MAX]; /* of the newest shards that were called for the first time */
    int64_t first_start_us, last_start_us;
    uint32_t starts, run_calls, run_calls_at_start; /* at the newest start */
    int64_t reports_us[AUDIT_REPORTS_MAX];          /* of the newest reports */
    uint64_t reports;
    int64_t changed_us;    /* when a report told last of another stage than the one before it */
    int64_t crowded_us;    /* since when there are too many for what was told so far; 0: there are not */
    uint64_t stored_order; /* of the newest write that has come to the run's disk: when it was begun */
    struct sn_epoch epochs[SN_EPOCHS_MAX]; /* as the run told of them last */
    uint32_t epochs_len;
    struct operation *operations; /* by their numbers, as far as any was sent */
    uint64_t operations_len;
    uint64_t charged[SN_METERS_COUNTED]; /* by the calls that were sent; D1's rows are not among them */
    uint64_t calls[SN_KINDS_MAX];        /* that operations of several steps sent, by kind; not in a lead-in */
    uint64_t cap;                        /* operations that there may be */
    uint64_t sends;
    uint64_t cleanup_failures; /* calls of the clean-up that failed, or were not answered in time */
    double most;               /* operations under any load that a shard may have known */
    uint32_t violations;
    char first[200];
};

/* What the control database says of the run. */
struct row {
    bool active;
    double revision;
    double reach; /* operations, at most */
    char status[16];
    int64_t updated_us;
};

/* When each Durable Object that is a target is done with what it has: a hash table. */
struct busy {
    struct busy_place *places;
    size_t len, cap; /* cap: a power of two */
};

struct world {
    const struct sn_sim_options *options;
    struct sn_plan plan;
    struct sn_span plan_bytes;
    uint32_t version; /* of Sentinel: a byte for each of the forms in which something is stored (version.c) */
    struct row row;
    bool begun_anew; /* the run could not read what it had stored, and swept up after itself */
    int64_t now_us;
    struct sn_rng rng;
    struct happening *heap;
    size_t heap_len, heap_cap;
    uint64_t order, events;
    uint64_t quiet_order;                      /* how much had been planned at the newest tick; 0: more than the tick */
    int64_t database_away_us;                  /* when it goes away, for a minute */
    int64_t stalled_until_us;                  /* no target answers before */
    int remembered;                            /* of data that is kept: remember.c */
    int64_t database_free_us;                  /* when the simplest target's D1 is done with what it has */
    int64_t databases_free_us[SN_TARGETS_MAX]; /* each one of the models' */
    struct busy busy;
    struct object *objects; /* 0: the run; then its shards */
    uint32_t objects_len, objects_cap;
    struct spare *spare[2]; /* memory that objects have left: shards', and the run's */
    struct entry **targets; /* TARGETS_LISTS: keys that exist at a target, by their hash */
    struct auditor auditor;
    uint8_t *outbox;          /* one is enough: performing an effect never feeds */
    struct sn_writer *answer; /* where the answer to the world's own call goes */
    bool answered;
    bool said; /* by the object that is being fed, to others */
    int16_t answer_status;
    bool out_of_memory;
};

#define TARGET_LISTS 4096u /* of one target; a power of two */
#define TARGETS_LISTS (SN_TARGETS_MAX * TARGET_LISTS)
#define AUDIENCE UINT32_MAX
#define NO_PLACE UINT32_MAX
#define SENT_STEP_US 10
_Static_assert(WORLD_END_US / SENT_STEP_US < UINT32_MAX, "every moment of a world has its number");
_Static_assert(SN_STEPS_MAX <= 16, "the steps of an operation are bits of two bytes");
#define CROWD (UINT32_MAX - 1)   /* asks without waiting for the answer */
#define AUDITOR (UINT32_MAX - 2) /* reads the run's state now and then */
#define TICK (UINT32_MAX - 3)    /* pokes the run, and has it swept up if it is lost */

/* sim.c */
void world_plan(struct world *world, struct happening happening, const void *payload, size_t len);
/* faults.c */
bool fault_on(const struct world *world, enum sn_fault fault);
bool fault_strikes(struct world *world, enum sn_fault fault, uint32_t one_in);
int64_t fault_delay_us(struct world *world, enum sn_fault fault, uint32_t one_in, int64_t most_us); /* mostly 0 */
bool fault_write_fails(struct world *world, uint32_t object);
bool fault_database_away(const struct world *world);
int64_t fault_skew_us(struct world *world); /* of a new object */
/* story.c: plans what happens from outside, once the run is created. */
void story_plan(struct world *world);
/* host.c */
void host_happen(struct world *world, struct happening *happening);
void host_perform(struct world *world, uint32_t object, const struct sn_record *effect, struct sn_span payload);
void host_send(struct world *world, uint32_t object, const struct sn_record *effect, struct sn_span payload);
/* Feeds the object an event of this kind after a while, unless it has died by then. */
void host_answer(struct world *world, uint32_t object, int64_t delay_us, enum sn_event kind, uint32_t id,
                 const char *text);
void host_free(struct world *world);
/* object.c */
int64_t object_clock_us(const struct world *world, uint32_t object); /* what it reads */
bool object_open(struct world *world, uint32_t object);              /* false: no memory is left */
void object_evict(struct world *world, uint32_t object);
void object_free_spare(struct world *world);
void object_hibernate(struct world *world, uint32_t object); /* if it has had nothing to do for long enough */
void object_feed(struct world *world, uint32_t object, const struct sn_record *event, const void *payload, size_t len);
/* calls.c */
void calls_ask(struct world *world, uint32_t object, const void *message, size_t len); /* for the world itself */
void calls_send(struct world *world, uint32_t object, const struct sn_record *effect, struct sn_span payload);
void calls_deliver(struct world *world, struct happening *happening);
void calls_reply(struct world *world, uint32_t object, const struct sn_record *effect, struct sn_span payload);
/* disk.c */
void disk_store(struct world *world, uint32_t object, const struct sn_record *effect, struct sn_span payload);
void disk_durable(struct world *world, struct happening *happening);        /* a write has come to its end */
void disk_erase(struct world *world, uint32_t object, struct sn_span keys); /* none: everything */
void disk_erased(struct world *world, struct happening *happening);         /* everything is */
/* gate.c */
bool gate_holds(const struct object *object, const struct sn_record *effect);
void gate_hold(struct world *world, uint32_t object, const struct sn_record *effect, struct sn_span payload);
void gate_close(struct world *world, uint32_t object, int64_t until_us);
void gate_open(struct world *world, uint32_t object); /* what was held leaves, in its order */
void gate_forget(struct object *object);              /* it dies with its object */
/* version.c */
uint32_t version_deployed(struct world *world); /* some stored forms have another version now, or an old one again */
/* Makes the value what this version of Sentinel finds in it. */
void version_read(const struct world *world, const struct entry *entry, uint8_t *value);
/* database.c */
void database_begin(struct world *world); /* the row of a run that is to start at once */
void database_ask(struct world *world, uint32_t object, const struct sn_record *effect, struct sn_span payload);
void database_plan_tick(struct world *world);
void database_tick(struct world *world); /* pokes the run if it is active, and plans the next one */
void database_poked(struct world *world, int16_t status);
/* alarm.c */
void alarm_set(struct world *world, uint32_t object, int64_t at_us);
void alarm_back(struct world *world, uint32_t object); /* its object died before everything was erased */
void alarm_slice_ended(struct world *world, uint32_t object);
bool alarm_moved(const struct world *world, const struct happening *happening); /* it is one that will not fire */
void alarm_fires(struct world *world, struct happening *happening);
void alarm_fires_again(struct world *world, uint32_t object); /* now, or when its handler is done */
/* entries.c */
struct entry **entries_find(struct entry **list, const void *key, size_t len); /* where it is, or ends the list */
void entries_put(struct world *world, struct entry **list, struct sn_span key, struct sn_span value);
void entries_erase(struct entry **list, const void *key, size_t len);
void entries_clear(struct entry **list);
/* target.c: what the step answers, and when. */
uint64_t target_hash(uint32_t target, struct sn_span key);
void target_step(struct world *world, uint32_t object, const struct sn_record *effect, struct sn_span payload);
/* serve.c: when a call of a target that is like Cloudflare's is answered. */
struct call {
    const struct sn_step *step;
    uint32_t target, service;
    struct sn_span key; /* of a value, or an object's name */
    bool hot;           /* the place that asks has it */
};
struct served {
    int64_t at_us, server_us; /* when the answer is there, and how long a server worked for it */
};
int64_t *serve_free_us(struct world *world, const struct call *call);  /* of its server; NULL: there is none */
bool serve_refuses(const struct world *world, const int64_t *free_us); /* its queue is too long */
struct served serve(struct world *world, const struct call *call, int64_t *free_us);
/* audit.c */
void audit_step(struct world *world, uint32_t object, const struct sn_record *effect, struct sn_span payload);
void audit_answer(struct world *world, uint64_t k, uint32_t step);      /* a step of an operation is answered */
void audit_calls(struct world *world, uint32_t object, uint32_t calls); /* any that the platform counts */
void audit_awake(struct world *world, uint32_t object);                 /* when it has done what it wanted to */
void audit_start(struct world *world, uint32_t object);                 /* a shard is called for the first time */
bool audit_is_delta(struct sn_span key);
void audit_durable(struct world *world, uint32_t object, struct sn_span key, struct sn_span value);
void audit_stored(struct world *world, uint32_t object);          /* a write has come to its end */
void audit_state(struct world *world, struct sn_span state_json); /* what the run says at an instant */
void audit_end(struct world *world, struct sn_span state_json, struct sn_span report_json,
               struct sn_sim_outcome *outcome);
/* remember.c */
void remember_begin(struct world *world);
bool remember_is_data(const struct world *world, struct sn_span key);
/* Whether the key was there before the run. */
bool remember_found(const struct world *world, struct sn_span key);
const char *remember_asked(struct world *world,
                           struct sn_span payload); /* what a target's database answers to SQL of ours */
void remember_end(struct world *world, struct sn_sim_outcome *outcome);

/* audit_told.c: what a run and its shards tell each other. */
struct told {
    uint32_t stored_seq, want_seq, epochs_len;
    struct sn_span epochs;
};
void audit_tells(struct world *world, uint32_t to, struct sn_span message); /* the run, to a shard */
int64_t audit_life(struct sn_span message); /* of the shard whose report it is; 0: it is none */
void audit_answers(struct world *world, uint32_t to, int64_t life, struct sn_span message); /* the run, such a report */
void audit_hears(struct world *world, uint32_t index, struct sn_span message);              /* a shard */
void audit_reports(struct world *world, uint32_t index, struct sn_span message);            /* a shard, to the run */
void audit_run_stored(struct world *world, uint64_t order); /* a write that was begun then has come to its end */
/* audit_reports.c: how many reports the run is sent. */
void audit_report(struct world *world, uint32_t index, const struct sn_delta_head *head);

/* audit_flow.c: the steps of an operation, as they are sent and answered, and as the report counts them. */
void audit_flow(struct auditor *auditor, uint64_t k, uint32_t step);
void audit_steps(struct world *world, const struct sn_json *report, const struct sn_sim_outcome *outcome);
/* Whether some operation thinks on its way: then one that was started may be cancelled. */
bool audit_thinks(const struct auditor *auditor);
/* audit_load.c: the sends against the load that the report says was asked for. */
void audit_load(struct world *world, const struct sn_json *report, const struct sn_sim_outcome *outcome);
void audit_intervals(struct world *world, const struct sn_json *report, const struct sn_sim_outcome *outcome);
/* audit_version.c: a run that could not read what it had stored, or nobody can ask any more. */
void audit_begun_anew(struct world *world, const struct sn_json *state, const struct sn_json *report,
                      const struct sn_sim_outcome *outcome);
void audit_unreadable(struct world *world, struct sn_sim_outcome *outcome);
void audit_row(struct world *world, const struct sn_sim_outcome *outcome); /* in the control database */
/* Nothing is left in them, but for what the report says it could not delete. */
void audit_targets(struct world *world, uint64_t items,
                   const char *whose);                    /* items that may not have been cleaned up */
uint64_t audit_not_cleaned(const struct sn_json *report); /* items, as the report has it */
void audit_cleanup_failed(struct world *world);           /* a call of the clean-up */
void audit_storage(struct world *world);                  /* nor on the disks of shards */
void audit_violation(struct auditor *auditor, const char *what, uint64_t k);

#endif
