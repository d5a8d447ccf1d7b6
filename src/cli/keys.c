/* `sentinel keys`: which keys a distribution draws, and how often. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>

#include "sentinel/load/keyspace.h"

static bool read_keyspace(const struct sn_cli_options *options, struct sn_keyspace *keyspace) {
    if (options->distribution == NULL || options->keyspace == 0) {
        sn_cli_say("`sentinel keys` needs --distribution TEXT and --keyspace COUNT.");
        return false;
    }
    if (sn_keyspace_read(keyspace, options->distribution, (uint32_t)options->keyspace, 0) == SN_OK) return true;
    sn_cli_say("--distribution: expected %s, got \"%s\".", SN_DISTRIBUTION_EXPECTED, options->distribution);
    return false;
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Sorting what was drawn takes memory for the draws; counting in place would take it for the keys, most of which may
 * never be drawn. */
enum sn_exit sn_cli_keys(const struct sn_cli_options *options) {
    struct sn_keyspace keyspace;
    if (!read_keyspace(options, &keyspace)) return SN_EXIT_CONFIGURATION;
    size_t draws = (size_t)options->draws;
    uint32_t *drawn = malloc(draws * sizeof *drawn);
    if (drawn == NULL) {
        sn_cli_say("There is no memory for %zu draws.", draws);
        return SN_EXIT_MACHINERY;
    }
    for (size_t i = 0; i < draws; i++)
        drawn[i] = options->ranks ? sn_keyspace_rank(&keyspace, options->seed, i + 1)
                                  : sn_keyspace_key(&keyspace, options->seed, i + 1);
    qsort(drawn, draws, sizeof *drawn, by_value);
    for (size_t i = 0, end; i < draws; i = end) {
        for (end = i; end < draws && drawn[end] == drawn[i];) end++;
        printf("%u %zu\n", drawn[i], end - i);
    }
    free(drawn);
    return SN_EXIT_OK;
}
