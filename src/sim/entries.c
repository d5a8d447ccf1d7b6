#include <stdlib.h>
#include <string.h>

#include "world.h"

/* Values by their keys, in the order of these, as the platform lists them. */

struct entry **entries_find(struct entry **list, const void *key, size_t len) {
    for (; *list != NULL; list = &(*list)->next) {
        if ((*list)->key_len == len && memcmp((*list)->key, key, len) == 0) return list;
    }
    return list;
}

static void free_entry(struct entry *entry) {
    free(entry->key);
    free(entry->value);
    free(entry);
}

void entries_erase(struct entry **list, const void *key, size_t len) {
    struct entry **place = entries_find(list, key, len);
    struct entry *gone = *place;
    if (gone == NULL) return;
    *place = gone->next;
    free_entry(gone);
}

void entries_clear(struct entry **list) {
    while (*list != NULL) entries_erase(list, (*list)->key, (*list)->key_len);
}

static uint8_t *copy(struct world *world, struct sn_span span) {
    uint8_t *bytes = malloc(span.len + 1);
    if (bytes == NULL) {
        world->out_of_memory = true;
    } else if (span.len > 0) {
        memcpy(bytes, span.data, span.len);
    }
    return bytes;
}

void entries_put(struct world *world, struct entry **list, struct sn_span key, struct sn_span value) {
    entries_erase(list, key.data, key.len);
    struct entry *entry = malloc(sizeof *entry);
    if (entry == NULL) {
        world->out_of_memory = true;
        return;
    }
    *entry = (struct entry){.key_len = key.len, .value_len = value.len, .version = world->version};
    entry->key = copy(world, key);
    entry->value = copy(world, value);
    if (world->out_of_memory) {
        free_entry(entry);
        return;
    }
    while (*list != NULL) {
        size_t common = (*list)->key_len < key.len ? (*list)->key_len : key.len;
        int order = memcmp((*list)->key, key.data, common);
        if (order > 0 || (order == 0 && (*list)->key_len > key.len)) break;
        list = &(*list)->next;
    }
    entry->next = *list;
    *list = entry;
}
