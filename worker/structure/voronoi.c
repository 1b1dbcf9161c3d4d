#include "worker/structure/voronoi.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "worker/md/cells.h"
#include "worker/structure/voronoi_cell.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { VORONOI_PARALLEL_ATOMS_MIN = 4096, VORONOI_WIDENINGS_MAX = 40 };

static const double first_radius = 1.9;    /* spacings: where neighbours are looked for first */
static const double cut_tolerance = 1e-11; /* spacings */
static const double edge_tolerance = 1e-9; /* spacings */

/* What all cells have in common. */
struct plan {
    const struct configuration *configuration;
    const struct cells *cells;
    double spacing;    /* sigma */
    double weight[2];  /* sigma^2, by type */
    double weight_max; /* sigma^2, of the types that are there */
    struct cell_thresholds thresholds;
    double face_area_min; /* of the cell's surface */
};

struct near_atom {
    double distance_sq;
    uint32_t slot; /* in the neighbourhood */
};

/* One thread's tools and the faces it has found. */
struct scratch {
    struct cell cell;
    struct cell_face face[CELL_PLANES_MAX];
    struct neighbourhood wide; /* for the atom whose first neighbourhood was too small */
    struct near_atom *near;
    double *distance_sq; /* sigma^2, of the whole neighbourhood */
    uint32_t near_capacity;
    struct voronoi_face *faces; /* of the atoms this thread has done, one after the other */
    size_t face_count, face_capacity;
};

/* Where an atom's faces are while threads still collect them. */
struct deposit {
    size_t first;
    uint32_t count, thread;
};

static void scratch_destroy(struct scratch *scratch)
{
    if (!scratch)
        return;
    neighbourhood_finish(&scratch->wide);
    mem_free(scratch->near);
    mem_free(scratch->distance_sq);
    mem_free(scratch->faces);
    mem_free(scratch);
}

/* By distance; equals keep the neighbourhood's order. Insertion suits some forty items that come half sorted. */
static void sort_near(struct near_atom *near, uint32_t count)
{
    for (uint32_t n = 1; n < count; n++) {
        const struct near_atom item = near[n];
        uint32_t m = n;
        for (; m > 0 && near[m - 1].distance_sq > item.distance_sq; m--)
            near[m] = near[m - 1];
        near[m] = item;
    }
}

static void merge_near(const struct near_atom *a, uint32_t count_a, const struct near_atom *b, uint32_t count_b,
                       struct near_atom *out)
{
    uint32_t i = 0, j = 0;
    while (i < count_a || j < count_b)
        if (j == count_b || (i < count_a && a[i].distance_sq <= b[j].distance_sq))
            *out++ = a[i++];
        else
            *out++ = b[j++];
}

/* Merge sort on insertion-sorted runs, for the crowds that a widened search brings; `spare` has room for `count`. */
static void sort_many(struct near_atom *near, uint32_t count, struct near_atom *spare)
{
    const uint32_t run = 64;
    if (count <= run) {
        sort_near(near, count);
        return;
    }
    const uint32_t half = count / 2;
    sort_many(near, half, spare);
    sort_many(near + half, count - half, spare);
    merge_near(near, half, near + half, count - half, spare);
    memcpy(near, spare, count * sizeof *near);
}

static enum status near_reserve(struct scratch *scratch, uint32_t count, struct error *err)
{
    if (count <= scratch->near_capacity)
        return STATUS_OK;
    mem_free(scratch->near);
    mem_free(scratch->distance_sq);
    scratch->near_capacity = 0;
    scratch->near = mem_alloc_array(2 * (size_t)count, sizeof *scratch->near);
    scratch->distance_sq = mem_alloc_array(count, sizeof *scratch->distance_sq);
    if (!scratch->near || !scratch->distance_sq)
        return mem_error(err, "a Voronoi cell's neighbours");
    scratch->near_capacity = count;
    return STATUS_OK;
}

/* Apart from the sieve that follows, so that this loop is wide. */
static void squared_distances(const struct neighbourhood *around, uint32_t self, double *restrict out)
{
    const double *restrict x = around->position[0], *restrict y = around->position[1],
                           *restrict z = around->position[2];
    const double x_self = x[self], y_self = y[self], z_self = z[self];
    for (uint32_t n = 0; n < around->count; n++) {
        const double dx = x[n] - x_self, dy = y[n] - y_self, dz = z[n] - z_self;
        out[n] = dx * dx + dy * dy + dz * dz;
    }
}

/* Everything but the atom itself within `radius`, nearest first. The lower half of `near` is the result. */
static enum status find_near(struct scratch *scratch, const struct neighbourhood *around, uint32_t self, double radius,
                             uint32_t *out_count, struct error *err)
{
    enum status status = near_reserve(scratch, around->count, err);
    if (status != STATUS_OK)
        return status;
    squared_distances(around, self, scratch->distance_sq);
    const double *distance_sq = scratch->distance_sq, radius_sq = radius * radius;
    uint32_t count = 0;
    for (uint32_t n = 0; n < around->count; n++) {
        scratch->near[count] = (struct near_atom){distance_sq[n], n};
        count += distance_sq[n] <= radius_sq && n != self;
    }
    sort_many(scratch->near, count, scratch->near + scratch->near_capacity);
    *out_count = count;
    return STATUS_OK;
}

/* How far from the atom a plane stands that belongs to a neighbour at distance r. */
static double plane_distance(double r, double weight_self, double weight_other)
{
    return 0.5 * r + 0.5 * (weight_self - weight_other) / r;
}

static enum status clip_failed(const struct plan *plan, uint32_t atom, struct error *err)
{
    return error_set(err, STATUS_LIMIT,
                     "the Voronoi cell of atom %lld has more faces than the %d that are provided for",
                     (long long)plan->configuration->id[atom], CELL_PLANES_MAX - CELL_WALLS);
}

/* Clips by all neighbours that can reach the cell. out_complete: none beyond `radius` can. */
static enum status clip_cell(const struct plan *plan, struct scratch *scratch, const struct neighbourhood *around,
                             uint32_t self, double radius, bool *out_complete, bool *out_empty, struct error *err)
{
    uint32_t count;
    enum status status = find_near(scratch, around, self, radius, &count, err);
    if (status != STATUS_OK)
        return status;
    struct cell *cell = &scratch->cell;
    const uint8_t *type = plan->configuration->type;
    const double weight = plan->weight[type[around->atom[self]]];
    cell_init(cell, radius, cut_tolerance * plan->spacing);
    *out_empty = false;
    for (uint32_t n = 0; n < count; n++) {
        const uint32_t slot = scratch->near[n].slot;
        const double r = sqrt(scratch->near[n].distance_sq);
        if (r == 0.0)
            return error_set(err, STATUS_PHYSICS, "atoms %lld and %lld are at the same place",
                             (long long)plan->configuration->id[around->atom[self]],
                             (long long)plan->configuration->id[around->atom[slot]]);
        const double reach = plane_distance(r, weight, plan->weight_max);
        if (reach > 0.0 && reach * reach > cell->radius_sq)
            break;
        double normal[3];
        for (int k = 0; k < 3; k++)
            normal[k] = (around->position[k][slot] - around->position[k][self]) / r;
        const enum cell_clip_result result =
            cell_clip(cell, normal, plane_distance(r, weight, plan->weight[type[around->atom[slot]]]), slot);
        if (result == CELL_FULL)
            return clip_failed(plan, around->atom[self], err);
        if (result == CELL_EMPTY) {
            *out_complete = *out_empty = true;
            return STATUS_OK;
        }
    }
    const double reach = plane_distance(radius, weight, plan->weight_max);
    *out_complete = reach > 0.0 && reach * reach > cell->radius_sq;
    return STATUS_OK;
}

/* The cell of one atom, from its cell's neighbourhood if that reaches far enough, else from wider ones. out_around: the
 * neighbourhood that the tags of the cell's planes refer to. */
static enum status make_cell(const struct plan *plan, struct scratch *scratch, const struct neighbourhood *around,
                             uint32_t cell, uint32_t place, const struct neighbourhood **out_around, bool *out_empty,
                             struct error *err)
{
    double radius = first_radius * plan->spacing;
    bool complete;
    enum status status = clip_cell(plan, scratch, around, around->home + place, radius, &complete, out_empty, err);
    *out_around = around;
    for (int widening = 0; status == STATUS_OK && !complete; widening++) {
        if (widening == VORONOI_WIDENINGS_MAX)
            return error_set(err, STATUS_LIMIT, "the Voronoi cell of atom %lld does not close",
                             (long long)plan->configuration->id[around->atom[around->home + place]]);
        radius *= 1.4;
        if ((status = neighbourhood_collect(&scratch->wide, plan->cells, cell, radius, err)) != STATUS_OK)
            return status;
        *out_around = &scratch->wide;
        status =
            clip_cell(plan, scratch, &scratch->wide, scratch->wide.home + place, radius, &complete, out_empty, err);
    }
    return status;
}

static enum status faces_reserve(struct scratch *scratch, uint32_t count, struct error *err)
{
    const size_t needed = scratch->face_count + count;
    if (needed <= scratch->face_capacity)
        return STATUS_OK;
    const size_t capacity = needed + needed / 2 + 1024;
    struct voronoi_face *faces = mem_resize_array(scratch->faces, scratch->face_capacity, capacity, sizeof *faces);
    if (!faces)
        return mem_error(err, "Voronoi faces");
    scratch->faces = faces;
    scratch->face_capacity = capacity;
    return STATUS_OK;
}

static struct voronoi_face face_of(const struct neighbourhood *around, const struct cell_face *found)
{
    const uint32_t slot = found->tag;
    struct voronoi_face face = {.neighbour = around->atom[slot], .area = found->area};
    face.edges = (uint8_t)(found->edges < UINT8_MAX ? found->edges : UINT8_MAX);
    memcpy(face.image, around->image[slot].edges, sizeof face.image); /* the cell's own atoms are no images */
    return face;
}

/* A face with fewer than three corners is a point or a line that rounding left over. One whose edges are all below the
 * threshold is still a face, with no edges that count. */
static enum status keep_faces(const struct plan *plan, struct scratch *scratch, const struct neighbourhood *around,
                              double *out_volume, uint32_t *out_count, struct error *err)
{
    const uint32_t count = cell_faces(&scratch->cell, &plan->thresholds, scratch->face, out_volume);
    enum status status = faces_reserve(scratch, count, err);
    if (status != STATUS_OK)
        return status;
    double surface = 0.0;
    for (uint32_t n = 0; n < count; n++)
        surface += scratch->face[n].area;
    *out_count = 0;
    for (uint32_t n = 0; n < count; n++) {
        if (scratch->face[n].corners < 3 || scratch->face[n].area < plan->face_area_min * surface)
            continue;
        scratch->faces[scratch->face_count++] = face_of(around, &scratch->face[n]);
        (*out_count)++;
    }
    return STATUS_OK;
}

static enum status tessellate_atom(const struct plan *plan, struct scratch *scratch, const struct neighbourhood *around,
                                   uint32_t cell, uint32_t place, double *volume, struct deposit *deposit,
                                   struct error *err)
{
    const uint32_t atom = plan->cells->atom[plan->cells->first[cell] + place];
    const struct neighbourhood *used;
    bool empty;
    enum status status = make_cell(plan, scratch, around, cell, place, &used, &empty, err);
    if (status != STATUS_OK)
        return status;
    deposit[atom] = (struct deposit){scratch->face_count, 0, (uint32_t)omp_get_thread_num()};
    if (empty) {
        volume[atom] = 0.0;
        return STATUS_OK;
    }
    return keep_faces(plan, scratch, used, &volume[atom], &deposit[atom].count, err);
}

static enum status tessellate_cell(const struct plan *plan, struct scratch *scratch, struct neighbourhood *around,
                                   uint32_t cell, double *volume, struct deposit *deposit, struct error *err)
{
    const uint32_t count = plan->cells->first[cell + 1] - plan->cells->first[cell];
    if (count == 0)
        return STATUS_OK;
    enum status status = neighbourhood_collect(around, plan->cells, cell, first_radius * plan->spacing, err);
    for (uint32_t place = 0; place < count && status == STATUS_OK; place++)
        status = tessellate_atom(plan, scratch, around, cell, place, volume, deposit, err);
    return status;
}

static enum status tessellate_team(const struct plan *plan, int threads, struct scratch **scratch, double *volume,
                                   struct deposit *deposit, struct error *err)
{
    enum status failure = STATUS_OK;
#pragma omp parallel num_threads(threads)
    {
        struct neighbourhood around = {0};
        struct scratch *mine = mem_alloc_array(1, sizeof *mine);
        struct error error;
        enum status status = mine ? STATUS_OK : mem_error(&error, "Voronoi cells");
        scratch[omp_get_thread_num()] = mine;
#pragma omp for schedule(static)
        for (uint32_t cell = 0; cell < plan->cells->total; cell++)
            if (status == STATUS_OK)
                status = tessellate_cell(plan, mine, &around, cell, volume, deposit, &error);
        neighbourhood_finish(&around);
        if (status != STATUS_OK) {
#pragma omp critical
            {
                failure = status;
                if (err)
                    *err = error;
            }
        }
    }
    return failure;
}

/* From the threads' heaps into one array in the order of atoms. */
static enum status gather_faces(struct voronoi *voronoi, struct scratch *const *scratch, const struct deposit *deposit,
                                struct error *err)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < voronoi->atoms; i++)
        total += deposit[i].count;
    if (total > UINT32_MAX)
        return error_set(err, STATUS_LIMIT, "%llu Voronoi faces are too many", (unsigned long long)total);
    voronoi->face = mem_alloc_array(total, sizeof *voronoi->face);
    if (!voronoi->face)
        return mem_error(err, "Voronoi faces");
    for (uint32_t i = 0; i < voronoi->atoms; i++) {
        const struct voronoi_face *from = scratch[deposit[i].thread]->faces;
        if (deposit[i].count)
            memcpy(voronoi->face + voronoi->first[i], from + deposit[i].first, deposit[i].count * sizeof *from);
        voronoi->first[i + 1] = voronoi->first[i] + deposit[i].count;
    }
    return STATUS_OK;
}

static struct plan make_plan(const struct configuration *configuration, const struct voronoi_options *options)
{
    const double spacing = real_pow(configuration_volume(configuration) / configuration->atoms, 1.0 / 3.0);
    struct plan plan = {.configuration = configuration, .spacing = spacing, .face_area_min = options->face_area_min};
    plan.thresholds.corner_min = edge_tolerance * spacing;
    plan.thresholds.edge_min = fmax(options->edge_min, edge_tolerance * spacing);
    for (int type = 0; type < 2; type++)
        plan.weight[type] = options->radius[type] * options->radius[type];
    plan.weight_max = fmax(plan.weight[0], plan.weight[1]);
    return plan;
}

enum status voronoi_init(struct voronoi *out, const struct configuration *configuration,
                         const struct voronoi_options *options, struct error *err)
{
    const uint32_t atoms = configuration->atoms;
    const int threads = atoms < VORONOI_PARALLEL_ATOMS_MIN ? 1 : omp_get_max_threads();
    struct voronoi made = {.atoms = atoms};
    struct plan plan = make_plan(configuration, options);
    struct cells cells = {0};
    struct scratch **scratch = mem_alloc_array((size_t)threads, sizeof *scratch);
    struct deposit *deposit = mem_alloc_array(atoms, sizeof *deposit);
    made.volume = mem_alloc_array(atoms, sizeof *made.volume);
    made.first = mem_alloc_array((size_t)atoms + 1, sizeof *made.first);
    enum status status = STATUS_OK;
    if (!scratch || !deposit || !made.volume || !made.first) {
        status = mem_error(err, "a Voronoi tessellation");
        goto done;
    }
    if ((status = cells_init(&cells, configuration, first_radius * plan.spacing, err)) != STATUS_OK)
        goto done;
    plan.cells = &cells;
    if ((status = tessellate_team(&plan, threads, scratch, made.volume, deposit, err)) != STATUS_OK)
        goto done;
    status = gather_faces(&made, scratch, deposit, err);
done:
    for (int t = 0; scratch && t < threads; t++)
        scratch_destroy(scratch[t]);
    mem_free(scratch);
    mem_free(deposit);
    cells_finish(&cells);
    if (status == STATUS_OK)
        *out = made;
    else
        voronoi_finish(&made);
    return status;
}

void voronoi_finish(struct voronoi *voronoi)
{
    if (!voronoi)
        return;
    mem_free(voronoi->volume);
    mem_free(voronoi->first);
    mem_free(voronoi->face);
    memset(voronoi, 0, sizeof *voronoi);
}
