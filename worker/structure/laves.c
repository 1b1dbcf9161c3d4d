#include "worker/structure/laves.h"

#include "common/mem.h"
#include "worker/structure/clusters.h"
#include "worker/structure/signatures.h"

#include <math.h>
#include <string.h>

const char *const laves_polytype_names[4] = {"none", "C15", "C14", "mixed"};

/* The four faces with six edges of a Z16 atom. */
struct arms {
    const struct voronoi_face *face[4];
};

static struct arms arms_of(const struct voronoi *voronoi, uint32_t atom)
{
    struct arms arms = {{NULL, NULL, NULL, NULL}};
    int count = 0;
    for (uint32_t f = voronoi->first[atom]; f < voronoi->first[atom + 1]; f++)
        if (voronoi->face[f].edges == 6 && count < 4)
            arms.face[count++] = &voronoi->face[f];
    return arms;
}

static bool is_site(const struct voronoi *voronoi, const uint8_t *kind, uint32_t atom)
{
    if (kind[atom] != FRANK_KASPER_Z16)
        return false;
    const struct arms arms = arms_of(voronoi, atom);
    for (int n = 0; n < 4; n++)
        if (kind[arms.face[n]->neighbour] != FRANK_KASPER_Z16)
            return false;
    return true;
}

static void vector_of(const struct configuration *c, uint32_t from, const struct voronoi_face *face, double out[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = c->position[k][face->neighbour] + face->image[k] * c->box[k] - c->position[k][from];
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* The part of v across the axis, of length 1 (0 when there is none). */
static void project(double v[3], const double axis[3])
{
    const double along = dot(v, axis) / dot(axis, axis);
    for (int k = 0; k < 3; k++)
        v[k] -= along * axis[k];
    const double length = sqrt(dot(v, v));
    for (int k = 0; k < 3; k++)
        v[k] = length > 0.0 ? v[k] / length : 0.0;
}

/* The same bond as the atom across it has it; NULL when it is not one of that atom's arms. */
static const struct voronoi_face *other_side(const struct arms *arms, uint32_t atom, const struct voronoi_face *bond)
{
    for (int n = 0; n < 4; n++) {
        const struct voronoi_face *face = arms->face[n];
        if (face->neighbour == atom && face->image[0] == -bond->image[0] && face->image[1] == -bond->image[1] &&
            face->image[2] == -bond->image[2])
            return face;
    }
    return NULL;
}

/* Directions across the axis of an atom's arms other than the bond; returns how many. */
static int directions(const struct configuration *c, uint32_t atom, const struct arms *arms,
                      const struct voronoi_face *bond, const double axis[3], double out[4][3])
{
    int count = 0;
    for (int n = 0; n < 4; n++) {
        if (arms->face[n] == bond)
            continue;
        vector_of(c, atom, arms->face[n], out[count]);
        project(out[count++], axis);
    }
    return count;
}

/* Mean of cos 3 phi = 4 cos^3 phi - 3 cos phi over the angles between the arms of the two ends. */
static double eclipse(const struct voronoi *voronoi, const struct configuration *c, uint32_t atom,
                      const struct voronoi_face *bond)
{
    const struct arms arms_here = arms_of(voronoi, atom), arms_there = arms_of(voronoi, bond->neighbour);
    double axis[3], here[4][3], there[4][3], sum = 0.0;
    vector_of(c, atom, bond, axis);
    const int count_here = directions(c, atom, &arms_here, bond, axis, here);
    const int count_there =
        directions(c, bond->neighbour, &arms_there, other_side(&arms_there, atom, bond), axis, there);
    for (int a = 0; a < count_here; a++)
        for (int b = 0; b < count_there; b++) {
            const double cosine = dot(here[a], there[b]);
            sum += (4.0 * cosine * cosine - 3.0) * cosine;
        }
    return sum / (count_here * count_there);
}

static void add_site(const struct voronoi *voronoi, const struct configuration *c, uint32_t atom, struct laves *laves)
{
    const struct arms arms = arms_of(voronoi, atom);
    int eclipsed = 0;
    for (int n = 0; n < 4; n++)
        eclipsed += eclipse(voronoi, c, atom, arms.face[n]) > 0.0;
    laves->sites++;
    laves->cubic += eclipsed == 0;
    laves->hexagonal += eclipsed == 1;
}

static void mark_around(const struct voronoi *voronoi, const uint8_t *kind, uint32_t atom, bool *is)
{
    is[atom] = true;
    for (uint32_t f = voronoi->first[atom]; f < voronoi->first[atom + 1]; f++) {
        const uint32_t other = voronoi->face[f].neighbour;
        is[other] |= kind[other] == FRANK_KASPER_Z12 || kind[other] == FRANK_KASPER_Z16;
    }
}

static enum laves_polytype polytype_of(const struct laves *laves)
{
    const uint32_t known = laves->cubic + laves->hexagonal;
    if (known == 0)
        return LAVES_NONE;
    if (10 * laves->cubic >= 9 * known)
        return LAVES_C15;
    return 10 * laves->hexagonal >= 9 * known ? LAVES_C14 : LAVES_MIXED;
}

static enum status find(const struct voronoi *voronoi, const struct configuration *configuration, uint8_t *kind,
                        bool *is, struct laves *laves, struct error *err)
{
    for (uint32_t i = 0; i < voronoi->atoms; i++) {
        const struct signature signature = signature_of(voronoi, i);
        kind[i] = (uint8_t)signature_frank_kasper(&signature);
    }
    for (uint32_t i = 0; i < voronoi->atoms; i++)
        if (is_site(voronoi, kind, i)) {
            add_site(voronoi, configuration, i, laves);
            mark_around(voronoi, kind, i, is);
        }
    for (uint32_t i = 0; i < voronoi->atoms; i++)
        laves->atoms += is[i];
    struct clusters clusters;
    enum status status = clusters_find(voronoi, configuration, is, &clusters, err);
    laves->largest = status == STATUS_OK ? clusters.largest : 0;
    laves->polytype = polytype_of(laves);
    return status;
}

enum status laves_find(const struct voronoi *voronoi, const struct configuration *configuration, bool *out_is,
                       struct laves *out, struct error *err)
{
    struct laves laves = {0};
    uint8_t *kind = mem_alloc_array(voronoi->atoms, sizeof *kind);
    bool *is = mem_alloc_array(voronoi->atoms, sizeof *is);
    enum status status =
        kind && is ? find(voronoi, configuration, kind, is, &laves, err) : mem_error(err, "Laves sites");
    if (status == STATUS_OK) {
        *out = laves;
        if (out_is)
            memcpy(out_is, is, voronoi->atoms * sizeof *is);
    }
    mem_free(kind);
    mem_free(is);
    return status;
}
