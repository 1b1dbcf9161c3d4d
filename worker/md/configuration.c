#include "worker/md/configuration.h"

#include "common/mem.h"

#include <math.h>
#include <string.h>

enum status configuration_init(struct configuration *configuration, uint32_t atoms, struct error *err)
{
    struct configuration made = {.atoms = atoms};
    bool ok = true;
    for (int k = 0; k < 3; k++)
        ok &= (made.position[k] = mem_alloc_aligned(atoms, sizeof(double))) != NULL;
    ok &= (made.type = mem_alloc_aligned(atoms, sizeof(uint8_t))) != NULL;
    ok &= (made.id = mem_alloc_aligned(atoms, sizeof(int64_t))) != NULL;
    if (!ok) {
        configuration_finish(&made);
        return mem_error(err, "a configuration");
    }
    *configuration = made;
    return STATUS_OK;
}

void configuration_finish(struct configuration *configuration)
{
    if (!configuration)
        return;
    for (int k = 0; k < 3; k++)
        mem_free(configuration->position[k]);
    mem_free(configuration->type);
    mem_free(configuration->id);
    memset(configuration, 0, sizeof *configuration);
}

enum status configuration_copy(const struct configuration *configuration, struct configuration *out, struct error *err)
{
    enum status status = configuration_init(out, configuration->atoms, err);
    if (status != STATUS_OK)
        return status;
    memcpy(out->box, configuration->box, sizeof out->box);
    for (int k = 0; k < 3; k++)
        memcpy(out->position[k], configuration->position[k], configuration->atoms * sizeof(double));
    memcpy(out->type, configuration->type, configuration->atoms);
    memcpy(out->id, configuration->id, configuration->atoms * sizeof(int64_t));
    return STATUS_OK;
}

double configuration_wrap(double x, double box)
{
    double wrapped = x - box * floor(x / box);
    /* Rounding can leave a position on the upper face, or just below the lower one. */
    if (wrapped < 0.0)
        wrapped += box;
    return wrapped < box ? wrapped : 0.0;
}

double configuration_volume(const struct configuration *configuration)
{
    return configuration->box[0] * configuration->box[1] * configuration->box[2];
}

/* Integers of 48 bits and the power of two are exact: one rounding, and the result stays below the edge. */
enum status configuration_from_snapshot(const struct snapshot *snapshot, struct configuration *out, struct error *err)
{
    enum status status = configuration_init(out, snapshot->atoms, err);
    if (status != STATUS_OK)
        return status;
    const uint64_t mask = (UINT64_C(1) << SNAPSHOT_FRACTION_BITS) - 1;
    for (int k = 0; k < 3; k++) {
        out->box[k] = snapshot->box[k];
        for (uint32_t i = 0; i < snapshot->atoms; i++)
            out->position[k][i] = (double)((uint64_t)snapshot->position[k][i] & mask) * 0x1p-48 * snapshot->box[k];
    }
    memcpy(out->type, snapshot->type, snapshot->atoms);
    for (uint32_t i = 0; i < snapshot->atoms; i++)
        out->id[i] = (int64_t)i + 1;
    return STATUS_OK;
}

enum status configuration_to_snapshot(const struct configuration *configuration, int64_t step, struct snapshot *out,
                                      struct error *err)
{
    enum status status = snapshot_init(out, configuration->atoms, err);
    if (status != STATUS_OK)
        return status;
    out->step = step;
    const int64_t mask = (INT64_C(1) << SNAPSHOT_FRACTION_BITS) - 1;
    for (int k = 0; k < 3; k++) {
        out->box[k] = configuration->box[k];
        for (uint32_t i = 0; i < configuration->atoms; i++)
            out->position[k][i] = (int64_t)rint(configuration->position[k][i] / configuration->box[k] * 0x1p48) & mask;
    }
    memcpy(out->type, configuration->type, configuration->atoms);
    return STATUS_OK;
}
