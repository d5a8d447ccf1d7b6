#include <string.h>

#include "run_machine.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/planted.h"

/* Stored keys, in the order in which they have to be read back: the plan, the snapshot's chunks and its head, the log.
 *
 * A log entry is the run's state and its shards' after it, whole, and the deltas that came since the entry before.  The
 * snapshot is the same with the tally, the series, the intervals and the load's levels in place of deltas; log entries up to its own
 * number are in it. */
static const char plan_key[] = "a.plan", head_key[] = "b.snap/head", chunk_prefix[] = "b.snap/",
                  log_prefix[] = "c.log/";

enum chunk_section { CHUNK_TALLY = 1, CHUNK_SERIES = 2, CHUNK_INTERVALS = 3, CHUNK_LEVELS = 4 };

static void put_key(struct sn_writer *w, const char *prefix, uint32_t number) {
    uint8_t key[32];
    struct sn_writer text = sn_writer(key, sizeof key);
    sn_put_text(&text, prefix);
    sn_put_hex(&text, number, 8);
    sn_put_span(w, key, text.len);
}

/* A span whose length is known before its content is written. */
static void put_state(struct sn_run *run, struct sn_writer *w, size_t more) {
    size_t shards_size = run->state.shards_len * sizeof run->shards[0];
    struct run_state *state = &run->state;
    state->version = RUN_STATE_VERSION;
    state->size = sizeof *state;
    state->written_us = run->now_us;
    state->series_from = run->series->first_second;
    state->levels_s = run->levels->len * run->levels->window_s;
    state->epochs_len = run->schedule.epochs_len;
    memcpy(state->epochs, run->schedule.epochs, state->epochs_len * sizeof state->epochs[0]);
    sn_put_varint(w, sizeof *state + shards_size + more);
    sn_put_bytes(w, state, sizeof *state);
    sn_put_bytes(w, run->shards, shards_size);
}

/* --- Memory ------------------------------------------------------------------------------------------------ */

struct sizes {
    uint32_t kinds, phases, steps, pages, seconds;
    size_t tally, series, intervals, levels, total;
};

static size_t aligned(size_t size) {
    return (size + 15) & ~(size_t)15;
}

static struct sizes sizes_of(const struct sn_plan *plan) {
    struct sizes sizes = {.kinds = plan->workload.kinds_len, .phases = plan->profile.phases_len};
    sizes.steps = plan->workload.steps_len;
    /* Each octave that a time falls into is a page: most histograms touch four or five, those of a target past its knee all
     * from a millisecond to a minute. */
    uint32_t pages = 64 + sizes.kinds * sizes.phases * 2 * 17 + sizes.steps * 8;
    sizes.pages = pages < 256 ? 256 : pages > RUN_PAGES_MAX ? RUN_PAGES_MAX : pages;
    sizes.seconds = RUN_SERIES_SECONDS;
    sizes.tally = aligned(sn_tally_size(sizes.kinds, sizes.phases, sizes.steps, sizes.pages));
    sizes.series = aligned(sn_series_size(sizes.seconds, RUN_SERIES_SLOTS));
    sizes.intervals = aligned(sn_intervals_size(sizes.seconds, SN_INTERVALS_SLOTS));
    sizes.levels = aligned(sn_levels_size(sizes.kinds));
    sizes.total = sizeof(struct sn_run) + sizes.tally + sizes.series + sizes.intervals + sizes.levels +
                  RUN_SCRATCH_PAGES * SN_HIST_PAGE * sizeof(uint32_t);
    return sizes;
}

size_t sn_run_size(const struct sn_plan *plan) {
    return sizes_of(plan).total;
}

static uint32_t whole_seconds(int64_t us) {
    return (uint32_t)((us + SN_SECOND_US - 1) / SN_SECOND_US);
}

/* Without the seconds of a lead-in. */
static void init_intervals(struct sn_run *run, uint32_t seconds) {
    const struct sn_profile *profile = &run->plan.profile;
    uint32_t from = run->plan.lead_in ? whole_seconds(profile->phases[0].end_us) : 0;
    sn_intervals_init(run->intervals, seconds, whole_seconds(profile->end_us), from, run->plan.workload.kinds_len,
                      SN_INTERVALS_SLOTS);
}

enum sn_status run_use_plan(struct sn_run *run, const void *bytes, size_t len) {
    if (len > sizeof run->plan_bytes) return SN_E_LIMIT;
    memmove(run->plan_bytes, bytes, len);
    run->plan_len = (uint32_t)len;
    enum sn_status status = sn_plan_open(&run->plan, run->plan_bytes, len);
    if (status != SN_OK) return status;
    struct sizes sizes = sizes_of(&run->plan);
    if (sizes.total > SN_RUN_MEMORY || run->plan.shards > SN_SHARDS_MAX) return SN_E_LIMIT;
    sn_schedule_init(&run->schedule, &run->plan.profile);
    run->tally = (struct sn_tally *)(void *)run->memory;
    run->tally_size = sizes.tally;
    run->series = (struct sn_series *)(void *)(run->memory + sizes.tally);
    run->series_size = sizes.series;
    run->intervals = (struct sn_intervals *)(void *)(run->memory + sizes.tally + sizes.series);
    run->intervals_size = sizes.intervals;
    run->levels = (struct sn_levels *)(void *)(run->memory + sizes.tally + sizes.series + sizes.intervals);
    run->levels_size = sizes.levels;
    run->scratch = run->memory + sizes.tally + sizes.series + sizes.intervals + sizes.levels;
    sn_tally_init(run->tally, sizes.kinds, sizes.phases, sizes.steps, sizes.pages);
    sn_series_init(run->series, sizes.seconds, RUN_SERIES_SLOTS);
    init_intervals(run, sizes.seconds);
    sn_levels_init(run->levels, sizes.kinds, whole_seconds(run->plan.profile.end_us));
    run->state.shards_len = run->plan.shards;
    for (uint32_t i = 0; i < run->state.shards_len; i++) run->shards[i].place = i;
    run->planned = true;
    return SN_OK;
}

/* --- Writing --------------------------------------------------------------------------------------------- */

static void put_chunks(struct sn_writer *w, enum chunk_section section, const void *data, size_t len) {
    uint32_t number = (uint32_t)section << 16;
    for (size_t offset = 0; offset < len; offset += RUN_CHUNK_BYTES, number++) {
        size_t part = len - offset < RUN_CHUNK_BYTES ? len - offset : RUN_CHUNK_BYTES;
        put_key(w, chunk_prefix, number);
        sn_put_varint(w, 8 + part);
        sn_put_u32(w, RUN_STATE_VERSION << 16 | section);
        sn_put_u32(w, (uint32_t)offset);
        sn_put_bytes(w, (const uint8_t *)data + offset, part);
    }
}

static void put_snapshot(struct sn_run *run, struct sn_writer *w) {
    const struct sn_tally *tally = run->tally;
    size_t used = sn_tally_size(tally->kinds, tally->phases, tally->steps, tally->pages_used);
    put_chunks(w, CHUNK_TALLY, run->tally, used);
    put_chunks(w, CHUNK_SERIES, run->series, sn_series_size(run->series->seconds_len, run->series->slots_len));
    put_chunks(w, CHUNK_INTERVALS, run->intervals, sn_intervals_used(run->intervals));
    put_chunks(w, CHUNK_LEVELS, run->levels, run->levels_size);
    sn_put_span(w, head_key, sizeof head_key - 1);
    put_state(run, w, 0);
}

static void put_log(struct sn_run *run, struct sn_writer *w) {
    put_key(w, log_prefix, run->state.log_seq);
    put_state(run, w, run->log_used);
    sn_put_bytes(w, run->log_bytes, run->log_used);
}

static uint64_t chunks_of(size_t len) {
    return (len + RUN_CHUNK_BYTES - 1) / RUN_CHUNK_BYTES;
}

/* Stored values of a write; each is a row. */
static uint64_t rows_of(const struct sn_run *run, bool snapshot) {
    const struct sn_tally *tally = run->tally;
    size_t used = sn_tally_size(tally->kinds, tally->phases, tally->steps, tally->pages_used);
    size_t series = sn_series_size(run->series->seconds_len, run->series->slots_len);
    uint64_t chunks = chunks_of(used) + chunks_of(series) + chunks_of(sn_intervals_used(run->intervals)) +
                      chunks_of(run->levels_size);
    return run->plan_unwritten + (snapshot ? chunks + 1 : 1);
}

void run_store(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    if (!run->planned || run->store_id != 0) return;
    bool log_filling = run->log_used > RUN_LOG_BYTES / 2;
    if (!(run->dirty && (run->write_now || log_filling || now_us >= run->store_us))) return;
    uint32_t id = ++run->next_id;
    run->state.log_seq += 1;
    bool snapshot = run->snapshot_wanted || run->state.log_seq - run->first_log_seq >= RUN_LOG_ENTRIES;
    size_t mark = sn_record_begin(w, &(struct sn_record){.kind = SN_EFFECT_STORE, .id = id});
    if (run->plan_unwritten) {
        sn_put_span(w, plan_key, sizeof plan_key - 1);
        sn_put_span(w, run->plan_bytes, run->plan_len);
    }
    if (snapshot) {
        put_snapshot(run, w);
    } else {
        put_log(run, w);
    }
    if (!sn_record_end(w, mark)) {
        w->full = false;
        run->state.log_seq -= 1;
        return;
    }
    run->state.use.rows_stored += rows_of(run, snapshot);
    run->store_id = id;
    run->snapshot_log_seq = snapshot ? run->state.log_seq : 0;
    for (uint32_t i = 0; i < run->state.shards_len; i++) run->stored_seqs[i] = run->shards[i].seq;
    run->store_stage = run->state.stage;
    run->store_epochs = run->schedule.epochs_len;
    run->store_shards = run->state.shards_len;
    run->store_swept = run->state.sweep_done;
    run->store_revision = run->state.revision;
    run->held_stored = run->held_len;
    run->log_used = 0;
    run->snapshot_wanted = false;
    run->dirty = run->write_now = false;
    run->store_us = now_us + SN_REPORT_INTERVAL_US;
}

static void erase_log(struct sn_run *run, struct sn_writer *w) {
    size_t mark = sn_record_begin(w, &(struct sn_record){.kind = SN_EFFECT_ERASE});
    uint32_t first = run->first_log_seq;
    for (uint32_t seq = first; seq < run->snapshot_log_seq && seq - first < SN_STORE_ENTRIES_MAX; seq++) {
        put_key(w, log_prefix, seq);
    }
    if (sn_record_end(w, mark)) {
        run->state.use.rows_stored += run->snapshot_log_seq - first;
        run->first_log_seq = run->snapshot_log_seq + 1;
    } else {
        w->full = false; /* the next snapshot erases them */
    }
}

void run_save_soon(struct sn_run *run) {
    run->dirty = run->write_now = true;
}

void run_hold(struct sn_run *run, uint32_t call_id, int64_t now_us, struct sn_writer *w) {
    if (run->held_len == RUN_HELD_MAX) {
        run_reply_state(run, call_id, SN_E_LIMIT, now_us, w);
        return;
    }
    run->held[run->held_len++] = call_id;
    run_save_soon(run);
}

static void answer_held(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    uint32_t stored = run->held_stored;
    for (uint32_t i = 0; i < stored; i++) run_reply_state(run, run->held[i], SN_OK, now_us, w);
    run->held_len -= stored;
    memmove(run->held, run->held + stored, run->held_len * sizeof run->held[0]);
    run->held_stored = 0;
}

bool run_stored(struct sn_run *run, const struct sn_record *event, int64_t now_us, struct sn_writer *w) {
    if (event->id == 0 || event->id != run->store_id) return false;
    run->store_id = 0;
    if (event->kind == SN_EVENT_FAILED) { /* what the entry held is in memory only: write everything next time */
        run->dirty = run->snapshot_wanted = true;
        run->store_us = now_us + SN_REPORT_INTERVAL_US;
        run->store_failed_us = sn_earlier(run->store_failed_us, now_us);
        return true;
    }
    run->store_failed_us = INT64_MAX;
    for (uint32_t i = 0; i < run->state.shards_len; i++) run->shards[i].stored_seq = run->stored_seqs[i];
    run->durable_stage = run->store_stage;
    run->durable_epochs = run->store_epochs;
    run->durable_shards = run->store_shards;
    run->durable_swept = run->store_swept;
    run->durable_revision = run->store_revision;
    if (run->snapshot_log_seq > run->first_log_seq) erase_log(run, w);
    bool created = run->plan_unwritten;
    run->plan_unwritten = false;
    if (created && run->start_when_stored) { /* which is to be durable too, before anybody hears of it */
        run_start(run, now_us);
    } else {
        answer_held(run, now_us, w);
    }
    return true;
}

/* --- Reading back ------------------------------------------------------------------------------------------ */

static bool has_prefix(struct sn_span key, const char *prefix, size_t len) {
    return key.len >= len && memcmp(key.data, prefix, len) == 0;
}

static bool load_state(struct sn_run *run, struct sn_reader *r) {
    const uint8_t *state = sn_get_bytes(r, sizeof run->state);
    if (state == NULL) return false;
    struct run_state read;
    memcpy(&read, state, sizeof read);
    if (read.version != RUN_STATE_VERSION || read.size != sizeof read || read.shards_len < run->plan.shards ||
        read.shards_len > SN_SHARDS_MAX)
        return false;
    const uint8_t *shards = sn_get_bytes(r, read.shards_len * sizeof run->shards[0]);
    if (shards == NULL) return false;
    run->state = read;
    memcpy(run->shards, shards, read.shards_len * sizeof run->shards[0]);
    return true;
}

static void load_chunk(struct sn_run *run, struct sn_reader *r) {
    uint32_t section = sn_get_u32(r), offset = sn_get_u32(r);
    if (section >> 16 != RUN_STATE_VERSION) {
        run->unreadable = true;
        return;
    }
    section &= 0xffff;
    size_t len = sn_reader_left(r);
    const struct {
        void *data;
        size_t size;
    } sections[] = {
        [CHUNK_TALLY] = {run->tally, run->tally_size},
        [CHUNK_SERIES] = {run->series, run->series_size},
        [CHUNK_INTERVALS] = {run->intervals, run->intervals_size},
        [CHUNK_LEVELS] = {run->levels, run->levels_size},
    };
    if (section >= sizeof sections / sizeof *sections) return;
    uint8_t *base = sections[section].data;
    size_t size = sections[section].size;
    if (r->bad || offset > size || len > size - offset) return;
    memcpy(base + offset, r->data + r->pos, len);
}

static void load_log(struct sn_run *run, struct sn_reader *r) {
    uint32_t known = run->state.log_seq;
    struct sn_reader peek = *r;
    const uint8_t *state = sn_get_bytes(&peek, sizeof run->state);
    if (state == NULL) return;
    struct run_state read;
    memcpy(&read, state, sizeof read);
    bool first = run->first_log_seq == 0 || read.log_seq < run->first_log_seq;
    if (first && !SN_PLANTED(LOG_KEPT)) run->first_log_seq = read.log_seq;
    if (read.log_seq <= known) return; /* the snapshot has it; a crash came before it was erased */
    if (!load_state(run, r)) {
        run->unreadable = true;
        return;
    }
    /* Windows of the load end here as they did then: first those whose detail is about to go. */
    bool gone = run->state.series_from < run->state.levels_s;
    run_note_levels(run, gone ? run->state.series_from : run->state.levels_s);
    sn_series_forget(run->series, run->state.series_from); /* else what the log brings finds the table full */
    while (sn_reader_left(r) > 0 && !r->bad) {
        struct sn_span delta = sn_get_span(r);
        struct sn_reader body = sn_reader(delta.data, delta.len);
        struct sn_delta_head head;
        if (sn_delta_head_get(&body, &head) != SN_OK ||
            sn_tally_add(run->tally, run->series, run->intervals, &body) != SN_OK)
            run->unreadable = true; /* the counts would know of what the results do not */
    }
    run_note_levels(run, run->state.levels_s);
}

void run_loaded(struct sn_run *run, struct sn_span payload) {
    struct sn_reader r = sn_reader(payload.data, payload.len);
    struct sn_span key = sn_get_span(&r);
    if (r.bad) return;
    if (has_prefix(key, plan_key, sizeof plan_key - 1)) {
        if (run_use_plan(run, r.data + r.pos, sn_reader_left(&r)) != SN_OK) run->unreadable = true;
    } else if (!run->planned) {
        run->unreadable = true; /* nothing can be read without the plan */
    } else if (has_prefix(key, head_key, sizeof head_key - 1)) {
        if (!load_state(run, &r)) run->unreadable = true;
    } else if (has_prefix(key, chunk_prefix, sizeof chunk_prefix - 1)) {
        load_chunk(run, &r);
    } else if (has_prefix(key, log_prefix, sizeof log_prefix - 1)) {
        load_log(run, &r);
    }
}

/* What another version of Sentinel has stored is not guessed at: there is no such run, so its shards forget it.  If it was
 * under way, the tick has this object clean up after it. */
static void know_nothing(struct sn_run *run) {
    run->planned = false;
    memset(&run->state, 0, sizeof run->state);
    memset(run->shards, 0, sizeof run->shards);
}

void run_reopen(struct sn_run *run, int64_t now_us) {
    run->opened = true;
    if (run->unreadable) know_nothing(run);
    if (!run->planned) return;
    if (run->first_log_seq == 0) run->first_log_seq = run->state.log_seq + 1; /* the snapshot is all there is */
    sn_schedule_init(&run->schedule, &run->plan.profile);
    for (uint32_t i = 0; i < run->state.epochs_len; i++) sn_schedule_add(&run->schedule, &run->state.epochs[i]);
    for (uint32_t i = 0; i < run->state.shards_len; i++)
        run->shards[i].stored_seq = run->shards[i].seq; /* what was read back is durable */
    run_forgive(run, run->state.written_us, now_us);
    run->durable_stage = run->state.stage;
    run->durable_epochs = run->state.epochs_len;
    run->durable_shards = run->state.shards_len;
    run->durable_swept = run->state.sweep_done;
    run->durable_revision = run->state.revision;
    run->arm_us = now_us;
    run->told.again = true;
    bool working = run->state.stage >= SN_STAGE_ARM && run->state.stage <= SN_STAGE_CLEANUP;
    run->state.opened += working;
}
