/* How large a difference has to be: the floors of a baseline's percentiles, from what its runs differ by and from what somebody
 * has set. */
#include <string.h>

#include "service.h"

uint32_t sn_floors_find(const char *name) {
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++)
        if (sn_compare_kinds[i].judged && strcmp(sn_compare_kinds[i].name, name) == 0) return i;
    return SN_COMPARE_PERCENTILES;
}

const char *sn_floors_name(uint32_t index) {
    return sn_compare_kinds[index].name;
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
        double spread = sn_json_number(sn_json_get(own, sn_compare_kinds[i].name));
        double floor = sn_json_number(sn_json_get(set, sn_compare_kinds[i].name)); /* a floor is twice a spread */
        spreads[i] = spread > floor / 2 ? spread : floor / 2;
    }
}

void sn_floors_put(struct sn_json_writer *j, const char *name, const double spreads[SN_COMPARE_PERCENTILES]) {
    sn_json_open(j, name, '{');
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        double floor = sn_compare_kinds[i].floor > 2 * spreads[i] ? sn_compare_kinds[i].floor : 2 * spreads[i];
        if (sn_compare_kinds[i].judged) sn_json_put_fixed(j, sn_compare_kinds[i].name, floor, 4);
    }
    sn_json_close(j, '}');
}
