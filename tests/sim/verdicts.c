/* How often the verdict on two runs is right: pairs of drawn runs (tests/unit/drawn_run.h), the same or one of them changed.
 *
 *     build/verdicts [PAIRS] [SEED]
 *
 * Prints a line for each question about one target, then a table of many sites: of each, pairs in which nothing changed that were called
 * slower or faster, and, in per cent, those that were called the same, pairs with everything 10 % slower that were found, and pairs with 3 %
 * of operations three times as slow in which p99 was.  Fails when it is worse than promised. */
#include <stdio.h>
#include <stdlib.h>

#include "drawn_site.h"

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

/* One target, as docs/compare.md promises it. */
static bool judge_one(uint64_t pairs, uint64_t seed) {
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
        line("60 s, 3 % of operations three times as slow: p99 called slower", found, pairs, found * 100 >= pairs * 90);
    found = count(&run, &fast, pairs, seed + 30000, any_changed);
    good &= line("60 s, 20 % faster: found", found, pairs, found * 100 >= pairs * 95);
    found = count(&longer, &longer, pairs / 2, seed + 40000, any_changed);
    good &= line("300 s, nothing changed: called slower or faster", found, pairs / 2, found == 0);
    found = count(&longer, &longer, pairs / 2, seed + 50000, same);
    line("300 s, nothing changed: called the same", found, pairs / 2, true);
    return good;
}

/* --- Many sites ------------------------------------------------------------------------------------------------------ */

static const uint32_t lengths_s[] = {60, 600}, rates_per_s[] = {20, 100, 500, 2000};
static const double memories[] = {0, 0.6, 0.9};
#define COUNT(a) (sizeof(a) / sizeof *(a))
/* Of pairs that are the same, so many may be called changed, all sites of one memory taken together; a level that swings for
 * as long as a third of the run is what a run cannot know of itself. */
static const double allowed[COUNT(memories)] = {0.003, 0.004, 0.015};

struct answers {
    uint64_t pairs, changed, same, others, slower, tail;
};

/* A fifth as many pairs that differ, and a tenth of all where they are ten times as long. */
static struct answers ask(const struct drawn_site *site, const struct drawn_run *run, uint64_t pairs, uint64_t seed) {
    struct answers answers = {.pairs = run->seconds > 60 ? pairs / 10 : pairs};
    struct drawn_run slow = *run, tail = *run;
    answers.others = (answers.pairs + 4) / 5;
    slow.factor = 1.1;
    tail.tail_share = 0.03;
    tail.tail_factor = 3;
    for (uint64_t i = 0; i < answers.pairs; i++) {
        drawn_site_compare(&pair, site, run, run, seed + i);
        answers.changed += any_changed();
        answers.same += same();
    }
    for (uint64_t i = 0; i < answers.others; i++) {
        drawn_site_compare(&pair, site, run, &slow, seed + pairs + i);
        answers.slower += slower();
        drawn_site_compare(&pair, site, run, &tail, seed + 2 * pairs + i);
        answers.tail += tail_slower();
    }
    return answers;
}

/* A row for a site at one rate: a group of columns for each memory. */
static void ask_row(const struct drawn_site *site, struct drawn_run *run, uint64_t pairs, uint64_t *seed,
                    struct answers sums[]) {
    printf("%4u s %5u/s  %-11s", run->seconds, run->rate_per_s, site->name);
    for (size_t i = 0; i < COUNT(memories); i++) {
        run->memory = memories[i];
        struct answers answers = ask(site, run, pairs, *seed);
        *seed += 3 * pairs;
        sums[i].pairs += answers.pairs;
        sums[i].changed += answers.changed;
        printf("  |%4llu%5.0f%6.0f%6.0f", (unsigned long long)answers.changed,
               100.0 * (double)answers.same / (double)answers.pairs,
               100.0 * (double)answers.slower / (double)answers.others,
               100.0 * (double)answers.tail / (double)answers.others);
    }
    printf("\n");
    fflush(stdout);
}

static bool judge_many(uint64_t pairs, uint64_t seed) {
    struct answers sums[COUNT(memories)] = {0};
    bool good = true;
    printf("\n%-26s", "a second keeps of the last");
    for (size_t i = 0; i < COUNT(memories); i++) printf("  | %-20.1f", memories[i]);
    printf("\n%-26s", "");
    for (size_t i = 0; i < COUNT(memories); i++) printf("  |%4s%5s%6s%6s", "A/A", "same", "+10%", "tail");
    printf("\n");
    for (size_t length = 0; length < COUNT(lengths_s); length++)
        for (size_t rate = 0; rate < COUNT(rates_per_s); rate++)
            for (size_t site = 0; site < DRAWN_SITES; site++) {
                struct drawn_run run = {lengths_s[length], rates_per_s[rate], 1, 0, 1, 0.02, 0, 0};
                ask_row(&drawn_sites[site], &run, pairs, &seed, sums);
            }
    for (size_t i = 0; i < COUNT(memories); i++) {
        char what[80];
        snprintf(what, sizeof what, "all sites that keep %.1f, nothing changed: called so", memories[i]);
        bool few = (double)sums[i].changed <= allowed[i] * (double)sums[i].pairs;
        good &= line(what, sums[i].changed, sums[i].pairs, few);
    }
    return good;
}

int main(int argc, char **argv) {
    uint64_t pairs = argc > 1 ? strtoull(argv[1], NULL, 10) : 200, seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    if (pairs < 20) {
        fprintf(stderr, "verdicts: expected at least 20 pairs.\n");
        return 2;
    }
    drawn_site_begin();
    bool one = judge_one(pairs, seed), many = judge_many(pairs, seed + 60000);
    return one && many ? 0 : 1;
}
