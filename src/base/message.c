#include "sentinel/base/message.h"

void sn_message_begin(struct sn_writer *w, enum sn_message kind) {
    sn_put_u32(w, (uint32_t)kind);
    sn_put_u32(w, SN_MESSAGE_VERSION);
}

uint32_t sn_message_open(struct sn_reader *r) {
    uint32_t kind = sn_get_u32(r);
    uint32_t version = sn_get_u32(r);
    return !r->bad && version == SN_MESSAGE_VERSION ? kind : 0;
}
