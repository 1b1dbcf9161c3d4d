/* eos.c - vitrine eos: static energies of crystals against volume, their minima, and two phases side by side. From the
 * rows of a database; without one `vitrine-worker eos` computes them on the spot. */
#include "common/mem.h"
#include "server/cmd/eos_read.h"
#include "server/cmd/json_out.h"
#include "server/cmd/verbs.h"
#include <math.h>
#include <string.h>

struct eos_options {
    const char *campaign, *ensemble;
    struct eos_question question;
    bool json;
    const char *potential, *cut, *cutoff, *geometry, *phases, *volumes; /* not of a database */
};

static const struct option_spec eos_specs[] = {
    OPTION("json", NULL, OPTION_FLAG, eos_options, json, "print one JSON object, 17 digits"),
    EOS_QUESTION_OPTIONS(eos_options, question),
    OPTION("campaign", "NAME", OPTION_TEXT, eos_options, campaign, "with DB: of this campaign"),
    OPTION("ensemble", "NAME", OPTION_TEXT, eos_options, ensemble, "with DB: of this ensemble"),
    OPTION("phases", "NAME,...", OPTION_TEXT, eos_options, phases, "without DB: these (default: all that have names)"),
    OPTION("volumes", "A:B:STEP", OPTION_TEXT, eos_options, volumes, "without DB: from A to B, sigma^3"),
    OPTION("geometry", "NAME", OPTION_TEXT, eos_options, geometry, "without DB: relaxed (default) or ideal"),
    OPTION("potential", "NAME", OPTION_TEXT, eos_options, potential, "without DB: wahnstrom (default) or kob_andersen"),
    OPTION("cut", "NAME", OPTION_TEXT, eos_options, cut, "without DB: shifted (default), truncated or force_shifted"),
    OPTION("cutoff", "R", OPTION_TEXT, eos_options, cutoff, "without DB: sigma (default 2.5)"),
    OPTION_END,
};

/* ---- JSON ---- */

static json_t *json_of_numbers(const double *values, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++)
        if (json_array_append_new(list, json_of_number(values[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *json_of_phase(const struct phase *phase, const struct eos_curve *curve)
{
    const struct eos_minimum minimum = eos_curve_minimum(curve);
    return json_pack("{s:s, s:o?, s:o?, s:o?, s:o?}", "name", phase->name, "V",
                     json_of_numbers(curve->volumes, curve->count), "E", json_of_numbers(curve->energies, curve->count),
                     "V_min", json_of_number(minimum.volume), "E_min", json_of_number(minimum.energy));
}

static json_t *json_of_answer(const struct ensemble_spec *spec, const struct eos_answer *answer)
{
    if (!answer->is_found)
        return json_null();
    return json_pack("{s:s, s:s, s:o?, s:o?, s:o?}", "a", spec->phases[answer->a].name, "b",
                     spec->phases[answer->b].name, "V_a", json_of_number(answer->pair.volume_a), "V_b",
                     json_of_number(answer->pair.volume_b), "E", json_of_number(answer->pair.energy));
}

static enum status print_json(const struct eos_data *data, const struct eos_answer *answer, struct error *err)
{
    json_t *list = json_array();
    for (uint32_t p = 0; list && p < data->spec->phase_count; p++)
        if (json_array_append_new(list, json_of_phase(&data->spec->phases[p], &data->curves[p])) != 0) {
            json_decref(list);
            list = NULL;
        }
    if (!list)
        return json_print(NULL, stdout, err);
    return json_print(json_pack("{s:o, s:o?}", "phases", list, "two_phase", json_of_answer(data->spec, answer)), stdout,
                      err);
}

/* ---- text ---- */

static const struct column phase_columns[] = {
    {"phase", "phase", NULL, COLUMN_TEXT, NULL},      {"small_fraction", "small", NULL, COLUMN_REAL, "%.4f"},
    {"points", "points", NULL, COLUMN_INTEGER, NULL}, {"V_min", "V_min", "sigma^3", COLUMN_REAL, "%.5f"},
    {"E_min", "E_min", "eps", COLUMN_REAL, "%.6f"},
};

static void put_phase(struct table *table, const struct phase *phase, const struct eos_curve *curve)
{
    const struct eos_minimum minimum = eos_curve_minimum(curve);
    table_put_text(table, phase->name);
    table_put_real(table, curve->small_fraction);
    table_put_integer(table, (int64_t)curve->count);
    table_put_real(table, minimum.volume);
    table_put_real(table, minimum.energy);
}

static void print_answer(const struct ensemble_spec *spec, const struct eos_answer *answer)
{
    if (!answer->is_found) {
        puts("two phases: --pair A,B says which");
        return;
    }
    const struct eos_pair *pair = &answer->pair;
    const struct phase *a = &spec->phases[answer->a], *b = &spec->phases[answer->b];
    printf("two phases: E = %.6f with %.4f of the atoms in %s at V = %.5f and the others in %s at V = %.5f\n",
           pair->energy, pair->fraction_a, a->name, pair->volume_a, b->name, pair->volume_b);
}

static enum status print_text(const struct eos_data *data, const struct eos_answer *answer, struct error *err)
{
    const struct ensemble_spec *spec = data->spec;
    struct terminal terminal = terminal_of(stdout);
    struct table *table = table_create(phase_columns, sizeof phase_columns / sizeof *phase_columns);
    if (!table)
        return mem_error(err, "a table of phases");
    for (uint32_t p = 0; p < spec->phase_count; p++)
        put_phase(table, &spec->phases[p], &data->curves[p]);
    printf("%s, %s at %g, %s crystals; per atom\n", potential_names[spec->system.potential],
           cut_names[spec->system.cut], spec->system.cutoff, eos_geometry_names[spec->eos.geometry]);
    enum status status = table_print_text(table, &terminal, stdout, err);
    table_destroy(&table);
    if (status == STATUS_OK)
        print_answer(spec, answer);
    return status;
}

/* ---- the verb ---- */

static enum status show_curves(const struct question *question, struct error *err)
{
    const struct reading *reading = question->reading;
    const struct eos_options *options = question->options;
    const struct selection selection = {.campaign = options->campaign, .ensemble = options->ensemble};
    const struct selected *item;
    struct selected_list list;
    struct eos_answer answer;
    struct eos_data data;
    enum status status = reading_select(reading, &selection, &list, err);
    if (status != STATUS_OK)
        return status;
    if ((status = eos_select(&list, &item, err)) == STATUS_OK &&
        (status = eos_read(reading->store, item, &data, err)) == STATUS_OK) {
        if ((status = eos_ask(&data, &options->question, &answer, err)) == STATUS_OK)
            status = options->json ? print_json(&data, &answer, err) : print_text(&data, &answer, err);
        eos_data_finish(&data);
    }
    selected_list_finish(&list);
    return status;
}

static enum status check_options(const void *given, struct error *err)
{
    const struct eos_options *options = given;
    if (options->potential || options->cut || options->cutoff || options->geometry || options->phases ||
        options->volumes)
        return error_set(err, STATUS_USAGE,
                         "what the curves of a database are of is in its campaign: --potential, --cut, --cutoff, "
                         "--geometry, --phases and --volumes are for `vitrine eos` without one");
    return STATUS_OK;
}

/* A database comes first: a word after an option may be its value. */
static enum status run_eos(const struct verb *verb, int argc, char *const argv[], struct error *err)
{
    struct eos_options options = {0};
    struct verb of_database = *verb;
    if (argc < 2 || argv[1][0] == '-')
        return verb_hand_over(verb, argc, argv, err);
    of_database.arguments = "DB";
    return question_run(&of_database, argc, argv, &options, check_options, show_curves, err);
}

const struct verb verb_eos = {
    .name = "eos",
    .summary = "Static energy-volume curves of crystals and the two-phase minimum",
    .arguments = "[DB]",
    .notes =
        "DB stands first: then the curves are those of an ensemble of mode eos in it. Without DB they are computed on\n"
        "the spot. Energies are per atom; relaxed crystals have the c/a and internal coordinates of least energy at\n"
        "each volume. The two-phase minimum is that of the two phases filling composition and volume together, "
        "without\n"
        "the cost of an interface. Phases: fcc_large fcc_small hcp_large hcp_small B2 C11b C14 C15 C36, or\n"
        "CRYSTAL:SITES as in c11b:SL.\n"
        "JSON: phases[] of {name, V[], E[], V_min, E_min}, two_phase {a, b, V_a, V_b, E}; without DB with the shapes\n"
        "besides. V_min and E_min are null where the minimum lies outside the curve.",
    .examples = "vitrine eos crystals.db\n"
                "vitrine eos crystals.db --pair C14,fcc_large --small-fraction 0.4 --volume 0.8 --json\n"
                "vitrine eos --cut truncated --geometry ideal --phases C15,C14,hcp_large --json",
    .options = eos_specs,
    .run = run_eos,
};
