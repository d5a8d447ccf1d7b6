/* Bugs that are planted on purpose, to see that the simulator finds them.
 *
 * They exist only in a build with -DSN_PLANTS, which nobody deploys: in every other build SN_PLANTED() is 0 and what it
 * guards is not compiled.  tests/planted.sh plants one after the other. */
#ifndef SENTINEL_BASE_PLANTED_H
#define SENTINEL_BASE_PLANTED_H

/* (name, text, what is wrong) */
#define SN_PLANT_LIST(X)                                                                                             \
    X(DELTA_TWICE, "delta-twice", "the run adds a delta that it has already")                                        \
    X(GAP_IGNORED, "gap-ignored", "the run takes a delta although the one before it is missing")                     \
    X(ACKNOWLEDGED_EARLY, "acknowledged-early", "the run says that it has stored what is only in its memory")        \
    X(UNLOGGED, "unlogged", "the run forgets to log what it took")                                                   \
    X(TOLD_EARLY, "told-early", "shards hear of an epoch before it is on the run's disk")                            \
    X(EPOCH_LATE, "epoch-late", "an epoch takes effect at once, before anybody can have heard of it")                \
    X(LOST_REST, "lost-rest", "what a lost shard never started is counted nowhere")                                  \
    X(LEASE_AFTER, "lease-after", "operations are sent before the lease for them is on disk")                        \
    X(REPLAYED, "replayed", "after a crash what was under the lease is sent again")                                  \
    X(RESULTS_DROPPED, "results-dropped", "a restarted shard drops the deltas that it had stored")                   \
    X(ALLOWED_BY_CALLS, "allowed-by-calls", "any call of the run lets a shard go on, however old it is")             \
    X(PLACE_KEPT, "place-kept", "a shard that comes back goes on at a place that is another's")                      \
    X(BURST, "burst", "what was due while a shard was away is sent afterwards, all at once")                         \
    X(SLOT_ON_TIMEOUT, "slot-on-timeout", "a call that timed out gives its slot back while it still runs")           \
    X(CONTROL_SLOT, "control-slot", "the slot that is kept for control is used for operations too")                  \
    X(SECOND_OFF, "second-off", "operations count for the second after the one in which they were due")              \
    X(LAST_KEY, "last-key", "the clean-up leaves the last item")                                                     \
    X(SLICE_UNBOUNDED, "slice-unbounded", "a slice goes on although it has made all the calls that it may")          \
    X(FENCE_SKIPPED, "fence-skipped", "the run takes what an earlier life of a shard reports for the present one's") \
    X(DEAD_MAN_FORGOTTEN, "dead-man-forgotten", "no alarm is set that would wake an object which dies at its work")  \
    X(ALARM_TWICE, "alarm-twice", "a second delivery of an alarm does the work of its slice again")                  \
    X(LOG_KEPT, "log-kept", "a restarted run forgets that there is a log to replace")                                \
    X(TURN_IGNORED, "turn-ignored", "shards report when they like, and do not wait for their turn")                  \
    X(RETRIES_DROPPED, "retries-dropped", "an item that fails takes those with it that wait for another try")        \
    X(SWEPT_SHORT, "swept-short", "a run that cannot be read is swept up half as far as it had come")                \
    X(LEFT_TO_SWEEP, "left-to-sweep", "the clean-up leaves half of its items to the sweep a minute later")

enum sn_plant {
    SN_PLANT_NONE,
#define SN_X(name, text, about) SN_PLANT_##name,
    SN_PLANT_LIST(SN_X)
#undef SN_X
        SN_PLANTS_LEN
};

#ifdef SN_PLANTS
extern enum sn_plant sn_planted;
#define SN_PLANTED(name) (sn_planted == SN_PLANT_##name)
#else
#define SN_PLANTED(name) 0
#endif

#endif
