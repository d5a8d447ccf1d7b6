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
#include "sentinel/schedule/due.h"

#define SN_UUID_SIZE 40
#define SN_TICK_SCHEDULES_MAX 8         /* as many as SCHEDULES_DUE gives: one tick starts no more */
#define SN_ZONE_ASK_S INT64_C(63158400) /* two years: nearly every expression names five moments within them */
#define SN_ZONE_ASKS_MAX 64             /* of one search: a 29 February comes within four of them */
#define SN_PRESET_PLAN_MAX 64           /* bytes of the plan that a schedule's preset brings */

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
    enum sn_due due;
    int64_t minute_s;
    bool runs, starts; /* the minute gets a run; it begins at once, else it waits */
    char run_id[SN_UUID_SIZE], replaces[SN_UUID_SIZE];
    struct sn_upkeep upkeep;
    struct sn_times times;
    struct sn_claim claims[SN_TICK_SCHEDULES_MAX];
};

#endif
