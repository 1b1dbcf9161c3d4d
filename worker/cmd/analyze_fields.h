/* analyze_fields.h - parts of the JSON of analyze that say how things are spread: over environments, over distances,
 * over wave numbers. */
#ifndef VITRINE_WORKER_CMD_ANALYZE_FIELDS_H
#define VITRINE_WORKER_CMD_ANALYZE_FIELDS_H

#include "worker/cmd/json.h"
#include "worker/structure/analysis.h"

/* "local": energy and volume per atom by type and environment. */
void analyze_print_local(struct json *json, const struct analysis *analysis);

/* "structure_factor", "ico_correlation" (C(r), S(q), length) and "ico_pdf"; bin in sigma, volume of the box in sigma^3.
 */
void analyze_print_correlation(struct json *json, const struct analysis *analysis, double bin, double volume);

/* Into the object "pdf": "n_11", "n_12", "n_21", "n_22", n_ab the atoms b within the upper edge of the bin of an a. */
void analyze_print_coordination(struct json *json, const struct analysis *analysis);

#endif
