#!/bin/sh
# Drift of the energy without a thermostat over long runs, from common starts: Vitrine with the shifted and the
# force-shifted potential, and, where it is installed, double-precision LAMMPS with the shifted one.
#
#   drift.sh [--bench PROGRAM] [--starts N] [--steps S] [--peer-steps S] [--out DIR]
#
# PROGRAM is the build's tests/bench/bench_drift. Writes drift.csv, peer.csv and drift.svg into DIR (which is made) and prints
# the slope of each run, in epsilon per atom per 10^6 steps, and the medians. A shifted potential's energy walks at random (from
# the kinks at the cutoff), so slopes of short runs are those of a walk; the rms change that a walk of these steps makes in 10^6
# is what two programs can be compared by, and is printed too.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
bench=$root/build/tests/bench/bench_drift
starts=8
steps=1000000
peer_steps=300000
out=drift
while [ $# -gt 0 ]; do
    case $1 in
    --bench) bench=$2 ;;
    --starts) starts=$2 ;;
    --steps) steps=$2 ;;
    --peer-steps) peer_steps=$2 ;;
    --out) out=$2 ;;
    *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
    shift 2
done
mkdir -p "$out"
every=$((steps / 100))
peer_every=$((peer_steps / 100))
: >"$out/drift.csv"
: >"$out/peer.csv"
command -v lmp >/dev/null || echo "LAMMPS is not installed: Vitrine alone"
start=1
while [ "$start" -le "$starts" ]; do
    "$bench" "$start" "$steps" "$every" "$out/start.$start.data" >>"$out/drift.csv"
    if command -v lmp >/dev/null && [ "$peer_steps" -gt 0 ]; then
        cat >"$out/in.drift" <<LAMMPS
units lj
atom_style atomic
read_data $out/start.$start.data
pair_style lj/cut 2.5
pair_modify shift yes
pair_coeff 1 1 1.0 1.0 2.5
pair_coeff 1 2 1.0 0.916666666666666667 2.5
pair_coeff 2 2 1.0 0.833333333333333333 2.5
neighbor 0.2 bin
neigh_modify delay 0 every 1 check yes
timestep 0.002778
fix 1 all nve
variable e equal etotal
fix 2 all ave/time 1 $((peer_every / 10)) $peer_every v_e file $out/peer.$start.out
thermo_modify norm yes
thermo $peer_every
run $peer_steps
LAMMPS
        OMP_NUM_THREADS=1 lmp -in "$out/in.drift" -screen none -log "$out/log.drift" -sf opt
        awk -v s="$start" '$1 !~ /#/ && $1 > 0 { printf "%s,%s,%s\n", s, $1, $2 }' "$out/peer.$start.out" >>"$out/peer.csv"
    fi
    start=$((start + 1))
done

python3 - "$out" <<'PYTHON'
import collections, csv, statistics, sys
out = sys.argv[1]

def slope(points):
    n = len(points)
    x0, y0 = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    return 1e6 * sum((x - x0) * (y - y0) for x, y in points) / sum((x - x0) ** 2 for x, _ in points)

def walk(series, lag=5):
    """rms change in 10^6 steps of a walk with these increments, and its relative standard error"""
    steps = series[0][lag][0] - series[0][0][0]
    changes = [p[i + lag][1] - p[i][1] for p in series for i in range(len(p) - lag)]
    return (sum(c * c for c in changes) / len(changes) * 1e6 / steps) ** 0.5, (2 * lag / len(changes)) ** 0.5 / 2

runs = collections.defaultdict(list)
for row in csv.reader(open(f'{out}/drift.csv')):
    if row[0] != 'start':
        runs['vitrine, shifted', row[0]].append((float(row[1]), float(row[2])))
        runs['vitrine, force_shifted', row[0]].append((float(row[1]), float(row[3])))
for row in csv.reader(open(f'{out}/peer.csv')):
    runs['LAMMPS, shifted', row[0]].append((float(row[1]), float(row[2])))
slopes = collections.defaultdict(list)
print('epsilon per atom per 10^6 steps, of the same starts')
for (name, start), points in runs.items():
    slopes[name].append(slope(points))
for name, values in slopes.items():
    print(f'  {name:24s} median |slope| {statistics.median(abs(v) for v in values):.2e}  mean {statistics.mean(values):+.2e}'
          f'  of {len(values)}: ' + ' '.join(f'{v:+.1e}' for v in values))
    size, error = walk([points for (other, _), points in runs.items() if other == name])
    print(f'  {"":24s} as a walk: {size:.2e} +- {100 * error:.0f} % in 10^6 steps')
with open(f'{out}/drift.dat', 'w') as file:
    for name in slopes:
        for (other, start), points in runs.items():
            if other == name:
                file.writelines(f'{x} {y - points[0][1]}\n' for x, y in points)
                file.write('\n')
        file.write('\n')
PYTHON
if command -v gnuplot >/dev/null; then
    gnuplot <<GNUPLOT
set terminal svg size 720,420 font 'DejaVu Sans,13'
set output '$out/drift.svg'
set xlabel 'step / 10^6'
set ylabel '(E(t) - E(0)) / N   (epsilon)'
set key left bottom
plot '$out/drift.dat' index 0 using (\$1/1e6):2 with lines lc rgb '#0072B2' title 'Vitrine, shifted', \
     '' index 1 using (\$1/1e6):2 with lines lc rgb '#009E73' title 'Vitrine, force shifted' \
     $([ -s "$out/peer.csv" ] && echo ", '' index 2 using (\$1/1e6):2 with lines lc rgb '#D55E00' title 'LAMMPS, shifted'")
GNUPLOT
    echo "drawn: $out/drift.svg"
fi
