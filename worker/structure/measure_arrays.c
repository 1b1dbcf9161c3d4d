/* measure_arrays.c - the tables of rows of arrays.def. What they are made of has been computed for the scalars of their
 * group. */
#include "worker/structure/measure_state.h"

#include "common/invariant.h"
#include "common/mem.h"

#include <stdlib.h>
#include <string.h>

/* ---- rows ---- */

static enum status add_row(struct array_rows *rows, const double *row, struct error *err)
{
    const size_t columns = (size_t)array_columns(rows->array);
    if (rows->count == ARRAY_ROWS_MAX)
        return error_set(err, STATUS_LIMIT, "array '%s' has more than %d rows", array_quantities[rows->array].name,
                         ARRAY_ROWS_MAX);
    if (rows->count == rows->room) {
        const uint32_t room = rows->room ? 2 * rows->room : 64;
        double *cells = mem_resize_array(rows->cells, rows->room * columns, room * columns, sizeof *cells);
        if (!cells)
            return mem_error(err, "an array");
        rows->cells = cells;
        rows->room = room;
    }
    for (size_t k = 0; k < columns; k++)
        rows->cells[rows->count * columns + k] = row[k] + 0.0; /* no -0.0 */
    rows->count++;
    return STATUS_OK;
}

typedef enum status array_function(struct measure *measure, struct array_rows *rows, struct error *err);

static array_function *const functions[ARRAY_COUNT] = {
#define ARRAY(group, name, columns, keys, units, definition, reference) measure_array_##name,
#include "common/arrays.def"
#undef ARRAY
};

static enum status make_ready(struct measure *measure, enum quantity_group group, struct error *err)
{
    bool ready = true;
    switch (group) {
    case QUANTITY_GROUP_structure:
        ready = measure_needs_structure(measure);
        break;
    case QUANTITY_GROUP_dynamics:
        ready = measure_needs_dynamics(measure);
        break;
    default:
        INVARIANT(group == QUANTITY_GROUP_relaxation && measure->relaxation);
    }
    if (!ready && err)
        *err = measure->error;
    return ready ? STATUS_OK : measure->status;
}

enum status measure_arrays(struct measure *measure, enum quantity_group group,
                           struct sample_array out_arrays[ARRAY_COUNT], size_t *out_count, struct error *err)
{
    size_t count = 0;
    enum status status = make_ready(measure, group, err);
    for (int id = 0; id < ARRAY_COUNT && status == STATUS_OK; id++) {
        if (array_quantities[id].group != group)
            continue;
        struct array_rows rows = {.array = (enum array_id)id};
        status = functions[id](measure, &rows, err);
        out_arrays[count++] = (struct sample_array){.array = rows.array, .rows = rows.count, .cells = rows.cells};
    }
    if (status == STATUS_OK) {
        *out_count = count;
        return STATUS_OK;
    }
    for (size_t i = 0; i < count; i++)
        mem_free(out_arrays[i].cells);
    return status;
}

/* ---- structure ---- */

struct typed_signature {
    int key[6]; /* type, n3, n4, n5, n6, n7 and more */
};

static int compare_signatures(const void *left, const void *right)
{
    const struct typed_signature *a = left, *b = right;
    for (int k = 0; k < 6; k++)
        if (a->key[k] != b->key[k])
            return a->key[k] < b->key[k] ? -1 : 1;
    return 0;
}

static struct typed_signature *sorted_signatures(const struct measure *measure)
{
    const struct voronoi *voronoi = &measure->structure.analysis.voronoi;
    struct typed_signature *list = mem_alloc_array(voronoi->atoms, sizeof *list);
    for (uint32_t i = 0; list && i < voronoi->atoms; i++) {
        const struct signature s = signature_of(voronoi, i);
        list[i] = (struct typed_signature){
            {measure->inherent.type[i] + 1, (int)s.n3, (int)s.n4, (int)s.n5, (int)s.n6, (int)s.n7_plus}};
    }
    if (list)
        qsort(list, voronoi->atoms, sizeof *list, compare_signatures);
    return list;
}

enum status measure_array_signatures(struct measure *measure, struct array_rows *rows, struct error *err)
{
    const uint32_t atoms = measure->inherent.atoms;
    struct typed_signature *list = sorted_signatures(measure);
    enum status status = list ? STATUS_OK : mem_error(err, "signatures");
    for (uint32_t i = 0, next; i < atoms && status == STATUS_OK; i = next) {
        double row[7];
        for (next = i + 1; next < atoms && compare_signatures(&list[i], &list[next]) == 0; next++)
            continue;
        for (int k = 0; k < 6; k++)
            row[k] = list[i].key[k];
        row[6] = next - i;
        status = add_row(rows, row, err);
    }
    mem_free(list);
    return status;
}

enum status measure_array_bonds(struct measure *measure, struct array_rows *rows, struct error *err)
{
    const struct bonds *bonds = &measure->structure.analysis.bonds;
    enum status status = STATUS_OK;
    for (int n = 0; n <= BONDS_N_MAX && status == STATUS_OK; n++)
        if (bonds->by_face_edges[n] || bonds->by_common_neighbours[n])
            status = add_row(
                rows, (double[]){n, (double)bonds->by_face_edges[n], (double)bonds->by_common_neighbours[n]}, err);
    return status;
}

/* Type, environment, atoms, and the sums of energy, its square, volume and its square. */
enum { LOCAL_COLUMNS = 7 };

static void add_local(const struct analysis *analysis, uint32_t atom, double row[LOCAL_COLUMNS])
{
    const double energy = analysis->energy_per_atom[atom], volume = analysis->voronoi.volume[atom];
    row[2] += 1.0;
    row[3] += energy;
    row[4] += energy * energy;
    row[5] += volume;
    row[6] += volume * volume;
}

enum status measure_array_local(struct measure *measure, struct array_rows *rows, struct error *err)
{
    const struct analysis *analysis = &measure->structure.analysis;
    double sums[2][ENVIRONMENT_COUNT][LOCAL_COLUMNS] = {0};
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < measure->inherent.atoms; i++)
        add_local(analysis, i, sums[measure->inherent.type[i]][analysis->environment[i]]);
    for (int type = 0; type < 2; type++)
        for (int kind = 0; kind < ENVIRONMENT_COUNT && status == STATUS_OK; kind++) {
            double *row = sums[type][kind];
            row[0] = type + 1;
            row[1] = kind;
            if (row[2] > 0.0)
                status = add_row(rows, row, err);
        }
    return status;
}

static enum status add_sizes(struct measure *measure, const bool *chosen, struct array_rows *rows, struct error *err)
{
    const uint32_t atoms = measure->inherent.atoms;
    struct clusters clusters;
    uint32_t *by_size = mem_alloc_array((size_t)atoms + 1, sizeof *by_size);
    if (!by_size)
        return mem_error(err, "sizes of clusters");
    enum status status = clusters_find_sizes(&measure->structure.analysis.voronoi, &measure->inherent, chosen,
                                             &clusters, by_size, err);
    for (uint32_t size = 1; size <= atoms && status == STATUS_OK; size++)
        if (by_size[size])
            status = add_row(rows, (double[]){size, by_size[size]}, err);
    mem_free(by_size);
    return status;
}

enum status measure_array_cluster_sizes_ico(struct measure *measure, struct array_rows *rows, struct error *err)
{
    return add_sizes(measure, measure->structure.analysis.ico_is, rows, err);
}

enum status measure_array_cluster_sizes_laves(struct measure *measure, struct array_rows *rows, struct error *err)
{
    return add_sizes(measure, measure->structure.analysis.laves_is, rows, err);
}

enum status measure_array_cluster_sizes_close_packed(struct measure *measure, struct array_rows *rows,
                                                     struct error *err)
{
    return add_sizes(measure, measure->structure.close_packed_is, rows, err);
}

static enum status add_spectrum(const struct spectrum *spectrum, struct array_rows *rows, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t b = 0; b < spectrum->bins && status == STATUS_OK; b++)
        if (spectrum->vectors[b])
            status = add_row(rows, (double[]){spectrum->q[b], spectrum->vectors[b], spectrum->value[b]}, err);
    return status;
}

enum status measure_array_structure_factor(struct measure *measure, struct array_rows *rows, struct error *err)
{
    return add_spectrum(&measure->structure.analysis.structure_factor, rows, err);
}

enum status measure_array_ico_structure_factor(struct measure *measure, struct array_rows *rows, struct error *err)
{
    return add_spectrum(&measure->structure.analysis.ico_structure_factor, rows, err);
}

/* Pairs of two classes in one bin. */
static uint64_t pairs_in(const struct analysis *analysis, uint32_t a, uint32_t b, uint32_t bin)
{
    return analysis->ico_pdf_counts[(size_t)pdf_class_pair(a, b) * analysis->pdf_bins + bin];
}

static const double pair_bin = 0.02; /* sigma, as measure_structure.c asks for */

enum status measure_array_ico_correlation(struct measure *measure, struct array_rows *rows, struct error *err)
{
    const struct analysis *analysis = &measure->structure.analysis;
    const double fraction = analysis_fraction(analysis->ico_class_count[PDF_ICO], measure->inherent.atoms);
    enum status status = STATUS_OK;
    for (uint32_t bin = 0; bin < analysis->pdf_bins && status == STATUS_OK; bin++) {
        uint64_t all = 0, one = 0;
        for (uint32_t b = 0; b < PDF_ICO_CLASS_COUNT; b++)
            for (uint32_t a = 0; a <= b; a++) {
                all += pairs_in(analysis, a, b, bin);
                one += a == PDF_ICO && b != PDF_ICO ? pairs_in(analysis, a, b, bin) : 0;
            }
        const double c = correlation_of_marks(all, one, pairs_in(analysis, PDF_ICO, PDF_ICO, bin), fraction);
        status = add_row(rows, (double[]){(bin + 0.5) * pair_bin, (double)all, c}, err);
    }
    return status;
}

enum status measure_array_ico_classes(struct measure *measure, struct array_rows *rows, struct error *err)
{
    enum status status = STATUS_OK;
    for (int n = 0; n < PDF_ICO_CLASS_COUNT && status == STATUS_OK; n++)
        status = add_row(rows, (double[]){n, measure->structure.analysis.ico_class_count[n]}, err);
    return status;
}

enum status measure_array_ico_pdf(struct measure *measure, struct array_rows *rows, struct error *err)
{
    const struct analysis *analysis = &measure->structure.analysis;
    enum status status = STATUS_OK;
    for (uint32_t bin = 0; bin < analysis->pdf_bins && status == STATUS_OK; bin++) {
        double row[ARRAY_COLUMNS_MAX] = {(bin + 0.5) * pair_bin};
        int place = 1;
        for (uint32_t b = 0; b < PDF_ICO_CLASS_COUNT; b++)
            for (uint32_t a = 0; a <= b; a++)
                row[place++] = (double)pairs_in(analysis, a, b, bin);
        status = add_row(rows, row, err);
    }
    return status;
}

enum status measure_array_cna(struct measure *measure, struct array_rows *rows, struct error *err)
{
    uint32_t count[2][CNA_KIND_COUNT] = {0};
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < measure->inherent.atoms; i++)
        count[measure->inherent.type[i]][measure->structure.analysis.cna_adaptive[i]]++;
    for (int type = 0; type < 2; type++)
        for (int kind = 0; kind < CNA_KIND_COUNT && status == STATUS_OK; kind++)
            if (count[type][kind])
                status = add_row(rows, (double[]){type + 1, kind, count[type][kind]}, err);
    return status;
}

enum status measure_array_cna_fixed(struct measure *measure, struct array_rows *rows, struct error *err)
{
    enum status status = STATUS_OK;
    for (int kind = 0; kind < CNA_KIND_COUNT && status == STATUS_OK; kind++)
        if (measure->structure.analysis.cna_fixed_count[kind])
            status = add_row(rows, (double[]){kind, measure->structure.analysis.cna_fixed_count[kind]}, err);
    return status;
}

/* ---- dynamics ---- */

enum status measure_array_displacements(struct measure *measure, struct array_rows *rows, struct error *err)
{
    const struct comparison *comparison = &measure->dynamics;
    const double bin = comparison_defaults().bin;
    enum status status = STATUS_OK;
    for (uint32_t b = 0; b < comparison->bins && status == STATUS_OK; b++)
        if (comparison->counts[b])
            status = add_row(rows, (double[]){(b + 0.5) * bin, (double)comparison->counts[b]}, err);
    return status;
}

enum status measure_array_movers(struct measure *measure, struct array_rows *rows, struct error *err)
{
    enum status status = STATUS_OK;
    for (int kind = 0; kind < ENVIRONMENT_COUNT && status == STATUS_OK; kind++) {
        const struct mover_group *group = &measure->dynamics.group[kind];
        if (group->atoms)
            status =
                add_row(rows, (double[]){kind, group->atoms, group->movers, group->atoms * group->mean_square}, err);
    }
    return status;
}

enum status measure_array_string_sizes(struct measure *measure, struct array_rows *rows, struct error *err)
{
    const struct strings *strings = &measure->dynamics.strings;
    enum status status = STATUS_OK;
    for (uint32_t size = 1; size <= STRINGS_SIZE_MAX && status == STATUS_OK; size++)
        if (strings->by_size[size])
            status = add_row(rows, (double[]){size, strings->by_size[size]}, err);
    return status;
}

/* ---- relaxation ---- */

enum status measure_array_relaxation(struct measure *measure, struct array_rows *rows, struct error *err)
{
    const struct relaxation *relaxation = measure->relaxation;
    enum status status = STATUS_OK;
    for (uint32_t n = 0; n < relaxation->count && status == STATUS_OK; n++) {
        const struct scattering *scattering = &relaxation->scattering[n];
        const struct overlap *overlap = &relaxation->overlap[n];
        status = add_row(rows,
                         (double[]){relaxation->lag[n], scattering->all, scattering->type[ATOM_LARGE],
                                    scattering->type[ATOM_SMALL], overlap->self, overlap->collective,
                                    relaxation_overlap(overlap)},
                         err);
    }
    return status;
}
