/* What the tests of messages to the outside share: settings, what is fetched, and its answer. */
#ifndef SENTINEL_TESTS_OUTSIDE_H
#define SENTINEL_TESTS_OUTSIDE_H

#include "api_harness.h"

#define ID "00112233445566778899aabbccddeeff"
/* Of the tick's first batch, in front of the messages that are due. */
#define NO_ROWS_BEFORE "{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},"
#define NO_CHANGE "[{\"rows\":[],\"changes\":0}]"
#define CHANGED "[{\"rows\":[],\"changes\":1}]"
#define TIMEOUT "TimeoutError: The operation was aborted due to timeout"

/* SENTINEL_WEBHOOK_HOSTS, SENTINEL_WEBHOOKS, SENTINEL_WEBHOOK_SECRET, CLEARING, CLEARING_API_URL, CLEARING_API_KEY */
static const char *const outside[6] = {"hooks.example other.example:8443",
                                       "{\"ops\":\"https://chat.example/services/T0/secret\"}",
                                       "secret",
                                       "",
                                       "https://status.example/",
                                       "key"};

static char values[8192];

/* What is fetched: "BINDING URL METHOD HEADERS BODY". */
static inline const char *fetched(struct host *host) {
    static char text[8192];
    const struct effect *effect = only_effect(host, SN_EFFECT_FETCH);
    struct sn_reader r = sn_reader(effect->payload.data, effect->payload.len);
    struct sn_writer w = sn_writer(text, sizeof text);
    assert_true(effect->record.arg0 > 0 && effect->record.arg1 > 0);
    for (int i = 0; i < 4; i++) {
        struct sn_span span = sn_get_span(&r);
        sn_put_bytes(&w, span.data, span.len);
        sn_put_text(&w, " ");
    }
    assert_false(r.bad);
    sn_put_bytes(&w, r.data + r.pos, sn_reader_left(&r));
    sn_put_u8(&w, 0);
    assert_false(w.full);
    return text;
}

static inline void answer_http(struct host *host, uint32_t status, const char *retry_after, const char *body) {
    uint8_t bytes[1024];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    put_text_span(&w, retry_after);
    sn_put_text(&w, body);
    uint32_t id = host->effects[host->effects_len - 1].record.id;
    host_event(host, &(struct sn_record){.kind = SN_EVENT_DONE, .id = id, .arg0 = status}, bytes, w.len);
}

#define PAGE(state) "{\"components\":[{\"slug\":\"api\",\"status\":\"" state "\"}]}"

#endif
