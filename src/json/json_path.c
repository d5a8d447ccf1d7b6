#include <string.h>

#include "sentinel/json/json.h"

#define NAME_SHOWN_MAX 40 /* bytes of a name that somebody made up */

static bool is_word(const char *name) {
    for (; *name != 0; name++) {
        bool letter = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') || *name == '_';
        if (!letter && !(*name >= '0' && *name <= '9')) return false;
    }
    return true;
}

/* Bytes of the name that are shown: no character is cut in its middle. */
static size_t shown_len(const char *name) {
    size_t len = strlen(name);
    if (len <= NAME_SHOWN_MAX) return len;
    len = NAME_SHOWN_MAX;
    while ((name[len] & 0xc0) == 0x80) len--;
    return len;
}

void sn_json_put_step(struct sn_writer *w, const char *name) {
    size_t len = shown_len(name);
    if (len > 0 && name[len] == 0 && is_word(name)) {
        sn_put_text(w, ".");
        sn_put_text(w, name);
        return;
    }
    sn_put_text(w, "[\"");
    for (size_t i = 0; i < len;) {
        size_t control = sn_control_len(name + i);
        if (name[i] == '"' || name[i] == '\\') sn_put_u8(w, '\\');
        sn_put_u8(w, control > 0 ? '?' : (uint8_t)name[i]);
        i += control > 0 ? control : 1;
    }
    sn_put_text(w, name[len] != 0 ? "…\"]" : "\"]");
}
