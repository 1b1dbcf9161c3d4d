#include "worker/structure/local.h"

#include <math.h>
#include <string.h>

static double spread(double square_sum, uint32_t count)
{
    return count > 1 ? sqrt(square_sum / (count - 1)) : 0.0;
}

static void finish_means(struct local_summary *summary)
{
    if (summary->count == 0)
        return;
    summary->energy_mean /= summary->count;
    summary->volume_mean /= summary->count;
}

/* Two passes: first the means, then the squares about them, which loses no digits. */
void local_summarise(uint32_t atoms, const uint8_t *type, const uint8_t *kind, const double *energy,
                     const double *volume, struct local_summary out[2][ENVIRONMENT_COUNT])
{
    memset(out, 0, 2 * sizeof out[0]);
    for (uint32_t i = 0; i < atoms; i++) {
        struct local_summary *mine = &out[type[i]][kind[i]];
        mine->count++;
        mine->energy_mean += energy[i];
        mine->volume_mean += volume[i];
    }
    for (int n = 0; n < 2 * ENVIRONMENT_COUNT; n++)
        finish_means(&out[n / ENVIRONMENT_COUNT][n % ENVIRONMENT_COUNT]);
    for (uint32_t i = 0; i < atoms; i++) {
        struct local_summary *mine = &out[type[i]][kind[i]];
        mine->energy_sd += (energy[i] - mine->energy_mean) * (energy[i] - mine->energy_mean);
        mine->volume_sd += (volume[i] - mine->volume_mean) * (volume[i] - mine->volume_mean);
    }
    for (int n = 0; n < 2 * ENVIRONMENT_COUNT; n++) {
        struct local_summary *mine = &out[n / ENVIRONMENT_COUNT][n % ENVIRONMENT_COUNT];
        mine->energy_sd = spread(mine->energy_sd, mine->count);
        mine->volume_sd = spread(mine->volume_sd, mine->count);
    }
}
