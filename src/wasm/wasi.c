/* What stands in for libc where the module would otherwise carry more of it than it uses.
 *
 * wasi-libc reads numbers by way of 128-bit floats, keeps a heap, copies byte by byte and searches texts by tables:
 * 30 KB that the core has no need of.  The linker takes a function from libc only where no object has it, so these
 * win. */
#include <stdlib.h>
#include <string.h>

#include "sentinel/base/decimal.h"

#ifndef __wasm_bulk_memory__
#error "without -mbulk-memory the copies below would call themselves"
#endif

/* Of what C allows only JSON's numbers come here, from cJSON: json.c has checked them. */
double strtod(const char *restrict text, char **restrict end) {
    size_t used;
    double value = sn_decimal_read(text, strlen(text), &used);
    if (end != NULL) *end = (char *)text + used;
    return value;
}

/* cJSON names these as its first hooks, and json.c sets others before any parse: nobody calls them.  If somebody does,
 * an exhausted heap is an honest answer; a trap would be wrong for free(NULL), which C allows. */
void *malloc(size_t len) {
    (void)len;
    return NULL;
}

void *realloc(void *memory, size_t len) {
    (void)memory, (void)len;
    return NULL;
}

void free(void *memory) {
    (void)memory;
}

/* The compiler makes one instruction of each body: memory.copy or memory.fill. */
void *memcpy(void *restrict to, const void *restrict from, size_t len) {
    return __builtin_memcpy(to, from, len);
}

void *memmove(void *to, const void *from, size_t len) {
    return __builtin_memmove(to, from, len);
}

void *memset(void *to, int byte, size_t len) {
    return __builtin_memset(to, byte, len);
}

/* Searches are over short texts here, so the plain way does. */
void *memchr(const void *bytes, int byte, size_t len) {
    const unsigned char *at = bytes;
    for (; len > 0; len--, at++)
        if (*at == (unsigned char)byte) return (void *)at;
    return NULL;
}

char *strchr(const char *text, int c) {
    for (; *text != (char)c; text++)
        if (*text == 0) return NULL;
    return (char *)text;
}

char *strstr(const char *text, const char *part) {
    size_t len = strlen(part);
    for (; strncmp(text, part, len) != 0; text++)
        if (*text == 0) return NULL;
    return (char *)text;
}

size_t strcspn(const char *text, const char *set) {
    size_t len = 0;
    while (text[len] != 0 && strchr(set, text[len]) == NULL) len++;
    return len;
}
