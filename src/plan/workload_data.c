/* How much is prepared: "data": {"posts": 100} in a workload names what is counted and how much of it there is as the text stands;
 * {"posts": 10000} in a plan makes a hundred times as much of everything that is prepared. */
#include <string.h>

#include "read.h"
#include "workload_read.h"

#define DATA_MAX 1000000

/* One name and one number. */
static bool read_data(struct sn_trail *trail, const struct sn_json *value, uint64_t *count) {
    const struct sn_json *first = sn_json_first(value);
    if (sn_json_type(value) != SN_JSON_OBJECT || sn_json_count(value) != 1)
        return sn_trail_refuse(trail, "plan.type", "an object of one name and a number, such as {\"posts\": 1000}");
    size_t mark = sn_trail_name(trail, sn_json_name(first));
    if (!sn_read_whole(trail, first, 1, DATA_MAX, count)) return false;
    sn_trail_back(trail, mark);
    return true;
}

bool sn_request_data(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    struct sn_request *request = into;
    uint64_t count;
    (void)field;
    request->data = value;
    return read_data(trail, value, &count);
}

/* What is refused here stands in the plan, and the trail leads to the workload. */
static bool refuse_wanted(struct sn_trail *trail, const struct sn_json *own, const struct sn_json *wanted) {
    sn_trail_back(trail, 1);
    sn_trail_name(trail, "data");
    if (own == NULL)
        return sn_trail_refuse(trail, "plan.conflict", "no data: of this workload's nothing can be chosen");
    sn_trail_name(trail, sn_json_name(sn_json_first(wanted)));
    struct sn_writer w = sn_trail_expected(trail, "plan.unknown-field");
    sn_put_text(&w, "what this workload has: ");
    sn_put_text(&w, sn_json_name(sn_json_first(own)));
    return false;
}

bool sn_workload_data(struct sn_workload_read *read, const struct sn_json *own, const struct sn_json *wanted) {
    struct sn_trail *trail = read->builder.trail;
    read->data = read->data_of = 1;
    if (own != NULL) {
        size_t mark = sn_trail_name(trail, "data");
        if (!read_data(trail, own, &read->data_of)) return false;
        sn_trail_back(trail, mark);
        read->data = read->data_of;
    }
    if (wanted == NULL) return true;
    if (own == NULL || strcmp(sn_json_name(sn_json_first(own)), sn_json_name(sn_json_first(wanted))) != 0)
        return refuse_wanted(trail, own, wanted);
    read->data = (uint64_t)sn_json_number(sn_json_first(wanted));
    return true;
}

uint64_t sn_workload_scaled(const struct sn_workload_read *read, uint64_t count) {
    return (count * read->data + read->data_of - 1) / read->data_of;
}
