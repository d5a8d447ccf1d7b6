#!/bin/sh
# Puts cJSON.c and cJSON.h into a folder (build/vendor unless another is given).
#
# cJSON is not copied into this repository, so that its security fixes come from
# those who track them. Of three sources, the first that applies wins:
#   1. CJSON_DIR, a folder that already holds the two files;
#   2. the distribution's source package with its patches, where there is apt;
#   3. upstream's release, checked against the checksum below.
set -eu

out=${1:-build/vendor}
version=1.7.19
sha256=7fa616e3046edfa7a28a32d5f9eacfd23f92900fe1f8ccd988c1662f30454562
url=https://github.com/DaveGamble/cJSON/archive/refs/tags/v$version.tar.gz

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/src"

# Copies the system's package sources to a folder, asking for sources instead of
# binaries. apt knows two formats: stanzas (.sources) and lines (.list).
copy_apt_sources() {
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -e "$file" ] || continue
        sed -e '/^#/d' -e 's/^Types:.*/Types: deb-src/' "$file" >"$1/${file##*/}"
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -e "$file" ] || continue
        sed -n 's/^deb[[:space:]]/deb-src /p' "$file"
    done | sort -u >"$1/lines.list"
}

# apt-get with sources, lists and caches of its own: the system's configuration
# stays as it is, and no special rights are needed.
private_apt() {
    apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/sources" \
        -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" \
        -o APT::Sandbox::User="$(id -un)" "$@" >>"$work/log" 2>&1
}

from_distribution() {
    mkdir -p "$work/sources" "$work/lists/partial" "$work/cache/archives/partial"
    copy_apt_sources "$work/sources"
    # Some third party in the list may offer no sources, which fails the update;
    # what counts is whether the package can be had afterwards.
    private_apt update || true
    (cd "$work" && private_apt source --download-only cjson) || return 1
    tar -xf "$work"/cjson_*.orig.tar.* -C "$work/src" --strip-components=1 || return 1
    tar -xf "$work"/cjson_*.debian.tar.* -C "$work/src" || return 1
    [ -e "$work/src/debian/patches/series" ] || return 0
    # Names of patches hold no spaces.
    # shellcheck disable=SC2013
    for name in $(sed 's/#.*//' "$work/src/debian/patches/series"); do
        patch -s -p1 -d "$work/src" <"$work/src/debian/patches/$name" || return 1
    done
}

from_upstream() {
    command -v curl >/dev/null || return 1
    curl -fsSL --max-time 60 -o "$work/release.tar.gz" "$url" 2>>"$work/log" || return 1
    if command -v sha256sum >/dev/null; then
        got=$(sha256sum "$work/release.tar.gz")
    else
        got=$(shasum -a 256 "$work/release.tar.gz")
    fi
    if [ "${got%% *}" != "$sha256" ]; then
        echo "cJSON: $url is not the release that we know; its checksum is ${got%% *}" >&2
        return 1
    fi
    tar -xf "$work/release.tar.gz" -C "$work/src" --strip-components=1
}

if [ -n "${CJSON_DIR:-}" ]; then
    cp "$CJSON_DIR/cJSON.c" "$CJSON_DIR/cJSON.h" "$work/src/"
elif command -v apt-get >/dev/null && from_distribution; then
    :
elif from_upstream; then
    :
else
    echo "cJSON could be had neither from the distribution's sources nor from upstream." >&2
    [ ! -e "$work/log" ] || tail -n 5 "$work/log" >&2
    echo "If you have it already, say where: CJSON_DIR=/path/to/cJSON make setup" >&2
    exit 1
fi

# The header goes last: whoever finds it finds the source too.
mkdir -p "$out"
cp "$work/src/cJSON.c" "$out/cJSON.c"
cp "$work/src/cJSON.h" "$out/cJSON.h"
