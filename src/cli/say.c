#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bytes of the control character at the front, 0 when there is none: C0, DEL, C1, and what turns the direction of
 * writing around (U+202A to U+202E, U+2066 to U+2069). */
static size_t control_len(const unsigned char *at) {
    if (at[0] < 0x20 || at[0] == 0x7f) return 1;
    if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) return 2;
    bool embeds = at[0] == 0xe2 && at[1] == 0x80 && at[2] >= 0xaa && at[2] <= 0xae;
    bool isolates = at[0] == 0xe2 && at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9;
    return embeds || isolates ? 3 : 0;
}

/* Names come from people and texts from servers; neither is to move the cursor of whoever reads them. */
const char *sn_cli_plain(char *out, size_t cap, const char *text) {
    size_t len = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != 0 && len + 1 < cap;) {
        size_t control = control_len(at);
        out[len++] = control > 0 ? '?' : (char)*at;
        at += control > 0 ? control : 1;
    }
    out[len] = 0;
    return out;
}

void sn_cli_say(const char *format, ...) {
    char text[1024], plain[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "%s\n", sn_cli_plain(plain, sizeof plain, text));
}

bool sn_cli_put(const void *text, size_t len) {
    bool written = fwrite(text, 1, len, stdout) == len && fflush(stdout) == 0;
    if (!written) sn_cli_say("The output could not be written: stdout is closed or full.");
    return written;
}
