#!/bin/sh
# The bit-equality matrix: the engine's probe (worker/md/probe.c) from every compiler, optimisation level and instruction
# set at hand must give one digest. Compilers that are not installed are named and skipped; with fewer than two builds
# the test is skipped (77).
#
#   matrix.sh SOURCE_ROOT [quick]
#
# quick: two builds that differ in compiler and level, each with every instruction set.
set -eu
root=$1
extent=${2:-all}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
common="clock error invariant mem phase quantity realmath rng segment snapshot"
engine="cells configuration force md md_run md_step order potential probe start thermostat tile"
flags="-std=c17 -D_GNU_SOURCE -I. -ffp-contract=off -fno-fast-math -fno-strict-aliasing -w"

# build COMPILER LEVEL KERNEL_SETS LINK_FLAGS EXTRA_FLAGS
build() {
    rm -rf "$work/o" && mkdir "$work/o"
    for isa in $3; do
        case $isa in
        portable) march= ;;
        avx2) march=-march=x86-64-v3 ;;
        avx512) march=-march=x86-64-v4 ;;
        esac
        for kernel in worker/kernels/list.c worker/kernels/noise.c worker/kernels/pair_*.c worker/kernels/step.c worker/kernels/table.c; do
            # shellcheck disable=SC2086
            $1 $flags $5 "$2" -fno-math-errno $march "-DKERNEL_ISA=$isa" -Wno-psabi -c "$kernel" -o "$work/o/$isa-$(basename "$kernel").o"
        done
    done
    sources="tests/matrix/print_probe.c tests/matrix/plain_digest.c worker/kernels/cpu.c worker/kernels/kernels.c"
    for name in $common; do sources="$sources common/$name.c"; done
    for name in $engine; do sources="$sources worker/md/$name.c"; done
    # shellcheck disable=SC2086
    $1 $flags $5 "$2" $sources "$work"/o/*.o -o "$work/probe" $4 -lm
}

# record LABEL [RUNNER...]
record() {
    label=$1
    shift
    "$@" "$work/probe" >"$work/out"
    while read -r isa digest; do
        printf '%-28s %-9s %s\n' "$label" "$isa" "$digest"
        [ "$digest" = missing ] || echo "$digest" >>"$work/digests"
    done <"$work/out"
}

: >"$work/digests"
x86="portable avx2 avx512"
# with_gcc LEVEL, with_clang LEVEL
with_gcc() {
    command -v gcc >/dev/null || { echo "gcc is not installed: skipped"; return 0; }
    build gcc "$1" "$x86" -fopenmp -fopenmp
    record "gcc $(gcc -dumpversion) $1"
}
with_clang() {
    command -v clang >/dev/null || { echo "clang is not installed: skipped"; return 0; }
    build clang "$1" "$x86" "$(gcc -print-file-name=libgomp.so)" -Wno-unknown-pragmas
    record "clang $(clang -dumpversion) $1"
}
if [ "$(uname -m)" = x86_64 ]; then
    with_gcc -O2
    with_clang -O3
    if [ "$extent" = all ]; then
        with_gcc -O3
        with_clang -O2
    fi
fi
if [ "$extent" != all ]; then
    : # the emulated machine takes longest
elif command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64 >/dev/null; then
    build aarch64-linux-gnu-gcc -O2 portable "-static -fopenmp" "-idirafter /usr/include"
    record "aarch64 gcc -O2 (qemu)" qemu-aarch64
else
    echo "gcc-aarch64-linux-gnu or qemu-user is not installed: aarch64 skipped"
fi

builds=$(wc -l <"$work/digests")
[ "$builds" -ge 2 ] || { echo "only $builds build: nothing to compare"; exit 77; }
[ "$(sort -u "$work/digests" | wc -l)" -eq 1 ] || { echo "the bits differ"; exit 1; }
echo "$builds builds, one digest"
