#include "sentinel/run/command.h"

#include <string.h>

#include "sentinel/base/vocab.h"

void sn_arm_put(struct sn_writer *w, const char *run_name, struct sn_span plan, const struct sn_arming *arming) {
    sn_message_begin(w, SN_MESSAGE_ARM);
    sn_put_span(w, run_name, strlen(run_name));
    sn_put_span(w, plan.data, plan.len);
    sn_put_u32(w, arming->index);
    sn_put_u32(w, arming->place);
    sn_put_u32(w, arming->followers);
}

int64_t sn_report_interval_us(uint32_t places) {
    int64_t shared_us = (int64_t)places * SN_SECOND_US / SN_REPORTS_PER_S_MAX;
    return shared_us > SN_REPORT_INTERVAL_US ? shared_us : SN_REPORT_INTERVAL_US;
}

int64_t sn_silence_us(int64_t report_interval_us) {
    return 3 * report_interval_us > SN_SILENCE_US ? 3 * report_interval_us : SN_SILENCE_US;
}

void sn_command_put(struct sn_writer *w, const struct sn_command *command, const struct sn_schedule *schedule,
                    uint32_t epochs) {
    sn_put_u32(w, command->stage);
    sn_put_u32(w, command->places);
    sn_put_u32(w, command->stored_seq);
    sn_put_u32(w, command->want_seq);
    sn_put_u64(w, command->last_k);
    sn_put_i64(w, command->report_interval_us);
    sn_schedule_put(w, schedule, epochs);
}

enum sn_status sn_command_get(struct sn_reader *r, struct sn_command *command, struct sn_schedule *schedule) {
    struct sn_command read;
    read.stage = sn_get_u32(r);
    read.places = sn_get_u32(r);
    read.stored_seq = sn_get_u32(r);
    read.want_seq = sn_get_u32(r);
    read.last_k = sn_get_u64(r);
    read.report_interval_us = sn_get_i64(r);
    if (r->bad || read.stage >= SN_STAGES_LEN || read.places == 0 || read.places > SN_SHARDS_MAX) return SN_E_FORMAT;
    if (read.report_interval_us < SN_CLOCK_STEP_US || read.report_interval_us > SN_SLICE_US ||
        read.want_seq <= read.stored_seq)
        return SN_E_FORMAT;
    enum sn_status status = sn_schedule_get(r, schedule);
    if (status == SN_OK) *command = read;
    return status;
}
