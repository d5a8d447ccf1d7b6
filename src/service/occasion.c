/* What happens to schedules by themselves: whoever is to hear of it is told in the batch that writes it down. */
#include "service.h"

static const char *const actions[] = {
#define SN_X(name, action) action,
    SN_OCCASION_LIST(SN_X)
#undef SN_X
};

void sn_schedule_audit_put(struct sn_args *args, const struct sn_audit *audit, const char *schedule_id,
                           double revision) {
    sn_args_group(args, SN_SQL_SCHEDULE_AUDIT);
    sn_audit_bind(args, audit);
    sn_args_text(args, schedule_id);
    if (revision >= 0) sn_args_number(args, revision);
    if (revision < 0) sn_args_null(args);
}

void sn_occasion_put(struct sn_args *args, const struct sn_api *api, const struct sn_happening *happening) {
    const struct sn_audit audit = {
        .tenant = happening->tenant,
        .role = "schedule",
        .action = actions[happening->occasion],
        .run_id = happening->run_id,
        .detail = happening->detail,
        .at_us = api->now_us,
    };
    sn_schedule_audit_put(args, &audit, happening->schedule_id, happening->revision);
}
