#include "server/cmd/reading.h"

#include "common/mem.h"
#include "server/cmd/json_out.h"
#include "server/cmd/origin_describe.h"
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static const double temperature_slack = 1e-6; /* epsilon/k_B: what people type against what is stored */

static enum status load_campaigns(struct reading *reading, struct error *err)
{
    uint32_t count;
    enum status status = store_count_campaigns(reading->store, &count, err);
    if (status != STATUS_OK)
        return status;
    reading->campaigns = mem_alloc_array(count, sizeof *reading->campaigns);
    if (reading->campaigns == NULL)
        return mem_error(err, "the campaigns of a database");
    for (; status == STATUS_OK && reading->campaign_count < count; reading->campaign_count++) {
        struct campaign_id id = {reading->campaign_count + 1};
        status = store_get_campaign(reading->store, id, &reading->campaigns[reading->campaign_count], err);
    }
    return status;
}

enum status reading_open(const char *path, struct reading *out_reading, struct error *err)
{
    struct reading reading = {.path = path};
    enum status status = store_open(path, STORE_READ, &reading.store, err);
    if (status == STATUS_OK)
        status = load_campaigns(&reading, err);
    if (status != STATUS_OK) {
        reading_finish(&reading);
        return status;
    }
    *out_reading = reading;
    return STATUS_OK;
}

void reading_finish(struct reading *reading)
{
    if (reading == NULL)
        return;
    for (uint32_t i = 0; i < reading->campaign_count; i++)
        campaign_finish(&reading->campaigns[i]);
    mem_free(reading->campaigns);
    store_close(&reading->store);
    *reading = (struct reading){0};
}

enum status question_run(const struct verb *verb, int argc, char *const argv[], void *options, question_check *check,
                         question_answer *answer, struct error *err)
{
    struct arguments arguments;
    struct reading reading;
    char command[sizeof((struct origin){0}).command];
    origin_command(argc, argv, command, sizeof command);
    enum status status = options_parse_named(verb->options, verb->arguments, argc, argv, options, &arguments, err);
    if (status == STATUS_OK && check != NULL)
        status = check(options, err);
    if (status == STATUS_OK)
        status = reading_open(arguments.words[0], &reading, err);
    if (status != STATUS_OK)
        return status;
    status = answer(&(struct question){&reading, &arguments, options, command}, err);
    reading_finish(&reading);
    return status;
}

/* --- Selection ---------------------------------------------------------------------------------------------------- */

static bool find_temperature(const struct ensemble_spec *spec, double temperature, int64_t *out_rung)
{
    for (uint32_t r = 0; r < spec->rung_count; r++)
        if (fabs(spec->temperatures[r] - temperature) <= temperature_slack) {
            *out_rung = r;
            return true;
        }
    return false;
}

static bool name_matches(const char *wanted, const char *name)
{
    return wanted == NULL || strcmp(wanted, name) == 0;
}

/* The filter of one ensemble; false when nothing in it is asked for. */
static bool make_filter(const struct selection *selection, struct selected *item)
{
    bool prepared_too = selection->from.given && selection->from.value < 0;
    if ((selection->rung.given && selection->rung.value < 0) ||
        (selection->replica.given && selection->replica.value < 0))
        return false; /* STORE_ANY is negative */
    struct store_filter filter = prepared_too ? store_filter_all(item->id) : store_filter_production(item->id);
    filter.ensemble = item->ensemble.value;
    if (selection->rung.given)
        filter.rung = selection->rung.value;
    if (selection->replica.given)
        filter.replica = selection->replica.value;
    if (selection->from.given)
        filter.step_first = selection->from.value;
    const bool from_after = selection->from.given && selection->from.value > item->spec->steps;
    if (selection->to.given)
        filter.step_last = selection->to.value;
    else if (item->spec->finish_count > 0 && !from_after)
        filter.step_last = item->spec->steps; /* a ramp after production is no part of it */
    if (selection->temperature.given && !find_temperature(item->spec, selection->temperature.value, &filter.rung))
        return false;
    item->filter = filter;
    bool has_rung = filter.rung == STORE_ANY || (filter.rung >= 0 && filter.rung < item->spec->rung_count);
    const struct replica_spec *replicas = item->campaign->replicas;
    bool has_replica =
        filter.replica == STORE_ANY || (filter.replica >= 0 && filter.replica < item->campaign->replica_count &&
                                        replicas[filter.replica].ensemble.value == item->ensemble.value);
    return has_rung && has_replica;
}

static uint32_t count_ensembles(const struct reading *reading)
{
    uint32_t count = 0;
    for (uint32_t c = 0; c < reading->campaign_count; c++)
        count += reading->campaigns[c].ensemble_count;
    return count;
}

/* What could have been named: every ensemble with its temperatures. */
static enum status refuse_selection(const struct reading *reading, struct error *err)
{
    char known[ERROR_MESSAGE_SIZE] = "";
    size_t used = 0;
    for (uint32_t c = 0; c < reading->campaign_count; c++)
        for (uint32_t e = 0; e < reading->campaigns[c].ensemble_count && used + 1 < sizeof known; e++) {
            const struct ensemble_spec *spec = &reading->campaigns[c].ensembles[e];
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%s/%s (%u rungs, T = %g .. %g)",
                                     used > 0 ? ", " : "", reading->campaigns[c].name, spec->name, spec->rung_count,
                                     spec->temperatures[0], spec->temperatures[spec->rung_count - 1]);
        }
    return error_set(err, STATUS_NOT_FOUND, "nothing here matches; there is %s", used > 0 ? known : "no campaign");
}

static void select_ensembles(const struct reading *reading, const struct selection *selection,
                             struct selected_list *list)
{
    for (uint32_t c = 0; c < reading->campaign_count; c++) {
        const struct campaign *campaign = &reading->campaigns[c];
        for (uint32_t e = 0; name_matches(selection->campaign, campaign->name) && e < campaign->ensemble_count; e++) {
            struct selected item = {
                .id = {c + 1}, .campaign = campaign, .ensemble = {e}, .spec = &campaign->ensembles[e]};
            if (name_matches(selection->ensemble, item.spec->name) && make_filter(selection, &item))
                list->items[list->count++] = item;
        }
    }
}

enum status reading_select(const struct reading *reading, const struct selection *selection,
                           struct selected_list *out_list, struct error *err)
{
    struct selected_list list = {0, mem_alloc_array(count_ensembles(reading), sizeof *list.items)};
    if (list.items == NULL)
        return mem_error(err, "a selection");
    select_ensembles(reading, selection, &list);
    if (list.count == 0) {
        selected_list_finish(&list);
        return refuse_selection(reading, err);
    }
    *out_list = list;
    return STATUS_OK;
}

void selected_list_finish(struct selected_list *list)
{
    mem_free(list->items);
    *list = (struct selected_list){0};
}

bool selected_has_rung(const struct selected *selected, struct rung_id rung)
{
    return selected->filter.rung == STORE_ANY || selected->filter.rung == rung.value;
}

bool selected_has_replica(const struct selected *selected, struct replica_id replica)
{
    return selected->campaign->replicas[replica.value].ensemble.value == selected->ensemble.value &&
           (selected->filter.replica == STORE_ANY || selected->filter.replica == replica.value);
}

bool selected_is_same_model(const struct system_spec *a, const struct system_spec *b)
{
    return a->potential == b->potential && a->cut == b->cut && a->cutoff == b->cutoff &&
           a->volume_per_atom == b->volume_per_atom &&
           (uint64_t)a->atoms_small * b->atoms == (uint64_t)b->atoms_small * a->atoms;
}

/* --- Output ------------------------------------------------------------------------------------------------------- */

enum status output_make_folder(const char *path, struct error *err)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return STATUS_OK;
    return error_set_errno(err, STATUS_IO, errno, "cannot make the folder '%s'", path);
}

enum status output_check(const struct output_options *options, struct error *err)
{
    if (options->csv && options->json)
        return error_set(err, STATUS_USAGE, "--csv and --json: choose one");
    return STATUS_OK;
}

enum status output_table(const struct output_options *options, const char *key, const struct table *table,
                         struct error *err)
{
    struct terminal terminal = terminal_of(stdout);
    if (table == NULL)
        return mem_error(err, "a table");
    if (options->json)
        return json_print(json_pack("{s:o}", key, table_to_json(table)), stdout, err);
    if (options->csv)
        return table_print_csv(table, stdout, err);
    return table_print_text(table, &terminal, stdout, err);
}
