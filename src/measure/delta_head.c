#include "delta_code.h"

#include <string.h>

#include "wire.h"

static void put_counts(struct sn_writer *w, const struct sn_counts *counts) {
    sn_put_varint(w, counts->planned);
    sn_put_varint(w, counts->completed);
    sn_put_varint(w, counts->failed);
    for (uint32_t i = 0; i < SN_DROPS_LEN; i++) sn_put_varint(w, counts->dropped[i]);
    sn_put_varint(w, counts->cancelled);
    sn_put_varint(w, counts->unaccounted);
    sn_put_varint(w, counts->in_flight);
    sn_put_varint(w, counts->not_yet_due);
    sn_put_varint(w, counts->late);
    for (uint32_t i = 0; i < SN_ERRORS_LEN; i++) sn_put_varint(w, counts->errors[i]);
}

static void get_counts(struct sn_reader *r, struct sn_counts *counts) {
    counts->planned = sn_get_varint(r);
    counts->completed = sn_get_varint(r);
    counts->failed = sn_get_varint(r);
    for (uint32_t i = 0; i < SN_DROPS_LEN; i++) counts->dropped[i] = sn_get_varint(r);
    counts->cancelled = sn_get_varint(r);
    counts->unaccounted = sn_get_varint(r);
    counts->in_flight = sn_get_varint(r);
    counts->not_yet_due = sn_get_varint(r);
    counts->late = sn_get_varint(r);
    for (uint32_t i = 0; i < SN_ERRORS_LEN; i++) counts->errors[i] = sn_get_varint(r);
}

static void put_head(struct sn_writer *w, const struct sn_delta_head *head) {
    sn_put_varint(w, head->shard);
    sn_put_varint(w, head->incarnation);
    sn_put_varint(w, head->seq);
    sn_put_varint(w, head->stage);
    sn_put_varint(w, head->stage_done);
    sn_put_varint(w, head->epoch_seq);
    sn_put_i64(w, head->armed_us);
    sn_put_i64(w, head->at_us);
    sn_put_varint(w, head->lease_k);
    sn_put_varint(w, head->jobs_total);
    sn_put_varint(w, head->jobs_done);
    sn_put_varint(w, head->jobs_failed);
    sn_put_varint(w, head->calls);
    sn_put_varint(w, head->slices);
    sn_put_varint(w, head->harness_errors);
    sn_put_varint(w, head->epochs_late);
    sn_put_varint(w, head->timers_late_us);
    put_counts(w, &head->counts);
    sn_put_span(w, head->words, head->words_len);
}

static void get_head(struct sn_reader *r, struct sn_delta_head *head) {
    head->shard = sn_wire_get_u32(r);
    head->incarnation = sn_wire_get_u32(r);
    head->seq = sn_wire_get_u32(r);
    head->stage = sn_wire_get_u32(r);
    head->stage_done = sn_wire_get_u32(r);
    head->epoch_seq = sn_wire_get_u32(r);
    head->armed_us = sn_get_i64(r);
    head->at_us = sn_get_i64(r);
    head->lease_k = sn_get_varint(r);
    head->jobs_total = sn_get_varint(r);
    head->jobs_done = sn_get_varint(r);
    head->jobs_failed = sn_get_varint(r);
    head->calls = sn_get_varint(r);
    head->slices = sn_wire_get_u32(r);
    head->harness_errors = sn_wire_get_u32(r);
    head->epochs_late = sn_wire_get_u32(r);
    head->timers_late_us = sn_get_varint(r);
    get_counts(r, &head->counts);
    struct sn_span words = sn_get_span(r);
    if (words.len > sizeof head->words) r->bad = true;
    memset(head->words, 0, sizeof head->words);
    head->words_len = r->bad ? 0 : (uint32_t)words.len;
    if (head->words_len > 0) memcpy(head->words, words.data, head->words_len);
    if (head->seq == 0 || head->stage >= SN_STAGES_LEN || head->stage_done > 1) r->bad = true;
}

void sn_delta_put(struct sn_writer *w, const struct sn_delta_head *head, struct sn_delta *delta) {
    size_t begin = w->len;
    sn_put_u32(w, SN_DELTA_MAGIC);
    put_head(w, head);
    sn_delta_body_put(w, delta);
    sn_put_u32(w, w->full ? 0 : sn_crc32(w->data + begin, w->len - begin));
}

enum sn_status sn_delta_head_get(struct sn_reader *r, struct sn_delta_head *head) {
    struct sn_reader at = *r;
    uint32_t magic = sn_get_u32(&at);
    size_t left = sn_reader_left(&at);
    if (at.bad || left < SN_DELTA_CRC_LEN) return SN_E_FORMAT;
    if (magic != SN_DELTA_MAGIC) return (magic ^ SN_DELTA_MAGIC) << 8 == 0 ? SN_E_VERSION : SN_E_FORMAT;

    struct sn_reader end = at;
    sn_get_bytes(&end, left - SN_DELTA_CRC_LEN);
    uint32_t crc = sn_crc32(r->data + r->pos, end.pos - r->pos);
    if (sn_get_u32(&end) != crc) return SN_E_CHECKSUM;

    struct sn_delta_head got;
    get_head(&at, &got);
    if (at.bad || sn_reader_left(&at) < SN_DELTA_CRC_LEN) return SN_E_FORMAT;
    *head = got;
    *r = at;
    return SN_OK;
}
