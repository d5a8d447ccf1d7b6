/* A schedule's row: read, inserted from a draft, changed to one. */
#include "service.h"

uint32_t sn_ask_schedule(struct sn_api *api, const struct sn_principal *who) {
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_SCHEDULE_GET, &args);
    sn_args_text(&args, api->draft.id);
    sn_args_text(&args, who->tenant);
    return sn_ask_end(api, mark);
}

static void put_text(const struct sn_api *api, struct sn_args *args, const struct sn_piece *piece) {
    if (piece->len > 0)
        sn_args_span(args, SN_VALUE_TEXT, api->text + piece->at, piece->len);
    else
        sn_args_null(args);
}

/* Name to jitter, the same in both statements. */
static void put_words(const struct sn_draft *draft, struct sn_args *args) {
#define SN_X(name, text) text,
    static const char *const dialects[] = {SN_CRON_DIALECT_LIST(SN_X)};
    static const char *const overlaps[] = {SN_OVERLAP_LIST(SN_X)};
    static const char *const catch_ups[] = {SN_CATCH_UP_LIST(SN_X)};
#undef SN_X
    sn_args_text(args, draft->name);
    sn_args_text(args, draft->described ? draft->description : NULL);
    sn_args_text(args, draft->cron);
    sn_args_text(args, dialects[draft->dialect]);
    sn_args_text(args, draft->times.zone);
    sn_args_text(args, overlaps[draft->overlap]);
    sn_args_text(args, catch_ups[draft->times.timing.catch_up]);
    sn_args_number(args, draft->times.timing.jitter_s);
}

/* The plan and what follows from it; nine nulls where it stays as it is. */
static void put_plan(const struct sn_api *api, struct sn_args *args) {
    const struct sn_plan_facts *facts = &api->draft.facts;
    put_text(api, args, &api->draft.plan);
    if (!api->draft.plan.given) {
        for (int i = 0; i < 8; i++) sn_args_null(args);
        return;
    }
    sn_args_text(args, facts->name[0] != '\0' ? facts->name : NULL);
    sn_args_text(args, facts->preset[0] != '\0' ? facts->preset : NULL);
    sn_args_text(args, facts->hash);
    sn_args_text(args, sn_profile_type_name((enum sn_profile_type)facts->profile_type));
    sn_args_number(args, facts->planned);
    sn_args_number(args, facts->seconds);
    sn_args_number(args, facts->concurrency);
    sn_args_text(args, facts->systems);
}

static void put_get(const struct sn_api *api, const struct sn_principal *who, struct sn_args *args) {
    sn_args_group(args, SN_SQL_SCHEDULE_GET);
    sn_args_text(args, api->draft.id);
    sn_args_text(args, who->tenant);
}

static void put_audit(struct sn_api *api, const struct sn_principal *who, const char *action, double revision,
                      struct sn_args *args) {
    struct sn_audit audit = sn_audit_of(api, who, action, NULL);
    sn_schedule_audit_put(args, &audit, api->draft.id, revision);
}

uint32_t sn_ask_schedule_insert(struct sn_api *api, const struct sn_principal *who) {
    const struct sn_draft *draft = &api->draft;
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_SCHEDULE_INSERT, &args);
    sn_args_text(&args, draft->id);
    sn_args_text(&args, who->tenant);
    put_words(draft, &args);
    put_plan(api, &args);
    put_text(api, &args, &draft->maintenance);
    put_text(api, &args, &draft->alerts);
    sn_args_number(&args, draft->active);
    sn_args_times(&args, &draft->times);
    sn_args_number(&args, sn_now_s(api));
    put_audit(api, who, "schedule", 0, &args);
    put_get(api, who, &args);
    return sn_ask_end(api, mark);
}

/* The audit stands before the change, which both happen to the revision that was read, or to none. */
uint32_t sn_ask_schedule_update(struct sn_api *api, const struct sn_principal *who) {
    const struct sn_draft *draft = &api->draft;
    struct sn_args args;
    size_t mark = sn_ask_batch_begin(api, &args);
    put_audit(api, who, "change schedule", draft->revision, &args);
    sn_args_group(&args, SN_SQL_SCHEDULE_UPDATE);
    sn_args_text(&args, draft->id);
    sn_args_text(&args, who->tenant);
    put_words(draft, &args);
    put_plan(api, &args);
    sn_args_number(&args, draft->maintenance.given);
    put_text(api, &args, &draft->maintenance);
    sn_args_number(&args, draft->alerts.given);
    put_text(api, &args, &draft->alerts);
    sn_args_number(&args, draft->retimed);
    sn_args_number(&args, draft->active);
    sn_args_times(&args, &draft->times);
    sn_args_number(&args, sn_now_s(api));
    sn_args_number(&args, draft->revision);
    put_get(api, who, &args);
    return sn_ask_end(api, mark);
}
