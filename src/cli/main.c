/* The program `sentinel`: which command, with which options. */
#include "cli.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct command {
    const char *name, *argument;
    sn_cli_command *function;
    const char *meaning;
};

static const struct command commands[] = {
#define SN_X(id, text, argument, function, meaning) [SN_COMMAND_##id] = {text, argument, function, meaning},
    SN_COMMAND_LIST(SN_X)
#undef SN_X
};

static int find(const char *name) {
    for (int i = 0; i < SN_COMMANDS_LEN; i++) {
        if (strcmp(commands[i].name, name) == 0) return i;
    }
    return -1;
}

#define ARGUMENT_COLUMNS 24 /* a longer one has a line of its own, so that all meanings begin in one column */

static void list(const struct command *one) {
    const char *name = one->name, *argument = one->argument;
    if (strlen(argument) > ARGUMENT_COLUMNS) {
        printf("  %-9s %s\n", name, argument);
        name = argument = "";
    }
    printf("  %-9s %-*s %s\n", name, ARGUMENT_COLUMNS, argument, one->meaning);
}

static void explain_all(void) {
    printf("Sentinel finds out at what point a system on Cloudflare stops working gracefully.\n\n"
           "  sentinel COMMAND [options]\n\n");
    for (int i = 0; i < SN_COMMANDS_LEN; i++) list(&commands[i]);
    printf("\nThe Worker is looked for at --url, SENTINEL_URL or %s; its token comes from --token or SENTINEL_TOKEN.\n"
           "\nExit codes\n",
           SN_CLI_URL);
#define SN_X(name, value, meaning) printf("  %3d  %s\n", value, meaning);
    SN_EXIT_LIST(SN_X)
#undef SN_X
    printf("\n`sentinel help COMMAND` explains one command.\n");
}

static void explain(int command) {
    const struct command *one = &commands[command];
    const char *space = one->argument[0] != 0 ? " " : "";
    printf("sentinel %s%s%s [options]: %s\n", one->name, space, one->argument, one->meaning);
    sn_cli_options_explain((enum sn_command_id)command);
}

static enum sn_exit help(const char *name) {
    if (name == NULL) {
        explain_all();
        return SN_EXIT_OK;
    }
    int command = find(name);
    if (command < 0) {
        sn_cli_say("There is no command \"%s\". `sentinel help` lists them.", name);
        return SN_EXIT_CONFIGURATION;
    }
    explain(command);
    return SN_EXIT_OK;
}

static enum sn_exit dispatch(int argc, char **argv) {
    if (argc < 2) {
        sn_cli_say("Which command? `sentinel help` lists them.");
        return SN_EXIT_CONFIGURATION;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0) name = "version";
    int command = find(name);
    if (command < 0) {
        sn_cli_say("There is no command \"%s\". `sentinel help` lists them.", name);
        return SN_EXIT_CONFIGURATION;
    }
    struct sn_cli_options options;
    if (!sn_cli_options_read(&options, (enum sn_command_id)command, argc, argv)) return SN_EXIT_CONFIGURATION;
    if (command == SN_COMMAND_HELP) return help(options.argument);
    if (options.help) {
        explain(command);
        return SN_EXIT_OK;
    }
    if (command == SN_COMMAND_VERSION) {
        printf("sentinel %s\n", SN_VERSION);
        return SN_EXIT_OK;
    }
    return commands[command].function(&options);
}

/* A stream that nobody opened stays unusable: else the next socket would get its number, and our output with it. */
static void keep_closed(void) {
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0) return;
    }
}

/* What was printed counts as done only when it has left the program. */
int main(int argc, char **argv) {
    keep_closed();
    enum sn_exit code = dispatch(argc, argv);
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (written || code != SN_EXIT_OK) return (int)code;
    sn_cli_say("The output could not be written: stdout is closed or full.");
    return SN_EXIT_MACHINERY;
}
