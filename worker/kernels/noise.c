/* noise.c - three standard normals for each atom of a step: Langevin's.
 *
 * Philox4x32-10 (common/rng.h: the same words for the same place) with the atom's id as the block, then Box & Muller,
 * Ann. Math. Stat. 29, 610 (1958), in single precision with a logarithm, sine and cosine of our own, from +, -, *, /,
 * sqrt alone: the same bits everywhere. The tails end at 6.7 standard deviations. */
#include "worker/kernels/kernel_name.h"
#include "worker/kernels/kernel_table.h"
#include "worker/kernels/lanes_double.h"

struct words {
    lanes_u w[4];
};

static inline struct words philox(lanes_u id, const struct noise *job)
{
    lanes_u c0 = lanes_set_u(job->counter[0]), c1 = lanes_set_u(job->counter[1]), c2 = lanes_set_u(job->counter[2]);
    lanes_u c3 = id;
    uint32_t k0 = job->key[0], k1 = job->key[1];
    for (int round = 0; round < 10; round++) {
        lanes_u high_0, low_0, high_1, low_1;
        lanes_multiply_wide(c0, UINT32_C(0xD2511F53), &high_0, &low_0);
        lanes_multiply_wide(c2, UINT32_C(0xCD9E8D57), &high_1, &low_1);
        c0 = high_1 ^ c1 ^ k0;
        c1 = low_1;
        c2 = high_0 ^ c3 ^ k1;
        c3 = low_0;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    return (struct words){{c0, c1, c2, c3}};
}

/* log u for 2^-32 <= u <= 1: u = 2^k m, sqrt(1/2) <= m < sqrt(2), log m = 2 atanh z with z = (m - 1) / (m + 1). */
LANES_INLINE lanes_f log_lanes(lanes_f u)
{
    lanes_i k = ((lanes_i)u - 0x3f3504f3) >> 23;
    lanes_f m = (lanes_f)((lanes_i)u - (k << 23));
    lanes_f z = (m - 1.0f) / (m + 1.0f), z_2 = z * z;
    lanes_f series = 2.0f + z_2 * (0.66666667f + z_2 * (0.4f + z_2 * (0.28571429f + z_2 * 0.22222222f)));
    return __builtin_convertvector(k, lanes_f) * 0.693147181f + z * series;
}

/* sqrt(-2 log u) with u = (word + 1/2) / 2^32, the last bit of the word aside. */
LANES_INLINE lanes_f radius(lanes_u word)
{
    lanes_f u = __builtin_convertvector((lanes_i)(word >> 1), lanes_f) * 0x1p-31f + 0x1p-32f;
    return lanes_sqrt(-2.0f * log_lanes(u));
}

LANES_INLINE lanes_f absolute(lanes_f v)
{
    return (lanes_f)((lanes_i)v & 0x7fffffff);
}

/* sin 2 pi x for |x| <= 1/4, by its Taylor series. */
LANES_INLINE lanes_f sine(lanes_f x)
{
    lanes_f s = x * x;
    return x * (6.28318531f +
                s * (-41.3417022f + s * (81.6052493f + s * (-76.7058597f + s * (42.0586939f - s * 15.0946426f)))));
}

/* A word as a turn -1/2 .. 1/2. */
LANES_INLINE lanes_f turn(lanes_u word)
{
    return __builtin_convertvector((lanes_i)word, lanes_f) * 0x1p-32f;
}

LANES_INLINE lanes_f cosine_of_turn(lanes_f u)
{
    return sine(0.25f - absolute(u));
}

LANES_INLINE lanes_f sine_of_turn(lanes_f u)
{
    lanes_f folded = sine(0.25f - absolute(absolute(u) - 0.25f));
    return (lanes_f)((lanes_i)folded | ((lanes_i)u & INT32_MIN));
}

static void draw_cluster(const struct noise *job, size_t cluster)
{
    struct words words = philox(lanes_load_u(job->id + cluster * CLUSTER_ATOMS), job);
    lanes_f r = radius(words.w[0]), u = turn(words.w[1]);
    float *normal = job->normal + cluster * CLUSTER_BLOCK;
    lanes_store(normal, r * cosine_of_turn(u));
    lanes_store(normal + 8, r * sine_of_turn(u));
    lanes_store(normal + 16, radius(words.w[2]) * cosine_of_turn(turn(words.w[3])));
}

void KERNEL(noise)(const struct noise *job, double out_momentum[3]);

void KERNEL(noise)(const struct noise *job, double out_momentum[3])
{
    part_d sum[3][PARTS] = {0};
    for (size_t c = 0; c < job->clusters; c++) {
        draw_cluster(job, c);
        for (size_t n = 0; n < 3 * PARTS; n++) {
            const float *normal = job->normal + c * CLUSTER_BLOCK + n * PART_LANES;
            part_d root = part_load(job->mass_root + c * CLUSTER_ATOMS + n % PARTS * PART_LANES);
            sum[n / PARTS][n % PARTS] += root * part_widen(*(const part_f *)normal);
        }
    }
    for (int k = 0; k < 3; k++)
        out_momentum[k] = part_sum(sum[k]);
}
