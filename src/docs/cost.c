/* What Cloudflare charges for, as cost.h has it. */
#include <stdio.h>
#include <string.h>

#include "sentinel/measure/cost.h"
#include "tables.h"

/* Nano-dollars as dollars, without zeros at the end. */
static void put_dollars(uint64_t nusd) {
    uint64_t part = nusd % SN_NUSD_PER_USD;
    int digits = 9;
    while (digits > 2 && part % 10 == 0) {
        part /= 10;
        digits--;
    }
    printf("$");
    put_grouped(nusd / SN_NUSD_PER_USD);
    printf(".%0*llu", digits, (unsigned long long)part);
}

/* Of the listed unit where that is whole, as in "5 GB-month"; else of what is counted. */
static void put_month(const struct sn_meter_facts *facts) {
    if (facts->month == 0) {
        printf(facts->nusd == 0 ? "all" : "none");
        return;
    }
    bool millions = facts->per == SN_PER_MILLION || facts->per == SN_MILLION_GB_S;
    uint64_t unit = millions ? facts->per / SN_PER_MILLION : facts->per;
    put_grouped(facts->month / unit);
    if (facts->per == SN_MILLION_GB_S) printf(" GB-s");
    if (!millions) printf(" GB-month");
}

static void put_day(const struct sn_meter_facts *facts) {
    if (facts->day == 0) {
        printf("-");
        return;
    }
    put_grouped(facts->per == SN_MILLION_GB_S ? facts->day / SN_PER_GB_S : facts->day);
    if (facts->per == SN_MILLION_GB_S) printf(" GB-s");
}

int put_meters(void) {
    printf("| meter | what it counts | price | a paid month includes | a free day has | source |\n");
    printf("|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < SN_METERS_LEN; i++) {
        const struct sn_meter_facts *facts = sn_meter((enum sn_meter)i);
        printf("| `%s` | %s | ", facts->key, facts->words);
        put_dollars(facts->nusd);
        printf(" per %s | ", facts->unit);
        put_month(facts);
        printf(" | ");
        put_day(facts);
        printf(" | <%.*s>", (int)(strchr(facts->source, ',') - facts->source), facts->source);
        printf("%s |\n", strchr(facts->source, ','));
    }
    return 1;
}
