#!/bin/bash
# temper.sh - what replica exchange costs beside the MD: 8 replicas of 500 atoms, rounds of 1,000 steps, 2 workers of one
# thread, every segment durable before it is acknowledged.
#
#   temper.sh BUILD [STEPS]      STEPS of each replica, default 100,000
#   VITRINE_PEERS=bench_peers.py tests/bench/temper.sh BUILD      also LAMMPS `temper` on the same machine, in turns
#
# Prints the share of the workers' CPU time that their segments took (MD, its lists, energies and the snapshot), that of
# all CPU time with the coordinator's, and replica-steps per second of wall time.
set -eu
build=$(realpath "$1")
steps=${2:-100000}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/vitrine-temper.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
here=$PWD
cd "$scratch"
cat >campaign.yaml <<YAML
campaign: temper
seed: 8
audit: 0
system: {atoms: 500, small_fraction: 0.5, volume_per_atom: 0.767}
ensembles:
  - name: ladder
    mode: tempering
    temperatures: [0.55, 0.575, 0.60, 0.625, 0.65, 0.675, 0.70, 0.725]
    segment_steps: 1000
    steps: $steps
    prepare:
      - build: random
      - hold: {temperature: 2.0, steps: 1000}
    sample: {thermal: 1000, inherent: 0, pdf: 0}
YAML

TIMEFORMAT='%U %S %R'
run_ours() {
    rm -f a.db* ./*.time
    { time "$build/server/vitrine" serve --db a.db --bind "ipc://$scratch/sock" --until-done campaign.yaml 2>serve.log; } \
        2>serve.time &
    for i in 1 2; do
        { time "$build/worker/vitrine-worker" --connect "ipc://$scratch/sock" --slots 1 --threads 1 2>worker.log ||
            true; } 2>"worker$i.time" &
    done
    wait
    segments=$("$build/server/vitrine" query a.db "SELECT sum(cpu_time_ns) * 1e-9 FROM provenance" --csv | tail -1)
    rate=$("$build/server/vitrine" query a.db "SELECT (count(*) - 1) * 1000.0 / ((max(stored_us) - min(stored_us)) * 1e-6)
        FROM provenance WHERE segment >= 2" --csv | tail -1)
    cat worker1.time worker2.time serve.time | awk -v segments="$segments" -v rate="$rate" '
        { cpu[NR] = $1 + $2 }
        END {
            workers = cpu[1] + cpu[2]
            printf "vitrine: %.1f %% of the workers'"'"' CPU in segments, %.1f %% of all CPU; coordinator %.2f s of CPU; ",
                100 * segments / workers, 100 * segments / (workers + cpu[3]), cpu[3]
            printf "%.0f replica-steps/s\n", rate
        }'
}

run_ours
if [ -n "${VITRINE_PEERS:-}" ]; then
    (cd "$here" && python3 "$VITRINE_PEERS" temper)
    run_ours
    (cd "$here" && python3 "$VITRINE_PEERS" temper)
    run_ours
fi
