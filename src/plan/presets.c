#include <string.h>

#include "request.h"
#include "sentinel/base/place.h"

/* Sizes are the predecessor's.  Its smoke test left KV and R2 out; ours has all nine systems, and a seed under which
 * each of their operations is sent at least twice. */
#define EXACT "{\"op_failed\":[\"count==0\"],\"dropped_ops\":[\"count==0\"]}"

SN_NOT_FOR_SHARDS const struct sn_preset sn_presets[] = {
    {.name = "smoke",
     .about = "does everything work: half a minute, every system, hardly any load",
     .type = SN_PROFILE_SUSTAINED,
     .operations = 100,
     .duration_s = 30,
     .concurrency = 5,
     .ramp_per_s = 500,
     .seed = 11002,
     .systems = {"d1_reads", "d1_writes", "kv_get", "kv_put", "r2_upload", "r2_download", "auth_flows", "post_crud",
                 "media_ops"}},
    {.name = "spike",
     .about = "what a sudden crowd does, and how soon all is well again",
     .type = SN_PROFILE_SPIKE,
     .operations = 10000,
     .duration_s = 300,
     .concurrency = 50,
     .ramp_per_s = 500,
     .systems = {"d1_writes", "d1_reads", "kv_get"}},
    {.name = "sustained",
     .about = "whether a busy day's load is carried for ten minutes",
     .type = SN_PROFILE_SUSTAINED,
     .operations = 50000,
     .duration_s = 600,
     .concurrency = 100,
     .ramp_per_s = 500,
     .systems = {"d1_writes", "d1_reads", "kv_get", "kv_put"}},
    {.name = "oscillation",
     .about = "whether a load that comes and goes leaves something behind",
     .type = SN_PROFILE_OSCILLATION,
     .operations = 30000,
     .duration_s = 600,
     .concurrency = 50,
     .ramp_per_s = 500,
     .systems = {"d1_writes", "d1_reads"}},
    {.name = "ramp",
     .about = "at what rate answers begin to slow down",
     .type = SN_PROFILE_RAMP,
     .operations = 100000,
     .duration_s = 900,
     .concurrency = 200,
     .ramp_per_s = 500,
     .systems = {"d1_writes", "d1_reads", "kv_get", "kv_put"}},
    {.name = "stress",
     .about = "where it breaks: five times as much as the ramp, in half an hour",
     .type = SN_PROFILE_RAMP,
     .operations = 500000,
     .duration_s = 1800,
     .concurrency = 500,
     .ramp_per_s = 1000,
     .systems = {"d1_writes", "d1_reads", "kv_get", "kv_put", "r2_upload"}},
    {.name = "capacity",
     .about = "the highest rate up to 500 a second that keeps what is wanted of it, found by itself",
     .type = SN_PROFILE_SUSTAINED,
     .operations = 300000,
     .duration_s = 600,
     .concurrency = 100,
     .ramp_per_s = 500,
     .thresholds = "{\"op_duration\":[\"p(95)<500\"],\"op_failed\":[\"rate<0.01\"]}",
     .search_step_s = 10,
     .systems = {"d1_writes", "d1_reads", "kv_get"}},
    {.name = "soak",
     .about = "what builds up in an hour: a steady load for as long as a run may last",
     .type = SN_PROFILE_SUSTAINED,
     .operations = 360000,
     .duration_s = 3600,
     .concurrency = 50,
     .ramp_per_s = 500,
     .systems = {"d1_writes", "d1_reads", "kv_get"}},
    {.name = "three-phase",
     .about = "a launch: up to the peak, and down to the load that stays",
     .type = SN_PROFILE_THREE_PHASE,
     .operations = 18889,
     .duration_s = 600,
     .concurrency = 500,
     .ramp_per_s = 500,
     .systems = {"d1_reads", "d1_writes", "kv_get", "auth_flows"}},
    /* The predecessor's scenarios, user by user.  It gave them mixes, phases and numbers of users, but not how often
     * one of those does something; SN_PRESET_USER_S is what a machine of two cores carries on the local runtime, and one
     * factor for all three.  What it wanted to hold of each is in docs/workloads.md. */
    {.name = "launch-day",
     .about = "whether a launch is carried: up to a thousand readers, and down to the two hundred that stay",
     .type = SN_PROFILE_CUSTOM,
     .duration_s = 3000,
     .concurrency = 50,
     .workload = "launch-day",
     .thresholds = "{\"op_duration\":[\"p(95)<1000\"],\"op_failed\":[\"rate<0.05\"],\"ops{phase:peak}\":[\"rate>25\"]}",
     .stages = {{300, 0, 1000}, {600, 1000, 1000}, {1800, 200, 200}, {300, 200, 0}}},
    {.name = "multi-tenant-chaos",
     .about = "whether five tenants who read, write and upload at once get in each other's way",
     .type = SN_PROFILE_CUSTOM,
     .duration_s = 780,
     .concurrency = 50,
     .workload = "multi-tenant-chaos",
     .thresholds = "{\"op_duration\":[\"p(99)<2000\"],\"op_failed\":[\"rate<0.01\"]}",
     .tenants = "[\"alice\",\"bob\",\"carol\",\"dave\",\"eve\"]",
     .stages = {{120, 0, 500}, {300, 500, 500}, {300, 128, 128}, {60, 128, 0}}},
    {.name = "auth-stress",
     .about = "how signing in holds when everybody does it",
     .type = SN_PROFILE_CUSTOM,
     .duration_s = 390,
     .concurrency = 50,
     .workload = "auth-stress",
     .thresholds = "{\"op_duration\":[\"p(95)<300\"],\"op_failed\":[\"rate<0.001\"]}",
     .stages = {{60, 0, 200}, {180, 200, 200}, {120, 50, 50}, {30, 50, 0}}},
    /* Whether objects coordinate: each asks for an exact count, which its workload knows. */
    {.name = "session-fan-out",
     .about = "whether a hundred sessions stay apart while all are used at once: passed when nothing failed",
     .type = SN_PROFILE_SUSTAINED,
     .operations = 500,
     .duration_s = 5,
     .concurrency = 50,
     .ramp_per_s = 500,
     .workload = "session-fan-out",
     .thresholds = EXACT},
    {.name = "tenant-isolation",
     .about = "whether no value crosses between five tenants with a hundred requests each: passed when nothing failed",
     .type = SN_PROFILE_SUSTAINED,
     .operations = 500,
     .duration_s = 5,
     .concurrency = 50,
     .ramp_per_s = 500,
     .workload = "tenant-isolation",
     .thresholds = EXACT},
    {.name = "reaction-race",
     .about = "whether one object counts fifty who toggle at once exactly: passed when nothing failed",
     .type = SN_PROFILE_SUSTAINED,
     .operations = 50,
     .duration_s = 1,
     .concurrency = 50,
     .ramp_per_s = 500,
     .workload = "reaction-race",
     .thresholds = EXACT},
};
const size_t sn_presets_len = sizeof sn_presets / sizeof *sn_presets;

static const struct sn_preset custom = {.name = "custom",
                                        .about = "a curve of your own",
                                        .type = SN_PROFILE_CUSTOM,
                                        .concurrency = 10,
                                        .ramp_per_s = 500,
                                        .systems = {"d1_reads", "d1_writes"}};

const struct sn_preset *sn_preset_of_type(enum sn_profile_type type) {
    for (size_t i = 0; i < sn_presets_len; i++)
        if (strcmp(sn_presets[i].name, sn_profile_type_name(type)) == 0) return &sn_presets[i];
    return &custom;
}

bool sn_preset_profile(const struct sn_preset *preset, struct sn_profile *profile) {
    struct sn_plan_error error;
    struct sn_trail trail = sn_trail(&error);
    struct sn_request request = {.preset = preset, .type = preset->type};
    if (preset->operations == 0 && preset->stages[0].length_s == 0) return false;
    sn_request_begin(&request);
    return sn_shape_build(&trail, &request, profile);
}

const char *sn_type_about(enum sn_profile_type type) {
    static const char *const about[SN_PROFILE_TYPES_LEN] = {
        [SN_PROFILE_SUSTAINED] = "one rate from start to end",
        [SN_PROFILE_RAMP] = "up in a straight line, level, and down again",
        [SN_PROFILE_CUSTOM] = "straight lines between points of your own",
        [SN_PROFILE_SPIKE] = "a low rate, many times of it for a short while, and low again",
        [SN_PROFILE_OSCILLATION] = "a wave between two rates",
        [SN_PROFILE_THREE_PHASE] = "up to a peak, and down to a lower rate that stays",
    };
    return about[type];
}
