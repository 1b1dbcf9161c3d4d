/* pictures.h - the pictures, each defined in the file of its name. */
#ifndef VITRINE_SERVER_CMD_PICTURES_PICTURES_H
#define VITRINE_SERVER_CMD_PICTURES_PICTURES_H

#include "server/cmd/pictures/picture.h"

extern const struct picture picture_time, picture_trajectory, picture_exchanges, picture_quench, picture_eos;
extern const struct picture picture_pdf_thermal, picture_pdf_inherent, picture_aging;
extern const struct picture picture_separation, picture_compositions;
extern const struct picture picture_ttt, picture_ttt_map;
extern const struct picture picture_network, picture_bonds, picture_displacement;

#endif
