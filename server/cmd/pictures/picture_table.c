/* picture_table.c - the pictures, in the order of the help. A new one is its file and a row here. */
#include "server/cmd/pictures/pictures.h"

/* clang-format off */
const struct picture *const picture_table[] = {
    &picture_time,
    &picture_trajectory,
    &picture_pdf_thermal,
    &picture_pdf_inherent,
    &picture_exchanges,
    &picture_quench,
    NULL,
};
