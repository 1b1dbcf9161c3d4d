#include "server/analysis/prob.h"

#include <criterion/criterion.h>
#include <math.h>

/* Printed tables: Abramowitz & Stegun 26.1, 26.8, 26.10. */
Test(prob, normal_quantiles_are_those_of_the_tables)
{
    cr_assert_float_eq(prob_normal_quantile(0.975), 1.959963984540054, 1e-13);
    cr_assert_float_eq(prob_normal_quantile(0.5), 0.0, 1e-13);
    cr_assert_float_eq(prob_normal_quantile(0.001), -3.090232306167813, 1e-12);
    cr_assert_float_eq(prob_normal(1.0), 0.841344746068543, 1e-14);
}

Test(prob, chi_square_quantiles_are_those_of_the_tables)
{
    cr_assert_float_eq(prob_chi_square_quantile(0.95, 1), 3.841458820694124, 1e-11);
    cr_assert_float_eq(prob_chi_square_quantile(0.95, 2), 5.991464547107979, 1e-11);
    cr_assert_float_eq(prob_chi_square_quantile(0.025, 10), 3.246972780236842, 1e-11);
    cr_assert_float_eq(prob_chi_square_quantile(0.975, 100), 129.5611971858366, 1e-9);
}

Test(prob, student_quantiles_are_those_of_the_tables)
{
    cr_assert_float_eq(prob_student_quantile(0.975, 1), 12.706204736432095, 1e-9);
    cr_assert_float_eq(prob_student_quantile(0.975, 7), 2.364624251592785, 1e-11);
    cr_assert_float_eq(prob_student_quantile(0.025, 30), -2.042272456301238, 1e-11);
}

Test(prob, beta_quantiles_give_clopper_pearson)
{
    /* 0 of 10: upper limit 1 - 0.025^(1/10); 5 of 10: 0.1871 .. 0.8129 (Clopper & Pearson, Biometrika 26 (1934)). */
    cr_assert_float_eq(prob_beta_quantile(0.975, 1, 10), 1.0 - pow(0.025, 0.1), 1e-13);
    cr_assert_float_eq(prob_beta_quantile(0.025, 5, 6), 0.187086, 1e-6);
    cr_assert_float_eq(prob_beta_quantile(0.975, 6, 5), 0.812914, 1e-6);
}

Test(prob, log_gamma_of_whole_numbers_is_the_log_of_factorials)
{
    double factorial = 1.0;
    for (int n = 1; n < 20; factorial *= n++)
        cr_assert_float_eq(prob_log_gamma(n), log(factorial), 2e-13, "n = %d", n);
    cr_assert_float_eq(prob_log_gamma(0.5), 0.5 * log(3.14159265358979323846), 1e-14);
}

Test(prob, quantile_is_the_inverse_everywhere)
{
    for (int i = 1; i < 100; i++) {
        double p = i / 100.0;
        cr_assert_float_eq(prob_normal(prob_normal_quantile(p)), p, 1e-13);
        cr_assert_float_eq(prob_chi_square(prob_chi_square_quantile(p, 0.7 * i), 0.7 * i), p, 1e-12);
        cr_assert_float_eq(prob_beta(prob_beta_quantile(p, 0.3 * i, 2.5), 0.3 * i, 2.5), p, 1e-12);
    }
}
