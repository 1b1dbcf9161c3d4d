#include "common/campaign_docs.h"

#include "common/campaign_table.h"

#include <criterion/criterion.h>
#include <string.h>

static char *written_by(void (*write)(FILE *))
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    write(out);
    fclose(out);
    return text;
}

static void expect_committed(const char *path, void (*write)(FILE *))
{
    static char committed[1 << 18];
    FILE *file = fopen(path, "rb");
    cr_assert(file != NULL, "%s", path);
    committed[fread(committed, 1, sizeof committed - 1, file)] = '\0';
    fclose(file);
    char *text = written_by(write);
    cr_expect(strcmp(text, committed) == 0, "%s is stale: ninja -C build update-schemas", path);
    free(text);
}

Test(campaign_docs, committed_schema_is_that_of_the_table)
{
    expect_committed(SOURCE_ROOT "/schemas/campaign.schema.json", campaign_write_schema);
}

Test(campaign_docs, committed_reference_page_is_that_of_the_table)
{
    expect_committed(SOURCE_ROOT "/schemas/campaign.md", campaign_write_reference);
}

Test(campaign_docs, every_key_of_the_table_is_in_all_three)
{
    void (*const writers[])(FILE *) = {campaign_write_schema, campaign_write_reference, campaign_write_example};
    for (size_t w = 0; w < sizeof writers / sizeof writers[0]; w++) {
        char *text = written_by(writers[w]);
        for (size_t i = 0; i < campaign_key_count; i++)
            cr_expect_not_null(strstr(text, campaign_keys[i].name), "form %zu, key %s", w, campaign_keys[i].name);
        free(text);
    }
}

Test(campaign_docs, the_example_is_a_campaign_that_loads)
{
    char *text = written_by(campaign_write_example);
    struct campaign campaign = {0};
    struct error err = {0};
    cr_assert_eq(campaign_load_text("example.yaml", text, strlen(text), stderr, &campaign, &err), STATUS_OK);
    cr_expect_eq(campaign.ensemble_count, 2);
    cr_expect_eq(campaign.ensembles[0].mode, MODE_TEMPERING);
    cr_expect_eq(campaign.ensembles[1].mode, MODE_ISOTHERM);
    campaign_finish(&campaign);
    free(text);
}

Test(campaign_docs, every_key_is_explained)
{
    for (size_t i = 0; i < campaign_key_count; i++) {
        const struct campaign_key *key = &campaign_keys[i];
        cr_expect(key->doc && key->doc[0], "%s", key->name);
        cr_expect(key->doc[strlen(key->doc) - 1] != '.', "%s: no full stop", key->name);
        cr_expect_eq(campaign_key_find(key->section, key->name), key, "%s stands twice in its section", key->name);
    }
}
