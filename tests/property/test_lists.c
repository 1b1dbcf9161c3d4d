/* No pair inside the cutoff is ever missed, and none is counted twice: at every step of a hot run, the lists that the
 * force loop would use are compared with brute force. */
#include "common/mem.h"
#include "tests/support/md_fixture.h"
#include "worker/kernels/kernels.h"
#include "worker/md/md_state.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

struct lists_case {
    char name[24], isa[16];
    uint32_t atoms;
    double proportions[3];
    int steps;
};

/* The id of an atom of a tile, own or in the halo; UINT32_MAX for what only fills up. */
static uint32_t id_of(const struct md *md, const struct tile *tile, uint32_t atom)
{
    uint32_t cluster = atom / CLUSTER_ATOMS, lane = atom % CLUSTER_ATOMS;
    if (cluster == tile->clusters_max)
        return UINT32_MAX;
    if (cluster < tile->own)
        return tile->id[atom];
    for (uint32_t n = 0; n < tile->part_count; n++) {
        const struct halo_part *part = &tile->parts[n];
        if (cluster >= part->first && cluster < part->first + part->count)
            return md->tiles[part->tile].id[tile->halo[cluster - tile->own] * CLUSTER_ATOMS + lane];
    }
    return UINT32_MAX;
}

struct meetings {
    uint8_t *count; /* [atoms][atoms], i < j */
    uint32_t atoms;
};

static void meet(struct meetings *meetings, uint32_t i, uint32_t j)
{
    if (i == UINT32_MAX || j == UINT32_MAX)
        return;
    uint32_t low = i < j ? i : j, high = i < j ? j : i;
    meetings->count[(size_t)low * meetings->atoms + high]++;
}

static void meet_row(const struct md *md, const struct tile *tile, uint32_t atom, uint32_t list, struct meetings *out)
{
    uint32_t id = id_of(md, tile, atom), lane = atom % CLUSTER_ATOMS;
    if (atom / CLUSTER_ATOMS < tile->own)
        for (uint32_t l = lane + 1; l < CLUSTER_ATOMS; l++)
            meet(out, id, id_of(md, tile, atom - lane + l));
    const uint16_t *entries = tile->inner.entries + tile->inner.first[list];
    for (uint32_t n = 0; n < tile->inner.count[list]; n++)
        for (uint32_t l = 0; l < CLUSTER_ATOMS; l++)
            meet(out, id, id_of(md, tile, (uint32_t)entries[n] * CLUSTER_ATOMS + l));
}

static void meet_all(const struct md *md, struct meetings *out)
{
    uint32_t lists = 2 / md->rules.kernels->list_rows;
    memset(out->count, 0, (size_t)out->atoms * out->atoms);
    for (uint32_t n = 0; n < md->tile_count; n++) {
        const struct tile *tile = &md->tiles[n];
        for (uint32_t m = 0; m < tile->order_count; m++)
            for (uint32_t row = 0; row < 2; row++)
                meet_row(md, tile, 2 * tile->order[m] + row, tile->order[m] * lists + row * (lists - 1), out);
    }
}

static void check_pairs(const struct md *md, const struct meetings *meetings, const struct snapshot *snapshot)
{
    const double unit[3] = {md->box[0] * 0x1p-48, md->box[1] * 0x1p-48, md->box[2] * 0x1p-48};
    for (uint32_t i = 0; i < md->atoms; i++)
        for (uint32_t j = i + 1; j < md->atoms; j++) {
            double r_sq = 0.0;
            for (int k = 0; k < 3; k++) {
                uint64_t d = (uint64_t)snapshot->position[k][i] - (uint64_t)snapshot->position[k][j];
                double x = (double)((int64_t)(d << 16) >> 16) * unit[k];
                r_sq += x * x;
            }
            uint8_t count = meetings->count[(size_t)i * md->atoms + j];
            if (count > 1 || (r_sq < 6.25 && count == 0))
                cr_assert_fail("step %lld: atoms %u and %u at r^2 = %.9f are met %u times", (long long)md->step, i, j,
                               r_sq, count);
        }
}

ParameterizedTestParameters(lists, hold_every_pair_once_at_every_step)
{
    static struct lists_case cases[] = {
        {"cubic", "portable", 500, {1, 1, 1}, 60},    {"cubic", "avx2", 500, {1, 1, 1}, 300},
        {"cubic", "avx512", 500, {1, 1, 1}, 300},     {"brick", "avx2", 403, {1, 1.2, 0.9}, 200},
        {"brick", "avx512", 403, {1, 1.2, 0.9}, 200}, {"least box", "avx512", 206, {1, 1, 1}, 200},
        {"two tiles", "avx2", 4500, {1, 1, 1.1}, 8},  {"four tiles", "avx512", 8300, {1, 1, 1}, 8},
    };
    return cr_make_param_array(struct lists_case, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(struct lists_case *c, lists, hold_every_pair_once_at_every_step)
{
    const struct kernels *kernels;
    if (kernels_find(c->isa, &kernels, NULL) != STATUS_OK)
        cr_skip_test("this machine has no %s", c->isa);
    struct md_setup setup = fixture_setup(c->atoms, THERMOSTAT_BUSSI, c->isa);
    struct md *md = fixture_liquid(&setup, c->proportions, 4.0, 30);
    struct meetings meetings = {mem_alloc_array((size_t)c->atoms * c->atoms, 1), c->atoms};
    struct error err = {0};
    for (int step = 0; step < c->steps; step++) {
        struct snapshot snapshot;
        fixture_run(md, 1, 4.0);
        meet_all(md, &meetings);
        cr_assert_eq(md_store(md, &snapshot, &err), STATUS_OK);
        check_pairs(md, &meetings, &snapshot);
        snapshot_finish(&snapshot);
    }
    cr_assert_gt(md->prunes, 1);
    mem_free(meetings.count);
    md_destroy(&md);
}
