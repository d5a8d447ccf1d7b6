/* What goes out and comes back in: messages, the status page, and the requests that carry them. */
#ifndef SENTINEL_SERVICE_OUTSIDE_H
#define SENTINEL_SERVICE_OUTSIDE_H

#include "sentinel/base/args.h"
#include "sentinel/base/limits.h"
#include "sentinel/json/json.h"
#include "sentinel/service/clearing.h"
#include "sentinel/service/routes.h"

#define SN_LETTERS_MAX 20    /* messages that one tick sends, as long as it may ask the platform */
#define SN_LETTERS_AT_ONCE 3 /* of the tick's calls in flight */
#define SN_DEAD_S 2592000    /* what is dead is kept for thirty days */
#define SN_FACTS_MAX 6144    /* bytes of a message's facts: a run's name and its reason, escaped */
#define SN_HOOK_URL_MAX 512  /* bytes of a webhook's URL, its end included */
#define SN_SECRET_MAX 1024   /* bytes of a secret, its end included; a longer one counts as none */
#define SN_ANSWER_MAX 65536  /* bytes of somebody's answer that are looked at */

/* An HTTP request of ours.  `service` NULL: over the open network. */
struct sn_fetch {
    const char *service, *url, *method, *headers; /* headers: JSON */
    struct sn_span body;
    uint32_t limit_ms;
};

/* Puts the component of a run's plan in maintenance before the run starts (maintenance.c). */
struct sn_upkeep {
    uint32_t stage;
    char run_id[40], tenant[64];
    char component[SN_COMPONENT_SLUG_MAX + 1], message[SN_MAINTENANCE_MESSAGE_MAX + 1];
    enum sn_component before;
    int64_t since_us;
    char error[64]; /* "": none */
};

/* A message that is being sent (outbox.c). */
struct sn_letter {
    char id[40], tenant[64], run_id[40], event[24], url[SN_HOOK_URL_MAX], format[8];
    bool certain; /* for the Clearing */
    uint32_t attempt;
    uint32_t calls_left;        /* of the platform, that it may still make */
    uint32_t waiting_id, asked; /* asked: what it waits for, see outbox.c; 0: the place is free */
    struct sn_told told;
    struct sn_clearing_word word;
    size_t facts_len;
    char facts[SN_FACTS_MAX];
};

struct sn_outbox {
    uint32_t len, next; /* messages that are due, and the first that was not begun */
    struct {
        char id[40];
        uint32_t attempts;
    } due[SN_LETTERS_MAX];
    struct sn_letter letters[SN_LETTERS_AT_ONCE];
};

/* The question's id, or 0 when it did not fit. */
uint32_t sn_ask_fetch(struct sn_api *api, const struct sn_fetch *fetch);

/* --- maintenance.c ------------------------------------------------------------------------------------------ */

bool sn_clearing_configured(const struct sn_api *api);
/* A request to the Clearing; `body` empty: a GET.  Of the answer: the JSON behind its headers, NULL when it is none. */
uint32_t sn_ask_clearing(struct sn_api *api, const char *path, const char *key, uint32_t limit_ms, struct sn_span body);
const struct sn_json *sn_fetched_json(struct sn_api *api, const struct sn_reply *reply, struct sn_span *retry_after);
/* What the run's row says of its maintenance, for the answer: as its member, and to people as a line of a report. */
void sn_maintenance_note(struct sn_api *api, const struct sn_json *row);
void sn_maintenance_put(const struct sn_api *api, struct sn_json_writer *j);
void sn_maintenance_put_line(struct sn_api *api, struct sn_writer *w);
/* Both give the question to wait for next, or 0: the run may start, with the component in maintenance or without. */
uint32_t sn_upkeep_begin(struct sn_api *api, struct sn_upkeep *upkeep, const char *run_id);
uint32_t sn_upkeep_next(struct sn_api *api, struct sn_upkeep *upkeep, const struct sn_reply *reply);

/* --- outbox.c, hook.c --------------------------------------------------------------------------------------- */

/* Groups of the tick's first batch; and the rows of the first of them. */
void sn_outbox_due_put(const struct sn_api *api, struct sn_args *args);
void sn_outbox_read(struct sn_api *api, const struct sn_json *rows);
uint32_t sn_outbox_in_flight(const struct sn_api *api);
/* Begins at most `places` more messages. */
void sn_outbox_go_on(struct sn_api *api, uint32_t places);
bool sn_outbox_take(struct sn_api *api, uint32_t id, const struct sn_reply *reply);
/* What a webhook is told: JSON, or a text that Slack shows. */
void sn_hook_put_json(struct sn_writer *w, const char *id, const char *event, const struct sn_facts *facts);
void sn_hook_put_slack(struct sn_writer *w, const char *event, const struct sn_facts *facts);
/* Names of SENTINEL_WEBHOOKS with spaces between them; and the URL of one, NULL when there is none. */
void sn_hook_put_names(struct sn_api *api, struct sn_writer *w);
const char *sn_hook_url(struct sn_api *api, const char *name);

/* letters.c: the outbox as people see it. */
sn_handler sn_outbox_list, sn_outbox_resend;
sn_continuation sn_outbox_list_then, sn_outbox_resend_then;

#endif
