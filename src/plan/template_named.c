/* Variables of templates that name something of the workload. */
#include "template.h"

#include <string.h>

#include "read.h"

/* --- Keys -------------------------------------------------------------------------------------------------------- */

static bool refuse_keyspace(struct sn_builder *b) {
    if (b->view.keyspaces_len == 0)
        return sn_trail_refuse(b->trail, "plan.template", "a keyspace in \"keys\"; this workload has none");
    struct sn_writer w = sn_trail_expected(b->trail, "plan.template");
    sn_put_text(&w, "a keyspace in \"keys\": ");
    sn_put_choice(&w, b->keyspace_names, b->view.keyspaces_len);
    return false;
}

/* Its index, or UINT32_MAX. */
static uint32_t find_keyspace(const struct sn_builder *b, struct sn_span name) {
    for (uint32_t i = 0; i < b->view.keyspaces_len; i++)
        if (sn_span_is(name, b->keyspace_names[i])) return i;
    return UINT32_MAX;
}

/* The name of a keyspace in parentheses. */
static bool take_keyspace(struct sn_builder *b, const struct variable *variable, struct inside *in,
                          uint32_t *keyspace) {
    if (!sn_inside_take(in, '(')) return sn_template_refuse_usage(b, variable);
    struct sn_span name = sn_inside_take_name(in);
    if (!sn_inside_take(in, ')') || !sn_inside_at_end(in)) return sn_template_refuse_usage(b, variable);
    *keyspace = find_keyspace(b, name);
    return *keyspace != UINT32_MAX || refuse_keyspace(b);
}

bool sn_template_key(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    struct sn_part part = {.kind = SN_PART_KEY};
    return take_keyspace(b, variable, in, &part.a) && sn_build_part(b, &part);
}

/* How many keys there are: known here, and the same in every operation. */
bool sn_template_count(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    char text[12];
    struct sn_writer w = sn_writer(text, sizeof text);
    uint32_t keyspace;
    if (!take_keyspace(b, variable, in, &keyspace)) return false;
    sn_put_dec(&w, b->keyspaces[keyspace].count);
    return sn_template_literal(b, text, w.len);
}

/* A user is a key of the keyspace that is called so. */
bool sn_template_user(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    struct sn_part part = {.kind = SN_PART_KEY, .a = find_keyspace(b, (struct sn_span){(const uint8_t *)"users", 5})};
    if (!sn_inside_at_end(in)) return sn_template_refuse_usage(b, variable);
    if (part.a != UINT32_MAX) return sn_build_part(b, &part);
    return sn_trail_refuse(b->trail, "plan.template",
                           "a keyspace \"users\" in \"keys\", for ${user} to be one of them");
}

/* --- Feeds --------------------------------------------------------------------------------------------------------- */

static bool refuse_feed(struct sn_builder *b, const struct sn_feed *feed) {
    if (b->feeds_len == 0)
        return sn_trail_refuse(b->trail, "plan.template", "a feed in \"feeds\"; this workload has none");
    struct sn_writer w = sn_trail_expected(b->trail, "plan.template");
    sn_put_text(&w, feed != NULL ? "a column of this feed: " : "a feed in \"feeds\": ");
    uint32_t len = feed != NULL ? feed->columns : b->feeds_len;
    for (uint32_t i = 0; i < len; i++) {
        sn_put_text(&w, i > 0 ? ", " : "");
        if (feed != NULL)
            sn_put_bytes(&w, feed->column[i].data, feed->column[i].len);
        else
            sn_put_text(&w, b->feeds[i].name);
    }
    return false;
}

/* ${feed.products.price} */
bool sn_template_feed(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    const struct sn_feed *feed = NULL;
    struct sn_part part = {SN_PART_PICK, 0, UINT32_MAX, 0};
    if (!sn_inside_take(in, '.')) return sn_template_refuse_usage(b, variable);
    struct sn_span name = sn_inside_take_name(in);
    if (!sn_inside_take(in, '.')) return sn_template_refuse_usage(b, variable);
    struct sn_span column = sn_inside_take_name(in);
    if (!sn_inside_take_again(variable, in, &part.c)) return sn_template_refuse_usage(b, variable);
    for (uint32_t i = 0; i < b->feeds_len; i++)
        if (sn_span_is(name, b->feeds[i].name)) feed = &b->feeds[i];
    for (uint32_t i = 0; feed != NULL && i < feed->columns; i++)
        if (sn_span_equal(column, feed->column[i])) part.b = i;
    if (part.b == UINT32_MAX) return refuse_feed(b, feed);
    part.a = feed->list;
    return sn_build_part(b, &part);
}

/* --- What answers gave ----------------------------------------------------------------------------------------- */

static bool refuse_captured(struct sn_builder *b, bool captured) {
    if (captured)
        return sn_trail_refuse(b->trail, "plan.template",
                               "a value that is there before this step: what captures it is sent together with it, "
                               "by chance or in the background");
    struct sn_writer w = sn_trail_expected(b->trail, "plan.template");
    sn_put_text(&w, "a value that an earlier step of this operation captures");
    if (b->captures_len == 0) {
        sn_put_text(&w, "; none does");
    } else {
        sn_put_text(&w, ": ");
        sn_put_choice(&w, b->captures, b->captures_len);
    }
    return false;
}

/* ${captured.id} */
bool sn_template_captured(struct sn_builder *b, const struct variable *variable, struct inside *in) {
    char text[SN_CAPTURE_MAX];
    struct sn_writer w = sn_writer(text, sizeof text);
    struct sn_text piece;
    if (!b->flows)
        return sn_trail_refuse(
            b->trail, "plan.template",
            "nothing that was captured: prepare and cleanup compute their keys, so that the second finds "
            "what the run wrote");
    if (!sn_inside_take(in, '.')) return sn_template_refuse_usage(b, variable);
    struct sn_span name = sn_inside_take_name(in);
    if (name.len == 0 || !sn_inside_at_end(in)) return sn_template_refuse_usage(b, variable);
    uint32_t number = sn_find_capture(b, name);
    if (number == UINT32_MAX || (b->captured >> number & 1) == 0) return refuse_captured(b, number != UINT32_MAX);
    sn_put_text(&w, "${captured.");
    sn_put_bytes(&w, name.data, name.len);
    sn_put_text(&w, "}");
    return sn_build_text(b, text, w.len, &piece) &&
           sn_build_part(b, &(struct sn_part){SN_PART_CAPTURED, number, piece.offset, piece.len});
}
