/* cpu.c - cpuid and xgetbv against the full feature lists of x86-64-v3 and x86-64-v4.
 *
 * A build with -march=x86-64-v3 may use any instruction of that level, not only the ones we think of, so each is looked
 * for (System V ABI, x86-64 psABI, table "micro-architecture levels"). Clang 14 does not know
 * __builtin_cpu_supports("x86-64-v3"). */
#include "worker/kernels/cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdint.h>

struct cpuid {
    unsigned a, b, c, d;
};

static struct cpuid cpuid_read(unsigned leaf, unsigned sub)
{
    struct cpuid r = {0};
    if (__get_cpuid_count(leaf, sub, &r.a, &r.b, &r.c, &r.d) == 0)
        return (struct cpuid){0};
    return r;
}

static uint64_t enabled_registers(void)
{
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

static bool has_all(unsigned word, unsigned bits)
{
    return (word & bits) == bits;
}

/* Registers whose saving the system has switched on: bit 1 SSE, 2 AVX, 5-7 the AVX-512 state. */
static bool system_saves(uint64_t registers)
{
    return has_all(cpuid_read(1, 0).c, bit_OSXSAVE) && (enabled_registers() & registers) == registers;
}

static bool has_v2(void)
{
    return has_all(cpuid_read(1, 0).c, bit_SSE3 | bit_SSSE3 | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT | bit_CMPXCHG16B) &&
           has_all(cpuid_read(0x80000001, 0).c, bit_LAHF_LM);
}

static bool has_v3(void)
{
    return has_v2() && has_all(cpuid_read(1, 0).c, bit_AVX | bit_FMA | bit_F16C | bit_MOVBE | bit_OSXSAVE) &&
           has_all(cpuid_read(7, 0).b, bit_AVX2 | bit_BMI | bit_BMI2) &&
           has_all(cpuid_read(0x80000001, 0).c, bit_ABM) && system_saves(0x06);
}

static bool has_v4(void)
{
    return has_v3() &&
           has_all(cpuid_read(7, 0).b, bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL) &&
           system_saves(0xe6);
}

bool cpu_can_run(enum isa isa)
{
    switch (isa) {
    case ISA_PORTABLE:
        return true;
    case ISA_AVX2:
        return has_v3();
    case ISA_AVX512:
        return has_v4();
    default:
        return false;
    }
}

#else

bool cpu_can_run(enum isa isa)
{
    return isa == ISA_PORTABLE;
}

#endif
