# checks.sh - what the scripts of this folder share. Sourced, before any other folder is entered, with VITRINE and
# VITRINE_WORKER as the first two arguments; goes into a folder that is removed at the end, with the processes in $pids.
#
# The first failure ends a script, unless it sets go_on=yes: then it ends with `exit $failures`.
vitrine=$(realpath "$1")
worker=$(realpath "$2")
VITRINE_WORKER=$worker
export VITRINE_WORKER
go_on=
failures=0
pids=
scratch=$(mktemp -d "${TMPDIR:-/tmp}/vitrine-$(basename "$0" .sh).XXXXXX")
cleanup() {
    for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
    rm -rf "$scratch"
}
trap cleanup EXIT
cd "$scratch" || exit 99

good() { echo "ok: $*"; }
fail() {
    echo "FAILED: $*"
    for file in out.txt ./*.log; do [ -s "$file" ] && sed "s|^|    $file: |" "$file" | tail -20; done
    failures=1
    [ -n "$go_on" ] || exit 1
}
# check NAME CODE PATTERN COMMAND...: the exit code, and a line of output or error that matches.
check() {
    name=$1 code=$2 pattern=$3
    shift 3
    "$@" >out.txt 2>&1
    found=$?
    if [ $found -eq "$code" ] && grep -q -e "$pattern" out.txt; then
        good "$name"
    else
        fail "$name: exit code $found, wanted $code and '$pattern' in"
    fi
}
# same NAME A B
same() { if [ -n "$2" ] && [ "$2" = "$3" ]; then good "$1"; else fail "$1: $2 and $3"; fi; }
# has_file NAME PATH: it is there and not empty.
has_file() { if [ -s "$2" ]; then good "$1"; else fail "$1: no $2"; fi; }
# await SECONDS COMMAND...: until it succeeds, looked at 20 times a second.
await() {
    tries=$(($1 * 20))
    shift
    while [ $tries -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
        tries=$((tries - 1))
    done
    return 1
}
is_gone() { ! kill -0 "$1" 2>/dev/null; }
# hash_of DB [OPTION]...: the science hash.
hash_of() { "$vitrine" verify "$@" | sed -n 's/^ *science hash *//p'; }
