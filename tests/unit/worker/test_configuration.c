#include "common/mem.h"
#include "worker/md/configuration.h"

#include <criterion/criterion.h>
#include <math.h>

Test(configuration, wrapping_stays_inside_the_box)
{
    static const double xs[] = {0.0, 5.0, -5.0, -1e-17, 4.999999999999999, 1e9, -1e9, 7.3, 0x1.3ffffffffffffp+2};
    for (size_t i = 0; i < sizeof xs / sizeof xs[0]; i++) {
        const double x = configuration_wrap(xs[i], 5.0);
        cr_assert(x >= 0.0 && x < 5.0, "%.17g -> %.17g", xs[i], x);
        cr_assert_eq(configuration_wrap(x, 5.0), x, "twice is once");
    }
}

Test(configuration, a_snapshot_and_back_moves_nothing_farther_than_its_grid)
{
    struct configuration a, b;
    struct snapshot snapshot;
    struct error err;
    cr_assert_eq(configuration_init(&a, 3, &err), STATUS_OK);
    for (int k = 0; k < 3; k++) {
        a.box[k] = 7.0 + k;
        a.position[k][1] = a.box[k] / 3.0;
        a.position[k][2] = nextafter(a.box[k], 0.0);
    }
    a.type[1] = ATOM_SMALL;
    cr_assert_eq(configuration_to_snapshot(&a, -17, &snapshot, &err), STATUS_OK);
    cr_assert_eq(snapshot.step, -17);
    cr_assert_eq(configuration_from_snapshot(&snapshot, &b, &err), STATUS_OK);
    for (uint32_t i = 0; i < 3; i++) {
        cr_assert_eq(a.type[i], b.type[i]);
        cr_assert_eq(b.id[i], (int64_t)i + 1);
        for (int k = 0; k < 3; k++) {
            const double d = fabs(a.position[k][i] - b.position[k][i]);
            cr_assert_leq(fmin(d, a.box[k] - d), a.box[k] * 0x1p-48);
            cr_assert_lt(b.position[k][i], b.box[k]);
        }
    }
    snapshot_finish(&snapshot);
    configuration_finish(&a);
    configuration_finish(&b);
}

Test(configuration, every_failed_allocation_is_reported)
{
    struct configuration a;
    struct error err;
    for (uint64_t n = 1; n <= 5; n++) {
        mem_fail_nth(n);
        cr_assert_eq(configuration_init(&a, 10, &err), STATUS_NO_MEMORY);
    }
    mem_fail_nth(0);
}
