/* Runs that are started and watched. */
#ifndef SN_CLI_RUN_H
#define SN_CLI_RUN_H

#include "follow.h"

/* Where the plan comes from: one of --profile, --plan and the argument; a workload alone is run as a preset that does no
 * harm.  NULL, and said, when that is not clear. */
const char *sn_cli_run_source(const struct sn_cli_options *options);
/* The body that starts it, with `name` unless that is NULL; to be freed.  False, and said, when the plan cannot be read. */
bool sn_cli_run_body(const struct sn_cli_options *options, const char *source, const char *name,
                     struct sn_cli_text *body);
/* Starts a run and watches it until it has ended: then SN_EXIT_OK, also for one that is only scheduled, which has been said. */
enum sn_exit sn_cli_run_to_end(const struct sn_cli_options *options, const char *body, struct sn_cli_state *state);

#endif
