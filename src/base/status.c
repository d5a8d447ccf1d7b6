#include "sentinel/base/status.h"

const char *sn_status_text(enum sn_status status) {
    switch (status) {
    case SN_OK: return "no fault";
#define SN_X(name, value, text) \
    case SN_##name: return text;
        SN_STATUS_LIST(SN_X)
#undef SN_X
    }
    return "an unknown status"; /* statuses also arrive as numbers from outside */
}
