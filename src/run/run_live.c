#include <string.h>

#include "run_machine.h"
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

static void end_text(struct sn_writer *w, size_t mark) {
    if (!sn_record_end(w, mark))
        w->full = false; /* a frame that does not fit is left out; the next one says the same */
}

void run_publish_frame(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    size_t mark = sn_record_begin(w, &(struct sn_record){.kind = SN_EFFECT_PUBLISH});
    struct sn_report report = run_report(run, now_us);
    sn_report_put_frame(w, &report);
    end_text(w, mark);
}

static void put_result(struct sn_writer *w, const struct sn_record *record, const struct sn_report *report) {
    size_t mark = sn_record_begin(w, record);
    sn_report_put_result(w, report);
    end_text(w, mark);
    put_close(w, record->target, CLOSE_NORMAL, "the run has ended");
}

void run_publish_result(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    struct sn_report report = run_report(run, now_us);
    put_result(w, &(struct sn_record){.kind = SN_EFFECT_PUBLISH}, &report);
}

void run_greet(struct sn_run *run, uint32_t socket, int64_t now_us, struct sn_writer *w) {
    if (!run->planned) {
        run_dismiss(w, socket, "there is no such run");
        return;
    }
    struct sn_report report = run_report(run, now_us);
    struct sn_record record = {.kind = SN_EFFECT_SEND, .target = socket};
    size_t mark = sn_record_begin(w, &record);
    sn_report_put_hello(w, &report);
    end_text(w, mark);
    if (run_ended(run)) put_result(w, &record, &report);
}

/* Viewers may ask for what they get anyway; anything else is answered, so that nobody waits in vain.  What a frame holds
 * beside its type is the viewer's own, as long as there is room for it. */
void run_hear(uint32_t socket, struct sn_span text, struct sn_writer *w) {
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
