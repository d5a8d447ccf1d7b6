#include <math.h>
#include <string.h>

#include "sentinel/base/assert.h"
#include "world.h"

#define TAIL_FACTOR 3
#define TIMER_US 10000 /* that a timer may be early by the clocks of others */
#define STALL_US (6 * SN_SECOND_US)
#define BEHIND_US (60 * SN_SECOND_US)
#define CACHED_US (60 * SN_SECOND_US) /* KV, reading key-value pairs: cacheTtl unless a call says another */
#define QUEUE_US (5 * SN_SECOND_US)   /* a queue that is longer is refused */

/* Keys that are written exist until they are deleted; a database answers a query with as many rows as its LIMIT says, or
 * one; some calls fail.  Of the simplest target every call takes an exponential time; serve.c has the models'. */

static double service_us(struct world *world) {
    double mean_us = world->options->target_mean_ms * 1000.0, tail = world->options->target_tail_share;
    if (tail > 0 && sn_rng_unit(&world->rng) < tail) mean_us *= TAIL_FACTOR;
    return fmax(100.0, -mean_us * log(1.0 - sn_rng_unit(&world->rng)));
}

struct call_values {
    uint64_t k;
    uint32_t statement;
    struct sn_span key; /* the first value */
    uint32_t value_len; /* of the second one */
};

static const struct sn_step *step_of(const struct world *world, const struct sn_record *effect) {
    const struct sn_workload *workload = &world->plan.workload;
    SN_ASSERT(effect->arg1 >> 16 < workload->steps_len);
    return &workload->steps[effect->arg1 >> 16];
}

static uint32_t service_of(const struct world *world, const struct sn_record *effect) {
    return sn_step_target(&world->plan.workload, step_of(world, effect))->service;
}

/* Where the shard is: a region, or SN_REGIONS_LEN.  Before its first operation it is taken to be where its name says. */
static uint32_t region_of(const struct world *world, uint32_t object) {
    uint32_t place = world->objects[object].place;
    return sn_plan_region(&world->plan, place != NO_PLACE ? place : (object - 1) % world->plan.shards);
}

/* `text` is where the key will lie. */
static struct call_values read_values(const struct sn_plan *plan, const struct sn_record *effect,
                                      struct sn_span payload, struct sn_writer *text) {
    struct call_values values = {0};
    struct sn_render render = sn_plan_render(plan);
    uint8_t shared[SN_EFFECT_MAX];
    struct sn_writer shape = sn_writer(shared, sizeof shared);
    SN_ASSERT(effect->arg1 >> 16 < plan->workload.steps_len);
    sn_shape_put(&shape, &plan->workload, &plan->workload.steps[effect->arg1 >> 16], &render);
    if (!sn_shape_fill((struct sn_span){shared, shape.len}, payload, text)) return values;
    struct sn_reader r = sn_reader(text->data, text->len);
    values.k = sn_get_u64(&r);
    sn_get_u16(&r);
    values.statement = sn_get_u32(&r);
    uint16_t len = sn_get_u16(&r);
    for (uint16_t i = 0; i < len && i < 2; i++) {
        uint8_t type = sn_get_u8(&r);
        sn_get_bytes(&r, 3);
        uint32_t size = sn_get_u32(&r);
        bool slice = type == SN_VALUE_SLICE || type == SN_VALUE_SLICE_TEXT;
        const uint8_t *bytes = sn_get_bytes(&r, slice ? 4 : (size + 3) & ~3u);
        if (r.bad) break;
        if (i == 0) values.key = (struct sn_span){bytes, size};
        if (i == 1) values.value_len = size;
    }
    return values;
}

static uint32_t limit_of(const struct sn_workload *workload, uint32_t statement) {
    static const char word[] = "LIMIT ";
    const struct sn_text *text = &workload->statements[statement];
    const char *sql = workload->pool + text->offset;
    for (uint32_t i = 0; i + sizeof word <= text->len; i++) {
        if (memcmp(sql + i, word, sizeof word - 1) != 0) continue;
        uint32_t limit = 0;
        for (i += sizeof word - 1; i < text->len && sql[i] >= '0' && sql[i] <= '9'; i++) {
            limit = 10 * limit + (uint32_t)(sql[i] - '0');
        }
        return limit > 0 ? limit : 1; /* one that is bound may be anything */
    }
    return 1;
}

uint64_t target_hash(uint32_t target, struct sn_span key) {
    uint64_t hash = UINT64_C(14695981039346656037) ^ target; /* FNV-1a */
    for (size_t i = 0; i < key.len; i++) hash = (hash ^ key.data[i]) * UINT64_C(1099511628211);
    return hash ^ hash >> 32;
}

/* The list that the key belongs to. */
static struct entry **keys_of(const struct world *world, uint32_t target, struct sn_span key) {
    return &world->targets[target * TARGET_LISTS + target_hash(target, key) % TARGET_LISTS];
}

/* What a target keeps of a key's value.  KV may show an older one for a while, or none; like Cloudflare's, what a place has
 * read or written it shows there until its cache has forgotten it. */
struct held {
    int64_t written_us, seen_us; /* seen: from then on by those who read */
    uint32_t size, before;       /* before: what is seen until then; 0: nothing */
    struct {
        int64_t until_us;
        uint32_t size;
    } cached[SN_REGIONS_LEN + 1];
};

static bool find_held(struct entry **keys, struct sn_span key, struct held *held) {
    const struct entry *found = *entries_find(keys, key.data, key.len);
    if (found != NULL) memcpy(held, found->value, sizeof *held);
    return found != NULL;
}

static uint32_t seen_size(const struct world *world, const struct held *held) {
    return world->now_us >= held->seen_us ? held->size : held->before;
}

static void keep(struct world *world, struct entry **keys, struct sn_span key, const struct held *held) {
    struct entry *entry = *entries_find(keys, key.data, key.len);
    if (entry != NULL)
        memcpy(entry->value, held, sizeof *held);
    else
        entries_put(world, keys, key, (struct sn_span){(const uint8_t *)held, sizeof *held});
}

static void put(struct world *world, uint32_t region, struct entry **keys, bool behind,
                const struct call_values *values) {
    struct held held, next = {.written_us = world->now_us, .seen_us = world->now_us, .size = values->value_len};
    if (behind) next.seen_us += fault_delay_us(world, SN_FAULT_KV_BEHIND, 2, BEHIND_US);
    if (find_held(keys, values->key, &held)) {
        next.before = seen_size(world, &held);
        memcpy(next.cached, held.cached, sizeof next.cached);
    }
    next.cached[region].until_us = world->now_us + CACHED_US;
    next.cached[region].size = next.size;
    keep(world, keys, values->key, &next);
}

/* What KV like Cloudflare's shows at a place.  True: the place had it. */
static bool read_cached(struct world *world, uint32_t region, struct entry **keys, struct sn_span key, uint32_t *size) {
    struct held held;
    if (!find_held(keys, key, &held)) return false;
    bool hot = held.cached[region].until_us > world->now_us;
    if (!hot) {
        held.cached[region].until_us = world->now_us + CACHED_US;
        held.cached[region].size = seen_size(world, &held);
        keep(world, keys, key, &held);
    }
    *size = held.cached[region].size;
    return hot;
}

/* Of an object that is read in part only so much comes back as was asked for. */
static bool reads_range(const struct sn_workload *workload, const struct sn_step *step) {
    const struct sn_group *group = &workload->groups[step->groups];
    return step->action == SN_ACTION_R2_GET && (workload->arguments[group->arguments + 1].type != SN_VALUE_NULL ||
                                                workload->arguments[group->arguments + 2].type != SN_VALUE_NULL);
}

static struct sn_answer answer_of(struct world *world, const struct sn_record *effect, const struct call_values *values,
                                  uint32_t region, bool *hot) {
    struct sn_answer answer = {.attempts = 1};
    struct entry **keys = keys_of(world, effect->target, values->key);
    struct held held;
    const struct sn_workload *workload = &world->plan.workload;
    const struct sn_step *step = step_of(world, effect);
    switch (effect->arg0) {
    case SN_ACTION_R2_MULTIPART:
    case SN_ACTION_KV_PUT:
    case SN_ACTION_R2_PUT: put(world, region, keys, effect->arg0 == SN_ACTION_KV_PUT, values); break;
    case SN_ACTION_KV_DELETE:
    case SN_ACTION_R2_DELETE: entries_erase(keys, values->key.data, values->key.len); break;
    case SN_ACTION_KV_GET:
    case SN_ACTION_R2_GET:
    case SN_ACTION_R2_HEAD:
        if (find_held(keys, values->key, &held)) answer.bytes = seen_size(world, &held);
        if (world->options->models != NULL && effect->arg0 == SN_ACTION_KV_GET)
            *hot = read_cached(world, region, keys, values->key, &answer.bytes);
        if (remember_found(world, values->key)) answer.bytes = step->expect_bytes > 0 ? step->expect_bytes : 1;
        answer.rows = answer.bytes > 0;
        if (answer.rows > 0 && (step->expect & SN_EXPECT_BYTES) != 0 && reads_range(workload, step))
            answer.bytes = step->expect_bytes;
        break;
    case SN_ACTION_KV_GET_MANY: answer.rows = workload->groups[step->groups].arguments_len - 2; break;
    case SN_ACTION_DO_CALL: answer.rows = 1; break;
    case SN_ACTION_DO_FETCH:
    case SN_ACTION_HTTP_FETCH:
    case SN_ACTION_SERVICE_FETCH:
        answer.rows = 1;
        answer.status = step->statuses[0] != 0 ? step->statuses[0] & 0xffff : 200;
        if ((step->expect & SN_EXPECT_BYTES) != 0) answer.bytes = step->expect_bytes;
        break;
    case SN_ACTION_D1_BATCH: answer.rows_written = 10; break;
    case SN_ACTION_D1_ALL:
        answer.rows = answer.rows_read = limit_of(&world->plan.workload, values->statement);
        answer.sql_us = 300;
        break;
    default: answer.rows = 20; /* listings */
    }
    return answer;
}

/* A key takes one write a second. */
static bool too_soon(struct world *world, const struct sn_record *effect, const struct call_values *values) {
    static const uint32_t writes[] = {SN_ACTION_KV_PUT, SN_ACTION_KV_DELETE, SN_ACTION_R2_PUT, SN_ACTION_R2_DELETE,
                                      SN_ACTION_R2_MULTIPART};
    struct held held;
    bool write = false;
    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) write = write || effect->arg0 == writes[i];
    bool throttles = fault_on(world, SN_FAULT_KEYS_THROTTLED) || world->options->models != NULL;
    if (!write || !throttles) return false;
    return find_held(keys_of(world, effect->target, values->key), values->key, &held) &&
           world->now_us - held.written_us < SN_SECOND_US;
}

/* Some keys cannot be deleted, however often one tries. */
static bool stuck(const struct world *world, const struct sn_record *effect, const struct call_values *values) {
    bool deletes = effect->arg0 == SN_ACTION_KV_DELETE || effect->arg0 == SN_ACTION_R2_DELETE;
    uint32_t hash = (uint32_t)world->options->seed;
    for (size_t i = 0; i < values->key.len; i++) hash = (hash ^ values->key.data[i]) * UINT32_C(16777619);
    return deletes && fault_on(world, SN_FAULT_DELETES_FAIL) && (hash >> 8) % 50 == 0;
}

/* What a call fails with; NULL: it does not. */
static const char *error_of(struct world *world, const struct sn_record *effect, const struct call_values *values,
                            const int64_t *free_us) {
    static const char reduce[] = "Error: Reduce your concurrent request rate for the same object. (10058)";
    static const char lost[] = "Error: D1_ERROR: Network connection lost.";
    static const char overloaded[] = "Error: D1_ERROR: D1 DB is overloaded. Requests queued for too long.";
    static const char crowded[] = "Error: Durable Object is overloaded. Requests queued for too long.";
    static const char throttled[] = "Error: KV PUT failed: 429 Too Many Requests";
    bool queues = service_of(world, effect) == SN_SERVICE_D1 && fault_on(world, SN_FAULT_DATABASE_QUEUES);
    if (sn_rng_unit(&world->rng) < world->options->target_error_share) return lost;
    if (stuck(world, effect, values)) return lost;
    if (queues && world->database_free_us - world->now_us > QUEUE_US) return overloaded;
    if (free_us != NULL && serve_refuses(world, free_us))
        return service_of(world, effect) == SN_SERVICE_D1 ? overloaded : crowded;
    if (too_soon(world, effect, values)) return service_of(world, effect) == SN_SERVICE_KV ? throttled : reduce;
    if (fault_strikes(world, SN_FAULT_TARGETS_ERR, 30))
        return service_of(world, effect) == SN_SERVICE_KV ? throttled : lost;
    return NULL;
}

/* Of the simplest target.  A database that queues is one server for everybody. */
static int64_t simple_us(struct world *world, const struct sn_record *effect, bool fails) {
    int64_t at_us = world->now_us + (int64_t)service_us(world);
    if (!fails && service_of(world, effect) == SN_SERVICE_D1 && fault_on(world, SN_FAULT_DATABASE_QUEUES)) {
        int64_t begin_us = world->database_free_us > world->now_us ? world->database_free_us : world->now_us;
        at_us = world->database_free_us = begin_us + (at_us - world->now_us);
    }
    return at_us;
}

/* What stands still answers when that is over. */
static int64_t stalled_us(struct world *world, int64_t at_us) {
    if (fault_strikes(world, SN_FAULT_TARGETS_STALL, 2000))
        world->stalled_until_us = world->now_us + (int64_t)(sn_rng_unit(&world->rng) * STALL_US);
    return at_us > world->stalled_until_us ? at_us : world->stalled_until_us + (at_us - world->now_us);
}

/* The answer as it crosses.  Where something came back all that is looked for is in it, and what is captured is a text of
 * the operation's own. */
static struct sn_writer put_answer(const struct world *world, const struct sn_record *effect, struct sn_answer answer,
                                   uint64_t k, uint8_t *bytes, size_t cap) {
    const struct sn_workload *workload = &world->plan.workload;
    const struct sn_step *step = step_of(world, effect);
    struct sn_writer w = sn_writer(bytes, cap);
    bool found = answer.rows > 0;
    if (found) answer.looked = (UINT32_C(1) << step->looks_len) - 1;
    sn_put_bytes(&w, &answer, sizeof answer);
    for (uint32_t i = 0; i < step->looks_len; i++) {
        uint8_t text[24];
        struct sn_writer captured = sn_writer(text, sizeof text);
        if (!sn_look_captures(&workload->looks[step->looks + i])) continue;
        if (found) sn_put_dec(&captured, k);
        sn_put_span(&w, text, captured.len);
    }
    SN_ASSERT(!w.full);
    return w;
}

void target_step(struct world *world, uint32_t object, const struct sn_record *effect, struct sn_span payload) {
    uint8_t plain[SN_EFFECT_MAX];
    struct sn_writer text = sn_writer(plain, sizeof plain);
    struct call_values values = read_values(&world->plan, effect, payload, &text);
    struct call call = {step_of(world, effect), effect->target, service_of(world, effect), values.key, false};
    bool models = world->options->models != NULL;
    int64_t *free_us = models ? serve_free_us(world, &call) : NULL;
    const char *error = error_of(world, effect, &values, free_us);
    struct sn_answer answer = {0};
    struct served served;
    if (error == NULL) answer = answer_of(world, effect, &values, region_of(world, object), &call.hot);
    if (models)
        served = serve(world, &call, error == NULL ? free_us : NULL); /* who is refused has not been served */
    else
        served = (struct served){.at_us = simple_us(world, effect, error != NULL)};
    if (models && call.service == SN_SERVICE_D1) answer.sql_us = (uint32_t)served.server_us;
    struct happening happening = {
        .at_us = stalled_us(world, served.at_us),
        .object = object,
        .generation = world->objects[object].generation,
        .what = WILL_FEED,
        .record = {.kind = error != NULL ? SN_EVENT_STEP_FAILED : SN_EVENT_STEP_DONE, .id = effect->id},
    };
    struct sn_reader r = sn_reader(payload.data, payload.len);
    bool late = happening.at_us - world->now_us >= world->plan.timeout_us - TIMER_US;
    if ((effect->arg1 & 0xff) == SN_STAGE_CLEANUP && (error != NULL || late)) audit_cleanup_failed(world);
    if ((effect->arg1 & 0xff) == SN_STAGE_LOAD) { /* for the auditor */
        happening.from_id = (effect->arg1 >> 8 & 0xff) + 1;
        happening.record.target = (uint32_t)sn_get_f64(&r);
    }
    if (error != NULL) {
        world_plan(world, happening, error, strlen(error));
        return;
    }
    uint8_t bytes[sizeof answer + SN_LOOKS_MAX * 24];
    struct sn_writer w = put_answer(world, effect, answer, values.k, bytes, sizeof bytes);
    world_plan(world, happening, bytes, w.len);
}
