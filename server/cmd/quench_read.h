/* quench_read.h - the quenches of one ensemble as curves against temperature, for `vitrine quench` and `plot`. */
#ifndef VITRINE_SERVER_CMD_QUENCH_READ_H
#define VITRINE_SERVER_CMD_QUENCH_READ_H

#include "server/analysis/quench_curve.h"
#include "server/analysis/tf.h"
#include "server/cmd/reading.h"

enum quench_shown { QUENCH_ENERGY, QUENCH_PRESSURE, QUENCH_INHERENT, QUENCH_ICO, QUENCH_SHOWN };
extern const enum quantity_id quench_quantities[QUENCH_SHOWN]; /* U/N, P, e_IS, ico */

extern const double quench_bin_width; /* epsilon/k_B, when nothing else is asked for */

struct quench_data {
    struct quench_curves curves[QUENCH_SHOWN]; /* with the same bins and replicas */
    size_t replicas;
    int64_t *step_last; /* [replicas] of the last thermal sample */
};

/* All samples of production that the filter of `item` lets through. */
enum status quench_read(struct store *store, const struct selected *item, double bin_width, struct quench_data *out,
                        struct error *err) MUST_CHECK;
void quench_data_finish(struct quench_data *data); /* NULL and zeroed are fine */

/* What `crossing` of quench_find_tf means, in words. */
void quench_define_crossing(const struct tf_options *options, double bin_width, char *out, size_t size);

/* T_f of U/N from the quenches that are at their end; out_finished of them. STATUS_INVALID where there is none, or it
 * cannot be found: err says why. */
enum status quench_find_tf(const struct quench_data *data, const struct ensemble_spec *spec,
                           const struct tf_options *options, struct tf_result *out, size_t *out_finished,
                           struct error *err) MUST_CHECK;

#endif
