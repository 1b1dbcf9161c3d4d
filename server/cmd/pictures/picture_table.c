/* picture_table.c - the pictures, in the order of the help. A new one is its file and a row here. */
#include "server/cmd/pictures/pictures.h"

/* clang-format off */
const struct picture *const picture_table[] = {
    &picture_time,
    &picture_trajectory,
    &picture_ttt,
    &picture_ttt_map,
    &picture_compositions,
    &picture_separation,
    &picture_pdf_thermal,
    &picture_pdf_inherent,
    &picture_aging,
    &picture_displacement,
    &picture_network,
    &picture_bonds,
    &picture_exchanges,
    &picture_quench,
    &picture_eos,
    NULL,
};
