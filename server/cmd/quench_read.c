#include "server/cmd/quench_read.h"

#include "common/mem.h"
#include <stdio.h>

const enum quantity_id quench_quantities[QUENCH_SHOWN] = {QUANTITY_energy_potential, QUANTITY_pressure,
                                                          QUANTITY_energy_inherent, QUANTITY_ico_fraction};

const double quench_bin_width = 0.02;

/* Samples of one group on their way into the curves of its quantities. */
struct sorting {
    struct quench_data *data;
    const struct selected *item;
    enum quantity_group group;
};

/* Place of a quantity among those of its group. */
static int place_in_group(enum quantity_id quantity)
{
    int place = 0;
    for (int q = 0; q < (int)quantity; q++)
        place += quantities[q].group == quantities[quantity].group;
    return place;
}

static enum status sort_sample(void *context, const struct sample_row *row, struct error *err)
{
    struct sorting *sorting = context;
    const uint32_t copy = sorting->item->campaign->replicas[row->replica.value].copy;
    if (copy >= sorting->data->replicas)
        return error_set(err, STATUS_CORRUPT, "replica %u is not one of the ensemble's", row->replica.value);
    for (int q = 0; q < QUENCH_SHOWN; q++)
        if (quantities[quench_quantities[q]].group == sorting->group)
            quench_curves_add(&sorting->data->curves[q], copy, row->temperature_set,
                              row->values[place_in_group(quench_quantities[q])]);
    if (sorting->group == QUANTITY_GROUP_thermal)
        sorting->data->step_last[copy] = row->step;
    return STATUS_OK;
}

static enum status read_groups(struct store *store, const struct selected *item, struct quench_data *data,
                               struct error *err)
{
    static const enum quantity_group groups[] = {QUANTITY_GROUP_thermal, QUANTITY_GROUP_inherent};
    enum status status = STATUS_OK;
    for (size_t g = 0; status == STATUS_OK && g < sizeof groups / sizeof *groups; g++) {
        struct sorting sorting = {.data = data, .item = item, .group = groups[g]};
        status = store_visit_samples(store, &item->filter, groups[g], sort_sample, &sorting, err);
    }
    return status;
}

static enum status make_room(const struct selected *item, double bin_width, struct quench_data *data, struct error *err)
{
    struct quench_bins bins;
    enum status status =
        quench_bins_make(item->spec->temperatures[0], item->spec->temperature_end, bin_width, &bins, err);
    data->replicas = item->spec->replicas_per_rung;
    for (int q = 0; status == STATUS_OK && q < QUENCH_SHOWN; q++)
        status = quench_curves_init(&data->curves[q], &bins, data->replicas, err);
    if (status == STATUS_OK && !(data->step_last = mem_alloc_array(data->replicas, sizeof *data->step_last)))
        status = mem_error(err, "the quenches");
    return status;
}

enum status quench_read(struct store *store, const struct selected *item, double bin_width, struct quench_data *out,
                        struct error *err)
{
    *out = (struct quench_data){0};
    enum status status = make_room(item, bin_width, out, err);
    if (status == STATUS_OK)
        status = read_groups(store, item, out, err);
    if (status != STATUS_OK)
        quench_data_finish(out);
    return status;
}

void quench_data_finish(struct quench_data *data)
{
    if (!data)
        return;
    for (int q = 0; q < QUENCH_SHOWN; q++)
        quench_curves_finish(&data->curves[q]);
    mem_free(data->step_last);
    *data = (struct quench_data){0};
}

/* Curves of the finished quenches; numbers holds 2 bins of them each. */
static size_t list_curves(const struct quench_data *data, const struct ensemble_spec *spec, double *numbers,
                          struct tf_curve *curves)
{
    const struct quench_curves *energy = &data->curves[QUENCH_ENERGY];
    size_t count = 0;
    for (size_t r = 0; r < data->replicas; r++) {
        if (data->step_last[r] + spec->sampling.thermal_every <= spec->steps)
            continue;
        double *temperatures = numbers + 2 * r * energy->bins.count, *values = temperatures + energy->bins.count;
        size_t points = quench_curves_of_replica(energy, r, temperatures, values);
        curves[count++] = (struct tf_curve){temperatures, values, points};
    }
    return count;
}

enum status quench_find_tf(const struct quench_data *data, const struct ensemble_spec *spec,
                           const struct tf_options *options, struct tf_result *out, size_t *out_finished,
                           struct error *err)
{
    const size_t bins = data->curves[QUENCH_ENERGY].bins.count;
    struct tf_curve *curves = mem_alloc_array(data->replicas, sizeof *curves);
    double *numbers = mem_alloc_array(2 * data->replicas * bins, sizeof *numbers);
    enum status status = curves && numbers ? STATUS_OK : mem_error(err, "the quenches");
    if (status == STATUS_OK) {
        *out_finished = list_curves(data, spec, numbers, curves);
        status = *out_finished ? tf_of_quenches(curves, *out_finished, options, out, err)
                               : error_set(err, STATUS_INVALID, "no quench is at its end");
    }
    mem_free(curves);
    mem_free(numbers);
    return status;
}

void quench_define_crossing(const struct tf_options *options, double bin_width, char *out, size_t size)
{
    snprintf(out, size, "U/N in bins of %g: line over %g..%g meets %s over %g..%g", bin_width,
             options->glass_window.low, options->glass_window.high, tf_liquid_name(options->liquid),
             options->liquid_window.low, options->liquid_window.high);
}
