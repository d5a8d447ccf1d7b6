/* What the Clearing, the status page, is told of a component.
 *
 * A component is never reported better than its last known state.  That state is what the Clearing says now; while our own
 * maintenance is on it is what the component was before.  One exception: what an earlier run of the same schedule, or name,
 * made worse, a good run takes back.  A run's failures can make it worse, by the predecessor's ladder.
 *
 * A Clearing that knows no `componentStatus` takes the state from `errorRate`.  So that it does not paint over anything
 * either, `errorRate` is raised to the rung of the state that is meant, and `measuredErrorRate` has the run's own. */
#ifndef SENTINEL_SERVICE_CLEARING_H
#define SENTINEL_SERVICE_CLEARING_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/vocab.h"
#include "sentinel/json/json.h"

#define SN_INCIDENT_RATE 0.1 /* above this share of failures an incident is opened */

/* A message's facts, as the migration's triggers freeze them. */
struct sn_facts {
    const char *run_id, *tenant, *name, *key, *status, *validity, *verdict, *reason, *component;
    const char *ended_by;               /* base/vocab.h: SN_ENDING_LIST; "" where the message does not say it */
    const char *schedule_id, *baseline; /* "": the message is about a run; it tells of no baseline */
    enum sn_component before;           /* SN_COMPONENTS_LEN: not known */
    bool maintained;                    /* maintenance was asked for, and may be on */
    double total, succeeded, failed, avg_ms, p95_ms, per_s, since_us;
    double started_s, ended_s; /* 0: not */
};

/* `json` NULL: all is absent. */
struct sn_facts sn_facts_read(const struct sn_json *json);
double sn_facts_error_rate(const struct sn_facts *facts); /* 0 to 1; 0 of no operations */
/* The run's figures say something about what it tested. */
bool sn_facts_count(const struct sn_facts *facts);

/* Above 5 % degraded, above 20 % a partial outage, above 50 % a major one. */
enum sn_component sn_clearing_rung(double error_rate);
/* The lowest whole percentage of the rung, as a fraction; 0 for the states that are not worse than maintenance. */
double sn_clearing_rate(enum sn_component state);
enum sn_component sn_clearing_worse(enum sn_component a, enum sn_component b);

/* What an earlier run told the Clearing, and nobody took back. */
struct sn_told {
    bool any;
    enum sn_component state, before;
    char incident[64]; /* "": none was opened */
};

struct sn_clearing_word {
    enum sn_component state;  /* that the component is to have */
    enum sn_component before; /* what it was without what runs of this name found */
    bool open, resolve;       /* an incident is opened; the one that was told is resolved */
    bool keep;                /* it is worse than before for a run's sake, or has an incident: to be remembered */
    bool lift;                /* what was told is taken back */
    bool silent;              /* there is nothing to say */
};

/* At the end of a run, or of a start that came to nothing.  `now`: the component's state as the Clearing has it, known. */
struct sn_clearing_word sn_clearing_end(const struct sn_facts *facts, enum sn_component now,
                                        const struct sn_told *told);

/* The bodies of POST /api/sentinel. */
void sn_clearing_put_on(struct sn_writer *w, const struct sn_facts *facts, const char *message);
void sn_clearing_put_end(struct sn_writer *w, const struct sn_facts *facts, const struct sn_clearing_word *word,
                         const struct sn_told *told);

/* The state of a component in the answer to GET /api/status: the element of `components` with this slug.
 * SN_COMPONENTS_LEN: it has none, or not one that there is. */
enum sn_component sn_clearing_state_in(const struct sn_json *status, const char *slug);

#endif
