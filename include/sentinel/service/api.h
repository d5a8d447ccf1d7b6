/* The API machine: one HTTP request, or one cron tick, from its first byte to its answer.
 *
 * A request arrives as one REQUEST event; the machine asks for what it needs (SQL at the control database, a call to a
 * RunObject) and ends with one RESPOND or UPGRADE.  One request at a time: the shim keeps a pool of instances.
 *
 * REQUEST payload, all spans: method, path with query ("/api/sentinel?limit=20"), authorization header ("" when there
 * is none), configured token ("" when there is none), content type, body, 16 random bytes (for a run's id), header
 * Idempotency-Key ("" when there is none), the settings.  arg0: SN_REQUEST_…, combined.
 * TICK ends with SLICE_END; its payload is the settings.
 * Settings are variables of the Worker, as spans: SENTINEL_PLATFORM ("paid", "free", or "" for paid), SENTINEL_LIMITS
 * ("default", "operator", or "" for default), SENTINEL_TARGETS (names of bindings with spaces between them, or "" for those
 * that Sentinel brings), SENTINEL_HOSTS (hosts likewise), SENTINEL_PRICES (JSON, plan/estimate.h; "" for the list's); then
 * what goes out: SENTINEL_WEBHOOK_HOSTS, SENTINEL_WEBHOOKS, SENTINEL_WEBHOOK_SECRET, CLEARING (not empty when it is bound),
 * CLEARING_API_URL and CLEARING_API_KEY.
 *
 * Every answer but metrics, and reports as text, is JSON; errors are application/problem+json (RFC 9457) with a stable `code`, and `path` and
 * `expected` where a body or a query is at fault.  Never a 5xx for input. */
#ifndef SENTINEL_SERVICE_API_H
#define SENTINEL_SERVICE_API_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/record.h"

struct sn_api;

#define SN_REQUEST_INCOMPLETE 1u /* the body broke off before its end */
#define SN_REQUEST_KEYED 2u      /* an Idempotency-Key was sent, be it an empty one */
#define SN_REQUEST_WEBSOCKET 4u  /* the header Upgrade asks for a WebSocket */

#define SN_API_MEMORY (2048u * 1024)

/* In place; `memory` is 16-aligned, of SN_API_MEMORY bytes. */
struct sn_api *sn_api_init(void *memory);
void sn_api_step(struct sn_api *api, int64_t now_us, struct sn_reader *events, struct sn_writer *effects);
/* What the shim answers when a core gave no answer, because it trapped: {"status", "headers", "body"} as JSON. */
void sn_api_put_unanswered(struct sn_writer *w);
/* Always INT64_MAX: a request waits for answers, not for the time. */
int64_t sn_api_deadline_us(const struct sn_api *api);

#endif
