/* reciprocal.h - the reciprocal lattice of a periodic box: q = 2 pi (h/Lx, k/Ly, l/Lz) with whole h, k, l.
 *
 * Only at these q are Fourier sums over the atoms independent of which periodic image of an atom is taken. Of q and -q,
 * which say the same of a real field, one is listed: the one whose first index that is not 0 is positive. */
#ifndef VITRINE_WORKER_STRUCTURE_RECIPROCAL_H
#define VITRINE_WORKER_STRUCTURE_RECIPROCAL_H

#include "common/error.h"
#include <stdint.h>

enum { RECIPROCAL_INDEX_MAX = 4096, RECIPROCAL_VECTORS_MAX = 1 << 24 };

struct reciprocal_vector {
    int16_t index[3]; /* h, k, l */
    double length;    /* 1/sigma */
};

/* All vectors with low <= |q| < high (1/sigma; 0 itself never), in the order of h, k, l. Returned: mem_free.
 * STATUS_LIMIT when there may be more than RECIPROCAL_VECTORS_MAX: 2 million atoms in a cube, up to 1.5 times 2 pi over
 * their spacing, just fit. */
enum status reciprocal_list(const double box[3], double low, double high, struct reciprocal_vector **out_vectors,
                            uint32_t *out_count, struct error *err) MUST_CHECK;

#endif
