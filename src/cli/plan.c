/* `sentinel plan`: what a plan would do, without a Worker. */
#include "part.h"

#include <stdlib.h>

#include "sentinel/service/preview.h"

#define TEXT_BYTES 65536u /* a line for each phase and kind of operation */

static void put_plan(struct sn_json_writer *j, void *user) {
    sn_report_put_plan_json(j, NULL, user);
}

static enum sn_exit print_text(const struct sn_report_plan *plan) {
    static uint8_t text[TEXT_BYTES];
    struct sn_writer w = sn_writer(text, sizeof text);
    sn_report_put_plan_text(&w, plan);
    return sn_cli_put(text, w.len) ? SN_EXIT_OK : SN_EXIT_MACHINERY;
}

enum sn_exit sn_cli_plan(const struct sn_cli_options *options) {
    static struct sn_plan plan;
    struct sn_cli_text storage;
    if (!sn_cli_source_compile(options, &plan, &storage)) return SN_EXIT_CONFIGURATION;
    struct sn_report_plan view = sn_preview(&plan, storage.len);
    enum sn_exit code = options->json ? sn_cli_print_json(put_plan, &view) : print_text(&view);
    free(storage.data);
    return code;
}
