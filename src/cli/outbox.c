/* `sentinel outbox`: messages that nobody has taken yet, sending one again, and the signature of one that came. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentinel/base/limits.h"
#include "sentinel/base/time.h"
#include "sentinel/service/deliver.h"

#define PATH "/api/sentinel/outbox"

static const char listed[] = "The outbox could not be listed", resent[] = "The message was not sent again";

static void print_message(const struct sn_json *message) {
    static const char *const members[] = {"id", "state", "target", "event", "dueAt"};
    static const int widths[] = {32, 7, 8, 16, 24};
    char text[200];
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        printf("%-*s  ", widths[i], sn_cli_plain(text, sizeof text, sn_cli_json_text(message, members[i], "")));
    printf("%.0f tries  ", sn_json_number(sn_json_get(message, "attempts")));
    printf("%s\n", sn_cli_plain(text, sizeof text, sn_cli_json_text(message, "error", "none has failed")));
}

static enum sn_exit print_list(const struct sn_cli_options *options, const struct sn_cli_answer *answer) {
    struct sn_cli_json json;
    enum sn_exit code = SN_EXIT_OK;
    sn_cli_json_parse(&json, answer->body.data, answer->body.len);
    const struct sn_json *messages = sn_json_get(json.root, "messages");
    if (sn_json_type(messages) != SN_JSON_ARRAY) {
        code = sn_cli_http_not_ours(listed);
    } else if (options->json) {
        code = sn_cli_put_answer(answer);
    } else {
        if (sn_json_count(messages) == 0) printf("Nothing waits: every message was delivered.\n");
        for (const struct sn_json *m = sn_json_first(messages); m != NULL; m = sn_json_next(m)) print_message(m);
    }
    sn_cli_json_free(&json);
    return code;
}

static enum sn_exit print_resent(const struct sn_cli_options *options, const struct sn_cli_answer *answer) {
    struct sn_cli_json json;
    enum sn_exit code = SN_EXIT_OK;
    const char *id = options->arguments[1];
    sn_cli_json_parse(&json, answer->body.data, answer->body.len);
    if (strcmp(sn_cli_json_text(sn_json_get(json.root, "message"), "id", ""), id) != 0)
        code = sn_cli_http_not_ours(resent);
    else
        printf("Message %s is sent again within a minute.\n", id);
    sn_cli_json_free(&json);
    return code;
}

static enum sn_exit ask(const struct sn_cli_options *options, const char *path, const char *body) {
    struct sn_cli_answer answer;
    enum sn_exit code;
    if (!sn_cli_http_open(options)) return SN_EXIT_CONFIGURATION;
    sn_cli_http(body != NULL ? "POST" : "GET", path, body, &answer);
    if (answer.status != 200)
        code = sn_cli_http_refused(&answer, body != NULL ? resent : listed);
    else
        code = body != NULL ? print_resent(options, &answer) : print_list(options, &answer);
    free(answer.body.data);
    sn_cli_http_close();
    return code;
}

/* Seconds of "t=1790000000,v1=…"; 0 when it is not written so. */
static uint64_t signed_at_s(const char *signature) {
    char digits[11];
    uint64_t seconds = 0;
    size_t len = strncmp(signature, "t=", 2) == 0 ? strspn(signature + 2, "0123456789") : 0;
    if (len == 0 || len >= sizeof digits || signature[2 + len] != ',') return 0;
    memcpy(digits, signature + 2, len);
    digits[len] = '\0';
    return sn_cli_whole_number(digits, 9999999999, &seconds) ? seconds : 0;
}

/* With the secret in the environment, where other programs do not see it. */
static enum sn_exit verify(const char *signature, const char *path) {
    char right[128], made[40];
    struct sn_cli_text body;
    const char *secret = getenv("SENTINEL_WEBHOOK_SECRET");
    if (secret == NULL || secret[0] == '\0') {
        sn_cli_say("SENTINEL_WEBHOOK_SECRET has to have the secret that the message is signed with.");
        return SN_EXIT_CONFIGURATION;
    }
    if (!sn_cli_file_read(path, &body)) return SN_EXIT_CONFIGURATION;
    int64_t at_us = (int64_t)signed_at_s(signature) * SN_SECOND_US;
    struct sn_writer w = sn_writer(right, sizeof right), t = sn_writer(made, sizeof made);
    sn_deliver_put_signature(&w, (struct sn_span){(const uint8_t *)secret, strlen(secret)}, at_us,
                             (struct sn_span){(const uint8_t *)body.data, body.len});
    sn_put_iso(&t, at_us);
    sn_put_u8(&t, 0);
    free(body.data);
    bool equal = sn_equal_constant_time(right, w.len, signature, strlen(signature));
    if (equal) printf("The signature is right. It was made at %s.\n", made);
    if (!equal) printf("The signature is wrong: the body is another one, or the secret.\n");
    return equal ? SN_EXIT_OK : SN_EXIT_MACHINERY;
}

enum sn_exit sn_cli_outbox(const struct sn_cli_options *options) {
    char path[128];
    const char *what = options->argument != NULL ? options->argument : "list";
    if (strcmp(what, "list") == 0 && options->arguments_len <= 1) return ask(options, PATH, NULL);
    if (strcmp(what, "verify") == 0 && options->arguments_len == 3)
        return verify(options->arguments[1], options->arguments[2]);
    if (strcmp(what, "resend") != 0 || options->arguments_len != 2) {
        sn_cli_say("`sentinel outbox list`, or `sentinel outbox resend ID` with an id that the list has, or "
                   "`sentinel outbox verify SIGNATURE FILE`.");
        return SN_EXIT_CONFIGURATION;
    }
    const char *id = options->arguments[1];
    if (strspn(id, "0123456789abcdef") != strlen(id) || strlen(id) != 32) {
        sn_cli_say("\"%s\" is no message's id: those are 32 hexadecimal digits.", id);
        return SN_EXIT_CONFIGURATION;
    }
    snprintf(path, sizeof path, "%s/%s", PATH, id);
    return ask(options, path, "{\"action\":\"resend\"}");
}
