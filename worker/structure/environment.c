#include "worker/structure/environment.h"

#include "common/mem.h"
#include "worker/structure/cna.h"
#include "worker/structure/laves.h"
#include "worker/structure/signatures.h"

const char *const environment_names[ENVIRONMENT_COUNT] = {"laves", "close_packed", "ico", "interface", "other"};

static enum environment environment_of(const struct voronoi *voronoi, bool is_laves, uint8_t cna, uint32_t atom)
{
    const struct signature signature = signature_of(voronoi, atom);
    if (is_laves)
        return ENVIRONMENT_LAVES;
    if (cna == CNA_FCC || cna == CNA_HCP)
        return ENVIRONMENT_CLOSE_PACKED;
    return signature_is_icosahedral(&signature) ? ENVIRONMENT_ICO : ENVIRONMENT_OTHER;
}

static bool touches_crystal(const struct voronoi *voronoi, const uint8_t *kind, uint32_t atom)
{
    for (uint32_t f = voronoi->first[atom]; f < voronoi->first[atom + 1]; f++) {
        const uint8_t there = kind[voronoi->face[f].neighbour];
        if (there == ENVIRONMENT_LAVES || there == ENVIRONMENT_CLOSE_PACKED)
            return true;
    }
    return false;
}

void environment_combine(const struct voronoi *voronoi, const bool *laves_is, const uint8_t *cna_adaptive,
                         uint8_t *out_kind)
{
    for (uint32_t i = 0; i < voronoi->atoms; i++)
        out_kind[i] = (uint8_t)environment_of(voronoi, laves_is[i], cna_adaptive[i], i);
    for (uint32_t i = 0; i < voronoi->atoms; i++)
        if (out_kind[i] == ENVIRONMENT_OTHER && touches_crystal(voronoi, out_kind, i))
            out_kind[i] = ENVIRONMENT_INTERFACE;
}

static enum status classify(const struct voronoi *voronoi, const struct configuration *configuration, bool *laves_is,
                            uint8_t *cna, uint8_t *out_kind, struct error *err)
{
    struct laves laves;
    enum status status = laves_find(voronoi, configuration, laves_is, &laves, err);
    if (status == STATUS_OK)
        status = cna_classify(configuration, 0.0, cna, err);
    if (status == STATUS_OK)
        environment_combine(voronoi, laves_is, cna, out_kind);
    return status;
}

enum status environment_classify(const struct configuration *configuration, const struct voronoi_options *options,
                                 uint8_t *out_kind, struct error *err)
{
    struct voronoi voronoi;
    enum status status = voronoi_init(&voronoi, configuration, options, err);
    if (status != STATUS_OK)
        return status;
    bool *laves_is = mem_alloc_array(configuration->atoms, sizeof *laves_is);
    uint8_t *cna = mem_alloc_array(configuration->atoms, sizeof *cna);
    status = laves_is && cna ? classify(&voronoi, configuration, laves_is, cna, out_kind, err)
                             : mem_error(err, "environments of atoms");
    mem_free(laves_is);
    mem_free(cna);
    voronoi_finish(&voronoi);
    return status;
}
