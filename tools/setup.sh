#!/bin/sh
# Installs what the build needs and does not find.  Costs a few file tests when
# nothing is missing, so every make runs it.
#
# Packages come from apt where there is apt and the right to use it; otherwise
# this says what to install and stops.
set -eu
cd "$(dirname "$0")/.."
mkdir -p build

# Two makes at once would install the same things into the same folders.
if command -v flock >/dev/null; then
    exec 9>build/.setup.lock
    flock 9
fi

missing=
has() { command -v "$1" >/dev/null; }
need() { case " $missing " in *" $1 "*) ;; *) missing="$missing $1" ;; esac; }

# wasi-sdk brings its own compiler, linker and libc; else the system's are used.  It has no
# wasm-opt: the module is just larger without.
wasm_tools() {
    [ -z "${WASI_SDK_PATH:-}" ] || return 0
    has wasm-ld || need lld
    has wasm-opt || need binaryen
    if ! has clang; then
        need wasi-libc
        need libclang-rt-dev-wasm32
        return 0
    fi
    # clang answers with a path when it has the file and with the bare name when not.
    case $(clang --target=wasm32-wasi -print-file-name=libc.a) in
    /*) ;;
    *) [ -e /usr/lib/wasm32-wasi/libc.a ] || need wasi-libc ;;
    esac
    [ -e "$(clang --target=wasm32-wasi --rtlib=compiler-rt -print-libgcc-file-name)" ] ||
        need libclang-rt-dev-wasm32
}

look() {
    missing=
    has gcc || need gcc
    [ -e /usr/include/stdio.h ] || [ "$(uname)" != Linux ] || need libc6-dev
    has clang || need clang
    has clang-format || need clang-format
    wasm_tools
    if ! has pkg-config; then
        need pkg-config
        need libcmocka-dev
        need libcurl4-openssl-dev
        need libwebsockets-dev
    else
        pkg-config --exists cmocka || need libcmocka-dev
        pkg-config --exists libcurl || need libcurl4-openssl-dev
        pkg-config --exists libwebsockets || need libwebsockets-dev
    fi
    # These unpack cJSON's source package.
    has patch || need patch
    has xz || need xz-utils
    has npm || need npm
    [ ! -e /etc/debian_version ] || [ -e /etc/ssl/certs/ca-certificates.crt ] || need ca-certificates
}

look
if [ -n "$missing" ]; then
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        # Without a terminal nobody could type a password.
        if has sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then as_root=sudo; else as_root=no; fi
    fi
    if ! has apt-get || [ "$as_root" = no ]; then
        echo "Sentinel's build needs a few things that are not here yet."
        echo "Please install these (the names are Debian's), then run make again:"
        echo "   $missing"
        ! has apt-get || echo "For example: sudo apt-get install --no-install-recommends$missing"
        exit 1
    fi >&2
    echo "set-up: installing$missing"
    apt() {
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" \
            >build/setup.log 2>&1 </dev/null || {
            cat build/setup.log >&2
            return 1
        }
    }
    # Where another source of packages is out of order, Debian's may still do.
    apt update || echo "set-up: apt could not refresh all of its lists; going on with what it has" >&2
    # Word splitting is meant: one argument for each package.
    # shellcheck disable=SC2086
    apt install -y --no-install-recommends $missing
    look
    if [ -n "$missing" ]; then
        echo "set-up: these are still missing after the installation:$missing" >&2
        exit 1
    fi
fi

if [ ! -e build/vendor/cJSON.h ]; then
    echo "set-up: fetching cJSON's source"
    tools/cjson.sh build/vendor
fi

# A copy of the lock file tells what node_modules was made from.
if ! cmp -s package-lock.json node_modules/.sentinel-lock.json; then
    echo "set-up: installing wrangler and Node from the lock file"
    # No install script runs: all that we use comes ready-made in the packages.
    npm ci --ignore-scripts --loglevel=error >build/setup.log 2>&1 || {
        cat build/setup.log >&2
        exit 1
    }
    # Debian's npm leaves the link to Node out.
    if [ ! -e node_modules/.bin/node ]; then
        for node in node_modules/node-*/bin/node; do ln -s "../../$node" node_modules/.bin/node; done
    fi
    if ! node_modules/.bin/node --version >/dev/null; then
        echo "set-up: npm has not brought Node for this machine; package.json names those that there are" >&2
        exit 1
    fi
    cp package-lock.json node_modules/.sentinel-lock.json
fi

# The Worker refuses everything without a token, also on one's own machine.
if [ ! -e .dev.vars ]; then
    (
        umask 077
        token=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
        echo "SENTINEL_TOKEN=$token" >.dev.vars
    )
fi
