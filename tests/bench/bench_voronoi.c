/* bench_voronoi - time per atom of the tessellation, beside the voro++ library on the same configurations in the same
 * run, alternating. Prints name, isa, n, value, unit. */
#include "common/clock.h"
#include "common/mem.h"
#include "tests/support/voro_peer.h"
#include "worker/build/random.h"
#include "worker/structure/voronoi.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 7 };

static struct configuration fluid(uint32_t atoms)
{
    const struct system_spec system = {.atoms = atoms,
                                       .atoms_small = atoms / 2,
                                       .volume_per_atom = 0.767,
                                       .potential = POTENTIAL_WAHNSTROM,
                                       .cut = CUT_SHIFTED,
                                       .cutoff = 2.5};
    struct snapshot snapshot;
    struct configuration configuration;
    struct error err;
    if (build_random(&system, 1, (struct replica_id){0}, &snapshot, &err) != STATUS_OK ||
        configuration_from_snapshot(&snapshot, &configuration, &err) != STATUS_OK) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    snapshot_finish(&snapshot);
    return configuration;
}

static double seconds_since(struct mono_ns start)
{
    return 1e-9 * (double)(clock_mono().value - start.value);
}

static double time_ours(const struct configuration *c, const struct voronoi_options *options, int threads)
{
    struct voronoi voronoi;
    struct error err;
    omp_set_num_threads(threads);
    const struct mono_ns start = clock_mono();
    if (voronoi_init(&voronoi, c, options, &err) != STATUS_OK)
        exit(1);
    const double seconds = seconds_since(start);
    voronoi_finish(&voronoi);
    return seconds;
}

static double time_peer(const struct configuration *c, const double *radius)
{
    const struct mono_ns start = clock_mono();
    const double volume =
        voro_peer_tessellate(c->atoms, c->box, (const double *const *)c->position, radius, NULL, NULL);
    const double seconds = seconds_since(start);
    if (fabs(volume / configuration_volume(c) - 1.0) > 1e-9)
        exit(1);
    return seconds;
}

static void print(const char *name, uint32_t atoms, double value, const char *unit)
{
    printf("%s portable %u %.4g %s\n", name, atoms, value, unit);
}

static void bench(uint32_t atoms, bool radical)
{
    struct configuration c = fluid(atoms);
    const struct voronoi_options options = {.radius = {radical ? 0.5 : 0.0, radical ? 5.0 / 12.0 : 0.0}};
    double *radius = radical ? mem_alloc_array(atoms, sizeof *radius) : NULL;
    for (uint32_t i = 0; radius && i < atoms; i++)
        radius[i] = options.radius[c.type[i]];
    double ours = INFINITY, team = INFINITY, peer = INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        ours = fmin(ours, time_ours(&c, &options, 1));
        peer = fmin(peer, time_peer(&c, radius));
        team = fmin(team, time_ours(&c, &options, omp_get_num_procs()));
    }
    const char *kind = radical ? "voronoi_radical" : "voronoi_plain";
    printf("# %s\n", kind);
    print("vitrine", atoms, 1e6 * ours / atoms, "us/atom");
    print("vitrine_all_threads", atoms, 1e6 * team / atoms, "us/atom");
    print("voro++", atoms, 1e6 * peer / atoms, "us/atom");
    print("ratio_one_thread", atoms, peer / ours, "1");
    mem_free(radius);
    configuration_finish(&c);
}

int main(void)
{
    mem_keep_freed(); /* as a worker does */
    bench(500, false);
    bench(500, true);
    bench(32000, false);
    bench(32000, true);
}
