/* `sentinel compare`: is it slower or faster than before? */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "part.h"

/* --- Options ------------------------------------------------------------------------------------------------- */

/* "1ms", "500us"; NULL is none. */
static bool read_clock_step(const char *text, uint32_t *step_us) {
    char digits[12] = {0};
    uint64_t value;
    *step_us = 0;
    if (text == NULL) return true;
    size_t len = strspn(text, "0123456789");
    bool ms = strcmp(text + len, "ms") == 0, us = strcmp(text + len, "us") == 0;
    if (len < sizeof digits && (ms || us)) {
        memcpy(digits, text, len);
        if (sn_cli_whole_number(digits, 1000000, &value) && value * (ms ? 1000 : 1) <= 1000000) {
            *step_us = (uint32_t)value * (ms ? 1000 : 1);
            return true;
        }
    }
    sn_cli_say("--clock-step: expected a time of at most a second such as 1ms or 500us, got \"%s\".", text);
    return false;
}

bool sn_cli_fail_on_read(const char *text, unsigned *changes) {
    static const char *const names[] = {
#define SN_X(name, text) [SN_CHANGE_##name] = text,
        SN_CHANGE_LIST(SN_X)
#undef SN_X
    };
    *changes = 0;
    for (const char *at = text; at != NULL;) {
        const char *comma = strchr(at, ',');
        size_t len = comma != NULL ? (size_t)(comma - at) : strlen(at), i = 0;
        while (i < sizeof names / sizeof *names && (strlen(names[i]) != len || memcmp(names[i], at, len) != 0)) i++;
        if (i == sizeof names / sizeof *names) {
            sn_cli_say("--fail-on: expected same, faster, inconclusive, slower or invalid, with commas between them, "
                       "got \"%s\".",
                       text);
            return false;
        }
        *changes |= 1u << i;
        at = comma != NULL ? comma + 1 : NULL;
    }
    return true;
}

/* --- The answer ------------------------------------------------------------------------------------------------ */

static void put_comparison(struct sn_json_writer *j, void *user) {
    const struct sn_cli_comparison *comparison = user;
    const struct sn_compare_result *result = &comparison->result;
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "verdict", sn_change_name(comparison->change));
    sn_report_put_judged(j, result);
    sn_report_put_shown(j, result);
    if (comparison->reports) sn_cli_comparison_put_runs(j, comparison);
    if (!comparison->seconds_unknown) {
        sn_json_put_fixed(j, "a12", result->a12, 4);
        sn_json_put_fixed(j, "ks", result->ks, 4);
        sn_json_put_uint(j, "stretchS", result->stretch_s);
    }
    sn_json_close(j, '}');
}

/* --- Baselines -------------------------------------------------------------------------------------------------- */

/* How much the baselines differ among themselves. */
static bool find_spreads(struct sn_compare_options *options, struct sn_cli_side *room, char *const paths[], int len) {
    uint32_t *us = calloc((size_t)len * SN_COMPARE_PERCENTILES, sizeof *us);
    bool good = us != NULL;
    for (int i = 0; good && i < len; i++) {
        good = sn_cli_intervals_read(room, &paths[i], 1);
        uint32_t buckets[SN_COMPARE_PERCENTILES];
        if (good) sn_compare_buckets(&room->blocks, NULL, buckets);
        for (uint32_t p = 0; good && p < SN_COMPARE_PERCENTILES; p++)
            us[p * (uint32_t)len + (uint32_t)i] = sn_hist_bucket_mid_us(buckets[p]);
    }
    for (uint32_t p = 0; good && p < SN_COMPARE_PERCENTILES; p++)
        options->spreads[p] = sn_compare_spread(&us[p * (uint32_t)len], (uint32_t)len);
    free(us);
    return good;
}

static bool compare_intervals(struct sn_cli_comparison *comparison, const struct sn_cli_options *options) {
    static struct sn_cli_side sides[2];
    static struct sn_compare_room room;
    int last = options->arguments_len - 1;
    comparison->baselines = last;
    if (last >= 3 && !find_spreads(&comparison->options, &sides[1], options->arguments, last)) return false;
    if (!sn_cli_intervals_read(&sides[0], options->arguments, last) ||
        !sn_cli_intervals_read(&sides[1], &options->arguments[last], 1))
        return false;
    for (int side = 0; side < 2; side++) comparison->blocks[side] = &sides[side].blocks;
    sn_compare(comparison->blocks[0], comparison->blocks[1], &comparison->options, &room, &comparison->result);
    comparison->change = comparison->result.change;
    return true;
}

/* stdin can be read once. */
static bool check_files(const struct sn_cli_options *options) {
    int from_stdin = 0;
    for (int i = 0; i < options->arguments_len; i++) from_stdin += strcmp(options->arguments[i], "-") == 0;
    if (options->arguments_len < 2) {
        sn_cli_say("`sentinel compare` needs two files: that of the run before and that of the run after.");
    } else if (!options->intervals && options->arguments_len > 2) {
        sn_cli_say("Two reports are compared; --intervals takes several baselines.");
    } else if (from_stdin > 1 || (from_stdin == 1 && options->arguments_len > 3)) {
        sn_cli_say("\"-\" can stand for one file, where there are at most two baselines.");
    } else {
        return true;
    }
    return false;
}

enum sn_exit sn_cli_compare(const struct sn_cli_options *options) {
    static struct sn_cli_comparison comparison;
    unsigned fail_on;
    if (!check_files(options) || !sn_cli_fail_on_read(options->fail_on, &fail_on)) return SN_EXIT_CONFIGURATION;
    if (!read_clock_step(options->clock_step, &comparison.options.clock_step_us)) return SN_EXIT_CONFIGURATION;
    comparison.before = options->arguments[0];
    comparison.after = options->arguments[options->arguments_len - 1];
    bool compared =
        options->intervals ? compare_intervals(&comparison, options) : sn_cli_reports_compare(&comparison, options);
    enum sn_exit code = compared ? SN_EXIT_OK : SN_EXIT_CONFIGURATION;
    if (compared && options->json) code = sn_cli_print_json(put_comparison, &comparison);
    if (compared && !options->json) sn_cli_comparison_print(&comparison);
    sn_cli_reports_close(&comparison);
    if (code == SN_EXIT_OK && (fail_on & 1u << comparison.change) != 0) return SN_EXIT_THRESHOLDS;
    return code;
}
