#include "server/analysis/pdf_normalise.h"

const char *const pdf_curve_names[PDF_CURVES] = {"g_11", "g_12", "g_22", "g"};

static const double pi = 3.14159265358979323846;

/* Volume of the shell of bin b, sigma^3. */
static double shell_volume(uint32_t b, double bin)
{
    double inner = b * bin, outer = (b + 1) * bin;
    return 4.0 * pi / 3.0 * (outer * outer * outer - inner * inner * inner);
}

void pdf_normalise(const struct pdf_composition *composition, uint64_t frames, double bin, uint32_t bins,
                   const uint64_t *counts, double *out)
{
    double n = composition->atoms, small = composition->atoms_small, large = n - small;
    double pairs[PDF_CURVES] = {large * large / 2.0, large * small, small * small / 2.0, n * n / 2.0};
    double volume = n * composition->volume_per_atom;
    for (uint32_t b = 0; b < bins; b++) {
        double found[PDF_CURVES] = {(double)counts[b], (double)counts[bins + b],
                                    (double)counts[2 * (uint64_t)bins + b]};
        found[3] = found[0] + found[1] + found[2];
        for (int c = 0; c < PDF_CURVES; c++) {
            double expected = (double)frames * pairs[c] * shell_volume(b, bin) / volume;
            out[(uint64_t)c * bins + b] = expected > 0.0 ? found[c] / expected : 0.0;
        }
    }
}

void pdf_coordination_numbers(const struct pdf_composition *composition, uint64_t frames, uint32_t bins,
                              const uint64_t *counts, double *out)
{
    const double small = composition->atoms_small, large = composition->atoms - small;
    const struct {
        int pair;
        double ends, centres; /* ends of a pair that are neighbours, and the atoms that they are neighbours of */
    } of[PDF_COORDINATIONS] = {{0, 2.0, large}, {1, 1.0, large}, {1, 1.0, small}, {2, 2.0, small}};
    for (int n = 0; n < PDF_COORDINATIONS; n++) {
        const double weight = of[n].centres > 0.0 ? of[n].ends / ((double)frames * of[n].centres) : 0.0;
        uint64_t sum = 0;
        for (uint32_t b = 0; b < bins; b++) {
            sum += counts[(uint64_t)of[n].pair * bins + b];
            out[(uint64_t)n * bins + b] = weight * (double)sum;
        }
    }
}
