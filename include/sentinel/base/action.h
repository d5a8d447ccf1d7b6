/* What can be done to a run, and when.  The run's machine obeys this table, docs/api.md shows it. */
#ifndef SENTINEL_BASE_ACTION_H
#define SENTINEL_BASE_ACTION_H

#include "sentinel/base/vocab.h"

/* What a run is in the midst of, as far as actions are concerned; every status is in at least one.
 * (name, the statuses that it stands for) */
#define SN_SITUATION_LIST(X)                                     \
    X(PENDING, "pending")                                        \
    X(PREPARING, "running, before its load")                     \
    X(LOADING, "running")                                        \
    X(PAUSED, "paused")                                          \
    X(DRAINING, "draining") /* the load is over by itself */     \
    X(CANCELLING, "draining, cancelled")                         \
    X(CLEANING, "draining, cleaning up") /* and not cancelled */ \
    X(ENDED, "completed, failed, cancelled")

enum sn_situation {
#define SN_X(name, text) SN_SITUATION_##name,
    SN_SITUATION_LIST(SN_X)
#undef SN_X
        SN_SITUATIONS_LEN
};

/* What comes of it: it is done; it is so already, which is no fault and changes nothing; it is refused.
 * (name, how docs/api.md says so) */
#define SN_OUTCOME_LIST(X) \
    X(DONE, "done")        \
    X(SAME, "unchanged")   \
    X(NOT, "409")

enum sn_outcome {
#define SN_X(name, text) SN_OUTCOME_##name,
    SN_OUTCOME_LIST(SN_X)
#undef SN_X
};

/* (name, text, outcome in each situation, what to say where it is refused) */
#define SN_RUN_ACTION_LIST(X)                                                                                        \
    /*               pending preparing loading paused draining cancelling cleaning ended */                          \
    X(START, "start", DONE, NOT, NOT, NOT, NOT, NOT, NOT, NOT,                                                       \
      "Only a pending run can be started; this one was started already, or has ended.")                              \
    X(PAUSE, "pause", NOT, NOT, DONE, SAME, NOT, NOT, NOT, NOT,                                                      \
      "A run can be paused while its load is under way, up to two seconds before its end.")                          \
    X(RESUME, "resume", NOT, NOT, SAME, DONE, NOT, NOT, NOT, NOT, "Only a run whose load is paused can be resumed.") \
    X(SCALE, "scale", NOT, NOT, DONE, DONE, NOT, NOT, NOT, NOT,                                                      \
      "A run can be scaled while its load is under way, up to two seconds before its end.")                          \
    X(EXTEND, "extend", NOT, NOT, DONE, DONE, NOT, NOT, NOT, NOT,                                                    \
      "A run can be extended while its load is under way, up to two seconds before its end.")                        \
    X(CANCEL, "cancel", DONE, DONE, DONE, DONE, DONE, SAME, NOT, NOT,                                                \
      "This run has ended or is cleaning up, so there is nothing left to cancel.")

enum sn_run_action {
#define SN_X(name, ...) SN_RUN_ACTION_##name,
    SN_RUN_ACTION_LIST(SN_X)
#undef SN_X
        SN_RUN_ACTIONS_LEN
};

const char *sn_run_action_name(enum sn_run_action action);
/* A sentence for people who ask for it where it is refused. */
const char *sn_run_action_otherwise(enum sn_run_action action);
enum sn_outcome sn_run_action_outcome(enum sn_run_action action, enum sn_situation situation);
const char *sn_situation_text(enum sn_situation situation);
const char *sn_outcome_text(enum sn_outcome outcome);

/* The situation as far as a status and a stage show it.  A load that has not begun yet, or is about to end, shows as
 * LOADING, and one that was cancelled as DRAINING or CLEANING: only the run itself knows these. */
enum sn_situation sn_situation_shown(enum sn_run_status status, enum sn_stage stage);

#endif
