#!/bin/sh
# Prints C source with a table of the given JSON files (see sentinel/plan/builtin.h).
#
# Bytes are written as character constants rather than numbers: those fit a char
# whether it has a sign or not, so no compiler has anything to say about UTF-8.
set -eu

# Bytes in octal, one after the other, to character constants.  White space between
# JSON's tokens is left out: it is a third of a file, and the module carries each byte.
constants() {
    awk '{
        for (i = 1; i <= NF; i++) {
            white = $i == "040" || $i == "011" || $i == "012" || $i == "015"
            if (white && !in_string) continue
            printf "\047\\%s\047,", $i
            if (++count % 16 == 0) print ""
            if (escaped) escaped = 0
            else if ($i == "134") escaped = in_string
            else if ($i == "042") in_string = !in_string
        }
    }'
}

echo '/* Made by tools/embed.sh from the files in src/plan/workloads: edit those, not this. */'
echo '#include "sentinel/base/place.h"'
echo '#include "sentinel/plan/builtin.h"'
count=0
for file in "$@"; do
    echo "SN_NOT_FOR_SHARDS static const char text_${count}[] = {"
    od -An -v -to1 "$file" | constants
    echo "0};"
    count=$((count + 1))
done

echo 'const struct sn_builtin sn_builtins[] = {'
count=0
for file in "$@"; do
    name=${file##*/}
    echo "    {\"${name%.json}\", text_$count, sizeof text_$count - 1},"
    count=$((count + 1))
done
# C has no empty arrays, so there is one more entry than the length tells.
echo '    {0, 0, 0},'
echo '};'
echo "const size_t sn_builtins_len = $count;"
