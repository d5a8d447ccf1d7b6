/* POST /api/sentinel/plan: what a plan would do.  Nothing is stored, and nobody is asked. */
#include "sentinel/service/preview.h"

#include "sentinel/plan/estimate.h"
#include "service.h"

struct sn_report_plan sn_preview(const struct sn_plan *plan, size_t bytes) {
    return (struct sn_report_plan){
        .name = plan->name,
        .preset = plan->preset,
        .hash = plan->hash,
        .seed = plan->seed,
        .profile_type = (enum sn_profile_type)plan->profile_type,
        .concurrency = plan->concurrency,
        .slots = plan->slots,
        .shards = plan->shards,
        .max_late_us = plan->max_late_us,
        .timeout_us = plan->timeout_us,
        .platform = (enum sn_platform)plan->platform,
        .bounds = (enum sn_bounds)plan->bounds,
        .prepare = (enum sn_prepare)plan->prepare,
        .search_step_s = plan->search_step_s,
        .thresholds_len = plan->thresholds_len,
        .thresholds = plan->thresholds,
        .bytes = bytes,
        .estimate = sn_plan_estimate(plan, (enum sn_platform)plan->platform),
        .on_free_plan = sn_plan_estimate(plan, SN_PLATFORM_FREE),
        .prices = plan->prices,
        .max_cost_nusd = plan->max_cost_nusd,
        .profile = &plan->profile,
        .workload = &plan->workload,
    };
}

void sn_try(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_body body;
    if (!sn_body_read(api, who, http, &body)) return;
    if (body.untimely) {
        sn_answer_problem(api, &sn_plan_untimely);
        return;
    }
    struct sn_report_plan plan = sn_preview(body.plan, api->plan_len);
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "application/json"});
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    sn_report_put_plan_json(&j, "plan", &plan);
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}
