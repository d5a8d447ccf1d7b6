/* The whole of a plan's load, or one shard's part of it. */
#ifndef SN_CLI_PART_H
#define SN_CLI_PART_H

#include "cli.h"
#include "sentinel/load/share.h"

struct sn_cli_part {
    const struct sn_profile *profile; /* the caller's */
    struct sn_share share;
};

/* "1/3"; NULL is the whole.  False, and said on stderr, when it is not that. */
bool sn_cli_part_read(const char *text, struct sn_cli_part *part);
/* Operations of this part that are due in (from, to]. */
uint64_t sn_cli_part_due(const struct sn_cli_part *part, int64_t from_us, int64_t to_us);
/* Duration, planned operations, peak and phases, as members of the object that is open. */
void sn_cli_part_put(struct sn_json_writer *j, const struct sn_cli_part *part);

/* Prints what `put` writes, and a line end. */
enum sn_exit sn_cli_print_json(void (*put)(struct sn_json_writer *j, void *user), void *user);

/* Systems of a workload, by their names; none: all of them. */
#define SN_CLI_SYSTEMS_MAX 32 /* no workload has as many */
struct sn_cli_systems {
    const char *names[SN_CLI_SYSTEMS_MAX];
    size_t len;
};

/* Splits "d1_reads,kv_get" where the commas are; the names lie in `list`.  False, and said on stderr, when there are too many
 * (mix.c). */
bool sn_cli_systems_read(struct sn_cli_systems *systems, char *list);

#endif
