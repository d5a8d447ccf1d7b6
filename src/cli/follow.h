/* Following a run from its start to its end, through dropped connections and impatient people. */
#ifndef SN_CLI_FOLLOW_H
#define SN_CLI_FOLLOW_H

#include "cli.h"

enum sn_cli_follow_end {
    SN_FOLLOW_ENDED, /* the run is over; the state is its last */
    SN_FOLLOW_LEFT,  /* interrupted twice: the run goes on */
    SN_FOLLOW_LOST   /* Sentinel could not be reached for too long */
};

/* What is known of the run. */
struct sn_cli_state {
    char id[64], status[16], validity[16], verdict[16], reason[SN_REASON_MAX];
    char scheduled[40]; /* when it will start by itself; "" when it waits for no time */
    bool cancel_asked;  /* by us */
    bool aborted;       /* a threshold ended it */
};

/* Takes what a state says of a run; false when it is none. */
bool sn_cli_state_read(struct sn_cli_state *state, const struct sn_json *run);
bool sn_cli_state_ended(const struct sn_cli_state *state);
enum sn_cli_follow_end sn_cli_follow(const struct sn_cli_options *options, struct sn_cli_state *state);

#endif
