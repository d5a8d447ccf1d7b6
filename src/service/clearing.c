#include "sentinel/service/clearing.h"

#include <string.h>

static const char *text_of(const struct sn_json *json, const char *name) {
    const char *text = sn_json_string(sn_json_get(json, name));
    return text != NULL ? text : "";
}

static enum sn_component component_of(const struct sn_json *value) {
    const char *text = sn_json_string(value);
    return text != NULL ? sn_component_find(text, strlen(text)) : SN_COMPONENTS_LEN;
}

struct sn_facts sn_facts_read(const struct sn_json *json) {
    struct sn_facts facts = {
        .run_id = text_of(json, "runId"),
        .tenant = text_of(json, "tenantId"),
        .name = text_of(json, "name"),
        .key = text_of(json, "key"),
        .status = text_of(json, "status"),
        .validity = text_of(json, "validity"),
        .verdict = text_of(json, "verdict"),
        .reason = text_of(json, "reason"),
        .ended_by = text_of(json, "endedBy"),
        .component = text_of(json, "component"),
        .schedule_id = text_of(json, "scheduleId"),
        .baseline = text_of(json, "baseline"),
        .before = component_of(sn_json_get(json, "before")),
        .total = sn_json_number(sn_json_get(json, "total")),
        .succeeded = sn_json_number(sn_json_get(json, "succeeded")),
        .failed = sn_json_number(sn_json_get(json, "failed")),
        .avg_ms = sn_json_number(sn_json_get(json, "avgMs")),
        .p95_ms = sn_json_number(sn_json_get(json, "p95Ms")),
        .per_s = sn_json_number(sn_json_get(json, "perS")),
        .since_us = sn_json_number(sn_json_get(json, "sinceUs")),
        .started_s = sn_json_number(sn_json_get(json, "startedAt")),
        .ended_s = sn_json_number(sn_json_get(json, "endedAt")),
    };
    const char *maintenance = text_of(json, "maintenance");
    facts.maintained = facts.before != SN_COMPONENTS_LEN && maintenance[0] != '\0' && strcmp(maintenance, "off") != 0;
    return facts;
}

double sn_facts_error_rate(const struct sn_facts *facts) {
    return facts->total > 0 ? facts->failed / facts->total : 0;
}

bool sn_facts_count(const struct sn_facts *facts) {
    bool believed = strcmp(facts->validity, "valid") == 0 || strcmp(facts->validity, "degraded") == 0;
    return believed && facts->total > 0;
}

enum sn_component sn_clearing_rung(double error_rate) {
    if (error_rate > 0.5) return SN_COMPONENT_MAJOR_OUTAGE;
    if (error_rate > 0.2) return SN_COMPONENT_PARTIAL_OUTAGE;
    return error_rate > 0.05 ? SN_COMPONENT_DEGRADED : SN_COMPONENT_OPERATIONAL;
}

double sn_clearing_rate(enum sn_component state) {
    switch (state) {
    case SN_COMPONENT_MAJOR_OUTAGE: return 0.51;
    case SN_COMPONENT_PARTIAL_OUTAGE: return 0.21;
    case SN_COMPONENT_DEGRADED: return 0.06;
    default: return 0;
    }
}

enum sn_component sn_clearing_worse(enum sn_component a, enum sn_component b) {
    return a > b ? a : b;
}

/* A run that nothing speaks against.  Thresholds that could not be judged do not. */
static bool is_good(const struct sn_facts *facts) {
    return strcmp(facts->status, "completed") == 0 && strcmp(facts->verdict, "failed") != 0 &&
           sn_clearing_rung(sn_facts_error_rate(facts)) == SN_COMPONENT_OPERATIONAL;
}

struct sn_clearing_word sn_clearing_end(const struct sn_facts *facts, enum sn_component now,
                                        const struct sn_told *told) {
    struct sn_clearing_word word = {.before = now};
    bool count = sn_facts_count(facts);
    double rate = count ? sn_facts_error_rate(facts) : 0;
    /* In maintenance for our sake: it is what it was.  In another state: somebody has set that meanwhile, and knows. */
    if (facts->maintained && now == SN_COMPONENT_MAINTENANCE) word.before = facts->before;
    bool ours = told->any && word.before == told->state;
    word.lift = told->any && count && is_good(facts);
    word.resolve = word.lift && told->incident[0] != '\0';
    word.open = rate > SN_INCIDENT_RATE && told->incident[0] == '\0';
    word.state = sn_clearing_worse(word.before, sn_clearing_rung(rate));
    if (ours) word.before = told->before;
    if (ours && word.lift) word.state = told->before;
    word.keep = !word.lift && (word.state > word.before || word.open);
    bool others = word.state == SN_COMPONENT_MAINTENANCE; /* somebody else's, of which a Clearing may not be told */
    word.silent = word.state == now && !word.open && !word.resolve && (!count || others);
    return word;
}

static void put_results(struct sn_json_writer *j, const struct sn_facts *facts, double rate) {
    sn_json_open(j, "results", '{');
    sn_json_put_number(j, "totalOperations", facts->total);
    sn_json_put_number(j, "successfulOperations", facts->succeeded);
    sn_json_put_number(j, "failedOperations", facts->failed);
    sn_json_put_number(j, "errorRate", rate);
    sn_json_put_number(j, "measuredErrorRate", sn_facts_error_rate(facts));
    sn_json_put_number(j, "avgLatencyMs", facts->avg_ms);
    sn_json_put_number(j, "p95LatencyMs", facts->p95_ms);
    sn_json_put_number(j, "throughputOpsPerSec", facts->per_s);
    sn_json_close(j, '}');
}

static struct sn_json_writer begin(struct sn_writer *w, const struct sn_facts *facts, bool completed,
                                   enum sn_component state) {
    struct sn_json_writer j = sn_json_writer(w);
    sn_json_open(&j, NULL, '{');
    sn_json_put_text(&j, "runId", facts->run_id);
    sn_json_put_text(&j, "tenantId", facts->tenant);
    sn_json_put_text(&j, "status", completed ? "completed" : "failed");
    sn_json_put_text(&j, "componentSlug", facts->component);
    sn_json_put_text(&j, "componentStatus", sn_component_name(state));
    return j;
}

void sn_clearing_put_on(struct sn_writer *w, const struct sn_facts *facts, const char *message) {
    struct sn_json_writer j = begin(w, facts, true, SN_COMPONENT_MAINTENANCE);
    sn_json_put_text(&j, "message", message);
    sn_json_put_bool(&j, "createIncident", false);
    put_results(&j, facts, sn_clearing_rate(facts->before));
    sn_json_close(&j, '}');
}

void sn_clearing_put_end(struct sn_writer *w, const struct sn_facts *facts, const struct sn_clearing_word *word,
                         const struct sn_told *told) {
    double measured = sn_facts_count(facts) ? sn_facts_error_rate(facts) : 0, least = sn_clearing_rate(word->state);
    struct sn_json_writer j = begin(w, facts, strcmp(facts->status, "completed") == 0, word->state);
    sn_json_put_bool(&j, "createIncident", word->open);
    if (told->incident[0] != '\0')
        sn_json_put_text(&j, word->resolve ? "resolveIncident" : "incidentId", told->incident);
    put_results(&j, facts, measured > least ? measured : least);
    sn_json_close(&j, '}');
}

enum sn_component sn_clearing_state_in(const struct sn_json *status, const char *slug) {
    const struct sn_json *at = sn_json_first(sn_json_get(status, "components"));
    for (; at != NULL; at = sn_json_next(at))
        if (strcmp(text_of(at, "slug"), slug) == 0) return component_of(sn_json_get(at, "status"));
    return SN_COMPONENTS_LEN;
}
