/* What happens from outside: by the options so many times each, by the faults as often as they say. */
#include "world.h"

/* An instant of the load, give or take. */
static int64_t random_delay_us(struct world *world) {
    int64_t span_us = world->plan.profile.end_us + 2 * SN_SECOND_US;
    return (int64_t)(sn_rng_unit(&world->rng) * (double)span_us);
}

/* Somebody steers the run; what is refused in its state is refused. */
static void plan_steering(struct world *world, int64_t at_us, enum sn_message message, double value) {
    uint8_t bytes[32];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    sn_message_begin(&w, message);
    if (message == SN_MESSAGE_SCALE) sn_put_f64(&w, value);
    if (message == SN_MESSAGE_EXTEND) sn_put_u32(&w, (uint32_t)value);
    world_plan(world, (struct happening){.at_us = at_us, .what = WILL_STEER}, bytes, w.len);
}

/* Whoever gets no answer asks again: nobody lets a run stand for an hour because it restarted when he spoke to it. */
static void plan_resuming(struct world *world, int64_t at_us) {
    for (int i = 0; i < 3; i++) plan_steering(world, at_us + i * 5 * SN_SECOND_US, SN_MESSAGE_RESUME, 0);
}

static void plan_steering_of_some_kind(struct world *world) {
    static const double factors[] = {0.25, 0.5, 1, 2, 3};
    int64_t at_us = world->now_us + random_delay_us(world);
    uint32_t length_s = (uint32_t)(world->plan.profile.end_us / SN_SECOND_US);
    switch (sn_rng_below(&world->rng, 3)) {
    case 0:
        plan_steering(world, at_us, SN_MESSAGE_PAUSE, 0);
        at_us += SN_SECOND_US / 2 + sn_rng_below(&world->rng, 15 * (uint32_t)SN_SECOND_US);
        plan_resuming(world, at_us);
        break;
    case 1: plan_steering(world, at_us, SN_MESSAGE_SCALE, factors[sn_rng_below(&world->rng, 5)]); break;
    default: plan_steering(world, at_us, SN_MESSAGE_EXTEND, length_s + sn_rng_below(&world->rng, 20));
    }
}

/* --- Deaths and losses ------------------------------------------------------------------------------------------ */

static void plan(struct world *world, struct happening happening) {
    happening.at_us = world->now_us + random_delay_us(world);
    world_plan(world, happening, NULL, 0);
}

static uint32_t random_shard(struct world *world) {
    return 1 + sn_rng_below(&world->rng, world->plan.shards);
}

/* A shard loses everything, or is cut off for as long as the run may or may not wait for it, or for good. */
static void plan_loss(struct world *world) {
    struct happening loss = {.object = random_shard(world)};
    uint32_t sort = sn_rng_below(&world->rng, 3);
    loss.record.arg0 = sort == 1 ? sn_rng_below(&world->rng, 2) : 0; /* it hears, and is not heard, for a while */
    loss.what = sort == 0 ? WILL_VANISH : WILL_CUT;
    loss.record.at_us =
        sort == 2 ? 1e18 : (double)(world->now_us + random_delay_us(world)) + 120e6 * sn_rng_unit(&world->rng);
    if (sort == 0 && sn_rng_below(&world->rng, 2) == 0) { /* soon after it was armed: the call may still come again */
        loss.at_us = world->now_us + sn_rng_below(&world->rng, 8 * (uint32_t)SN_SECOND_US);
        world_plan(world, loss, NULL, 0);
        return;
    }
    plan(world, loss);
}

/* Early in the load, and for a little longer than the run waits for it: if there is load left by then, it is another's. */
static void plan_return(struct world *world) {
    int64_t at_us = world->now_us + 4 * SN_SECOND_US + sn_rng_below(&world->rng, 4 * (uint32_t)SN_SECOND_US);
    int64_t until_us = at_us + 31 * SN_SECOND_US + sn_rng_below(&world->rng, 15 * (uint32_t)SN_SECOND_US);
    struct happening cut = {.at_us = at_us, .object = random_shard(world), .what = WILL_CUT};
    cut.record.at_us = (double)until_us;
    world_plan(world, cut, NULL, 0);
}

/* The same instant for everybody. */
static void plan_deploy(struct world *world) {
    int64_t at_us = world->now_us + random_delay_us(world);
    for (uint32_t i = 0; i < world->objects_cap; i++)
        world_plan(world, (struct happening){.at_us = at_us, .object = i, .what = WILL_EVICT}, NULL, 0);
}

/* The load, or what comes after it.  Each changes what the one before has left. */
static void plan_new_version(struct world *world) {
    int64_t at_us = world->now_us + 2 * random_delay_us(world);
    world_plan(world, (struct happening){.at_us = at_us, .what = WILL_DEPLOY}, NULL, 0);
}

static void plan_deaths(struct world *world) {
    const struct sn_sim_options *options = world->options;
    for (uint32_t i = 0; i < options->evictions; i++)
        plan(world, (struct happening){.object = random_shard(world), .what = WILL_EVICT});
    for (uint32_t i = 0; i < options->run_evictions; i++) plan(world, (struct happening){.what = WILL_EVICT});
    for (uint32_t i = 0; i < options->losses; i++) plan_loss(world);
}

/* How often something happens that is on: once to so many times. */
static uint32_t times(struct world *world, enum sn_fault fault, uint32_t most) {
    return fault_on(world, fault) ? 1 + sn_rng_below(&world->rng, most) : 0;
}

#define READS 12

static void plan_message(struct world *world, int64_t at_us, enum sn_message message, uint32_t from) {
    uint8_t bytes[16];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    sn_message_begin(&w, message);
    world_plan(world, (struct happening){.at_us = at_us, .what = WILL_DELIVER, .from = from}, bytes, w.len);
}

static void plan_faults(struct world *world) {
    for (uint32_t i = times(world, SN_FAULT_SHARDS_DIE, 4); i > 0; i--)
        plan(world, (struct happening){.object = random_shard(world), .what = WILL_EVICT});
    for (uint32_t i = times(world, SN_FAULT_RUN_DIES, 3); i > 0; i--)
        plan(world, (struct happening){.what = WILL_EVICT});
    for (uint32_t i = times(world, SN_FAULT_SHARDS_VANISH, 2); i > 0; i--) plan_loss(world);
    for (uint32_t i = times(world, SN_FAULT_DEPLOYS, 2); i > 0; i--) plan_deploy(world);
    for (uint32_t i = times(world, SN_FAULT_HALTS, 2); i > 0; i--)
        plan(world, (struct happening){.what = WILL_HALT, .record.at_us = 60e6 * sn_rng_unit(&world->rng)});
    for (uint32_t i = times(world, SN_FAULT_STEERED, 3); i > 0; i--) plan_steering_of_some_kind(world);
    if (fault_on(world, SN_FAULT_CANCELLED))
        plan_message(world, world->now_us + 2 * random_delay_us(world), SN_MESSAGE_CANCEL, CROWD);
    if (fault_on(world, SN_FAULT_DATABASE_AWAY)) world->database_away_us = world->now_us + random_delay_us(world);
    for (uint32_t i = times(world, SN_FAULT_NEW_VERSION, 2); i > 0; i--) plan_new_version(world);
    if (fault_on(world, SN_FAULT_SHARDS_RETURN)) plan_return(world);
    if (fault_on(world, SN_FAULT_ALARMS_GIVEN_UP) || fault_on(world, SN_FAULT_NEW_VERSION)) database_plan_tick(world);
}

void story_plan(struct world *world) {
    plan_deaths(world);
    for (uint32_t i = 0; i < world->options->steerings; i++) plan_steering_of_some_kind(world);
    plan_faults(world);
    for (uint32_t i = 0; world->options->faults != 0 && i < READS; i++)
        plan_message(world, world->now_us + 2 * random_delay_us(world), SN_MESSAGE_READ, AUDITOR);
}
