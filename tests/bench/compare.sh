#!/bin/sh
# How much faster than the programs a user would take instead: the engine and its peers in turns on one core, medians and
# ratios. Machines are shared and drift, so only ratios within one call mean anything.
#
#   compare.sh [--bench PROGRAM] [--peers bench_peers.py] [--pairs N] [--core C]
#
# PROGRAM is "vitrine-worker bench" or the build's tests/bench/bench_md (default: found beside a build directory named
# build). The peers' script comes from --peers or the environment variable VITRINE_PEERS; it must print, with
# `md minimize --json --core C`, an object of names and numbers per second; names of steps hold "N=500" or "N=32000",
# those of the minimiser "minimisations". Without it, or without LAMMPS and GROMACS, only the engine's own speed is
# printed, and that is said. Vitrine's times are CPU time; GROMACS reports wall time only, so wants a quiet machine.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
bench=$root/build/tests/bench/bench_md
peers=${VITRINE_PEERS:-}
pairs=5
core=0
while [ $# -gt 0 ]; do
    case $1 in
    --bench) bench=$2 ;;
    --peers) peers=$2 ;;
    --pairs) pairs=$2 ;;
    --core) core=$2 ;;
    *) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
    shift 2
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -z "$peers" ] || [ ! -f "$peers" ]; then
    echo "no peers' script (--peers or VITRINE_PEERS): the engine alone"
    peers=
elif ! command -v lmp >/dev/null && ! command -v gmx >/dev/null; then
    echo "neither LAMMPS (lmp) nor GROMACS (gmx) is installed: the engine alone"
    peers=
else
    command -v lmp >/dev/null && lmp -h 2>/dev/null | grep -m1 "Simulator" || echo "LAMMPS is not installed"
    command -v gmx >/dev/null && gmx --version 2>/dev/null | grep -m1 "GROMACS version" || echo "GROMACS is not installed"
fi

pair=1
while [ "$pair" -le "$pairs" ]; do
    for run in "500 40000" "32000 300"; do
        # shellcheck disable=SC2086
        set -- $run
        for isa in auto avx2; do
            # shellcheck disable=SC2086
            taskset -c "$core" $bench --atoms "$1" --steps "$2" --isa $isa --json >"$work/ours.$1.$isa.$pair" 2>/dev/null ||
                rm -f "$work/ours.$1.$isa.$pair"
        done
    done
    for thermostat in none bussi nose_hoover langevin; do
        # shellcheck disable=SC2086
        taskset -c "$core" $bench --steps 40000 --thermostat $thermostat --json >"$work/thermostat.$thermostat.$pair"
    done
    for threads in 1 2; do
        # Idle threads that spin would take the time of whoever else is on the machine; two on one core would prove nothing.
        # shellcheck disable=SC2086
        OMP_WAIT_POLICY=passive OMP_PROC_BIND=true OMP_PLACES=cores $bench --atoms 32000 --steps 300 --threads $threads --json >"$work/threads.$threads.$pair"
    done
    # shellcheck disable=SC2086
    taskset -c "$core" $bench --steps 1000 --minimize 10 --json >"$work/minimize.$pair"
    [ -z "$peers" ] || "$peers" md minimize --json --core "$core" --repeats 1 >"$work/peers.$pair"
    pair=$((pair + 1))
done

python3 - "$work" <<'PYTHON'
import glob, json, statistics, sys
work = sys.argv[1]

def load(pattern):
    return [json.load(open(name)) for name in sorted(glob.glob(f'{work}/{pattern}'))]

def line(name, values, ours=None):
    values = [v for v in values if v]
    if not values:
        print(f'  {name:44s} not available')
        return
    text = f'  {name:44s} {statistics.median(values):10.1f} a second  [{min(values):.1f} .. {max(values):.1f}]'
    if ours:
        ratios = [o / v for o, v in zip(ours, values)]
        text += f'   {statistics.median(ratios):6.2f} times slower  [{min(ratios):.2f} .. {max(ratios):.2f}]'
    print(text)

peers = load('peers.*')
for atoms in (500, 32000):
    auto, avx2 = load(f'ours.{atoms}.auto.*'), load(f'ours.{atoms}.avx2.*')
    ours = [run['steps_per_second'] for run in auto]
    print(f'N = {atoms}: medians of {len(ours)} runs in turns, [least .. most]; one core, NVT, T = 0.55')
    line(f"vitrine ({auto[0]['isa']})", ours)
    line('vitrine (avx2)', [run['steps_per_second'] for run in avx2], ours)
    for name in peers[0] if peers else []:
        if f'N={atoms} ' in name + ' ' and 'minimisations' not in name:
            line(name.replace(f' N={atoms} steps/s', ''), [run[name] for run in peers], ours)

def ratios(name, over, under):
    values = [o / u for o, u in zip(over, under)]
    print(f'  {name:44s} {statistics.median(values):10.4f}  [{min(values):.4f} .. {max(values):.4f}]')

print('Time of a step over one without a thermostat, N = 500')
none = [run['steps_per_second'] for run in load('thermostat.none.*')]
for thermostat in ('bussi', 'nose_hoover', 'langevin'):
    ratios(thermostat, none, [run['steps_per_second'] for run in load(f'thermostat.{thermostat}.*')])
print('Wall time, N = 32000')
walls = {threads: [run['steps_per_second_wall'] for run in load(f'threads.{threads}.*')] for threads in (1, 2)}
ratios('2 threads against 1', walls[2], walls[1])
print('Minimisations to 1e-8 a second, N = 500, T = 0.55')
ours = [run['minimizations_per_second'] for run in load('minimize.*')]
line('vitrine', ours)
for name in peers[0] if peers else []:
    if 'minimisations' in name:
        line(name, [run[name] for run in peers], ours)
PYTHON
