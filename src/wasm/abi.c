/* Prints worker-shim/abi.js: the numbers and texts that the shim shares with the core, from the core's own lists. */
#include <stddef.h>
#include <stdio.h>

#include "room.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/record.h"
#include "sentinel/base/sql.h"
#include "sentinel/base/step.h"
#include "sentinel/service/api.h"

struct entry {
    const char *name;
    int value;
    const char *text;
};

static void print_text(const char *text) {
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') putchar('\\');
        putchar(*text);
    }
    putchar('"');
}

/* export const EVENT = { OPENED: 1, … }; */
static void print_numbers(const char *name, const char *comment, const struct entry *entries, size_t len) {
    printf("\n// %s\nexport const %s = {\n", comment, name);
    for (size_t i = 0; i < len; i++) printf("  %s: %d,\n", entries[i].name, entries[i].value);
    printf("};\n");
}

/* export const SQL = { 1: "INSERT …", … }; */
static void print_texts(const char *name, const char *comment, const struct entry *entries, size_t len) {
    printf("\n// %s\nexport const %s = {\n", comment, name);
    for (size_t i = 0; i < len; i++) {
        printf("  %d: ", entries[i].value);
        print_text(entries[i].text);
        printf(",\n");
    }
    printf("};\n");
}

#define LEN(entries) (sizeof(entries) / sizeof *(entries))

static void print_vocabulary(void) {
#define SN_X(name, value) {#name, value, #name},
    static const struct entry roles[] = {SN_ROLE_LIST(SN_X)};
    static const struct entry events[] = {SN_EVENT_LIST(SN_X)};
    static const struct entry effects[] = {SN_EFFECT_LIST(SN_X)};
    static const struct entry values[] = {SN_VALUE_LIST(SN_X)};
    static const struct entry looks[] = {SN_LOOK_LIST(SN_X)};
    static const struct entry bindings[] = {SN_BINDING_LIST(SN_X)};
    static const struct entry caches[] = {SN_CACHE_LIST(SN_X)};
#undef SN_X
#define SN_X(name, value, text) {#name, value, text},
    static const struct entry actions[] = {SN_ACTION_LIST(SN_X)};
    static const struct entry statements[] = {SN_SQL_LIST(SN_X)};
#undef SN_X
    print_numbers("ROLE", "Who a core is.", roles, LEN(roles));
    print_numbers("EVENT", "What happened: records into the core.", events, LEN(events));
    print_numbers("EFFECT", "What is to be done: records out of it.", effects, LEN(effects));
    print_numbers("ACTION", "Host calls that a STEP asks for.", actions, LEN(actions));
    print_numbers("VALUE", "Types of a call's arguments.", values, LEN(values));
    print_numbers("CACHE", "What a KV namespace says of its cache.", caches, LEN(caches));
    print_numbers("LOOK", "What is looked for in an answer.", looks, LEN(looks));
    printf("\n// Stands for a statement where the group is what is looked for.\nexport const SHAPE_LOOKS = %u;\n",
           SN_SHAPE_LOOKS);
    print_texts("BINDING", "Sentinel's own bindings by number.", bindings, LEN(bindings));
    print_texts("SQL", "Statements of the control database by number.", statements, LEN(statements));
}

static void print_layouts(void) {
#define FIELD(type, field) \
    { #field, (int)offsetof(struct type, field), NULL }
    static const struct entry record[] = {
        FIELD(sn_record, kind), FIELD(sn_record, status), FIELD(sn_record, size),
        FIELD(sn_record, id),   FIELD(sn_record, target), FIELD(sn_record, at_us),
        FIELD(sn_record, arg0), FIELD(sn_record, arg1),   {"SIZE", (int)sizeof(struct sn_record), NULL},
    };
    static const struct entry answer[] = {
        FIELD(sn_answer, rows),
        FIELD(sn_answer, rows_read),
        FIELD(sn_answer, rows_written),
        FIELD(sn_answer, sql_us),
        FIELD(sn_answer, bytes),
        FIELD(sn_answer, body_us),
        FIELD(sn_answer, attempts),
        FIELD(sn_answer, cache),
        FIELD(sn_answer, primary),
        FIELD(sn_answer, place),
        FIELD(sn_answer, status),
        FIELD(sn_answer, looked),
        {"SIZE", (int)sizeof(struct sn_answer), NULL},
    };
#undef FIELD
    print_numbers("RECORD", "Where a record header's fields are.", record, LEN(record));
    print_numbers("ANSWER", "Where a host call's answer has its numbers.", answer, LEN(answer));
}

static void print_flags(void) {
    static const struct entry flags[] = {
        {"INCOMPLETE", SN_REQUEST_INCOMPLETE, NULL},
        {"KEYED", SN_REQUEST_KEYED, NULL},
        {"WEBSOCKET", SN_REQUEST_WEBSOCKET, NULL},
    };
    print_numbers("REQUEST", "What is to be known of a request beside its parts; added up.", flags, LEN(flags));
}

static void print_limits(void) {
    static const struct entry limits[] = {
        {"PAYLOAD_BLOCK", SN_PAYLOAD_BLOCK, NULL}, {"REQUEST_BODY", SN_REQUEST_BODY_MAX, NULL},
        {"REQUEST_URL", SN_REQUEST_URL_MAX, NULL}, {"REQUEST_HEADER", SN_REQUEST_HEADER_MAX, NULL},
        {"SOCKET_TEXT", SN_SOCKET_TEXT_MAX, NULL}, {"ERROR_TEXT", SN_ERROR_TEXT_MAX, NULL},
        {"CAPTURE", SN_CAPTURE_MAX, NULL},
    };
    print_numbers("LIMIT", "Where texts are cut on their way in, in bytes.", limits, LEN(limits));
}

static void print_unanswered(void) {
    char text[1024];
    struct sn_writer w = sn_writer(text, sizeof text);
    sn_api_put_unanswered(&w);
    SN_ASSERT(!w.full);
    printf("\n// What a request is answered that no core has answered.\n");
    printf("export const UNANSWERED = %.*s;\n", (int)w.len, text);
}

int main(void) {
    printf("// Made by src/wasm/abi.c from the core's lists: edit those, then run make.\n\n");
    printf("export const ABI_VERSION = %u;\n", SN_ABI_VERSION);
    print_vocabulary();
    print_layouts();
    print_flags();
    print_limits();
    print_unanswered();
    return ferror(stdout) != 0;
}
