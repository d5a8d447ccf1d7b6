#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Names come from people and texts from servers; neither is to move the cursor of whoever reads them. */
const char *sn_cli_plain(char *out, size_t cap, const char *text) {
    size_t len = 0;
    for (const char *at = text; *at != 0 && len + 1 < cap;) {
        size_t control = sn_control_len(at);
        out[len++] = control > 0 ? '?' : *at;
        at += control > 0 ? control : 1;
    }
    out[len] = 0;
    return out;
}

bool sn_cli_put_lines(struct sn_cli_text *text) {
    size_t len = 0;
    for (size_t at = 0; at < text->len;) {
        size_t control = text->data[at] == 0 ? 1 : text->data[at] == '\n' ? 0 : sn_control_len(text->data + at);
        text->data[len++] = control > 0 ? '?' : text->data[at];
        at += control > 0 ? control : 1;
    }
    return sn_cli_put(text->data, len);
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
