#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/record.h"
#include "sentinel/run/run.h"

/* What the run machine answers to a viewer.  The life of a watched run is in tests/golden/run_watched.txt. */

#define LEN(array) (sizeof(array) / sizeof *(array))
#define PONG "{\"type\":\"pong\"}"
#define SUBSCRIBED "{\"type\":\"subscribed\"}"
#define ERROR "{\"type\":\"error\",\"code\":\"live.unknown-frame\",\"expected\":\"subscribe or ping\"}"
#define SIZE "{\"type\":\"error\",\"code\":\"live.frame-size\",\"expected\":\"at most 4096 bytes and 60 values\"}"

static void *memory;

static int set_up(void **state) {
    (void)state;
    memory = aligned_alloc(16, SN_RUN_MEMORY);
    return memory == NULL;
}

static int tear_down(void **state) {
    (void)state;
    free(memory);
    return 0;
}

/* Says `len` bytes on socket 7, in an event that ends where its memory does, and checks that this is answered alone. */
static void expect_answer(const char *text, size_t len, const char *answer) {
    uint8_t effects[1024], *events = malloc(sizeof(struct sn_record) + len + 8);
    struct sn_writer in = sn_writer(events, sizeof(struct sn_record) + len + 8);
    sn_record_put(&in, &(struct sn_record){.kind = SN_EVENT_SOCKET_MESSAGE, .target = 7}, text, len);
    uint8_t *exact = malloc(in.len);
    memcpy(exact, events, in.len);
    struct sn_reader r = sn_reader(exact, in.len);
    struct sn_writer out = sn_writer(effects, sizeof effects);
    sn_run_step(sn_run_init(memory), 1, &r, &out);
    struct sn_reader left = sn_reader(effects, out.len);
    struct sn_record record;
    struct sn_span said;
    assert_true(sn_record_next(&left, &record, &said));
    assert_int_equal(record.kind, SN_EFFECT_SEND);
    assert_int_equal(record.target, 7);
    if (said.len != strlen(answer) || memcmp(said.data, answer, said.len) != 0)
        fail_msg("%.*s was answered with %.*s", (int)len, text, (int)said.len, (const char *)said.data);
    assert_int_equal(sn_reader_left(&left), 0);
    free(exact);
    free(events);
}

static const struct {
    const char *text, *answer;
} frames[] = {
    {"{\"type\":\"ping\"}", PONG},
    {"{\"type\" : \"ping\"}", PONG},
    {" \r\n\t{ \"type\"\n:\t\"ping\" } ", PONG},
    {"{\"type\":\"\\u0070ing\"}", PONG},
    {"{\"id\":1,\"type\":\"ping\"}", PONG},
    {"{\"type\":\"ping\",\"at\":[1,{\"type\":\"subscribe\"}]}",
     PONG}, /* the type of something inside is not the frame's */
    {"{\"type\":\"subscribe\"}", SUBSCRIBED},
    {"{\"since\":null,\"type\":\"subscribe\"}", SUBSCRIBED},
    {"", ERROR}, /* also what a binary frame comes as */
    {" ", ERROR},
    {"ping", ERROR}, /* the platform answers this one, without waking anybody */
    {"\"ping\"", ERROR},
    {"null", ERROR},
    {"[]", ERROR},
    {"[{\"type\":\"ping\"}]", ERROR},
    {"{}", ERROR},
    {"{\"type\":null}", ERROR},
    {"{\"type\":1}", ERROR},
    {"{\"type\":[\"ping\"]}", ERROR},
    {"{\"type\":\"\"}", ERROR},
    {"{\"type\":\"Ping\"}", ERROR},
    {"{\"type\":\"ping \"}", ERROR},
    {"{\"type\":\"pingpong\"}", ERROR},
    {"{\"type\":\"nope\"}", ERROR},
    {"{\"Type\":\"ping\"}", ERROR},
    {"{\"data\":{\"type\":\"ping\"}}", ERROR},
    {"{\"type\":\"ping\",\"type\":\"ping\"}", ERROR},
    {"{\"type\":\"ping\"", ERROR},
    {"{\"type\":\"ping\"}}", ERROR},
    {"{\"type\":\"ping\"}{\"type\":\"ping\"}", ERROR},
    {"{'type':'ping'}", ERROR},
    {"{type:\"ping\"}", ERROR},
    {"{\"type\":\"ping\",}", ERROR},
    {"{\"type\":\"ping\",\"n\":1e400}", ERROR},
    {"{\"type\":\"pi\xff\"}", ERROR},
    {"\xef\xbb\xbf{\"type\":\"ping\"}", ERROR},
    {"{\"type\":\"\\ud800\"}", ERROR},
};

static void every_frame_is_answered(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(frames); i++) expect_answer(frames[i].text, strlen(frames[i].text), frames[i].answer);
    expect_answer("{\"type\":\"ping\"}\0", 16, ERROR);
    for (size_t len = 0; len < 15; len++) expect_answer(frames[0].text, len, ERROR);
}

/* The longest text that comes through, and more values than there is memory to read them in. */
static void large_frames_are_answered_too(void **state) {
    (void)state;
    char text[4096];
    memset(text, '[', sizeof text);
    expect_answer(text, sizeof text, SIZE);
    memset(text, ' ', sizeof text);
    expect_answer(text, sizeof text, ERROR);
    memcpy(text, "{\"type\":\"ping\"", 14);
    text[sizeof text - 1] = '}';
    expect_answer(text, sizeof text, PONG);
    memset(text, 'x', sizeof text);
    memcpy(text, "{\"type\":\"ping\",\"data\":\"", 23);
    memcpy(text + sizeof text - 2, "\"}", 2);
    expect_answer(text, sizeof text, PONG);
    memset(text, 'x', sizeof text);
    memcpy(text, "{\"type\":\"", 9);
    memcpy(text + sizeof text - 2, "\"}", 2);
    expect_answer(text, sizeof text, ERROR);
    expect_answer(text, 4095, ERROR);
}

static size_t frame_of(char *text, size_t size, int values, size_t len) {
    size_t at =
        (size_t)snprintf(text, size, "{\"type\":\"ping\",\"list\":[0"); /* the frame, its type, the list, and 0 */
    for (int i = 4; i < values; i++) at += (size_t)snprintf(text + at, size - at, ",0");
    at += (size_t)snprintf(text + at, size - at, "]");
    for (; at < len - 1; at++) text[at] = ' ';
    text[at++] = '}';
    return at;
}

/* Frames that are too large are told so, and not that they are unknown. */
static void frames_have_a_size(void **state) {
    (void)state;
    char text[5000];
    expect_answer(text, frame_of(text, sizeof text, 60, 4096), PONG);
    expect_answer(text, frame_of(text, sizeof text, 60, 200), PONG);
    expect_answer(text, frame_of(text, sizeof text, 60, 4097), SIZE);
    expect_answer(text, frame_of(text, sizeof text, 1500, 4096), SIZE);
    memset(text, 'x', sizeof text);
    expect_answer(text, 4097, SIZE);
    /* Sixty values and as much text as there may be beside them, in names and in strings. */
    size_t at = (size_t)snprintf(text, sizeof text, "{\"type\":\"ping\"");
    for (int i = 2; i < 60; i++) at += (size_t)snprintf(text + at, sizeof text - at, ",\"%032d\":\"%030d\"", i, i);
    at += (size_t)snprintf(text + at, sizeof text - at, "}");
    assert_in_range(at, 3900, 4096);
    expect_answer(text, at, PONG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_frame_is_answered),
        cmocka_unit_test(large_frames_are_answered_too),
        cmocka_unit_test(frames_have_a_size),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
