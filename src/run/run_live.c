#include <string.h>

#include "run_machine.h"
#include "sentinel/base/place.h"
#include "sentinel/base/query.h"
#include "sentinel/json/json.h"

/* Those who watch.  A viewer hears hello when it comes, a frame a second, and the result; then its socket is closed. */

#define CLOSE_NORMAL 1000 /* RFC 6455, 7.4.1 */
#define CLOSE_UNKNOWN 4404
#define FRAME_MAX 4096     /* bytes of a viewer's frame */
#define FRAME_MEMORY 12288 /* to read one in: FRAME_MAX bytes of text and 60 values */

static void put_text(struct sn_writer *w, uint32_t socket, const char *text) {
    sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_SEND, .target = socket}, text, strlen(text));
}

/* Socket 0: every one. */
static void put_close(struct sn_writer *w, uint32_t socket, uint32_t code, const char *reason) {
    struct sn_record record = {.kind = SN_EFFECT_CLOSE, .target = socket, .arg0 = code};
    sn_record_put(w, &record, reason, strlen(reason));
}

void run_dismiss(struct sn_writer *w, uint32_t socket, const char *reason) {
    put_close(w, socket, CLOSE_UNKNOWN, reason);
}

static bool end_text(struct sn_writer *w, size_t mark) {
    if (sn_record_end(w, mark)) return true;
    w->full = false; /* it is left out; the next one says the same */
    return false;
}

/* Of the history, what is new or has changed. */
static struct sn_report_seconds untold(const struct sn_run *run, const struct sn_report *report) {
    return run_untold(&run->told, run->series->touched, sn_report_history_end(report));
}

static void now_told(struct sn_run *run, struct sn_report_seconds seconds) {
    run_now_told(&run->told, seconds);
    run->series->touched = 0;
}

static uint32_t since_of(struct sn_span query) {
    struct sn_span value;
    uint32_t since = 0;
    if (query.len > 0) query = (struct sn_span){query.data + 1, query.len - 1}; /* the question mark */
    if (sn_query_get(query, "since", &value)) sn_query_uint(value, SN_SINCE_DIGITS_MAX, &since);
    return since;
}

/* --- What is sent ------------------------------------------------------------------------------------------- */

void run_publish_frame(struct sn_run *run, struct sn_report *report, struct sn_writer *w) {
    size_t mark = sn_record_begin(w, &(struct sn_record){.kind = SN_EFFECT_PUBLISH});
    report->history = untold(run, report);
    sn_report_put_frame(w, report);
    if (end_text(w, mark)) now_told(run, report->history);
}

static void put_result(struct sn_run *run, const struct sn_record *record, struct sn_report *report,
                       struct sn_writer *w) {
    size_t mark = sn_record_begin(w, record);
    report->history = untold(run, report);
    sn_report_put_result(w, report);
    if (end_text(w, mark)) now_told(run, report->history);
    put_close(w, record->target, CLOSE_NORMAL, "the run has ended");
}

void run_publish_result(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    struct sn_report report = run_report(run, now_us);
    put_result(run, &(struct sn_record){.kind = SN_EFFECT_PUBLISH}, &report, w);
}

SN_OWN_FRAME void run_greet(struct sn_run *run, uint32_t socket, struct sn_span query, int64_t now_us,
                            struct sn_writer *w) {
    if (!run->planned) {
        run_dismiss(w, socket, "there is no such run");
        return;
    }
    struct sn_report report = run_report(run, now_us);
    struct sn_record record = {.kind = SN_EFFECT_SEND, .target = socket};
    bool ended = run_ended(run);
    if (ended) now_told(run, untold(run, &report)); /* nobody waits for a frame any more */
    size_t mark = sn_record_begin(w, &record);
    report.history = run_missed(&run->told, since_of(query));
    sn_report_put_hello(w, &report);
    end_text(w, mark);
    if (ended) put_result(run, &record, &report, w);
}

/* The next frame tells it everything, since nothing was told since the object was opened. */
void run_keep(struct sn_run *run, uint32_t socket, struct sn_writer *w) {
    if (!run->planned) run_dismiss(w, socket, "there is no such run");
    run->told.left = run->planned;
}

void run_release(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    if (run->told.left && run_ended(run)) run_publish_result(run, now_us, w);
    run->told.left = false;
}

/* Viewers may ask for what they get anyway; anything else is answered, so that nobody waits in vain.  What a frame holds
 * beside its type is the viewer's own, as long as there is room for it. */
SN_OWN_FRAME void run_hear(uint32_t socket, struct sn_span text, struct sn_writer *w) {
    _Alignas(16) uint8_t memory[FRAME_MEMORY];
    struct sn_arena arena;
    struct sn_json_error error;
    sn_arena_init(&arena, memory, sizeof memory);
    const struct sn_json *frame = NULL;
    bool fits = text.len <= FRAME_MAX;
    if (fits) frame = sn_json_parse(&arena, (const char *)text.data, text.len, &error);
    if (fits && frame == NULL) fits = strcmp(error.code, "json.size") != 0;
    const char *type = sn_json_string(sn_json_get(frame, "type"));
    if (type != NULL && strcmp(type, "ping") == 0) {
        put_text(w, socket, "{\"type\":\"pong\"}");
    } else if (type != NULL && strcmp(type, "subscribe") == 0) {
        put_text(w, socket, "{\"type\":\"subscribed\"}");
    } else if (!fits) {
        put_text(w, socket,
                 "{\"type\":\"error\",\"code\":\"live.frame-size\",\"expected\":\"at most 4096 bytes and 60 values\"}");
    } else {
        put_text(w, socket, "{\"type\":\"error\",\"code\":\"live.unknown-frame\",\"expected\":\"subscribe or ping\"}");
    }
}
