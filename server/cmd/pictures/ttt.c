/* ttt.c - the time-temperature-transformation diagram of a campaign's isotherms by the default definition of an event,
 * and t_50 of its compositions. Figure 6 of the paper; `vitrine ttt` has the other definitions, and the numbers. */
#include "server/cmd/ttt_picture.h"

#include "server/cmd/pictures/pictures.h"

/* Where there is nothing to say (no sample yet, runs that are one run) there is no picture, and why is told. */
static enum status compute(const struct picture_source *source, FILE *told, struct ttt_results *out, bool *out_found,
                           struct error *err)
{
    const struct selected_list list = {source->count, (struct selected *)source->items};
    struct ttt_request request;
    struct error why = {0};
    enum status status = ttt_request_default(&request, err);
    if (status != STATUS_OK)
        return status;
    request.samples = source->samples;
    status = ttt_results_compute(source->reading, &list, &request, 0.0, told, out, &why);
    *out_found = status == STATUS_OK;
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_INVALID) {
        fprintf(told, "left out: the diagram of '%s': %s\n", source->items->campaign->name, why.message);
        return STATUS_OK;
    }
    *err = why;
    return status;
}

static enum status draw_ttt(const struct picture_source *source, struct figure *figure, struct error *err)
{
    struct ttt_results results;
    bool found;
    enum status status = compute(source, stderr, &results, &found, err);
    if (status != STATUS_OK || !found)
        return status;
    status = ttt_picture(&results, 0.0, figure, err);
    ttt_results_finish(&results);
    return status;
}

/* What is left out has been told by the diagram. */
static enum status draw_compositions(const struct picture_source *source, struct figure *figure, FILE *told,
                                     struct error *err)
{
    struct ttt_results results;
    bool found;
    enum status status = compute(source, told, &results, &found, err);
    if (status != STATUS_OK || !found)
        return status;
    if (ttt_has_compositions(&results))
        status = ttt_picture_map(&results, figure, err);
    ttt_results_finish(&results);
    return status;
}

static enum status draw_ttt_map(const struct picture_source *source, struct figure *figure, struct error *err)
{
    if (!picture_has_compositions(source))
        return STATUS_OK;
    FILE *nowhere = fopen("/dev/null", "w");
    if (nowhere == NULL)
        return error_set(err, STATUS_IO, "cannot open '/dev/null'");
    enum status status = draw_compositions(source, figure, nowhere, err);
    fclose(nowhere);
    return status;
}

const struct picture picture_ttt = {
    .name = "ttt",
    .summary = "time-temperature-transformation diagram of isotherms, by the default definition of an event",
    .scope = PICTURE_OF_CAMPAIGN,
    .has_section = true,
    .modes = PICTURE_ISOTHERMS,
    .draw = draw_ttt,
};

const struct picture picture_ttt_map = {
    .name = "ttt",
    .summary = "t_50 against composition",
    .scope = PICTURE_OF_CAMPAIGN,
    .has_section = true,
    .modes = PICTURE_ISOTHERMS,
    .draw = draw_ttt_map,
};
