/* eos.c - static energies of crystals against volume, with the two-phase minimum, and beside them the local energies
 * and volumes of one configuration where one was named. Figure 5 of the paper. */
#include "server/cmd/eos_picture.h"
#include "server/cmd/pictures/pictures.h"

static enum status draw_eos(const struct picture_source *source, struct figure *figure, struct error *err)
{
    struct eos_scatter scatter = {0};
    enum status status =
        source->frame ? eos_scatter_read(source->reading, source->items, source->frame, &scatter, err) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    status = eos_picture(source->store, source->items, source->frame ? &scatter : NULL, figure, err);
    eos_scatter_finish(&scatter);
    return status;
}

const struct picture picture_eos = {
    .name = "eos",
    .summary = "static energies of crystals against volume, with the two-phase minimum",
    .scope = PICTURE_OF_ENSEMBLE,
    .modes = PICTURE_CRYSTALS,
    .draw = draw_eos,
};
