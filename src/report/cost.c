#include "cost.h"

void sn_json_put_usd(struct sn_json_writer *j, const char *name, uint64_t nusd) {
    sn_json_put_number(j, name, (double)nusd / (double)SN_NUSD_PER_USD);
}

void sn_report_put_side(struct sn_json_writer *j, const char *name, const struct sn_prices *prices,
                        const struct sn_usage *usage) {
    struct sn_usage beyond = sn_usage_beyond_month(usage);
    sn_json_open(j, name, '{');
    sn_json_put_usd(j, "usd", sn_usage_cost_nusd(prices, usage));
    sn_json_put_usd(j, "beyondMonthUsd", sn_usage_cost_nusd(prices, &beyond));
    sn_json_open(j, "meters", '[');
    for (size_t i = 0; i < SN_METERS_LEN; i++) {
        if (usage->units[i] == 0) continue;
        sn_json_open(j, NULL, '{');
        sn_json_put_text(j, "meter", sn_meter((enum sn_meter)i)->key);
        sn_json_put_uint(j, "units", usage->units[i]);
        sn_json_put_usd(j, "usd", sn_meter_cost_nusd(prices, (enum sn_meter)i, usage->units[i]));
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
    sn_json_close(j, '}');
}

enum sn_meter sn_report_dearest(const struct sn_prices *prices, const struct sn_usage *usage) {
    enum sn_meter dearest = SN_METERS_LEN;
    uint64_t most = 0;
    for (size_t i = 0; i < SN_METERS_LEN; i++) {
        uint64_t nusd = sn_meter_cost_nusd(prices, (enum sn_meter)i, usage->units[i]);
        if (nusd > most) dearest = (enum sn_meter)i;
        if (nusd > most) most = nusd;
    }
    return dearest;
}
