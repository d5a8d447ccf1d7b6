#include "follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "socket.h"

#define ASK_EVERY_MS 5000
#define GIVE_UP_AFTER 4 /* times the silence */
#define SINCE_MAX 99999 /* of five digits, which is what an address may ask for */
_Static_assert(SN_SINCE_DIGITS_MAX == 5, "SINCE_MAX has as many digits");

struct follow {
    struct sn_cli_state *state;
    struct sn_cli_progress progress;
    struct sn_cli_socket *socket;
    int64_t silence_ms;
    int64_t heard_ms;   /* the last word of the live connection */
    int64_t asked_ms;   /* the last question over HTTP */
    int64_t reached_ms; /* the last word by either way */
    bool trouble_said;
};

bool sn_cli_state_read(struct sn_cli_state *state, const struct sn_json *run) {
    const char *id = sn_cli_json_text(run, "id", ""), *status = sn_cli_json_text(run, "status", "");
    if (!sn_cli_is_id(id) || status[0] == 0 || (state->id[0] != 0 && strcmp(state->id, id) != 0)) return false;
    sn_cli_plain(state->id, sizeof state->id, id);
    sn_cli_plain(state->status, sizeof state->status, status);
    sn_cli_plain(state->validity, sizeof state->validity, sn_cli_json_text(run, "validity", "unknown"));
    sn_cli_plain(state->verdict, sizeof state->verdict, sn_cli_json_text(run, "verdict", "none"));
    sn_cli_plain(state->reason, sizeof state->reason, sn_cli_json_text(run, "reason", ""));
    state->aborted = sn_json_type(sn_json_get(run, "abortedBy")) == SN_JSON_STRING;
    bool waits = strcmp(state->status, "pending") == 0;
    sn_cli_plain(state->scheduled, sizeof state->scheduled, waits ? sn_cli_json_text(run, "scheduledAt", "") : "");
    return true;
}

bool sn_cli_state_ended(const struct sn_cli_state *state) {
    static const char *const ends[] = {"completed", "failed", "cancelled"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (strcmp(state->status, ends[i]) == 0) return true;
    }
    return false;
}

/* Every message that has a part of the history says where it ends; should the connection break, the next one goes on there. */
static void note_second(struct follow *follow, const struct sn_json *message) {
    const struct sn_json *next = sn_json_get(message, "nextS");
    double second = sn_json_number(next);
    if (sn_json_type(next) != SN_JSON_NUMBER || second < 0 || second > SINCE_MAX) return;
    sn_cli_socket_since(follow->socket, (uint32_t)second);
}

/* Hello, a frame, or the result.  What else may come one day is not for us. */
static void heard(void *user, const char *text, size_t len) {
    struct follow *follow = user;
    struct sn_cli_json json;
    sn_cli_json_parse(&json, text, len);
    const char *type = sn_cli_json_text(json.root, "type", "");
    if (json.root != NULL) {
        follow->heard_ms = follow->reached_ms = sn_cli_now_ms();
        follow->trouble_said = false;
        note_second(follow, json.root);
    }
    if (strcmp(type, "frame") == 0) {
        struct sn_cli_view view;
        sn_cli_view_read(&view, json.root);
        sn_cli_progress_show(&follow->progress, &view, follow->heard_ms);
    } else if (strcmp(type, "hello") == 0 || strcmp(type, "result") == 0) {
        sn_cli_state_read(follow->state, sn_json_get(json.root, "state"));
    }
    sn_cli_json_free(&json);
}

static void say(struct follow *follow, const char *text, const char *detail) {
    if (follow->progress.quiet) return;
    sn_cli_progress_leave(&follow->progress);
    sn_cli_say("%s%s%s%s", text, detail != NULL ? " (" : "", detail != NULL ? detail : "", detail != NULL ? ")." : "");
}

static void ask_cancel(struct follow *follow) {
    char path[128];
    struct sn_cli_answer answer;
    follow->state->cancel_asked = true;
    say(follow, "Cancelling the run; it still cleans up after itself. Ctrl-C once more leaves it alone.", NULL);
    snprintf(path, sizeof path, "/api/sentinel/%s", follow->state->id);
    sn_cli_http("POST", path, "{\"action\":\"cancel\"}", &answer);
    /* 409: it has ended by itself in the meantime, and the live connection will say so. */
    if ((answer.status < 200 || answer.status > 299) && answer.status != 409 && sn_cli_interrupts() < 2) {
        sn_cli_progress_leave(&follow->progress);
        sn_cli_http_refused(&answer, "The run was not cancelled");
    }
    free(answer.body.data);
}

/* Asks over HTTP.  False when nobody who knows the run was reached. */
static bool ask_state(struct follow *follow) {
    char path[128];
    struct sn_cli_answer answer;
    struct sn_cli_json json;
    snprintf(path, sizeof path, "/api/sentinel/%s", follow->state->id);
    sn_cli_http("GET", path, NULL, &answer);
    sn_cli_json_parse(&json, answer.body.data, answer.status == 200 ? answer.body.len : 0);
    bool known = sn_cli_state_read(follow->state, sn_cli_run_of(json.root));
    sn_cli_json_free(&json);
    free(answer.body.data);
    follow->asked_ms = sn_cli_now_ms();
    if (known) follow->reached_ms = follow->asked_ms;
    return known;
}

static void look_after_silence(struct follow *follow) {
    int64_t now_ms = sn_cli_now_ms();
    const char *trouble = sn_cli_socket_trouble(follow->socket);
    if (trouble != NULL && now_ms - follow->heard_ms > 3000 && !follow->trouble_said) {
        say(follow, "The live connection is away; the run goes on, and this keeps trying", trouble);
        follow->trouble_said = true;
    }
    int64_t every_ms = ASK_EVERY_MS < follow->silence_ms ? ASK_EVERY_MS : follow->silence_ms;
    if (now_ms - follow->heard_ms < follow->silence_ms || now_ms - follow->asked_ms < every_ms) return;
    /* It may be dead without anybody having noticed. */
    if (trouble == NULL) sn_cli_socket_renew(follow->socket);
    if (ask_state(follow)) say(follow, "The run answers over HTTP; it is", follow->state->status);
}

static enum sn_cli_follow_end watch(struct follow *follow) {
    while (!sn_cli_state_ended(follow->state)) {
        if (sn_cli_interrupts() > 1) return SN_FOLLOW_LEFT;
        if (sn_cli_interrupts() == 1 && !follow->state->cancel_asked) ask_cancel(follow);
        if (sn_cli_now_ms() - follow->reached_ms > GIVE_UP_AFTER * follow->silence_ms) return SN_FOLLOW_LOST;
        sn_cli_socket_wait(follow->socket);
        look_after_silence(follow);
    }
    return SN_FOLLOW_ENDED;
}

enum sn_cli_follow_end sn_cli_follow(const struct sn_cli_options *options, struct sn_cli_state *state) {
    int64_t now_ms = sn_cli_now_ms();
    struct follow follow = {.state = state,
                            .silence_ms = options->silence_s > 0 ? (int64_t)options->silence_s * 1000 : 1000,
                            .heard_ms = now_ms,
                            .asked_ms = now_ms,
                            .reached_ms = now_ms};
    sn_cli_progress_init(&follow.progress, options->quiet);
    follow.socket = sn_cli_socket_open(state->id, heard, &follow);
    if (follow.socket == NULL) return SN_FOLLOW_LOST;
    enum sn_cli_follow_end end = watch(&follow);
    sn_cli_progress_leave(&follow.progress);
    sn_cli_socket_close(follow.socket);
    return end;
}
