/* What the files about schedules share; service.h includes it.
 *
 * A schedule is written in two steps.  What is asked for becomes a draft: over nothing, or over the row that is to be
 * changed.  Then its next runs are found, for which its zone's clocks are asked about in stretches, since the core has no
 * zone data.  The row that comes of it holds them, so that nobody who looks has to find them again. */
#ifndef SENTINEL_SERVICE_SCHEDULES_H
#define SENTINEL_SERVICE_SCHEDULES_H

#include "outside.h"
#include "sentinel/base/args.h"
#include "sentinel/base/limits.h"
#include "sentinel/plan/plan.h"
#include "sentinel/plan/trail.h"
#include "sentinel/schedule/due.h"

#define SN_UUID_SIZE 40
#define SN_TICK_SCHEDULES_MAX 8         /* as many as SCHEDULES_DUE gives: one tick starts no more */
#define SN_ZONE_ASK_S INT64_C(63158400) /* two years: nearly every expression names five moments within them */
#define SN_ZONE_ASKS_MAX 64             /* of one search: a 29 February comes within four of them */
#define SN_PRESET_PLAN_MAX 64           /* bytes of the plan that a schedule's preset brings */

struct sn_audit;
struct sn_reply;

/* A piece of api->text. */
struct sn_piece {
    bool given; /* it is to be written: with len 0 as NULL */
    uint32_t at, len;
};

/* What follows from a plan and is kept beside it. */
struct sn_plan_facts {
    char name[SN_NAME_MAX + 1], preset[SN_PRESET_NAME_MAX + 1], hash[17]; /* name: the plan's own, or "" */
    char systems[2048];
    uint32_t profile_type, concurrency;
    double planned, seconds;
};

/* When a schedule's next runs are. */
struct sn_times {
    char zone[SN_ZONE_NAME_MAX + 1];
    struct sn_timing timing;
    struct sn_zone table; /* of the zone, as far as it was asked about */
    bool fixed;           /* the zone is UTC, and there is no table */
    uint32_t asks;
    int64_t after_s; /* where the search stands */
    struct sn_upcoming upcoming;
};

struct sn_draft {
    char id[SN_UUID_SIZE];
    char name[SN_NAME_MAX + 1], description[SN_DESCRIPTION_MAX + 1], cron[SN_CRON_TEXT_MAX + 1];
    enum sn_cron_dialect dialect;
    enum sn_overlap overlap;
    bool described, active;
    bool retimed; /* its next runs are to be found anew */
    bool preview; /* nothing is written */
    bool changes; /* there is a row already, of this revision */
    double revision;
    struct sn_piece plan, maintenance, alerts;
    struct sn_plan_facts facts;
    struct sn_times times;
};

/* A run of a schedule's plan, as SCHEDULE_RUN_INSERT takes it. */
struct sn_schedule_run {
    const char *run_id, *schedule_id, *tenant;
    double revision; /* that the schedule has to have */
    bool active;     /* it begins at once; else it waits for the tenant's active run, which ends first */
    bool replaces;   /* that one is cancelled */
    const char *by;  /* "schedule" or "manual" */
    double now_s;
    int64_t minute_s; /* that it is for; 0: none */
};

/* A schedule whose time has come, as the tick has read it. */
struct sn_claim {
    char id[SN_UUID_SIZE], tenant[SN_TENANT_MAX + 1];
    char zone[SN_ZONE_NAME_MAX + 1], cron[SN_CRON_TEXT_MAX + 1];
    enum sn_cron_dialect dialect;
    enum sn_overlap overlap;
    enum sn_catch_up catch_up;
    uint32_t jitter_s, failed_starts;
    double revision;
    int64_t next_s;
    bool busy, waiting; /* the tenant has an active run; one of the schedule's own waits already */
};

/* The tick's schedules, of which one is worked on at a time. */
struct sn_lane {
    uint32_t len, next; /* schedules, and the one that is worked on or comes next */
    uint32_t stage, waiting_id, tries;
    uint32_t calls_left; /* of the platform, that the present one may still make */
    enum sn_due due;
    int64_t minute_s;
    bool runs, starts; /* the minute gets a run; it begins at once, else it waits */
    char run_id[SN_UUID_SIZE], replaces[SN_UUID_SIZE];
    struct sn_upkeep upkeep;
    struct sn_times times;
    struct sn_claim claims[SN_TICK_SCHEDULES_MAX];
};

/* --- schedule_draft.c ----------------------------------------------------------------------------------------- */

#define SN_EXPECTED_ZONE "the name of a time zone, such as Europe/Berlin"

/* A draft over nothing. */
void sn_draft_begin(struct sn_api *api);
/* The same over a row; false for a row that is none of ours. */
bool sn_draft_from_row(struct sn_draft *draft, const struct sn_json *row);
/* Reads the body in api->text into the draft; a preview needs no more than an expression. */
bool sn_draft_read(struct sn_api *api, struct sn_trail *trail, size_t len, bool preview);
bool sn_draft_parse_cron(struct sn_trail *trail, struct sn_draft *draft);
/* Compiles the draft's plan, if there is one, and notes what follows from it. */
bool sn_draft_compile(struct sn_api *api, const struct sn_principal *who, struct sn_trail *trail);
/* What a row says: an enum sn_overlap, sn_catch_up, sn_cron_dialect. */
uint32_t sn_overlap_of(const struct sn_json *row);
uint32_t sn_catch_up_of(const struct sn_json *row);
uint32_t sn_dialect_of(const struct sn_json *row);
/* A row's text; false when there is none that fits. */
bool sn_copy_column(char *out, size_t cap, const struct sn_json *row, const char *column);

/* --- schedule_write.c ----------------------------------------------------------------------------------------- */

/* The row of api->draft.id, if it is the tenant's. */
uint32_t sn_ask_schedule(struct sn_api *api, const struct sn_principal *who);
/* Batches that end with that row: INSERT, audit, SELECT; and audit, UPDATE, SELECT. */
uint32_t sn_ask_schedule_insert(struct sn_api *api, const struct sn_principal *who);
uint32_t sn_ask_schedule_update(struct sn_api *api, const struct sn_principal *who);

/* --- schedule_times.c ----------------------------------------------------------------------------------------- */

uint64_t sn_schedule_seed(const char *id);
/* Begins a search for the runs after a moment; times->zone and times->timing are set. */
void sn_times_begin(struct sn_times *times, int64_t after_s);
/* Goes on with it.  False: ask for the zone from times->after_s on. */
bool sn_times_find(struct sn_times *times);
/* Asks for a stretch of the zone that serves from this moment on, until two years after now. */
uint32_t sn_ask_zone(struct sn_api *api, struct sn_times *times, int64_t from_s);
/* The answer; false when there is no such zone, or nothing that can be read. */
bool sn_times_read(struct sn_times *times, const struct sn_reply *reply);
const struct sn_zone *sn_times_zone(const struct sn_times *times); /* NULL: UTC */
/* Three values: the next minute, when its run starts, and the next runs as JSON. */
void sn_args_times(struct sn_args *args, const struct sn_times *times);

/* The group of a batch that inserts it. */
void sn_args_run_of_schedule(struct sn_args *args, const struct sn_schedule_run *run);

/* --- schedule_show.c ------------------------------------------------------------------------------------------ */

void sn_put_schedule(struct sn_api *api, struct sn_json_writer *j, const char *name, const struct sn_json *row);
void sn_put_words(struct sn_json_writer *j, const struct sn_cron *cron, bool readable);
void sn_put_upcoming(struct sn_json_writer *j, const struct sn_upcoming *upcoming);
/* {"schedule": …}, with Location when it was created. */
void sn_answer_schedule(struct sn_api *api, uint32_t status, const struct sn_json *row);

/* --- occasion.c ----------------------------------------------------------------------------------------------- */

/* What happens to a schedule without anybody asking for it.  (name, the action in the audit) */
#define SN_OCCASION_LIST(X)                                    \
    X(STARTED, "start") /* its run has begun */                \
    X(WAITING, "wait")  /* its run waits for another to end */ \
    X(FAILED, "fail")   /* its run could not be started */     \
    X(PAUSED, "pause")  /* it starts no more runs */
enum sn_occasion {
#define SN_X(name, action) SN_OCCASION_##name,
    SN_OCCASION_LIST(SN_X)
#undef SN_X
};
struct sn_happening {
    enum sn_occasion occasion;
    const char *schedule_id, *tenant, *run_id, *detail; /* the last two NULL where there is none */
    double revision;                                    /* of the row that it happened to; below 0: any */
};
/* Adds to the batch that writes it down what else is to be written of it: the one place for that. */
void sn_occasion_put(struct sn_args *args, const struct sn_api *api, const struct sn_happening *happening);
/* A row of the audit about a schedule, while it is of this revision (below 0: any). */
void sn_schedule_audit_put(struct sn_args *args, const struct sn_audit *audit, const char *schedule_id,
                           double revision);

/* --- schedules.c, tick_schedules.c ---------------------------------------------------------------------------- */

sn_handler sn_schedules, sn_schedule_create, sn_schedule_try, sn_schedule_show, sn_schedule_change, sn_schedule_delete,
    sn_schedule_run;
sn_continuation sn_schedule_then;

/* The tick's: those that are due. */
void sn_lane_list(struct sn_api *api, const struct sn_json *rows);
/* Goes on with the next schedule, unless one is being worked on.  False: there is nothing more to do. */
bool sn_lane_go_on(struct sn_api *api);
bool sn_lane_take(struct sn_api *api, uint32_t id, const struct sn_reply *reply);

#endif
