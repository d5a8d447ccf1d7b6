/* Reads tests/hostile/plans.txt and requests.txt, where their forms are described. */
#ifndef SENTINEL_TESTS_HOSTILE_PLANS_H
#define SENTINEL_TESTS_HOSTILE_PLANS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOSTILE_BODY_MAX (2u << 20)

struct hostile_plan {
    char name[128], code[32], path[96]; /* code "": accepted */
    unsigned status;
    uint8_t *body; /* ends where its memory does */
    size_t len;
};

struct hostile_file {
    FILE *file;
    char line[4096];
    uint8_t body[HOSTILE_BODY_MAX];
};

/* Writes what `text` stands for, up to `end`; `number` is what %# stands for.  Returns how much. */
static inline size_t hostile_spell(const char *text, const char *end, unsigned number, uint8_t *out) {
    size_t len = 0;
    while (text < end) {
        if (*text != '%') {
            out[len++] = (uint8_t)*text++;
        } else if (text[1] == '%') {
            out[len++] = '%';
            text += 2;
        } else if (text[1] == '#') {
            len += (size_t)sprintf((char *)out + len, "%u", number);
            text += 2;
        } else if (text[1] == '(') {
            char *repeated;
            unsigned times = (unsigned)strtoul(text + 2, &repeated, 10);
            const char *close = strstr(++repeated, "%)");
            for (unsigned i = 1; i <= times; i++) len += hostile_spell(repeated, close, i, out + len);
            text = close + 2;
        } else {
            char hex[3] = {text[1], text[2], 0};
            out[len++] = (uint8_t)strtoul(hex, NULL, 16);
            text += 3;
        }
    }
    return len;
}

/* The next row; the caller frees its body.  False at the end. */
static inline bool hostile_next(struct hostile_file *rows, struct hostile_plan *plan) {
    do {
        if (fgets(rows->line, sizeof rows->line, rows->file) == NULL) return false;
    } while (rows->line[0] == '#' || rows->line[0] == '\n');
    char *expected = strstr(rows->line, " | "), *body = strstr(expected + 3, " | ");
    *body = '\0';
    *plan = (struct hostile_plan){.status = (unsigned)strtoul(expected + 3, NULL, 10)};
    memcpy(plan->name, rows->line, (size_t)(expected - rows->line));
    if (sscanf(expected + 3, "%*u %31s", plan->code) == 1) {
        const char *path = strstr(expected + 3, plan->code) + strlen(plan->code) + 1;
        hostile_spell(path, body, 0, (uint8_t *)plan->path);
    }
    plan->len = hostile_spell(body + 3, body + 3 + strcspn(body + 3, "\n"), 0, rows->body);
    plan->body = malloc(plan->len > 0 ? plan->len : 1);
    memcpy(plan->body, rows->body, plan->len);
    return true;
}

struct hostile_request {
    struct hostile_plan answer; /* its body, and what is answered to it */
    char method[8], *target;
    bool late; /* something is asked for it first */
};

/* The next row of requests.txt; the caller frees its body and target. */
static inline bool hostile_next_request(struct hostile_file *rows, struct hostile_request *request) {
    char target[256];
    do {
        if (fgets(rows->line, sizeof rows->line, rows->file) == NULL) return false;
    } while (rows->line[0] == '#' || rows->line[0] == '\n');
    char *asked = strstr(rows->line, " | "), *expected = strstr(asked + 3, " | "), *body = strstr(expected + 3, " | ");
    struct hostile_plan *answer = &request->answer;
    *request = (struct hostile_request){.late = expected[3] == '~'};
    memcpy(answer->name, rows->line, (size_t)(asked - rows->line));
    *expected = *body = '\0';
    sscanf(asked + 3, "%7s %255s", request->method, target);
    sscanf(expected + 3 + request->late, "%u %31s %95s", &answer->status, answer->code, answer->path);
    if (strcmp(answer->path, "-") == 0) answer->path[0] = '\0';
    size_t len = hostile_spell(target, target + strlen(target), 0, rows->body);
    request->target = calloc(1, len + 1);
    memcpy(request->target, rows->body, len);
    answer->len = hostile_spell(body + 3, body + 3 + strcspn(body + 3, "\n"), 0, rows->body);
    answer->body = malloc(answer->len > 0 ? answer->len : 1);
    memcpy(answer->body, rows->body, answer->len);
    return true;
}

static inline struct hostile_file *hostile_open_file(const char *path) {
    struct hostile_file *rows = calloc(1, sizeof *rows);
    rows->file = fopen(path, "r");
    return rows;
}

static inline struct hostile_file *hostile_open(void) {
    return hostile_open_file("tests/hostile/plans.txt");
}

static inline void hostile_close(struct hostile_file *rows) {
    fclose(rows->file);
    free(rows);
}

#endif
