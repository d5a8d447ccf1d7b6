/* What the files about baselines, and about comparing runs with them, share; service.h includes it. */
#ifndef SENTINEL_SERVICE_BASELINES_H
#define SENTINEL_SERVICE_BASELINES_H

#include "sentinel/base/args.h"
#include "sentinel/base/limits.h"
#include "sentinel/json/json.h"
#include "sentinel/measure/baseline.h"
#include "sentinel/service/routes.h"

#define SN_BASELINES_MAX 100 /* of a tenant; as many as a list shows */
#define SN_SOURCES_MAX SN_BASELINE_RUNS_MAX
#define SN_COMPARISON_MAX 4096 /* bytes of its JSON */
#define SN_TICK_COMPARES 5     /* as many as RUNS_TO_COMPARE gives */

struct sn_reply;

/* A run that ended, and is to be compared with its plan's baseline. */
struct sn_comparing {
    char run_id[40], tenant[64], plan_hash[20];
    double completed_at;
    uint32_t stage; /* 0: nothing is asked */
};

/* A baseline that is being made or changed; what is to stay as it is is "" or negative. */
struct sn_baseline_draft {
    char id[40], name[SN_NAME_MAX + 1], description[SN_DESCRIPTION_MAX + 1];
    char floors[160]; /* JSON, as the table has it */
    bool described;   /* `description` is to be written, be it "" */
    int active;       /* 1 or 0 */
    uint32_t runs_len, next;
    char runs[SN_SOURCES_MAX][40], plan_hash[20];
    double achieved_per_s; /* of each run, added up */
};

/* --- baseline.c, baseline_body.c, floors.c ------------------------------------------------------------------ */

/* Reads the body of a request that makes a baseline, or changes one, into api->baseline_draft.  False, and answered, when it is refused. */
bool sn_baseline_draft_read(struct sn_api *api, struct sn_span body, bool change);
/* The baseline's row, the last of a batch's answers, as the answer to the request. */
void sn_answer_baseline(struct sn_api *api, uint32_t status, const char *location, const struct sn_json *row);
uint32_t sn_ask_baseline(struct sn_api *api, const struct sn_principal *who, const char *id);
/* Groups of a batch: its audit; what api->baseline_draft changes in it, after the one that was active has made way; the row as it then is. */
void sn_baseline_put_audit(struct sn_api *api, const struct sn_principal *who, const char *action,
                           struct sn_args *args);
void sn_baseline_put_change(struct sn_api *api, const struct sn_principal *who, struct sn_args *args);
void sn_baseline_put_get(struct sn_api *api, const struct sn_principal *who, struct sn_args *args);

/* The query's planHash, empty where it has none.  False, and answered, when it is no hash. */
bool sn_query_plan_hash(struct sn_api *api, struct sn_span query, struct sn_span *hash);

/* --- comparing.c --------------------------------------------------------------------------------------------- */

/* Takes a run's bytes from a row's column of hexadecimal digits into api->compared[side].  False when there are none that can be read. */
bool sn_compared_take(struct sn_api *api, const struct sn_json *row, uint32_t side, struct sn_compared *run);
/* Notes the run of a row of RUN_GET, with what is known of its comparison.  Whether it has ended and is still to be compared. */
bool sn_comparing_note(struct sn_api *api, const struct sn_principal *who, const struct sn_json *row);
/* Notes the run of a row of RUNS_TO_COMPARE.  False when it is no row of ours. */
bool sn_comparing_read(struct sn_comparing *comparing, const struct sn_json *row);
/* The first question of a comparison; then, with each answer, the next, or 0 when the run in api->comparing is compared, or
 * cannot be now.  What came of it is in api->comparison then. */
uint32_t sn_comparing_ask(struct sn_api *api);
uint32_t sn_comparing_take(struct sn_api *api, const struct sn_reply *reply);
/* The comparison as a member of the object that is open. */
void sn_comparison_put(const struct sn_api *api, struct sn_json_writer *j);

/* A percentile's spread as a comparison takes it, from a baseline's row: what its runs differ by, and a floor that somebody has set. */
void sn_floors_read(struct sn_api *api, const struct sn_json *row, double spreads[SN_COMPARE_PERCENTILES]);
/* {"50": 0.05, …}: of the percentiles that are judged. */
void sn_floors_put(struct sn_json_writer *j, const char *name, const double spreads[SN_COMPARE_PERCENTILES]);
/* Where a percentile stands in the list of those that are compared; SN_COMPARE_PERCENTILES when it is none that is judged. */
uint32_t sn_floors_find(const char *name);
const char *sn_floors_name(uint32_t index);

sn_handler sn_baselines, sn_baseline_make, sn_baseline_show, sn_baseline_change, sn_baseline_delete;
sn_continuation sn_baselines_then, sn_baseline_make_then, sn_baseline_show_then, sn_baseline_change_then,
    sn_baseline_delete_then;

#endif
