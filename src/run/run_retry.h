/* When to ask the control database again that has failed. */
#ifndef SENTINEL_RUN_RUN_RETRY_H
#define SENTINEL_RUN_RUN_RETRY_H

#include <stdint.h>

#include "sentinel/base/bytes.h"

/* How long to wait, in microseconds, after a failure of which the database said this.  `last_us`: the pause before it;
 * 0: the last try went well. */
int64_t run_retry_pause_us(int64_t last_us, struct sn_span said);

#endif
