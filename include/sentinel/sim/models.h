/* What simulated targets are like when they are to be like Cloudflare's systems.
 *
 * A call takes its way there and back, and where there is a server also what it serves before it, and its own time at it:
 *
 *     D1      one server for each database: a statement, or a batch, after the other
 *     DO      one server for each object
 *     KV, R2  as many at once as come, but each key takes one write a second
 *     HTTP    as many at once as come
 *
 * A time at a server is exponential with the mean that is given; ways and answers are log-normal, by median and p99.  The
 * figures are Cloudflare's where it has published one, and assumptions where it has not: whoever has measured has better
 * ones. */
#ifndef SENTINEL_SIM_MODELS_H
#define SENTINEL_SIM_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SN_MODELS_D1 "D1, limits, 2026-04-21: "
#define SN_MODELS_KV "KV, how KV works, 2026-04-21: "

/* (name, text, how it is given, mean or median in ms, p99 in ms, what it is, where the figure is from) */
#define SN_MODEL_LIST(X)                                                                                           \
    X(D1_POINT, "d1-point", MEAN, 1, 0, "D1's time for a statement that reads at most two rows",                   \
      SN_MODELS_D1 "about 1,000 queries a second of 1 ms each; with an index less than that")                      \
    X(D1_RANGE, "d1-range", MEAN, 2, 0, "for one that reads more",                                                 \
      "assumed: twice a point's; a scan takes as long as its rows are many")                                       \
    X(D1_WRITE, "d1-write", MEAN, 5, 0, "for one that writes", SN_MODELS_D1 "several milliseconds, taken to be 5") \
    X(D1_MORE, "d1-more", MEAN, 0.2, 0, "for each further statement of a batch",                                   \
      "assumed: the batch is stored once, as its first statement is")                                              \
    X(D1_WAY, "d1-way", ANSWER, 5, 20, "to the database and back", "assumed: of one region")                       \
    X(KV_HOT, "kv-hot", ANSWER, 3, 15, "KV's answer where the place has read or written the key within 60 s",      \
      "assumed; that it is the quicker one: " SN_MODELS_KV "caches")                                               \
    X(KV_COLD, "kv-cold", ANSWER, 40, 300, "where it has not, and of a list",                                      \
      "assumed; " SN_MODELS_KV "from the central stores")                                                          \
    X(KV_WRITE, "kv-write", ANSWER, 80, 400, "of a write or a delete",                                             \
      "assumed; " SN_MODELS_KV "to the central stores")                                                            \
    X(R2_READ, "r2-read", ANSWER, 40, 200, "R2's answer to a read or a list, with the body", "assumed")            \
    X(R2_WRITE, "r2-write", ANSWER, 100, 500, "to a write or a delete", "assumed")                                 \
    X(DO_SERVES, "do", MEAN, 1, 0, "a Durable Object's time for a call",                                           \
      "Durable Objects, limits, 2026-06-01: about 1,000 requests a second for each object")                        \
    X(DO_WAY, "do-way", ANSWER, 5, 20, "to the object and back", "assumed: of one region")                         \
    X(HTTP, "http", ANSWER, 50, 250, "the answer of another site", "assumed: its own affair")                      \
    X(SERVICE, "service", ANSWER, 5, 25, "the answer of a bound Worker", "assumed: its own affair")                \
    X(QUEUE, "queue", LIMIT, 5000, 0, "how long a call may have to wait for D1 or an object before it is refused", \
      "assumed; that it is: D1, errors, 2026-08-11, \"Requests queued for too long\"")

enum sn_model {
#define SN_X(name, ...) SN_MODEL_##name,
    SN_MODEL_LIST(SN_X)
#undef SN_X
        SN_MODELS_LEN
};

/* MEAN: of exponential times at a server.  ANSWER: median and p99.  LIMIT: what it says. */
enum sn_model_form { SN_MODEL_MEAN, SN_MODEL_ANSWER, SN_MODEL_LIMIT };

struct sn_models {
    struct {
        double ms, p99_ms;
    } of[SN_MODELS_LEN];
};

const char *sn_model_name(enum sn_model model);
const char *sn_model_about(enum sn_model model);
const char *sn_model_source(enum sn_model model);
enum sn_model_form sn_model_form(enum sn_model model);

#define SN_MODEL_MS_MAX 60000

struct sn_models sn_models_default(void);
/* "default", or "d1-point=0.4,kv-hot=2:9": these in place of the defaults.  False when a word is none of that; `bad` and
 * `bad_len` then are that word. */
bool sn_models_parse(const char *text, struct sn_models *models, const char **bad, size_t *bad_len);

#endif
