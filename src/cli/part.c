#include "part.h"

#include <stdlib.h>
#include <string.h>

#define OUT_BYTES (32u * 1024 * 1024) /* a million due times, and room */

bool sn_cli_part_read(const char *text, struct sn_cli_part *part) {
    char first[24];
    const char *slash = text != NULL ? strchr(text, '/') : NULL;
    uint64_t index, of;
    part->share = (struct sn_share){.places = 1, .first_k = 1, .last_k = UINT64_MAX};
    if (text == NULL) return true;
    if (slash != NULL && (size_t)(slash - text) < sizeof first) {
        memcpy(first, text, (size_t)(slash - text));
        first[slash - text] = 0;
        if (sn_cli_whole_number(slash + 1, UINT32_MAX, &of) && of > 0 && sn_cli_whole_number(first, of - 1, &index)) {
            part->share.place = (uint32_t)index;
            part->share.places = (uint32_t)of;
            return true;
        }
    }
    sn_cli_say("--shard: expected I/N with I from 0 to N - 1, such as 0/3, got \"%s\".", text);
    return false;
}

uint64_t sn_cli_part_due(const struct sn_cli_part *part, int64_t from_us, int64_t to_us) {
    uint64_t before = sn_profile_count(part->profile, from_us), upto = sn_profile_count(part->profile, to_us);
    return sn_share_count(&part->share, upto) - sn_share_count(&part->share, before);
}

static void put_phases(struct sn_json_writer *j, const struct sn_cli_part *part) {
    int64_t start_us = 0;
    sn_json_open(j, "phases", '[');
    for (uint32_t i = 0; i < part->profile->phases_len; i++) {
        int64_t end_us = part->profile->phases[i].end_us;
        sn_json_open(j, NULL, '{');
        sn_json_put_text(j, "name", part->profile->phases[i].name);
        sn_json_put_number(j, "startS", (double)start_us / 1e6);
        sn_json_put_number(j, "endS", (double)end_us / 1e6);
        sn_json_put_uint(j, "ops", sn_cli_part_due(part, start_us, end_us));
        sn_json_close(j, '}');
        start_us = end_us;
    }
    sn_json_close(j, ']');
}

void sn_cli_part_put(struct sn_json_writer *j, const struct sn_cli_part *part) {
    sn_json_put_number(j, "durationS", (double)part->profile->end_us / 1e6);
    sn_json_put_uint(j, "plannedOps", sn_cli_part_due(part, 0, part->profile->end_us));
    sn_json_put_number(j, "peakPerS", sn_profile_peak_per_s(part->profile));
    put_phases(j, part);
}

enum sn_exit sn_cli_print_json(void (*put)(struct sn_json_writer *j, void *user), void *user) {
    uint8_t *data = malloc(OUT_BYTES);
    struct sn_writer w = sn_writer(data, data != NULL ? OUT_BYTES : 0);
    struct sn_json_writer j = sn_json_writer(&w);
    put(&j, user);
    sn_put_text(&w, "\n");
    bool printed = !w.full && sn_cli_put(data, w.len);
    if (w.full) sn_cli_say("The answer is too long to be printed.");
    free(data);
    return printed ? SN_EXIT_OK : SN_EXIT_MACHINERY;
}
