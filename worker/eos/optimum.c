#include "worker/eos/optimum.h"

#include <math.h>
#include <string.h>

enum { SCAN_POINTS = 96, SIMPLEX_MOVES_MAX = 2000, SIMPLEX_STARTS_MAX = 8 };

double optimum_scan(const struct optimum_problem *problem, double low, double high, double tolerance, double *out_x)
{
    double best = HUGE_VAL, best_x = low;
    for (double step; (step = (high - low) / SCAN_POINTS) > tolerance;) {
        for (int i = 0; i <= SCAN_POINTS; i++) {
            double x = low + i * step, value = problem->value(&x, problem->context);
            if (value >= best)
                continue;
            best = value;
            best_x = x;
        }
        low = fmax(low, best_x - 2 * step);
        high = fmin(high, best_x + 2 * step);
    }
    *out_x = best_x;
    return best;
}

struct vertex {
    double x[OPTIMUM_DIMENSIONS_MAX];
    double value;
};

/* Insertion sort, stable: equal values keep their order, so that the path is one and the same everywhere. */
static void sort_vertices(struct vertex *vertices, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct vertex moved = vertices[i];
        uint32_t k = i;
        for (; k > 0 && vertices[k - 1].value > moved.value; k--)
            vertices[k] = vertices[k - 1];
        vertices[k] = moved;
    }
}

/* centroid + factor (centroid - worst): factor 1 reflects, 2 expands, -1/2 contracts. */
static struct vertex move_vertex(const struct optimum_problem *problem, const double *centroid,
                                 const struct vertex *worst, double factor)
{
    struct vertex moved = {{0}, 0};
    for (uint32_t d = 0; d < problem->dimensions; d++)
        moved.x[d] = centroid[d] + factor * (centroid[d] - worst->x[d]);
    moved.value = problem->value(moved.x, problem->context);
    return moved;
}

static void find_centroid(const struct vertex *vertices, uint32_t dimensions, double *out_centroid)
{
    for (uint32_t d = 0; d < dimensions; d++) {
        out_centroid[d] = 0;
        for (uint32_t v = 0; v < dimensions; v++)
            out_centroid[d] += vertices[v].x[d] / dimensions;
    }
}

static void shrink(const struct optimum_problem *problem, struct vertex *vertices)
{
    for (uint32_t v = 1; v <= problem->dimensions; v++) {
        for (uint32_t d = 0; d < problem->dimensions; d++)
            vertices[v].x[d] = (vertices[v].x[d] + vertices[0].x[d]) / 2;
        vertices[v].value = problem->value(vertices[v].x, problem->context);
    }
}

/* One move of the sorted simplex. */
static void improve(const struct optimum_problem *problem, struct vertex *vertices)
{
    uint32_t n = problem->dimensions;
    struct vertex *worst = &vertices[n];
    double centroid[OPTIMUM_DIMENSIONS_MAX];
    find_centroid(vertices, n, centroid);
    struct vertex reflected = move_vertex(problem, centroid, worst, 1.0);
    if (reflected.value < vertices[0].value) {
        struct vertex expanded = move_vertex(problem, centroid, worst, 2.0);
        *worst = expanded.value < reflected.value ? expanded : reflected;
        return;
    }
    if (reflected.value < vertices[n - 1].value) {
        *worst = reflected;
        return;
    }
    struct vertex contracted = move_vertex(problem, centroid, worst, reflected.value < worst->value ? 0.5 : -0.5);
    if (contracted.value < fmin(reflected.value, worst->value))
        *worst = contracted;
    else
        shrink(problem, vertices);
}

static double descend(const struct optimum_problem *problem, const double *step, double tolerance, double *x)
{
    struct vertex vertices[OPTIMUM_DIMENSIONS_MAX + 1];
    uint32_t n = problem->dimensions;
    for (uint32_t v = 0; v <= n; v++) {
        memcpy(vertices[v].x, x, n * sizeof *x);
        if (v > 0)
            vertices[v].x[v - 1] += step[v - 1];
        vertices[v].value = problem->value(vertices[v].x, problem->context);
    }
    for (int move = 0; move < SIMPLEX_MOVES_MAX; move++) {
        sort_vertices(vertices, n + 1);
        if (vertices[n].value - vertices[0].value < tolerance)
            break;
        improve(problem, vertices);
    }
    sort_vertices(vertices, n + 1);
    memcpy(x, vertices[0].x, n * sizeof *x);
    return vertices[0].value;
}

double optimum_simplex(const struct optimum_problem *problem, const double *step, double tolerance, double *x)
{
    double value = descend(problem, step, tolerance, x);
    for (int start = 1; start < SIMPLEX_STARTS_MAX; start++) {
        double before = value;
        value = descend(problem, step, tolerance, x);
        if (before - value <= tolerance)
            break;
    }
    return value;
}
