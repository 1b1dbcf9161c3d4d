/* table.c - the hot loops of one instruction set. */
#include "worker/kernels/kernel_name.h"
#include "worker/kernels/kernel_table.h"
#include "worker/kernels/lanes.h"

void KERNEL(pair_force)(const struct pair_force *job);
float KERNEL(displacement)(const uint32_t *position, const uint32_t *before, uint32_t clusters,
                           const struct metric *metric);
float KERNEL(kick_drift)(const struct kick_drift *job);
void KERNEL(noise)(const struct noise *job, double out_momentum[3]);
double KERNEL(kick)(const struct kick *job);
void KERNEL(bound)(const uint32_t *position, uint32_t clusters, struct boxes *out_clusters, struct boxes *out_groups);
bool KERNEL(list_build)(struct list_build *job, struct row_list *out);
void KERNEL(list_prune)(const struct list_build *job, const struct row_list *from, struct row_list *out,
                        uint32_t *out_met);
void KERNEL(pair_energy)(const struct pair_energy *job, double *out_energy, double *out_virial);
void KERNEL(pair_sums)(const struct pair_sums *job, double *out_energy, double *out_virial);

#define KERNEL_TEXT(isa)    #isa
#define KERNEL_TEXT_OF(isa) KERNEL_TEXT(isa)

const struct kernels KERNEL(kernels) = {
    .name = KERNEL_TEXT_OF(KERNEL_ISA),
    .list_rows = PACK_ROWS,
    .pair_force = KERNEL(pair_force),
    .kick_drift = KERNEL(kick_drift),
    .noise = KERNEL(noise),
    .kick = KERNEL(kick),
    .bound = KERNEL(bound),
    .list_build = KERNEL(list_build),
    .list_prune = KERNEL(list_prune),
    .displacement = KERNEL(displacement),
    .pair_energy = KERNEL(pair_energy),
    .pair_sums = KERNEL(pair_sums),
};
