#include "socket.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX (8u * 1024 * 1024)
#define WAIT_MS 250
#define PAUSE_MS 250 /* before the first attempt to connect again; doubles up to PAUSE_MAX_MS */
#define PAUSE_MAX_MS 5000

struct sn_cli_socket {
    struct lws_context *context;
    struct lws *wsi; /* NULL: neither connected nor connecting */
    lws_sorted_usec_list_t timer;
    sn_cli_heard *heard;
    void *user;
    bool connected;
    int64_t again_ms, pause_ms;
    uint32_t since; /* the run's second from which on the history is wanted; 0: all of it */
    char path[512], host[300], trouble[200];
    struct sn_cli_text message; /* the pieces of the present one */
};

static void dropped(struct sn_cli_socket *socket, const char *why) {
    socket->wsi = NULL;
    socket->connected = false;
    socket->message.len = 0;
    snprintf(socket->trouble, sizeof socket->trouble, "%s", why);
    socket->again_ms = sn_cli_now_ms() + socket->pause_ms;
    socket->pause_ms = socket->pause_ms * 2 < PAUSE_MAX_MS ? socket->pause_ms * 2 : PAUSE_MAX_MS;
}

/* Adds a piece.  False when the message is longer than any of ours. */
static bool gather(struct sn_cli_text *message, const void *piece, size_t len) {
    if (message->len + len > MESSAGE_MAX) return false;
    char *grown = realloc(message->data, message->len + len + 1);
    if (grown == NULL) return false;
    memcpy(grown + message->len, piece, len);
    message->data = grown;
    message->len += len;
    grown[message->len] = 0;
    return true;
}

static int receive(struct sn_cli_socket *socket, struct lws *wsi, const void *piece, size_t len) {
    if (!gather(&socket->message, piece, len)) return -1;
    if (!lws_is_final_fragment(wsi)) return 0;
    socket->pause_ms = PAUSE_MS;
    socket->heard(socket->user, socket->message.data, socket->message.len);
    socket->message.len = 0;
    return 0;
}

static int add_token(struct lws *wsi, void *in, size_t len) {
    const char *value = sn_cli_http_address()->authorization;
    unsigned char **at = in;
    return lws_add_http_header_by_name(wsi, (const unsigned char *)"authorization:", (const unsigned char *)value,
                                       (int)strlen(value), at, *at + len);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *session, void *in, size_t len) {
    struct sn_cli_socket *socket = lws_context_user(lws_get_context(wsi));
    (void)session;
    /* A connection that was given up may still have something to say. */
    bool ours = socket != NULL && (socket->wsi == wsi || socket->wsi == NULL);
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: return add_token(wsi, in, len);
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        if (!ours) return -1;
        socket->connected = true;
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE: return ours ? receive(socket, wsi, in, len) : -1;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        if (ours) dropped(socket, in != NULL ? in : "no connection could be made");
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        if (ours) dropped(socket, "the connection was closed");
        return 0;
    default: return 0;
    }
}

static const struct lws_protocols protocols[] = {{.name = "sentinel", .callback = callback, .rx_buffer_size = 65536},
                                                 {.name = NULL}};

static void connect_now(struct sn_cli_socket *socket) {
    const struct sn_cli_address *address = sn_cli_http_address();
    char bare[sizeof address->host], path[sizeof socket->path + 32];
    int len = snprintf(path, sizeof path, "%s", socket->path);
    if (socket->since > 0) snprintf(path + len, sizeof path - (size_t)len, "?since=%u", socket->since);
    /* An IPv6 address stands in brackets in a URL and without them elsewhere. */
    size_t skip = address->host[0] == '[' ? 1 : 0;
    snprintf(bare, sizeof bare, "%.*s", (int)(strlen(address->host) - 2 * skip), address->host + skip);
    struct lws_client_connect_info info = {.context = socket->context,
                                           .address = bare,
                                           .port = address->port,
                                           .path = path,
                                           .host = socket->host,
                                           .local_protocol_name = protocols[0].name,
                                           .ssl_connection = address->secure ? LCCSCF_USE_SSL : 0,
                                           .pwsi = &socket->wsi};
    if (lws_client_connect_via_info(&info) == NULL && socket->again_ms <= sn_cli_now_ms()) {
        dropped(socket, "no connection could be made");
    }
}

struct sn_cli_socket *sn_cli_socket_open(const char *run_id, sn_cli_heard *heard, void *user) {
    const struct sn_cli_address *address = sn_cli_http_address();
    struct sn_cli_socket *socket = calloc(1, sizeof *socket);
    if (socket == NULL) return NULL;
    socket->heard = heard;
    socket->user = user;
    socket->pause_ms = PAUSE_MS;
    snprintf(socket->path, sizeof socket->path, "%s/api/sentinel/%s/live", address->prefix, run_id);
    snprintf(socket->host, sizeof socket->host, "%s:%d", address->host, address->port);
    snprintf(socket->trouble, sizeof socket->trouble, "not connected yet");
    lws_set_log_level(0, NULL);
    struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN,
                                             .protocols = protocols,
                                             .gid = -1,
                                             .uid = -1,
                                             .user = socket,
                                             .timeout_secs = 20,
                                             .connect_timeout_secs = 10};
    if (address->secure) info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    /* A proxy from the environment could not reach our own machine; an empty one stands for none. */
    if (address->loopback) info.http_proxy_address = "";
    socket->context = lws_create_context(&info);
    if (socket->context == NULL) {
        sn_cli_say("The live connection could not be set up.");
        free(socket);
        return NULL;
    }
    return socket;
}

static void on_timer(lws_sorted_usec_list_t *timer) {
    (void)timer; /* its firing ends the wait, and that is all it is for */
}

void sn_cli_socket_wait(struct sn_cli_socket *socket) {
    if (socket->wsi == NULL && sn_cli_now_ms() >= socket->again_ms) connect_now(socket);
    lws_sul_schedule(socket->context, 0, &socket->timer, on_timer, WAIT_MS * LWS_US_PER_MS);
    lws_service(socket->context, 0);
}

void sn_cli_socket_since(struct sn_cli_socket *socket, uint32_t second) {
    socket->since = second;
}

void sn_cli_socket_renew(struct sn_cli_socket *socket) {
    struct lws *old = socket->wsi;
    if (old == NULL) return;
    dropped(socket, "the connection was silent for too long");
    lws_set_timeout(old, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

const char *sn_cli_socket_trouble(const struct sn_cli_socket *socket) {
    return socket->connected ? NULL : socket->trouble;
}

void sn_cli_socket_close(struct sn_cli_socket *socket) {
    if (socket == NULL) return;
    lws_sul_cancel(&socket->timer);
    lws_context_destroy(socket->context);
    free(socket->message.data);
    free(socket);
}
