#include "common/campaign_docs.h"

#include "common/campaign_table.h"

#include <inttypes.h>
#include <string.h>

static bool is_last_of_section(size_t index)
{
    for (size_t i = index + 1; i < campaign_key_count; i++)
        if (campaign_keys[i].section == campaign_keys[index].section)
            return false;
    return true;
}

static bool is_absent(const struct campaign_key *key, uint32_t word)
{
    return key->words_absent >> word & 1;
}

/* ---- JSON Schema ---- */

static void put_json_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void put_bound(FILE *out, double bound)
{
    if (bound == 0x1p63)
        fprintf(out, "%" PRId64, INT64_MAX);
    else
        fprintf(out, "%.17g", bound);
}

static void put_number_type(FILE *out, const struct campaign_key *key, const char *type)
{
    fprintf(out, "\"type\": \"%s\", \"%s\": ", type, key->above_min ? "exclusiveMinimum" : "minimum");
    put_bound(out, key->min);
    fprintf(out, ", \"maximum\": ");
    put_bound(out, key->max);
}

static void put_words(FILE *out, const struct campaign_key *key)
{
    const char *separator = "";
    fprintf(out, "\"enum\": [");
    for (uint32_t i = 0; i < key->word_count; i++) {
        if (is_absent(key, i))
            continue;
        fputs(separator, out);
        put_json_string(out, key->words[i]);
        separator = ", ";
    }
    fputc(']', out);
}

static void put_bytes_type(FILE *out, const struct campaign_key *key)
{
    fprintf(out, "\"oneOf\": [{");
    put_number_type(out, key, "integer");
    fprintf(out, "}, {\"type\": \"string\", \"pattern\": "
                 "\"^(0|[1-9][0-9]*)(\\\\.[0-9]+)? (B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$\"}]");
}

/* A number, or "1.2 Tf" where that is possible, or `word` where there is one. */
static void put_real_type(FILE *out, const struct campaign_key *key, const char *word)
{
    if (!key->in_glass_units && !word) {
        put_number_type(out, key, "number");
        return;
    }
    fprintf(out, "\"oneOf\": [{");
    put_number_type(out, key, "number");
    if (key->in_glass_units)
        fprintf(out, "}, {\"type\": \"string\", \"pattern\": \"^(0|[1-9][0-9]*)(\\\\.[0-9]+)? Tf$\"");
    if (word)
        fprintf(out, "}, {\"const\": \"%s\"", word);
    fprintf(out, "}]");
}

static void put_temperatures_type(FILE *out, const struct campaign_key *key)
{
    fprintf(out, "\"type\": \"array\", \"minItems\": 1, \"maxItems\": %d, \"items\": {", CAMPAIGN_RUNGS_MAX);
    put_real_type(out, key, NULL);
    fputc('}', out);
}

static void put_type(FILE *out, const struct campaign_key *key)
{
    const char *child = campaign_section_name(key->child);
    switch (key->type) {
    case KEY_NAME:
        fprintf(out, "\"type\": \"string\", \"pattern\": \"^[A-Za-z0-9_][A-Za-z0-9_.-]*$\", \"maxLength\": %d",
                CAMPAIGN_NAME_SIZE - 1);
        break;
    case KEY_CHOICE:
        put_words(out, key);
        break;
    case KEY_BUILD:
        fprintf(out, "\"oneOf\": [{");
        put_words(out, key);
        fprintf(out, "}, {\"$ref\": \"#/definitions/%s\"}]", child);
        break;
    case KEY_HOLD:
        fprintf(out, "\"oneOf\": [{\"const\": \"production\"}, {\"$ref\": \"#/definitions/%s\"}]", child);
        break;
    case KEY_COUNT:
    case KEY_STEPS:
    case KEY_SEED:
        put_number_type(out, key, "integer");
        break;
    case KEY_BYTES:
        put_bytes_type(out, key);
        break;
    case KEY_GLASS:
        fprintf(out, "\"oneOf\": [{");
        put_number_type(out, key, "number");
        fprintf(
            out,
            "}, {\"type\": \"string\", \"pattern\": \"^[A-Za-z_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)?$\"}]");
        break;
    case KEY_REAL:
        put_real_type(out, key, NULL);
        break;
    case KEY_TEMPERATURE:
        put_real_type(out, key, "rung");
        break;
    case KEY_TEMPERATURES:
        put_temperatures_type(out, key);
        break;
    case KEY_PHASES:
        fprintf(out, "\"type\": \"array\", \"minItems\": 1, \"maxItems\": %.0f, \"items\": {\"type\": \"string\"}",
                key->max);
        break;
    case KEY_SECTION:
        fprintf(out, "\"allOf\": [{\"$ref\": \"#/definitions/%s\"}]", child);
        break;
    case KEY_SECTIONS:
        fprintf(out,
                "\"type\": \"array\", \"minItems\": 1, \"maxItems\": %.0f, \"items\": {\"$ref\": "
                "\"#/definitions/%s\"}",
                key->max, child);
        break;
    }
}

static void put_preset(FILE *out, const struct campaign_key *key)
{
    if (!key->preset)
        return;
    fprintf(out, ", \"default\": ");
    if (key->type == KEY_CHOICE)
        put_json_string(out, key->preset);
    else
        fputs(key->preset, out);
}

static void put_description(FILE *out, const struct campaign_key *key)
{
    char text[1024];
    snprintf(text, sizeof text, "%s%s%s%s%s%s", key->doc, key->unit ? " [" : "", key->unit ? key->unit : "",
             key->unit ? "]" : "", key->preset_note ? "; default: " : "", key->preset_note ? key->preset_note : "");
    fprintf(out, ", \"description\": ");
    put_json_string(out, text);
}

static void put_property(FILE *out, size_t index)
{
    const struct campaign_key *key = &campaign_keys[index];
    fprintf(out, "        \"%s\": {", key->name);
    put_type(out, key);
    put_preset(out, key);
    put_description(out, key);
    fprintf(out, "}%s\n", is_last_of_section(index) ? "" : ",");
}

static void put_required(FILE *out, enum campaign_section section)
{
    const char *separator = "";
    fprintf(out, "      \"required\": [");
    for (size_t i = 0; i < campaign_key_count; i++)
        if (campaign_keys[i].section == section && campaign_keys[i].required && !campaign_keys[i].modes) {
            fprintf(out, "%s\"%s\"", separator, campaign_keys[i].name);
            separator = ", ";
        }
    fprintf(out, "],\n");
}

/* What an ensemble of one mode must have, and must not have. */
static void put_mode_rule(FILE *out, enum ensemble_mode mode)
{
    const char *separator = "";
    fprintf(out, "        {\"if\": {\"properties\": {\"mode\": {\"const\": \"%s\"}}, \"required\": [\"mode\"]},\n",
            mode_names[mode]);
    fprintf(out, "         \"then\": {\"required\": [");
    for (size_t i = 0; i < campaign_key_count; i++)
        if (campaign_keys[i].modes && campaign_keys[i].required && campaign_key_is_of_mode(&campaign_keys[i], mode)) {
            fprintf(out, "%s\"%s\"", separator, campaign_keys[i].name);
            separator = ", ";
        }
    separator = "";
    fprintf(out, "], \"not\": {\"anyOf\": [");
    for (size_t i = 0; i < campaign_key_count; i++)
        if (!campaign_key_is_of_mode(&campaign_keys[i], mode)) {
            fprintf(out, "%s{\"required\": [\"%s\"]}", separator, campaign_keys[i].name);
            separator = ", ";
        }
    fprintf(out, "]}}}%s\n", mode + 1 < MODE_KIND_COUNT ? "," : "");
}

static void put_mode_rules(FILE *out)
{
    fprintf(out, "      \"allOf\": [\n");
    for (unsigned mode = 0; mode < MODE_KIND_COUNT; mode++)
        put_mode_rule(out, mode);
    fprintf(out, "      ],\n");
}

static void put_definition(FILE *out, enum campaign_section section)
{
    fprintf(out, "    \"%s\": {\n      \"description\": ", campaign_section_name(section));
    put_json_string(out, campaign_section_doc(section));
    fprintf(out, ",\n      \"type\": \"object\",\n      \"additionalProperties\": false,\n");
    if (section == SECTION_STAGE)
        fprintf(out, "      \"minProperties\": 1,\n      \"maxProperties\": 1,\n");
    if (section == SECTION_SYSTEM)
        fprintf(out, "      \"not\": {\"required\": [\"small_fraction\", \"atoms_small\"]},\n");
    if (section == SECTION_QUENCH)
        fprintf(out, "      \"oneOf\": [{\"required\": [\"rate\"]}, {\"required\": [\"steps\"]}],\n");
    if (section == SECTION_ENSEMBLE)
        put_mode_rules(out);
    put_required(out, section);
    fprintf(out, "      \"properties\": {\n");
    for (size_t i = 0; i < campaign_key_count; i++)
        if (campaign_keys[i].section == section)
            put_property(out, i);
    fprintf(out, "      }\n    }%s\n", section + 1 < SECTION_COUNT ? "," : "");
}

void campaign_write_schema(FILE *out)
{
    fprintf(out, "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
                 "  \"title\": \"Vitrine campaign file\",\n"
                 "  \"allOf\": [{\"$ref\": \"#/definitions/campaign\"}],\n  \"definitions\": {\n");
    for (unsigned section = 0; section < SECTION_COUNT; section++)
        put_definition(out, section);
    fprintf(out, "  }\n}\n");
}

/* ---- the reference page ---- */

static const char *const page_head =
    "# The campaign file\n"
    "\n"
    "A campaign file is YAML: what is simulated, how it is prepared, how it is run and what is measured. It is the "
    "one\n"
    "input of `vitrine run`; `vitrine validate FILE` checks it and says what it will cost, `vitrine init` writes a\n"
    "commented example, and `campaign.schema.json` beside this page lets an editor complete and check it.\n"
    "\n"
    "Units are reduced Lennard-Jones of the large species: length sigma, energy epsilon, mass of a large atom; k_B = "
    "1;\n"
    "tau = sigma (m/epsilon)^1/2. Numbers are decimal and written without units. Only plain YAML is read: no anchors,\n"
    "aliases, tags or merge keys, one document, at most 256 KiB. Every mistake is reported at once, with its place.\n";

static const char *const page_extend =
    "\n## What may change in a campaign that runs\n"
    "\n"
    "`vitrine run` with a longer file goes on where the shorter one ended, and gives the same rows as the longer file\n"
    "would have given alone. Only these may change: `steps` (more), `replicas` (more), `temperatures` of an isotherm\n"
    "or a hybrid (more), `eos.to` (higher) and `eos.phases` (more, at the end), cadences of `sample` (added, or a "
    "divisor "
    "of\n"
    "the old one), further ensembles at the end of the list, and everything under `store`. Ramps after production fix "
    "its `steps`.\n"
    "A `Tf` that names a quench ensemble is looked up when the file is first run with it, and never changes after "
    "that: "
    "run\n"
    "the quenches, then add the ensembles whose temperatures are written in it.\n";

/* Where the key is not one of every mode. */
static void put_page_modes(FILE *out, const struct campaign_key *key)
{
    const char *separator = " in ";
    for (unsigned mode = 0; key->modes && mode < MODE_KIND_COUNT; mode++)
        if (campaign_key_is_of_mode(key, mode)) {
            fprintf(out, "%s%s", separator, mode_names[mode]);
            separator = ", ";
        }
}

static void put_page_default(FILE *out, const struct campaign_key *key)
{
    if (key->required) {
        fprintf(out, "required");
        put_page_modes(out, key);
    } else if (key->preset)
        fprintf(out, "`%s`", key->preset);
    else if (key->preset_note)
        fprintf(out, "%s", key->preset_note);
}

static void put_page_words(FILE *out, const struct campaign_key *key)
{
    const char *separator = "";
    for (uint32_t i = 0; i < key->word_count; i++) {
        if (is_absent(key, i))
            continue;
        fprintf(out, "%s`%s`", separator, key->words[i]);
        separator = ", ";
    }
}

static void put_page_values(FILE *out, const struct campaign_key *key)
{
    char range[CAMPAIGN_RANGE_SIZE];
    switch (key->type) {
    case KEY_NAME:
        fprintf(out, "a name of at most %d characters", CAMPAIGN_NAME_SIZE - 1);
        break;
    case KEY_CHOICE:
        put_page_words(out, key);
        break;
    case KEY_BUILD:
        put_page_words(out, key);
        fprintf(out, ", or a mapping, see `%s`", campaign_section_title(key->child));
        break;
    case KEY_HOLD:
        fprintf(out, "the word `production`, or a mapping, see `%s`", campaign_section_title(key->child));
        break;
    case KEY_SECTION:
        fprintf(out, "a mapping, see `%s`", campaign_section_title(key->child));
        break;
    case KEY_SECTIONS:
        fprintf(out, "a list of 1 to %.0f, see `%s`", key->max, campaign_section_title(key->child));
        break;
    case KEY_TEMPERATURES:
        fprintf(out, "a list of 1 to %d numbers, each %s", CAMPAIGN_RUNGS_MAX, campaign_key_range(key, range));
        break;
    case KEY_PHASES:
        fprintf(out, "a list of 1 to %.0f names", key->max);
        break;
    case KEY_GLASS:
        fprintf(out, "a number %s, or a name", campaign_key_range(key, range));
        break;
    case KEY_REAL:
    case KEY_TEMPERATURE:
        fprintf(out, "a number %s", campaign_key_range(key, range));
        break;
    default:
        fprintf(out, "a whole number, %s", campaign_key_range(key, range));
        break;
    }
}

static void put_page_section(FILE *out, enum campaign_section section)
{
    fprintf(out, "\n## %s\n\n%s.\n\n| key | value | default | meaning |\n|---|---|---|---|\n",
            campaign_section_title(section), campaign_section_doc(section));
    for (size_t i = 0; i < campaign_key_count; i++) {
        const struct campaign_key *key = &campaign_keys[i];
        if (key->section != section)
            continue;
        fprintf(out, "| `%s` | ", key->name);
        put_page_values(out, key);
        fprintf(out, " | ");
        put_page_default(out, key);
        fprintf(out, " | %s |\n", key->doc);
    }
}

void campaign_write_reference(FILE *out)
{
    fputs(page_head, out);
    for (unsigned section = 0; section < SECTION_COUNT; section++)
        put_page_section(out, section);
    fputs(page_extend, out);
    fprintf(out, "\n## An example\n\nWhat `vitrine init` writes:\n\n```yaml\n");
    campaign_write_example(out);
    fprintf(out, "```\n");
}

/* ---- the commented example ---- */

enum { EXAMPLE_WIDTH = 110 };

static const char *const example_head =
    "# A Vitrine campaign. Every key is here with its meaning; keys that are commented out have the default shown.\n"
    "# Units are reduced Lennard-Jones of the large species (sigma, epsilon, its mass, k_B = 1).\n"
    "#   vitrine validate FILE    checks this file and says what it will cost\n"
    "#   vitrine run FILE         runs it here\n";

static const char *const example_tail =
    "\n"
    "  # A second ensemble: two isotherms of two replicas each, with the default preparation and sampling.\n"
    "  - name: hot\n"
    "    mode: isotherm\n"
    "    temperatures: [0.59, 0.65]\n"
    "    replicas: 2\n"
    "    segment_steps: 100000\n"
    "    steps: 1000000\n";

/* A comment of whole words, broken at EXAMPLE_WIDTH. */
static void put_comment(FILE *out, int indent, const char *text)
{
    int column = 0;
    for (const char *word = text; *word;) {
        int size = (int)strcspn(word, " ");
        if (column == 0 || column + 1 + size > EXAMPLE_WIDTH) {
            fprintf(out, "%s%*s#", column ? "\n" : "", indent, "");
            column = indent + 1;
        }
        fprintf(out, " %.*s", size, word);
        column += 1 + size;
        word += size + (word[size] == ' ');
    }
    fputc('\n', out);
}

static void put_key_comment(FILE *out, int indent, const struct campaign_key *key)
{
    char text[1024];
    snprintf(text, sizeof text, "%s%s%s%s", key->doc, key->unit ? " [" : "", key->unit ? key->unit : "",
             key->unit ? "]" : "");
    put_comment(out, indent, text);
}

static void put_example_section(FILE *out, enum campaign_section section, int indent, bool is_item);

static bool is_mapping(const struct campaign_key *key)
{
    return key->type == KEY_SECTION || key->type == KEY_SECTIONS || key->type == KEY_HOLD;
}

/* Has the example this section with all its keys? */
static bool is_written_out(enum campaign_section section)
{
    for (size_t i = 0; i < campaign_key_count; i++) {
        const struct campaign_key *key = &campaign_keys[i];
        if (key->child == section && key->example && is_mapping(key))
            return true;
    }
    return false;
}

static bool has_child(const struct campaign_key *key)
{
    return is_mapping(key) || key->type == KEY_BUILD;
}

/* A section that most files do without, as one line to copy: "# hybrid: {identity_every: 100, ...}". */
static void put_flow(FILE *out, int indent, const struct campaign_key *parent)
{
    const char *separator = "";
    fprintf(out, "%*s# %s: {", indent, "", parent->name);
    for (size_t i = 0; i < campaign_key_count; i++) {
        const struct campaign_key *key = &campaign_keys[i];
        if (key->section != parent->child)
            continue;
        if (!key->example && !key->preset)
            continue;
        fprintf(out, "%s%s: %s", separator, key->name, key->example ? key->example : key->preset);
        separator = ", ";
    }
    fprintf(out, "}\n");
}

/* `dash` is "- " for the first key of a list's item. */
static void put_example_key(FILE *out, const struct campaign_key *key, int indent, const char *dash)
{
    put_key_comment(out, indent, key);
    if (has_child(key) && !is_written_out(key->child)) {
        put_flow(out, indent, key);
        if (!key->example)
            return;
    }
    fprintf(out, "%*s%s", indent, "", dash);
    int inner = indent + (int)strlen(dash) + 2;
    if (key->example && is_mapping(key)) {
        fprintf(out, "%s:\n", key->name);
        put_example_section(out, key->child, inner, key->type == KEY_SECTIONS);
    } else if (key->example || key->preset)
        fprintf(out, "%s: %s\n", key->name, key->example ? key->example : key->preset);
    else
        fprintf(out, "# %s:%s%s\n", key->name, key->preset_note ? " default: " : " none",
                key->preset_note ? key->preset_note : "");
}

/* A list shows one item, with all keys of its section; a list of stages shows one item of each kind. */
static void put_example_section(FILE *out, enum campaign_section section, int indent, bool is_item)
{
    bool first = true;
    for (size_t i = 0; i < campaign_key_count; i++) {
        if (campaign_keys[i].section != section)
            continue;
        bool dash = is_item && (first || section == SECTION_STAGE);
        if (section == SECTION_CAMPAIGN)
            fputc('\n', out);
        put_example_key(out, &campaign_keys[i], indent + (is_item && !dash ? 2 : 0), dash ? "- " : "");
        first = false;
    }
}

void campaign_write_example(FILE *out)
{
    fputs(example_head, out);
    put_example_section(out, SECTION_CAMPAIGN, 0, false);
    fputs(example_tail, out);
}
