/* How long the control database is left alone after it has failed, by what it said (D1 > Debug D1, 2026-08-11).
 *
 *     "connection lost", "was reset", "internal error"     a second, two, four … half a minute
 *     "overloaded", "requests queued"                      five seconds, ten, twenty … a minute
 *     "no such table", "exceeded maximum DB size"          five minutes, ten: asking more often changes nothing
 *
 * Nothing is given up: what was refused is asked again as it was. */
#include "run_retry.h"

#include "sentinel/base/limits.h"
#include "sentinel/base/time.h"
#include "sentinel/base/vocab.h"

struct pauses {
    int64_t first_us, longest_us;
};

static struct pauses pauses_of(enum sn_error error) {
    if (error == SN_ERROR_THROTTLED) return (struct pauses){5 * SN_SECOND_US, 60 * SN_SECOND_US};
    if (error == SN_ERROR_CLIENT) return (struct pauses){300 * SN_SECOND_US, 600 * SN_SECOND_US};
    return (struct pauses){SN_SECOND_US, 30 * SN_SECOND_US};
}

int64_t run_retry_pause_us(int64_t last_us, struct sn_span said) {
    struct pauses pauses = pauses_of(sn_error_classify((const char *)said.data, said.len));
    if (2 * last_us < pauses.first_us) return pauses.first_us;
    return sn_earlier(2 * last_us, pauses.longest_us);
}
