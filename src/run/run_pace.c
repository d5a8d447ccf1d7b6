#include "run_machine.h"

int64_t run_interval_us(const struct sn_run *run) {
    return sn_report_interval_us(run_places(run));
}

int64_t run_silence_us(const struct sn_run *run) {
    return sn_silence_us(run_interval_us(run));
}

int64_t run_lost_us(const struct sn_run *run) {
    return 3 * run_silence_us(run);
}

int64_t run_lead_us(const struct sn_run *run) {
    return run_interval_us(run) + RUN_LEAD_SPARE_US;
}

int64_t run_steer_lead_us(const struct sn_run *run) {
    return 2 * run_interval_us(run);
}

int64_t run_arm_patience_us(const struct sn_run *run) {
    int64_t spaced_us = run_places(run) * SN_ARM_SPACING_US;
    return 2 * spaced_us > RUN_ARM_PATIENCE_US ? 2 * spaced_us : RUN_ARM_PATIENCE_US;
}
