#include "sentinel/base/args.h"

#include <string.h>

static void patch_u16(struct sn_writer *w, size_t at, uint16_t value) {
    if (w->full) return;
    w->data[at] = (uint8_t)value;
    w->data[at + 1] = (uint8_t)(value >> 8);
}

void sn_args_begin(struct sn_args *args, struct sn_writer *w, uint64_t k) {
    sn_put_u64(w, k);
    *args = (struct sn_args){.w = w, .groups_at = w->len};
    sn_put_u16(w, 0);
}

void sn_args_group(struct sn_args *args, uint32_t statement) {
    args->groups += 1;
    patch_u16(args->w, args->groups_at, args->groups);
    sn_put_u32(args->w, statement);
    args->values = 0;
    args->values_at = args->w->len;
    sn_put_u16(args->w, 0);
}

static void put_head(struct sn_args *args, enum sn_value type, size_t len) {
    args->values += 1;
    patch_u16(args->w, args->values_at, args->values);
    sn_put_u8(args->w, (uint8_t)type);
    sn_put_zeros(args->w, 3);
    sn_put_u32(args->w, (uint32_t)len);
}

void sn_args_null(struct sn_args *args) {
    put_head(args, SN_VALUE_NULL, 0);
}

void sn_args_span(struct sn_args *args, enum sn_value type, const void *data, size_t len) {
    put_head(args, type, len);
    sn_put_bytes(args->w, data, len);
    sn_put_zeros(args->w, (4 - len % 4) % 4);
}

void sn_args_text(struct sn_args *args, const char *text) {
    if (text == NULL) {
        sn_args_null(args);
    } else {
        sn_args_span(args, SN_VALUE_TEXT, text, strlen(text));
    }
}

void sn_args_number(struct sn_args *args, double value) {
    put_head(args, SN_VALUE_NUMBER, sizeof value);
    sn_put_f64(args->w, value);
}
