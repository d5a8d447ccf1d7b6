/* What the operator lets plans touch and tell: lists of names, and the hosts of URLs. */
#ifndef SENTINEL_PLAN_HOSTS_H
#define SENTINEL_PLAN_HOSTS_H

#include "sentinel/base/limits.h"
#include "sentinel/plan/trail.h"

/* Whether a list with spaces between its words has this one. */
bool sn_is_listed(struct sn_span list, const char *word);
/* Refuses what is not in the list: "`what`, which is …". */
bool sn_refuse_unlisted(struct sn_trail *trail, const char *what, struct sn_span list);
/* Of a URL with http or https: its host with its port, in small letters, as a text of at most SN_HOST_MAX bytes.  False
 * when it has none that is written so. */
bool sn_url_host(const char *url, char host[SN_HOST_MAX + 1]);

#endif
