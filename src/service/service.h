/* What the files of the API machine share.
 *
 *     REQUEST ─► route ─► principal ─► handler ─asks─► continuation ─asks─► … ─► RESPOND
 *
 * A handler either answers or asks for one thing and names the stage it is in; the answer comes to the route's
 * continuation, which does the same.  What a later stage needs is kept in struct sn_api, since the bytes of an event
 * are gone with its step.  The cron tick is no request: it pokes several runs at once (tick.c). */
#ifndef SENTINEL_SERVICE_SERVICE_H
#define SENTINEL_SERVICE_SERVICE_H

#include "baselines.h"
#include "outside.h"
#include "schedules.h"
#include "sentinel/base/arena.h"
#include "sentinel/base/args.h"
#include "sentinel/base/limits.h"
#include "sentinel/base/message.h"
#include "sentinel/base/problem.h"
#include "sentinel/base/query.h"
#include "sentinel/base/sql.h"
#include "sentinel/base/vocab.h"
#include "sentinel/json/json.h"
#include "sentinel/plan/plan.h"
#include "sentinel/plan/trail.h"
#include "sentinel/service/api.h"
#include "sentinel/service/routes.h"

#define SN_TENANT_DEFAULT "default"
#define SN_PAGE_MAX 100
#define SN_PAGE_DEFAULT 20
#define SN_TICK_RUNS_MAX 80  /* of RUNS_TO_POKE, RUNS_DUE and RUNS_REPLACED together */
#define SN_TICK_STOPS_MAX 10 /* of RUNS_TO_STOP, beside those */
#define SN_PATIENCE_S 86400  /* a run that could not be started so long after its time is given up */
#define SN_TICK_AT_ONCE 5    /* calls in flight: of the platform's six one stays free */
#define SN_SETTLED_S 60      /* a row this old and untouched is nobody's work in progress */
#define SN_RETRY_AFTER_S 5   /* after something that was not reached */
#define SN_STOPPED_AT_ONCE \
    20 /* runs that the request itself tells that everything is stopped; the tick tells the others */
#define SN_BUSY_RETRY_S 30 /* while another run is active */

/* Who asks.  Every handler gets one, so that none can forget whose data it touches. */
struct sn_principal {
    char tenant[64];
    enum sn_access access;
};

/* The Worker's variables, as service/api.h has them; "" where there is none. */
struct sn_settings {
    struct sn_span platform, limits, targets, hosts, prices;
    struct sn_span webhook_hosts, webhooks, webhook_secret;      /* what messages may go to, and are signed with */
    struct sn_span clearing_binding, clearing_url, clearing_key; /* clearing_binding: not empty when it is there */
};

/* The request as it arrived.  Its spans are gone when the step ends. */
struct sn_http {
    struct sn_span method, path, query, authorization, token, content_type, body, random, key;
    struct sn_settings settings;
    bool incomplete; /* the body broke off on its way */
    bool keyed;      /* `key` was sent */
    bool websocket;  /* it asks to become one */
};

/* An accepted command, for sentinel_audit.  `run_id` and `detail` NULL: there is none. */
struct sn_audit {
    const char *tenant, *role, *action, *run_id, *detail;
    int64_t at_us; /* the same in every attempt to write it */
};

/* What came back for something that was asked. */
struct sn_reply {
    bool done;             /* else it failed */
    enum sn_status status; /* of a failure: an object's refusal; SN_OK when the object or database was not reached */
    struct sn_span body;   /* the result, or the error's text */
    uint32_t number;       /* that came with a result: the status of an HTTP answer */
};

/* An answer in application/problem+json.  `detail` is for people, the kind's code for programs. */
struct sn_problem {
    enum sn_problem_kind kind;
    const char *detail;
    const char *path, *expected; /* of a body or query at fault; else NULL */
    const char *active_run;      /* the run that is in the way; else NULL */
    const char *run_status;      /* of the run, when that is in the way; else NULL */
    const char *allow;           /* methods, with 405 */
    const char *challenge;       /* WWW-Authenticate, with 401 */
    uint32_t retry_after_s;      /* 0: no word about it */
};

struct sn_headers {
    const char *type;                         /* NULL: there is no body */
    const char *location, *allow, *challenge; /* NULL: not sent */
    uint32_t retry_after_s;                   /* 0: not sent */
    bool replayed;                            /* the answer to a request that came before */
};

/* A run that is told to stop, as everything is. */
struct sn_stopped {
    char run_id[40], name[SN_NAME_MAX + 1];
    enum sn_run_status status;     /* the row's, until the object has said another */
    bool told;                     /* the object has heard of it */
    char reason[SN_WORDS_MAX + 1]; /* of who stopped it first, "" for none: as its audit has it */
};

/* What is stopped by one request.  `reason`: of whoever asks, "" for none. */
struct sn_stop {
    char reason[SN_WORDS_MAX + 1];
    bool keep_schedules;
    uint32_t schedules, runs; /* so many in all */
    uint32_t len, next;
    struct sn_stopped stopped[SN_STOPPED_AT_ONCE];
};

/* A run that the tick looks after. */
struct sn_poke {
    char run_id[40], tenant[64]; /* tenant: of a run that is due */
    double revision, updated_at; /* as the row has them */
    bool pending;                /* the row's status */
    const char *stop_reason;     /* of a run that is to stop; NULL else */
    uint32_t first;              /* what is asked first */
    uint32_t waiting_id;         /* 0: not begun, or over */
    uint32_t asked;              /* what it waits for, see tick.c */
    uint32_t calls_left;         /* of the platform, that it may still make */
    struct sn_upkeep upkeep;     /* of a run that is due */
};

struct sn_tick {
    bool open;
    bool reduced;        /* the database is older than this Worker: only runs that are active are looked after */
    uint32_t waiting_id; /* of the list of runs; 0 once it is there */
    uint32_t asked;      /* calls of the platform so far */
    uint32_t len, next;  /* runs, and the first that was not begun */
    struct sn_lane lane;
    struct sn_poke runs[SN_TICK_RUNS_MAX + SN_TICK_STOPS_MAX];
    char stop_reasons[SN_TICK_STOPS_MAX][SN_WORDS_MAX + 1];
    uint32_t compares_len, compares_next, comparing_id;
    struct sn_comparing compares[SN_TICK_COMPARES];
    struct sn_outbox outbox;
};

struct sn_api {
    uint32_t last_id; /* of effects; never starts again, so a late answer finds nobody */
    uint32_t strays;  /* answers that nobody waited for, and records that nobody understands */
    /* of the present step */
    int64_t now_us;
    struct sn_writer *effects;
    /* of the present request */
    const struct sn_route *route; /* NULL: none */
    struct sn_principal who;
    uint32_t stage, waiting_id;
    uint32_t tries, action, format, limit;
    int64_t acted_us; /* when the run had done what it was told */
    double value;     /* that goes with the action */
    bool start, replayed, websocket, token_configured;
    char platform[16];           /* the account's plan with Cloudflare, as the Worker's settings have it */
    char limits[16];             /* the set of bounds, likewise */
    char targets[SN_LISTED_MAX]; /* bindings and hosts that plans may touch, likewise */
    char hosts[SN_LISTED_MAX];
    char prices[SN_LISTED_MAX];       /* that are not the list's, as JSON, likewise */
    char key[256], body_hash[32];     /* "": the request has no key */
    double runs[SN_RUN_STATUSES_LEN]; /* by status */
    char run_id[40];
    char schedule_id[SN_UUID_SIZE]; /* of the path, if it has one */
    char name[48];                  /* the segment of a route that has one, as far as it is short enough to be a name */
    double row_revision, row_created_at;
    bool row_active;
    int64_t scheduled_us;             /* of the run that is answered for; 0: not scheduled */
    const struct sn_problem *problem; /* what to say once what is asked now is over */
    size_t plan_len, held_len;
    struct sn_baseline_draft baseline_draft;
    char comparison[SN_COMPARISON_MAX]; /* of the run that is answered for, as JSON; "": there is none */
    struct sn_comparing comparing;
    uint64_t reach; /* to sweep up: of the run whose plan this is */
    struct sn_tick tick;
    struct sn_draft draft; /* of a schedule */
    struct sn_stop stop;
    size_t text_len;
    /* settings of what goes out, as above */
    bool clearing_bound;
    char webhook_hosts[SN_LISTED_MAX], webhooks[2 * SN_LISTED_MAX], webhook_secret[SN_SECRET_MAX];
    char clearing_url[SN_HOOK_URL_MAX], clearing_key[SN_SECRET_MAX];
    struct sn_upkeep upkeep; /* of the request's run */
    char maintenance[512];   /* what became of it, as JSON; "": it asked for none */
    struct sn_arena arena;   /* the rest of the memory; reset with every event */
    _Alignas(16) uint8_t plan[SN_PLAN_BYTES_MAX];
    /* Of runs that are compared, and of baselines that are made. */
    struct sn_baseline baseline;
    uint8_t compared[2][SN_COMPARED_BYTES_MAX];
    _Alignas(8) uint8_t merged[SN_BASELINE_MEMORY];
    struct sn_compared_room room;
    uint8_t text[SN_PLAN_TEXT_MAX + SN_PRESET_PLAN_MAX]; /* a schedule's body; behind it the plan of its preset */
    uint8_t held[8192]; /* an answer that waits: from the row, for when the object cannot be reached; a run's state */
};

/* --- answer.c: the one answer that a request gets ------------------------------------------------------- */

/* Begins the answer; its body is then written to api->effects. */
size_t sn_answer_begin(struct sn_api *api, uint32_t status, const struct sn_headers *headers);
/* Ends the answer and with it the request.  One that does not fit becomes a problem. */
void sn_answer_end(struct sn_api *api, size_t mark);
/* {"name": [row, …]} of the rows of the first statement that was asked for; where there are none because the database failed, that. */
typedef void sn_row_writer(struct sn_api *api, struct sn_json_writer *j, const char *name, const struct sn_json *row);
void sn_answer_rows(struct sn_api *api, const struct sn_reply *reply, const char *name, sn_row_writer *put);
void sn_answer_problem(struct sn_api *api, const struct sn_problem *problem);
/* {"run": state}, the state with the time that it is scheduled for; `location` NULL but for a run that was just created. */
void sn_answer_run(struct sn_api *api, uint32_t status, const char *location, struct sn_span state);
/* Keeps a run's state until something that is asked now is answered.  One that is no state of ours becomes nothing. */
void sn_hold(struct sn_api *api, struct sn_span state);
/* Keeps what a row says of its run, for when the run cannot be asked; and says it. */
void sn_hold_row(struct sn_api *api, const struct sn_json *row);
void sn_answer_held_row(struct sn_api *api, uint32_t status, const char *location, const struct sn_reply *reply);
/* 503, and a line in the log with the host's own words. */
void sn_answer_database_failed(struct sn_api *api, const struct sn_reply *reply);
void sn_answer_object_failed(struct sn_api *api, const struct sn_reply *reply);
/* Of the answer to RUN_ACTIVE: true when the active run is the present one; else it was answered, with 429 or 503. */
bool sn_answer_unless_own(struct sn_api *api, const struct sn_reply *reply);
void sn_answer_too_long(struct sn_api *api);
void sn_answer_unknown_run(struct sn_api *api);
/* The object does not know the run yet. */
void sn_answer_not_ready(struct sn_api *api);
/* Hands the request to the run's object as a WebSocket. */
void sn_answer_upgrade(struct sn_api *api);
void sn_log(struct sn_api *api, const char *what, const char *run_id, struct sn_span text);

/* --- ask.c: what the machine asks for ------------------------------------------------------------------ */

/* Statements that succeed or fail together: groups are added to `args` before sn_ask_end(). */
size_t sn_ask_batch_begin(struct sn_api *api, struct sn_args *args);
/* A statement; its values are added to `args` before sn_ask_end(). */
size_t sn_ask_sql_begin(struct sn_api *api, enum sn_sql statement, struct sn_args *args);
uint32_t sn_next_id(struct sn_api *api);
/* A message to the run's object; what it carries is written to api->effects before sn_ask_end(). */
size_t sn_ask_object_begin(struct sn_api *api, const char *run_id, enum sn_message message);
/* The question's id; 0, and an outbox as it was before, when it did not fit. */
uint32_t sn_ask_end(struct sn_api *api, size_t mark);

/* That everything is stopped; `reason` "": none was given. */
uint32_t sn_ask_stop(struct sn_api *api, const char *run_id, const char *reason);
/* A message that carries nothing. */
uint32_t sn_ask_object(struct sn_api *api, const char *run_id, enum sn_message message);
/* The plan in api->plan becomes a run. */
uint32_t sn_ask_creation(struct sn_api *api, const char *run_id, enum sn_creation creation);
/* The row of api->run_id, if it is the tenant's. */
uint32_t sn_ask_run(struct sn_api *api, const struct sn_principal *who);
/* The id of the tenant's active run. */
uint32_t sn_ask_active(struct sn_api *api, const struct sn_principal *who);
/* Closes the row of a run that no object knows, unless somebody wrote it since it had this revision. */
uint32_t sn_ask_abandon(struct sn_api *api, const char *run_id, double revision, enum sn_ending ending,
                        const char *note);
/* The request waits for the question `id` in `stage`; with id 0 it is answered with a fault of ours. */
void sn_wait(struct sn_api *api, uint32_t stage, uint32_t id);

/* The host's own words for a failure; nothing where there is an answer, be it one that cannot be read. */
struct sn_span sn_reply_words(const struct sn_reply *reply);
/* Of the answer's statement at `index`: its rows, NULL when they cannot be read; and how many rows it changed. */
const struct sn_json *sn_reply_rows(struct sn_api *api, const struct sn_reply *reply, uint32_t index);
bool sn_reply_changes(struct sn_api *api, const struct sn_reply *reply, uint32_t index, uint32_t *changes);
/* The row that sn_ask_run() asked for, its fence noted in api; NULL when the request was answered instead. */
const struct sn_json *sn_reply_run(struct sn_api *api, const struct sn_reply *reply);
/* Whether the row that was read is so young that its object may still hear of the run. */
bool sn_is_young(const struct sn_api *api);
/* Whether the object of the row that was read has written it once.  One that knows nothing of the run now has lost it, or
 * cannot read what it has stored. */
bool sn_was_known(const struct sn_api *api);
double sn_now_s(const struct sn_api *api); /* whole Unix seconds, as rows have them */
/* A row's time in Unix seconds as µs; 0 for none and for nonsense. */
int64_t sn_row_us(const struct sn_json *row, const char *column);
bool sn_text_has(struct sn_span text, const char *part);
/* Whether the database refused a statement since it has not the tables or columns that it speaks of. */
bool sn_reply_not_migrated(const struct sn_reply *reply);
/* What SN_SQL_HEALTH has found: migrations that were not applied, "" for none; NULL when the answer cannot be read. */
const char *sn_reply_missing(struct sn_api *api, const struct sn_reply *reply, uint32_t index);
/* What a row or a state says of its run: a list's length when it says nothing that is known. */
enum sn_run_status sn_status_in(const struct sn_json *json);
enum sn_stage sn_stage_in(const struct sn_json *json);

/* --- body.c ------------------------------------------------------------------------------------------------- */

/* A plan as it was sent; lives until the step ends. */
struct sn_body {
    const struct sn_json *root;
    struct sn_plan *plan; /* opened from api->plan */
    bool start, scheduled;
    bool untimely; /* scheduled for a time that a run cannot be scheduled for; api->scheduled_us has it */
};

extern const struct sn_problem sn_plan_too_large, sn_plan_untimely;
/* 16 bytes as a UUID of this version (RFC 9562); `out` has SN_UUID_SIZE bytes. */
void sn_put_uuid(char *out, const uint8_t *bytes, uint8_t version);
/* A new one from the request's random bytes.  False, and answered, when there are none. */
bool sn_make_id(struct sn_api *api, struct sn_span random, char *id);
/* Whether it is the id of a run, a baseline or a schedule: a UUID in lower case. */
bool sn_is_id(struct sn_span id);
/* A member of a body that is to be `expected`: a text of min to max bytes without control characters, copied to `out` with a
 * NUL behind it.  False, and refused at the trail's place, when it is none. */
bool sn_body_text(struct sn_trail *trail, const struct sn_json *value, const char *expected, size_t min, size_t max,
                  char *out);
/* Names a run, api->run_id, and compiles the body for it.  False, and answered, when it is refused. */
bool sn_body_read(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http, struct sn_body *body);
/* The bindings that a plan or a workload may touch. */
struct sn_span sn_settings_targets(const struct sn_api *api);
/* What of messages and maintenance can be asked for here; `names` has room for the list of them, and lives as long. */
struct sn_plan_outside sn_body_outside(struct sn_api *api, char *names, size_t cap);
/* The set of bounds by the Worker's settings; false, and the default one, when the setting is no set's name. */
bool sn_settings_bounds(const struct sn_api *api, enum sn_bounds *bounds);
/* Keeps the settings for this request or tick. */
void sn_settings_note(struct sn_api *api, const struct sn_settings *settings);
struct sn_settings sn_settings_get(struct sn_reader *r);
/* Compiles a plan's text into api->plan, in memory of api->arena.  A random seed follows from the run's id, so that the
 * same text gives the same run again.  `name` is that of a plan without one, or NULL. */
enum sn_status sn_body_compile(struct sn_api *api, const char *run_id, const char *tenant, const char *name,
                               const char *text, size_t len, struct sn_plan_error *error);

/* --- key.c -------------------------------------------------------------------------------------------------- */

/* Notes the request's key, if it has one.  False, and answered, when it is none. */
bool sn_key_read(struct sn_api *api, const struct sn_http *http);
/* Groups of a batch, before the one that inserts the run: the batch fails when the key is in use. */
void sn_key_put(const struct sn_api *api, const struct sn_principal *who, struct sn_args *args);
/* A group that removes some keys whose day is over. */
void sn_keys_expire_put(const struct sn_api *api, struct sn_args *args);
uint32_t sn_ask_key(struct sn_api *api, const struct sn_principal *who);
/* What the key stands for.  REPEATED: the run of the same request, which is api->run_id from now on. */
enum sn_key_state { SN_KEY_ANSWERED, SN_KEY_UNKNOWN, SN_KEY_OWN, SN_KEY_REPEATED };
enum sn_key_state sn_key_find(struct sn_api *api, const struct sn_reply *reply);

/* --- audit.c ------------------------------------------------------------------------------------------------ */

/* A command of this caller's, about the request's run. */
struct sn_audit sn_audit_of(const struct sn_api *api, const struct sn_principal *who, const char *action,
                            const char *detail);
/* Its row, as a group of a batch: behind the statement that inserts the run, before the one that deletes it. */
void sn_audit_put(struct sn_args *args, const struct sn_audit *audit);
/* Its values alone, in the order in which statements that write such a row begin. */
void sn_audit_bind(struct sn_args *args, const struct sn_audit *audit);
/* Its row alone, for a command that a run's object has accepted. */
uint32_t sn_ask_audit(struct sn_api *api, const struct sn_audit *audit);

/* --- route.c, access.c ------------------------------------------------------------------------------------ */

/* Finds the route and notes the run's id in api.  NULL: `allow` is filled with the methods that the path knows, or is
 * empty when nobody knows the path. */
const struct sn_route *sn_route_find(struct sn_api *api, const struct sn_http *http, char *allow, size_t cap);
/* False, and answered, when the query has a name twice or one that the route does not know. */
bool sn_query_check(struct sn_api *api, const struct sn_route *route, struct sn_span query);
bool sn_content_type_is_json(struct sn_span type); /* a missing one counts as JSON */
/* Copies what is printable ASCII, '?' for the rest, and ends it with zero. */
void sn_copy_plain(char *out, size_t cap, const void *text, size_t len);

/* Finds out who asks.  False, and answered, when nobody that we know does. */
bool sn_access_check(struct sn_api *api, const struct sn_http *http, struct sn_principal *who);

/* What a report may be asked for as. */
struct sn_report_type {
    const char *name, *type; /* behind ?format=, and the content type */
    enum sn_report_format format;
};
extern const struct sn_report_type sn_report_types[];
extern const size_t sn_report_types_len;

/* --- the handlers and their continuations ----------------------------------------------------------------- */

sn_handler sn_create, sn_try, sn_catalog, sn_workloads, sn_workload_show, sn_workload_try, sn_list, sn_read, sn_report,
    sn_live, sn_act, sn_stop_all, sn_delete, sn_metrics, sn_openapi, sn_health;
sn_continuation sn_create_then, sn_list_then, sn_read_then, sn_report_then, sn_live_then, sn_act_then, sn_stop_all_then,
    sn_delete_then, sn_metrics_then, sn_health_then;

/* Stages of sn_create_then: somebody has asked for the run's row to be inserted.  Stages of other files that hand over to
 * it begin above SN_CREATE_STAGES. */
#define SN_CREATE_INSERTED 1
#define SN_CREATE_STAGES 20

/* The tick may ask the platform so many more times, beside what everything that it has begun may still ask. */
bool sn_tick_affords(const struct sn_api *api, uint32_t calls);
/* One of the calls that were set aside for something has been made, as question `id`; 0: it makes no more. */
void sn_tick_spend(uint32_t *calls_left, uint32_t id);

/* sweep.c: what a dead run left behind.  Each gives the question's id, or 0. */
uint32_t sn_sweep_ask_plan(struct sn_api *api, const struct sn_poke *poke);
uint32_t sn_sweep_ask_object(struct sn_api *api, const struct sn_poke *poke, const struct sn_reply *reply);

void sn_tick_begin(struct sn_api *api);
/* False when the tick does not wait for this id. */
bool sn_tick_take(struct sn_api *api, uint32_t id, const struct sn_reply *reply);

#endif
