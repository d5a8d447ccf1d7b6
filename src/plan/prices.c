/* Prices that somebody sets instead of the list's: {"d1RowsRead": 0.0008, "r2ClassA": 4.5}. */
#include "read.h"
#include "sentinel/plan/estimate.h"

static bool refuse_meter(struct sn_trail *trail, const char *name) {
    const char *keys[SN_METERS_LEN];
    for (size_t i = 0; i < SN_METERS_LEN; i++) keys[i] = sn_meter((enum sn_meter)i)->key;
    sn_trail_name(trail, name);
    struct sn_writer w = sn_trail_expected(trail, "plan.unknown-field");
    sn_put_choice(&w, keys, SN_METERS_LEN);
    return false;
}

static bool read_price(struct sn_trail *trail, const struct sn_json *value, struct sn_prices *prices) {
    enum sn_meter meter = sn_meter_find(sn_json_name(value));
    double usd;
    if (meter == SN_METERS_LEN) return refuse_meter(trail, sn_json_name(value));
    size_t mark = sn_trail_name(trail, sn_json_name(value));
    if (!sn_read_number(trail, value, 0, SN_PRICE_USD_MAX, &usd)) return false;
    sn_trail_back(trail, mark);
    prices->nusd[meter] = (uint64_t)(usd * (double)SN_NUSD_PER_USD + 0.5);
    return true;
}

bool sn_prices_read(const char *json, size_t len, struct sn_arena *arena, struct sn_prices *prices,
                    struct sn_plan_error *error) {
    struct sn_trail trail = sn_trail(error);
    *prices = sn_prices_listed();
    if (len == 0) return true;
    size_t mark = arena->used;
    const struct sn_json *root = sn_trail_parse(&trail, arena, json, len);
    bool read = root != NULL;
    if (read && sn_json_type(root) != SN_JSON_OBJECT)
        read = sn_trail_refuse(&trail, "plan.type", "an object of meters and their prices in dollars");
    for (const struct sn_json *at = sn_json_first(root); read && at != NULL; at = sn_json_next(at))
        read = read_price(&trail, at, prices);
    arena->used = mark;
    return read;
}
