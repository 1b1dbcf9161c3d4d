#include "worker/build/nanocomposite.h"

#include "common/mem.h"
#include "common/realmath.h"
#include "worker/build/filling.h"
#include "worker/build/lattices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CENTRE_CANDIDATES = 20, FILLING_CANDIDATES = 400, GRAINS_MAX = 4096, IMAGES = 27 };
static const double INTERFACE_WIDTH_MIN = 0.6; /* sigma: thinner ones would let atoms of two grains coincide */

/* A face of the Voronoi cell of a grain: points p with p . normal < offset are inside, relative to the grain's centre.
 */
struct face {
    double normal[3]; /* unit */
    double offset;    /* sigma: half the distance to the other centre */
};

/* An atom of a grain's crystal. */
struct crystal_atom {
    double position[3]; /* sigma, not wrapped */
    double depth;       /* sigma, under the nearest face */
    uint32_t number;    /* in the order of generation */
    uint8_t type;
    bool is_taken;
};

struct crystal_atoms {
    struct crystal_atom *items;
    size_t count, capacity;
};

struct polycrystal {
    uint32_t grains;
    double edge;         /* sigma, of the cubic box */
    double (*centre)[3]; /* [grains], sigma */
    struct face *faces;  /* of the grain at work, nearest first, [grains IMAGES] */
    uint32_t face_count;
    struct lattice lattice;
    double lattice_edge; /* sigma */
    struct crystal_atoms atoms;
};

static void polycrystal_finish(struct polycrystal *polycrystal)
{
    mem_free(polycrystal->centre);
    mem_free(polycrystal->faces);
    mem_free(polycrystal->atoms.items);
}

static enum status check_spec(const struct nanocomposite_spec *spec, struct error *err)
{
    if (spec->atoms == 0 || spec->atoms > SNAPSHOT_ATOMS_MAX || spec->grain_atoms == 0)
        return error_set(err, STATUS_INVALID, "a nanocomposite needs atoms and grains (%u atoms, %u a grain)",
                         spec->atoms, spec->grain_atoms);
    if (spec->atoms_small == 0 || 3 * (uint64_t)spec->atoms_small >= 2 * (uint64_t)spec->atoms)
        return error_set(err, STATUS_INVALID,
                         "%u small of %u atoms: C15 grains in large atoms need some, and less than two thirds",
                         spec->atoms_small, spec->atoms);
    if (!(spec->volume_per_atom > 0) || !(spec->grain_volume > 0))
        return error_set(err, STATUS_INVALID, "volumes per atom %g and %g are not above 0", spec->volume_per_atom,
                         spec->grain_volume);
    return STATUS_OK;
}

static enum status polycrystal_init(struct polycrystal *polycrystal, const struct nanocomposite_spec *spec,
                                    struct error *err)
{
    struct lattice_shape shape = lattice_ideal_shape(LATTICE_C15);
    double grains = rint(1.5 * spec->atoms_small / spec->grain_atoms);
    if (grains > GRAINS_MAX)
        return error_set(err, STATUS_LIMIT, "%g grains are more than %d", grains, GRAINS_MAX);
    *polycrystal = (struct polycrystal){
        .grains = grains < 1 ? 1 : (uint32_t)grains,
        .edge = real_cbrt(spec->volume_per_atom * spec->atoms),
        .lattice = lattice_make(LATTICE_C15, &shape),
    };
    polycrystal->lattice_edge = polycrystal->lattice.edge[0] * real_cbrt(spec->grain_volume);
    polycrystal->centre = mem_alloc_array(polycrystal->grains, sizeof *polycrystal->centre);
    polycrystal->faces = mem_alloc_array((size_t)polycrystal->grains * IMAGES, sizeof *polycrystal->faces);
    if (polycrystal->centre && polycrystal->faces)
        return STATUS_OK;
    polycrystal_finish(polycrystal);
    return mem_error(err, "grains");
}

static double periodic_distance_sq(const double a[3], const double b[3], double edge)
{
    double sum = 0;
    for (int d = 0; d < 3; d++) {
        double x = a[d] - b[d];
        x -= edge * rint(x / edge);
        sum += x * x;
    }
    return sum;
}

/* Each centre is the one of a few random points that is farthest from those before it. */
static void spread_centres(struct polycrystal *polycrystal, struct build_seed seed)
{
    struct rng_place place = build_place(seed, BUILD_DRAW_CENTRES);
    uint32_t block = 0;
    for (uint32_t g = 0; g < polycrystal->grains; g++) {
        double best = -1;
        for (int c = 0; c < CENTRE_CANDIDATES; c++) {
            double point[3], nearest = HUGE_VAL;
            for (int d = 0; d < 3; d++)
                point[d] = rng_uniform(place, block++) * polycrystal->edge;
            for (uint32_t h = 0; h < g; h++)
                nearest = fmin(nearest, periodic_distance_sq(point, polycrystal->centre[h], polycrystal->edge));
            if (nearest <= best)
                continue;
            best = nearest;
            memcpy(polycrystal->centre[g], point, sizeof point);
        }
    }
}

static int compare_faces(const void *a, const void *b)
{
    const struct face *one = a, *other = b;
    if (one->offset != other->offset)
        return one->offset < other->offset ? -1 : 1;
    return memcmp(one->normal, other->normal, sizeof one->normal); /* any total order */
}

static void add_face(struct polycrystal *polycrystal, const double separation[3])
{
    double length = sqrt(separation[0] * separation[0] + separation[1] * separation[1] + separation[2] * separation[2]);
    if (length == 0)
        return; /* the grain itself */
    struct face *face = &polycrystal->faces[polycrystal->face_count++];
    for (int d = 0; d < 3; d++)
        face->normal[d] = separation[d] / length;
    face->offset = length / 2;
}

/* The planes half way to every other centre and image, its own images included. */
static void find_faces(struct polycrystal *polycrystal, uint32_t grain)
{
    polycrystal->face_count = 0;
    for (uint32_t h = 0; h < polycrystal->grains; h++)
        for (int image = 0; image < IMAGES; image++) {
            const int shift[3] = {image % 3 - 1, image / 3 % 3 - 1, image / 9 - 1};
            double separation[3];
            for (int d = 0; d < 3; d++) {
                double x = polycrystal->centre[h][d] - polycrystal->centre[grain][d];
                x -= polycrystal->edge * rint(x / polycrystal->edge);
                separation[d] = x + shift[d] * polycrystal->edge;
            }
            add_face(polycrystal, separation);
        }
    qsort(polycrystal->faces, polycrystal->face_count, sizeof *polycrystal->faces, compare_faces);
}

/* Depth of a point relative to the centre under the nearest face; any negative number outside. No face whose offset
 * exceeds the point's distance from the centre by the depth so far can come nearer. */
static double find_depth(const struct polycrystal *polycrystal, const double point[3])
{
    double distance = sqrt(point[0] * point[0] + point[1] * point[1] + point[2] * point[2]), depth = HUGE_VAL;
    for (uint32_t f = 0; f < polycrystal->face_count && depth >= 0; f++) {
        const struct face *face = &polycrystal->faces[f];
        if (face->offset - distance > depth)
            break;
        depth = fmin(depth, face->offset -
                                (point[0] * face->normal[0] + point[1] * face->normal[1] + point[2] * face->normal[2]));
    }
    return depth;
}

/* A uniformly distributed rotation: a random unit quaternion, Shoemake, Graphics Gems III (1992), III.6. */
static void draw_rotation(struct rng_place place, uint32_t grain, double out[3][3])
{
    double u = rng_uniform(place, 6 * grain), s1, c1, s2, c2;
    real_sincos_turns(rng_uniform(place, 6 * grain + 1), &s1, &c1);
    real_sincos_turns(rng_uniform(place, 6 * grain + 2), &s2, &c2);
    double x = sqrt(1 - u) * s1, y = sqrt(1 - u) * c1, z = sqrt(u) * s2, w = sqrt(u) * c2;
    const double rotation[3][3] = {
        {1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
        {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
        {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)},
    };
    memcpy(out, rotation, sizeof rotation);
}

static enum status append_atom(struct crystal_atoms *atoms, const struct crystal_atom *atom, struct error *err)
{
    if (atoms->count == atoms->capacity) {
        size_t capacity = 2 * atoms->capacity + 4096;
        struct crystal_atom *grown = mem_resize_array(atoms->items, atoms->capacity, capacity, sizeof *atoms->items);
        if (!grown)
            return mem_error(err, "the atoms of grains");
        atoms->items = grown;
        atoms->capacity = capacity;
    }
    atoms->items[atoms->count] = *atom;
    atoms->items[atoms->count].number = (uint32_t)atoms->count;
    atoms->count++;
    return STATUS_OK;
}

/* A grain's crystal frame: point = rotation (lattice point - origin), relative to the grain's centre. */
struct grain_frame {
    uint32_t grain;
    double rotation[3][3];
    double origin[3]; /* sigma, in the lattice's axes */
};

static enum status add_if_inside(struct polycrystal *polycrystal, const struct grain_frame *frame, const double site[3],
                                 uint8_t type, struct error *err)
{
    double point[3];
    for (int d = 0; d < 3; d++)
        point[d] = frame->rotation[d][0] * site[0] + frame->rotation[d][1] * site[1] + frame->rotation[d][2] * site[2];
    struct crystal_atom atom = {.depth = find_depth(polycrystal, point), .type = type};
    if (atom.depth < 0)
        return STATUS_OK;
    for (int d = 0; d < 3; d++)
        atom.position[d] = polycrystal->centre[frame->grain][d] + point[d];
    return append_atom(&polycrystal->atoms, &atom, err);
}

static enum status add_cell(struct polycrystal *polycrystal, const struct grain_frame *frame, const int cell[3],
                            struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < polycrystal->lattice.basis && status == STATUS_OK; i++) {
        double site[3];
        for (int d = 0; d < 3; d++)
            site[d] = (cell[d] + polycrystal->lattice.position[i][d]) * polycrystal->lattice_edge - frame->origin[d];
        status = add_if_inside(polycrystal, frame, site, polycrystal->lattice.type[i], err);
    }
    return status;
}

/* All lattice points inside the grain's cell. No point of it is farther from the centre than half the box's diagonal.
 */
static enum status grow_grain(struct polycrystal *polycrystal, uint32_t grain, struct build_seed seed,
                              struct error *err)
{
    struct rng_place place = build_place(seed, BUILD_DRAW_ORIENTATIONS);
    struct grain_frame frame = {.grain = grain};
    draw_rotation(place, grain, frame.rotation);
    for (uint32_t d = 0; d < 3; d++)
        frame.origin[d] = rng_uniform(place, 6 * grain + 3 + d) * polycrystal->lattice_edge;
    find_faces(polycrystal, grain);
    int reach = (int)ceil(sqrt(3.0) / 2 * polycrystal->edge / polycrystal->lattice_edge) + 1;
    for (int z = -reach; z <= reach; z++)
        for (int y = -reach; y <= reach; y++)
            for (int x = -reach; x <= reach; x++) {
                enum status status = add_cell(polycrystal, &frame, (const int[3]){x, y, z}, err);
                if (status != STATUS_OK)
                    return status;
            }
    return STATUS_OK;
}

static int compare_depth(const void *a, const void *b)
{
    const struct crystal_atom *one = a, *other = b;
    if (one->depth != other->depth)
        return one->depth > other->depth ? -1 : 1;
    return one->number < other->number ? -1 : 1;
}

static int compare_number(const void *a, const void *b)
{
    const struct crystal_atom *one = a, *other = b;
    return one->number < other->number ? -1 : one->number > other->number;
}

/* Takes atoms from the deepest up until the last small atom has its place; large ones as they come. */
static enum status take_deepest(struct crystal_atoms *atoms, const struct nanocomposite_spec *spec,
                                struct nanocomposite_report *report, struct error *err)
{
    uint32_t small = 0, large = 0, large_max = spec->atoms - spec->atoms_small;
    double depth = 0;
    qsort(atoms->items, atoms->count, sizeof *atoms->items, compare_depth);
    for (size_t i = 0; i < atoms->count && small < spec->atoms_small; i++) {
        struct crystal_atom *atom = &atoms->items[i];
        bool is_small = atom->type == ATOM_SMALL;
        if (!is_small && large == large_max)
            continue;
        atom->is_taken = true;
        depth = atom->depth;
        small += is_small;
        large += !is_small;
    }
    qsort(atoms->items, atoms->count, sizeof *atoms->items, compare_number);
    report->atoms_crystal = small + large;
    report->interface_width = 2 * depth;
    if (small < spec->atoms_small || report->interface_width < INTERFACE_WIDTH_MIN)
        return error_set(err, STATUS_INVALID,
                         "grains at %g per atom leave interfaces of width %.2f (at least %g): a larger volume, denser "
                         "or larger grains or fewer small atoms are needed",
                         spec->grain_volume, small < spec->atoms_small ? 0.0 : report->interface_width,
                         INTERFACE_WIDTH_MIN);
    return STATUS_OK;
}

static void copy_taken(const struct polycrystal *polycrystal, struct configuration *out)
{
    uint32_t next = 0;
    for (size_t i = 0; i < polycrystal->atoms.count; i++) {
        const struct crystal_atom *atom = &polycrystal->atoms.items[i];
        if (!atom->is_taken)
            continue;
        for (int d = 0; d < 3; d++)
            out->position[d][next] = configuration_wrap(atom->position[d], polycrystal->edge);
        out->type[next++] = atom->type;
    }
}

static enum status fill_configuration(const struct potential *potential, const struct polycrystal *polycrystal,
                                      const struct nanocomposite_spec *spec, struct configuration *out,
                                      struct nanocomposite_report *report, struct error *err)
{
    struct configuration made;
    enum status status = configuration_init(&made, spec->atoms, err);
    if (status != STATUS_OK)
        return status;
    for (int d = 0; d < 3; d++)
        made.box[d] = polycrystal->edge;
    for (uint32_t i = 0; i < spec->atoms; i++)
        made.id[i] = (int64_t)i + 1;
    copy_taken(polycrystal, &made);
    struct filling_options filling = {ATOM_LARGE, FILLING_CANDIDATES, build_place(spec->seed, BUILD_DRAW_FILLING)};
    status = filling_place(potential, &filling, report->atoms_crystal, &made, &report->gap_min, err);
    if (status != STATUS_OK) {
        configuration_finish(&made);
        return status;
    }
    *out = made;
    return STATUS_OK;
}

enum status nanocomposite_build(const struct potential *potential, const struct nanocomposite_spec *spec,
                                struct configuration *out, struct nanocomposite_report *out_report, struct error *err)
{
    struct polycrystal polycrystal = {0};
    enum status status = check_spec(spec, err);
    if (status != STATUS_OK || (status = polycrystal_init(&polycrystal, spec, err)) != STATUS_OK)
        return status;
    struct nanocomposite_report report = {.grains = polycrystal.grains};
    spread_centres(&polycrystal, spec->seed);
    for (uint32_t grain = 0; grain < polycrystal.grains && status == STATUS_OK; grain++)
        status = grow_grain(&polycrystal, grain, spec->seed, err);
    if (status == STATUS_OK)
        status = take_deepest(&polycrystal.atoms, spec, &report, err);
    if (status == STATUS_OK)
        status = fill_configuration(potential, &polycrystal, spec, out, &report, err);
    polycrystal_finish(&polycrystal);
    if (status != STATUS_OK)
        return status;
    report.grain_atoms_mean = (double)report.atoms_crystal / report.grains;
    *out_report = report;
    return STATUS_OK;
}
