#include "sentinel/sim/faults.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "world.h"

static const struct {
    const char *name, *about;
} faults[] = {
#define SN_X(name, text, about) {text, about},
    SN_FAULT_LIST(SN_X)
#undef SN_X
};

const char *sn_fault_name(enum sn_fault fault) {
    return faults[fault].name;
}

const char *sn_fault_about(enum sn_fault fault) {
    return faults[fault].about;
}

static const struct {
    const char *name, *about;
} plants[] = {{"none", "nothing"},
#define SN_X(name, text, about) {text, about},
              SN_PLANT_LIST(SN_X)
#undef SN_X
};

const char *sn_plant_name(enum sn_plant plant) {
    return plants[plant].name;
}

const char *sn_plant_about(enum sn_plant plant) {
    return plants[plant].about;
}

#define NEW_VERSION_ONE_IN 6

uint32_t sn_faults_of_seed(uint64_t seed) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 1);
    uint32_t set = sn_rng_below(&rng, SN_FAULT_BIT(SN_FAULT_KV_BEHIND));
    for (uint32_t i = SN_FAULT_KV_BEHIND; i < SN_FAULT_NEW_VERSION; i++)
        set |= sn_rng_below(&rng, 2) << i;           /* a seed keeps its first ones */
    if (sn_rng_below(&rng, NEW_VERSION_ONE_IN) == 0) /* which ends most runs */
        set |= SN_FAULT_BIT(SN_FAULT_NEW_VERSION);
    for (uint32_t i = SN_FAULT_GATE_SLOW; i < SN_FAULTS_LEN; i++) set |= sn_rng_below(&rng, 2) << i;
    bool all_there = sn_rng_below(&rng, 2) == 0; /* else nobody can say what a run that had ended may have left */
    if (all_there && (set & SN_FAULT_BIT(SN_FAULT_NEW_VERSION)) != 0)
        set &= ~(SN_FAULT_BIT(SN_FAULT_SHARDS_VANISH) | SN_FAULT_BIT(SN_FAULT_SHARDS_RETURN));
    return seed % 3 == 0 ? set & SN_FAULTS_CALM : set;
}

static bool find(struct sn_span word, uint32_t *bits) {
    *bits = sn_span_is(word, "all") ? SN_FAULTS_ALL : 0;
    if (*bits != 0 || sn_span_is(word, "none")) return true;
    for (uint32_t i = 0; i < SN_FAULTS_LEN; i++) {
        if (sn_span_is(word, faults[i].name)) *bits = SN_FAULT_BIT(i);
    }
    return *bits != 0;
}

bool sn_faults_parse(const char *text, uint32_t *set, const char **bad, size_t *bad_len) {
    *set = 0;
    for (;;) {
        size_t len = strcspn(text, ",");
        uint32_t bits;
        if (!find((struct sn_span){(const uint8_t *)text, len}, &bits)) {
            *bad = text;
            *bad_len = len;
            return false;
        }
        *set |= bits;
        if (text[len] == '\0') return true;
        text += len + 1;
    }
}

void sn_faults_text(uint32_t set, char text[SN_FAULTS_TEXT_MAX]) {
    struct sn_writer w = sn_writer(text, SN_FAULTS_TEXT_MAX - 1);
    for (uint32_t i = 0; i < SN_FAULTS_LEN; i++) {
        if ((set & SN_FAULT_BIT(i)) == 0) continue;
        if (w.len > 0) sn_put_text(&w, ",");
        sn_put_text(&w, faults[i].name);
    }
    if (set == 0) sn_put_text(&w, "none");
    SN_ASSERT(!w.full);
    text[w.len] = '\0';
}

/* --- What befalls whom ---------------------------------------------------------------------------------------- */

bool fault_on(const struct world *world, enum sn_fault fault) {
    return (world->options->faults & SN_FAULT_BIT(fault)) != 0;
}

/* Draws only where the fault is on, so that a world without it stays as it was. */
bool fault_strikes(struct world *world, enum sn_fault fault, uint32_t one_in) {
    return fault_on(world, fault) && sn_rng_below(&world->rng, one_in) == 0;
}

int64_t fault_delay_us(struct world *world, enum sn_fault fault, uint32_t one_in, int64_t most_us) {
    return fault_strikes(world, fault, one_in) ? (int64_t)(sn_rng_unit(&world->rng) * (double)most_us) : 0;
}

bool fault_write_fails(struct world *world, uint32_t index) {
    struct object *object = &world->objects[index];
    if (!fault_on(world, SN_FAULT_WRITES_FAIL)) return object->unwritable_until_us > world->now_us;
    if (fault_strikes(world, SN_FAULT_WRITES_FAIL, 400))
        object->unwritable_until_us = world->now_us + (int64_t)(8e6 * sn_rng_unit(&world->rng));
    return object->unwritable_until_us > world->now_us || fault_strikes(world, SN_FAULT_WRITES_FAIL, 50);
}

bool fault_database_away(const struct world *world) {
    return fault_on(world, SN_FAULT_DATABASE_AWAY) && world->now_us >= world->database_away_us &&
           world->now_us < world->database_away_us + 60 * SN_SECOND_US;
}

/* Up to 90 ms off, each way. */
int64_t fault_skew_us(struct world *world) {
    if (!fault_on(world, SN_FAULT_SKEW)) return 0;
    return ((int64_t)sn_rng_below(&world->rng, 91) - 45) * 1000;
}
