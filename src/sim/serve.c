#include <stdlib.h>
#include <string.h>

#include "sentinel/base/real.h"
#include "world.h"

/* How long targets take that are like Cloudflare's (sentinel/sim/models.h). */

#define NORMAL_P99 2.3263478740408408 /* of a normal number: one in a hundred is above */
#define RANGE_ROWS 2                  /* a row that is found by a key, and what is read to find it */
#define PLACES_FIRST 64

/* A Durable Object as a target, by the hash of its binding and name; two of one hash, of which there are none in practice,
 * would be one. */
struct busy_place {
    uint64_t hash; /* 0: nobody's */
    int64_t free_us;
};

static struct busy_place *find_place(const struct busy *busy, uint64_t hash) {
    size_t i = hash & (busy->cap - 1);
    while (busy->places[i].hash != 0 && busy->places[i].hash != hash) i = (i + 1) & (busy->cap - 1);
    return &busy->places[i];
}

static bool grow(struct busy *busy) {
    struct busy wider = {.len = busy->len, .cap = busy->cap == 0 ? PLACES_FIRST : 2 * busy->cap};
    wider.places = calloc(wider.cap, sizeof *wider.places);
    if (wider.places == NULL) return false;
    for (size_t i = 0; i < busy->cap; i++)
        if (busy->places[i].hash != 0) *find_place(&wider, busy->places[i].hash) = busy->places[i];
    free(busy->places);
    *busy = wider;
    return true;
}

static int64_t *object_free_us(struct world *world, const struct call *call) {
    struct busy *busy = &world->busy;
    uint64_t hash = target_hash(call->target, call->key);
    hash += hash == 0;
    if (2 * (busy->len + 1) > busy->cap && !grow(busy)) {
        world->out_of_memory = true; /* the world ends with this step */
        return NULL;
    }
    struct busy_place *place = find_place(busy, hash);
    busy->len += place->hash == 0;
    place->hash = hash;
    return &place->free_us;
}

int64_t *serve_free_us(struct world *world, const struct call *call) {
    if (call->service == SN_SERVICE_D1) return &world->databases_free_us[call->target];
    if (call->service == SN_SERVICE_DO) return object_free_us(world, call);
    return NULL;
}

bool serve_refuses(const struct world *world, const int64_t *free_us) {
    double most_ms = world->options->models->of[SN_MODEL_QUEUE].ms;
    return free_us != NULL && (double)(*free_us - world->now_us) > 1000 * most_ms;
}

static double draw_mean_us(struct world *world, enum sn_model model) {
    return -1000 * world->options->models->of[model].ms * sn_ln(1 - sn_rng_unit(&world->rng));
}

static uint32_t draw_answer_us(struct world *world, enum sn_model model) {
    double ms = world->options->models->of[model].ms, p99_ms = world->options->models->of[model].p99_ms;
    uint32_t sigma = (uint32_t)(1e6 * sn_ln(p99_ms / ms) / NORMAL_P99);
    if (sigma > SN_SIGMA_MAX_MILLIONTHS) sigma = SN_SIGMA_MAX_MILLIONTHS;
    return sn_rng_lognormal(&world->rng, (uint32_t)(1000 * ms + 0.5), sigma, SN_MODEL_MS_MAX * 1000);
}

static enum sn_model model_of_statement(const struct sn_group *group) {
    if (group->rows_written > 0) return SN_MODEL_D1_WRITE;
    return group->rows_read > RANGE_ROWS ? SN_MODEL_D1_RANGE : SN_MODEL_D1_POINT;
}

/* A batch is one transaction: it takes what its slowest statement does, and a little for each of the others. */
static double statements_us(struct world *world, const struct sn_step *step) {
    const struct sn_group *groups = &world->plan.workload.groups[step->groups];
    enum sn_model slowest = SN_MODEL_D1_POINT;
    uint32_t statements = 0;
    for (uint32_t i = 0; i < step->groups_len; i++) {
        enum sn_model model = model_of_statement(&groups[i]);
        if (model > slowest) slowest = model;
        statements += groups[i].times;
    }
    double us = draw_mean_us(world, slowest);
    for (uint32_t i = 1; i < statements; i++) us += draw_mean_us(world, SN_MODEL_D1_MORE);
    return us;
}

static enum sn_model model_of_answer(const struct call *call) {
    switch (call->step->action) {
    case SN_ACTION_D1_ALL:
    case SN_ACTION_D1_BATCH: return SN_MODEL_D1_WAY;
    case SN_ACTION_KV_GET: return call->hot ? SN_MODEL_KV_HOT : SN_MODEL_KV_COLD;
    case SN_ACTION_KV_GET_MANY:
    case SN_ACTION_KV_LIST: return SN_MODEL_KV_COLD;
    case SN_ACTION_KV_PUT:
    case SN_ACTION_KV_DELETE: return SN_MODEL_KV_WRITE;
    case SN_ACTION_R2_GET:
    case SN_ACTION_R2_HEAD:
    case SN_ACTION_R2_LIST: return SN_MODEL_R2_READ;
    case SN_ACTION_R2_PUT:
    case SN_ACTION_R2_DELETE:
    case SN_ACTION_R2_MULTIPART: return SN_MODEL_R2_WRITE;
    case SN_ACTION_DO_CALL:
    case SN_ACTION_DO_FETCH: return SN_MODEL_DO_WAY;
    case SN_ACTION_SERVICE_FETCH: return SN_MODEL_SERVICE;
    default: return SN_MODEL_HTTP;
    }
}

/* The whole way comes after the server, as if a call were there as soon as it leaves: then they are served in the order in
 * which they were sent, and none waits for one that is still on its way. */
struct served serve(struct world *world, const struct call *call, int64_t *free_us) {
    struct served served = {.at_us = world->now_us};
    if (free_us != NULL) {
        bool database = call->service == SN_SERVICE_D1;
        double us = database ? statements_us(world, call->step) : draw_mean_us(world, SN_MODEL_DO_SERVES);
        served.server_us = (int64_t)(us + 0.5);
        if (*free_us > served.at_us) served.at_us = *free_us;
        *free_us = served.at_us += served.server_us;
    }
    served.at_us += draw_answer_us(world, model_of_answer(call));
    return served;
}
