/* A plan as somebody asked for it: the JSON's fields, each within its bounds, before defaults and shape. */
#ifndef SENTINEL_PLAN_REQUEST_H
#define SENTINEL_PLAN_REQUEST_H

#include "read.h"
#include "sentinel/plan/builtin.h"
#include "sentinel/plan/catalog.h"

#define SN_CURVE_POINTS_MAX (SN_SEGMENTS_MAX + 1)
#define SN_SYSTEMS_MAX 16
#define SN_SYSTEM_NAME_MAX 31

struct sn_curve_point {
    double second, rate_per_s;
};

#define SN_LEAD_IN_NAME "lead-in"

enum sn_waveform { SN_WAVE_SINE, SN_WAVE_SQUARE, SN_WAVE_SAWTOOTH };

/* Numbers that cannot be 0 are 0 when they were not given. */
struct sn_request {
    const struct sn_preset *preset; /* named by the plan, or NULL */
    bool type_given, seed_given, scale;
    bool seed_drawn;           /* nobody can ask for it again but by its number */
    bool start, scheduled;     /* only one of both */
    enum sn_profile_type type; /* after sn_request_read(): given or the preset's */
    uint64_t operations;       /* after sn_request_read(): given, or users × opsPerUser */
    uint64_t users, operations_per_user;
    double max_cost_usd;
    uint64_t search_step_s;
    uint64_t duration_s, concurrency, max_late_ms, timeout_ms, lead_in_s;
    uint16_t regions[SN_REGIONS_LEN + 1]; /* as in struct sn_plan */
    double max_rate_per_s;
    uint32_t specifics;                   /* which of the fields were given that only one type has */
    uint32_t waveform, arrivals, prepare; /* enum sn_waveform, sn_arrivals, sn_prepare */
    struct {
        double from_per_s, to_per_s, lengths_s[3], multiplier, period_s; /* -1 when not given */
    } shape;
    uint32_t curve_len;
    struct sn_curve_point curve[SN_CURVE_POINTS_MAX];
    const struct sn_builtin *builtin; /* the workload that was named, or NULL */
    const struct sn_json *workload;   /* the workload itself, in the plan's tree, or NULL */
    const struct sn_json *thresholds; /* in the plan's tree, or NULL */
    bool unsafe;                      /* it goes on even where nearly everything fails */
    const struct sn_json *data;       /* how much is prepared, in the plan's tree, or NULL */
    const struct sn_json *tenants;    /* their names, or how many, in the plan's tree; NULL: the run's own alone */
    uint32_t systems_len;
    char systems[SN_SYSTEMS_MAX][SN_SYSTEM_NAME_MAX + 1];
    uint64_t seed;
    struct sn_span entropy; /* set by the caller */
    char name[SN_NAME_MAX + 1];
};

/* Marks what is a number in every case as not given.  `request` is zeroed but for `entropy`. */
void sn_request_begin(struct sn_request *request);
/* Reads the plan's JSON.  `request` is zeroed but for `entropy`. */
bool sn_request_read(struct sn_trail *trail, const struct sn_json *plan, struct sn_request *request);
/* Reads the seed: a number, a text of digits, or "random". */
sn_field_reader sn_request_seed;
/* Reads the workload: the name of a built-in one, or one written out. */
sn_field_reader sn_request_workload;
/* Reads the tenants that operations are drawn for. */
sn_field_reader sn_request_tenants;
/* Reads how much of what the workload prepares there is to be. */
sn_field_reader sn_request_data;
/* Check what is for people and machines outside: who is told of the run, and the status page.  The load is the same. */
sn_field_reader sn_request_alerts, sn_request_maintenance;
/* Compiles it, or the one that every plan has that names none. */
bool sn_request_build(struct sn_trail *trail, struct sn_arena *arena, const struct sn_request *request,
                      struct sn_workload *workload);
/* What the plan gets for what it leaves out. */
const struct sn_preset *sn_request_defaults(const struct sn_request *request);
/* Reads one of the fields that only one type has; the field's `offset` is its number (request_shape.c). */
sn_field_reader sn_request_read_specific;
/* No field is read and then left aside: each given one is of the type's own. */
bool sn_request_check_specifics(struct sn_trail *trail, const struct sn_request *request);
/* The first given of the fields that only one type has, or NULL. */
const char *sn_request_specific(const struct sn_request *request);
/* The curve that was asked for, with its phases. */
bool sn_shape_build(struct sn_trail *trail, const struct sn_request *request, struct sn_profile *profile);

#endif
