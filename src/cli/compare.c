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

/* An end of an interval that is not known is null. */
static void put_end(struct sn_json_writer *j, const char *name, double end) {
    if (end > 0 && isfinite(end)) {
        sn_json_put_fixed(j, name, end, 6);
    } else {
        sn_json_put_null(j, name);
    }
}

static void put_ratio(struct sn_json_writer *j, const struct sn_compare_percentile *one) {
    if (one->doubt == SN_DOUBT_SECONDS && (one->before_us == 0 || one->after_us == 0)) {
        sn_json_put_null(j, "ratio"); /* a report has no figure where it has too few operations */
        return;
    }
    sn_json_put_fixed(j, "ratio", one->ratio, 6);
    put_end(j, "low", one->low);
    put_end(j, "high", one->high);
    sn_json_put_uint(j, "beforeUs", one->before_us);
    sn_json_put_uint(j, "afterUs", one->after_us);
    sn_json_put_fixed(j, "differenceMs", ((double)one->after_us - (double)one->before_us) / 1e3, 3);
}

static void put_judged(struct sn_json_writer *j, const char *name, const struct sn_compare_percentile *one) {
    sn_json_open(j, name, '{');
    sn_json_put_text(j, "verdict", sn_change_name(one->change));
    put_ratio(j, one);
    sn_json_put_fixed(j, "floor", one->floor, 4);
    if (one->change == SN_CHANGE_INCONCLUSIVE) {
        sn_json_put_text(j, "reason", sn_doubt_text(one->doubt));
        if (isfinite(one->settled_s)) {
            sn_json_put_number(j, "settledS", one->settled_s);
        } else {
            sn_json_put_null(j, "settledS");
        }
    }
    sn_json_close(j, '}');
}

static const char *const names[SN_COMPARE_PERCENTILES] = {
#define SN_X(p, floor, judged) #p,
    SN_COMPARE_LIST(SN_X)
#undef SN_X
};

void sn_cli_put_percentiles(struct sn_json_writer *j, const struct sn_compare_result *result) {
    sn_json_open(j, "percentiles", '{');
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++)
        if (result->percentiles[i].judged) put_judged(j, names[i], &result->percentiles[i]);
    sn_json_close(j, '}');
}

static void put_comparison(struct sn_json_writer *j, void *user) {
    const struct sn_cli_comparison *comparison = user;
    const struct sn_compare_result *result = &comparison->result;
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "verdict", sn_change_name(comparison->change));
    sn_cli_put_percentiles(j, result);
    sn_json_open(j, "notJudged", '{');
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        if (result->percentiles[i].judged) continue;
        sn_json_open(j, names[i], '{');
        put_ratio(j, &result->percentiles[i]);
        sn_json_close(j, '}');
    }
    sn_json_close(j, '}');
    if (comparison->reports) sn_cli_comparison_put_runs(j, comparison);
    if (!comparison->seconds_unknown) {
        sn_json_put_fixed(j, "a12", result->a12, 4);
        sn_json_put_fixed(j, "ks", result->ks, 4);
        sn_json_put_uint(j, "stretchS", result->stretch_s);
    }
    sn_json_close(j, '}');
}

/* --- Baselines -------------------------------------------------------------------------------------------------- */

static const double percentiles[SN_COMPARE_PERCENTILES] = {
#define SN_X(p, floor, judged) p,
    SN_COMPARE_LIST(SN_X)
#undef SN_X
};

/* How much the baselines differ among themselves. */
static bool find_spreads(struct sn_compare_options *options, struct sn_cli_side *room, char *const paths[], int len) {
    uint32_t *us = calloc((size_t)len * SN_COMPARE_PERCENTILES, sizeof *us);
    bool good = us != NULL;
    for (int i = 0; good && i < len; i++) {
        good = sn_cli_intervals_read(room, &paths[i], 1);
        for (uint32_t p = 0; good && p < SN_COMPARE_PERCENTILES; p++) {
            uint32_t bucket;
            sn_blocks_percentiles(&room->blocks, NULL, &percentiles[p], 1, &bucket);
            us[p * (uint32_t)len + (uint32_t)i] = sn_hist_bucket_mid_us(bucket);
        }
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
