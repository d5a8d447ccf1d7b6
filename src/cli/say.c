#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Names come from people and texts from servers; neither is to move the cursor of whoever reads them. */
const char *sn_cli_plain(char *out, size_t cap, const char *text) {
    size_t len = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != 0 && len + 1 < cap; at++) {
        bool c1 = at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;
        if (c1) at++;
        out[len++] = c1 || *at < 0x20 || *at == 0x7f ? '?' : (char)*at;
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
