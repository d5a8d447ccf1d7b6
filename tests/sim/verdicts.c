/* How often the verdict on two runs is right: pairs of drawn runs (tests/unit/drawn_run.h), the same or one of them changed.
 *
 *     build/verdicts [PAIRS] [SEED]
 *
 * Prints a line for each question, and fails when the answer is worse than promised. */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/drawn_run.h"

static struct drawn_pair pair;

static bool changed(enum sn_change change) {
    return change == SN_CHANGE_SLOWER || change == SN_CHANGE_FASTER;
}

/* Whether any percentile that is judged was called slower or faster. */
static bool any_changed(void) {
    bool any = false;
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++)
        any |= pair.result.percentiles[i].judged && changed(pair.result.percentiles[i].change);
    return any;
}

static bool slower(void) {
    return pair.result.change == SN_CHANGE_SLOWER;
}

static bool same(void) {
    return pair.result.change == SN_CHANGE_SAME;
}

static bool tail_slower(void) {
    return pair.result.percentiles[2].change == SN_CHANGE_SLOWER;
}

static uint64_t count(const struct drawn_run *before, const struct drawn_run *after, uint64_t pairs, uint64_t seed,
                      bool (*question)(void)) {
    uint64_t yes = 0;
    for (uint64_t i = 0; i < pairs; i++) {
        drawn_compare(&pair, before, after, seed + i);
        yes += question();
    }
    return yes;
}

static bool line(const char *what, uint64_t found, uint64_t pairs, bool good) {
    printf("%-62s %4llu of %llu%s\n", what, (unsigned long long)found, (unsigned long long)pairs,
           good ? "" : "  NOT AS PROMISED");
    return good;
}

int main(int argc, char **argv) {
    uint64_t pairs = argc > 1 ? strtoull(argv[1], NULL, 10) : 200, seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    struct drawn_run run = drawn_minute, slow = run, tail = run, fast = run, longer = run;
    bool good = true;
    run.rate_per_s = slow.rate_per_s = tail.rate_per_s = fast.rate_per_s = longer.rate_per_s = 500; /* as in that log */
    slow.factor = 1.1;
    fast.factor = 0.8;
    tail.tail_share = 0.03;
    tail.tail_factor = 3;
    longer.seconds = 300;
    uint64_t found = count(&run, &run, pairs, seed, any_changed);
    good &= line("60 s, nothing changed: called slower or faster", found, pairs, found == 0);
    found = count(&run, &slow, pairs, seed + 10000, slower);
    good &= line("60 s, 10 % slower: called slower", found, pairs, found * 100 >= pairs * 95);
    found = count(&run, &tail, pairs, seed + 20000, tail_slower);
    good &=
        line("60 s, 3 % of operations three times as slow: p99 called slower", found, pairs, found * 100 >= pairs * 95);
    found = count(&run, &fast, pairs, seed + 30000, any_changed);
    good &= line("60 s, 20 % faster: found", found, pairs, found * 100 >= pairs * 95);
    found = count(&longer, &longer, pairs / 2, seed + 40000, any_changed);
    good &= line("300 s, nothing changed: called slower or faster", found, pairs / 2, found == 0);
    found = count(&longer, &longer, pairs / 2, seed + 50000, same);
    line("300 s, nothing changed: called the same", found, pairs / 2, true);
    return good ? 0 : 1;
}
