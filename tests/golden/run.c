/* Plays scripts to the machines and compares what they do with what the script says they do.
 *
 *     machine shard | run
 *     plan {…}                       the plan's JSON
 *     workload {…}                   after the plan: what it does instead of the built-in workload
 *     @ MS EVENT …                   at this millisecond the event arrives (see events below)
 *       effect …                     what the machine leaves, one line each, indented
 *
 * A viewer's socket is opened by `socket 1`, and says something by `say 1 TEXT`; frames are shown from the first viewer on.
 *
 * Times are milliseconds since the script's zero.  An effect that asks gets a label, #1, #2, …; the script answers it by
 * the label: done #1, done #1:JSON, failed #1:TEXT, answer #2 rows=10, error #3:TEXT.  `reopen` kills the machine and opens it again.
 * GOLDEN_UPDATE=1 writes what the machines do now into the scripts: read the difference before keeping it.
 *
 * Called with the scripts to play; those that do not begin with "machine" are somebody else's.  Writes TAP. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "player.h"

/* --- Events from text ------------------------------------------------------------------------------------------ */

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

/* --- Playing ------------------------------------------------------------------------------------------------------ */

static void use_plan(struct player *player, const char *json) {
    static _Alignas(16) uint8_t scratch[1 << 19];
    struct sn_arena arena;
    struct sn_plan_error error;
    struct sn_plan_owner owner = {.run_id = "0b5e9a52-7a53-4f0e-9f0b-8a3d2c1b0a99", .tenant = "default"};
    struct sn_writer w = sn_writer(player->plan, sizeof player->plan);
    sn_arena_init(&arena, scratch, sizeof scratch);
    if (sn_plan_compile(json, strlen(json), &owner, &arena, &w, &error) != SN_OK) die(error.expected, error.path);
    player->plan_len = w.len;
    if (sn_plan_open(&player->opened, player->plan, player->plan_len) != SN_OK) die("the plan does not open", json);
}

static void use_workload(struct player *player, const char *json) {
    static _Alignas(16) uint8_t scratch[1 << 19], bytes[SN_PLAN_BYTES_MAX];
    struct sn_arena arena;
    struct sn_plan_error error;
    struct sn_writer w = sn_writer(bytes, sizeof bytes), plan = sn_writer(player->plan, sizeof player->plan);
    sn_arena_init(&arena, scratch, sizeof scratch);
    if (sn_workload_compile(json, strlen(json), NULL, 0, &arena, &w, &error) != SN_OK) die(error.expected, error.path);
    if (sn_workload_open(&player->opened.workload, bytes, w.len) != SN_OK) die("the workload does not open", json);
    player->opened.thresholds_len = 0; /* they speak of the operations that were there before */
    sn_plan_put(&plan, &player->opened);
    player->plan_len = plan.len;
    if (sn_plan_open(&player->opened, player->plan, player->plan_len) != SN_OK) die("the plan does not open", json);
}

/* What others notice of it. */
static bool noticed(const struct sn_record *effect, struct sn_span payload) {
    static const char result[] = "{\"type\":\"result\"";
    if (effect->kind == SN_EFFECT_PUBLISH)
        return payload.len >= sizeof result && memcmp(payload.data, result, sizeof result - 1) == 0;
    return effect->kind == SN_EFFECT_CALL_OBJECT || effect->kind == SN_EFFECT_REPLY || effect->kind == SN_EFFECT_STEP ||
           effect->kind == SN_EFFECT_CLOSE;
}

/* Calls the machine and tells what it does; while time passes only what others notice. */
static void step(FILE *out, struct player *player, struct sn_writer *in, int64_t now_us, bool passing) {
    static uint8_t outbox[2u << 20];
    FILE *nowhere = fopen("/dev/null", "w");
    if (nowhere == NULL) die("cannot be opened", "/dev/null");
    struct sn_writer effects = sn_writer(outbox, sizeof outbox);
    struct sn_reader events = sn_reader(in->data, in->len);
    if (player->is_run) {
        sn_run_step(player->memory, now_us, &events, &effects);
    } else {
        sn_shard_step(player->memory, now_us, &events, &effects);
    }
    struct sn_reader r = sn_reader(outbox, effects.len);
    struct sn_record effect;
    struct sn_span payload;
    while (sn_record_next(&r, &effect, &payload)) {
        print_effect(passing && !noticed(&effect, payload) ? nowhere : out, player, &effect, payload);
    }
    fclose(nowhere);
    player->now_us = now_us;
    int64_t deadline_us = player->is_run ? sn_run_deadline_us(player->memory) : sn_shard_deadline_us(player->memory);
    if (deadline_us != INT64_MAX && !passing) fprintf(out, "  deadline %.3f\n", ms((double)deadline_us));
}

static void happen(FILE *out, struct player *player, const char *line) {
    static uint8_t inbox[2u << 20];
    char *rest;
    if (strchr(line, '#') != NULL && label_of(player, line) == LABELS_MAX) { /* shown, so that a script can be grown */
        fprintf(out, "  there is no such label\n");
        return;
    }
    int64_t now_us = ZERO_US + strtoll(line + 1, &rest, 10) * 1000;
    struct sn_writer in = sn_writer(inbox, sizeof inbox);
    put_event(player, &in, rest + 1, now_us);
    step(out, player, &in, now_us, false);
}

/* "~ 30000": until then a timer every second; writes succeed, or fail with "~ 30000 failing"; nothing else is answered. */
static void pass_time(FILE *out, struct player *player, const char *line) {
    static uint8_t inbox[1u << 16];
    int64_t until_us = ZERO_US + strtoll(line + 1, NULL, 10) * 1000;
    bool failing = strstr(line, " failing") != NULL;
    while (player->now_us < until_us) {
        struct sn_writer in = sn_writer(inbox, sizeof inbox);
        int64_t next_us = player->now_us + SN_SECOND_US < until_us ? player->now_us + SN_SECOND_US : until_us;
        for (uint32_t i = 0; i < LABELS_MAX; i++) {
            if (player->writes[i] == NULL) continue;
            if (failing)
                forget_write(player, i);
            else
                write_done(player, i);
            uint16_t kind = failing ? SN_EVENT_FAILED : SN_EVENT_DONE;
            sn_record_put(&in, &(struct sn_record){.kind = kind, .id = player->labels[i]}, NULL, 0);
        }
        sn_record_put(&in, &(struct sn_record){.kind = SN_EVENT_TIMER}, NULL, 0);
        step(out, player, &in, next_us, true);
    }
}

static void play(FILE *script, FILE *out) {
    static struct player player;
    static char line[4096];
    memset(&player, 0, sizeof player);
    while (fgets(line, sizeof line, script) != NULL) {
        if (strncmp(line, "  ", 2) == 0) continue; /* what was expected: the comparison is of the whole text */
        fputs(line, out);
        line[strcspn(line, "\n")] = '\0';
        if (word_is(line, "machine")) {
            player.is_run = strstr(line, "run") != NULL;
            player.memory = calloc(1, player.is_run ? SN_RUN_MEMORY : sn_shard_size() + 16);
            if (player.memory == NULL) die("no memory", line);
            if (player.is_run)
                sn_run_init(player.memory);
            else
                sn_shard_init(player.memory);
        } else if (word_is(line, "plan")) {
            use_plan(&player, line + 5);
        } else if (word_is(line, "workload")) {
            use_workload(&player, line + 9);
        } else if (line[0] == '@') {
            happen(out, &player, line);
        } else if (line[0] == '~') {
            pass_time(out, &player, line);
        }
    }
    free(player.memory);
    for (size_t i = 0; i < 64; i++) free(player.stored[i].value);
    for (size_t i = 0; i < LABELS_MAX; i++) free(player.writes[i]);
}

static char *read_all(const char *path) {
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);
    if (file == NULL || text == NULL) die("cannot be read", path);
    size_t len = fread(text, 1, (1 << 20) - 1, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

/* True when the script says what happens.  Shows the first line that differs. */
static bool check(const char *path, bool update) {
    char *expected = read_all(path), *actual = NULL;
    size_t len = 0;
    FILE *script = fopen(path, "r"), *out = open_memstream(&actual, &len);
    if (script == NULL || out == NULL) die("cannot be opened", path);
    play(script, out);
    fclose(script);
    fclose(out);
    bool equal = strcmp(expected, actual) == 0;
    if (!equal && update) {
        FILE *file = fopen(path, "w");
        if (file == NULL || fputs(actual, file) < 0 || fclose(file) != 0) die("cannot be written", path);
    } else if (!equal) {
        unsigned line = 1;
        const char *a = expected, *b = actual;
        while (*a != '\0' && *a == *b) {
            line += *a == '\n';
            a++, b++;
        }
        while (a > expected && a[-1] != '\n') a--, b--;
        printf("# %s:%u\n# expected: %.*s\n# happened: %.*s\n", path, line, (int)strcspn(a, "\n"), a,
               (int)strcspn(b, "\n"), b);
    }
    free(expected);
    free(actual);
    return equal;
}

static bool is_script(const char *path) {
    char *text = read_all(path);
    bool script = strncmp(text, "machine ", 8) == 0;
    free(text);
    return script;
}

int main(int argc, char **argv) {
    bool update = getenv("GOLDEN_UPDATE") != NULL, all = true;
    int count = 0;
    for (int i = 1; i < argc; i++) {
        if (!is_script(argv[i])) continue;
        bool ok = check(argv[i], update);
        all = all && ok;
        printf("%s %d - %s\n", ok ? "ok" : "not ok", ++count, argv[i]);
    }
    printf("1..%d\n", count);
    return all && count > 0 ? 0 : 1;
}
