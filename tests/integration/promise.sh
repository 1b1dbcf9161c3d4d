#!/bin/sh
# The promise, with real processes: kill anything, any time, and the science hash is that of an undisturbed run.
#
#   promise.sh VITRINE VITRINE_WORKER CAMPAIGN
#
# CAMPAIGN is a small file with a ladder and an isotherm. Every case prints `ok` or `FAILED` with its name; the exit code
# is the number of failures. Only processes started here are signalled, by their pid.
set -u
vitrine=$1
worker=$2
campaign=$3
export VITRINE_WORKER="$worker"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/vitrine-promise.XXXXXX")
failures=0
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99

hash_of() { "$vitrine" verify "$1" | sed -n 's/^  science hash  //p'; }

# judge NAME DB: the same hash as the undisturbed run, and a ledger that replays.
judge() {
    found=$(hash_of "$2")
    if "$vitrine" verify "$2" >verify.txt && [ "$found" = "$expected" ] && [ -n "$found" ]; then
        echo "ok: $1"
    else
        echo "FAILED: $1: $found, not $expected"
        cat verify.txt
        failures=$((failures + 1))
    fi
}

# wait_for_segments DB N: until at least N segments are stored (at most 60 s).
wait_for_segments() {
    for _ in $(seq 600); do
        count=$("$vitrine" query "$1" 'SELECT count(*) FROM segment' --csv 2>/dev/null | tail -1)
        [ "${count:-0}" -ge "$2" ] 2>/dev/null && return 0
        sleep 0.1
    done
    echo "no $2 segments in $1 after 60 s"
    return 1
}

run() { "$vitrine" run "$campaign" --no-progress "$@" >run.txt 2>&1; }

# --- undisturbed, one worker: what all others must equal
run --db one.db --workers 1 || { cat run.txt; echo "FAILED: the undisturbed run"; exit 1; }
expected=$(hash_of one.db)
judge "one worker" one.db

run --db three.db --workers 3
judge "three workers" three.db

# --- coordinator killed and resumed; its workers end with it
"$vitrine" run "$campaign" --no-progress --db killed.db --workers 2 >killed.txt 2>&1 &
pid=$!
wait_for_segments killed.db 20
kill -KILL $pid
wait $pid 2>/dev/null
"$vitrine" resume killed.db --no-progress --workers 2 >>killed.txt 2>&1
judge "coordinator killed with SIGKILL, resumed" killed.db

# --- a clean stop, twice
"$vitrine" run "$campaign" --no-progress --db stopped.db --workers 2 >stopped.txt 2>&1 &
pid=$!
wait_for_segments stopped.db 15
kill -TERM $pid
wait $pid
[ $? -eq 0 ] || { echo "FAILED: a clean stop has exit code 0"; failures=$((failures + 1)); }
run --db stopped.db --workers 2
judge "stopped with SIGTERM, run again" stopped.db

# --- workers killed and suspended under a coordinator that stays
"$vitrine" serve --db farm.db --bind ipc://"$scratch"/farm.sock --lease-seconds 3 --until-done "$campaign" >farm.txt 2>&1 &
coordinator=$!
wait_for_file() { for _ in $(seq 100); do [ -S "$1" ] && return; sleep 0.1; done; }
wait_for_file farm.sock
"$worker" --connect ipc://"$scratch"/farm.sock --slots 1 >w1.txt 2>&1 &
first=$!
"$worker" --connect ipc://"$scratch"/farm.sock --slots 1 >w2.txt 2>&1 &
second=$!
wait_for_segments farm.db 12
kill -KILL $first
wait $first 2>/dev/null
kill -STOP $second
sleep 1
kill -CONT $second
"$worker" --connect ipc://"$scratch"/farm.sock --slots 1 >w3.txt 2>&1 &
third=$!
wait $coordinator
kill -TERM $second $third 2>/dev/null
wait $second $third 2>/dev/null
judge "one worker killed, one suspended and continued" farm.db

# --- run to n, stop, extend to 2n = run to 2n
sed 's/^\( *steps: \)5000$/\12000/' "$campaign" >half.yaml
"$vitrine" run half.yaml --no-progress --db extended.db --workers 2 >half.txt 2>&1
[ "$(hash_of extended.db)" != "$expected" ] || { echo "FAILED: half a run has the hash of a whole one"; failures=$((failures + 1)); }
run --db extended.db --workers 2
judge "run to n, extended to the whole" extended.db

exit $failures
