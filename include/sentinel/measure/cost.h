/* What Cloudflare charges for, and what it comes to: one table of meters, integers all the way.
 *
 *     units of a meter ──price──► nano-dollars       1 nano-dollar = 10^-9 US dollars
 *
 * A price is what the list says, in nano-dollars for `per` units: a million rows, a million GB-s, a GB-month.  A cost is
 * rounded up to whole nano-dollars, meter by meter, so it never says less than is due; sums saturate at UINT64_MAX, which
 * is eighteen billion dollars.  Below that every product is exact: units and price may each be any 64-bit number.
 *
 * A ledger has two sides: the target's, which is what the load itself costs whoever runs it, and Sentinel's own. */
#ifndef SENTINEL_MEASURE_COST_H
#define SENTINEL_MEASURE_COST_H

#include "sentinel/base/bytes.h"

#define SN_NUSD_PER_USD UINT64_C(1000000000)
#define SN_PRICE_USD_MAX 1000000.0 /* for a listed unit, when somebody sets another price */

#define SN_PER_MILLION UINT64_C(1000000)
#define SN_PER_GB_S UINT64_C(1000000)              /* MB-ms in a GB-s */
#define SN_PER_GB_MONTH (UINT64_C(1000) * 2592000) /* MB-s in a GB-month of thirty days */
#define SN_MILLION_GB_S (SN_PER_MILLION * SN_PER_GB_S)

/* (name, key, words, listed unit, units in a listed unit, its price in nano-dollars, units that the paid plan includes in
 * a month, units that the free plan has for a day (0: it does not count by the day), source with its date)
 * Those down to HTTP_REQUESTS a shard counts as it sends and is answered; their order is the order on the wire. */
#define SN_METER_LIST(X)                                                                                               \
    X(D1_ROWS_READ, "d1RowsRead", "rows read from D1", "million rows", SN_PER_MILLION, 1000000, 25000000000, 5000000,  \
      "https://developers.cloudflare.com/workers/platform/pricing/, 2026-07-07")                                       \
    X(D1_ROWS_WRITTEN, "d1RowsWritten", "rows written to D1", "million rows", SN_PER_MILLION, 1000000000, 50000000,    \
      100000, "https://developers.cloudflare.com/workers/platform/pricing/, 2026-07-07")                               \
    X(KV_READS, "kvReads", "reads of KV", "million", SN_PER_MILLION, 500000000, 10000000, 100000,                      \
      "https://developers.cloudflare.com/workers/platform/pricing/, 2026-07-07")                                       \
    X(KV_WRITES, "kvWrites", "writes to KV", "million", SN_PER_MILLION, 5000000000, 1000000, 1000,                     \
      "https://developers.cloudflare.com/workers/platform/pricing/, 2026-07-07")                                       \
    X(KV_DELETES, "kvDeletes", "deletions from KV", "million", SN_PER_MILLION, 5000000000, 1000000, 1000,              \
      "https://developers.cloudflare.com/workers/platform/pricing/, 2026-07-07")                                       \
    X(KV_LISTS, "kvLists", "lists of KV", "million", SN_PER_MILLION, 5000000000, 1000000, 1000,                        \
      "https://developers.cloudflare.com/workers/platform/pricing/, 2026-07-07")                                       \
    X(R2_CLASS_A, "r2ClassA", "class A calls of R2 (put, list, multipart)", "million", SN_PER_MILLION, 4500000000,     \
      1000000, 0, "https://developers.cloudflare.com/r2/pricing/, 2026")                                               \
    X(R2_CLASS_B, "r2ClassB", "class B calls of R2 (get, head)", "million", SN_PER_MILLION, 360000000, 10000000, 0,    \
      "https://developers.cloudflare.com/r2/pricing/, 2026")                                                           \
    X(R2_DELETES, "r2Deletes", "deletions from R2", "million", SN_PER_MILLION, 0, 0, 0,                                \
      "https://developers.cloudflare.com/r2/pricing/, 2026")                                                           \
    X(OBJECT_REQUESTS, "objectRequests", "calls of Durable Objects", "million", SN_PER_MILLION, 150000000, 1000000,    \
      100000, "https://developers.cloudflare.com/durable-objects/platform/pricing/, 2026-06-19")                       \
    X(HTTP_REQUESTS, "workersRequests", "requests to Workers", "million", SN_PER_MILLION, 300000000, 10000000, 100000, \
      "https://developers.cloudflare.com/workers/platform/pricing/, 2026-07-07")                                       \
    X(OBJECT_MESSAGES, "objectMessages", "messages to a Durable Object's WebSockets", "20 million",                    \
      20 * SN_PER_MILLION, 150000000, 0, 0,                                                                            \
      "https://developers.cloudflare.com/durable-objects/platform/pricing/, 2026-06-19")                               \
    X(OBJECT_DURATION, "objectDuration", "duration of Durable Objects, in MB-ms", "million GB-s", SN_MILLION_GB_S,     \
      12500000000, 400000 * SN_PER_GB_S, 13000 * SN_PER_GB_S,                                                          \
      "https://developers.cloudflare.com/durable-objects/platform/pricing/, 2026-06-19")                               \
    X(OBJECT_ROWS_READ, "objectRowsRead", "rows read from Durable Objects", "million rows", SN_PER_MILLION, 1000000,   \
      25000000000, 5000000, "https://developers.cloudflare.com/durable-objects/platform/pricing/, 2026-06-19")         \
    X(OBJECT_ROWS_WRITTEN, "objectRowsWritten", "rows written to Durable Objects", "million rows", SN_PER_MILLION,     \
      1000000000, 50000000, 100000, "https://developers.cloudflare.com/durable-objects/platform/pricing/, 2026-06-19") \
    X(WORKERS_CPU, "workersCpuMs", "CPU of Workers, in ms", "million ms", SN_PER_MILLION, 20000000, 30000000, 0,       \
      "https://developers.cloudflare.com/workers/platform/pricing/, 2026-07-07")                                       \
    X(D1_STORED, "d1Stored", "storage of D1, in MB-s", "GB-month", SN_PER_GB_MONTH, 750000000, 5 * SN_PER_GB_MONTH, 0, \
      "https://developers.cloudflare.com/workers/platform/pricing/, 2026-07-07")                                       \
    X(KV_STORED, "kvStored", "storage of KV, in MB-s", "GB-month", SN_PER_GB_MONTH, 500000000, SN_PER_GB_MONTH, 0,     \
      "https://developers.cloudflare.com/workers/platform/pricing/, 2026-07-07")                                       \
    X(R2_STORED, "r2Stored", "storage of R2, in MB-s", "GB-month", SN_PER_GB_MONTH, 15000000, 10 * SN_PER_GB_MONTH, 0, \
      "https://developers.cloudflare.com/r2/pricing/, 2026")                                                           \
    X(OBJECT_STORED, "objectStored", "storage of Durable Objects, in MB-s", "GB-month", SN_PER_GB_MONTH, 200000000,    \
      5 * SN_PER_GB_MONTH, 0, "https://developers.cloudflare.com/durable-objects/platform/pricing/, 2026-06-19")

enum sn_meter {
#define SN_X(name, key, words, unit, per, nusd, month, day, source) SN_METER_##name,
    SN_METER_LIST(SN_X)
#undef SN_X
        SN_METERS_LEN
};
#define SN_METERS_COUNTED (SN_METER_HTTP_REQUESTS + 1) /* by shards, one by one */

struct sn_meter_facts {
    const char *key;   /* "kvReads", as JSON has it */
    const char *words; /* "reads of KV" */
    const char *unit;  /* what the price is for: "million" */
    uint64_t per;      /* units in that */
    uint64_t nusd;     /* the list's price for that */
    uint64_t month;    /* units that the paid plan includes; 0: none, or it is free anyway */
    uint64_t day;      /* units that the free plan has for a day; 0: it does not count by the day */
    const char *source;
};
const struct sn_meter_facts *sn_meter(enum sn_meter meter);
/* The meter with this key; SN_METERS_LEN when there is none. */
enum sn_meter sn_meter_find(const char *key);

/* Nano-dollars for `per` units of each meter. */
struct sn_prices {
    uint64_t nusd[SN_METERS_LEN];
};
struct sn_prices sn_prices_listed(void);

/* Units of each meter; sums saturate. */
struct sn_usage {
    uint64_t units[SN_METERS_LEN];
};
void sn_usage_add(struct sn_usage *into, const struct sn_usage *from);
/* usage · times / of, each meter rounded up; `of` 0 counts as 1. */
struct sn_usage sn_usage_scale(const struct sn_usage *usage, uint64_t times, uint64_t of);
/* What is more than the paid plan includes in a month, when nothing else in the account used any of it. */
struct sn_usage sn_usage_beyond_month(const struct sn_usage *usage);

uint64_t sn_meter_cost_nusd(const struct sn_prices *prices, enum sn_meter meter, uint64_t units);
/* Of all meters, gross: as if nothing were included. */
uint64_t sn_usage_cost_nusd(const struct sn_prices *prices, const struct sn_usage *usage);

/* What somebody used, the target's side and Sentinel's own. */
struct sn_ledger {
    struct sn_usage target, own;
};
/* Both sides together, which are charged to one account; and what that costs, gross. */
struct sn_usage sn_ledger_both(const struct sn_ledger *ledger);
uint64_t sn_ledger_cost_nusd(const struct sn_prices *prices, const struct sn_ledger *ledger);

/* For people: "$12.34", "$0.0421", "$0.001250", "$0".  Rounded up, so that only what is free is "$0". */
void sn_put_usd(struct sn_writer *w, uint64_t nusd);

/* a · b / c, rounded up; UINT64_MAX when it is more than that, or c is 0. */
uint64_t sn_mul_div_up(uint64_t a, uint64_t b, uint64_t c);

#endif
