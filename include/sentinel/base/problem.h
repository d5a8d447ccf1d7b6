/* Every error that the API answers with.  Codes are stable; docs/api.md and the API's own description show this list. */
#ifndef SENTINEL_BASE_PROBLEM_H
#define SENTINEL_BASE_PROBLEM_H

#include <stdint.h>

/* (name, status, code, when) */
#define SN_PROBLEM_LIST(X)                                                                                            \
    X(JSON_SYNTAX, 400, "json.syntax",                                                                                \
      "not JSON as RFC 8259 has it; a byte order mark, half of a surrogate pair and U+0000 count as that too")        \
    X(JSON_DUPLICATE_NAME, 400, "json.duplicate-name", "an object has a name twice")                                  \
    X(JSON_NUMBER, 400, "json.number", "a number is too large")                                                       \
    X(JSON_SIZE, 400, "json.size",                                                                                    \
      "more than 8,000 values in one body, 1,000 names in one object, or 64 values inside each other")                \
    X(PLAN_CONFLICT, 400, "plan.conflict", "two fields that contradict each other")                                   \
    X(PLAN_COST, 400, "plan.cost", "an estimate above `maxCostUsd`; `expected` has the figures")                      \
    X(PLAN_DUPLICATE, 400, "plan.duplicate", "an element twice")                                                      \
    X(PLAN_LIMIT, 400, "plan.limit", "more than the platform can carry; `expected` names the limit")                  \
    X(PLAN_MISSING, 400, "plan.missing", "something is not there that has to be")                                     \
    X(PLAN_RANGE, 400, "plan.range", "a number, a length, a time or a curve that is too small or too large")          \
    X(PLAN_RATE, 400, "plan.rate", "more operations a second than may be")                                            \
    X(PLAN_REFUSED, 400, "plan.refused", "the plan cannot be run, for a reason that has no code of its own")          \
    X(PLAN_SIZE, 400, "plan.size", "a plan that does not fit into a run")                                             \
    X(PLAN_SQL, 400, "plan.sql", "SQL that is not one statement which reads or writes rows")                          \
    X(PLAN_TARGET, 400, "plan.target", "a binding or a host that is not in the operator's list")                      \
    X(PLAN_TEMPLATE, 400, "plan.template", "a text has a `${...}` that cannot be read")                               \
    X(PLAN_TYPE, 400, "plan.type", "another type of JSON than the field has")                                         \
    X(PLAN_UNKNOWN_FIELD, 400, "plan.unknown-field", "a field that there is not")                                     \
    X(PLAN_THRESHOLD, 400, "plan.threshold", "no threshold, or of something that this plan does not have")            \
    X(PLAN_VALUE, 400, "plan.value", "none of the words or texts that the field takes")                               \
    X(BASELINE_RUN, 400, "baseline.run", "a run that no baseline can be made of, or not together with the others")    \
    X(BODY_INCOMPLETE, 400, "body.incomplete", "the body broke off before its end")                                   \
    X(BODY_MISSING, 400, "body.missing", "the body of an action leaves out what it needs")                            \
    X(BODY_RANGE, 400, "body.range", "a value in the body of an action is not one that it may have")                  \
    X(BODY_TYPE, 400, "body.type", "a value in the body of an action is of another type")                             \
    X(BODY_UNKNOWN_FIELD, 400, "body.unknown-field", "the action has no such field")                                  \
    X(QUERY_DUPLICATE, 400, "query.duplicate", "the query has a name twice")                                          \
    X(QUERY_RANGE, 400, "query.range", "a value in the query is not one that the route understands")                  \
    X(QUERY_UNKNOWN, 400, "query.unknown", "the query has a name that the route does not know")                       \
    X(HEADER_VALUE, 400, "header.value", "a header has a value that it may not have")                                 \
    X(RUN_BOUNDS, 400, "run.bounds", "a scaling or an extension that goes too far")                                   \
    X(SCHEDULE_CRON, 400, "schedule.cron", "a cron expression that cannot be read, or whose day never comes")         \
    X(SCHEDULE_TIMEZONE, 400, "schedule.timezone", "no time zone has this name")                                      \
    X(AUTH_MISSING, 401, "auth.missing", "no token was sent")                                                         \
    X(AUTH_NOT_CONFIGURED, 401, "auth.not-configured", "this Sentinel has no token yet")                              \
    X(AUTH_WRONG, 401, "auth.wrong", "another token was sent")                                                        \
    X(AUTH_ROLE, 403, "auth.role", "the token may not do this")                                                       \
    X(BASELINE_UNKNOWN, 404, "baseline.unknown", "there is no such baseline")                                         \
    X(REPORT_MISSING, 404, "report.missing", "the run was never set up completely, or is lost")                       \
    X(ROUTE_UNKNOWN, 404, "route.unknown", "nothing is at this address")                                              \
    X(RUN_UNKNOWN, 404, "run.unknown", "there is no such run")                                                        \
    X(SCHEDULE_UNKNOWN, 404, "schedule.unknown", "there is no such schedule")                                         \
    X(MESSAGE_UNKNOWN, 404, "message.unknown", "the outbox has no such message, or has it no more")                   \
    X(WORKLOAD_UNKNOWN, 404, "workload.unknown", "there is no such workload; `expected` has their names")             \
    X(ROUTE_METHOD, 405, "route.method",                                                                              \
      "`Allow` lists the methods that there are; `HEAD` and `OPTIONS` are not among them")                            \
    X(BASELINE_LIMIT, 409, "baseline.limit", "as many baselines as are kept; delete one")                             \
    X(REPORT_EARLY, 409, "report.early", "the run was not started yet")                                               \
    X(RUN_EPOCHS, 409, "run.epochs", "the run was steered too often")                                                 \
    X(RUN_LOST, 409, "run.lost", "the run was never set up completely, or is lost; create it again")                  \
    X(RUN_STATE, 409, "run.state", "not in the state that the run is in; `runStatus` has it where the run was asked") \
    X(RUN_SWEEPING, 409, "run.sweeping", "the run has ended and still sweeps up; `Retry-After` says when it is done") \
    X(SCHEDULE_CHANGED, 409, "schedule.changed", "somebody else has changed the schedule meanwhile")                  \
    X(SCHEDULE_LIMIT, 409, "schedule.limit", "the tenant has as many schedules as there may be: 50")                  \
    X(BODY_SIZE, 413, "body.size", "more than 65,536 bytes")                                                          \
    X(BODY_CONTENT_TYPE, 415, "body.content-type", "send `application/json`, or no type at all")                      \
    X(IDEMPOTENCY_MISMATCH, 422, "idempotency.mismatch", "the key came with another body before")                     \
    X(LIVE_UPGRADE, 426, "live.upgrade", "the address speaks WebSocket: ask with `Upgrade: websocket`")               \
    X(RUN_ACTIVE, 429, "run.active", "another run is active: `activeRunId`")                                          \
    X(INTERNAL_ANSWER_SIZE, 500, "internal.answer-size", "a fault of ours: the answer does not fit")                  \
    X(INTERNAL_QUESTION_SIZE, 500, "internal.question-size", "a fault of ours: the request takes too much room")      \
    X(INTERNAL_RANDOM, 500, "internal.random", "a fault of ours: a run could not be named")                           \
    X(INTERNAL_REQUEST, 500, "internal.request", "a fault of ours: the request reached the core in pieces")           \
    X(INTERNAL_UNANSWERED, 500, "internal.unanswered", "a fault of ours; the Worker's log says more")                 \
    X(DATABASE_NOT_MIGRATED, 503, "database.not-migrated", "the control database has no tables yet, or older ones")   \
    X(DATABASE_UNREACHABLE, 503, "database.unreachable", "the control database did not answer")                       \
    X(RUN_NOT_READY, 503, "run.not-ready", "the run is still being set up")                                           \
    X(RUN_UNREACHABLE, 503, "run.unreachable", "the run did not answer")                                              \
    X(RUN_UNREADABLE, 503, "run.unreadable", "the run answered with something that cannot be read")

enum sn_problem_kind {
#define SN_X(name, status, code, when) SN_PROBLEM_##name,
    SN_PROBLEM_LIST(SN_X)
#undef SN_X
        SN_PROBLEMS_LEN
};

uint32_t sn_problem_status(enum sn_problem_kind kind);
const char *sn_problem_code(enum sn_problem_kind kind);
/* The kind with this code; `otherwise` when there is none, also for NULL. */
enum sn_problem_kind sn_problem_find(const char *code, enum sn_problem_kind otherwise);

#endif
