#include "worker/minimize/rows.h"

#include "common/mem.h"
#include "worker/md/cells.h"
#include "worker/md/order.h"

#include <math.h>
#include <string.h>

enum { IMAGES_REACH_MAX = 12 };

static const double skin_default = 0.3; /* sigma */
static const double far_away = 1e9;     /* sigma: where lanes stand that no atom fills */

/* An entry before the entries are sorted by row. */
struct row_entry {
    uint32_t row;
    struct pair_entry entry;
};

static uint32_t round_to_clusters(uint32_t atoms)
{
    return (atoms + CLUSTER_ATOMS - 1) / CLUSTER_ATOMS;
}

static size_t place_of(uint32_t n)
{
    return (size_t)(n / CLUSTER_ATOMS) * CLUSTER_BLOCK + n % CLUSTER_ATOMS;
}

static uint32_t lanes_filled(const struct rows *rows, uint32_t cluster)
{
    const uint32_t left = rows->job.atoms - cluster * CLUSTER_ATOMS;
    return left < CLUSTER_ATOMS ? left : CLUSTER_ATOMS;
}

/* The places of atoms: a kd-tree's leaves, so that clusters are compact. */
static enum status order_places(struct rows *rows, const struct configuration *configuration, struct error *err)
{
    const uint32_t atoms = configuration->atoms;
    uint32_t *fixed[3] = {NULL, NULL, NULL};
    struct order_key *keys = mem_alloc_array(atoms, sizeof *keys);
    bool ok = keys != NULL;
    for (int k = 0; k < 3; k++)
        ok &= (fixed[k] = mem_alloc_array(atoms, sizeof **fixed)) != NULL;
    for (int k = 0; ok && k < 3; k++)
        for (uint32_t i = 0; i < atoms; i++)
            fixed[k][i] = (uint32_t)(configuration->position[k][i] / configuration->box[k] * 0x1p32);
    for (uint32_t i = 0; i < atoms; i++)
        rows->atom[i] = i;
    if (ok)
        order_atoms(rows->atom, atoms, (const uint32_t *const *)fixed, configuration->box, keys);
    for (int k = 0; k < 3; k++)
        mem_free(fixed[k]);
    mem_free(keys);
    return ok ? STATUS_OK : mem_error(err, "the order of atoms");
}

static void fill_coefficients(struct rows *rows, const struct potential *potential)
{
    for (uint32_t type = 0; type < 2; type++)
        for (uint32_t n = 0; n < rows->job.atoms; n++) {
            double *k = rows->coefficient + ((size_t)type * rows->job.clusters + n / CLUSTER_ATOMS) * ENERGY_BLOCK +
                        n % CLUSTER_ATOMS;
            const uint8_t other = rows->type[n];
            k[0] = potential->c12[type][other];
            k[8] = potential->c6[type][other];
            k[16] = potential->shift[type][other];
            k[24] = potential->slope[type][other];
        }
}

static enum status allocate(struct rows *rows, struct error *err)
{
    const uint32_t atoms = rows->job.atoms, clusters = rows->job.clusters;
    rows->atom = mem_alloc_array(atoms, sizeof *rows->atom);
    rows->type = mem_alloc_array(atoms, sizeof *rows->type);
    rows->first = mem_alloc_array((size_t)atoms + 1, sizeof *rows->first);
    rows->force_row = mem_alloc_aligned((size_t)atoms * 3, sizeof(double));
    rows->position_listed = mem_alloc_aligned(rows->length, sizeof(double));
    rows->coefficient = mem_alloc_aligned((size_t)clusters * 2 * ENERGY_BLOCK, sizeof(double));
    if (!rows->atom || !rows->type || !rows->first || !rows->force_row || !rows->position_listed || !rows->coefficient)
        return mem_error(err, "the minimiser");
    return STATUS_OK;
}

enum status rows_init(struct rows *rows, const struct kernels *kernels, const struct potential *potential,
                      const struct configuration *configuration, struct error *err)
{
    const uint32_t clusters = round_to_clusters(configuration->atoms);
    *rows = (struct rows){.kernels = kernels, .skin = skin_default, .length = (size_t)clusters * CLUSTER_BLOCK};
    memcpy(rows->box, configuration->box, sizeof rows->box);
    rows->job = (struct pair_energy){.atoms = configuration->atoms,
                                     .clusters = clusters,
                                     .cutoff = potential->cutoff,
                                     .cutoff_sq = potential->cutoff * potential->cutoff,
                                     .has_slope = potential->cut == CUT_FORCE_SHIFTED};
    enum status status = allocate(rows, err);
    if (status == STATUS_OK)
        status = order_places(rows, configuration, err);
    if (status != STATUS_OK) {
        rows_finish(rows);
        return status;
    }
    for (uint32_t n = 0; n < configuration->atoms; n++)
        rows->type[n] = configuration->type[rows->atom[n]];
    fill_coefficients(rows, potential);
    return STATUS_OK;
}

void rows_finish(struct rows *rows)
{
    if (!rows)
        return;
    mem_free(rows->atom);
    mem_free(rows->type);
    mem_free(rows->first);
    mem_free(rows->force_row);
    mem_free(rows->position_listed);
    mem_free(rows->coefficient);
    mem_free(rows->shift);
    mem_free(rows->entries);
    mem_free(rows->found);
    memset(rows, 0, sizeof *rows);
}

void rows_load_positions(const struct rows *rows, const struct configuration *configuration, double *position)
{
    for (uint32_t n = 0; n < rows->job.clusters * CLUSTER_ATOMS; n++)
        for (size_t k = 0; k < 3; k++)
            position[place_of(n) + 8 * k] =
                n < rows->job.atoms ? configuration->position[k][rows->atom[n]] : far_away * (n % CLUSTER_ATOMS);
}

void rows_store_positions(const struct rows *rows, const double *position, struct configuration *configuration)
{
    for (uint32_t n = 0; n < rows->job.atoms; n++)
        for (size_t k = 0; k < 3; k++)
            configuration->position[k][rows->atom[n]] = configuration_wrap(position[place_of(n) + 8 * k], rows->box[k]);
}

/* Bounding boxes of clusters as a configuration of their centres, for cells to sort. */
struct clusters {
    struct configuration centres; /* wrapped */
    double *centre[3];            /* where they are, unwrapped */
    double *extent[3];            /* half widths */
    double reach;                 /* twice the largest half diagonal */
};

static void clusters_finish(struct clusters *clusters)
{
    configuration_finish(&clusters->centres);
    for (int k = 0; k < 3; k++) {
        mem_free(clusters->centre[k]);
        mem_free(clusters->extent[k]);
    }
}

static void bound_cluster(const struct rows *rows, const double *position, uint32_t c, struct clusters *clusters)
{
    double diagonal_sq = 0.0;
    for (size_t k = 0; k < 3; k++) {
        const double *x = position + (size_t)c * CLUSTER_BLOCK + 8 * k;
        double low = x[0], high = x[0];
        for (uint32_t l = 1; l < lanes_filled(rows, c); l++) {
            low = fmin(low, x[l]);
            high = fmax(high, x[l]);
        }
        clusters->centre[k][c] = 0.5 * (low + high);
        clusters->extent[k][c] = 0.5 * (high - low);
        clusters->centres.position[k][c] = configuration_wrap(0.5 * (low + high), rows->box[k]);
        diagonal_sq += (high - low) * (high - low);
    }
    clusters->reach = fmax(clusters->reach, sqrt(diagonal_sq));
}

static enum status clusters_init(struct clusters *clusters, const struct rows *rows, const double *position,
                                 struct error *err)
{
    *clusters = (struct clusters){0};
    enum status status = configuration_init(&clusters->centres, rows->job.clusters, err);
    if (status != STATUS_OK)
        return status;
    bool ok = true;
    for (int k = 0; k < 3; k++) {
        ok &= (clusters->centre[k] = mem_alloc_array(rows->job.clusters, sizeof(double))) != NULL;
        ok &= (clusters->extent[k] = mem_alloc_array(rows->job.clusters, sizeof(double))) != NULL;
    }
    if (!ok) {
        clusters_finish(clusters);
        return mem_error(err, "clusters");
    }
    memcpy(clusters->centres.box, rows->box, sizeof rows->box);
    for (uint32_t c = 0; c < rows->job.clusters; c++)
        bound_cluster(rows, position, c, clusters);
    return STATUS_OK;
}

/* The table of shifts: all images up to `reach` boxes away along each edge. */
struct images {
    int reach;
};

static uint32_t image_index(const struct images *images, const int image[3])
{
    const int side = 2 * images->reach + 1, r = images->reach;
    return (uint32_t)(((image[0] + r) * side + image[1] + r) * side + image[2] + r);
}

static enum status fill_shifts(struct rows *rows, const struct images *images, struct error *err)
{
    const size_t side = 2 * (size_t)images->reach + 1;
    mem_free(rows->shift);
    rows->shift = mem_alloc_array(3 * side * side * side, sizeof(double));
    if (!rows->shift)
        return mem_error(err, "periodic images");
    int image[3];
    for (image[0] = -images->reach; image[0] <= images->reach; image[0]++)
        for (image[1] = -images->reach; image[1] <= images->reach; image[1]++)
            for (image[2] = -images->reach; image[2] <= images->reach; image[2]++)
                for (size_t k = 0; k < 3; k++)
                    rows->shift[3 * (size_t)image_index(images, image) + k] = image[k] * rows->box[k];
    return STATUS_OK;
}

/* A pair of clusters, the second at a periodic image. */
struct cluster_pair {
    uint32_t a, b;
    int image[3];
};

static double box_distance_sq(const struct rows *rows, const struct clusters *clusters, const struct cluster_pair *pair)
{
    double sum = 0.0;
    for (int k = 0; k < 3; k++) {
        const double d =
            fabs(clusters->centre[k][pair->a] - clusters->centre[k][pair->b] - pair->image[k] * rows->box[k]) -
            clusters->extent[k][pair->a] - clusters->extent[k][pair->b];
        sum += d > 0.0 ? d * d : 0.0;
    }
    return sum;
}

/* Which atoms of a have an atom of b within the radius (bits of rows), and the reverse (bits of columns). */
static void rows_and_columns(const struct rows *rows, const double *position, const struct cluster_pair *pair,
                             double radius_sq, uint32_t *out_rows, uint32_t *out_columns)
{
    const double *a = position + (size_t)pair->a * CLUSTER_BLOCK, *b = position + (size_t)pair->b * CLUSTER_BLOCK;
    const uint32_t filled_a = lanes_filled(rows, pair->a), filled_b = (1u << lanes_filled(rows, pair->b)) - 1;
    *out_rows = *out_columns = 0;
    for (uint32_t i = 0; i < filled_a; i++) {
        const double x = a[i] - pair->image[0] * rows->box[0], y = a[i + 8] - pair->image[1] * rows->box[1],
                     z = a[i + 16] - pair->image[2] * rows->box[2];
        double r_sq[CLUSTER_ATOMS];
        for (uint32_t j = 0; j < CLUSTER_ATOMS; j++) {
            const double dx = x - b[j], dy = y - b[j + 8], dz = z - b[j + 16];
            r_sq[j] = dx * dx + dy * dy + dz * dz;
        }
        uint32_t near = 0;
        for (uint32_t j = 0; j < CLUSTER_ATOMS; j++)
            near |= (uint32_t)(r_sq[j] < radius_sq) << j;
        near &= filled_b;
        *out_rows |= (uint32_t)(near != 0) << i;
        *out_columns |= near;
    }
}

static enum status push(struct rows *rows, size_t *count, struct row_entry entry, struct error *err)
{
    if (*count == rows->found_capacity) {
        const size_t capacity = 2 * rows->found_capacity + 1024;
        struct row_entry *found = mem_resize_array(rows->found, rows->found_capacity, capacity, sizeof *found);
        if (!found)
            return mem_error(err, "a pair list");
        rows->found = found;
        rows->found_capacity = capacity;
    }
    rows->found[(*count)++] = entry;
    return STATUS_OK;
}

/* Lists the atoms of one cluster as rows against the other, or the reverse: whichever needs fewer entries. */
static enum status add_pair(struct rows *rows, const double *position, const struct images *images,
                            const struct cluster_pair *pair, double radius_sq, size_t *count, struct error *err)
{
    uint32_t in_rows, in_columns;
    rows_and_columns(rows, position, pair, radius_sq, &in_rows, &in_columns);
    const bool reverse = __builtin_popcount(in_columns) < __builtin_popcount(in_rows);
    const int sign = reverse ? -1 : 1;
    const int image[3] = {sign * pair->image[0], sign * pair->image[1], sign * pair->image[2]};
    const struct pair_entry entry = {reverse ? pair->a : pair->b, image_index(images, image)};
    const uint32_t base = (reverse ? pair->b : pair->a) * CLUSTER_ATOMS;
    enum status status = STATUS_OK;
    for (uint32_t bits = reverse ? in_columns : in_rows; bits && status == STATUS_OK; bits &= bits - 1)
        status = push(rows, count, (struct row_entry){base + (uint32_t)__builtin_ctz(bits), entry}, err);
    return status;
}

/* Each pair of clusters once: from the lower index; a cluster and its own image, from the later image. */
static bool is_counted_here(const struct cluster_pair *pair)
{
    if (pair->a != pair->b)
        return pair->a < pair->b;
    for (int k = 0; k < 3; k++)
        if (pair->image[k] != 0)
            return pair->image[k] > 0;
    return false;
}

static enum status add_cluster(struct rows *rows, const double *position, const struct clusters *clusters,
                               const struct images *images, const struct neighbourhood *near, uint32_t home,
                               double radius, size_t *count, struct error *err)
{
    enum status status = STATUS_OK;
    const uint32_t a = near->atom[home];
    for (uint32_t n = 0; n < near->count && status == STATUS_OK; n++) {
        const uint32_t b = near->atom[n];
        if (b < a)
            continue;
        struct cluster_pair pair = {.a = a, .b = b};
        for (int k = 0; k < 3; k++)
            pair.image[k] = (int)rint(
                ((near->position[k][n] - clusters->centre[k][b]) - (near->position[k][home] - clusters->centre[k][a])) /
                rows->box[k]);
        if (is_counted_here(&pair) && box_distance_sq(rows, clusters, &pair) < radius * radius)
            status = add_pair(rows, position, images, &pair, radius * radius, count, err);
    }
    return status;
}

static enum status add_cells(struct rows *rows, const double *position, const struct clusters *clusters,
                             const struct images *images, const struct cells *cells, double radius, size_t *count,
                             struct error *err)
{
    struct neighbourhood near = {0};
    enum status status = STATUS_OK;
    for (uint32_t cell = 0; cell < cells->total && status == STATUS_OK; cell++) {
        const uint32_t members = cells->first[cell + 1] - cells->first[cell];
        if (members == 0)
            continue;
        status = neighbourhood_collect(&near, cells, cell, radius + clusters->reach, err);
        for (uint32_t m = 0; m < members && status == STATUS_OK; m++)
            status = add_cluster(rows, position, clusters, images, &near, near.home + m, radius, count, err);
    }
    neighbourhood_finish(&near);
    return status;
}

/* From the order in which pairs were found to the order of rows. */
static enum status sort_entries(struct rows *rows, size_t count, struct error *err)
{
    if (count > UINT32_MAX)
        return error_set(err, STATUS_LIMIT, "%zu pair entries are too many", count);
    if (count > rows->entry_capacity) {
        mem_free(rows->entries);
        rows->entry_capacity = 0;
        rows->entries = mem_alloc_array(count + count / 4, sizeof *rows->entries);
        if (!rows->entries)
            return mem_error(err, "a pair list");
        rows->entry_capacity = count + count / 4;
    }
    const uint32_t atoms = rows->job.atoms;
    memset(rows->first, 0, ((size_t)atoms + 1) * sizeof *rows->first);
    for (size_t n = 0; n < count; n++)
        rows->first[rows->found[n].row + 1]++;
    for (uint32_t i = 0; i < atoms; i++)
        rows->first[i + 1] += rows->first[i];
    for (size_t n = 0; n < count; n++)
        rows->entries[rows->first[rows->found[n].row]++] = rows->found[n].entry;
    for (uint32_t i = atoms; i > 0; i--)
        rows->first[i] = rows->first[i - 1];
    rows->first[0] = 0;
    return STATUS_OK;
}

/* How many boxes away an image within reach of a home cluster can be, counted from unwrapped centres. */
static enum status choose_images(const struct rows *rows, const struct clusters *clusters, double radius,
                                 struct images *out, struct error *err)
{
    double most = 0.0;
    for (int k = 0; k < 3; k++) {
        double low = 0.0, high = rows->box[k];
        for (uint32_t c = 0; c < rows->job.clusters; c++) {
            low = fmin(low, clusters->centre[k][c]);
            high = fmax(high, clusters->centre[k][c]);
        }
        most = fmax(most, ceil((radius + clusters->reach + (high - low)) / rows->box[k]));
    }
    if (!(most <= IMAGES_REACH_MAX))
        return error_set(
            err, STATUS_LIMIT,
            "the box (edges %g, %g, %g) is too small to minimise in: the cutoff %g reaches over more than %d images",
            rows->box[0], rows->box[1], rows->box[2], rows->job.cutoff, IMAGES_REACH_MAX);
    out->reach = (int)most;
    return STATUS_OK;
}

static enum status build_list(struct rows *rows, const double *position, struct error *err)
{
    const double radius = rows->job.cutoff + rows->skin;
    struct clusters clusters;
    struct cells cells = {0};
    struct images images = {0};
    size_t count = 0;
    enum status status = clusters_init(&clusters, rows, position, err);
    if (status != STATUS_OK)
        return status;
    if ((status = choose_images(rows, &clusters, radius, &images, err)) != STATUS_OK ||
        (status = fill_shifts(rows, &images, err)) != STATUS_OK ||
        (status = cells_init(&cells, &clusters.centres, 0.5 * (radius + clusters.reach), err)) != STATUS_OK ||
        (status = add_cells(rows, position, &clusters, &images, &cells, radius, &count, err)) != STATUS_OK)
        goto done;
    status = sort_entries(rows, count, err);
    memcpy(rows->position_listed, position, rows->length * sizeof(double));
    rows->builds++;
done:
    cells_finish(&cells);
    clusters_finish(&clusters);
    return status;
}

/* The sum of the two largest displacements since the list was made bounds how much nearer two atoms can have come. */
static bool list_holds(const struct rows *rows, const double *position)
{
    double largest = 0.0, second = 0.0;
    for (uint32_t c = 0; c < rows->job.clusters; c++) {
        const double *a = position + (size_t)c * CLUSTER_BLOCK, *b = rows->position_listed + (size_t)c * CLUSTER_BLOCK;
        double moved_sq[CLUSTER_ATOMS];
        for (int l = 0; l < CLUSTER_ATOMS; l++) {
            const double x = a[l] - b[l], y = a[l + 8] - b[l + 8], z = a[l + 16] - b[l + 16];
            moved_sq[l] = x * x + y * y + z * z;
        }
        for (int l = 0; l < CLUSTER_ATOMS; l++)
            if (moved_sq[l] > second) {
                second = moved_sq[l] > largest ? largest : moved_sq[l];
                largest = moved_sq[l] > largest ? moved_sq[l] : largest;
            }
    }
    return sqrt(largest) + sqrt(second) < rows->skin * (1.0 - 1e-9);
}

enum status rows_evaluate(struct rows *rows, const double *position, double *out_force, struct rows_sums *out_sums,
                          struct error *err)
{
    if (rows->builds == 0 || !list_holds(rows, position)) {
        enum status status = build_list(rows, position, err);
        if (status != STATUS_OK)
            return status;
    }
    struct pair_energy job = rows->job;
    job.type = rows->type;
    job.coefficient = rows->coefficient;
    job.shift = rows->shift;
    job.first = rows->first;
    job.entries = rows->entries;
    job.position = position;
    job.force = out_force;
    job.force_row = rows->force_row;
    rows->kernels->pair_energy(&job, &out_sums->energy, &out_sums->virial);
    return STATUS_OK;
}
