#include "tests/support/voro_peer.h"

#include <cmath>
#include <vector>
#include <voro++/voro++.hh>

namespace
{

/* About five atoms in a block, as the library's manual recommends. */
int blocks_along(double edge, double spacing)
{
    const int blocks = static_cast<int>(edge / (1.71 * spacing));
    return blocks > 1 ? blocks : 1;
}

template <class Container> double compute(Container &container, voro_peer_visit *visit, void *context)
{
    voro::c_loop_all loop(container);
    voro::voronoicell_neighbor cell;
    std::vector<int> neighbours, orders;
    std::vector<double> areas;
    double sum = 0.0;
    if (loop.start())
        do {
            if (!container.compute_cell(cell, loop))
                continue;
            sum += cell.volume();
            cell.neighbors(neighbours);
            cell.face_orders(orders);
            cell.face_areas(areas);
            const voro_peer_cell found = {cell.volume(), static_cast<unsigned>(orders.size()), orders.data()};
            if (visit)
                visit(context, static_cast<unsigned>(loop.pid()), &found);
        } while (loop.inc());
    return sum;
}

} // namespace

double voro_peer_tessellate(unsigned atoms, const double box[3], const double *const position[3], const double *radius,
                            voro_peer_visit *visit, void *context)
{
    const double spacing = std::cbrt(box[0] * box[1] * box[2] / atoms);
    const int nx = blocks_along(box[0], spacing), ny = blocks_along(box[1], spacing),
              nz = blocks_along(box[2], spacing);
    if (radius) {
        voro::container_poly container(0, box[0], 0, box[1], 0, box[2], nx, ny, nz, true, true, true, 8);
        for (unsigned i = 0; i < atoms; i++)
            container.put(static_cast<int>(i), position[0][i], position[1][i], position[2][i], radius[i]);
        return compute(container, visit, context);
    }
    voro::container container(0, box[0], 0, box[1], 0, box[2], nx, ny, nz, true, true, true, 8);
    for (unsigned i = 0; i < atoms; i++)
        container.put(static_cast<int>(i), position[0][i], position[1][i], position[2][i]);
    return compute(container, visit, context);
}
