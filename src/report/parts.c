#include "figures.h"

void sn_report_json_counts(struct sn_json_writer *j, const char *name, const struct sn_counts *counts) {
    sn_json_open(j, name, '{');
    sn_json_put_uint(j, "planned", counts->planned);
    sn_json_put_uint(j, "completed", counts->completed);
    sn_json_put_uint(j, "failed", counts->failed);
    sn_json_open(j, "dropped", '{');
    for (int i = 0; i < SN_DROPS_LEN; i++) sn_json_put_uint(j, sn_drop_name((enum sn_drop)i), counts->dropped[i]);
    sn_json_close(j, '}');
    sn_json_put_uint(j, "cancelled", counts->cancelled);
    sn_json_put_uint(j, "unaccounted", counts->unaccounted);
    sn_json_put_uint(j, "inFlight", counts->in_flight);
    sn_json_put_uint(j, "notYetDue", counts->not_yet_due);
    sn_json_put_uint(j, "late", counts->late);
    sn_json_close(j, '}');
}

void sn_report_json_errors(struct sn_json_writer *j, const char *name, const uint64_t errors[SN_ERRORS_LEN]) {
    sn_json_open(j, name, '{');
    for (int i = 0; i < SN_ERRORS_LEN; i++) {
        if (errors[i] != 0) sn_json_put_uint(j, sn_error_name((enum sn_error)i), errors[i]);
    }
    sn_json_close(j, '}');
}

/* Most plans name no preset. */
void sn_report_json_preset(struct sn_json_writer *j, const struct sn_report *report) {
    bool named = report->preset != NULL && report->preset[0] != 0;
    sn_json_put_text(j, "preset", named ? report->preset : NULL);
}

void sn_report_json_hash(struct sn_json_writer *j, const char *name, uint64_t hash) {
    uint8_t digits[16];
    struct sn_writer w = sn_writer(digits, sizeof digits);
    sn_put_hex(&w, hash, 16);
    sn_json_put_span(j, name, digits, w.len);
}

void sn_report_json_decimal(struct sn_json_writer *j, const char *name, uint64_t value) {
    uint8_t digits[20];
    struct sn_writer w = sn_writer(digits, sizeof digits);
    sn_put_dec(&w, value);
    sn_json_put_span(j, name, digits, w.len);
}

void sn_report_json_ms(struct sn_json_writer *j, const char *name, bool known, uint64_t us) {
    if (known) {
        sn_json_put_uint(j, name, sn_report_ms(us));
    } else {
        sn_json_put_null(j, name);
    }
}

void sn_report_json_rate(struct sn_json_writer *j, const char *name, uint64_t count, uint32_t seconds) {
    if (seconds == 0) {
        sn_json_put_null(j, name);
    } else {
        sn_json_put_fixed(j, name, (double)count / seconds, 2);
    }
}

void sn_report_json_percentile(struct sn_json_writer *j, const char *name, const struct sn_hist *hist,
                               const struct sn_pages *pages, double p) {
    bool known = sn_hist_has_percentile(hist, p);
    sn_report_json_ms(j, name, known, known ? sn_hist_percentile_us(hist, pages, p) : 0);
}

void sn_report_json_per_s(struct sn_json_writer *j, const char *name, double per_s) {
    if (per_s > 0)
        sn_json_put_fixed(j, name, per_s, 1);
    else
        sn_json_put_null(j, name);
}

void sn_report_json_seconds(struct sn_json_writer *j, const char *name, int64_t us) {
    sn_json_put_fixed(j, name, (double)us / 1e6, 3);
}

void sn_report_json_identity(struct sn_json_writer *j, const struct sn_report *report) {
    sn_json_put_text(j, "id", report->run_id);
    sn_json_put_text(j, "name", report->name);
    sn_json_put_text(j, "tenant", report->tenant);
    sn_json_put_text(j, "status", sn_run_status_name(report->status));
    sn_json_put_text(j, "stage", sn_stage_name(report->stage));
    sn_json_put_text(j, "reason", report->reason);
    sn_json_put_text(j, "endedBy", report->ended_by);
    sn_json_put_text(j, "verdict", sn_verdict_name(report->verdict));
    sn_report_json_aborted(j, report);
    sn_report_json_preset(j, report);
    sn_json_put_text(j, "profileType", sn_profile_type_name(report->profile_type));
    sn_report_json_hash(j, "planHash", report->plan_hash);
    sn_report_json_decimal(j, "seed", report->seed);
    sn_json_put_uint(j, "concurrency", report->concurrency);
    sn_json_put_uint(j, "shards", report->places);
    sn_json_put_time(j, "createdAt", report->created_us);
    sn_json_put_time(j, "startedAt", report->started_us);
    sn_json_put_time(j, "loadStartedAt", report->load_started_us);
    sn_json_put_time(j, "endedAt", report->ended_us);
    sn_report_json_seconds(j, "durationS", sn_report_length_us(report));
    sn_report_json_seconds(j, "elapsedS", sn_report_elapsed_us(report));
}
