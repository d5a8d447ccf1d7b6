/* Who asked for what: one row for each command that was accepted. */
#include "service.h"

struct sn_audit sn_audit_of(const struct sn_api *api, const struct sn_principal *who, const char *action,
                            const char *detail) {
    return (struct sn_audit){
        .at_us = api->now_us,
        .tenant = who->tenant,
        .role = sn_access_name(who->access),
        .action = action,
        .run_id = api->run_id[0] != '\0' ? api->run_id : NULL,
        .detail = detail,
    };
}

void sn_audit_bind(struct sn_args *args, const struct sn_audit *audit) {
    sn_args_number(args, (double)audit->at_us);
    sn_args_text(args, audit->tenant);
    sn_args_text(args, audit->role);
    sn_args_text(args, audit->action);
    sn_args_text(args, audit->run_id);
    sn_args_text(args, audit->detail);
}

void sn_audit_put(struct sn_args *args, const struct sn_audit *audit) {
    sn_args_group(args, SN_SQL_AUDIT_INSERT);
    sn_audit_bind(args, audit);
}

uint32_t sn_ask_audit(struct sn_api *api, const struct sn_audit *audit) {
    struct sn_args args;
    size_t mark = sn_ask_batch_begin(api, &args);
    sn_audit_put(&args, audit);
    return sn_ask_end(api, mark);
}
