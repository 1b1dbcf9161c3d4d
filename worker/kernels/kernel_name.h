/* kernel_name.h - every global symbol of a kernel file carries the name of its instruction set:
 *
 *     KERNEL(pair_force) -> pair_force_avx2      from -DKERNEL_ISA=avx2
 *
 * Otherwise the linker might hand AVX-512 code to a machine that lacks it. */
#ifndef VITRINE_WORKER_KERNELS_KERNEL_NAME_H
#define VITRINE_WORKER_KERNELS_KERNEL_NAME_H

#define KERNEL_PASTE(name, isa)  name##_##isa
#define KERNEL_EXPAND(name, isa) KERNEL_PASTE(name, isa)
#define KERNEL(name)             KERNEL_EXPAND(name, KERNEL_ISA)

#endif
