#include "worker/build/nanocomposite.h"

#include "common/mem.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct nanocomposite_spec spec_of(uint32_t atoms, uint32_t grain_atoms)
{
    return (struct nanocomposite_spec){atoms, atoms / 2, 0.767, grain_atoms, 0.69, {.seed = 1}};
}

static struct potential wahnstrom(void)
{
    return potential_make(POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5);
}

Test(nanocomposite, composition_volume_and_grain_size_are_met)
{
    const uint32_t grain_atoms[] = {400, 1200}, atoms[] = {2000, 7200};
    struct potential potential = wahnstrom();
    for (int i = 0; i < 2; i++) {
        struct nanocomposite_spec spec = spec_of(atoms[i], grain_atoms[i]);
        struct nanocomposite_report report;
        struct configuration c;
        uint32_t small = 0;
        cr_assert_eq(nanocomposite_build(&potential, &spec, &c, &report, NULL), STATUS_OK);
        for (uint32_t k = 0; k < c.atoms; k++)
            small += c.type[k] == ATOM_SMALL;
        cr_expect_eq(c.atoms, atoms[i]);
        cr_expect_eq(small, atoms[i] / 2);
        cr_expect_float_eq(c.box[0] * c.box[1] * c.box[2] / c.atoms, 0.767, 1e-13);
        cr_expect_float_eq(report.grain_atoms_mean, grain_atoms[i], 0.15 * grain_atoms[i], "mean %g",
                           report.grain_atoms_mean);
        cr_expect(report.interface_width > 0.8 && report.interface_width < 2, "width %g", report.interface_width);
        configuration_finish(&c);
    }
}

static double distance(const struct configuration *c, uint32_t i, uint32_t k)
{
    double r_sq = 0;
    for (int d = 0; d < 3; d++) {
        double x = c->position[d][i] - c->position[d][k];
        x -= c->box[d] * rint(x / c->box[d]);
        r_sq += x * x;
    }
    return sqrt(r_sq);
}

Test(nanocomposite, no_two_atoms_overlap_badly)
{
    struct potential potential = wahnstrom();
    struct nanocomposite_spec spec = spec_of(2000, 400);
    struct nanocomposite_report report;
    struct configuration c;
    double least = HUGE_VAL;
    cr_assert_eq(nanocomposite_build(&potential, &spec, &c, &report, NULL), STATUS_OK);
    for (uint32_t i = 0; i < c.atoms; i++)
        for (uint32_t k = 0; k < i; k++)
            least = fmin(least, distance(&c, i, k) / potential.sigma[c.type[i]][c.type[k]]);
    cr_expect_gt(least, 0.68, "a pair at %g of its sigma", least);
    cr_expect(report.gap_min >= least - 1e-12);
    configuration_finish(&c);
}

Test(nanocomposite, the_same_seed_gives_the_same_bits)
{
    struct potential potential = wahnstrom();
    struct nanocomposite_spec spec = spec_of(2000, 400);
    struct nanocomposite_report report;
    struct configuration a, b, other;
    cr_assert_eq(nanocomposite_build(&potential, &spec, &a, &report, NULL), STATUS_OK);
    cr_assert_eq(nanocomposite_build(&potential, &spec, &b, &report, NULL), STATUS_OK);
    spec.seed.replica.value = 1;
    cr_assert_eq(nanocomposite_build(&potential, &spec, &other, &report, NULL), STATUS_OK);
    cr_expect_eq(memcmp(a.position[0], b.position[0], a.atoms * sizeof(double)), 0);
    cr_expect_neq(memcmp(a.position[0], other.position[0], a.atoms * sizeof(double)), 0);
    configuration_finish(&a);
    configuration_finish(&b);
    configuration_finish(&other);
}

Test(nanocomposite, what_c15_grains_cannot_hold_is_refused)
{
    struct potential potential = wahnstrom();
    struct nanocomposite_report report;
    struct configuration c;
    struct nanocomposite_spec rich = spec_of(3000, 400), tight = spec_of(3000, 400);
    rich.atoms_small = 2000;
    cr_expect_eq(nanocomposite_build(&potential, &rich, &c, &report, NULL), STATUS_INVALID);
    tight.volume_per_atom = 0.55;
    cr_expect_eq(nanocomposite_build(&potential, &tight, &c, &report, NULL), STATUS_INVALID);
}

Test(nanocomposite, every_failed_allocation_is_reported_and_cleaned_up)
{
    struct potential potential = wahnstrom();
    struct nanocomposite_spec spec = spec_of(800, 400);
    struct nanocomposite_report report;
    struct configuration c;
    enum status status = STATUS_NO_MEMORY;
    uint64_t n = 0;
    while (status == STATUS_NO_MEMORY && n < 100) {
        mem_fail_nth(++n);
        status = nanocomposite_build(&potential, &spec, &c, &report, NULL);
    }
    mem_fail_nth(0);
    cr_assert_eq(status, STATUS_OK);
    cr_expect_gt(n, 8);
    configuration_finish(&c);
}
