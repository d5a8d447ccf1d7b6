/* What can be done to a run, and in which of its states.  The run's machine obeys this table, docs/api.md shows it. */
#ifndef SENTINEL_BASE_ACTION_H
#define SENTINEL_BASE_ACTION_H

#include <stdbool.h>

#include "sentinel/base/vocab.h"

#define SN_IN(status) (1u << SN_RUN_##status)

/* (name, text, states in which it is allowed, what to say in the others) */
#define SN_RUN_ACTION_LIST(X)                                                                              \
    X(START, "start", SN_IN(PENDING),                                                                      \
      "Only a pending run can be started; this one was started already, or has ended.")                    \
    X(PAUSE, "pause", SN_IN(RUNNING) | SN_IN(PAUSED),                                                      \
      "A run can be paused while its load is under way, up to two seconds before its end.")                \
    X(RESUME, "resume", SN_IN(RUNNING) | SN_IN(PAUSED), "Only a run whose load is paused can be resumed.") \
    X(SCALE, "scale", SN_IN(RUNNING) | SN_IN(PAUSED),                                                      \
      "A run can be scaled while its load is under way, up to two seconds before its end.")                \
    X(EXTEND, "extend", SN_IN(RUNNING) | SN_IN(PAUSED),                                                    \
      "A run can be extended while its load is under way, up to two seconds before its end.")              \
    X(CANCEL, "cancel", SN_IN(PENDING) | SN_IN(RUNNING) | SN_IN(PAUSED) | SN_IN(DRAINING),                 \
      "This run has ended or is cleaning up, so there is nothing left to cancel.")

enum sn_run_action {
#define SN_X(name, text, states, otherwise) SN_RUN_ACTION_##name,
    SN_RUN_ACTION_LIST(SN_X)
#undef SN_X
        SN_RUN_ACTIONS_LEN
};

const char *sn_run_action_name(enum sn_run_action action);
/* A sentence for people who ask for it in another state. */
const char *sn_run_action_otherwise(enum sn_run_action action);
bool sn_run_action_allowed(enum sn_run_action action, enum sn_run_status status);

#endif
