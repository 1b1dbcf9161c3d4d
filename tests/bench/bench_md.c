/* bench_md.c - vitrine-worker bench as a program of its own, for meson's benchmark() and compare.sh. */
#include "worker/cmd/bench.h"

int main(int argc, char **argv)
{
    return cmd_bench(argc, argv);
}
