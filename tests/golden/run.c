/* Plays scripts to the machines and compares what they do with what the script says they do.
 *
 *     machine shard | run
 *     plan {…}                       the plan's JSON
 *     workload {…}                   after the plan: what it does instead of the built-in workload
 *     @ MS EVENT …                   at this millisecond the event arrives (see events.h)
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
#include "events.h"

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
