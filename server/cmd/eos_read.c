#include "server/cmd/eos_read.h"

#include "common/mem.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { STATIC_VOLUME, STATIC_ENERGY, STATIC_PRESSURE }; /* places in the group */
_Static_assert(QUANTITY_energy_static == QUANTITY_volume + 1 && QUANTITY_pressure_static == QUANTITY_volume + 2,
               "the first of the static group are volume, energy and pressure");

/* Samples on their way into curves. */
struct sorting {
    struct eos_data *data;
    const struct campaign *campaign;
};

static enum status sort_sample(void *context, const struct sample_row *row, struct error *err)
{
    struct sorting *sorting = context;
    const uint32_t copy = sorting->campaign->replicas[row->replica.value].copy;
    if (copy >= sorting->data->spec->phase_count || row->step < 1 || row->step > sorting->data->spec->steps)
        return error_set(err, STATUS_CORRUPT, "step %lld of replica %u is not one of the ensemble's",
                         (long long)row->step, row->replica.value);
    struct eos_curve *curve = &sorting->data->curves[copy];
    curve->volumes[curve->count] = row->values[STATIC_VOLUME];
    curve->energies[curve->count] = row->values[STATIC_ENERGY];
    curve->pressures[curve->count] = row->values[STATIC_PRESSURE];
    curve->count++;
    return STATUS_OK;
}

static enum status make_room(struct eos_data *data, struct error *err)
{
    const struct ensemble_spec *spec = data->spec;
    data->curves = mem_alloc_array(spec->phase_count, sizeof *data->curves);
    for (uint32_t p = 0; data->curves && p < spec->phase_count; p++) {
        struct eos_curve *curve = &data->curves[p];
        curve->small_fraction = phase_small_fraction(&spec->phases[p]);
        curve->volumes = mem_alloc_array((size_t)spec->steps, sizeof *curve->volumes);
        curve->energies = mem_alloc_array((size_t)spec->steps, sizeof *curve->energies);
        curve->pressures = mem_alloc_array((size_t)spec->steps, sizeof *curve->pressures);
        if (!curve->volumes || !curve->energies || !curve->pressures)
            return mem_error(err, "the curves");
    }
    return data->curves ? STATUS_OK : mem_error(err, "the curves");
}

enum status eos_read(struct store *store, const struct selected *item, struct eos_data *out, struct error *err)
{
    *out = (struct eos_data){.spec = item->spec};
    struct sorting sorting = {out, item->campaign};
    enum status status = make_room(out, err);
    if (status == STATUS_OK)
        status = store_visit_samples(store, &item->filter, QUANTITY_GROUP_static, sort_sample, &sorting, err);
    if (status != STATUS_OK)
        eos_data_finish(out);
    return status;
}

void eos_data_finish(struct eos_data *data)
{
    if (!data)
        return;
    for (uint32_t p = 0; data->curves && p < data->spec->phase_count; p++) {
        mem_free(data->curves[p].volumes);
        mem_free(data->curves[p].energies);
        mem_free(data->curves[p].pressures);
    }
    mem_free(data->curves);
    *data = (struct eos_data){0};
}

enum status eos_select(const struct selected_list *list, const struct selected **out_item, struct error *err)
{
    const struct selected *found = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct selected *item = &list->items[i];
        if (item->spec->mode != MODE_EOS)
            continue;
        if (found)
            return error_set(err, STATUS_USAGE,
                             "there are several ensembles of mode eos, '%s' and '%s' among them: choose one with "
                             "--campaign and --ensemble",
                             found->spec->name, item->spec->name);
        found = item;
    }
    if (!found)
        return error_set(err, STATUS_NOT_FOUND, "there is no ensemble of mode eos among these");
    *out_item = found;
    return STATUS_OK;
}

/* ---- two phases ---- */

static bool find_phase(const struct ensemble_spec *spec, const char *name, uint32_t *out)
{
    for (uint32_t p = 0; p < spec->phase_count; p++)
        if (strcasecmp(spec->phases[p].name, name) == 0) {
            *out = p;
            return true;
        }
    return false;
}

/* The paper's: a Laves phase, C15 first, beside hcp of large atoms. */
static bool find_default_pair(const struct ensemble_spec *spec, struct eos_answer *out)
{
    static const char *const laves[] = {"C15", "C36", "C14"};
    for (size_t i = 0; i < sizeof laves / sizeof *laves; i++)
        if (find_phase(spec, laves[i], &out->a))
            return find_phase(spec, "hcp_large", &out->b);
    return false;
}

static enum status find_named(const struct ensemble_spec *spec, const char *name, uint32_t *out, struct error *err)
{
    if (find_phase(spec, name, out))
        return STATUS_OK;
    char known[512];
    size_t used = 0;
    for (uint32_t p = 0; p < spec->phase_count && used < sizeof known; p++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", spec->phases[p].name);
    return error_set(err, STATUS_NOT_FOUND, "ensemble '%s' has no phase '%s': it has %s", spec->name, name, known);
}

static enum status find_pair(const struct ensemble_spec *spec, const char *pair, struct eos_answer *out,
                             struct error *err)
{
    char first[PHASE_NAME_SIZE];
    const char *comma = strchr(pair, ',');
    if (!comma || strchr(comma + 1, ',') || (size_t)(comma - pair) >= sizeof first)
        return error_set(err, STATUS_USAGE, "--pair takes two phases, as in C15,hcp_large, not '%s'", pair);
    snprintf(first, sizeof first, "%.*s", (int)(comma - pair), pair);
    enum status status = find_named(spec, first, &out->a, err);
    return status == STATUS_OK ? find_named(spec, comma + 1, &out->b, err) : status;
}

enum status eos_ask(const struct eos_data *data, const struct eos_question *question, struct eos_answer *out,
                    struct error *err)
{
    const struct ensemble_spec *spec = data->spec;
    struct eos_answer answer = {.is_found = true};
    enum status status = STATUS_OK;
    if (question->pair)
        status = find_pair(spec, question->pair, &answer, err);
    else
        answer.is_found = find_default_pair(spec, &answer);
    if (status == STATUS_OK && answer.is_found) {
        const double own_fraction = (double)spec->system.atoms_small / spec->system.atoms;
        status = eos_curve_pair(&data->curves[answer.a], &data->curves[answer.b],
                                question->small_fraction.given ? question->small_fraction.value : own_fraction,
                                question->volume.given ? question->volume.value : spec->system.volume_per_atom,
                                &answer.pair, err);
        if (status != STATUS_OK)
            error_context(err, "%s beside %s", spec->phases[answer.a].name, spec->phases[answer.b].name);
    }
    if (status == STATUS_OK)
        *out = answer;
    return status;
}
