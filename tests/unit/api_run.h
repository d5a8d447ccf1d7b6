/* What the tests of requests about one run share: its row, its state, and what asks its object. */
#ifndef SENTINEL_TESTS_API_RUN_H
#define SENTINEL_TESTS_API_RUN_H

#include "api_harness.h"

#define PATH "/api/sentinel/" RUN
/* As the database has it: created long ago, unless `created` says otherwise. */
#define ROW(status, created)                                                                                        \
    "[{\"rows\":[{\"id\":\"" RUN "\",\"name\":\"a\",\"description\":null,\"profile_type\":\"sustained\","           \
    "\"preset\":\"smoke\",\"plan_hash\":\"00ff\",\"status\":\"" status "\",\"validity\":\"unknown\","               \
    "\"verdict\":\"none\",\"active\":1,\"revision\":7,\"target_operations\":100,\"duration_seconds\":30,"           \
    "\"concurrency\":5,\"successful_operations\":40,\"failed_operations\":2,\"notes\":null,\"created_at\":" created \
    ",\"started_at\":1789999000,\"completed_at\":null,\"updated_at\":1789999001}],\"changes\":0}]"
#define OLD "1789990000"
#define NO_ROWS "[{\"rows\":[],\"changes\":0}]"
#define CHANGED(n) "[{\"rows\":[],\"changes\":" n "}]"
#define STATE(status) "{\"id\":\"" RUN "\",\"status\":\"" status "\"}"
#define LOST "Error: Network connection lost."

static char values[4096];

struct question {
    const char *method, *target, *body;
    enum sn_message message;
};

/* What asks an object, and what it asks. */
static const struct question questions[] = {
    {"GET", PATH, NULL, SN_MESSAGE_READ},
    {"GET", PATH "/report", NULL, SN_MESSAGE_REPORT},
    {"POST", PATH, "{\"action\":\"cancel\"}", SN_MESSAGE_CANCEL},
    {"POST", PATH, "{\"action\":\"start\"}", SN_MESSAGE_START},
    {"POST", PATH, "{\"action\":\"pause\"}", SN_MESSAGE_PAUSE},
    {"POST", PATH, "{\"action\":\"resume\"}", SN_MESSAGE_RESUME},
    {"POST", PATH, "{\"factor\":0.01,\"action\":\"scale\"}", SN_MESSAGE_SCALE},
    {"POST", PATH, "{\"action\":\"extend\",\"durationSeconds\":3600}", SN_MESSAGE_EXTEND},
};
#define QUESTIONS_LEN (sizeof questions / sizeof questions[0])

static inline void ask(struct host *host, const struct question *question) {
    host_call(host, &(struct call){.method = question->method, .target = question->target, .body = question->body});
}

/* Up to the question to the object. */
static inline void ask_object(struct host *host, const struct question *question, const char *row) {
    ask(host, question);
    host_done(host, row);
    if (question->message == SN_MESSAGE_START) host_done(host, CHANGED("1"));
    expect_message(host, RUN, question->message);
}

#endif
