/* `sentinel mix`: which operations a workload draws, and how often. */
#include "part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/load/digest.h"
#include "sentinel/plan/builtin.h"

#define ARENA_BYTES (1024u * 1024)
#define DEFAULT "systems" /* the workload that systems are chosen from */

/* Where a workload comes from: a text, of which some systems are wanted, or all. */
struct choice {
    const char *text;
    size_t len;
    struct sn_cli_systems systems;
};

bool sn_cli_systems_read(struct sn_cli_systems *systems, char *list) {
    systems->len = 0;
    for (char *at = list; at != NULL;) {
        if (systems->len == SN_CLI_SYSTEMS_MAX) {
            sn_cli_say("\"%s\" is one system too many: at most %d can be named.", at, SN_CLI_SYSTEMS_MAX);
            return false;
        }
        systems->names[systems->len++] = at;
        at = strchr(at, ',');
        if (at != NULL) *at++ = 0;
    }
    return true;
}

/* `copy` is the argument again, to be split, or becomes the file's text. */
static bool choose(struct choice *choice, const char *argument, struct sn_cli_text *copy) {
    const struct sn_builtin *builtin = sn_builtin_find(argument);
    if (builtin == NULL && (strcmp(argument, "-") == 0 || sn_cli_is_file(argument))) {
        if (!sn_cli_file_read(argument, copy)) return false;
        choice->text = copy->data;
        choice->len = copy->len;
        return true;
    }
    if (builtin == NULL) {
        builtin = sn_builtin_find(DEFAULT);
        copy->data = strdup(argument);
        if (copy->data == NULL || !sn_cli_systems_read(&choice->systems, copy->data)) return false;
    }
    choice->text = builtin->text;
    choice->len = builtin->len;
    return true;
}

static bool compile(const char *argument, const struct choice *choice, struct sn_workload *workload, void *bytes) {
    void *memory = malloc(ARENA_BYTES);
    if (memory == NULL || bytes == NULL) {
        free(memory);
        sn_cli_say("There is no memory to compile a workload.");
        return false;
    }
    struct sn_arena arena;
    struct sn_plan_error error = {0};
    struct sn_writer out = sn_writer(bytes, SN_PLAN_BYTES_MAX);
    sn_arena_init(&arena, memory, ARENA_BYTES);
    enum sn_status status = sn_workload_compile(choice->text, choice->len, choice->systems.names, choice->systems.len,
                                                &arena, &out, &error);
    if (status == SN_OK) status = sn_workload_open(workload, bytes, out.len);
    if (status != SN_OK) sn_cli_refused(argument, "workload", &error);
    free(memory);
    return status == SN_OK;
}

/* What was drawn, of all operations or of those that one shard owns. */
struct draws {
    const struct sn_workload *workload;
    const struct sn_cli_options *options;
    struct sn_share share;
    uint64_t counts[SN_KINDS_MAX];
    uint64_t digest;
};

static void count_draws(struct draws *draws) {
    struct sn_mix mix;
    enum sn_status status = sn_workload_mix(draws->workload, draws->options->seed, &mix);
    SN_ASSERT(status == SN_OK); /* a workload that opened has weights that mix */
    uint64_t k = sn_share_next(&draws->share, 1);
    for (; k <= draws->options->draws; k = sn_share_next(&draws->share, k + 1))
        draws->counts[sn_operation_kind(&mix, k)]++;
}

static void print_draws(const struct draws *draws) {
    for (uint32_t i = 0; i < draws->workload->kinds_len; i++) {
        struct sn_text name = draws->workload->kinds[i].name;
        printf("%.*s %llu\n", (int)name.len, draws->workload->pool + name.offset, (unsigned long long)draws->counts[i]);
    }
}

static void put_draws(struct sn_json_writer *j, void *user) {
    const struct draws *draws = user;
    uint8_t digits[16];
    struct sn_writer digest = sn_writer(digits, sizeof digits);
    sn_put_hex(&digest, draws->digest, 16);
    sn_json_open(j, NULL, '{');
    sn_json_open(j, "operations", '[');
    for (uint32_t i = 0; i < draws->workload->kinds_len; i++) {
        struct sn_text name = draws->workload->kinds[i].name;
        sn_json_open(j, NULL, '{');
        sn_json_put_span(j, "operation", draws->workload->pool + name.offset, name.len);
        sn_json_put_uint(j, "count", draws->counts[i]);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
    sn_json_put_span(j, "digest", digits, digest.len);
    sn_json_close(j, '}');
}

static enum sn_exit show(const struct sn_workload *workload, const struct sn_cli_options *options) {
    struct sn_cli_part part = {0};
    struct draws draws = {.workload = workload, .options = options};
    if (!sn_cli_part_read(options->shard, &part)) return SN_EXIT_CONFIGURATION;
    draws.share = part.share;
    count_draws(&draws);
    if (!options->json) {
        print_draws(&draws);
        return SN_EXIT_OK;
    }
    struct sn_digest_room *room = malloc(sizeof *room);
    if (room == NULL) {
        sn_cli_say("There is no memory to render operations.");
        return SN_EXIT_MACHINERY;
    }
    draws.digest = sn_digest(workload, options->seed, &draws.share, options->draws, room);
    free(room);
    return sn_cli_print_json(put_draws, &draws);
}

enum sn_exit sn_cli_mix(const struct sn_cli_options *options) {
    const char *argument = options->argument != NULL ? options->argument : options->workload;
    if (options->argument != NULL && options->workload != NULL) {
        sn_cli_say("One workload at a time: \"%s\" or \"%s\"?", options->argument, options->workload);
        return SN_EXIT_CONFIGURATION;
    }
    if (argument == NULL) argument = DEFAULT;
    struct choice choice = {0};
    struct sn_cli_text copy = {0};
    struct sn_workload workload;
    void *bytes = malloc(SN_PLAN_BYTES_MAX);
    bool compiled = choose(&choice, argument, &copy) && compile(argument, &choice, &workload, bytes);
    enum sn_exit code = compiled ? show(&workload, options) : SN_EXIT_CONFIGURATION;
    free(copy.data);
    free(bytes);
    return code;
}
