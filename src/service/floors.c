/* How large a difference has to be: the floors of a baseline's percentiles, from what its runs differ by and from what somebody
 * has set. */
#include <string.h>

#include "service.h"

static const struct {
    const char *name;
    double floor;
    bool judged;
} percentiles[SN_COMPARE_PERCENTILES] = {
#define SN_X(p, floor, judged) {#p, floor, judged},
    SN_COMPARE_LIST(SN_X)
#undef SN_X
};

uint32_t sn_floors_find(const char *name) {
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++)
        if (percentiles[i].judged && strcmp(percentiles[i].name, name) == 0) return i;
    return SN_COMPARE_PERCENTILES;
}

const char *sn_floors_name(uint32_t index) {
    return percentiles[index].name;
}

/* A column of JSON; NULL where there is none. */
static const struct sn_json *column(struct sn_api *api, const struct sn_json *row, const char *name) {
    struct sn_json_error error;
    const char *text = sn_json_string(sn_json_get(row, name));
    return text != NULL ? sn_json_parse(&api->arena, text, strlen(text), &error) : NULL;
}

void sn_floors_read(struct sn_api *api, const struct sn_json *row, double spreads[SN_COMPARE_PERCENTILES]) {
    const struct sn_json *own = column(api, row, "spreads"), *set = column(api, row, "floors");
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        double spread = sn_json_number(sn_json_get(own, percentiles[i].name));
        double floor = sn_json_number(sn_json_get(set, percentiles[i].name)); /* a floor is twice a spread */
        spreads[i] = spread > floor / 2 ? spread : floor / 2;
    }
}

void sn_floors_put(struct sn_json_writer *j, const char *name, const double spreads[SN_COMPARE_PERCENTILES]) {
    sn_json_open(j, name, '{');
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        double floor = percentiles[i].floor > 2 * spreads[i] ? percentiles[i].floor : 2 * spreads[i];
        if (percentiles[i].judged) sn_json_put_fixed(j, percentiles[i].name, floor, 4);
    }
    sn_json_close(j, '}');
}
