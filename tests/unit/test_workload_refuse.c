/* Workloads that cannot be used: the answer says where, and what was expected. */
#include "workload_help.h"

#define S "{\"systems\":{\"a\":1},\"operations\":[{\"operation\":\"x\",\"system\":\"a\",\"steps\":["
#define STEP(step) S step "]}]}"
#define JOBS(jobs) S "{\"d1\":\"SELECT X\"}]}]," jobs "}"
#define AT "$.operations[0].steps[0]"
#define ID "\"capture\":{\"id\":{\"text\":true}}"

static const struct {
    const char *json, *code, *path, *expected; /* expected: a part of the sentence, or NULL */
} refused[] = {
    {"[]", "plan.type", "$", "an object"},
    {"{", "json.syntax", "$", "at byte 1"},
    {"{\"a\":1,\"a\":1}", "json.duplicate-name", "$.a", NULL},
    {"{\"sytems\":{}}", "plan.unknown-field", "$.sytems", "systems, operations, prepare, cleanup"},
    {"{}", "plan.type", "$.operations", "an array"},
    {"{\"operations\":[{\"operation\":\"a\",\"system\":\"b\"}]}", "plan.conflict", "$.operations[0].system",
     "no \"systems\""},
    {"{\"operations\":[{\"operation\":\"a\",\"weight\":0,\"steps\":[{\"d1\":\"SELECT X\"}]}]}", "plan.range",
     "$.operations", "a weight above 0"},
    {"{\"operations\":[{\"operation\":\"a\",\"steps\":[{\"d1\":\"SELECT X\"}]}],\"cleanup\":[{\"count\":1,\"system\":\"custom\"}]}",
     "plan.conflict", "$.cleanup[0].system", NULL},
    {"{\"of\":7}", "plan.type", "$.of", "one of grove, reaction-race, session-fan-out, tenant-isolation, ycsb"},
    {"{\"of\":\"blog\"}", "plan.value", "$.of", "one of grove, reaction-race, session-fan-out, tenant-isolation, ycsb"},
    {"{\"of\":\"systems\"}", "plan.value", "$.of",
     "one of grove, reaction-race, session-fan-out, tenant-isolation, ycsb"},
    {"{\"of\":\"ycsb-a\"}", "plan.value", "$.of",
     "one of grove, reaction-race, session-fan-out, tenant-isolation, ycsb"},
    {"{\"of\":\"grove\",\"keys\":{}}", "plan.conflict", "$.keys", "\"of\""},
    {"{\"of\":\"grove\",\"cleanup\":[]}", "plan.conflict", "$.cleanup", "\"of\""},
    {"{\"of\":\"grove\"}", "plan.type", "$.operations", "an array"},
    {"{\"of\":\"grove\",\"operations\":[{\"operation\":\"post-red\"}]}", "plan.type", "$.operations[0].steps",
     "an array"},
    {"{\"systems\":{}}", "plan.type", "$.systems", NULL},
    {"{\"systems\":{\"a\":-1}}", "plan.range", "$.systems.a", "a whole number from 0 to 1000000"},
    {"{\"systems\":{\"a\":0.5}}", "plan.range", "$.systems.a", NULL},
    {"{\"systems\":{\"a\":\"1\"}}", "plan.type", "$.systems.a", NULL},
    {"{\"systems\":{\"A b\":1}}", "plan.value", "$.systems[\"A b\"]", NULL},
    {"{\"systems\":{\"\":1}}", "plan.value", "$.systems[\"\"]", NULL},
    {"{\"systems\":{\"a\":1}}", "plan.type", "$.operations", "an array"},
    {"{\"systems\":{\"a\":1},\"operations\":[]}", "plan.range", "$.operations", "an array from 1 to 200 elements"},
    {"{\"systems\":{\"a\":1},\"operations\":[1]}", "plan.type", "$.operations[0]", "an object"},
    {"{\"systems\":{\"a\":1},\"operations\":[{\"name\":1}]}", "plan.unknown-field", "$.operations[0].name", NULL},
    {"{\"systems\":{\"a\":1},\"operations\":[{}]}", "plan.type", "$.operations[0].operation", "a text"},
    {"{\"systems\":{\"a\":1},\"operations\":[{\"operation\":\"X\"}]}", "plan.value", "$.operations[0].operation", NULL},
    {"{\"systems\":{\"a\":1},\"operations\":[{\"operation\":\"x\"}]}", "plan.value", "$.operations[0].system", "a"},
    {"{\"systems\":{\"a\":1,\"c\":1},\"operations\":[{\"operation\":\"x\",\"system\":\"b\"}]}", "plan.value",
     "$.operations[0].system", "one of a, c"},
    {"{\"systems\":{\"a\":1},\"operations\":[{\"operation\":\"x\",\"system\":\"a\",\"weight\":1001}]}", "plan.range",
     "$.operations[0].weight", "a whole number from 0 to 1000"},
    {"{\"systems\":{\"a\":1},\"operations\":[{\"operation\":\"x\",\"system\":\"a\"}]}", "plan.type",
     "$.operations[0].steps", "an array"},
    {"{\"systems\":{\"a\":1},\"operations\":[" O("x", "a", "") "," O("x", "a", "") "]}", "plan.duplicate",
     "$.operations[1].operation", NULL},
    {"{\"systems\":{\"a\":1,\"b\":1},\"operations\":[" O("x", "a", "") "]}", "plan.missing", "$.systems.b", NULL},
    {"{\"systems\":{\"a\":1},\"operations\":[" O("x", "a", ",\"weight\":0") "]}", "plan.missing", "$.systems.a", NULL},
    {"{\"systems\":{\"a\":0},\"operations\":[" O("x", "a", "") "]}", "plan.range", "$.systems", "a weight above 0"},
    /* 999983 is a prime: shared by 997 and 991 parts it has no small common multiple */
    {"{\"systems\":{\"a\":999983,\"b\":999979},\"operations\":[" O("w", "a", ",\"weight\":991") "," O(
         "x", "a", ",\"weight\":6") "," O("y", "b", ",\"weight\":983") "," O("z", "b", ",\"weight\":8") "]}",
     "plan.range", "$.systems", "smaller common multiples"},

    {STEP(""), "plan.range", "$.operations[0].steps", "an array from 1 to 16 elements"},
    {STEP("{}"), "plan.missing", AT, "an object with one of d1, kv, r2, do, http, service"},
    {STEP("7"), "plan.missing", AT, NULL},
    {STEP("{\"kv\":\"get\",\"d1\":\"SELECT X\"}"), "plan.unknown-field", AT ".kv",
     "d1, bind, session, rows, expect, capture, binding"},
    {STEP("{\"d1\":\"SELECT X\",\"binding\":1}"), "plan.value", AT ".binding", "such as TARGET_DB"},
    {STEP("{\"d1\":\"SELECT X\",\"binding\":\"\"}"), "plan.value", AT ".binding", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"binding\":\"9A\"}"), "plan.value", AT ".binding", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"binding\":\"A-B\"}"), "plan.value", AT ".binding", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"binding\":\"__proto__\"}"), "plan.value", AT ".binding", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"binding\":\"DB\"}"), "plan.target", AT ".binding", "not Sentinel's own"},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"binding\":\"CLEARING\"}"), "plan.target", AT ".binding", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"binding\":\"SHARDS\"}"), "plan.target", AT ".binding", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"binding\":\"SENTINEL_TOKEN\"}"), "plan.target", AT ".binding", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"expect\":{\"same\":1}}"), "plan.type", AT ".expect.same", "a text"},
    {STEP("{\"d1\":\"SELECT X\",\"expect\":{\"contains\":\"\"}}"), "plan.range", AT ".expect.contains", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"expect\":{\"same\":\"${x}\"}}"), "plan.template", AT ".expect.same", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"capture\":{}}"), "plan.type", AT ".capture", "names"},
    {STEP("{\"d1\":\"SELECT X\",\"capture\":{\"A\":{\"column\":\"a\"}}}"), "plan.value", AT ".capture.A", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"capture\":{\"a\":{}}}"), "plan.missing", AT ".capture.a",
     "one of column, pointer, text"},
    {STEP("{\"d1\":\"SELECT X\",\"capture\":{\"a\":{\"column\":\"a\",\"text\":true}}}"), "plan.missing",
     AT ".capture.a", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"capture\":{\"a\":{\"column\":\"\"}}}"), "plan.range", AT ".capture.a.column", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"capture\":{\"a\":{\"column\":\"a\"}}}"), "plan.unknown-field",
     AT ".capture.a.column", "one of pointer, text"},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"capture\":{\"a\":{\"pointer\":\"id\"}}}"), "plan.value",
     AT ".capture.a.pointer", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"capture\":{\"a\":{\"text\":false}}}"), "plan.value", AT ".capture.a.text",
     NULL},
    {STEP(
         "{\"d1\":\"SELECT X\",\"capture\":{\"a\":{\"column\":\"a\"},\"b\":{\"column\":\"a\"},\"c\":{\"column\":\"a\"},"
         "\"d\":{\"column\":\"a\"},\"e\":{\"column\":\"a\"}}}"),
     "plan.range", AT ".capture.e", "at most 4"},
    {STEP("{\"kv\":\"get\",\"key\":\"${captured}\"}"), "plan.template", AT ".key", "something like ${captured.id}"},
    {STEP("{\"kv\":\"get\",\"key\":\"${captured.}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${captured.id x}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${captured.id}\"}"), "plan.template", AT ".key", "; none does"},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"expect\":{\"same\":\"${captured.id}\"}," ID "}"), "plan.template",
     AT ".expect.same", "; none does"},
    {STEP("{\"kv\":\"get\",\"key\":\"a\"," ID "},{\"kv\":\"get\",\"key\":\"${captured.ids}\"}"), "plan.template",
     "$.operations[0].steps[1].key", "captures: id"},
    {STEP("{\"kv\":\"get\",\"key\":\"${captured.id}\"},{\"kv\":\"get\",\"key\":\"a\"," ID "}"), "plan.template",
     AT ".key", "; none does"},
    {STEP("{\"kv\":\"get\",\"key\":\"a\"," ID ",\"background\":true},{\"kv\":\"get\",\"key\":\"${captured.id}\"}"),
     "plan.template", "$.operations[0].steps[1].key", "in the background"},
    {STEP("{\"kv\":\"get\",\"key\":\"a\"," ID ",\"probability\":0.5},{\"kv\":\"get\",\"key\":\"${captured.id}\"}"),
     "plan.template", "$.operations[0].steps[1].key", "by chance"},
    {STEP("{\"parallel\":[{\"kv\":\"get\",\"key\":\"a\"," ID "},{\"kv\":\"get\",\"key\":\"${captured.id}\"}]}"),
     "plan.template", AT ".parallel[1].key", "sent together"},
    {STEP("{\"kv\":\"get\",\"key\":\"a\"," ID "},{\"d1\":\"SELECT X\",\"bind\":[{\"number\":\"${captured.id}\"}]}"),
     "plan.template", "$.operations[0].steps[1].bind[0]", "gives digits"},
    {S "{\"kv\":\"get\",\"key\":\"a\"," ID "}]},{\"operation\":\"y\",\"system\":\"a\",\"steps\":["
       "{\"kv\":\"get\",\"key\":\"${captured.id}\"}]}]}",
     "plan.template", "$.operations[1].steps[0].key", "; none does"},
    {S "{\"kv\":\"get\",\"key\":\"a\"," ID "}]}],\"cleanup\":[{\"per\":\"x\",\"steps\":["
       "{\"kv\":\"delete\",\"key\":\"${captured.id}\"}]}]}",
     "plan.template", "$.cleanup[0].steps[0].key", "nothing that was captured"},
    {STEP("{\"d1\":\"SELECT X\",\"session\":\"first\"}"), "plan.value", AT ".session",
     "first-primary, first-unconstrained"},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"session\":\"first-primary\"}"), "plan.unknown-field", AT ".session", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"cacheTtl\":29}"), "plan.range", AT ".cacheTtl", "from 30"},
    {STEP("{\"kv\":\"get\",\"keys\":[]}"), "plan.range", AT ".keys", "from 1 to 100"},
    {STEP("{\"kv\":\"get\",\"keys\":[\"a\",\"\"]}"), "plan.range", AT ".keys[1]", "not empty"},
    {STEP("{\"kv\":\"get\",\"keys\":[\"a\"],\"key\":\"a\"}"), "plan.unknown-field", AT ".key",
     "kv, type, cacheTtl, keys"},
    {STEP("{\"r2\":\"get\",\"key\":\"a\",\"range\":{}}"), "plan.missing", AT ".range", "an offset"},
    {STEP("{\"r2\":\"get\",\"key\":\"a\",\"range\":{\"length\":0}}"), "plan.range", AT ".range.length", "from 1"},
    {STEP("{\"r2\":\"multipart\",\"key\":\"a\"}"), "plan.type", AT ".partBytes", NULL},
    {STEP("{\"r2\":\"multipart\",\"key\":\"a\",\"partBytes\":5242881,\"parts\":1}"), "plan.range", AT ".partBytes",
     "multiple"},
    {STEP("{\"r2\":\"multipart\",\"key\":\"a\",\"partBytes\":8388609,\"parts\":1}"), "plan.range", AT ".partBytes",
     "8388608"},
    {STEP("{\"r2\":\"multipart\",\"key\":\"a\",\"partBytes\":4194304,\"parts\":2}"), "plan.range", AT ".parts",
     "at least 5242880"},
    {STEP("{\"r2\":\"multipart\",\"key\":\"a\",\"partBytes\":5242880,\"parts\":41}"), "plan.range", AT ".parts",
     "from 1 to 40"},
    {STEP("{\"do\":\"look\"}"), "plan.value", AT ".do", "one of call, fetch"},
    {STEP("{\"do\":\"call\",\"name\":\"\",\"method\":\"get\"}"), "plan.range", AT ".name", "not empty"},
    {STEP("{\"do\":\"call\",\"name\":\"a\"}"), "plan.value", AT ".method", "method of the object's class"},
    {STEP("{\"do\":\"call\",\"name\":\"a\",\"method\":\"constructor\"}"), "plan.value", AT ".method", NULL},
    {STEP("{\"do\":\"call\",\"name\":\"a\",\"method\":\"get it\"}"), "plan.value", AT ".method", NULL},
    {STEP("{\"do\":\"call\",\"name\":\"a\",\"method\":\"get\",\"args\":[1,2,3,4,5,6,7,8,9]}"), "plan.range", AT ".args",
     NULL},
    {STEP("{\"do\":\"call\",\"name\":\"a\",\"method\":\"get\",\"expect\":{\"status\":200}}"), "plan.unknown-field",
     AT ".expect.status", NULL},
    {STEP("{\"do\":\"fetch\",\"name\":\"a\",\"path\":\"x\"}"), "plan.value", AT ".path", "begins with /"},
    {STEP("{\"do\":\"fetch\",\"name\":\"a\",\"path\":\"/\",\"method\":\"get\"}"), "plan.value", AT ".method",
     "GET, HEAD"},
    {STEP("{\"http\":\"TRACE\",\"url\":\"https://a\"}"), "plan.value", AT ".http", "one of GET"},
    {STEP("{\"http\":\"GET\"}"), "plan.value", AT ".url", "constant host"},
    {STEP("{\"http\":\"GET\",\"url\":\"ftp://a/\"}"), "plan.value", AT ".url", NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://\"}"), "plan.value", AT ".url", NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a${k}/\"}"), "plan.value", AT ".url", NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://${k}.a/\"}"), "plan.value", AT ".url", NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a@b/\"}"), "plan.value", AT ".url", NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a\\\\b/\"}"), "plan.value", AT ".url", NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a#b/\"}"), "plan.value", AT ".url", NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://A/\"}"), "plan.value", AT ".url", "small letters"},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a:/\"}"), "plan.value", AT ".url", NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a:123456/\"}"), "plan.value", AT ".url", NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a/\",\"binding\":\"B\"}"), "plan.unknown-field", AT ".binding",
     "no binding"},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a/\",\"headers\":{\"a b\":\"c\"}}"), "plan.value",
     AT ".headers[\"a b\"]", NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a/\",\"headers\":{\"a\":1}}"), "plan.type", AT ".headers.a", "a text"},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a/\",\"body\":1}"), "plan.type", AT ".body", "a text"},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a/\",\"expect\":{\"status\":99}}"), "plan.range", AT ".expect.status",
     NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a/\",\"expect\":{\"status\":\"299-200\"}}"), "plan.value",
     AT ".expect.status", NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a/\",\"expect\":{\"status\":[200,\"2xx\"]}}"), "plan.value",
     AT ".expect.status[1]", NULL},
    {STEP("{\"http\":\"GET\",\"url\":\"https://a/\",\"expect\":{\"status\":[]}}"), "plan.range", AT ".expect.status",
     NULL},
    {STEP("{\"service\":\"GET\",\"path\":\"a\"}"), "plan.value", AT ".path", NULL},
    {STEP("{\"d1\":1}"), "plan.type", AT ".d1", "SQL"},
    {STEP("{\"d1\":\"\"}"), "plan.type", AT ".d1", NULL},
    {STEP("{\"d1\":\"SELECT ${k}\"}"), "plan.template", AT ".d1", "bind"},
    {STEP("{\"d1\":\"SELECT X\",\"bind\":1}"), "plan.type", AT ".bind", "an array"},
    {STEP("{\"d1\":\"SELECT X\",\"bind\":[1,true]}"), "plan.type", AT ".bind[1]", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"bind\":[[]]}"), "plan.type", AT ".bind[0]", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"bind\":[{\"num\":1}]}"), "plan.unknown-field", AT ".bind[0].num", "number"},
    {STEP("{\"d1\":\"SELECT X\",\"bind\":[{\"number\":1}]}"), "plan.type", AT ".bind[0]", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"bind\":[{}]}"), "plan.type", AT ".bind[0]", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"bind\":[{\"number\":\"x\"}]}"), "plan.template", AT ".bind[0]", "digits"},
    {STEP("{\"d1\":\"SELECT X\",\"bind\":[{\"number\":\"\"}]}"), "plan.template", AT ".bind[0]", "digits"},
    {STEP("{\"d1\":\"SELECT X\",\"bind\":[{\"number\":\"1-${k}\"}]}"), "plan.template", AT ".bind[0]", "digits"},
    {STEP("{\"d1\":\"SELECT X\",\"bind\":[{\"number\":\"${hex(2)}\"}]}"), "plan.template", AT ".bind[0]", "digits"},
    {STEP("{\"d1\":\"SELECT X\",\"bind\":[{\"number\":\"${k}${k}${k}${k}\"}]}"), "plan.template", AT ".bind[0]", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"bind\":[\"${times}\"]}"), "plan.template", AT ".bind[0]", "instead of ${times}"},
    {STEP("{\"d1\":\"batch\"}"), "plan.type", AT ".statements", "an array"},
    {STEP("{\"d1\":\"batch\",\"bind\":[]}"), "plan.unknown-field", AT ".bind", "d1, statements"},
    {STEP("{\"d1\":\"batch\",\"statements\":[]}"), "plan.range", AT ".statements", NULL},
    {STEP("{\"d1\":\"batch\",\"statements\":[{\"sql\":\"SELECT X\"},{\"sql\":2}]}"), "plan.type",
     AT ".statements[1].sql", NULL},
    {STEP("{\"d1\":\"batch\",\"statements\":[{\"sql\":\"SELECT X\",\"times\":0}]}"), "plan.range",
     AT ".statements[0].times", "a whole number from 1 to 100"},
    {STEP(
         "{\"d1\":\"batch\",\"statements\":[{\"sql\":\"SELECT X\",\"times\":60},{\"sql\":\"SELECT X\",\"times\":41}]}"),
     "plan.range", AT ".statements", "at most 100 statements"},

    {STEP("{\"d1\":\"batch\",\"statements\":[{\"sql\":\"SELECT X\"}]},{\"d1\":\"SELECT X\",\"bind\":[\"${times}\"]}"),
     "plan.template", "$.operations[0].steps[1].bind[0]", "instead of ${times}"},
    {STEP("{\"kv\":\"set\"}"), "plan.value", AT ".kv", "one of get, put, list, delete"},
    {STEP("{\"kv\":1}"), "plan.type", AT ".kv", NULL},
    {STEP("{\"kv\":\"get\"}"), "plan.type", AT ".key", "a text"},
    {STEP("{\"kv\":\"get\",\"key\":\"\"}"), "plan.range", AT ".key", "not empty"},
    {STEP("{\"kv\":\"get\",\"key\":\"${text(513)}\"}"), "plan.range", AT ".key",
     "at most 512 bytes; this can come to 513"},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"type\":\"blob\"}"), "plan.value", AT ".type", "one of text, json"},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"limit\":5}"), "plan.unknown-field", AT ".limit",
     "kv, key, type, cacheTtl, expect"},
    {STEP("{\"kv\":\"put\",\"key\":\"a\"}"), "plan.type", AT ".value", "a text"},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"ttl\":59}"), "plan.range", AT ".ttl", "from 60 to"},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"metadata\":[]}"), "plan.type", AT ".metadata", "an object"},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"metadata\":{\"x\":[]}}"), "plan.type", AT ".metadata.x",
     NULL},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"metadata\":{\"$x\":1}}"), "plan.value",
     AT ".metadata[\"$x\"]", NULL},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"metadata\":{\"x\":\"${choice('\",\"y\":\"')}\"}}"),
     "plan.template", AT ".metadata.x", "where a dollar is meant"},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"metadata\":{\"x\":\"${text(1024)}\"}}"), "plan.range",
     AT ".metadata", "metadata of at most 1024 bytes"},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"expect\":{\"found\":true}}"), "plan.unknown-field",
     AT ".expect.found", "latencyMs"},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"capture\":{}}"), "plan.unknown-field", AT ".capture", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"expect\":{\"latencyMs\":0}}"), "plan.range", AT ".expect.latencyMs",
     "from 1 to 60000"},
    {STEP("{\"d1\":\"SELECT X\",\"expect\":{\"latencyMs\":60001}}"), "plan.range", AT ".expect.latencyMs", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"expect\":{\"latencyMs\":1.5}}"), "plan.range", AT ".expect.latencyMs",
     "a whole number"},
    {JOBS("\"prepare\":[{\"count\":1,\"steps\":[{\"d1\":\"SELECT X\",\"expect\":{\"latencyMs\":5}}]}]"),
     "plan.conflict", "$.prepare[0].steps[0].expect.latencyMs", "no latency here"},
    {STEP("{\"kv\":\"list\",\"prefix\":\"a\",\"limit\":1001}"), "plan.range", AT ".limit", "from 1 to 1000"},
    {STEP("{\"kv\":\"delete\",\"key\":5}"), "plan.type", AT ".key", NULL},
    {STEP("{\"r2\":\"copy\"}"), "plan.value", AT ".r2", "one of get, put, multipart, list, head, delete"},
    {STEP("{\"r2\":\"get\",\"key\":\"${text(1025)}\"}"), "plan.range", AT ".key", "at most 1024 bytes"},
    {STEP("{\"r2\":\"put\",\"key\":\"a\",\"value\":\"b\",\"ttl\":60}"), "plan.unknown-field", AT ".ttl", NULL},
    {STEP("{\"r2\":\"put\",\"key\":\"a\",\"value\":\"b\",\"metadata\":{\"x\":1}}"), "plan.type", AT ".metadata.x",
     "a text"},
    {STEP("{\"r2\":\"put\",\"key\":\"a\",\"value\":\"x${text(65536)}\"}"), "plan.range", AT,
     "a step of at most 65536 bytes"},

    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"expect\":[]}"), "plan.type", AT ".expect", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"expect\":{\"rows\":1}}"), "plan.unknown-field", AT ".expect.rows", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"expect\":{\"found\":false}}"), "plan.value", AT ".expect.found", "true"},
    {STEP("{\"d1\":\"SELECT X\",\"expect\":{\"bytes\":1}}"), "plan.unknown-field", AT ".expect.bytes", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"expect\":{\"rowsAtLeast\":-1}}"), "plan.range", AT ".expect.rowsAtLeast", NULL},
    {STEP("{\"d1\":\"SELECT X\",\"expect\":{\"rowsAtLeast\":2,\"rowsAtMost\":1}}"), "plan.range", AT ".expect", NULL},

    {STEP("{\"kv\":\"get\",\"key\":\"${foo}\"}"), "plan.template", AT ".key",
     "one of ${k}, ${k%100}, ${key(posts)}, ${user}, ${count(posts)}, ${run}, ${data}, ${tenant}, ${time}, ${hex(8)}, ${uuid}, ${number(1,100)}, ${text(1000)}, ${bytes(1000)}, ${choice('a','b':3)}, ${feed.products.name}, ${captured.id} instead of ${foo}"},
    {STEP("{\"kv\":\"get\",\"key\":\"${i}\"}"), "plan.template", AT ".key", "instead of ${i}"},
    {STEP("{\"kv\":\"get\",\"key\":\"${K}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${k\"}"), "plan.template", AT ".key", "$$"},
    {STEP("{\"kv\":\"get\",\"key\":\"cost: $5\"}"), "plan.template", AT ".key", "$$"},
    {STEP("{\"kv\":\"get\",\"key\":\"$\"}"), "plan.template", AT ".key", "$$"},
    {STEP("{\"kv\":\"get\",\"key\":\"${k%0}\"}"), "plan.template", AT ".key", "something like ${k}, ${k%100}"},
    {STEP("{\"kv\":\"get\",\"key\":\"${k%x}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${k%4294967296}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${k 5}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${run%5}\"}"), "plan.template", AT ".key", "something like ${run}"},
    {STEP("{\"kv\":\"get\",\"key\":\"${hex}\"}"), "plan.template", AT ".key", "a number from 1 to 16"},
    {STEP("{\"kv\":\"get\",\"key\":\"${hex(17)}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${hex(8}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${hex(8,8)}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${number(5,1)}\"}"), "plan.template", AT ".key", "the smaller first"},
    {STEP("{\"kv\":\"get\",\"key\":\"${number(5)}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${number(0,4294967295)}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${text(0)}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"${text(1048577)}\"}"), "plan.template", AT ".value", "to 1048576"},

    {JOBS("\"prepare\":[{\"count\":1,\"steps\":[{\"kv\":\"get\",\"key\":\"a\"," ID "}]}]"), "plan.conflict",
     "$.prepare[0].steps[0].capture", "nothing captured here"},
    {JOBS("\"cleanup\":[{\"count\":1,\"steps\":[{\"http\":\"GET\",\"url\":\"https://a.example/\"," ID "}]}]"),
     "plan.conflict", "$.cleanup[0].steps[0].capture", "nothing captured here"},
    {JOBS("\"prepare\":{}"), "plan.type", "$.prepare", "an array"},
    {JOBS("\"prepare\":[{}]"), "plan.missing", "$.prepare[0]", "\"count\""},
    {JOBS("\"prepare\":[{\"every\":5}]"), "plan.missing", "$.prepare[0]", "\"count\""},
    {JOBS("\"prepare\":[{\"per\":\"x\"}]"), "plan.missing", "$.prepare[0]", NULL},
    {JOBS("\"prepare\":[{\"count\":0}]"), "plan.range", "$.prepare[0].count", "from 1 to 1000000"},
    {JOBS("\"prepare\":[{\"count\":1}]"), "plan.type", "$.prepare[0].steps", NULL},
    {JOBS("\"prepare\":[{\"count\":1,\"system\":\"b\"}]"), "plan.value", "$.prepare[0].system", "a"},
    {JOBS("\"prepare\":[{\"count\":1,\"systems\":[\"a\",\"b\"]}]"), "plan.value", "$.prepare[0].systems[1]", NULL},
    {JOBS("\"prepare\":[{\"count\":1,\"systems\":[]}]"), "plan.range", "$.prepare[0].systems", NULL},
    {JOBS("\"prepare\":[{\"count\":1,\"steps\":[{\"kv\":\"delete\",\"key\":\"${k}\"}]}]"), "plan.template",
     "$.prepare[0].steps[0].key", "one of ${i}"},
    {JOBS("\"prepare\":[{\"number\":1}]"), "plan.unknown-field", "$.prepare[0].number", NULL},
    {JOBS("\"cleanup\":[{\"count\":1,\"per\":\"x\"}]"), "plan.missing", "$.cleanup[0]", "one of"},
    {JOBS("\"cleanup\":[{\"per\":\"y\"}]"), "plan.value", "$.cleanup[0].per", NULL},
    {JOBS("\"cleanup\":[{\"per\":\"x\",\"system\":\"a\"}]"), "plan.conflict", "$.cleanup[0]", NULL},
    {JOBS("\"cleanup\":[{\"per\":\"x\",\"steps\":[{\"kv\":\"delete\",\"key\":\"${i}\"}]}]"), "plan.template",
     "$.cleanup[0].steps[0].key", "one of ${k}"},
    {JOBS("\"cleanup\":[{\"every\":0,\"steps\":[]}]"), "plan.range", "$.cleanup[0].every", NULL},
};

static void refuses_with_the_place_and_what_was_expected(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        enum sn_status status = compile(refused[i].json, NULL, 0);
        if (status == SN_OK) fail_msg("accepted: %s", refused[i].json);
        bool json = strncmp(refused[i].code, "json.", 5) == 0;
        if (status != (json ? SN_E_FORMAT : SN_E_RANGE) || strcmp(error.code, refused[i].code) != 0 ||
            strcmp(error.path, refused[i].path) != 0 || error.expected[0] == 0 ||
            (refused[i].expected != NULL && strstr(error.expected, refused[i].expected) == NULL))
            fail_msg("%s\n  gave %d %s at %s: expected %s", refused[i].json, status, error.code, error.path,
                     error.expected);
    }
}

static void refuses_systems_that_the_workload_does_not_have(void **state) {
    (void)state;
    const char *const systems[] = {"d1_reads", "do_call"};
    assert_int_equal(compile(builtin(), systems, 2), SN_E_RANGE);
    assert_string_equal(error.code, "plan.value");
    assert_string_equal(error.path, "$.targetSystems[1]");
    assert_string_equal(
        error.expected,
        "one of d1_reads, d1_writes, kv_get, kv_put, r2_download, r2_upload, auth_flows, post_crud, media_ops");
}

/* 33 operations are one too many, unless some of their systems are left out. */
static void bounds_the_kinds_in_use(void **state) {
    (void)state;
    static char json[8000];
    size_t len = (size_t)sprintf(json, "{\"systems\":{\"a\":1,\"b\":1},\"operations\":[");
    for (int i = 0; i < 33; i++)
        len +=
            (size_t)sprintf(json + len, "%s{\"operation\":\"o%d\",\"system\":\"%s\",\"steps\":[{\"d1\":\"SELECT X\"}]}",
                            i > 0 ? "," : "", i, i < 32 ? "a" : "b");
    sprintf(json + len, "]}");
    const char *const a[] = {"a"};
    assert_int_equal(compile(json, a, 1), SN_OK);
    assert_int_equal(workload.kinds_len, 32);
    assert_int_equal(compile(json, NULL, 0), SN_E_LIMIT);
    assert_string_equal(error.path, "$.operations[32]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_with_the_place_and_what_was_expected),
        cmocka_unit_test(refuses_systems_that_the_workload_does_not_have),
        cmocka_unit_test(bounds_the_kinds_in_use),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
