/* Idempotency-Key: a request that creates a run may be sent again, and creates it once.
 *
 * The key is inserted in the batch that inserts the run, so of two requests at the same instant the database takes one,
 * and the other finds what that one has created.  A key holds for a day; its hash tells another body.  The hash is
 * quick rather than strong: keys are a tenant's own, and who forges a body for one deceives himself alone. */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"

#define DAY_US (86400 * SN_SECOND_US)

bool sn_key_read(struct sn_api *api, const struct sn_http *http) {
    struct sn_span key = http->key;
    bool good = key.len >= 1 && key.len < sizeof api->key;
    for (size_t i = 0; good && i < key.len; i++) good = key.data[i] >= 0x20 && key.data[i] < 0x7f;
    api->key[0] = '\0';
    if (!http->keyed) return true;
    if (!good) {
        sn_answer_problem(api, &(struct sn_problem){
                                   .kind = SN_PROBLEM_HEADER_VALUE,
                                   .detail = "The header Idempotency-Key is not one that can be kept.",
                                   .expected = "1 to 255 printable ASCII characters",
                               });
        return false;
    }
    memcpy(api->key, key.data, key.len);
    api->key[key.len] = '\0';
    struct sn_writer w = sn_writer(api->body_hash, sizeof api->body_hash);
    sn_put_hex(&w, sn_hash64(http->body.data, http->body.len), 16);
    sn_put_hex(&w, http->body.len, 8);
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    return true;
}

void sn_key_put(const struct sn_api *api, const struct sn_principal *who, struct sn_args *args) {
    sn_args_group(args, SN_SQL_KEY_EXPIRE);
    sn_args_text(args, who->tenant);
    sn_args_text(args, api->key);
    sn_args_number(args, (double)(api->now_us - DAY_US));
    sn_args_group(args, SN_SQL_KEY_INSERT);
    sn_args_text(args, who->tenant);
    sn_args_text(args, api->key);
    sn_args_text(args, api->body_hash);
    sn_args_text(args, api->run_id);
    sn_args_number(args, (double)api->now_us);
}

void sn_keys_expire_put(const struct sn_api *api, struct sn_args *args) {
    sn_args_group(args, SN_SQL_KEYS_EXPIRE);
    sn_args_number(args, (double)(api->now_us - DAY_US));
}

uint32_t sn_ask_key(struct sn_api *api, const struct sn_principal *who) {
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_KEY_GET, &args);
    sn_args_text(&args, who->tenant);
    sn_args_text(&args, api->key);
    sn_args_number(&args, (double)(api->now_us - DAY_US));
    return sn_ask_end(api, mark);
}

static const struct sn_problem mismatch = {
    .kind = SN_PROBLEM_IDEMPOTENCY_MISMATCH,
    .detail = "This Idempotency-Key came with another body within the last day. A new request needs a new key.",
};

enum sn_key_state sn_key_find(struct sn_api *api, const struct sn_reply *reply) {
    const struct sn_json *rows = sn_reply_rows(api, reply, 0), *row = sn_json_first(rows);
    const char *hash = sn_json_string(sn_json_get(row, "body_hash"));
    const char *run_id = sn_json_string(sn_json_get(row, "run_id"));
    if (rows != NULL && row == NULL) return SN_KEY_UNKNOWN;
    if (hash == NULL || run_id == NULL || strlen(run_id) >= sizeof api->run_id) {
        sn_answer_database_failed(api, reply);
        return SN_KEY_ANSWERED;
    }
    if (strcmp(run_id, api->run_id) == 0) return SN_KEY_OWN;
    if (strcmp(hash, api->body_hash) != 0) {
        sn_answer_problem(api, &mismatch);
        return SN_KEY_ANSWERED;
    }
    memcpy(api->run_id, run_id, strlen(run_id) + 1);
    return SN_KEY_REPEATED;
}
