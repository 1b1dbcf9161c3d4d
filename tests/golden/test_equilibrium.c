/* Equilibrium averages of the engine against an independent program, and Shirts' check of the ensemble itself.
 *
 * Every run starts from a liquid at T = 0.8 (tests/golden/structure), is brought to its temperature and held there.
 * Errors are those of block averages over blocks much longer than the energy's correlation time; tolerances are 3.5
 * combined standard errors (one false alarm in 2000). Seeds are fixed, so a result never flickers. */
#include "common/mem.h"
#include "worker/files/configuration_read.h"
#include "worker/kernels/kernels.h"
#include "worker/md/md.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <jansson.h>
#include <math.h>

enum { ATOMS = 500, SAMPLE_EVERY = 50, BLOCKS = 20 };

static const struct system_spec liquid = {ATOMS, 250, 0.767, POTENTIAL_WAHNSTROM, CUT_SHIFTED, 2.5};
static const struct dynamics_spec dynamics = {0.002778, THERMOSTAT_BUSSI, 0.2778};

static struct md *start_liquid(uint32_t replica, double temperature)
{
    struct error err = {0};
    struct configuration configuration;
    struct snapshot snapshot;
    struct md *md;
    struct md_setup setup = {liquid, dynamics, 20190529, {replica}, NULL, 1};
    cr_assert_eq(kernels_find("auto", &setup.kernels, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(configuration_read(GOLDEN_DIR "/structure/liquid_T0.80.data", 0, &configuration, &err), STATUS_OK,
                 "%s", err.message);
    cr_assert_eq(configuration_to_snapshot(&configuration, 0, &snapshot, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(md_create(&setup, &md, &err), STATUS_OK, "%s", err.message);
    cr_assert_eq(md_load(md, &snapshot, &err), STATUS_OK, "%s", err.message);
    md_draw_velocities(md, temperature);
    snapshot_finish(&snapshot);
    configuration_finish(&configuration);
    return md;
}

/* Series of one run at one temperature, after `steps_before` steps to get there. */
struct series {
    int count;
    double *energy; /* U/N */
    double *pressure;
};

static struct series hold(uint32_t replica, double temperature, int64_t steps_before, int count)
{
    struct error err = {0};
    const struct md_ramp ramp = {0, INT64_C(1) << 40, temperature, temperature};
    struct md *md = start_liquid(replica, temperature);
    struct series series = {count, mem_alloc_array((size_t)count, sizeof(double)),
                            mem_alloc_array((size_t)count, sizeof(double))};
    cr_assert_eq(md_run(md, steps_before, &ramp, NULL, NULL, &err), STATUS_OK, "%s", err.message);
    for (int i = 0; i < count; i++) {
        struct md_observables now;
        cr_assert_eq(md_run(md, SAMPLE_EVERY, &ramp, NULL, NULL, &err), STATUS_OK, "%s", err.message);
        cr_assert_eq(md_observe(md, &now, &err), STATUS_OK, "%s", err.message);
        series.energy[i] = now.energy_potential / ATOMS;
        series.pressure[i] = now.pressure;
    }
    md_destroy(&md);
    return series;
}

static void series_finish(struct series *series)
{
    mem_free(series->energy);
    mem_free(series->pressure);
}

struct estimate {
    double mean, error;
};

static double mean_of(const double *values, int count)
{
    double sum = 0.0;
    for (int i = 0; i < count; i++)
        sum += values[i];
    return sum / count;
}

static struct estimate block_mean(const double *values, int count)
{
    double block[BLOCKS], variance = 0.0;
    for (int b = 0; b < BLOCKS; b++)
        block[b] = mean_of(values + b * (count / BLOCKS), count / BLOCKS);
    const double mean = mean_of(block, BLOCKS);
    for (int b = 0; b < BLOCKS; b++)
        variance += (block[b] - mean) * (block[b] - mean) / (BLOCKS - 1);
    return (struct estimate){mean, sqrt(variance / BLOCKS)};
}

/* N var(U/N), with its error from the blocks' spread about the mean of the whole run. */
static struct estimate block_variance(const double *values, int count)
{
    const double mean = mean_of(values, count);
    double *squares = mem_alloc_array((size_t)count, sizeof *squares);
    for (int i = 0; i < count; i++)
        squares[i] = ATOMS * (values[i] - mean) * (values[i] - mean);
    const struct estimate estimate = block_mean(squares, count);
    mem_free(squares);
    return estimate;
}

struct state_point {
    char name[8]; /* the reference's key */
    double temperature;
    int64_t steps_before;
    int count;
};

static struct json_t *reference_at(const char *name)
{
    json_error_t error;
    json_t *all = json_load_file(GOLDEN_DIR "/equilibrium/nvt_energies.json", 0, &error);
    cr_assert_not_null(all, "%s", error.text);
    return json_object_get(all, name);
}

static void assert_agree(const char *what, struct estimate ours, double theirs, double theirs_error)
{
    const double deviation = fabs(ours.mean - theirs) / hypot(ours.error, theirs_error);
    cr_log_info("%s: %.5f(%.5f), reference %.5f(%.5f): %.1f standard errors apart", what, ours.mean, ours.error, theirs,
                theirs_error, deviation);
    cr_assert_lt(deviation, 3.5, "%s: %.5f(%.5f), reference %.5f(%.5f)", what, ours.mean, ours.error, theirs,
                 theirs_error);
}

ParameterizedTestParameters(equilibrium, averages_are_those_of_an_independent_program)
{
    static struct state_point rows[] = {
        {"0.7", 0.7, 60000, 6000},
        {"0.8", 0.8, 20000, 5000},
        {"1.0", 1.0, 20000, 4000},
    };
    return cr_make_param_array(struct state_point, rows, sizeof rows / sizeof rows[0]);
}

ParameterizedTest(struct state_point *row, equilibrium, averages_are_those_of_an_independent_program)
{
    json_t *theirs = reference_at(row->name);
    struct series series = hold(1, row->temperature, row->steps_before, row->count);
    const struct estimate energy = block_mean(series.energy, series.count);
    const struct estimate pressure = block_mean(series.pressure, series.count);
    const struct estimate variance = block_variance(series.energy, series.count);
    /* The reference gives no error of its variance; that of n independent values is sqrt(2/n), n = steps / (2 tau). */
    const double variance_theirs = json_number_value(json_object_get(theirs, "NvarUs"));
    const double independent = json_number_value(json_object_get(theirs, "steps")) /
                               (2.0 * json_number_value(json_object_get(theirs, "tau_int_steps")));
    assert_agree("energy per atom", energy, json_number_value(json_object_get(theirs, "Us")),
                 json_number_value(json_object_get(theirs, "err")));
    assert_agree("pressure", pressure, json_number_value(json_object_get(theirs, "P")),
                 json_number_value(json_object_get(theirs, "Perr")));
    assert_agree("N var(U/N)", variance, variance_theirs, variance_theirs * sqrt(2.0 / independent));
    series_finish(&series);
}

/* Maximum-likelihood slope of ln[P_hot(U) / P_cold(U)] by Newton's method on the two-parameter logistic model; its
 * error from the inverse information, for independent values. Shirts, J. Chem. Theory Comput. 9, 909 (2013),
 * section 2.3. */
static struct estimate log_ratio_slope(const double *cold, const double *hot, int count, double origin)
{
    double a = 0.0, b = 0.0, info_bb = 0.0;
    for (int iteration = 0; iteration < 50; iteration++) {
        double g_a = 0.0, g_b = 0.0, h_aa = 0.0, h_ab = 0.0, h_bb = 0.0;
        for (int i = 0; i < 2 * count; i++) {
            const double u = (i < count ? cold[i] : hot[i - count]) - origin, is_hot = i < count ? 0.0 : 1.0;
            const double p = 1.0 / (1.0 + exp(-(a + b * u)));
            g_a += is_hot - p;
            g_b += (is_hot - p) * u;
            h_aa += p * (1.0 - p);
            h_ab += p * (1.0 - p) * u;
            h_bb += p * (1.0 - p) * u * u;
        }
        const double determinant = h_aa * h_bb - h_ab * h_ab;
        a += (h_bb * g_a - h_ab * g_b) / determinant;
        b += (h_aa * g_b - h_ab * g_a) / determinant;
        info_bb = determinant / h_aa;
    }
    return (struct estimate){b, 1.0 / sqrt(info_bb)};
}

/* Whatever the density of states, the histograms of two canonical ensembles differ by exp[-(beta_hot - beta_cold) U].
 */
Test(equilibrium, energy_histograms_of_neighbouring_rungs_differ_by_delta_beta)
{
    enum { COUNT = 6000, THIN = 12 }; /* every 600 steps: two correlation times at T = 1 */
    const double cold = 1.0, hot = 1.04;
    struct series series[2] = {hold(2, cold, 20000, COUNT), hold(3, hot, 20000, COUNT)};
    double energy[2][COUNT / THIN];
    for (int s = 0; s < 2; s++)
        for (int i = 0; i < COUNT / THIN; i++)
            energy[s][i] = ATOMS * series[s].energy[i * THIN];
    const struct estimate slope = log_ratio_slope(energy[0], energy[1], COUNT / THIN, mean_of(energy[0], COUNT / THIN));
    assert_agree("slope", slope, 1.0 / cold - 1.0 / hot, 0.0);
    cr_assert_lt(slope.error, 0.12 * slope.mean, "the check has no power: error %g", slope.error);
    series_finish(&series[0]);
    series_finish(&series[1]);
}
