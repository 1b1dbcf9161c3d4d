#include "worker/structure/pdf.h"

#include "common/mem.h"
#include "common/segment.h"
#include "worker/md/cells.h"

#include <math.h>
#include <omp.h>

enum { CHUNK = 256, PDF_PARALLEL_ATOMS_MIN = 4096 };

uint32_t pdf_bins(const double box[3], double bin)
{
    const double smallest = fmin(box[0], fmin(box[1], box[2]));
    const double bins = floor(0.5 * smallest / bin);
    return bins < PDF_BINS_MAX ? (uint32_t)bins : PDF_BINS_MAX;
}

uint32_t pdf_bins_within(double reach, double bin)
{
    const double bins = floor(reach / bin * (1.0 + 1e-12));
    return bins < PDF_BINS_MAX ? (uint32_t)bins : PDF_BINS_MAX;
}

/* What the pairs of a configuration are counted into. */
struct tally {
    const uint8_t *class_of;
    uint32_t pairs; /* of classes */
    double bin, reach_sq;
    uint32_t bins;
    uint64_t *counts; /* [pairs][bins] */
};

/* Each pair is counted from its atom of lower index; an atom and its own image, from the image that comes later in the
 * neighbourhood's (symmetric) order. Distances are squared in one loop and binned in another, so that the first is
 * wide.
 */
static void count_chunk(const struct tally *tally, const struct neighbourhood *near, uint32_t self, uint32_t first,
                        uint32_t count)
{
    double r_sq[CHUNK];
    const double x = near->position[0][self], y = near->position[1][self], z = near->position[2][self];
    for (uint32_t n = 0; n < count; n++) {
        const double dx = x - near->position[0][first + n], dy = y - near->position[1][first + n],
                     dz = z - near->position[2][first + n];
        r_sq[n] = dx * dx + dy * dy + dz * dz;
    }
    const uint32_t atom = near->atom[self];
    for (uint32_t n = 0; n < count; n++) {
        const uint32_t other = near->atom[first + n];
        if (r_sq[n] >= tally->reach_sq || other < atom || (other == atom && first + n <= self))
            continue;
        const uint32_t b = (uint32_t)(sqrt(r_sq[n]) / tally->bin);
        const uint32_t pair = pdf_class_pair(tally->class_of[atom], tally->class_of[other]);
        if (b < tally->bins)
            tally->counts[pair * tally->bins + b]++;
    }
}

static enum status count_cell(const struct tally *tally, const struct cells *cells, uint32_t cell,
                              struct neighbourhood *near, struct error *err)
{
    const uint32_t atoms = cells->first[cell + 1] - cells->first[cell];
    if (atoms == 0)
        return STATUS_OK;
    enum status status = neighbourhood_collect(near, cells, cell, tally->bin * tally->bins, err);
    if (status != STATUS_OK)
        return status;
    for (uint32_t place = 0; place < atoms; place++)
        for (uint32_t first = 0; first < near->count; first += CHUNK) {
            const uint32_t left = near->count - first;
            count_chunk(tally, near, near->home + place, first, left < CHUNK ? left : CHUNK);
        }
    return STATUS_OK;
}

/* Whole numbers: the order in which the threads' counts are added changes nothing. */
static enum status count_cells(const struct tally *tally, const struct cells *cells, struct error *err)
{
    enum status failure = STATUS_OK;
    const size_t size = (size_t)tally->pairs * tally->bins;
    const int threads = cells->configuration->atoms < PDF_PARALLEL_ATOMS_MIN ? 1 : omp_get_max_threads();
#pragma omp parallel num_threads(threads)
    {
        struct neighbourhood near = {0};
        struct error error;
        struct tally mine = *tally;
        mine.counts = mem_alloc_array(size, sizeof *mine.counts);
        enum status status = mine.counts ? STATUS_OK : mem_error(&error, "pair counts");
#pragma omp for schedule(dynamic, 16)
        for (uint32_t cell = 0; cell < cells->total; cell++)
            if (status == STATUS_OK)
                status = count_cell(&mine, cells, cell, &near, &error);
        neighbourhood_finish(&near);
#pragma omp critical
        {
            for (size_t n = 0; status == STATUS_OK && n < size; n++)
                tally->counts[n] += mine.counts[n];
            if (status != STATUS_OK) {
                failure = status;
                if (err)
                    *err = error;
            }
        }
        mem_free(mine.counts);
    }
    return failure;
}

uint32_t pdf_class_pairs(uint32_t class_count)
{
    return class_count * (class_count + 1) / 2;
}

uint32_t pdf_class_pair(uint32_t a, uint32_t b)
{
    const uint32_t low = a < b ? a : b, high = a < b ? b : a;
    return high * (high + 1) / 2 + low;
}

enum status pdf_accumulate(const struct configuration *configuration, double bin, uint32_t bins, uint64_t *counts,
                           struct error *err)
{
    return pdf_accumulate_classes(configuration, configuration->type, 2, bin, bins, counts, err);
}

enum status pdf_accumulate_classes(const struct configuration *configuration, const uint8_t *class_of,
                                   uint32_t class_count, double bin, uint32_t bins, uint64_t *counts, struct error *err)
{
    const double reach = bin * bins;
    const struct tally tally = {class_of, pdf_class_pairs(class_count), bin, reach * reach, bins, counts};
    struct cells cells;
    enum status status = cells_init(&cells, configuration, 0.4 * reach, err);
    if (status != STATUS_OK)
        return status;
    status = count_cells(&tally, &cells, err);
    cells_finish(&cells);
    return status;
}

double pdf_normalise(uint64_t count, uint32_t bin_index, double bin, double volume, uint32_t count_a, uint32_t count_b,
                     bool same_species)
{
    const double inner = bin * bin_index, outer = bin * (bin_index + 1.0);
    const double shell = 4.0 * M_PI / 3.0 * (outer * outer * outer - inner * inner * inner);
    const double pairs = (same_species ? 0.5 : 1.0) * count_a * count_b;
    return pairs > 0.0 ? (double)count * volume / (pairs * shell) : 0.0;
}

void pdf_merge_classes(const uint64_t *counts, const uint8_t *coarse_of, uint32_t class_count, uint32_t bins,
                       uint64_t *out_counts)
{
    for (uint32_t a = 0; a < class_count; a++)
        for (uint32_t b = 0; b <= a; b++) {
            const uint64_t *from = counts + (size_t)pdf_class_pair(a, b) * bins;
            uint64_t *to = out_counts + (size_t)pdf_class_pair(coarse_of[a], coarse_of[b]) * bins;
            for (uint32_t n = 0; n < bins; n++)
                to[n] += from[n];
        }
}

static bool touches_icosahedral(const struct voronoi *voronoi, const bool *is_ico, uint32_t atom)
{
    for (uint32_t f = voronoi->first[atom]; f < voronoi->first[atom + 1]; f++)
        if (is_ico[voronoi->face[f].neighbour])
            return true;
    return false;
}

void pdf_ico_classes(const struct voronoi *voronoi, const uint8_t *type, const bool *is_ico, uint8_t *out_class)
{
    static const uint8_t around[2] = {[ATOM_LARGE] = PDF_ICO_LARGE, [ATOM_SMALL] = PDF_ICO_SMALL};
    for (uint32_t i = 0; i < voronoi->atoms; i++) {
        if (is_ico[i])
            out_class[i] = PDF_ICO;
        else
            out_class[i] = touches_icosahedral(voronoi, is_ico, i) ? around[type[i]] : PDF_ICO_FAR;
    }
}

double pdf_coordination(uint64_t count, uint32_t count_a, bool same_species)
{
    return count_a ? (same_species ? 2.0 : 1.0) * (double)count / count_a : 0.0;
}
