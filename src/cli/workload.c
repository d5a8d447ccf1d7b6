/* `sentinel workload`: which workloads there are, and what one would send.  Needs no Worker. */
#include "part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentinel/plan/builtin.h"
#include "sentinel/report/workload.h"

#define ARENA_BYTES (1024u * 1024)
#define TEXT_BYTES (16u * 1024 * 1024) /* every call of 100 examples, with each value cut */

/* A workload that was read and compiled. */
struct opened {
    const char *source;
    struct sn_cli_text text; /* owned */
    char *list;              /* owned: the names of the systems that are wanted */
    struct sn_cli_systems systems;
    struct sn_cli_json json; /* of the text: where name and description are */
    uint8_t *bytes;          /* compiled */
    struct sn_workload workload;
    struct sn_report_workload view;
};

static void close_workload(struct opened *opened) {
    sn_cli_json_free(&opened->json);
    free(opened->text.data);
    free(opened->bytes);
    free(opened->list);
    free(opened->view.room);
}

static bool compile(struct opened *opened) {
    struct sn_plan_error error = {0};
    struct sn_arena arena;
    struct sn_writer out = sn_writer(opened->bytes, SN_PLAN_BYTES_MAX);
    void *memory = malloc(ARENA_BYTES);
    if (memory == NULL) return false;
    sn_arena_init(&arena, memory, ARENA_BYTES);
    enum sn_status status = sn_workload_compile(opened->text.data, opened->text.len, opened->systems.names,
                                                opened->systems.len, &arena, &out, &error);
    free(memory);
    if (status == SN_OK) status = sn_workload_open(&opened->workload, opened->bytes, out.len);
    if (status != SN_OK) sn_cli_refused(opened->source, "workload", &error);
    opened->view.bytes = out.len;
    return status == SN_OK;
}

/* `systems`: as --systems has them; NULL: all. */
static bool open_workload(struct opened *opened, const char *source, const char *systems, uint64_t seed,
                          uint32_t count) {
    *opened = (struct opened){.source = source, .bytes = malloc(SN_PLAN_BYTES_MAX)};
    opened->list = systems != NULL ? strdup(systems) : NULL;
    opened->view.room = calloc(1, sizeof *opened->view.room);
    if (opened->bytes == NULL || opened->view.room == NULL || (systems != NULL && opened->list == NULL)) {
        sn_cli_say("There is no memory to compile a workload.");
        return false;
    }
    if (opened->list != NULL && !sn_cli_systems_read(&opened->systems, opened->list)) return false;
    if (!sn_cli_workload_read(source, &opened->text)) return false;
    sn_cli_json_parse(&opened->json, opened->text.data, opened->text.len);
    if (opened->json.root == NULL) sn_cli_say_syntax(source, &opened->text, &opened->json.error);
    if (opened->json.root == NULL || !compile(opened)) return false;
    opened->view.name = sn_cli_json_text(opened->json.root, "name", NULL);
    opened->view.description = sn_cli_json_text(opened->json.root, "description", NULL);
    opened->view.workload = &opened->workload;
    opened->view.seed = seed;
    opened->view.count = count;
    return true;
}

/* --- list ------------------------------------------------------------------------------------------------ */

static void put_list(struct sn_json_writer *j, void *user) {
    struct opened *opened = user;
    sn_json_open(j, NULL, '{');
    sn_json_open(j, "workloads", '[');
    for (size_t i = 0; i < sn_builtins_len; i++) {
        sn_json_open(j, NULL, '{');
        sn_report_put_workload_outline(j, &opened[i].view);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
    sn_json_close(j, '}');
}

static enum sn_exit list(const struct sn_cli_options *options) {
    struct opened *all = calloc(sn_builtins_len, sizeof *all);
    enum sn_exit code = all != NULL ? SN_EXIT_OK : SN_EXIT_MACHINERY;
    for (size_t i = 0; code == SN_EXIT_OK && i < sn_builtins_len; i++)
        if (!open_workload(&all[i], sn_builtins[i].name, NULL, options->seed, 0)) code = SN_EXIT_MACHINERY;
    if (code == SN_EXIT_OK && options->json) code = sn_cli_print_json(put_list, all);
    for (size_t i = 0; code == SN_EXIT_OK && !options->json && i < sn_builtins_len; i++)
        printf("%-10s %2u operations  %s\n", sn_builtins[i].name, all[i].workload.kinds_len,
               all[i].view.description != NULL ? all[i].view.description : "");
    for (size_t i = 0; all != NULL && i < sn_builtins_len; i++) close_workload(&all[i]);
    free(all);
    return code;
}

/* --- show and check -------------------------------------------------------------------------------------- */

/* `show` adds the workload's own text, which is JSON that the compiler has read. */
static void put_shown(struct sn_json_writer *j, void *user) {
    const struct opened *opened = user;
    sn_json_open(j, NULL, '{');
    sn_report_put_workload(j, &opened->view);
    sn_json_put_json(j, "definition", opened->text.data, opened->text.len);
    sn_json_close(j, '}');
}

static void put_checked(struct sn_json_writer *j, void *user) {
    const struct opened *opened = user;
    sn_json_open(j, NULL, '{');
    sn_report_put_workload(j, &opened->view);
    sn_json_close(j, '}');
}

static enum sn_exit print_text(const struct opened *opened) {
    uint8_t *text = malloc(TEXT_BYTES);
    struct sn_writer w = sn_writer(text, text != NULL ? TEXT_BYTES : 0);
    sn_report_put_workload_text(&w, &opened->view);
    if (w.full) sn_cli_say("This is too long to be printed whole; --operation and --count make it shorter.");
    enum sn_exit code = sn_cli_put(text, w.len) && !w.full ? SN_EXIT_OK : SN_EXIT_MACHINERY;
    free(text);
    return code;
}

static bool choose_operation(struct opened *opened, const char *name) {
    if (name == NULL) return true;
    opened->view.operation = name;
    if (sn_report_operation_find(&opened->workload, name, strlen(name)) != UINT32_MAX) return true;
    sn_cli_say("--operation: %s has no operation \"%s\"; it has", opened->source, name);
    for (uint32_t i = 0; i < opened->workload.kinds_len; i++) {
        struct sn_text own = opened->workload.kinds[i].name;
        sn_cli_say("  %.*s", (int)own.len, opened->workload.pool + own.offset);
    }
    return false;
}

static enum sn_exit look(const struct sn_cli_options *options, const char *source, bool show) {
    struct opened opened;
    uint32_t count = options->count != UINT64_MAX ? (uint32_t)options->count : show ? 0 : SN_EXAMPLES_DEFAULT;
    enum sn_exit code = SN_EXIT_CONFIGURATION;
    if (open_workload(&opened, source, options->systems, options->seed, count) &&
        choose_operation(&opened, options->operation))
        code = options->json ? sn_cli_print_json(show ? put_shown : put_checked, &opened) : print_text(&opened);
    close_workload(&opened);
    return code;
}

enum sn_exit sn_cli_workload(const struct sn_cli_options *options) {
    const char *what = options->argument;
    bool show = strcmp(what, "show") == 0;
    int sources = options->arguments_len - 1;
    if (strcmp(what, "list") == 0 && options->systems != NULL) {
        sn_cli_say("--systems goes with show and check, which are of one workload.");
        return SN_EXIT_CONFIGURATION;
    }
    if (strcmp(what, "list") == 0 && sources == 0) return list(options);
    if (!show && strcmp(what, "check") != 0) {
        sn_cli_say("`sentinel workload` takes list, show NAME or check FILE; got \"%s\".", what);
        return SN_EXIT_CONFIGURATION;
    }
    if (sources == 0 || (show && sources > 1)) {
        sn_cli_say(show ? "`sentinel workload show` needs the name of one workload; `sentinel workload list` has them."
                        : "`sentinel workload check` needs a workload's file, or - for stdin.");
        return SN_EXIT_CONFIGURATION;
    }
    if (show && sn_builtin_find(options->arguments[1]) == NULL) {
        sn_cli_say("There is no workload \"%s\". `sentinel workload list` lists those that come with Sentinel; "
                   "`sentinel workload check FILE` shows your own.",
                   options->arguments[1]);
        return SN_EXIT_CONFIGURATION;
    }
    enum sn_exit code = SN_EXIT_OK;
    for (int i = 1; i <= sources; i++) {
        enum sn_exit one = look(options, options->arguments[i], show);
        if (one != SN_EXIT_OK) code = one;
    }
    return code;
}
