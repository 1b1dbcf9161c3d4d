#include "worker/structure/correlation.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "worker/structure/reciprocal.h"

#include <math.h>
#include <string.h>

enum { LANES = 8, BLOCK = 256, SPECTRUM_BINS_MAX = 1 << 16, PARALLEL_ATOMS_MIN = 2048, FIT_STEPS_MAX = 100 };

static const double spectrum_cost_max = 1e8; /* atoms x wave vectors */
static const double peak_smoothing = 0.4;    /* 1/sigma */

struct spectrum_options spectrum_defaults(const struct configuration *configuration)
{
    const double spacing = real_cbrt(configuration_volume(configuration) / configuration->atoms);
    return (struct spectrum_options){.q_max = 1.5 * 2.0 * M_PI / spacing, .bin = 0.1};
}

/* exp(-i q.r) of a block of atoms is a product of three factors, one along each edge, which are the same for many
 * vectors: they are tabulated for each whole index up to the largest. */
struct factors {
    int reach[3];
    double *cosine[3], *sine[3]; /* [reach + 1][BLOCK] */
    double weight[BLOCK];        /* 0 beyond the last atom */
};

struct amplitude {
    double real, imaginary;
};

static void factors_finish(struct factors *factors)
{
    for (int k = 0; k < 3; k++) {
        mem_free(factors->cosine[k]);
        mem_free(factors->sine[k]);
    }
}

static enum status factors_init(struct factors *factors, const struct reciprocal_vector *vectors, uint32_t count,
                                struct error *err)
{
    bool ok = true;
    memset(factors, 0, sizeof *factors);
    for (uint32_t n = 0; n < count; n++)
        for (int k = 0; k < 3; k++) {
            const int index = vectors[n].index[k] < 0 ? -vectors[n].index[k] : vectors[n].index[k];
            factors->reach[k] = index > factors->reach[k] ? index : factors->reach[k];
        }
    for (int k = 0; k < 3; k++) {
        const size_t size = (size_t)(factors->reach[k] + 1) * BLOCK;
        ok &= (factors->cosine[k] = mem_alloc_aligned(size, sizeof(double))) != NULL;
        ok &= (factors->sine[k] = mem_alloc_aligned(size, sizeof(double))) != NULL;
    }
    if (ok)
        return STATUS_OK;
    factors_finish(factors);
    return mem_error(err, "phases of wave vectors");
}

static void fill_factors(struct factors *factors, const struct configuration *configuration, const double *weight,
                         uint32_t first)
{
    const uint32_t left = configuration->atoms - first;
    for (uint32_t n = 0; n < BLOCK; n++)
        factors->weight[n] = n >= left ? 0.0 : weight ? weight[first + n] : 1.0;
    for (int k = 0; k < 3; k++)
        for (int index = 0; index <= factors->reach[k]; index++)
            for (uint32_t n = 0; n < BLOCK && n < left; n++) {
                const double turns = index * (configuration->position[k][first + n] / configuration->box[k]);
                const size_t slot = (size_t)index * BLOCK + n;
                real_sincos_turns(-turns, &factors->sine[k][slot], &factors->cosine[k][slot]);
            }
}

/* The sum over a block, in lanes, so that it is wide and always in the same order. */
static struct amplitude add_block(const double *restrict cosine[3], const double *restrict sine[3],
                                  const double sign[3], const double *restrict weight)
{
    double real[LANES] = {0}, imaginary[LANES] = {0};
    for (int n = 0; n < BLOCK; n += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            const int i = n + lane;
            const double xc = cosine[0][i], xs = sign[0] * sine[0][i], yc = cosine[1][i], ys = sign[1] * sine[1][i];
            const double zc = cosine[2][i], zs = sign[2] * sine[2][i];
            const double c = xc * yc - xs * ys, s = xc * ys + xs * yc;
            real[lane] += weight[i] * (c * zc - s * zs);
            imaginary[lane] += weight[i] * (c * zs + s * zc);
        }
    struct amplitude sum = {0};
    for (int lane = 0; lane < LANES; lane++) {
        sum.real += real[lane];
        sum.imaginary += imaginary[lane];
    }
    return sum;
}

static void add_vector(const struct factors *factors, const struct reciprocal_vector *vector,
                       struct amplitude *amplitude)
{
    const double *cosine[3], *sine[3];
    double sign[3];
    for (int k = 0; k < 3; k++) {
        const int index = vector->index[k];
        const size_t row = (size_t)(index < 0 ? -index : index) * BLOCK;
        cosine[k] = factors->cosine[k] + row;
        sine[k] = factors->sine[k] + row;
        sign[k] = index < 0 ? -1.0 : 1.0;
    }
    const struct amplitude sum = add_block(cosine, sine, sign, factors->weight);
    amplitude->real += sum.real;
    amplitude->imaginary += sum.imaginary;
}

/* Blocks of atoms one after another, the vectors of each in parallel: the order of each sum is always the same. */
static enum status sum_amplitudes(const struct configuration *configuration, const double *weight,
                                  const struct reciprocal_vector *vectors, uint32_t count, struct amplitude *amplitudes,
                                  struct error *err)
{
    struct factors factors;
    enum status status = factors_init(&factors, vectors, count, err);
    if (status != STATUS_OK)
        return status;
    for (uint32_t first = 0; first < configuration->atoms; first += BLOCK) {
        fill_factors(&factors, configuration, weight, first);
#pragma omp parallel for schedule(static) if (configuration->atoms >= PARALLEL_ATOMS_MIN)
        for (uint32_t n = 0; n < count; n++)
            add_vector(&factors, &vectors[n], &amplitudes[n]);
    }
    factors_finish(&factors);
    return STATUS_OK;
}

static uint32_t bin_of(const struct spectrum *spectrum, double length)
{
    const double b = floor(length / spectrum->bin);
    return b < spectrum->bins ? (uint32_t)b : spectrum->bins - 1;
}

/* Thins the list to at most `most` vectors (and one) of each bin, spread over the bin; returns how many are left. */
static enum status thin(const struct spectrum *spectrum, struct reciprocal_vector *vectors, uint32_t *count,
                        uint32_t most, struct error *err)
{
    uint32_t *all = mem_alloc_array(spectrum->bins, sizeof *all), *seen = mem_alloc_array(spectrum->bins, sizeof *seen);
    uint32_t kept = 0;
    const bool ok = all && seen;
    for (uint32_t n = 0; ok && n < *count; n++)
        all[bin_of(spectrum, vectors[n].length)]++;
    for (uint32_t n = 0; ok && n < *count; n++) {
        const uint32_t b = bin_of(spectrum, vectors[n].length), stride = (all[b] + most - 1) / most;
        if (seen[b]++ % stride == 0)
            vectors[kept++] = vectors[n];
    }
    mem_free(all);
    mem_free(seen);
    if (!ok)
        return mem_error(err, "wave vectors");
    *count = kept;
    return STATUS_OK;
}

static double sum_of_squares(const double *weight, uint32_t atoms)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < atoms; i++)
        sum += weight ? weight[i] * weight[i] : 1.0;
    return sum;
}

static void fill_bins(struct spectrum *spectrum, const struct reciprocal_vector *vectors, uint32_t count,
                      const struct amplitude *amplitudes, double norm)
{
    for (uint32_t n = 0; n < count; n++) {
        const uint32_t b = bin_of(spectrum, vectors[n].length);
        const struct amplitude a = amplitudes[n];
        spectrum->vectors[b]++;
        spectrum->q[b] += vectors[n].length;
        spectrum->value[b] += norm > 0.0 ? (a.real * a.real + a.imaginary * a.imaginary) / norm : 0.0;
    }
    for (uint32_t b = 0; b < spectrum->bins; b++) {
        const double vectors_here = spectrum->vectors[b];
        spectrum->q[b] = vectors_here > 0.0 ? spectrum->q[b] / vectors_here : spectrum->bin * (b + 0.5);
        spectrum->value[b] = vectors_here > 0.0 ? spectrum->value[b] / vectors_here : 0.0;
    }
}

static enum status measure(struct spectrum *spectrum, const struct configuration *configuration, const double *weight,
                           struct error *err)
{
    struct reciprocal_vector *vectors = NULL;
    uint32_t count = 0;
    const double most = fmax(1.0, spectrum_cost_max / ((double)configuration->atoms * spectrum->bins));
    const double reach = spectrum->bin * spectrum->bins;
    enum status status = reciprocal_list(configuration->box, 0.0, reach, &vectors, &count, err);
    if (status != STATUS_OK)
        return status;
    status = thin(spectrum, vectors, &count, most < INT32_MAX ? (uint32_t)most : INT32_MAX, err);
    struct amplitude *amplitudes = mem_alloc_array(count, sizeof *amplitudes);
    if (status == STATUS_OK && !amplitudes)
        status = mem_error(err, "amplitudes of wave vectors");
    if (status == STATUS_OK)
        status = sum_amplitudes(configuration, weight, vectors, count, amplitudes, err);
    if (status == STATUS_OK)
        fill_bins(spectrum, vectors, count, amplitudes, sum_of_squares(weight, configuration->atoms));
    mem_free(amplitudes);
    mem_free(vectors);
    return status;
}

enum status spectrum_init(struct spectrum *out, const struct configuration *configuration, const double *weight,
                          const struct spectrum_options *options, struct error *err)
{
    const double bins = ceil(options->q_max / options->bin);
    if (!(options->bin > 0.0) || !(bins >= 1.0) || !(bins <= SPECTRUM_BINS_MAX))
        return error_set(err, STATUS_INVALID, "wave numbers up to %g in bins of %g are not 1 .. %d bins",
                         options->q_max, options->bin, SPECTRUM_BINS_MAX);
    struct spectrum made = {.bin = options->bin, .bins = (uint32_t)bins};
    made.q = mem_alloc_array(made.bins, sizeof *made.q);
    made.value = mem_alloc_array(made.bins, sizeof *made.value);
    made.vectors = mem_alloc_array(made.bins, sizeof *made.vectors);
    enum status status = made.q && made.value && made.vectors ? measure(&made, configuration, weight, err)
                                                              : mem_error(err, "a structure factor");
    if (status == STATUS_OK)
        *out = made;
    else
        spectrum_finish(&made);
    return status;
}

void spectrum_finish(struct spectrum *spectrum)
{
    if (!spectrum)
        return;
    mem_free(spectrum->q);
    mem_free(spectrum->value);
    mem_free(spectrum->vectors);
    memset(spectrum, 0, sizeof *spectrum);
}

/* S around q, each vector weighted by a triangle of its distance. */
static double smoothed(const struct spectrum *spectrum, double q)
{
    double sum = 0.0, weights = 0.0;
    for (uint32_t b = 0; b < spectrum->bins; b++) {
        const double weight = spectrum->vectors[b] * fmax(0.0, 1.0 - fabs(spectrum->q[b] - q) / peak_smoothing);
        sum += weight * spectrum->value[b];
        weights += weight;
    }
    return weights > 0.0 ? sum / weights : 0.0;
}

/* The top of the parabola through (q - step, left), (q, top), (q + step, right). */
static struct spectrum_peak refine(double q, double step, double left, double top, double right)
{
    const double curvature = left - 2.0 * top + right, slope = 0.5 * (right - left);
    if (!(curvature < 0.0))
        return (struct spectrum_peak){q, top};
    return (struct spectrum_peak){q - step * slope / curvature, top - 0.5 * slope * slope / curvature};
}

struct spectrum_peak spectrum_main_peak(const struct spectrum *spectrum, double spacing)
{
    const double unit = 2.0 * M_PI / spacing, step = 0.5 * spectrum->bin;
    struct spectrum_peak best = {0};
    for (double q = 0.5 * unit; q <= 1.5 * unit; q += step) {
        const double value = smoothed(spectrum, q);
        if (value > best.value)
            best = (struct spectrum_peak){q, value};
    }
    if (best.q <= 0.0)
        return best;
    return refine(best.q, step, smoothed(spectrum, best.q - step), best.value, smoothed(spectrum, best.q + step));
}

enum status spectrum_find_main_peak(const struct configuration *configuration, struct spectrum_peak *out_peak,
                                    struct error *err)
{
    struct spectrum spectrum;
    const struct spectrum_options options = spectrum_defaults(configuration);
    enum status status = spectrum_init(&spectrum, configuration, NULL, &options, err);
    if (status != STATUS_OK)
        return error_context(err, "structure factor");
    *out_peak = spectrum_main_peak(&spectrum, real_cbrt(configuration_volume(configuration) / configuration->atoms));
    spectrum_finish(&spectrum);
    return STATUS_OK;
}

/* 1 / S = a + b q^2. The log likelihood sum n (ln(a + b q^2) - S (a + b q^2)) is concave in a and b. */
struct line {
    double a, b;
};

struct likelihood {
    double value, gradient[2], curvature[3]; /* minus the second derivatives: aa, ab, bb */
};

static uint32_t bins_below(const struct spectrum *spectrum, double q_max)
{
    uint32_t bins = 0;
    while (bins < spectrum->bins && spectrum->bin * bins < q_max)
        bins++;
    return bins;
}

/* -infinity where 1/S is not positive. */
static struct likelihood likelihood_of(const struct spectrum *spectrum, uint32_t bins, struct line line)
{
    struct likelihood likelihood = {0};
    for (uint32_t b = 0; b < bins; b++) {
        const double n = spectrum->vectors[b], q_sq = spectrum->q[b] * spectrum->q[b], y = line.a + line.b * q_sq;
        if (n == 0.0)
            continue;
        if (!(y > 0.0))
            return (struct likelihood){.value = -INFINITY};
        const double slope = n * (1.0 / y - spectrum->value[b]), bend = n / (y * y);
        likelihood.value += n * (real_log(y) - spectrum->value[b] * y);
        likelihood.gradient[0] += slope;
        likelihood.gradient[1] += slope * q_sq;
        likelihood.curvature[0] += bend;
        likelihood.curvature[1] += bend * q_sq;
        likelihood.curvature[2] += bend * q_sq * q_sq;
    }
    return likelihood;
}

static double determinant(const struct likelihood *likelihood)
{
    return likelihood->curvature[0] * likelihood->curvature[2] - likelihood->curvature[1] * likelihood->curvature[1];
}

/* One step of Newton, halved until the likelihood does not fall. False when there is nothing left to gain. */
static bool climb(const struct spectrum *spectrum, uint32_t bins, struct line *line)
{
    const struct likelihood here = likelihood_of(spectrum, bins, *line);
    const double d = determinant(&here);
    const double da = (here.curvature[2] * here.gradient[0] - here.curvature[1] * here.gradient[1]) / d;
    const double db = (here.curvature[0] * here.gradient[1] - here.curvature[1] * here.gradient[0]) / d;
    for (double part = 1.0; part > 1e-9; part *= 0.5) {
        const struct line there = {line->a + part * da, line->b + part * db};
        if (likelihood_of(spectrum, bins, there).value > here.value) {
            *line = there;
            return true;
        }
    }
    return false;
}

/* xi = sqrt(b/a), and its error from the inverse of the curvature by first derivatives. */
static void find_length(const struct likelihood *top, struct line line, struct ornstein_zernike *fit)
{
    const double d = determinant(top);
    const double var_a = top->curvature[2] / d, var_b = top->curvature[0] / d, covariance = -top->curvature[1] / d;
    const double xi = sqrt(line.b / line.a);
    const double by_a = -0.5 * xi / line.a, by_b = 0.5 / (xi * line.a);
    fit->length = xi;
    fit->length_error = sqrt(by_a * by_a * var_a + by_b * by_b * var_b + 2.0 * by_a * by_b * covariance);
}

struct ornstein_zernike ornstein_zernike_fit(const struct spectrum *spectrum, double q_max)
{
    const uint32_t bins = bins_below(spectrum, q_max);
    struct ornstein_zernike fit = {0};
    double sum = 0.0;
    uint32_t shells = 0;
    for (uint32_t b = 0; b < bins; b++) {
        fit.vectors += spectrum->vectors[b];
        shells += spectrum->vectors[b] > 0;
        sum += spectrum->vectors[b] * spectrum->value[b];
    }
    if (shells < 2 || !(sum > 0.0))
        return fit;
    struct line line = {fit.vectors / sum, 0.0};
    for (int n = 0; n < FIT_STEPS_MAX && climb(spectrum, bins, &line); n++)
        continue;
    const struct likelihood top = likelihood_of(spectrum, bins, line);
    fit.resolved = line.a > 0.0;
    fit.amplitude = fit.resolved ? 1.0 / line.a : 0.0;
    if (fit.resolved && line.b > 0.0)
        find_length(&top, line, &fit);
    return fit;
}

double correlation_weights(uint32_t atoms, const bool *mark, double *out_weight)
{
    uint32_t marked = 0;
    for (uint32_t i = 0; i < atoms; i++)
        marked += mark[i];
    const double fraction = (double)marked / atoms;
    for (uint32_t i = 0; i < atoms; i++)
        out_weight[i] = mark[i] - fraction;
    return fraction;
}

/* Each pair gives (n_i - x)(n_j - x) = n_i n_j - x (n_i + n_j) + x^2. */
double correlation_of_marks(uint64_t all, uint64_t one, uint64_t both, double fraction)
{
    const double variance = fraction * (1.0 - fraction);
    if (all == 0 || !(variance > 0.0))
        return 0.0;
    const double sum = (double)both - fraction * (2.0 * (double)both + (double)one) + fraction * fraction * (double)all;
    return sum / ((double)all * variance);
}
