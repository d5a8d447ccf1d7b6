#include "sentinel/base/action.h"

static const struct {
    const char *name, *otherwise;
    unsigned states;
} actions[] = {
#define SN_X(name, text, states, otherwise) {text, otherwise, states},
    SN_RUN_ACTION_LIST(SN_X)
#undef SN_X
};

const char *sn_run_action_name(enum sn_run_action action) {
    return actions[action].name;
}

const char *sn_run_action_otherwise(enum sn_run_action action) {
    return actions[action].otherwise;
}

bool sn_run_action_allowed(enum sn_run_action action, enum sn_run_status status) {
    return (actions[action].states >> status & 1) != 0;
}
