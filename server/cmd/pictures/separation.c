/* separation.c - what becomes of a mixture under molecular dynamics with Monte Carlo exchange of identities: energy,
 * icosahedra, and the two crystals into which it may separate. Figure 3a of the paper. */
#include "server/cmd/pictures/lines.h"
#include "server/cmd/pictures/pictures.h"

static enum status draw_rungs(const struct picture_source *source, enum quantity_id quantity,
                              struct figure_panel *panel, struct error *err)
{
    const struct selected *item = source->items;
    enum status status = STATUS_OK;
    for (uint32_t r = 0; status == STATUS_OK && r < item->spec->rung_count; r++) {
        char label[FIGURE_LABEL_SIZE];
        if (!selected_has_rung(item, (struct rung_id){r}))
            continue;
        picture_set_text(label, sizeof label, "T = %.4g", item->spec->temperatures[r]);
        status = lines_draw_replicas(source->samples, item, r, quantity, r, label, panel, err);
    }
    return status;
}

static enum status draw_separation(const struct picture_source *source, struct figure *figure, struct error *err)
{
    static const struct {
        enum quantity_id quantity;
        const char *title, *label;
    } rows[] = {
        {QUANTITY_energy_inherent, "inherent energy", picture_energy_label},
        {QUANTITY_ico_fraction, "icosahedral content", "fraction of atoms <0,0,12,0>"},
        {QUANTITY_laves_largest, "largest Laves cluster", "fraction of atoms"},
        {QUANTITY_close_packed_largest, "largest close-packed cluster of large atoms", "fraction of atoms"},
    };
    const struct selected *item = source->items;
    enum status status = STATUS_OK;
    picture_name(figure, item->campaign, item->spec->name, "separation");
    picture_set_text(figure->title, sizeof figure->title,
                     "%s / %s: %u atoms; every %lld steps %u attempted exchange%s of identities", item->campaign->name,
                     item->spec->name, item->spec->system.atoms, (long long)item->spec->identity.every,
                     item->spec->identity.attempts, item->spec->identity.attempts == 1 ? "" : "s");
    for (size_t i = 0; status == STATUS_OK && i < sizeof rows / sizeof *rows; i++) {
        struct figure_panel *panel =
            picture_add_panel(figure, rows[i].title, picture_clock(item->spec).label, rows[i].label);
        panel->y_from_zero = panel->y_fraction = rows[i].quantity != QUANTITY_energy_inherent;
        status = draw_rungs(source, rows[i].quantity, panel, err);
    }
    return status;
}

const struct picture picture_separation = {
    .name = "separation",
    .summary = "energy, icosahedra, Laves and close-packed clusters against the steps of a hybrid",
    .scope = PICTURE_OF_ENSEMBLE,
    .modes = PICTURE_HYBRIDS,
    .draw = draw_separation,
};
