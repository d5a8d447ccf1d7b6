#include "sentinel/base/vocab.h"

#include <string.h>

/* Values also arrive from stored bytes, so a number without a name gets a mark instead of a trap. */
#define NAMES(function, type, LIST)                                                 \
    const char *function(type value) {                                              \
        static const char *const names[] = {LIST(NAME)};                            \
        return (size_t)value < sizeof names / sizeof names[0] ? names[value] : "?"; \
    }
#define NAME(name, text) text,

NAMES(sn_error_name, enum sn_error, SN_ERROR_LIST)
NAMES(sn_drop_name, enum sn_drop, SN_DROP_LIST)
NAMES(sn_run_status_name, enum sn_run_status, SN_RUN_STATUS_LIST)
NAMES(sn_validity_name, enum sn_validity, SN_VALIDITY_LIST)
NAMES(sn_verdict_name, enum sn_verdict, SN_VERDICT_LIST)
NAMES(sn_ending_name, enum sn_ending, SN_ENDING_LIST)
NAMES(sn_profile_type_name, enum sn_profile_type, SN_PROFILE_TYPE_LIST)
NAMES(sn_stage_name, enum sn_stage, SN_STAGE_LIST)
NAMES(sn_region_name, enum sn_region, SN_REGION_LIST)
NAMES(sn_alert_name, enum sn_alert, SN_ALERT_LIST)
NAMES(sn_hook_format_name, enum sn_hook_format, SN_HOOK_FORMAT_LIST)
NAMES(sn_component_name, enum sn_component, SN_COMPONENT_LIST)
NAMES(sn_prepare_name, enum sn_prepare, SN_PREPARE_LIST)

#define FIND(function, type, LEN, name_of)                                                  \
    type function(const char *name, size_t len) {                                           \
        uint32_t i = 0;                                                                     \
        for (; i < LEN; i++) {                                                              \
            const char *known = name_of((type)i);                                           \
            if (strlen(known) == len && (len == 0 || memcmp(known, name, len) == 0)) break; \
        }                                                                                   \
        return (type)i;                                                                     \
    }

FIND(sn_run_status_find, enum sn_run_status, SN_RUN_STATUSES_LEN, sn_run_status_name)
FIND(sn_stage_find, enum sn_stage, SN_STAGES_LEN, sn_stage_name)
FIND(sn_alert_find, enum sn_alert, SN_ALERTS_LEN, sn_alert_name)
FIND(sn_component_find, enum sn_component, SN_COMPONENTS_LEN, sn_component_name)
