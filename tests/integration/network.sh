#!/bin/sh
# Faults of the network under real processes: coordinator and worker each in a network namespace of their own, with a
# cable (veth) between them, and keys. Each case ends with the science hash of the undisturbed run.
#
#   network.sh VITRINE VITRINE_WORKER CASE...
#
#   partition_8s, partition_5min   the cable is out for so long
#   half_open                      the worker dies while the cable is out: the coordinator's end of it stays open
#   flapping                       the cable is out every other second, twenty times
#
# Where namespaces are not permitted the test is skipped (exit code 77). Prints for each case how long it took from the
# end of the fault until a segment was stored again.
set -u
for tool in ip nsenter unshare; do
    command -v $tool >/dev/null || { echo "skipped: no '$tool' here (packages iproute2, util-linux)"; exit 77; }
done
if [ -z "${NETWORK_IN_NAMESPACE:-}" ]; then
    if [ "$(id -u)" -eq 0 ]; then unshare="unshare --net"; else unshare="unshare --map-root-user --net"; fi
    $unshare true 2>/dev/null || { echo "skipped: network namespaces are not permitted here"; exit 77; }
    $unshare ip link add name a type veth peer name b 2>/dev/null || { echo "skipped: no veth here"; exit 77; }
    NETWORK_IN_NAMESPACE=1 exec $unshare "$0" "$@"
fi
. "${0%/*}/checks.sh"
shift 2

cat >farm.yaml <<'END'
campaign: farm
seed: 4711
audit: 0
system: {atoms: 256, small_fraction: 0.5, volume_per_atom: 0.767}
ensembles:
  - name: ladder
    mode: tempering
    temperatures: [0.70, 0.74]
    segment_steps: 2000
    steps: 40000
    prepare:
      - build: random
      - hold: {temperature: 2.0, steps: 2000}
    sample: {thermal: 2000}
END
stored() { "$vitrine" query farm.db "SELECT count(*) FROM segment" | tail -1; }
has() { [ "$(stored)" -ge "$1" ]; }

# The cable, its far end in the namespace of a process that only holds it.
unshare --net sleep 100000 &
far=$!
pids="$pids $far"
sleep 0.2
ip link set lo up
ip link add name near type veth peer name far
ip link set far netns "$far"
ip address add 10.77.0.1/24 dev near
ip link set near up
nsenter -t "$far" -n ip address add 10.77.0.2/24 dev far
nsenter -t "$far" -n ip link set far up
pull() { ip link set near down; }
plug() { ip link set near up; }

"$vitrine" run farm.yaml --db undisturbed.db --workers 1 --no-progress >run.log 2>&1 || fail "undisturbed run"
undisturbed=$(hash_of undisturbed.db)
"$vitrine" keys create node >keys.log 2>&1 || fail "keys"

# In the far namespace.
start_worker() {
    nsenter -t "$far" -n "$VITRINE_WORKER" --connect tcp://10.77.0.1:7117 --slots 1 --key keys/node.key --spool spool >>worker.log 2>&1 &
    worker=$!
    pids="$pids $worker"
}
# Two leases is all the worker has to do while it is cut off, so there is something left afterwards.
disturb() {
    case $1 in
    partition_8s) pull; sleep 8; plug ;;
    partition_5min) pull; sleep 300; plug ;;
    half_open)
        pull
        sleep 0.5
        kill -9 "$worker"
        sleep 3
        plug
        start_worker
        ;;
    flapping)
        for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            pull
            sleep 1
            plug
            sleep 1
        done
        ;;
    *) fail "no case '$1'" ;;
    esac
}

for case in "$@"; do
    rm -rf farm.db* spool worker.log serve.log
    "$vitrine" serve --db farm.db --keys keys --bind tcp://10.77.0.1:7117 --lease-seconds 5 --until-done farm.yaml >serve.log 2>&1 &
    serve=$!
    pids="$pids $serve"
    await 60 grep -q " serving " serve.log || fail "$case: serve did not start"
    start_worker
    await 60 has 4 || fail "$case: nothing is computed"
    disturb "$case"
    before=$(stored)
    start=$(date +%s%N)
    if [ "$before" -lt 42 ]; then
        await 120 has $((before + 1)) || fail "$case: nothing is stored after the fault"
    fi
    again=$((($(date +%s%N) - start) / 1000000))
    await 300 is_gone "$serve" || fail "$case: the run does not end ($(stored) segments)"
    wait "$serve" || fail "$case: serve ended with $?"
    [ "$(hash_of farm.db)" = "$undisturbed" ] || fail "$case: another hash"
    echo "ok: $case: $before of 44 segments were stored when it ended, the next after $again ms; the hash is that of the undisturbed run"
    kill -9 "$worker" 2>/dev/null
    wait "$worker" 2>/dev/null
done
