#!/bin/sh
# Sends the Worker to your Cloudflare account, and may be run again at any time.
#   tools/deploy.sh [CONFIGURATION]      wrangler.toml if it is not given
#
# A database that the configuration names and gives no id is looked for by its name, and created when it is not there;
# one with an id is somebody's already.  Tables come before the code that reads them.  Wrangler makes the KV namespace
# and the bucket by itself.
set -eu
configuration=${1:-wrangler.toml}

# The names of databases without an id, one a line.
databases_to_find() {
    awk '
        function flush() { if (inside && name != "" && id == "") print name; inside = 0; name = id = "" }
        /^[ \t]*#/ { next }
        /^[ \t]*\[/ { flush(); inside = /^[ \t]*\[\[[ \t]*d1_databases[ \t]*\]\]/ }
        inside && /^[ \t]*database_(name|id)[ \t]*=/ {
            value = $0
            sub(/^[^=]*=[ \t]*["\x27]/, "", value)
            sub(/["\x27].*$/, "", value)
            if ($0 ~ /database_name/) name = value; else id = value
        }
        END { flush() }' "$1"
}

databases_to_find "$configuration" | sort -u | while read -r name; do
    wrangler d1 info "$name" --config "$configuration" </dev/null >/dev/null 2>&1 ||
        wrangler d1 create "$name" --config "$configuration" --update-config=false </dev/null
done
wrangler d1 migrations apply DB --remote --config "$configuration"
wrangler d1 migrations apply TARGET_DB --remote --config "$configuration"
wrangler deploy --config "$configuration"
