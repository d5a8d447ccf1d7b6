/* A plan that searches the highest rate which keeps its thresholds. */
#include "thresholds.h"

static const char field[] = "searchStepSeconds";

static bool all_fit(struct sn_trail *trail, const struct sn_thresholds *thresholds) {
    for (uint32_t i = 0; i < thresholds->len; i++) {
        struct sn_threshold windowed = thresholds->list[i];
        windowed.window_s = SN_SEARCH_STEP_S_MIN;
        if (!sn_threshold_window_fits(&windowed))
            return sn_trail_refuse_at(
                trail, "thresholds", "plan.conflict",
                "thresholds that can have a window, since each rate is judged by its own seconds");
    }
    return true;
}

bool sn_search_check(struct sn_trail *trail, const struct sn_request *request, const struct sn_thresholds *thresholds) {
    if (request->type != SN_PROFILE_SUSTAINED)
        return sn_trail_refuse_at(trail, field, "plan.conflict",
                                  "the profileType sustained, whose rate is the highest that is tried");
    if (request->arrivals == SN_ARRIVALS_POISSON)
        return sn_trail_refuse_at(trail, field, "plan.conflict", "even arrivals, which can be scaled");
    if (request->lead_in_s > 0)
        return sn_trail_refuse_at(trail, field, "plan.conflict", "a plan without warmUpSeconds: it begins low anyway");
    if (thresholds->len == 0)
        return sn_trail_refuse_at(trail, field, "plan.missing", "thresholds that a rate is to keep");
    return all_fit(trail, thresholds);
}
