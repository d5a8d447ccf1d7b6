#include "sentinel/base/step.h"

const char *sn_action_name(uint32_t action) {
    switch (action) {
#define SN_X(name, value, text) \
    case value: return text;
        SN_ACTION_LIST(SN_X)
#undef SN_X
    default: return "unknown";
    }
}
