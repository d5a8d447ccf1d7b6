/* Every limit of Sentinel, beside its reason.  Platform limits name their source page and its date. */
#ifndef SENTINEL_BASE_LIMITS_H
#define SENTINEL_BASE_LIMITS_H

/* --- What the platform allows -------------------------------------------------------------------------- */

#define SN_BIND_MAX 100            /* bound parameters per D1 statement; D1 limits, 2026-04-21 */
#define SN_KV_KEY_MAX 512          /* bytes; KV limits, 2026-04-21 */
#define SN_KV_METADATA_MAX 1024    /* bytes as JSON; KV limits, 2026-04-21 */
#define SN_KV_KEEP_S_MIN 30        /* cacheTtl of a KV get, in seconds; KV, 2026-06-22 */
#define SN_KV_KEYS_MAX 100         /* keys that one KV get takes; KV, 2026-06-22 */
#define SN_PART_BYTES_MIN 5242880  /* of an R2 upload's parts but the last; R2 limits, 2026-10-08 */
#define SN_URL_MAX 4096            /* bytes of a URL; the platform takes 16 KB */
#define SN_HOST_MAX 255            /* bytes of a host's name and port */
#define SN_KV_TTL_S_MIN 60         /* seconds that a key lives at least; KV, 2026-06-22 */
#define SN_R2_KEY_MAX 1024         /* bytes; R2 limits, 2026-10-08 */
#define SN_R2_METADATA_MAX 8192    /* bytes; R2 limits, 2026-10-08 */
#define SN_LIST_MAX 1000           /* keys or objects that one list or one R2 delete takes */
#define SN_BATCH_MAX 100           /* statements in one D1 batch; its SQL time is bounded as a whole */
#define SN_CONNECTIONS_MAX 6       /* calls that wait for headers, per invocation; Workers limits, 2026-07-28 */
#define SN_STORE_VALUE_MAX 1000000 /* bytes per stored value; the platform's row limit is 2 MB, we stay well below */
#define SN_STORE_ENTRIES_MAX 100   /* keys per put or delete; the platform takes 128 */

/* --- Bounds of a plan (the predecessor's, raised only by the operator) ---------------------------------- */

#define SN_OPERATIONS_MAX 1000000 /* in a run: what its counters and its hour are made for */
#define SN_USERS_MAX 10000000     /* visitors; with opsPerUser they come to operations */
#define SN_DURATION_S_MAX 3600 /* of a load, lead-in and extensions included: a second of it is a row of the series */
#define SN_CONCURRENCY_MAX 500 /* calls in flight: a hundred shards of five slots */
#define SN_SINCE_DIGITS_MAX 5  /* of the second from which on a viewer wants a run's history */
#define SN_LEAD_IN_S_MAX 600   /* of a warm-up before the load */
#define SN_REGION_WEIGHT_MAX 1000       /* of one region against the others */
#define SN_RATE_PER_S_MAX 10000         /* operations a second at any time */
#define SN_OPERATIONS_CEILING 200000000 /* the operator's: ten million users who do twenty things each */
#define SN_CONCURRENCY_CEILING 5000     /* the operator's: a thousand shards, whose state a run can hold */
#define SN_RATE_PER_S_CEILING 100000    /* the operator's: two hundred shards' worth */
#define SN_COST_USD_MAX 1000000         /* maxCostUsd: beyond it somebody mistook the unit */
#define SN_SCALE_MIN 0.01               /* of the plan's own rate, while the run goes on */
#define SN_SCALE_MAX 100                /* the same, upwards */
#define SN_RUN_ID_MAX 39                /* bytes; a UUID has 36 */
#define SN_TENANT_MAX 63                /* bytes of a tenant's name */
#define SN_NAME_MAX 120                 /* bytes of a run's name */
#define SN_PRESET_NAME_MAX 23           /* bytes of a preset's */
#define SN_DESCRIPTION_MAX 1000         /* bytes of a run's description */
#define SN_COMPONENT_SLUG_MAX 64        /* bytes of the slug of a component of the Clearing */
#define SN_MAINTENANCE_MESSAGE_MAX 200  /* bytes of what the Clearing says while it is in maintenance */
#define SN_PLAN_TEXT_MAX 65536          /* bytes of a plan's JSON */
#define SN_JITTER_S_MAX 3600            /* of a schedule: a start is put off by an hour at most */
#define SN_ALERTS_MAX 2048              /* bytes of a schedule's alerts: fifty schedules fit into one answer */
#define SN_FAILED_STARTS_MAX 3          /* in a row, after which a schedule is paused */
#define SN_JSON_DEPTH_MAX 64            /* values inside each other */
#define SN_BODY_VALUES_MAX 8000  /* in one body: so many fit wherever it is read, and no more are taken anywhere */
#define SN_JSON_NAMES_MAX 1000   /* in one object: each is compared with all others */
#define SN_LATENESS_MS_MIN 10    /* maxLateMs, timeoutMs: ten steps of the clock */
#define SN_LATENESS_MS_MAX 60000 /* a delta reaches SN_DELTA_SECONDS_MAX back */

/* --- Sizes of our own structures ------------------------------------------------------------------------ */

#define SN_SEGMENTS_MAX 256         /* pieces of a rate curve: a custom curve of 257 points */
#define SN_PHASES_MAX 8             /* of a load, the lead-in included */
#define SN_EPOCHS_MAX 64            /* changes of a load, its start and its stop included */
#define SN_KINDS_MAX 32             /* operation kinds in a plan: charts and thresholds stay readable */
#define SN_STEPS_MAX 16             /* steps of one operation */
#define SN_THINK_MS_MAX 60000       /* of an operation in all: so long it keeps its place in its shard without a call */
#define SN_KEYSPACES_MAX 16         /* keyspaces of a workload */
#define SN_LISTS_MAX 64             /* feeds and choices of a workload */
#define SN_TENANTS_MAX 64           /* that operations are drawn for */
#define SN_COLUMNS_MAX 16           /* of a feed */
#define SN_KEYS_MAX 1000000000      /* keys of a keyspace, which may have been there before the run; 9 digits at most */
#define SN_PLAN_BYTES_MAX 49152     /* a compiled plan; a shard keeps one in memory */
#define SN_EFFECT_MAX 65536         /* bytes of a step's shape, and of its arguments whole */
#define SN_SHARDS_MAX 1028          /* ceil(5000 / 5), room for regions, and for those that take a lost one's place */
#define SN_REPORT_SHARDS_MAX 128    /* that a report lists, those first that something happened to */
#define SN_REPLACED_MAX 14          /* shards that may take a lost one's place: each is an epoch */
#define SN_SEARCH_STEP_S_MIN 5      /* seconds for which a rate is tried: less says nothing of it */
#define SN_SEARCH_STEP_S_MAX 30     /* single seconds stay about a minute, and a confirmation takes two steps */
#define SN_SHARD_RATE_PER_S_MAX 500 /* operations that one shard starts; more need more shards */
#define SN_OPEN_MAX 64              /* operations open in one shard; one between two steps holds no slot */
#define SN_ARM_DIRECTLY_MAX 200     /* a run with more shards than this has them start each other */
#define SN_FOLLOWERS_MAX 9          /* that one shard starts: so ten come of one call */
#define SN_RESULTS_MAX 1024         /* results that a shard holds between two checkpoints; full means checkpoint now */
#define SN_STEP_RESULTS_MAX 2048    /* the same of steps; a half is for what open operations have still to send */
#define SN_NUMBER_TEXT_MAX 63       /* bytes of a rendered number before it becomes a double */
#define SN_CAPTURE_MAX 64           /* bytes of one captured value: an id, a token; a longer one fails with `data` */
#define SN_CAPTURES_MAX 4           /* captured values of one operation */
#define SN_LOOKS_MAX 8              /* texts that are looked for in one answer */
#define SN_PARTS_MAX 40 /* of one R2 upload: with its begin and its end fewer calls than a slice has on the free plan */
#define SN_PART_BYTES_MAX 8388608 /* of one part: five slots hold one each in the memory of a Worker */
#define SN_ARGUMENTS_MAX 8        /* of a Durable Object's method */
#define SN_STATUSES_MAX 4         /* statuses and ranges of them that a step expects */
#define SN_LISTED_MAX 2000        /* bytes of the operator's list of bindings, and of that of hosts */
#define SN_TARGETS_MAX 16         /* bindings and hosts that a plan touches */
#define SN_BINDING_NAME_MAX 63    /* bytes of a binding's name */
#define SN_DELTA_SECONDS_MAX 96   /* run seconds that one delta can touch: late starts reach 30 s back */
#define SN_DELTA_EXEMPLARS_MAX 6  /* operations that a shard keeps whole between two checkpoints */
#define SN_EXEMPLARS_MAX 500      /* operations kept whole in a run */
#define SN_CELLS_MAX 160          /* operation kinds × phases; bounds what a RunObject keeps in memory */
#define SN_REASON_MAX 416         /* bytes of the sentence that says why a run failed, its end included */
#define SN_WORDS_MAX 200          /* of those, bytes in somebody else's own words */

/* --- Times ---------------------------------------------------------------------------------------------- */

#define SN_SECOND_US INT64_C(1000000)          /* all times are in microseconds */
#define SN_CLOCK_STEP_US INT64_C(1000)         /* Workers clocks have whole milliseconds */
#define SN_REPORT_INTERVAL_US INT64_C(1000000) /* a shard tells its run what it learned so often, or more rarely */
#define SN_REPORTS_PER_S_MAX 200               /* that a run takes from all of its shards together */
#define SN_ARM_SPACING_US INT64_C(50000)       /* between two objects that are started: the platform throttles bursts */
#define SN_BREATH_US INT64_C(20000)            /* longest time without yielding to a timer, or timers starve */
#define SN_SLICE_US INT64_C(30000000)          /* one alarm's work; the platform ends a handler after 15 minutes */
#define SN_CALL_CPU_US 100                     /* what one call is taken to cost of an invocation's CPU */
#define SN_DEADMAN_US INT64_C(10000000)        /* the alarm that wakes an object which died in mid-work */
#define SN_SILENCE_US INT64_C(10000000) /* without an answer for so long, or three intervals, a shard starts nothing */
#define SN_SWEEP_US INT64_C(60000000)   /* after its end a run sweeps up once more what arrived late */
#define SN_MAX_LATE_US_DEFAULT INT64_C(30000000) /* started later than this it is dropped; maxLateMs says otherwise */
#define SN_LATE_S 600                           /* seconds; a schedule's start that comes later was missed: ten ticks */
#define SN_TIMEOUT_US_DEFAULT INT64_C(30000000) /* unanswered for longer it has failed; timeoutMs says otherwise */

#endif
