#!/bin/bash
# voronoi.sh - time per atom of the Voronoi tessellation beside the voro++ library and LAMMPS `compute voronoi/atom`, on
# the same configurations, in turns on one core; medians and ratios. Machines are shared and drift, so only ratios within
# one call mean anything.
#
#   voronoi.sh BUILD [ROUNDS [CORE]]      a build directory with tests/bench/bench_voronoi, default 5 rounds on core 0
#
# A round takes the least of seven times of each. LAMMPS sums the volumes at each of K steps at which nothing moves; the
# same steps without the compute are taken off. It computes volumes and numbers of faces; ours and the library also count
# each face's edges and give areas and neighbours. Where LAMMPS (lmp) is not installed or lacks the package VORONOI, that
# is said and the rest printed.
set -eu
[ $# -ge 1 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
build=$(realpath "$1")
rounds=${2:-5}
core=${3:-0}
work=$(mktemp -d "${TMPDIR:-/tmp}/vitrine-voronoi.XXXXXX")
trap 'rm -rf "$work"' EXIT
export OMP_NUM_THREADS=1

peer=yes
if ! command -v lmp >/dev/null; then
    echo "LAMMPS (lmp) is not installed: only the voro++ library"
    peer=
elif ! lmp -h | grep -q 'voronoi/atom'; then
    echo "this LAMMPS has no compute voronoi/atom: only the voro++ library"
    peer=
else
    lmp -h | grep -m1 "Simulator"
fi

# Seven runs of K steps at rest, with the compute or without. Prints the least seconds of a loop.
lammps_loop() { # atoms steps with|without
    local script="$work/in.$1.$3"
    {
        echo "units lj"
        echo "atom_style atomic"
        echo "read_data $work/$1.data"
        echo "pair_style zero 2.5"
        echo "pair_coeff * *"
        if [ "$3" = with ]; then
            echo "compute v all voronoi/atom"
            echo "compute sum all reduce sum c_v[1]"
            echo "thermo_style custom step c_sum vol"
        else
            echo "thermo_style custom step vol"
        fi
        echo "thermo_modify norm no"
        echo "thermo 1"
        for _ in 1 2 3 4 5 6 7; do
            echo "run $2"
        done
    } >"$script"
    taskset -c "$core" lmp -in "$script" -log "$work/log.$1.$3" -screen none
    if [ "$3" = with ]; then # the volumes must fill the box
        awk '/^ *[0-9]+ +[0-9.]+ +[0-9.]+ *$/ { if (($2 / $3 - 1) ^ 2 > 1e-12) exit 1; n++ } END { if (!n) exit 1 }' \
            "$work/log.$1.$3" || { echo "LAMMPS: the volumes do not fill the box" >&2; exit 1; }
    fi
    awk '/^Loop time of/ && (!n++ || $4 < least) { least = $4 } END { print least }' "$work/log.$1.$3"
}

for atoms in 500 32000; do
    "$build/worker/vitrine-worker" build random --atoms $atoms --seed 1 -o "$work/$atoms.data" >/dev/null
done
for ((round = 1; round <= rounds; round++)); do
    taskset -c "$core" "$build/tests/bench/bench_voronoi" >"$work/ours.$round"
    awk '/^# / { kind = $2 } /^vitrine portable|^voro\+\+/ { print kind, $1, $3, $4 }' "$work/ours.$round" >>"$work/times"
    [ -n "$peer" ] || continue
    for run in "500 50" "32000 1"; do
        read -r atoms steps <<<"$run"
        rest=$(lammps_loop "$atoms" "$steps" without)
        full=$(lammps_loop "$atoms" "$steps" with)
        awk -v f="$full" -v r="$rest" -v n="$atoms" -v k="$steps" \
            'BEGIN { print "voronoi_plain", "LAMMPS", n, 1e6 * (f - r) / (n * k) }' >>"$work/times"
    done
done
sort -k1,3 -k4,4g "$work/times" | awk '
    function flush() {
        if (!count) return
        median = count % 2 ? value[(count + 1) / 2] : (value[count / 2] + value[count / 2 + 1]) / 2
        time[key] = median
        printf "%-16s %-8s %6d atoms  %8.3f us/atom  [%.3f .. %.3f] of %d\n", part[1], part[2], part[3], median,
            value[1], value[count], count
    }
    { now = $1 " " $2 " " $3 }
    now != key { flush(); key = now; split(key, part); count = 0 }
    { value[++count] = $4 }
    END {
        flush()
        for (name in time) {
            split(name, part)
            ours = part[1] " vitrine " part[3]
            if (part[2] != "vitrine" && time[ours])
                printf "%-16s %6d atoms  %s / vitrine = %.2f\n", part[1], part[3], part[2], time[name] / time[ours]
        }
    }' 
