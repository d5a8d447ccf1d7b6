/* When a message to the outside is tried again, and when it is given up; and how it is signed.
 *
 * A message is tried at most SN_TRIES_MAX times, later and later: 1, 4, 16 and 64 minutes after the one before.  A webhook
 * that refuses what it was sent (a redirect, a 4xx but 408, 425 and 429) would refuse the same bytes again, so it is dead
 * at once.  What has to arrive, because a status page would stay wrong without it, is never given up: it is tried every
 * 64 minutes. */
#ifndef SENTINEL_SERVICE_DELIVER_H
#define SENTINEL_SERVICE_DELIVER_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/limits.h"

#define SN_TRIES_MAX 5u
#define SN_TRY_FIRST_US (60 * SN_SECOND_US)     /* after the first try; four times as long after each that follows */
#define SN_TRY_LAST_US (64 * 60 * SN_SECOND_US) /* at most, also where the receiver asks for more */
#define SN_TRY_LIMIT_MS 10000u                  /* that a receiver has for its answer */
#define SN_TRY_LEASE_US (120 * SN_SECOND_US)    /* a try that nobody has heard of for so long is lost */

/* What a try came to. */
struct sn_try {
    uint32_t status;        /* HTTP's; 0: no answer */
    uint32_t attempt;       /* which try it was, from 1 */
    uint32_t retry_after_s; /* that the receiver asked for; 0: it did not */
    bool certain;           /* the message has to arrive */
};

enum sn_fate { SN_FATE_DELIVERED, SN_FATE_WAITING, SN_FATE_DEAD };

/* `wait_us`: until the next try, when there is one. */
enum sn_fate sn_deliver_next(const struct sn_try *tried, int64_t *wait_us);

/* Seconds of a Retry-After header (RFC 9110, 10.2.3); 0 for a date and for what is no number. */
uint32_t sn_deliver_retry_after_s(struct sn_span header);

/* "t=1790000000,v1=<64 hexadecimal digits>": HMAC-SHA-256 of the secret over the seconds in decimal, a dot, and the body. */
void sn_deliver_put_signature(struct sn_writer *w, struct sn_span secret, int64_t at_us, struct sn_span body);

#endif
