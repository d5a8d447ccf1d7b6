#include "sentinel/base/action.h"

static const struct {
    const char *name, *otherwise;
    uint8_t outcomes[SN_SITUATIONS_LEN];
} actions[] = {
#define CELL(outcome) SN_OUTCOME_##outcome
#define SN_X(name, text, a, b, c, d, e, f, g, h, otherwise) \
    {text, otherwise, {CELL(a), CELL(b), CELL(c), CELL(d), CELL(e), CELL(f), CELL(g), CELL(h)}},
    SN_RUN_ACTION_LIST(SN_X)
#undef SN_X
#undef CELL
};

#define SN_X(name, text) text,
static const char *const situations[] = {SN_SITUATION_LIST(SN_X)};
static const char *const outcomes[] = {SN_OUTCOME_LIST(SN_X)};
#undef SN_X

const char *sn_run_action_name(enum sn_run_action action) {
    return actions[action].name;
}

const char *sn_run_action_otherwise(enum sn_run_action action) {
    return actions[action].otherwise;
}

enum sn_outcome sn_run_action_outcome(enum sn_run_action action, enum sn_situation situation) {
    return (enum sn_outcome)actions[action].outcomes[situation];
}

const char *sn_situation_text(enum sn_situation situation) {
    return situations[situation];
}

const char *sn_outcome_text(enum sn_outcome outcome) {
    return outcomes[outcome];
}

enum sn_situation sn_situation_shown(enum sn_run_status status, enum sn_stage stage) {
    switch (status) {
    case SN_RUN_PENDING: return SN_SITUATION_PENDING;
    case SN_RUN_RUNNING: return stage == SN_STAGE_LOAD ? SN_SITUATION_LOADING : SN_SITUATION_PREPARING;
    case SN_RUN_PAUSED: return SN_SITUATION_PAUSED;
    case SN_RUN_DRAINING: return stage == SN_STAGE_CLEANUP ? SN_SITUATION_CLEANING : SN_SITUATION_DRAINING;
    default: return SN_SITUATION_ENDED;
    }
}
