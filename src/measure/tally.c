#include "tally_code.h"

#include <string.h>

#include "hist_code.h"
#include "sentinel/base/assert.h"

_Static_assert(sizeof(struct sn_tally) % 8 == 0 && sizeof(struct sn_cell) % 8 == 0 &&
                   sizeof(struct sn_step_cell) % 8 == 0,
               "cells, steps, then pages follow without a gap");

size_t sn_tally_size(uint32_t kinds, uint32_t phases, uint32_t steps, uint32_t pages) {
    return sizeof(struct sn_tally) + (size_t)kinds * phases * sizeof(struct sn_cell) +
           steps * sizeof(struct sn_step_cell) + pages * sizeof(uint32_t[SN_HIST_PAGE]);
}

static struct sn_cell *cells(struct sn_tally *tally) {
    return (struct sn_cell *)(void *)(tally + 1);
}

static void cell_init(struct sn_cell *cell) {
    memset(cell, 0, sizeof *cell);
    sn_hist_init(&cell->response);
    sn_hist_init(&cell->service);
}

static struct sn_step_cell *steps_of(struct sn_tally *tally) {
    return (struct sn_step_cell *)(void *)(cells(tally) + tally->kinds * tally->phases);
}

void sn_tally_init(struct sn_tally *tally, uint32_t kinds, uint32_t phases, uint32_t steps, uint32_t pages) {
    SN_ASSERT(kinds <= SN_KINDS_MAX && phases <= SN_PHASES_MAX && pages <= UINT16_MAX);
    memset(tally, 0, sn_tally_size(kinds, phases, steps, pages));
    tally->kinds = kinds;
    tally->phases = phases;
    tally->steps = steps;
    tally->pages_len = pages;
    tally->pages_used = 1; /* page 0 means "none" */
    sn_hist_init(&tally->lag_harness);
    sn_hist_init(&tally->lag_slots);
    for (uint32_t i = 0; i < kinds * phases; i++) cell_init(&cells(tally)[i]);
    for (uint32_t i = 0; i < steps; i++) sn_hist_init(&steps_of(tally)[i].service);
}

struct sn_step_cell *sn_tally_step(struct sn_tally *tally, uint32_t number) {
    SN_ASSERT(number < tally->steps);
    return &steps_of(tally)[number];
}

struct sn_cell *sn_tally_cell(struct sn_tally *tally, uint32_t kind, uint32_t phase) {
    SN_ASSERT(kind < tally->kinds && phase < tally->phases);
    return &cells(tally)[kind * tally->phases + phase];
}

/* A view of the pages.  Who takes pages from it has to write `used` back. */
struct sn_pages sn_tally_pages(struct sn_tally *tally) {
    void *memory = steps_of(tally) + tally->steps;
    return (struct sn_pages){.page = memory, .len = tally->pages_len, .used = tally->pages_used};
}

void sn_cell_add_numbers(struct sn_cell *into, const struct sn_cell *from) {
    into->completed = sn_add_sat(into->completed, from->completed);
    into->failed = sn_add_sat(into->failed, from->failed);
    for (uint32_t i = 0; i < SN_ERRORS_LEN; i++) into->errors[i] = sn_add_sat(into->errors[i], from->errors[i]);
    into->bytes = sn_add_sat(into->bytes, from->bytes);
    into->rows = sn_add_sat(into->rows, from->rows);
    into->rows_read = sn_add_sat(into->rows_read, from->rows_read);
    into->rows_written = sn_add_sat(into->rows_written, from->rows_written);
    into->sql_us = sn_add_sat(into->sql_us, from->sql_us);
    into->retries = sn_add_sat(into->retries, from->retries);
    into->cache_hits = sn_add_sat(into->cache_hits, from->cache_hits);
    into->cache_misses = sn_add_sat(into->cache_misses, from->cache_misses);
}

void sn_tally_sum(struct sn_tally *tally, uint32_t kind, uint32_t phase, uint32_t from_phase, struct sn_cell *out,
                  struct sn_pages *pages) {
    struct sn_pages own = sn_tally_pages(tally);
    cell_init(out);
    for (uint32_t i = 0; i < tally->kinds * tally->phases; i++) {
        if (kind != UINT32_MAX && kind != i / tally->phases) continue;
        uint32_t at = i % tally->phases;
        if (phase != UINT32_MAX ? phase != at : at < from_phase) continue;
        const struct sn_cell *cell = &cells(tally)[i];
        sn_cell_add_numbers(out, cell);
        sn_hist_merge_lossy(&out->response, pages, &cell->response, &own);
        sn_hist_merge_lossy(&out->service, pages, &cell->service, &own);
    }
}
