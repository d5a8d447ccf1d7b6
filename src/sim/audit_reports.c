/* How many reports a run is sent in any second: no more than it takes; and of more than a hundred shards at most twice as many
 * where all of them have more to tell than one report, because a stage begins or ends or because somebody was away.
 *
 * The auditor reads the stage in the reports themselves.  The first report of each life of a shard may come at any moment, and
 * is not counted: there are no more of them than lives. */
#include "sentinel/base/time.h"
#include "world.h"

#define MOST 200u     /* that a run takes in a second */
#define FEW 100u      /* shards of which each may report twice in a second */
#define BUSY_US 20000 /* who is at work when its turn comes reports some milliseconds late */
#define SKEWED_US 90000

/* All have had their turn, and another one for what waited. */
static int64_t settled_us(const struct auditor *auditor) {
    int64_t turn_us = auditor->starts > MOST ? auditor->starts * SN_SECOND_US / MOST : SN_SECOND_US;
    return 2 * turn_us + SN_SECOND_US;
}

/* Whether a shard has told of a new stage, or of the end of its own part, a short while ago.  Those that have not come to tell of
 * it yet report more often already; what they have sent by then is forgiven. */
static bool stage_changes(struct world *world, struct object *object, const struct sn_delta_head *head) {
    struct auditor *auditor = &world->auditor;
    uint32_t stage = 2 * head->stage + (head->stage_done != 0);
    if (stage != object->told_stage) {
        auditor->changed_us = world->now_us;
        auditor->crowded_us = 0;
    }
    object->told_stage = stage;
    return auditor->changed_us != 0 && world->now_us - auditor->changed_us < settled_us(auditor);
}

/* Who is woken late reports when it is not its turn, once. */
static uint32_t woken_late(const struct world *world) {
    static const uint32_t late = SN_FAULT_BIT(SN_FAULT_TIMERS_LATE) | SN_FAULT_BIT(SN_FAULT_ALARMS_LATE) |
                                 SN_FAULT_BIT(SN_FAULT_ALARMS_GIVEN_UP) | SN_FAULT_BIT(SN_FAULT_HALTS);
    return (world->options->faults & late) != 0 ? world->auditor.starts : 0;
}

/* A place that was given to another shard has two who take its turns, should the first come back. */
static uint32_t came_back(const struct auditor *auditor, uint32_t most) {
    uint32_t places = auditor->plan->shards;
    return auditor->starts > places ? (auditor->starts - places) * (most / places + 1) : 0;
}

static bool undisturbed(const struct world *world) {
    const struct sn_sim_options *options = world->options;
    return options->faults == 0 && options->evictions + options->run_evictions + options->losses == 0;
}

/* How many of the newest came within the second that ends now. */
static uint32_t of_a_second(const struct world *world) {
    const struct auditor *auditor = &world->auditor;
    int64_t second_us = SN_SECOND_US - BUSY_US - (fault_on(world, SN_FAULT_SKEW) ? SKEWED_US : 0);
    uint32_t count = 0;
    while (count < AUDIT_REPORTS_MAX && count < auditor->reports &&
           world->now_us - auditor->reports_us[(auditor->reports - 1 - count) % AUDIT_REPORTS_MAX] < second_us)
        count += 1;
    return count;
}

void audit_report(struct world *world, uint32_t index, const struct sn_delta_head *head) {
    struct auditor *auditor = &world->auditor;
    struct object *object = &world->objects[index];
    bool first = object->reported != object->generation, many = auditor->starts > FEW;
    bool changes = stage_changes(world, object, head);
    object->reported = object->generation;
    if (first) return;
    auditor->reports_us[auditor->reports++ % AUDIT_REPORTS_MAX] = world->now_us;
    uint32_t count = of_a_second(world), most = many ? 2 * MOST : MOST;
    if (count > most + came_back(auditor, most) + woken_late(world))
        audit_violation(auditor, "more reports in a second than a run takes", auditor->reports);
    bool crowded = many && undisturbed(world) && !changes && count > MOST;
    if (!crowded) auditor->crowded_us = 0;
    if (crowded && auditor->crowded_us == 0) auditor->crowded_us = world->now_us;
    if (crowded && world->now_us - auditor->crowded_us > settled_us(auditor))
        audit_violation(auditor, "more reports in a second than a run takes, and nobody has more to tell",
                        auditor->reports);
}
