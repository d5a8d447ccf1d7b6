/* The options: one table drives both how they are read and how they are explained. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentinel/report/workload.h"

#define ON(name) (1u << SN_COMMAND_##name)
#define ON_ALL ((1u << SN_COMMANDS_LEN) - 1)
#define ON_NET                                                                                                        \
    (ON(RUN) | ON(REPORT) | ON(STATUS) | ON(CANCEL) | ON(LIST) | ON(BASELINE) | ON(HISTORY) | ON(AA) | ON(SCHEDULE) | \
     ON(OUTBOX) | ON(STOP_ALL))
#define ON_DRAWS (ON(KEYS) | ON(MIX))
#define ON_SEED (ON_DRAWS | ON(WORKLOAD))
#define ON_PLAN (ON(PLAN) | ON(CURVE) | ON(SIMULATE))
#define ON_JSON                                                                                                     \
    (ON(RUN) | ON(STATUS) | ON(LIST) | ON(PLAN) | ON(CURVE) | ON(SIMULATE) | ON(MIX) | ON(WORKLOAD) | ON(COMPARE) | \
     ON(HISTORY) | ON(BASELINE) | ON(AA) | ON(SCHEDULE) | ON(OUTBOX) | ON(STOP_ALL))

/* TEXT is UTF-8; RAW is taken as it is, since files may be called anything, and checked where it is used.  WHOLE numbers begin at
 * 0, COUNTs at 1. */
enum kind { FLAG, TEXT, RAW, WHOLE, COUNT, DECIMAL };

struct option {
    const char *name, *value; /* "--url", "URL" */
    enum kind kind;
    size_t offset; /* of the member of struct sn_cli_options */
    double max;    /* of a number */
    unsigned commands;
    const char *meaning;
};

#define DRAWS_MAX 100000000 /* `keys` has four bytes for each */

#define AT(member) offsetof(struct sn_cli_options, member)

static const struct option table[] = {
    {"--url", "URL", RAW, AT(url), 0, ON_NET, "where the Worker is (SENTINEL_URL, else " SN_CLI_URL ")"},
    {"--token", "TOKEN", RAW, AT(token), 0, ON_NET, "its bearer token (SENTINEL_TOKEN)"},
    {"--profile", "PRESET", TEXT, AT(profile), 0, ON(RUN), "run a preset, such as smoke"},
    {"--plan", "FILE", RAW, AT(plan), 0, ON(RUN), "run the plan in a file; - reads it from stdin"},
    {"--workload", "FILE|NAME", RAW, AT(workload), 0, ON(RUN) | ON_PLAN | ON(AA),
     "with this workload: its file, or the name of one; the plan is smoke unless there is another"},
    {"--workload", "FILE|NAME", RAW, AT(workload), 0, ON(MIX), "draw from this workload: its file, or the name of one"},
    {"--name", "NAME", TEXT, AT(name), 0, ON(RUN), "what to call the run"},
    {"--name", "NAME", TEXT, AT(name), 0, ON(BASELINE), "what to call the baseline that is created"},
    {"--description", "TEXT", TEXT, AT(description), 0, ON(BASELINE), "what is to be known of it beside its name"},
    {"--inactive", NULL, FLAG, AT(inactive), 0, ON(BASELINE), "create it, and leave the one that is active as it is"},
    {"--plan-hash", "HASH", TEXT, AT(plan_hash), 0, ON(BASELINE), "list those of this plan only"},
    {"--plan-hash", "HASH", TEXT, AT(plan_hash), 0, ON(HISTORY),
     "in place of a file: the runs of this plan, as reports name it"},
    {"--baseline", "ID", TEXT, AT(baseline), 0, ON(HISTORY), "the same of the plan that this baseline is of"},
    {"--name", "NAME", TEXT, AT(name), 0, ON(SCHEDULE), "what to call the schedule"},
    {"--cron", "TEXT", TEXT, AT(cron), 0, ON(SCHEDULE), "when it runs: a cron expression"},
    {"--plan", "FILE|PRESET", RAW, AT(plan), 0, ON(SCHEDULE), "the plan of its runs"},
    {"--overlap", "RULE", TEXT, AT(overlap), 0, ON(SCHEDULE), "when another run is active: skip, queue or replace"},
    {"--catch-up", "RULE", TEXT, AT(catch_up), 0, ON(SCHEDULE), "when no tick came in time: skip or once"},
    {"--jitter", "SECONDS", WHOLE, AT(jitter_s), 3600, ON(SCHEDULE), "put each start off by up to so much"},
    {"--silence", "SECONDS", WHOLE, AT(silence_s), 3600, ON(RUN) | ON(AA),
     "ask over HTTP when the live connection says nothing for so long (30)"},
    {"--quiet", NULL, FLAG, AT(quiet), 0, ON(RUN) | ON(AA), "no progress on stderr; the report comes all the same"},
    {"--format", "FORMAT", TEXT, AT(format), 0, ON(REPORT), "text (the default) or json"},
    {"--status", "STATUS", TEXT, AT(status), 0, ON(LIST), "only runs in this status, such as completed"},
    {"--limit", "COUNT", COUNT, AT(limit), 100, ON(LIST), "at most so many runs (20)"},
    {"--arrivals", "COUNT", WHOLE, AT(arrivals), SN_OPERATIONS_CEILING, ON(CURVE),
     "with --json: also when the first COUNT operations are due, in microseconds"},
    {"--shard", "I/N", TEXT, AT(shard), 0, ON(CURVE) | ON(MIX), "count only what shard I of N owns; I from 0"},
    {"--seed", "SEED", WHOLE, AT(seed), 18446744073709551615.0, ON(SIMULATE) | ON(AA),
     "seed of the simulated world (1): the same one always does the same"},
    {"--distribution", "TEXT", TEXT, AT(distribution), 0, ON(KEYS),
     "uniform, sequential, zipfian:S, hotset:F:P or latest:S"},
    {"--keyspace", "COUNT", COUNT, AT(keyspace), SN_KEYS_MAX, ON(KEYS), "how many keys there are"},
    {"--draws", "COUNT", COUNT, AT(draws), DRAWS_MAX, ON_DRAWS, "the draws of operations 1 to COUNT (10000)"},
    {"--seed", "SEED", WHOLE, AT(seed), 18446744073709551615.0, ON_SEED, "seed of the run (1)"},
    {"--operation", "NAME", TEXT, AT(operation), 0, ON(WORKLOAD), "show this operation only"},
    {"--systems", "LIST", TEXT, AT(systems), 0, ON(WORKLOAD),
     "take these systems alone, with commas between them, as a plan's targetSystems do"},
    {"--count", "COUNT", WHOLE, AT(count), SN_EXAMPLES_MAX, ON(WORKLOAD),
     "render each operation as if it were 1 to COUNT (5; of show 0)"},
    {"--ranks", NULL, FLAG, AT(ranks), 0, ON(KEYS), "ranks instead of keys: 0 is the most popular, or the newest"},
    {"--percentiles", "LIST", TEXT, AT(percentiles), 0, ON(HIST), "which ones (50,90,95,99,99.9)"},
    {"--merge", NULL, FLAG, AT(merge), 0, ON(HIST), "take several files: one histogram of each, merged"},
    {"--intervals", NULL, FLAG, AT(intervals), 0, ON(COMPARE),
     "files with a line `second value_us count` for each value; the last file is the run after"},
    {"--clock-step", "TIME", TEXT, AT(clock_step), 0, ON(COMPARE),
     "the step of the clock, such as 1ms: smaller differences are none (0)"},
    {"--fail-on", "LIST", TEXT, AT(fail_on), 0, ON(COMPARE),
     "end with 99 on these verdicts, such as slower,inconclusive"},
    {"--pairs", "COUNT", COUNT, AT(pairs), 50, ON(AA), "so many pairs of runs, one run after the other (5)"},
    {"--baseline", "ID", TEXT, AT(baseline), 0, ON(AA), "give this baseline the floors that follow"},
    {"--simulate", NULL, FLAG, AT(simulate), 0, ON(AA), "in virtual time; needs no Worker"},
    {"--fail-on", "LIST", TEXT, AT(fail_on), 0, ON(RUN),
     "end with 99 when the comparison with the plan's baseline says one of these, such as slower"},
    {"--reason", "TEXT", TEXT, AT(reason), 0, ON(STOP_ALL), "why, for the audit, reports and messages"},
    {"--keep-schedules", NULL, FLAG, AT(keep_schedules), 0, ON(STOP_ALL), "leave the schedules active"},
    {"--evictions", "COUNT", WHOLE, AT(evictions), 1000, ON(SIMULATE), "shards evicted at random moments (0)"},
    {"--run-evictions", "COUNT", WHOLE, AT(run_evictions), 1000, ON(SIMULATE), "the same of the run's own object (0)"},
    {"--losses", "COUNT", WHOLE, AT(losses), 1000, ON(SIMULATE), "shards lost or cut off at random moments (0)"},
    {"--faults", "LIST", TEXT, AT(faults), 0, ON(SIMULATE),
     "what may go wrong: words with commas between them, all, or swarm for a half by the seed (none)"},
    {"--steerings", "COUNT", WHOLE, AT(steerings), 20, ON(SIMULATE),
     "pauses, scalings, extensions at random instants (0)"},
    {"--waking-ms", "MS", DECIMAL, AT(waking_ms), 60000, ON(SIMULATE),
     "how long an object takes that was never called before (0)"},
    {"--models", "LIST", TEXT, AT(models), 0, ON(SIMULATE),
     "targets like Cloudflare's systems: default, or their times, d1-write=8,kv-hot=2:9"},
    {"--target-ms", "MS", DECIMAL, AT(target_ms), 60000, ON(SIMULATE) | ON(AA),
     "mean service time of the target, unless there are --models (5)"},
    {"--target-tail", "SHARE", DECIMAL, AT(target_tail), 1, ON(SIMULATE),
     "share of calls that take three times as long, 0 to 1 (0)"},
    {"--target-errors", "SHARE", DECIMAL, AT(target_errors), 1, ON(SIMULATE), "share of calls that fail, 0 to 1 (0)"},
    {"--platform", "PLAN", TEXT, AT(platform), 0, ON_PLAN,
     "the account's plan with Cloudflare: paid (the default) or free"},
    {"--limits", "SET", TEXT, AT(limits), 0, ON_PLAN,
     "how large a plan may be: default or operator, as SENTINEL_LIMITS says for a Worker"},
    {"--after", "TIME", TEXT, AT(after), 0, ON(CRON), "what comes after that moment, 2026-11-23T09:00:00Z (now)"},
    {"--before", "TIME", TEXT, AT(before), 0, ON(CRON), "what came before it instead, newest first"},
    {"--count", "COUNT", COUNT, AT(count), 10000, ON(CRON), "so many of them (5)"},
    {"--dialect", "DIALECT", TEXT, AT(dialect), 0, ON(CRON) | ON(SCHEDULE), "standard (the default) or cloudflare"},
    {"--timezone", "ZONE", TEXT, AT(timezone), 0, ON(CRON) | ON(SCHEDULE),
     "whose clocks the expression means, Europe/Berlin (UTC)"},
    {"--prices", "FILE", RAW, AT(prices), 0, ON(PLAN) | ON(SIMULATE),
     "prices that are not the list's, as JSON, as SENTINEL_PRICES has them for a Worker"},
    {"--json", NULL, FLAG, AT(json), 0, ON_JSON, "JSON on stdout"},
    {"--help", NULL, FLAG, AT(help), 0, ON_ALL, "explain this command"},
};

#define TABLE_LEN (sizeof table / sizeof *table)

static const struct option *find(const char *name, size_t len, unsigned command) {
    struct sn_span wanted = {(const uint8_t *)name, len};
    if (sn_span_is(wanted, "-h")) return &table[TABLE_LEN - 1];
    for (size_t i = 0; i < TABLE_LEN; i++) {
        if (sn_span_is(wanted, table[i].name) && (table[i].commands & command)) return &table[i];
    }
    return NULL;
}

bool sn_cli_whole_number(const char *text, uint64_t max, uint64_t *value) {
    uint64_t sum = 0;
    if (text[0] == 0) return false;
    for (; *text != 0; text++) {
        if (*text < '0' || *text > '9') return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (sum > (UINT64_MAX - digit) / 10) return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return sum <= max;
}

static bool read_decimal(const char *text, double max, double *value) {
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == 0 && *value >= 0 && *value <= max;
}

static bool refuse(const struct option *option, const char *value) {
    if (option->kind == WHOLE && option->max > 1e15) {
        sn_cli_say("%s: expected a whole number below 2^64, got \"%s\".", option->name, value);
    } else {
        sn_cli_say("%s: expected a %snumber from %d to %.0f, got \"%s\".", option->name,
                   option->kind == DECIMAL ? "" : "whole ", option->kind == COUNT ? 1 : 0, option->max, value);
    }
    return false;
}

static bool check_text(const struct option *option, const char *value) {
    if (sn_utf8_valid(value, strlen(value))) return true;
    sn_cli_say("%s: expected text in UTF-8, got \"%s\".", option->name, value);
    return false;
}

static bool set(struct sn_cli_options *options, const struct option *option, const char *value) {
    char *member = (char *)options + option->offset;
    switch (option->kind) {
    case FLAG: *(bool *)member = true; return true;
    case TEXT:
    case RAW: *(const char **)(void *)member = value; return option->kind == RAW || check_text(option, value);
    case WHOLE:
    case COUNT: {
        uint64_t max = option->max > 1e15 ? UINT64_MAX : (uint64_t)option->max, *number = (uint64_t *)(void *)member;
        bool good = sn_cli_whole_number(value, max, number) && (option->kind == WHOLE || *number > 0);
        return good || refuse(option, value);
    }
    case DECIMAL: return read_decimal(value, option->max, (double *)(void *)member) || refuse(option, value);
    }
    return false;
}

static void defaults(struct sn_cli_options *options) {
    *options = (struct sn_cli_options){.silence_s = 30,
                                       .limit = 20,
                                       .draws = 10000,
                                       .seed = 1,
                                       .target_ms = 5,
                                       .count = UINT64_MAX,
                                       .jitter_s = UINT64_MAX,
                                       .pairs = 5};
    options->url = getenv("SENTINEL_URL");
    if (options->url == NULL || options->url[0] == 0) options->url = SN_CLI_URL;
    options->token = getenv("SENTINEL_TOKEN");
}

/* Reads argv[*at], which begins with a dash, and its value, which may be the argument after it. */
static bool read_option(struct sn_cli_options *options, unsigned command, int argc, char **argv, int *at) {
    const char *text = argv[*at], *equals = strchr(text, '=');
    size_t len = equals != NULL ? (size_t)(equals - text) : strlen(text);
    const struct option *option = find(text, len, command);
    if (option == NULL) {
        sn_cli_say("%.*s is not an option of `sentinel %s`. `sentinel help %s` lists them.", (int)len, text, argv[1],
                   argv[1]);
        return false;
    }
    if (option->kind == FLAG) {
        if (equals == NULL) return set(options, option, NULL);
        sn_cli_say("%s takes no value.", option->name);
        return false;
    }
    const char *value = equals != NULL ? equals + 1 : argv[*at + 1]; /* argv ends with NULL */
    if (value == NULL || value[0] == 0) {
        sn_cli_say("%s needs a value: %s %s.", option->name, option->name, option->value);
        return false;
    }
    if (equals == NULL) (*at)++;
    (void)argc;
    return set(options, option, value);
}

/* Arguments are as many as there are words for them, or any number when the last one ends with dots.  A further one takes
 * the place of one that has been read. */
static bool read_argument(struct sn_cli_options *options, const char *wanted, char *text, const char *command) {
    bool several = strstr(wanted, "...") != NULL;
    int most = wanted[0] == 0 ? 0 : 1 + (strchr(wanted, ' ') != NULL);
    if (options->arguments_len >= most && !several) {
        sn_cli_say("\"%s\" is one argument too many for `sentinel %s`.", text, command);
        return false;
    }
    if (text[0] == 0) {
        sn_cli_say("`sentinel %s` got an empty argument; expected %s.", command, wanted);
        return false;
    }
    options->arguments[options->arguments_len++] = text;
    options->argument = options->arguments[0];
    return true;
}

bool sn_cli_options_read(struct sn_cli_options *options, enum sn_command_id command, int argc, char **argv) {
    static const char *const argument[] = {
#define SN_X(name, text, arg, function, meaning) [SN_COMMAND_##name] = arg,
        SN_COMMAND_LIST(SN_X)
#undef SN_X
    };
    const char *wanted = argument[command];
    bool only_arguments = false;
    defaults(options);
    options->arguments = argv + 2;
    for (int at = 2; at < argc; at++) {
        char *text = argv[at];
        if (!only_arguments && strcmp(text, "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && text[0] == '-' && text[1] != 0) {
            if (!read_option(options, 1u << command, argc, argv, &at)) return false;
        } else if (!read_argument(options, wanted, text, argv[1])) {
            return false;
        }
    }
    bool needed =
        wanted[0] != 0 && wanted[0] != '[' && options->workload == NULL; /* a workload makes a plan of smoke */
    if (needed && options->argument == NULL && !options->help) {
        sn_cli_say("`sentinel %s` needs %s.", argv[1], strcmp(wanted, "ID") == 0 ? "the id of a run" : wanted);
        return false;
    }
    return true;
}

void sn_cli_options_explain(enum sn_command_id command) {
    for (size_t i = 0; i < TABLE_LEN; i++) {
        if (!(table[i].commands & 1u << command)) continue;
        char left[40];
        snprintf(left, sizeof left, "%s %s", table[i].name, table[i].value != NULL ? table[i].value : "");
        printf("  %-21s %s\n", left, table[i].meaning);
    }
}
