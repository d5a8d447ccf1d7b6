/* HTTP to the Worker, by libcurl. */
#include "cli.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (64u * 1024 * 1024)
#define CONNECT_S 10L
#define REQUEST_S 30L

static CURL *handle;
static long limit_s = REQUEST_S;
static struct curl_slist *headers;
static struct sn_cli_address address;
static char base[640]; /* the address without a slash at its end */

static bool take_part(CURLU *url, CURLUPart part, char *out, size_t cap) {
    char *text = NULL;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return false;
    bool fits = strlen(text) < cap;
    if (fits) strcpy(out, text);
    curl_free(text);
    return fits;
}

static bool is_loopback(const char *host) {
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "[::1]") == 0;
}

/* Takes the address apart once; the live socket needs the parts. */
static bool take_address(const char *text) {
    char scheme[8], port[8];
    CURLU *url = curl_url();
    bool good = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                take_part(url, CURLUPART_SCHEME, scheme, sizeof scheme) &&
                take_part(url, CURLUPART_HOST, address.host, sizeof address.host) &&
                take_part(url, CURLUPART_PATH, address.prefix, sizeof address.prefix);
    address.secure = good && strcmp(scheme, "https") == 0;
    good = good && (address.secure || strcmp(scheme, "http") == 0);
    address.port = address.secure ? 443 : 80;
    if (good && take_part(url, CURLUPART_PORT, port, sizeof port)) address.port = atoi(port);
    curl_url_cleanup(url);
    if (!good) return false;
    size_t len = strlen(address.prefix);
    while (len > 0 && address.prefix[len - 1] == '/') address.prefix[--len] = 0;
    address.loopback = is_loopback(address.host);
    snprintf(base, sizeof base, "%s://%s:%d%s", address.secure ? "https" : "http", address.host, address.port,
             address.prefix);
    return true;
}

static bool take_token(const char *token) {
    if (token == NULL || token[0] == 0) {
        sn_cli_say("Sentinel asks for a token: give it by --token or SENTINEL_TOKEN. On your own machine it is in the "
                   "file .dev.vars.");
        return false;
    }
    for (const char *at = token; *at != 0; at++) {
        if (*at > ' ' && *at < 0x7f) continue;
        sn_cli_say("The token has a character in it that no token has. Was more copied than the token?");
        return false;
    }
    if (strlen(token) > sizeof address.authorization - sizeof "Bearer ") {
        sn_cli_say("The token is too long: at most %zu characters.", sizeof address.authorization - sizeof "Bearer ");
        return false;
    }
    snprintf(address.authorization, sizeof address.authorization, "Bearer %s", token);
    return true;
}

bool sn_cli_http_open(const struct sn_cli_options *options) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (!take_address(options->url)) {
        sn_cli_say("--url: expected an address such as https://sentinel.example.com, got \"%s\".", options->url);
        return false;
    }
    if (!take_token(options->token)) return false;
    if (!address.secure && !address.loopback) {
        sn_cli_say("Note: over http the token can be read on the way to %s; https would hide it.", address.host);
    }
    char line[sizeof address.authorization + 32];
    snprintf(line, sizeof line, "Authorization: %s", address.authorization);
    headers = curl_slist_append(headers, line);
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:"); /* a body of a few KB need not wait for leave */
    handle = curl_easy_init();
    return handle != NULL && headers != NULL;
}

void sn_cli_http_close(void) {
    curl_slist_free_all(headers);
    curl_easy_cleanup(handle);
    headers = NULL;
    handle = NULL;
    curl_global_cleanup();
}

void sn_cli_http_limit(uint64_t seconds) {
    limit_s = seconds < 1 ? 1 : seconds < REQUEST_S ? (long)seconds : REQUEST_S;
}

const struct sn_cli_address *sn_cli_http_address(void) {
    return &address;
}

static size_t take_body(char *data, size_t size, size_t count, void *user) {
    struct sn_cli_text *body = user;
    size_t len = size * count;
    if (body->len + len > ANSWER_MAX) return 0;
    char *grown = realloc(body->data, body->len + len + 1);
    if (grown == NULL) return 0;
    memcpy(grown + body->len, data, len);
    body->data = grown;
    body->len += len;
    grown[body->len] = 0;
    return len;
}

/* Whoever interrupts twice wants to leave, also when an answer is still to come. */
static int watch(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now) {
    (void)user, (void)total, (void)now, (void)up_total, (void)up_now;
    return sn_cli_interrupts() > 1;
}

void sn_cli_http(const char *method, const char *path, const char *body, struct sn_cli_answer *answer) {
    char url[sizeof base + 256], trouble[CURL_ERROR_SIZE] = "";
    *answer = (struct sn_cli_answer){0};
    snprintf(url, sizeof url, "%s%s", base, path);
    curl_easy_reset(handle);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "sentinel/" SN_VERSION);
    if (address.loopback) curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
    if (body != NULL) curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, limit_s);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer->body);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, trouble);
    CURLcode code = curl_easy_perform(handle);
    if (code == CURLE_OK) {
        char *type = NULL;
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
        curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &type);
        snprintf(answer->type, sizeof answer->type, "%s", type != NULL ? type : "");
    } else {
        long sent = 0;
        curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &sent);
        answer->acted = sent > 0 && strcmp(method, "GET") != 0;
        snprintf(answer->trouble, sizeof answer->trouble, "%s", trouble[0] != 0 ? trouble : curl_easy_strerror(code));
    }
    if (answer->body.data == NULL) answer->body.data = calloc(1, 1);
}

/* What a refusal says of itself: RFC 9457, with the path of what was at fault.  False, and nothing said, when it is none
 * of Sentinel's, all of which have a code and a detail. */
static bool say_problem(const struct sn_cli_answer *answer, const char *what) {
    static const char type[] = "application/problem+json";
    struct sn_cli_json json;
    if (answer->body.data == NULL || strncmp(answer->type, type, sizeof type - 1) != 0) return false;
    sn_cli_json_parse(&json, answer->body.data, answer->body.len);
    const char *code = sn_cli_json_text(json.root, "code", NULL);
    const char *detail = sn_cli_json_text(json.root, "detail", NULL);
    const char *path = sn_cli_json_text(json.root, "path", NULL);
    const char *expected = sn_cli_json_text(json.root, "expected", NULL);
    bool ours = code != NULL && detail != NULL;
    if (ours) sn_cli_say("%s: %s", what, detail);
    if (ours && path != NULL && expected != NULL) sn_cli_say("  at %s: expected %s", path, expected);
    sn_cli_json_free(&json);
    return ours;
}

enum sn_exit sn_cli_http_refused(const struct sn_cli_answer *answer, const char *what) {
    if (answer->status == 0 && answer->acted) {
        sn_cli_say(
            "No answer came from %s, so what was asked for may have happened all the same; `sentinel list` shows "
            "it. %s.",
            base, answer->trouble);
        return SN_EXIT_MACHINERY;
    }
    if (answer->status == 0) {
        sn_cli_say("%s: Sentinel was not reached at %s. %s.", what, base, answer->trouble);
        return SN_EXIT_MACHINERY;
    }
    if (!say_problem(answer, what)) {
        sn_cli_say("%s: %s answered with status %ld, and not as Sentinel does. Is the address right?", what, base,
                   answer->status);
        return SN_EXIT_MACHINERY;
    }
    if (answer->status == 401) {
        sn_cli_say("  Is the token the one that this Worker has? On your own machine it is in the file .dev.vars.");
    }
    /* 429: nothing was wrong with what was asked, it only came at the wrong time. */
    bool theirs = answer->status >= 400 && answer->status < 500 && answer->status != 429;
    return theirs ? SN_EXIT_CONFIGURATION : SN_EXIT_MACHINERY;
}

enum sn_exit sn_cli_http_not_ours(const char *what) {
    sn_cli_say("%s: the answer is not one of Sentinel's. Is the address right?", what);
    return SN_EXIT_MACHINERY;
}

bool sn_cli_is_id(const char *id) {
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool digit = id[i] != 0 && strchr("0123456789abcdef", id[i]) != NULL;
        if (shape[i] == 'x' ? !digit : id[i] != '-') return false;
    }
    return id[sizeof shape - 1] == 0;
}

/* Other words would be other addresses: POST to "health" is no question about a run. */
bool sn_cli_check_id(const char *id) {
    if (sn_cli_is_id(id)) return true;
    sn_cli_say("\"%s\" is not the id of a run: expected a UUID in lower case, as `sentinel list` shows them.", id);
    return false;
}

bool sn_cli_check_baseline(const char *id) {
    if (sn_cli_is_id(id)) return true;
    sn_cli_say(
        "\"%s\" is not the id of a baseline: expected a UUID in lower case, as `sentinel baseline list` shows them.",
        id);
    return false;
}

const struct sn_json *sn_cli_run_of(const struct sn_json *root) {
    const struct sn_json *run = sn_json_get(root, "run");
    return run != NULL ? run : root;
}

enum sn_exit sn_cli_put_answer(const struct sn_cli_answer *answer) {
    return sn_cli_put(answer->body.data, answer->body.len) && puts("") >= 0 ? SN_EXIT_OK : SN_EXIT_MACHINERY;
}
