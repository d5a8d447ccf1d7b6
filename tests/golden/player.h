/* The player of golden scripts, and what machines leave as text.  Only run.c includes it. */
#ifndef SENTINEL_TESTS_GOLDEN_PLAYER_H
#define SENTINEL_TESTS_GOLDEN_PLAYER_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/step_text.h"
#include "sentinel/base/message.h"
#include "sentinel/base/record.h"
#include "sentinel/base/sql.h"
#include "sentinel/json/json.h"
#include "sentinel/measure/tally.h"
#include "sentinel/plan/plan.h"
#include "sentinel/run/command.h"
#include "sentinel/run/run.h"
#include "sentinel/run/shard.h"

#define ZERO_US INT64_C(1800000000000000)
#define LABELS_MAX 4096

struct stored {
    char key[64];
    uint8_t *value;
    size_t len;
};

struct player {
    bool is_run, watched;        /* watched: there was a viewer */
    struct stored stored[64];    /* what the machine has stored, by key */
    uint8_t *writes[LABELS_MAX]; /* STORE effects that are not done yet, by label */
    size_t writes_len[LABELS_MAX];
    void *memory;
    _Alignas(16) uint8_t plan[SN_PLAN_BYTES_MAX];
    size_t plan_len;
    struct sn_plan opened;
    uint32_t labels[LABELS_MAX], labels_len; /* label n stands for id labels[n - 1] */
    uint32_t calls;
    int64_t now_us;
};

static void die(const char *what, const char *line) {
    fflush(NULL);
    fprintf(stderr, "golden: %s: %s\n", what, line);
    exit(2);
}

/* --- Storage: what is done is there after `reopen`, what is not is lost ------------------------------------------ */

static int by_key(const void *a, const void *b) {
    const struct stored *x = a, *y = b;
    if (x->key[0] == '\0' || y->key[0] == '\0') return (x->key[0] == '\0') - (y->key[0] == '\0');
    return strcmp(x->key, y->key);
}

static struct stored *place_for(struct player *player, const char *key) {
    for (size_t i = 0; i < 64; i++) {
        if (strcmp(player->stored[i].key, key) == 0) return &player->stored[i];
    }
    return key[0] == '\0' ? NULL : place_for(player, "");
}

static void copy_key(char *into, struct sn_span key) {
    snprintf(into, 64, "%.*s", (int)key.len, (const char *)key.data);
}

static void forget_write(struct player *player, uint32_t label) {
    free(player->writes[label]);
    player->writes[label] = NULL;
}

static void write_done(struct player *player, uint32_t label) {
    struct sn_reader r = sn_reader(player->writes[label], player->writes_len[label]);
    while (player->writes[label] != NULL && sn_reader_left(&r) > 0) {
        char key[64];
        copy_key(key, sn_get_span(&r));
        struct sn_span value = sn_get_span(&r);
        struct stored *place = place_for(player, key);
        if (place == NULL) die("too many stored values", key);
        free(place->value);
        *place = (struct stored){.value = malloc(value.len + 1), .len = value.len};
        memcpy(place->key, key, sizeof place->key);
        memcpy(place->value, value.data, value.len);
    }
    forget_write(player, label);
}

static void erase(struct player *player, struct sn_span payload) {
    struct sn_reader r = sn_reader(payload.data, payload.len);
    for (size_t i = 0; i < 64 && payload.len == 0; i++) player->stored[i].key[0] = '\0';
    while (sn_reader_left(&r) > 0) {
        char key[64];
        copy_key(key, sn_get_span(&r));
        struct stored *place = place_for(player, key);
        if (place != NULL) place->key[0] = '\0';
    }
}

/* --- Effects as text ---------------------------------------------------------------------------------------- */

static const char *message_name(uint32_t kind) {
    switch (kind) {
#define SN_X(name, value) \
    case value: return #name;
        SN_MESSAGE_LIST(SN_X)
#undef SN_X
    default: return "?";
    }
}

static double ms(double at_us) {
    return (at_us - (double)ZERO_US) / 1000.0;
}

static void print_values(FILE *out, struct sn_reader *r) {
    uint16_t groups = sn_get_u16(r);
    for (uint16_t g = 0; g < groups; g++) {
        uint32_t statement = sn_get_u32(r);
        uint16_t values = sn_get_u16(r);
        if (statement == SN_SHAPE_LOOKS)
            fprintf(out, " looks for");
        else
            fprintf(out, g == 0 ? " s%u" : " | s%u", statement);
        for (uint16_t i = 0; i < values; i++) {
            uint32_t type = sn_get_u32(r) & 255, len = sn_get_u32(r);
            bool slice = type == SN_VALUE_SLICE || type == SN_VALUE_SLICE_TEXT;
            if (slice) {
                fprintf(out, " slice(%u,%u)", sn_get_u32(r), len);
            } else if (type == SN_VALUE_NUMBER) {
                fprintf(out, " %g", sn_get_f64(r));
            } else {
                const uint8_t *bytes = sn_get_bytes(r, (len + 3) & ~3u);
                if (bytes == NULL) break;
                if (type == SN_VALUE_TEXT)
                    fprintf(out, " '%.*s'", (int)len, (const char *)bytes);
                else if (type == SN_VALUE_NULL)
                    fprintf(out, " null");
                else
                    fprintf(out, " bytes(%u)", len);
            }
        }
    }
}

static void print_step(FILE *out, const struct player *player, const struct sn_record *effect, struct sn_span payload) {
    static uint8_t shape[SN_EFFECT_MAX], plain[SN_EFFECT_MAX];
    const struct sn_workload *workload = &player->opened.workload;
    struct sn_writer outline = sn_writer(shape, sizeof shape), w = sn_writer(plain, sizeof plain);
    struct sn_render render = sn_plan_render(&player->opened);
    if (effect->arg1 >> 16 >= workload->steps_len) die("a step without a shape", "");
    sn_shape_put(&outline, workload, &workload->steps[effect->arg1 >> 16], &render);
    if (!sn_shape_fill((struct sn_span){shape, outline.len}, payload, &w)) die("a step that cannot be read", "");
    struct sn_reader r = sn_reader(plain, w.len);
    fprintf(out, " k=%" PRIu64, sn_get_u64(&r));
    print_values(out, &r);
}

static void print_command(FILE *out, const struct player *player, struct sn_reader *r) {
    struct sn_command command;
    struct sn_schedule schedule;
    sn_schedule_init(&schedule, &player->opened.profile);
    if (sn_command_get(r, &command, &schedule) != SN_OK) die("a command that cannot be read", "");
    fprintf(out, " stage=%s stored=%u want=%u", sn_stage_name((enum sn_stage)command.stage), command.stored_seq,
            command.want_seq);
    if (command.last_k > 0) fprintf(out, " last=%" PRIu64, command.last_k);
    for (uint32_t i = 0; i < schedule.epochs_len; i++) {
        const struct sn_epoch *epoch = &schedule.epochs[i];
        if (i > 0 && i + 1 < schedule.epochs_len && schedule.epochs_len > 4) { /* too many to be read */
            fprintf(out, i == 1 ? " ..." : "");
            continue;
        }
        static const char *const names[] = {
#define SN_X(name, value, text) [SN_EPOCH_##name] = text,
            SN_EPOCH_LIST(SN_X)
#undef SN_X
        };
        fprintf(out, " %s=%.0f", names[epoch->kind], ms((double)epoch->effective_us));
        if (epoch->kind == SN_EPOCH_REPLACE) fprintf(out, " of=%u reach=%.0f", epoch->place, epoch->factor);
    }
}

/* " within=1/3" for each step that has a budget and was sent. */
static void print_budgets(FILE *out, const struct player *player, struct sn_reader *body) {
    enum { PAGES = 64, SECONDS = 60, COUNTERS = 4096 };
    const struct sn_plan *plan = &player->opened;
    uint32_t kinds = plan->workload.kinds_len, phases = plan->profile.phases_len, steps = plan->workload.steps_len;
    struct sn_tally *tally = malloc(sn_tally_size(kinds, phases, steps, PAGES));
    struct sn_series *series = malloc(sn_series_size(SECONDS, COUNTERS));
    struct sn_intervals *intervals = malloc(sn_intervals_size(SECONDS, COUNTERS));
    if (tally == NULL || series == NULL || intervals == NULL) die("out of memory", "");
    sn_tally_init(tally, kinds, phases, steps, PAGES);
    sn_series_init(series, SECONDS, COUNTERS);
    sn_intervals_init(intervals, SECONDS, SECONDS, 0, kinds, COUNTERS);
    if (sn_tally_add(tally, series, intervals, body) != SN_OK) die("a delta whose body cannot be read", "");
    for (uint32_t i = 0; i < steps; i++) {
        const struct sn_step_cell *cell = sn_tally_step(tally, i);
        uint64_t ended = cell->completed + cell->failed;
        if (plan->workload.steps[i].budget_us > 0 && ended > 0)
            fprintf(out, " within=%" PRIu64 "/%" PRIu64, cell->within, ended);
    }
    free(intervals);
    free(tally);
    free(series);
}

static void print_delta(FILE *out, const struct player *player, struct sn_span bytes) {
    struct sn_reader r = sn_reader(bytes.data, bytes.len);
    struct sn_delta_head head;
    if (sn_delta_head_get(&r, &head) != SN_OK) die("a delta that cannot be read", "");
    const struct sn_counts *c = &head.counts;
    fprintf(out, " shard=%u seq=%u stage=%s%s lease=%" PRIu64, head.shard, head.seq,
            sn_stage_name((enum sn_stage)head.stage), head.stage_done ? " done" : "", head.lease_k);
    if (head.incarnation != 1) fprintf(out, " incarnation=%u", head.incarnation);
    if (head.jobs_total > 0) fprintf(out, " items=%" PRIu64 "/%" PRIu64, head.jobs_done, head.jobs_total);
    if (head.jobs_failed > 0) fprintf(out, " broken=%" PRIu64, head.jobs_failed);
    if (head.words_len > 0) fprintf(out, " words=%.*s", (int)head.words_len, (const char *)head.words);
    if (c->planned > 0) {
        fprintf(out, " planned=%" PRIu64 " completed=%" PRIu64 " failed=%" PRIu64 " flight=%" PRIu64 " notyet=%" PRIu64,
                c->planned, c->completed, c->failed, c->in_flight, c->not_yet_due);
    }
    for (uint32_t i = 0; i < SN_ERRORS_LEN; i++)
        if (c->errors[i] > 0) fprintf(out, " %s=%" PRIu64, sn_error_name((enum sn_error)i), c->errors[i]);
    uint64_t dropped = c->dropped[0] + c->dropped[1] + c->dropped[2];
    if (dropped > 0) fprintf(out, " dropped=%" PRIu64, dropped);
    if (c->cancelled > 0) fprintf(out, " cancelled=%" PRIu64, c->cancelled);
    if (c->unaccounted > 0) fprintf(out, " unaccounted=%" PRIu64, c->unaccounted);
    print_budgets(out, player, &r);
}

static void print_message(FILE *out, const struct player *player, struct sn_reader *r) {
    uint32_t kind = sn_message_open(r);
    fprintf(out, " %s", message_name(kind));
    if (kind == SN_MESSAGE_ARM) {
        sn_get_span(r);
        sn_get_span(r);
        uint32_t index = sn_get_u32(r), place = sn_get_u32(r), followers = sn_get_u32(r);
        fprintf(out, " index=%u", index);
        if (place != index) fprintf(out, " place=%u", place);
        if (followers > 0) fprintf(out, " followers=%u", followers);
    }
    if (kind == SN_MESSAGE_ARM || kind == SN_MESSAGE_COMMAND) print_command(out, player, r);
    if (kind == SN_MESSAGE_DELTA) print_delta(out, player, sn_get_span(r));
}

/* What viewers are sent: "hello status=running history=3". */
static void print_live(FILE *out, const struct sn_record *effect, struct sn_span payload) {
    static _Alignas(16) uint8_t memory[1u << 20];
    struct sn_arena arena;
    struct sn_json_error error;
    sn_arena_init(&arena, memory, sizeof memory);
    const struct sn_json *root = sn_json_parse(&arena, (const char *)payload.data, payload.len, &error);
    if (root == NULL) die("a frame that is no JSON", error.reason);
    const struct sn_json *state = sn_json_get(root, "state"), *history = sn_json_get(root, "history");
    const char *status = sn_json_string(sn_json_get(state != NULL ? state : root, "status"));
    const char *type = sn_json_string(sn_json_get(root, "type"));
    if (type == NULL) die("a frame without a type", "");
    if (effect->kind == SN_EFFECT_PUBLISH)
        fprintf(out, "publish %s", type);
    else
        fprintf(out, "send %u %s", effect->target, type);
    if (status != NULL) fprintf(out, " status=%s", status);
    if (sn_json_type(sn_json_get(state, "endedBy")) == SN_JSON_STRING)
        fprintf(out, " by=%s", sn_json_string(sn_json_get(state, "endedBy")));
    if (sn_json_type(sn_json_get(state, "reason")) == SN_JSON_STRING && strcmp(type, "hello") != 0)
        fprintf(out, ": %s", sn_json_string(sn_json_get(state, "reason")));
    if (sn_json_count(history) > 0 || strcmp(type, "hello") == 0)
        fprintf(out, " history=%zu from=%.0f", sn_json_count(history), sn_json_number(sn_json_get(root, "fromS")));
}

static void print_store(FILE *out, struct sn_reader *r) {
    while (sn_reader_left(r) > 0 && !r->bad) {
        struct sn_span key = sn_get_span(r);
        sn_get_span(r);
        fprintf(out, " %.*s", (int)key.len, (const char *)key.data);
    }
}

/* Of what a target is told of data that is kept: its statements, with their values. */
static void print_sql(FILE *out, const struct sn_record *effect, struct sn_reader *r) {
    static const struct {
        uint32_t number;
        const char *name;
    } statements[] = {
#define SN_X(name, value, text) {value, #name},
        SN_SQL_LIST(SN_X)
#undef SN_X
    };
    fprintf(out, effect->target == SN_BINDING_DB ? "sql" : "sql at the target");
    if (effect->target == SN_BINDING_DB) return;
    sn_get_span(r);
    sn_get_u64(r);
    for (uint16_t groups = sn_get_u16(r); groups > 0 && !r->bad; groups--) {
        uint32_t number = sn_get_u32(r);
        for (size_t i = 0; i < sizeof statements / sizeof *statements && number != SN_SQL_TARGET_OWN; i++)
            if (statements[i].number == number) fprintf(out, " %s", statements[i].name);
        for (uint16_t values = sn_get_u16(r); values > 0 && !r->bad; values--) {
            uint8_t type = sn_get_u8(r);
            sn_get_bytes(r, 3);
            uint32_t len = sn_get_u32(r);
            if (type == SN_VALUE_NUMBER) {
                fprintf(out, " %.0f", sn_get_f64(r));
            } else {
                const uint8_t *text = sn_get_bytes(r, (len + 3) & ~3u);
                fprintf(out, " %.*s", (int)len, (const char *)text);
            }
        }
    }
}

static void print_effect(FILE *out, struct player *player, const struct sn_record *effect, struct sn_span payload) {
    struct sn_reader r = sn_reader(payload.data, payload.len);
    bool asks = effect->kind == SN_EFFECT_STEP || effect->kind == SN_EFFECT_STORE ||
                effect->kind == SN_EFFECT_CALL_OBJECT || effect->kind == SN_EFFECT_SQL;
    bool once = effect->kind == SN_EFFECT_DEFINE || effect->kind == SN_EFFECT_SHAPE;
    if (once || (effect->kind == SN_EFFECT_PUBLISH && !player->watched))
        return; /* many, and of no interest where nobody watches */
    fprintf(out, "  ");
    if (asks) {
        if (player->labels_len == LABELS_MAX) die("too many labels", "");
        player->labels[player->labels_len++] = effect->id;
        fprintf(out, "#%u ", player->labels_len);
    }
    if (effect->kind == SN_EFFECT_ERASE) erase(player, payload);
    if (effect->kind == SN_EFFECT_STORE) {
        uint32_t label = player->labels_len - 1;
        player->writes[label] = malloc(payload.len);
        player->writes_len[label] = payload.len;
        memcpy(player->writes[label], payload.data, payload.len);
    }
    switch (effect->kind) {
    case SN_EFFECT_STEP:
        fprintf(out, "step %s", step_action_name(effect->arg0));
        print_step(out, player, effect, payload);
        break;
    case SN_EFFECT_STORE:
        fprintf(out, "store");
        print_store(out, &r);
        break;
    case SN_EFFECT_ERASE:
        fprintf(out, payload.len == 0 ? "erase everything" : "erase");
        while (sn_reader_left(&r) > 0) {
            struct sn_span key = sn_get_span(&r);
            fprintf(out, " %.*s", (int)key.len, (const char *)key.data);
        }
        break;
    case SN_EFFECT_SET_ALARM: fprintf(out, "set_alarm %.0f", ms(effect->at_us)); break;
    case SN_EFFECT_SLICE_END: fprintf(out, "slice_end"); break;
    case SN_EFFECT_CALL_OBJECT: {
        struct sn_span name = sn_get_span(&r);
        sn_get_span(&r);
        fprintf(out, "call %.*s", (int)name.len, (const char *)name.data);
        print_message(out, player, &r);
        break;
    }
    case SN_EFFECT_REPLY:
        fprintf(out, "reply %u %s", effect->id,
                effect->status == 0 ? "ok" : sn_status_text((enum sn_status)effect->status));
        if (payload.len == 12) { /* to a call to arm: whom this shard has called */
            sn_get_u32(&r);
            uint32_t called = sn_get_u32(&r), come = sn_get_u32(&r);
            if (called > 0) fprintf(out, " called=%u come=%x", called, come);
        } else if (payload.len > 12 && payload.data[0] != '{') {
            print_message(out, player, &r);
        }
        break;
    case SN_EFFECT_SQL: print_sql(out, effect, &r); break;
    case SN_EFFECT_SEND:
    case SN_EFFECT_PUBLISH: print_live(out, effect, payload); break;
    case SN_EFFECT_CLOSE:
        fprintf(out, "close %u %u %.*s", effect->target, effect->arg0, (int)payload.len, (const char *)payload.data);
        break;
    default: fprintf(out, "effect %u", effect->kind);
    }
    fprintf(out, "\n");
}

#endif
