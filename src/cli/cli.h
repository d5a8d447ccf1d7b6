/* What the files of the command line share.
 *
 *     main ─► options ─► a command ─► source, http, follow ─► progress (stderr), report (stdout)
 *
 * stdout carries the answer and nothing else, so that it can be piped; everything that is said on the way goes to
 * stderr. */
#ifndef SN_CLI_CLI_H
#define SN_CLI_CLI_H

#include <stdio.h>

#include "sentinel/base/arena.h"
#include "sentinel/base/bytes.h"
#include "sentinel/base/version.h"
#include "sentinel/json/json.h"
#include "sentinel/plan/plan.h"

#define SN_CLI_URL "http://127.0.0.1:8787"

/* Exit codes, those of k6 where it has one for the case. */
#define SN_EXIT_LIST(X)                                                             \
    X(OK, 0, "done; of a run: it can be believed and met its thresholds")           \
    X(MACHINERY, 1, "Sentinel or the way to it failed")                             \
    X(THRESHOLDS, 99, "the run did not meet its thresholds, as far as can be said") \
    X(CANCELLED, 103, "the run was cancelled by somebody else")                     \
    X(CONFIGURATION, 104, "arguments or a plan that cannot be used")                \
    X(INTERRUPTED, 105, "interrupted from the keyboard or by a signal")             \
    X(NOT_VALID, 110, "the run ended, but its figures cannot be believed")

enum sn_exit {
#define SN_X(name, value, meaning) SN_EXIT_##name = value,
    SN_EXIT_LIST(SN_X)
#undef SN_X
};

/* What was asked for on the command line; texts that were not given are NULL. */
struct sn_cli_options {
    const char *url, *token;
    const char *profile, *plan, *name;
    const char *format, *status, *shard, *platform, *limits, *prices, *faults, *models;
    const char *distribution, *percentiles, *clock_step, *fail_on;
    const char *after, *before, *dialect, *timezone;
    const char *baseline, *plan_hash, *description;
    bool inactive, simulate;
    const char *reason;
    bool keep_schedules;
    const char *cron, *overlap, *catch_up;
    const char *argument; /* the first that is no option */
    char **arguments;     /* all of those; more than one only where a command takes several */
    int arguments_len;
    bool json, quiet, help, ranks, merge, intervals;
    uint64_t seed, evictions, run_evictions, losses, steerings, arrivals, limit, silence_s, keyspace, draws;
    uint64_t count, jitter_s; /* UINT64_MAX: not given */
    uint64_t pairs;
    const char *workload, *operation, *systems;
    double waking_ms, target_ms, target_tail, target_errors;
};

typedef enum sn_exit sn_cli_command(const struct sn_cli_options *options);
sn_cli_command sn_cli_run, sn_cli_report, sn_cli_status, sn_cli_cancel, sn_cli_list, sn_cli_plan, sn_cli_curve,
    sn_cli_simulate, sn_cli_hist, sn_cli_keys, sn_cli_mix, sn_cli_cron, sn_cli_compare, sn_cli_history, sn_cli_workload,
    sn_cli_baseline, sn_cli_aa, sn_cli_schedule, sn_cli_outbox, sn_cli_stop_all;

#define SN_COMMAND_LIST(X)                                                                                         \
    X(RUN, "run", "[FILE]", sn_cli_run, "start a run, watch it, print its report")                                 \
    X(REPORT, "report", "ID", sn_cli_report, "print the report of a run")                                          \
    X(STATUS, "status", "ID", sn_cli_status, "say how a run is doing")                                             \
    X(CANCEL, "cancel", "ID", sn_cli_cancel, "end a run early; it still cleans up")                                \
    X(STOP_ALL, "stop-all", "", sn_cli_stop_all, "end every run and pause every schedule")                         \
    X(LIST, "list", "", sn_cli_list, "list runs, newest first")                                                    \
    X(PLAN, "plan", "FILE|PRESET", sn_cli_plan, "check a plan and show what it would do")                          \
    X(CURVE, "curve", "FILE|PRESET", sn_cli_curve, "show how many operations are due each second")                 \
    X(SIMULATE, "simulate", "FILE|PRESET", sn_cli_simulate, "walk through a plan in virtual time")                 \
    X(HIST, "hist", "[FILE...]", sn_cli_hist, "percentiles of values as reports have them")                        \
    X(KEYS, "keys", "", sn_cli_keys, "draw keys from a distribution and count them")                               \
    X(MIX, "mix", "[WORKLOAD|SYSTEMS]", sn_cli_mix, "draw operations from a workload and count them")              \
    X(CRON, "cron", "next|explain|zone TEXT", sn_cli_cron, "say when a cron expression runs")                      \
    X(COMPARE, "compare", "BEFORE AFTER ...", sn_cli_compare, "say whether a run is slower or faster than before") \
    X(HISTORY, "history", "[FILE]", sn_cli_history, "say at which run a series of figures changed")                \
    X(BASELINE, "baseline", "list|show ID|create RUN...|activate ID|delete ID", sn_cli_baseline,                   \
      "keep what is normal for a plan, which its runs are then compared with")                                     \
    X(AA, "aa", "FILE|PRESET", sn_cli_aa, "learn how much runs of the same differ at this place")                  \
    X(WORKLOAD, "workload", "list|show NAME|check FILE...", sn_cli_workload,                                       \
      "list workloads, show one, or check your own and see its calls")                                             \
    X(SCHEDULE, "schedule", "VERB [ID|FILE|TEXT]...", sn_cli_schedule,                                             \
      "list, show, create, change, pause, enable, delete, run or preview schedules")                               \
    X(OUTBOX, "outbox", "[list|resend|verify ...]", sn_cli_outbox,                                                 \
      "list messages, send one again, check its signature")                                                        \
    X(VERSION, "version", "", NULL, "print the version")                                                           \
    X(HELP, "help", "[COMMAND]", NULL, "explain a command and its options")

enum sn_command_id {
#define SN_X(name, text, argument, function, meaning) SN_COMMAND_##name,
    SN_COMMAND_LIST(SN_X)
#undef SN_X
        SN_COMMANDS_LEN
};

/* --- options.c -------------------------------------------------------------------------------------------- */

/* Reads the options of a command from argv[2 …), whose order changes: arguments come first.  False, and said on stderr, when something cannot be used. */
bool sn_cli_options_read(struct sn_cli_options *options, enum sn_command_id command, int argc, char **argv);
/* Prints the options that a command knows. */
void sn_cli_options_explain(enum sn_command_id command);
/* A whole number and nothing else.  False when it is not one, or above `max`. */
bool sn_cli_whole_number(const char *text, uint64_t max, uint64_t *value);

/* --- source.c: plans and JSON ------------------------------------------------------------------------------- */

/* A buffer from malloc; `len` bytes and a zero. */
struct sn_cli_text {
    char *data;
    size_t len;
};

/* Parsed JSON and the memory it lives in. */
struct sn_cli_json {
    void *memory;
    struct sn_arena arena;
    const struct sn_json *root; /* NULL: it was not JSON */
    struct sn_json_error error;
};

void sn_cli_json_parse(struct sn_cli_json *json, const char *text, size_t len);
void sn_cli_json_free(struct sn_cli_json *json);
/* A string member's text, or `otherwise`. */
const char *sn_cli_json_text(const struct sn_json *object, const char *name, const char *otherwise);

/* Whether this names a file: it has a dot or a slash in it, which no name of ours has, or there is such a file. */
bool sn_cli_is_file(const char *source);
/* A file's text, stdin's for "-"; at most SN_PLAN_TEXT_MAX bytes.  False, and said on stderr, when it cannot be read. */
bool sn_cli_file_read(const char *path, struct sn_cli_text *text);
/* A workload's text: one that comes with Sentinel, by its name, else as sn_cli_file_read(). */
bool sn_cli_workload_read(const char *source, struct sn_cli_text *text);
/* Says at which line and column a text is no JSON. */
void sn_cli_say_syntax(const char *source, const struct sn_cli_text *text, const struct sn_json_error *error);
/* The next line without its end, of which `cap` - 1 bytes are kept; false where there is none.  A '?' stands for what was
 * too long to be kept, and for a zero, so that neither can pass for a number. */
bool sn_cli_next_line(FILE *file, char *line, size_t cap);
/* Says that `what` ("plan") from `source` was refused, where, and what was expected. */
void sn_cli_refused(const char *source, const char *what, const struct sn_plan_error *error);
/* A plan's JSON: the file `source`, stdin for "-", or {"preset": source} when no such file can be meant; with `workload`,
 * unless it is NULL, in the place of the plan's own, and then `source` may be NULL for the preset smoke.  False, and said on
 * stderr, when it cannot be read. */
bool sn_cli_source_read(const char *source, const char *workload, struct sn_cli_text *text);
/* The body that starts a run: the plan with startImmediately, but for one with scheduledAt, which excludes that; and with
 * `name` unless that is NULL. */
bool sn_cli_source_body(const char *source, const struct sn_cli_text *plan, const char *name, struct sn_cli_text *body);
/* Reads and compiles; `storage` is to be freed, and the plan points into it.  False, and said on stderr, when refused. */
bool sn_cli_source_compile(const struct sn_cli_options *options, struct sn_plan *plan, struct sn_cli_text *storage);

/* --- say.c: what people read ---------------------------------------------------------------------------------- */

/* A message on stderr, with control characters made harmless and a line end. */
void sn_cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Copies text for a terminal: no control characters, cut to fit, ended with zero.  Returns `out`. */
const char *sn_cli_plain(char *out, size_t cap, const char *text);
/* Writes a text of lines to stdout, with their ends and no other control characters, for which it is changed; false as
 * sn_cli_put(). */
bool sn_cli_put_lines(struct sn_cli_text *text);
/* Writes the whole text to stdout; false when stdout is closed or full. */
bool sn_cli_put(const void *text, size_t len);

/* --- http.c ----------------------------------------------------------------------------------------------------- */

struct sn_cli_answer {
    long status;   /* 0: there was no answer */
    char type[64]; /* the content type, "" when there is none */
    struct sn_cli_text body;
    char trouble[256]; /* why there was no answer */
    bool acted;        /* there was none, but the Worker may have done what it was asked to do */
};
/* Prints its body and a line end on stdout. */
enum sn_exit sn_cli_put_answer(const struct sn_cli_answer *answer);

/* Checks the address and the token once.  False, and said on stderr, when they cannot be used. */
bool sn_cli_http_open(const struct sn_cli_options *options);
void sn_cli_http_close(void);
/* How long a request may take: so many seconds, at least 1 and at most 30, which it is from the start. */
void sn_cli_http_limit(uint64_t seconds);
/* One request to `path` under the address; `body` NULL for none.  The answer's body is to be freed. */
void sn_cli_http(const char *method, const char *path, const char *body, struct sn_cli_answer *answer);
/* Opens, asks, closes.  SN_EXIT_OK with a 2xx answer, whose body is then to be freed; else it has been said (queries.c). */
enum sn_exit sn_cli_ask(const struct sn_cli_options *options, const char *method, const char *path, const char *body,
                        const char *refused, struct sn_cli_answer *answer);
/* Says what went wrong with `what` ("The run was not started"), and which exit code that is. */
enum sn_exit sn_cli_http_refused(const struct sn_cli_answer *answer, const char *what);
/* Says that an answer with a good status is none of ours. */
enum sn_exit sn_cli_http_not_ours(const char *what);
/* Whether this is the id of a run: a UUID in lower case. */
bool sn_cli_is_id(const char *id);
/* The same of an argument; false, and said on stderr, when it is none. */
bool sn_cli_check_id(const char *id);
/* Whether these are the 16 digits of a plan's hash. */
bool sn_cli_is_hash(const char *text);
/* The same of a baseline's. */
bool sn_cli_check_baseline(const char *id);
/* The parts of the address, for the live socket.  `prefix` is the path without a slash at its end. */
struct sn_cli_address {
    bool secure, loopback;
    int port;
    char host[256], prefix[256], authorization[512];
};
const struct sn_cli_address *sn_cli_http_address(void);
/* The run in an answer: its "run" member, or the whole. */
const struct sn_json *sn_cli_run_of(const struct sn_json *root);

/* --- report.c ---------------------------------------------------------------------------------------------------- */

/* Asks for a run's report and prints it; `format` is "text" or "json". */
enum sn_exit sn_cli_print_report(const char *id, const char *format);

/* --- compare.c, comparison.c ---------------------------------------------------------------------------------------- */

/* Words with commas between them, as a bit for each enum sn_change; NULL is none.  False, and said on stderr, when one is none of them. */
bool sn_cli_fail_on_read(const char *text, unsigned *changes);
/* Of a run that ended: waits until it was compared with the baseline of its plan, if there is one, and gives the verdict's bit; 0 where
 * there is none.  Says on stderr that it took too long. */
void sn_cli_comparison_await(const char *id, unsigned *change);

/* --- zoneinfo.c -------------------------------------------------------------------------------------------------- */

struct sn_zone;
/* The system's data of a zone; NULL is UTC.  False, and said on stderr, when there is none. */
bool sn_cli_zone_open(const char *name, struct sn_cli_text *data);
/* A stretch of it, with what sn_cli_zone_open() gave.  False, and said on stderr, when it cannot be read. */
bool sn_cli_zone_read(const char *name, const struct sn_cli_text *data, int64_t from_s, struct sn_zone *zone);

/* --- interrupt.c -------------------------------------------------------------------------------------------------- */

void sn_cli_interrupt_watch(void);
/* How often Ctrl-C was pressed, or we were asked to end. */
int sn_cli_interrupts(void);
int64_t sn_cli_now_ms(void); /* of a clock that nobody sets */

#endif
