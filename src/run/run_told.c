/* What those who watch have been told of the history.  A message tells of some seconds up to `next`; whoever hears it forgets
 * what it had from the first of them on.
 *
 *     told so far    0 ─────────────────── next
 *     changed               ✗
 *     next message         from ───────────────── to
 *
 * Who comes back says the last `next` that it had, and is told from there on, or from the first second that has changed since. */
#include "run_machine.h"

struct sn_report_seconds run_untold(const struct run_told *told, uint32_t touched, uint32_t end) {
    uint32_t next = told->next, from = next;
    if (touched != 0 && touched - 1 < next) from = (touched - 1) / SN_REPORT_STEP_MAX * SN_REPORT_STEP_MAX;
    return (struct sn_report_seconds){from, end > next ? end : next};
}

void run_now_told(struct run_told *told, struct sn_report_seconds seconds) {
    uint32_t behind = told->next - seconds.from;
    if (behind > told->behind[told->next]) told->behind[told->next] = (uint16_t)behind;
    told->next = seconds.to;
}

struct sn_report_seconds run_missed(const struct run_told *told, uint32_t since) {
    uint32_t from = since;
    if (since > told->next || told->again) from = 0;
    for (uint32_t next = since; from > 0 && next <= told->next; next++) {
        uint32_t changed = next - told->behind[next];
        if (changed < from) from = changed;
    }
    return (struct sn_report_seconds){from, told->next};
}
