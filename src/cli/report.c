/* `sentinel report`, and the report at the end of `sentinel run`. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whatever stands at an address may answer with 200. */
static bool is_report(const struct sn_cli_answer *answer, bool text) {
    static const char schema[] = "sentinel.report/";
    struct sn_cli_json json;
    if (text) return strncmp(answer->type, "text/plain", 10) == 0;
    sn_cli_json_parse(&json, answer->body.data, answer->body.len);
    bool ours = strncmp(sn_cli_json_text(json.root, "schema", ""), schema, sizeof schema - 1) == 0;
    sn_cli_json_free(&json);
    return ours;
}

enum sn_exit sn_cli_print_report(const char *id, const char *format) {
    static const char what[] = "There is no report to print";
    bool text = strcmp(format, "json") != 0;
    char path[160];
    struct sn_cli_answer answer;
    enum sn_exit code = SN_EXIT_OK;
    snprintf(path, sizeof path, "/api/sentinel/%s/report?format=%s", id, format);
    sn_cli_http("GET", path, NULL, &answer);
    if (answer.status != 200) {
        code = sn_cli_http_refused(&answer, what);
    } else if (!is_report(&answer, text)) {
        code = sn_cli_http_not_ours(what);
    } else if (!(text ? sn_cli_put_lines(&answer.body) : sn_cli_put(answer.body.data, answer.body.len))) {
        code = SN_EXIT_MACHINERY;
    }
    free(answer.body.data);
    return code;
}

enum sn_exit sn_cli_report(const struct sn_cli_options *options) {
    const char *format = options->format != NULL ? options->format : "text";
    if (!sn_cli_check_id(options->argument)) return SN_EXIT_CONFIGURATION;
    if (strspn(format, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(format) || strlen(format) > 20) {
        sn_cli_say("--format: expected text or json, got \"%s\".", format);
        return SN_EXIT_CONFIGURATION;
    }
    if (!sn_cli_http_open(options)) return SN_EXIT_CONFIGURATION;
    enum sn_exit code = sn_cli_print_report(options->argument, format);
    sn_cli_http_close();
    return code;
}
