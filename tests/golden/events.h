/* Events of golden scripts, from text.  Only run.c includes it. */
#ifndef SENTINEL_TESTS_GOLDEN_EVENTS_H
#define SENTINEL_TESTS_GOLDEN_EVENTS_H

#include "player.h"

static double value_of(const char *line, const char *name, double fallback) {
    const char *at = strstr(line, name);
    return at != NULL ? strtod(at + strlen(name), NULL) : fallback;
}

static uint32_t stage_of(const char *line) {
    for (uint32_t i = 0; i < SN_STAGES_LEN; i++) {
        char text[32];
        snprintf(text, sizeof text, "stage=%s", sn_stage_name((enum sn_stage)i));
        const char *at = strstr(line, text);
        if (at != NULL && (at[strlen(text)] == ' ' || at[strlen(text)] == '\0')) return i;
    }
    return SN_STAGE_PREPARE;
}

static void put_command(const struct player *player, struct sn_writer *w, const char *line) {
    struct sn_schedule schedule;
    sn_schedule_init(&schedule, &player->opened.profile);
    uint32_t shards = (uint32_t)value_of(line, "shards=", 1);
    double start = value_of(line, "start=", -1), stop = value_of(line, "stop=", -1);
    struct sn_epoch first = {.seq = 1,
                             .kind = SN_EPOCH_START,
                             .effective_us = ZERO_US + (int64_t)(start * 1000.0),
                             .factor = 1,
                             .shards = shards};
    struct sn_epoch second = {.seq = 2,
                              .kind = SN_EPOCH_STOP,
                              .effective_us = ZERO_US + (int64_t)(stop * 1000.0),
                              .factor = 1,
                              .shards = shards};
    if (start >= 0 && sn_schedule_add(&schedule, &first) != SN_OK) die("a start that is refused", line);
    if (stop >= 0 && sn_schedule_add(&schedule, &second) != SN_OK) die("a stop that is refused", line);
    double replace = value_of(line, "replace=", -1); /* "replace=9000 of=1" */
    struct sn_epoch third = {.seq = schedule.epochs_len + 1,
                             .kind = SN_EPOCH_REPLACE,
                             .effective_us = ZERO_US + (int64_t)(replace * 1000.0),
                             .factor = value_of(line, "reach=", 0),
                             .place = (uint32_t)value_of(line, "of=", 0)};
    if (replace >= 0 && sn_schedule_add(&schedule, &third) != SN_OK) die("a replace that is refused", line);
    struct sn_command command = {
        .stage = stage_of(line),
        .places = shards,
        .stored_seq = (uint32_t)value_of(line, "stored=", 0),
        .want_seq = (uint32_t)value_of(line, "want=", 1),
        .last_k = (uint64_t)value_of(line, "last=", 0),
        .report_interval_us = sn_report_interval_us(shards),
    };
    sn_command_put(w, &command, &schedule, schedule.epochs_len);
}

/* A delta as a shard would send it: `delta shard=0 seq=1 stage=prepare done`. */
static void put_delta(const struct player *player, struct sn_writer *w, const char *line, int64_t now_us) {
    static struct sn_delta delta;
    static uint8_t bytes[4096];
    struct sn_writer body = sn_writer(bytes, sizeof bytes);
    struct sn_delta_head head = {
        .shard = (uint32_t)value_of(line, "shard=", 0),
        .incarnation = 1,
        .seq = (uint32_t)value_of(line, "seq=", 1),
        .stage = stage_of(line),
        .stage_done = strstr(line, " done") != NULL,
        .epoch_seq = (uint32_t)value_of(line, "epoch=", 0),
        .armed_us = (int64_t)value_of(line, "armed=", 0),
        .at_us = now_us,
        .jobs_total = (uint64_t)value_of(line, "items=", 0),
        .jobs_done = (uint64_t)value_of(line, "items=", 0),
        .jobs_failed = (uint64_t)value_of(line, "broken=", 0),
    };
    const char *words = strstr(line, "words=");
    if (words != NULL) head.words_len = (uint32_t)snprintf((char *)head.words, sizeof head.words, "%s", words + 6);
    uint64_t completed = (uint64_t)value_of(line, "completed=", 0);
    if (completed > 0) {
        head.counts.planned = (uint64_t)value_of(line, "planned=", (double)player->opened.profile.planned);
        head.counts.completed = completed;
        head.counts.cancelled = (uint64_t)value_of(line, "cancelled=", 0);
        head.counts.not_yet_due = head.counts.planned - completed - head.counts.cancelled;
    }
    sn_delta_clear(&delta);
    delta.spent.units[SN_METER_D1_ROWS_READ] = (uint64_t)value_of(line, "read=", 0);
    sn_delta_put(&body, &head, &delta);
    sn_put_span(w, bytes, body.len);
}

static bool word_is(const char *line, const char *word) {
    size_t len = strlen(word);
    return strncmp(line, word, len) == 0 && (line[len] == ' ' || line[len] == '\0');
}

/* A message that carries nothing. */
static enum sn_message plain_message(const char *line) {
    static const struct {
        const char *word;
        enum sn_message message;
    } plain[] = {{"start", SN_MESSAGE_START},   {"cancel", SN_MESSAGE_CANCEL}, {"read", SN_MESSAGE_READ},
                 {"forget", SN_MESSAGE_FORGET}, {"delete", SN_MESSAGE_DELETE}, {"expire", SN_MESSAGE_EXPIRE},
                 {"pause", SN_MESSAGE_PAUSE},   {"resume", SN_MESSAGE_RESUME}};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (word_is(line, plain[i].word)) return plain[i].message;
    }
    die("not an event", line);
    return SN_MESSAGE_READ;
}

static void put_call(struct player *player, struct sn_writer *w, const char *line, int64_t now_us) {
    if (word_is(line, "arm")) {
        struct sn_arming arming = {.index = (uint32_t)value_of(line, "index=", 0),
                                   .place = (uint32_t)value_of(line, "place=", value_of(line, "index=", 0)),
                                   .followers = (uint32_t)value_of(line, "followers=", 0)};
        sn_arm_put(w, player->opened.run_id, (struct sn_span){player->plan, player->plan_len}, &arming);
        put_command(player, w, line);
    } else if (word_is(line, "scale")) { /* "scale factor=2" */
        sn_message_begin(w, SN_MESSAGE_SCALE);
        sn_put_f64(w, value_of(line, "factor=", 1));
    } else if (word_is(line, "extend")) { /* "extend seconds=20", the length in all */
        sn_message_begin(w, SN_MESSAGE_EXTEND);
        sn_put_u32(w, (uint32_t)value_of(line, "seconds=", 10));
    } else if (word_is(line, "stop")) { /* "stop" or "stop reason" */
        sn_message_begin(w, SN_MESSAGE_STOP);
        const char *reason = strchr(line, ' ');
        reason = reason != NULL ? reason + 1 : "";
        sn_put_span(w, reason, strlen(reason));
    } else if (word_is(line, "command")) {
        sn_message_begin(w, SN_MESSAGE_COMMAND);
        put_command(player, w, line);
    } else if (word_is(line, "create")) {
        sn_message_begin(w, SN_MESSAGE_CREATE);
        sn_put_u32(w, strstr(line, "start") != NULL);
        sn_put_span(w, player->plan, player->plan_len);
    } else if (word_is(line, "delta")) {
        sn_message_begin(w, SN_MESSAGE_DELTA);
        put_delta(player, w, line, now_us);
    } else {
        sn_message_begin(w, plain_message(line));
    }
}

static uint32_t label_of(const struct player *player, const char *line) {
    const char *at = strchr(line, '#');
    unsigned long label = at != NULL ? strtoul(at + 1, NULL, 10) : 0;
    if (label == 0 || label > player->labels_len) return LABELS_MAX;
    return (uint32_t)label - 1;
}

/* The Worker has all that the built-in workload calls, but for one binding perhaps. */
static void put_opened(struct sn_writer *w, int64_t now_us, const char *line) {
    static const char *const names[] = {"", "TARGET_DB", "TARGET_KV", "TARGET_R2"}; /* the object's own name first */
    uint8_t bytes[64];
    struct sn_writer body = sn_writer(bytes, sizeof bytes);
    const char *lacks = strstr(line, "lacks=");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (i == 0 || lacks == NULL || strncmp(lacks + 6, names[i], strlen(names[i])) != 0)
            sn_put_span(&body, names[i], strlen(names[i]));
    sn_record_put(w, &(struct sn_record){.kind = SN_EVENT_OPENED, .at_us = (double)now_us}, bytes, body.len);
}

/* The machine dies and is opened again from what was stored. */
static void put_reopen(struct player *player, struct sn_writer *w, int64_t now_us) {
    static uint8_t bytes[1u << 20];
    if (player->is_run)
        sn_run_init(player->memory);
    else
        sn_shard_init(player->memory);
    qsort(player->stored, 64, sizeof player->stored[0], by_key);
    for (size_t i = 0; i < 64 && player->stored[i].key[0] != '\0'; i++) {
        struct sn_writer body = sn_writer(bytes, sizeof bytes);
        sn_put_span(&body, player->stored[i].key, strlen(player->stored[i].key));
        sn_put_bytes(&body, player->stored[i].value, player->stored[i].len);
        sn_record_put(w, &(struct sn_record){.kind = SN_EVENT_LOADED, .at_us = (double)now_us}, bytes, body.len);
    }
    put_opened(w, now_us, "");
}

static void put_event(struct player *player, struct sn_writer *w, const char *line, int64_t now_us) {
    struct sn_record event = {.at_us = (double)now_us};
    if (word_is(line, "reopen")) {
        put_reopen(player, w, now_us);
    } else if (word_is(line, "opened")) {
        put_opened(w, now_us, line);
    } else if (word_is(line, "timer") || word_is(line, "alarm")) {
        event.kind = line[0] == 't' ? SN_EVENT_TIMER : SN_EVENT_ALARM;
        sn_record_put(w, &event, NULL, 0);
    } else if (word_is(line, "done") || word_is(line, "failed")) {
        static uint8_t bytes[512];
        struct sn_writer body = sn_writer(bytes, sizeof bytes);
        const char *command = strstr(line, " command");
        event.kind = line[0] == 'd' ? SN_EVENT_DONE : SN_EVENT_FAILED;
        event.id = player->labels[label_of(player, line)];
        if (event.kind == SN_EVENT_DONE) write_done(player, label_of(player, line));
        if (command != NULL) {
            sn_message_begin(&body, SN_MESSAGE_COMMAND);
            put_command(player, &body, command);
        }
        const char *text = strchr(line, ':'); /* what a database says */
        if (text != NULL && command == NULL) sn_put_text(&body, text + 1);
        sn_record_put(w, &event, bytes, body.len);
    } else if (word_is(line, "answer")) {
        struct sn_answer answer = {.rows = (uint32_t)value_of(line, "rows=", 20),
                                   .bytes = (uint32_t)value_of(line, "bytes=", 0),
                                   .attempts = 1,
                                   .status = (uint32_t)value_of(line, "status=", 0),
                                   .looked = (uint32_t)value_of(line, "looked=", 0)};
        event.kind = SN_EVENT_STEP_DONE;
        event.id = player->labels[label_of(player, line)];
        static uint8_t bytes[sizeof answer + 512];
        struct sn_writer body = sn_writer(bytes, sizeof bytes);
        sn_put_bytes(&body, &answer, sizeof answer);
        const char *captured = strstr(line, " captured="); /* texts with commas between them, perhaps empty ones */
        for (captured += captured != NULL ? 10 : 0; captured != NULL; captured += *captured == ',') {
            size_t len = strcspn(captured, ", ");
            char text[200];
            size_t used = 0;
            for (size_t i = 0; i < len && used < sizeof text; i++) /* a slash backwards is a line break */
                text[used++] = captured[i] == '\\' ? '\n' : captured[i];
            sn_put_span(&body, text, used);
            captured += len;
            if (*captured != ',') break;
        }
        sn_record_put(w, &event, bytes, body.len);
    } else if (word_is(line, "socket") || word_is(line, "say")) { /* "say 1 TEXT": from the viewer behind socket 1 */
        char *text;
        event.target = (uint32_t)strtoul(strchr(line, ' '), &text, 10);
        event.kind = line[1] == 'o' ? SN_EVENT_SOCKET_OPENED : SN_EVENT_SOCKET_MESSAGE;
        player->watched = true;
        sn_record_put(w, &event, text + (*text == ' '), strlen(text + (*text == ' ')));
    } else if (word_is(line, "error")) {
        const char *text = strchr(line, ':');
        event.kind = SN_EVENT_STEP_FAILED;
        event.id = player->labels[label_of(player, line)];
        sn_record_put(w, &event, text != NULL ? text + 1 : "", text != NULL ? strlen(text + 1) : 0);
    } else {
        static uint8_t bytes[SN_PLAN_BYTES_MAX + 4096];
        struct sn_writer body = sn_writer(bytes, sizeof bytes);
        put_call(player, &body, line, now_us);
        event.kind = SN_EVENT_CALL;
        event.id = ++player->calls;
        sn_record_put(w, &event, bytes, body.len);
    }
}

#endif
