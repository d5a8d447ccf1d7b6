#!/bin/sh
# Prints C source with a table of the given JSON files (see sentinel/plan/builtin.h).
#
# Bytes are written as character constants rather than numbers: those fit a char
# whether it has a sign or not, so no compiler has anything to say about UTF-8.
set -eu

echo '/* Made by tools/embed.sh from the files in src/plan/workloads: edit those, not this. */'
echo '#include "sentinel/plan/builtin.h"'
count=0
for file in "$@"; do
    echo "static const char text_${count}[] = {"
    od -An -v -to1 "$file" | sed "s/[0-7][0-7]*/'\\\\&',/g"
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
