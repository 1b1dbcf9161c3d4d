#include "worker/structure/cna.h"

#include "worker/md/cells.h"

#include "common/realmath.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SHELL_MAX = 14, ADAPTIVE_CANDIDATES = SHELL_MAX + 1 };

static const double half_way = 1.2071067811865475; /* (1 + sqrt 2) / 2 */
static const double first_reach = 1.8;             /* spacings: holds 15 neighbours in any dense phase */

const char *const cna_names[CNA_KIND_COUNT] = {"other", "fcc", "hcp", "bcc", "ico"};

/* The nearest neighbours of an atom, relative to it, nearest first. */
struct shell {
    uint32_t count;
    double distance_sq[ADAPTIVE_CANDIDATES + 1];
    double d[ADAPTIVE_CANDIDATES + 1][3];
};

/* Keeps the `most` nearest of all that are offered. */
static void shell_offer(struct shell *shell, uint32_t most, double r_sq, const double d[3])
{
    if (shell->count == most && r_sq >= shell->distance_sq[most - 1])
        return;
    uint32_t n = shell->count < most ? shell->count++ : most - 1;
    for (; n > 0 && shell->distance_sq[n - 1] > r_sq; n--) {
        shell->distance_sq[n] = shell->distance_sq[n - 1];
        memcpy(shell->d[n], shell->d[n - 1], sizeof shell->d[n]);
    }
    shell->distance_sq[n] = r_sq;
    memcpy(shell->d[n], d, sizeof shell->d[n]);
}

static struct shell find_shell(const struct neighbourhood *near, uint32_t self, double reach, uint32_t most)
{
    struct shell shell = {0};
    for (uint32_t n = 0; n < near->count; n++) {
        double d[3], r_sq = 0.0;
        for (int k = 0; k < 3; k++) {
            d[k] = near->position[k][n] - near->position[k][self];
            r_sq += d[k] * d[k];
        }
        if (n != self && r_sq < reach * reach)
            shell_offer(&shell, most, r_sq, d);
    }
    return shell;
}

/* Bit j of bonds[i]: neighbours i and j of the shell are bonded. */
static void find_bonds(const struct shell *shell, uint32_t count, double cutoff_sq, uint32_t bonds[SHELL_MAX])
{
    memset(bonds, 0, SHELL_MAX * sizeof *bonds);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = i + 1; j < count; j++) {
            double r_sq = 0.0;
            for (int k = 0; k < 3; k++) {
                const double d = shell->d[i][k] - shell->d[j][k];
                r_sq += d * d;
            }
            bonds[i] |= (uint32_t)(r_sq <= cutoff_sq) << j;
            bonds[j] |= (uint32_t)(r_sq <= cutoff_sq) << i;
        }
}

/* Atoms of `among` that can be reached from `from` along bonds. */
static uint32_t connected(const uint32_t bonds[SHELL_MAX], uint32_t among, uint32_t from)
{
    uint32_t reached = from, fresh = from;
    while (fresh) {
        const uint32_t next = bonds[__builtin_ctz(fresh)] & among & ~reached;
        fresh = (fresh & (fresh - 1)) | next;
        reached |= next;
    }
    return reached;
}

static uint32_t bonds_within(const uint32_t bonds[SHELL_MAX], uint32_t atoms)
{
    uint32_t twice = 0;
    for (uint32_t left = atoms; left; left &= left - 1)
        twice += (uint32_t)__builtin_popcount(bonds[__builtin_ctz(left)] & atoms);
    return twice / 2;
}

/* The three numbers as one: 421, 555, ... */
static uint32_t signature_of_bond(const uint32_t bonds[SHELL_MAX], uint32_t i)
{
    const uint32_t common = bonds[i];
    uint32_t longest = 0;
    for (uint32_t left = common; left;) {
        const uint32_t chain = connected(bonds, common, left & -left);
        const uint32_t length = bonds_within(bonds, chain);
        longest = length > longest ? length : longest;
        left &= ~chain;
    }
    return 100 * (uint32_t)__builtin_popcount(common) + 10 * bonds_within(bonds, common) + longest;
}

static enum cna_kind kind_of_shell(const struct shell *shell, uint32_t count, double cutoff_sq)
{
    uint32_t bonds[SHELL_MAX], n421 = 0, n422 = 0, n444 = 0, n555 = 0, n666 = 0;
    find_bonds(shell, count, cutoff_sq, bonds);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t signature = signature_of_bond(bonds, i);
        n421 += signature == 421;
        n422 += signature == 422;
        n444 += signature == 444;
        n555 += signature == 555;
        n666 += signature == 666;
    }
    if (count == 12 && n421 == 12)
        return CNA_FCC;
    if (count == 12 && n421 == 6 && n422 == 6)
        return CNA_HCP;
    if (count == 12 && n555 == 12)
        return CNA_ICO;
    return count == 14 && n666 == 8 && n444 == 6 ? CNA_BCC : CNA_OTHER;
}

static enum cna_kind kind_fixed(const struct shell *shell, double cutoff)
{
    if (shell->count != 12 && shell->count != 14)
        return CNA_OTHER;
    return kind_of_shell(shell, shell->count, cutoff * cutoff);
}

/* Whether a crystal whose first neighbours are the `count` nearest fits; `mean` is their distance reduced to that of
 * fcc's. */
static enum cna_kind kind_scaled(const struct shell *shell, uint32_t count, double mean)
{
    const double cutoff_sq = half_way * half_way * mean * mean;
    if (shell->count > count && shell->distance_sq[count] <= cutoff_sq)
        return CNA_OTHER;
    return kind_of_shell(shell, count, cutoff_sq);
}

static enum cna_kind kind_adaptive(const struct shell *shell)
{
    double sum = 0.0, sum_bcc = 0.0;
    if (shell->count < 12)
        return CNA_OTHER;
    for (uint32_t n = 0; n < 12; n++)
        sum += sqrt(shell->distance_sq[n]);
    const enum cna_kind kind = kind_scaled(shell, 12, sum / 12.0);
    if (kind != CNA_OTHER || shell->count < SHELL_MAX)
        return kind;
    /* Eight at sqrt(3)/2 of the lattice constant, six at one. */
    for (uint32_t n = 0; n < SHELL_MAX; n++)
        sum_bcc += sqrt(n < 8 ? shell->distance_sq[n] * 4.0 / 3.0 : shell->distance_sq[n]);
    return kind_scaled(shell, SHELL_MAX, sum_bcc / SHELL_MAX);
}

/* The spacing's reach may hold too few neighbours in a dilute place; then the atom is no crystal's anyway. */
static enum status classify_cell(const struct cells *cells, uint32_t cell, double cutoff, double reach,
                                 struct neighbourhood *near, uint8_t *out_kind, struct error *err)
{
    const uint32_t count = cells->first[cell + 1] - cells->first[cell];
    if (count == 0)
        return STATUS_OK;
    enum status status = neighbourhood_collect(near, cells, cell, reach, err);
    for (uint32_t n = 0; n < count && status == STATUS_OK; n++) {
        const struct shell shell = find_shell(near, near->home + n, reach, ADAPTIVE_CANDIDATES);
        out_kind[cells->atom[cells->first[cell] + n]] =
            (uint8_t)(cutoff > 0.0 ? kind_fixed(&shell, cutoff) : kind_adaptive(&shell));
    }
    return status;
}

enum status cna_classify(const struct configuration *configuration, double cutoff, uint8_t *out_kind, struct error *err)
{
    const double spacing = real_pow(configuration_volume(configuration) / configuration->atoms, 1.0 / 3.0);
    const double reach = cutoff > 0.0 ? cutoff : first_reach * spacing;
    struct neighbourhood near = {0};
    struct cells cells;
    enum status status = cells_init(&cells, configuration, reach, err);
    if (status != STATUS_OK)
        return status;
    for (uint32_t cell = 0; cell < cells.total && status == STATUS_OK; cell++)
        status = classify_cell(&cells, cell, cutoff, reach, &near, out_kind, err);
    neighbourhood_finish(&near);
    cells_finish(&cells);
    return status;
}
