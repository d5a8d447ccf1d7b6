#include "sentinel/load/workload.h"

#include <string.h>

#include "sentinel/base/assert.h"

/* The stored form: this header, the keyspaces, then the other arrays in the order of their counts, then the pool, padded to
 * 8.  Keyspaces hold doubles and come first, where they are aligned; the others' elements are all made of u32.  So they
 * lie in the bytes as they lie in memory. */
struct head {
    uint32_t magic, version;
    uint32_t kinds_len, jobs_len, steps_len, groups_len, arguments_len, parts_len, statements_len, pool_len;
    uint32_t size; /* of the whole form */
    uint32_t keyspaces_len, lists_len, options_len, targets_len, looks_len;
    uint32_t tenants, reserved;
};
_Static_assert(sizeof(struct head) == 72, "the arrays begin aligned");
_Static_assert(sizeof(struct sn_text) == 8 && sizeof(struct sn_part) == 16, "no padding in stored arrays");
_Static_assert(sizeof(struct sn_list) == 20 && sizeof(struct sn_option) == 12, "no padding in stored arrays");
_Static_assert(sizeof(struct sn_argument) == 16 && sizeof(struct sn_group) == 28, "no padding in stored arrays");
_Static_assert(sizeof(struct sn_target) == 12 && sizeof(struct sn_look) == 20, "no padding in stored arrays");
_Static_assert(sizeof(struct sn_step) == 92 && sizeof(struct sn_job) == 28, "no padding in stored arrays");
_Static_assert(sizeof(struct sn_kind) == 32, "no padding in stored arrays");

#define MAGIC 0x4c574e53u /* "SNWL" */
#define VERSION 7u

static uint64_t form_size(const struct head *head) {
    uint64_t size = sizeof *head;
    size += (uint64_t)head->keyspaces_len * sizeof(struct sn_keyspace);
    size += (uint64_t)head->kinds_len * sizeof(struct sn_kind);
    size += (uint64_t)head->jobs_len * sizeof(struct sn_job);
    size += (uint64_t)head->steps_len * sizeof(struct sn_step);
    size += (uint64_t)head->groups_len * sizeof(struct sn_group);
    size += (uint64_t)head->arguments_len * sizeof(struct sn_argument);
    size += (uint64_t)head->parts_len * sizeof(struct sn_part);
    size += (uint64_t)head->statements_len * sizeof(struct sn_text);
    size += (uint64_t)head->lists_len * sizeof(struct sn_list);
    size += (uint64_t)head->options_len * sizeof(struct sn_option);
    size += (uint64_t)head->targets_len * sizeof(struct sn_target);
    size += (uint64_t)head->looks_len * sizeof(struct sn_look);
    size += head->pool_len;
    return (size + 7) / 8 * 8;
}

static struct head head_of(const struct sn_workload *workload) {
    struct head head = {
        .magic = MAGIC,
        .version = VERSION,
        .keyspaces_len = workload->keyspaces_len,
        .lists_len = workload->lists_len,
        .tenants = workload->tenants,
        .options_len = workload->options_len,
        .kinds_len = workload->kinds_len,
        .jobs_len = workload->jobs_len,
        .steps_len = workload->steps_len,
        .groups_len = workload->groups_len,
        .arguments_len = workload->arguments_len,
        .parts_len = workload->parts_len,
        .statements_len = workload->statements_len,
        .targets_len = workload->targets_len,
        .looks_len = workload->looks_len,
        .pool_len = workload->pool_len,
    };
    head.size = (uint32_t)form_size(&head);
    return head;
}

uint64_t sn_workload_bytes(const struct sn_workload *workload) {
    struct head head = head_of(workload);
    return form_size(&head);
}

void sn_workload_put(struct sn_writer *w, const struct sn_workload *workload) {
    struct head head = head_of(workload);
    size_t start = w->len;
    sn_put_bytes(w, &head, sizeof head);
    sn_put_bytes(w, workload->keyspaces, workload->keyspaces_len * sizeof *workload->keyspaces);
    sn_put_bytes(w, workload->kinds, workload->kinds_len * sizeof *workload->kinds);
    sn_put_bytes(w, workload->jobs, workload->jobs_len * sizeof *workload->jobs);
    sn_put_bytes(w, workload->steps, workload->steps_len * sizeof *workload->steps);
    sn_put_bytes(w, workload->groups, workload->groups_len * sizeof *workload->groups);
    sn_put_bytes(w, workload->arguments, workload->arguments_len * sizeof *workload->arguments);
    sn_put_bytes(w, workload->parts, workload->parts_len * sizeof *workload->parts);
    sn_put_bytes(w, workload->statements, workload->statements_len * sizeof *workload->statements);
    sn_put_bytes(w, workload->lists, workload->lists_len * sizeof *workload->lists);
    sn_put_bytes(w, workload->options, workload->options_len * sizeof *workload->options);
    sn_put_bytes(w, workload->targets, workload->targets_len * sizeof *workload->targets);
    sn_put_bytes(w, workload->looks, workload->looks_len * sizeof *workload->looks);
    sn_put_bytes(w, workload->pool, workload->pool_len);
    if (!w->full) sn_put_zeros(w, head.size - (w->len - start));
}

static const void *take(const uint8_t **at, size_t len) {
    const void *here = *at;
    *at += len;
    return here;
}

static void make_view(struct sn_workload *workload, const struct head *head, const uint8_t *at) {
    *workload = (struct sn_workload){
        .keyspaces_len = head->keyspaces_len,
        .kinds_len = head->kinds_len,
        .jobs_len = head->jobs_len,
        .steps_len = head->steps_len,
        .groups_len = head->groups_len,
        .arguments_len = head->arguments_len,
        .parts_len = head->parts_len,
        .statements_len = head->statements_len,
        .lists_len = head->lists_len,
        .tenants = head->tenants,
        .options_len = head->options_len,
        .targets_len = head->targets_len,
        .looks_len = head->looks_len,
        .pool_len = head->pool_len,
    };
    workload->keyspaces = take(&at, head->keyspaces_len * sizeof *workload->keyspaces);
    workload->kinds = take(&at, head->kinds_len * sizeof *workload->kinds);
    workload->jobs = take(&at, head->jobs_len * sizeof *workload->jobs);
    workload->steps = take(&at, head->steps_len * sizeof *workload->steps);
    workload->groups = take(&at, head->groups_len * sizeof *workload->groups);
    workload->arguments = take(&at, head->arguments_len * sizeof *workload->arguments);
    workload->parts = take(&at, head->parts_len * sizeof *workload->parts);
    workload->statements = take(&at, head->statements_len * sizeof *workload->statements);
    workload->lists = take(&at, head->lists_len * sizeof *workload->lists);
    workload->options = take(&at, head->options_len * sizeof *workload->options);
    workload->targets = take(&at, head->targets_len * sizeof *workload->targets);
    workload->looks = take(&at, head->looks_len * sizeof *workload->looks);
    workload->pool = take(&at, head->pool_len);
}

enum sn_status sn_workload_open(struct sn_workload *workload, const void *bytes, size_t len) {
    struct head head;
    SN_ASSERT((uintptr_t)bytes % 8 == 0);
    if (len < sizeof head) return SN_E_FORMAT;
    memcpy(&head, bytes, sizeof head);
    if (head.magic != MAGIC) return SN_E_FORMAT;
    if (head.version != VERSION) return SN_E_VERSION;
    if (head.size != len || form_size(&head) != len || head.reserved != 0) return SN_E_FORMAT;
    make_view(workload, &head, (const uint8_t *)bytes + sizeof head);
    return sn_workload_sound(workload) ? SN_OK : SN_E_FORMAT;
}
