/* pdf.h - pair distribution functions as CSV, for `vitrine pdf` and `vitrine export`. */
#ifndef VITRINE_SERVER_CMD_PDF_H
#define VITRINE_SERVER_CMD_PDF_H

#include "server/cmd/reading.h"

/* One row a bin. */
enum status pdf_write_csv(const struct reading *reading, const struct selected_list *list, FILE *out,
                          struct error *err) MUST_CHECK;

#endif
