#include "sentinel/base/step.h"

#include <string.h>

const char *sn_action_name(uint32_t action) {
    switch (action) {
#define SN_X(name, value, text) \
    case value: return text;
        SN_ACTION_LIST(SN_X)
#undef SN_X
    default: return "unknown";
    }
}

bool sn_answer_get(struct sn_reader *r, uint32_t more, struct sn_answer *answer) {
    if (sn_reader_left(r) / sizeof *answer <= more) return false;
    memcpy(answer, sn_get_bytes(r, sizeof *answer), sizeof *answer);
    for (; more > 0; more--) {
        struct sn_answer next;
        memcpy(&next, sn_get_bytes(r, sizeof next), sizeof next);
        answer->rows = sn_add_sat_u32(answer->rows, next.rows);
        answer->rows_read = sn_add_sat_u32(answer->rows_read, next.rows_read);
        answer->rows_written = sn_add_sat_u32(answer->rows_written, next.rows_written);
        answer->sql_us = sn_add_sat_u32(answer->sql_us, next.sql_us);
        answer->bytes = sn_add_sat_u32(answer->bytes, next.bytes);
        if (next.attempts > answer->attempts) answer->attempts = next.attempts;
    }
    return true;
}
