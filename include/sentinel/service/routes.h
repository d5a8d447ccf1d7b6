/* The API's routes: what can be asked for, by whom, and what comes back.  Requests are matched with this table, the API's
 * own description (openapi.json) and the table in docs/api.md are written from it. */
#ifndef SENTINEL_SERVICE_ROUTES_H
#define SENTINEL_SERVICE_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sn_api;
struct sn_principal;
struct sn_http;
struct sn_reply;

typedef void sn_handler(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http);
typedef void sn_continuation(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply);

/* What a route asks of its caller, and what a principal may do; each includes the ones before it. */
enum sn_access { SN_ACCESS_NONE, SN_ACCESS_READ, SN_ACCESS_OPERATE, SN_ACCESS_ADMIN };

enum sn_takes {
    SN_TAKES_NOTHING,
    SN_TAKES_PLAN,
    SN_TAKES_ACTION,
    SN_TAKES_WORKLOAD,
    SN_TAKES_BASELINE,
    SN_TAKES_BASELINE_CHANGE,
    SN_TAKES_SCHEDULE,
    SN_TAKES_SCHEDULE_CHANGE,
    SN_TAKES_TIMES,
    SN_TAKES_RESEND,
    SN_TAKES_STOP
};

/* What a step of an operation tells of its budget. */
#define SN_REPORT_MEMBERS                                                                                               \
    "\"properties\":{\"operations\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"steps\":{"     \
    "\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"budgetMs\":{\"type\":[\"integer\",\"null\"]}," \
    "\"withinBudget\":{\"type\":[\"number\",\"null\"]}}}}}}}}"
/* (name, status, content type, JSON schema: the members of the object) */
#define SN_GIVES_LIST(X)                                                                                         \
    X(HEALTH, 200, "application/json", "\"type\":\"object\",\"required\":[\"status\",\"database\",\"token\"]")   \
    X(RUN, 200, "application/json", "\"$ref\":\"#/components/schemas/RunAnswer\"")                               \
    X(NEW_RUN, 201, "application/json", "\"$ref\":\"#/components/schemas/RunAnswer\"")                           \
    X(RUNS, 200, "application/json",                                                                             \
      "\"type\":\"object\",\"required\":[\"runs\",\"cursor\"],\"properties\":{\"runs\":{\"type\":\"array\","     \
      "\"items\":{\"type\":\"object\"}},\"cursor\":{\"type\":[\"string\",\"null\"]}}")                           \
    X(PREVIEW, 200, "application/json", "\"type\":\"object\",\"required\":[\"plan\"]")                           \
    X(PROFILES, 200, "application/json", "\"type\":\"object\",\"required\":[\"types\",\"presets\"]")             \
    X(WORKLOADS, 200, "application/json", "\"type\":\"object\",\"required\":[\"workloads\"]")                    \
    X(WORKLOAD, 200, "application/json", "\"type\":\"object\",\"required\":[\"workload\"]")                      \
    X(BASELINES, 200, "application/json", "\"type\":\"object\",\"required\":[\"baselines\"]")                    \
    X(BASELINE, 200, "application/json", "\"type\":\"object\",\"required\":[\"baseline\"]")                      \
    X(NEW_BASELINE, 201, "application/json", "\"type\":\"object\",\"required\":[\"baseline\"]")                  \
    X(SCHEDULES, 200, "application/json",                                                                        \
      "\"type\":\"object\",\"required\":[\"schedules\"],\"properties\":{\"schedules\":{\"type\":\"array\","      \
      "\"items\":{\"$ref\":\"#/components/schemas/Schedule\"}}}")                                                \
    X(SCHEDULE, 200, "application/json", "\"$ref\":\"#/components/schemas/ScheduleAnswer\"")                     \
    X(NEW_SCHEDULE, 201, "application/json", "\"$ref\":\"#/components/schemas/ScheduleAnswer\"")                 \
    X(TIMES, 200, "application/json", "\"type\":\"object\",\"required\":[\"words\",\"nextRuns\"]")               \
    X(REPORT, 200, "application/json",                                                                           \
      "\"type\":\"object\",\"required\":[\"schema\",\"validity\",\"run\"]," SN_REPORT_MEMBERS)                   \
    X(METRICS, 200, "text/plain; version=0.0.4; charset=utf-8", "\"type\":\"string\"")                           \
    X(DESCRIPTION, 200, "application/json", "\"type\":\"object\",\"required\":[\"openapi\",\"info\",\"paths\"]") \
    X(MESSAGES, 200, "application/json",                                                                         \
      "\"type\":\"object\",\"required\":[\"messages\"],\"properties\":{\"messages\":{\"type\":\"array\","        \
      "\"items\":{\"type\":\"object\"}}}")                                                                       \
    X(MESSAGE, 200, "application/json", "\"type\":\"object\",\"required\":[\"message\"]")                        \
    X(STOPPED, 200, "application/json",                                                                          \
      "\"type\":\"object\",\"required\":[\"runs\",\"runsToTell\",\"schedulesPaused\"]")                          \
    X(SOCKET, 101, NULL, NULL)                                                                                   \
    X(NOTHING, 204, NULL, NULL)

enum sn_gives {
#define SN_X(name, status, type, schema) SN_GIVES_##name,
    SN_GIVES_LIST(SN_X)
#undef SN_X
};

struct sn_route {
    const char *method,
        *pattern; /* a segment ":id" stands for a run's id, ":baseline" for a baseline's, ":schedule" for a schedule's, and ":name" for a name of ours */
    enum sn_access access;
    const char *query; /* names that may stand after "?", separated by blanks */
    enum sn_takes takes;
    enum sn_gives gives;
    const char *summary; /* "lists runs, newest first" */
    bool keyed;          /* an Idempotency-Key is looked at */
    sn_handler *handler;
    sn_continuation *then; /* NULL: the handler asks nobody */
};

/* Routes of one path stand together, and a path before those with a parameter that it fits. */
extern const struct sn_route sn_routes[];
extern const size_t sn_routes_len;

const char *sn_access_name(enum sn_access access);

#endif
