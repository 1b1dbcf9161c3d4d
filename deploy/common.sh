# common.sh - what quickstart.sh and test.sh share: where we are, how we speak, what must be installed. Sourced, not run.
# Works as root and as a user with sudo; may be run again and then does nothing twice.

root_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

packages_build=(gcc libc6-dev python3 meson ninja-build pkg-config protobuf-c-compiler protobuf-compiler libprotobuf-c-dev
    libzmq3-dev libsqlite3-dev libyaml-dev libsodium-dev libjansson-dev)
packages_run=(gnuplot-nox fonts-dejavu-core)
packages_test=(libcriterion-dev sqlite3 binutils faketime iproute2 g++ voro++-dev python3-pandas python3-ase)

say() { printf '\n== %s\n' "$*"; }
fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# installed NAME: is this Debian package there?
installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# require_packages NAME...: installs the missing ones, or says which could not be had.
require_packages() {
    command -v dpkg-query >/dev/null || fail "this is not a Debian system; please install by hand: $*"
    local missing=() name
    for name in "$@"; do installed "$name" || missing+=("$name"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "cannot install without root or sudo; please install: ${missing[*]}"
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq || printf 'warning: the package lists could not be updated\n' >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || true
    local left=()
    for name in "${missing[@]}"; do installed "$name" || left+=("$name"); done
    [ ${#left[@]} -eq 0 ] || fail "could not install: ${left[*]} (see the lines of apt-get above)"
}

# build DIR [MESON OPTION...]: configures once, compiles what changed.
build() {
    local dir=$1
    shift
    if [ ! -f "$dir/build.ninja" ]; then
        meson setup "$dir" "$root_dir" "$@" >"$dir.setup.log" 2>&1 || {
            cat "$dir.setup.log" >&2
            fail "meson could not set up $dir"
        }
        mv "$dir.setup.log" "$dir/setup.log"
    fi
    meson compile -C "$dir" >"$dir/compile.log" 2>&1 || {
        tail -n 60 "$dir/compile.log" >&2
        fail "the build in $dir failed; the whole log is $dir/compile.log"
    }
}
