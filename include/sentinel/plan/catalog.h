/* What a plan can ask for by name: types, which are shapes of load, and presets, which are whole runs. */
#ifndef SENTINEL_PLAN_CATALOG_H
#define SENTINEL_PLAN_CATALOG_H

#include "sentinel/base/vocab.h"
#include "sentinel/load/profile.h"

#define SN_PRESET_SYSTEMS_MAX 9

/* Every value can be overridden by the plan. */
struct sn_preset {
    const char *name;
    enum sn_profile_type type;
    uint32_t operations; /* 0: what the curve gives */
    uint32_t duration_s; /* 0: as long as the curve */
    uint32_t concurrency;
    uint32_t ramp_per_s;                            /* what a ramp without rates rises to, from 1 */
    uint32_t seed;                                  /* 0: the one that the plan's hash gives */
    const char *systems[SN_PRESET_SYSTEMS_MAX + 1]; /* ends with NULL */
    const char *workload;                           /* NULL: the one whose systems these are */
    const char *about;                              /* what it is good for */
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
