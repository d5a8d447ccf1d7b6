/* GET /api/sentinel/profiles: what a plan can ask for by name, from the tables that plans are compiled with. */
#include "service.h"

#include "sentinel/base/assert.h"
#include "sentinel/plan/catalog.h"
#include "sentinel/report/plan.h"

static void put_type(struct sn_json_writer *j, enum sn_profile_type type) {
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "name", sn_profile_type_name(type));
    sn_json_put_text(j, "about", sn_type_about(type));
    sn_json_open(j, "fields", '[');
    for (size_t i = 0; sn_type_field(type, i) != NULL; i++) sn_json_put_text(j, NULL, sn_type_field(type, i));
    sn_json_close(j, ']');
    sn_json_close(j, '}');
}

static void put_preset(struct sn_json_writer *j, const struct sn_preset *preset, const struct sn_profile *profile) {
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "name", preset->name);
    sn_json_put_text(j, "about", preset->about);
    sn_json_put_text(j, "profileType", sn_profile_type_name(preset->type));
    sn_json_put_uint(j, "targetOperations", profile->planned);
    sn_json_put_uint(j, "durationSeconds", preset->duration_s);
    sn_json_put_uint(j, "concurrency", preset->concurrency);
    if (preset->workload != NULL) sn_json_put_text(j, "workload", preset->workload);
    sn_json_open(j, "targetSystems", '[');
    for (size_t i = 0; preset->systems[i] != NULL; i++) sn_json_put_text(j, NULL, preset->systems[i]);
    sn_json_close(j, ']');
    sn_json_put_number(j, "peakPerS", sn_profile_peak_per_s(profile));
    sn_report_put_phases(j, profile);
    sn_json_close(j, '}');
}

static void put_presets(struct sn_json_writer *j, struct sn_profile *profile) {
    sn_json_open(j, "presets", '[');
    for (size_t i = 0; i < sn_presets_len; i++) {
        if (sn_preset_profile(&sn_presets[i], profile)) put_preset(j, &sn_presets[i], profile);
    }
    sn_json_close(j, ']');
}

void sn_catalog(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    (void)who;
    (void)http;
    struct sn_profile *profile = sn_arena_alloc(&api->arena, sizeof *profile);
    SN_ASSERT(profile != NULL);
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "application/json"});
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    sn_json_open(&j, "types", '[');
    for (uint32_t i = 0; i < SN_PROFILE_TYPES_LEN; i++) put_type(&j, (enum sn_profile_type)i);
    sn_json_close(&j, ']');
    put_presets(&j, profile);
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}
