/* Text inside a string of JSON, between its quotes, escaped as JSON.stringify() does: no more than it has to be.  What is not
 * UTF-8 becomes U+FFFD, so that the whole stays JSON whatever the text holds. */
#ifndef SENTINEL_BASE_ESCAPE_H
#define SENTINEL_BASE_ESCAPE_H

#include "sentinel/base/bytes.h"

void sn_put_escaped(struct sn_writer *w, const void *text, size_t len);
size_t sn_escaped_len(const void *text, size_t len); /* bytes that it writes */

#endif
