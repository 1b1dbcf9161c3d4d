/* kernels.h - the table of hot loops, one set per instruction set, all giving the same bits. */
#ifndef VITRINE_WORKER_KERNELS_KERNELS_H
#define VITRINE_WORKER_KERNELS_KERNELS_H

#include "common/error.h"

enum isa { ISA_PORTABLE, ISA_AVX2, ISA_AVX512, ISA_COUNT };
extern const char *const isa_names[ISA_COUNT]; /* "portable", "avx2", "avx512" */

struct kernels;

/* The best set that this machine can run and that a bench has shown to earn its place. */
enum isa cpu_best_isa(void);

/* The set of that name; STATUS_INVALID when it does not exist or this machine (or its operating system) cannot run it:
 * never a fallback. "auto" = cpu_best_isa(). */
enum status kernels_find(const char *isa_name, const struct kernels **out_kernels, struct error *err) MUST_CHECK;

const char *kernels_isa_name(const struct kernels *kernels);

#endif
