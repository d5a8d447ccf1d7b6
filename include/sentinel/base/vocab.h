/* Words that C, JavaScript, JSON and SQL share.  One list each; enums, names and worker-shim/abi.js come from it. */
#ifndef SENTINEL_BASE_VOCAB_H
#define SENTINEL_BASE_VOCAB_H

#include <stddef.h>
#include <stdint.h>

/* Why an operation failed.  Classes follow the platform's own error texts; errors.c knows them. */
#define SN_ERROR_LIST(X)                                                           \
    X(CLIENT, "client")       /* our request was wrong: bad SQL, bad key */        \
    X(THROTTLED, "throttled") /* the target asked for less: 429, overloaded */     \
    X(TRANSIENT, "transient") /* a lost connection; asking again may work */       \
    X(PLATFORM, "platform")   /* the platform failed inside */                     \
    X(TIMEOUT, "timeout")     /* no answer within timeoutMs */                     \
    X(DATA, "data")           /* an answer came, but not with what was prepared */ \
    X(HARNESS, "harness")     /* Sentinel's own machinery; never held against the target */

enum sn_error {
#define SN_X(name, text) SN_ERROR_##name,
    SN_ERROR_LIST(SN_X)
#undef SN_X
        SN_ERRORS_LEN
};

/* Why an operation was never started. */
#define SN_DROP_LIST(X)                                               \
    X(SLOTS, "slots")          /* every slot of the shard was busy */ \
    X(HARNESS, "harness")      /* a slot was free and we were slow */ \
    X(SHARD_DOWN, "shardDown") /* the shard was away */

enum sn_drop {
#define SN_X(name, text) SN_DROP_##name,
    SN_DROP_LIST(SN_X)
#undef SN_X
        SN_DROPS_LEN
};

#define SN_RUN_STATUS_LIST(X) \
    X(PENDING, "pending")     \
    X(RUNNING, "running")     \
    X(PAUSED, "paused")       \
    X(DRAINING, "draining")   \
    X(COMPLETED, "completed") \
    X(FAILED, "failed")       \
    X(CANCELLED, "cancelled")

enum sn_run_status {
#define SN_X(name, text) SN_RUN_##name,
    SN_RUN_STATUS_LIST(SN_X)
#undef SN_X
        SN_RUN_STATUSES_LEN
};

#define SN_VALIDITY_LIST(X) \
    X(UNKNOWN, "unknown")   \
    X(VALID, "valid")       \
    X(DEGRADED, "degraded") \
    X(INVALID, "invalid")

enum sn_validity {
#define SN_X(name, text) SN_VALIDITY_##name,
    SN_VALIDITY_LIST(SN_X)
#undef SN_X
        SN_VALIDITIES_LEN
};

#define SN_VERDICT_LIST(X) \
    X(NONE, "none")        \
    X(PASSED, "passed")    \
    X(FAILED, "failed")    \
    X(UNDECIDED, "undecided")

enum sn_verdict {
#define SN_X(name, text) SN_VERDICT_##name,
    SN_VERDICT_LIST(SN_X)
#undef SN_X
        SN_VERDICTS_LEN
};

/* What brought a run to its end.  What came first counts: a run that was cancelled, and could not clean up then, has failed
 * and was ended by the cancellation. */
#define SN_ENDING_LIST(X)                                                                   \
    X(COMPLETED, "completed")     /* its load came to its end */                            \
    X(THRESHOLD, "threshold")     /* one that was not met, and was to end it */             \
    X(BUDGET, "budget")           /* it had cost what its plan lets it */                   \
    X(CANCEL, "cancel")           /* somebody asked for it, or a run that took its place */ \
    X(PAUSE, "pause")             /* nobody ended its pause */                              \
    X(EXPIRED, "expired")         /* it could not be started in time */                     \
    X(LOST, "lost")               /* its object, or shards for which there was no other */  \
    X(ERROR, "error")             /* something else made it impossible to go on */          \
    X(KILL_SWITCH, "kill-switch") /* everything was stopped */

enum sn_ending {
#define SN_X(name, text) SN_ENDING_##name,
    SN_ENDING_LIST(SN_X)
#undef SN_X
        SN_ENDINGS_LEN
};

/* The shapes of a rate curve. */
#define SN_PROFILE_TYPE_LIST(X)   \
    X(SUSTAINED, "sustained")     \
    X(RAMP, "ramp")               \
    X(CUSTOM, "custom")           \
    X(SPIKE, "spike")             \
    X(OSCILLATION, "oscillation") \
    X(THREE_PHASE, "three-phase")

enum sn_profile_type {
#define SN_X(name, text) SN_PROFILE_##name,
    SN_PROFILE_TYPE_LIST(SN_X)
#undef SN_X
        SN_PROFILE_TYPES_LEN
};

/* What a webhook can be told of. */
#define SN_ALERT_LIST(X)                                                          \
    X(FINISHED, "finished")                 /* a run has ended, however it did */ \
    X(THRESHOLD_FAILED, "threshold-failed") /* it has, and a threshold failed */  \
    X(REGRESSION, "regression")             /* it was slower than its baseline */ \
    X(SCHEDULE_PAUSED, "schedule-paused")   /* its runs could not be started */   \
    X(BUDGET_REACHED, "budget-reached")     /* a run has cost what it may */      \
    X(KILL_SWITCH, "kill-switch")           /* a run was ended as everything was stopped */

enum sn_alert {
#define SN_X(name, text) SN_ALERT_##name,
    SN_ALERT_LIST(SN_X)
#undef SN_X
        SN_ALERTS_LEN
};

/* How a webhook is told. */
#define SN_HOOK_FORMAT_LIST(X) \
    X(JSON, "json")            \
    X(SLACK, "slack")

enum sn_hook_format {
#define SN_X(name, text) SN_HOOK_##name,
    SN_HOOK_FORMAT_LIST(SN_X)
#undef SN_X
        SN_HOOK_FORMATS_LEN
};

/* The states of a component of the Clearing, from good to bad. */
#define SN_COMPONENT_LIST(X)            \
    X(OPERATIONAL, "operational")       \
    X(MAINTENANCE, "maintenance")       \
    X(DEGRADED, "degraded")             \
    X(PARTIAL_OUTAGE, "partial_outage") \
    X(MAJOR_OUTAGE, "major_outage")

enum sn_component {
#define SN_X(name, text) SN_COMPONENT_##name,
    SN_COMPONENT_LIST(SN_X)
#undef SN_X
        SN_COMPONENTS_LEN
};

/* Where Durable Objects can be asked to be: Cloudflare's location hints (data location, 2026-10-08). */
#define SN_REGION_LIST(X) \
    X(WNAM, "wnam")       \
    X(ENAM, "enam")       \
    X(SAM, "sam")         \
    X(WEUR, "weur")       \
    X(EEUR, "eeur")       \
    X(APAC, "apac")       \
    X(APAC_NE, "apac-ne") \
    X(APAC_SE, "apac-se") \
    X(OC, "oc")           \
    X(AFR, "afr")         \
    X(ME, "me")

enum sn_region {
#define SN_X(name, text) SN_REGION_##name,
    SN_REGION_LIST(SN_X)
#undef SN_X
        SN_REGIONS_LEN
};

/* What is done before the load for operations that read.  NONE: nothing, so they find what is there by itself.  REUSE: what
 * an earlier run has prepared is found again, and what this one prepares stays; REMOVE: the same, and it is taken away at
 * the end. */
#define SN_PREPARE_LIST(X) \
    X(RUN, "run")          \
    X(NONE, "none")        \
    X(REUSE, "reuse")      \
    X(REMOVE, "remove")

enum sn_prepare {
#define SN_X(name, text) SN_PREPARE_##name,
    SN_PREPARE_LIST(SN_X)
#undef SN_X
        SN_PREPARES_LEN
};

/* Stages of a run, in order.  A stage is what its shards work on. */
#define SN_STAGE_LIST(X)  \
    X(IDLE, "idle")       \
    X(ARM, "arm")         \
    X(PREPARE, "prepare") \
    X(LOAD, "load")       \
    X(CLEANUP, "cleanup") \
    X(DONE, "done")       \
    X(SWEEP, "sweep")

enum sn_stage {
#define SN_X(name, text) SN_STAGE_##name,
    SN_STAGE_LIST(SN_X)
#undef SN_X
        SN_STAGES_LEN
};

const char *sn_error_name(enum sn_error value);
const char *sn_drop_name(enum sn_drop value);
const char *sn_run_status_name(enum sn_run_status value);
const char *sn_validity_name(enum sn_validity value);
const char *sn_verdict_name(enum sn_verdict value);
const char *sn_ending_name(enum sn_ending ending);
const char *sn_profile_type_name(enum sn_profile_type value);
const char *sn_stage_name(enum sn_stage value);
const char *sn_region_name(enum sn_region value);
const char *sn_alert_name(enum sn_alert alert);
const char *sn_hook_format_name(enum sn_hook_format format);
const char *sn_component_name(enum sn_component component);
const char *sn_prepare_name(enum sn_prepare value);
/* The value of a name, which need not end with zero; the list's length when there is none. */
enum sn_run_status sn_run_status_find(const char *name, size_t len);
enum sn_alert sn_alert_find(const char *name, size_t len);
enum sn_component sn_component_find(const char *name, size_t len);
enum sn_stage sn_stage_find(const char *name, size_t len);

/* The class of a host error from its text, for example "Error: D1_ERROR: D1 DB is overloaded. …" → THROTTLED.
 * Texts and classes: Cloudflare's pages on D1 debugging (2026-08-11) and Durable Object troubleshooting (2026-05-15).
 * An unknown text is PLATFORM: it did not come from us, and calling it transient would hide it. */
enum sn_error sn_error_classify(const char *text, size_t len);
/* The class of an HTTP status that was not expected (RFC 9110, 15).  DATA: it is none of an error. */
enum sn_error sn_error_of_status(uint32_t status);

#endif
