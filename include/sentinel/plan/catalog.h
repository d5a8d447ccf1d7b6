/* What a plan can ask for by name: types, which are shapes of load, and presets, which are whole runs. */
#ifndef SENTINEL_PLAN_CATALOG_H
#define SENTINEL_PLAN_CATALOG_H

#include "sentinel/base/vocab.h"
#include "sentinel/load/profile.h"

#define SN_PRESET_SYSTEMS_MAX 9
#define SN_PRESET_STAGES 4
#define SN_PRESET_USER_S 20 /* a preset's user starts an operation in so many seconds */

/* Part of a preset's curve: how long, and how many users there are at its beginning and its end. */
struct sn_preset_stage {
    uint16_t length_s, from_users, to_users;
};

/* Every value can be overridden by the plan. */
struct sn_preset {
    const char *name;
    enum sn_profile_type type;
    uint32_t operations; /* 0: what the curve gives, or the stages */
    uint32_t duration_s; /* 0: as long as the curve */
    uint32_t concurrency;
    uint32_t ramp_per_s;                             /* what a ramp without rates rises to, from 1 */
    uint32_t seed;                                   /* 0: the one that the plan's hash gives */
    const char *systems[SN_PRESET_SYSTEMS_MAX + 1];  /* ends with NULL */
    const char *workload;                            /* NULL: the one whose systems these are */
    const char *tenants;                             /* their names as JSON, or NULL */
    const char *thresholds;                          /* of the preset as it is, as JSON, or NULL */
    uint32_t search_step_s;                          /* 0: it searches nothing */
    struct sn_preset_stage stages[SN_PRESET_STAGES]; /* ramp-up, peak, steady, ramp-down; all 0: the type's shape */
    const char *about;                               /* what it is good for */
};

extern const struct sn_preset sn_presets[];
extern const size_t sn_presets_len;

/* What a plan of this type gets for what it leaves out: the preset of the same name, where there is one. */
const struct sn_preset *sn_preset_of_type(enum sn_profile_type type);
/* The curve of a preset as it is, finished.  False for one that has none of its own. */
bool sn_preset_profile(const struct sn_preset *preset, struct sn_profile *profile);

/* The fields that a plan may have, one after the other; NULL behind the last. */
const char *sn_plan_field(size_t index);
/* What a shape looks like. */
const char *sn_type_about(enum sn_profile_type type);
/* The fields that only this type has, one after the other; NULL behind the last. */
const char *sn_type_field(enum sn_profile_type type, size_t index);

#endif
