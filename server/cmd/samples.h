/* samples.h - every measurement as CSV, for `vitrine samples` and `vitrine export`. */
#ifndef VITRINE_SERVER_CMD_SAMPLES_H
#define VITRINE_SERVER_CMD_SAMPLES_H

#include "server/cmd/reading.h"

enum status samples_write_csv(const struct reading *reading, const struct selected_list *list, FILE *out,
                              struct error *err) MUST_CHECK;

#endif
