#include "worker/kernels/kernels.h"

#include "worker/kernels/cpu.h"
#include "worker/kernels/kernel_table.h"

#include <string.h>

const char *const isa_names[ISA_COUNT] = {"portable", "avx2", "avx512"};

static const struct kernels *const tables[ISA_COUNT] = {
    [ISA_PORTABLE] = &kernels_portable,
#if defined(__x86_64__)
    [ISA_AVX2] = &kernels_avx2,
    [ISA_AVX512] = &kernels_avx512,
#endif
};

enum isa cpu_best_isa(void)
{
    enum isa best = ISA_PORTABLE;
    for (enum isa isa = ISA_PORTABLE; isa < ISA_COUNT; isa++)
        if (tables[isa] != NULL && cpu_can_run(isa))
            best = isa;
    return best;
}

static enum isa isa_of_name(const char *name)
{
    if (strcmp(name, "auto") == 0)
        return cpu_best_isa();
    enum isa isa = ISA_PORTABLE;
    while (isa < ISA_COUNT && strcmp(name, isa_names[isa]) != 0)
        isa++;
    return isa;
}

enum status kernels_find(const char *isa_name, const struct kernels **out_kernels, struct error *err)
{
    enum isa isa = isa_of_name(isa_name);
    if (isa == ISA_COUNT)
        return error_set(err, STATUS_INVALID, "no instruction set '%s': auto, portable, avx2 and avx512 exist",
                         isa_name);
    if (tables[isa] == NULL || !cpu_can_run(isa))
        return error_set(err, STATUS_INVALID, "this machine or its system cannot run '%s'", isa_name);
    *out_kernels = tables[isa];
    return STATUS_OK;
}

const char *kernels_isa_name(const struct kernels *kernels)
{
    return kernels->name;
}
