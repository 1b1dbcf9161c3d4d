#include "common/campaign_section.h"

#include "common/campaign_number.h"
#include "common/campaign_value.h"
#include "common/invariant.h"
#include "common/mem.h"
#include "common/nearest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAPPING_KEYS_MAX = 64, WORDS_MAX = 64, NUMBER_SIZE = 64 };

/* ---- one node against one key ---- */

static bool is_number(enum key_type type)
{
    return type != KEY_NAME && type != KEY_CHOICE && type != KEY_BUILD && type != KEY_TEMPERATURE;
}

static const char *const kind_words[] = {
    [NODE_SCALAR] = "a single value", [NODE_LIST] = "a list", [NODE_MAPPING] = "a mapping (key: value)"};

bool section_expect_kind(const struct binding *binding, const char *name, const struct node *node, enum node_kind kind)
{
    if (node->refused)
        return false;
    if (node->kind == kind)
        return true;
    if (node->kind == NODE_SCALAR && node->size == 0)
        campaign_report_add(binding->report, node->place, "%s: nothing is given, %s is expected", name,
                            kind_words[kind]);
    else
        campaign_report_add(binding->report, node->place, "%s: this is %s, %s is expected", name,
                            kind_words[node->kind], kind_words[kind]);
    return false;
}

/* Numbers begin with a digit, a sign or a point; so does no other value of `Tf`. */
bool campaign_is_glass_name(const struct node *node)
{
    return node->kind == NODE_SCALAR && !node->refused && node->size > 0 && !strchr("0123456789+-.,", node->text[0]);
}

static const char glass_unit[] = " Tf";

static bool is_in_glass_units(const struct campaign_key *key, const struct node *node)
{
    const size_t unit = sizeof glass_unit - 1;
    return key->in_glass_units && !node->quoted && node->size > unit && node->size < NUMBER_SIZE &&
           strcmp(node->text + node->size - unit, glass_unit) == 0;
}

/* "1.2 Tf" as a number, to nine digits, so that 1.2 x 0.49 is 0.588. */
static bool scale_by_glass(const struct binding *binding, const struct node *node, char out[NUMBER_SIZE],
                           char why[CAMPAIGN_WHY_SIZE])
{
    char number[NUMBER_SIZE];
    double value;
    snprintf(number, sizeof number, "%.*s", (int)(node->size - (sizeof glass_unit - 1)), node->text);
    const char *reason = campaign_number_real(number, &value);
    if (reason || binding->glass_temperature == 0.0) {
        snprintf(why, CAMPAIGN_WHY_SIZE, "%s",
                 reason ? reason : "no `Tf` says what that is: add it to the file, as in `Tf: 0.49`");
        return false;
    }
    snprintf(out, NUMBER_SIZE, "%.9g", value * binding->glass_temperature);
    return true;
}

static bool store_scalar(const struct binding *binding, const struct campaign_key *key, const struct node *node,
                         void *target, char why[CAMPAIGN_WHY_SIZE])
{
    char number[NUMBER_SIZE];
    if (!is_in_glass_units(key, node))
        return campaign_value_store(key, node->text, node->quoted, target, why);
    return scale_by_glass(binding, node, number, why) && campaign_value_store(key, number, false, target, why);
}

/* A name: the binding knows already what it stands for. */
static bool bind_glass_name(const struct binding *binding, const struct campaign_key *key, const struct node *node,
                            double *out)
{
    char quote[CAMPAIGN_QUOTE_SIZE];
    if (binding->glass_why[0] == '\0') {
        *out = binding->glass_temperature;
        return true;
    }
    campaign_report_add(binding->report, node->place, "%s: cannot use '%s': %s", key->name,
                        campaign_quote(node->text, node->size, quote), binding->glass_why);
    return false;
}

static bool bind_scalar(const struct binding *binding, const struct campaign_key *key, const struct node *node,
                        void *target)
{
    char why[CAMPAIGN_WHY_SIZE], quote[CAMPAIGN_QUOTE_SIZE];
    if (!section_expect_kind(binding, key->name, node, NODE_SCALAR))
        return false;
    if (node->size == 0 && !node->quoted) {
        campaign_report_add(binding->report, node->place, "%s: no value is given", key->name);
        return false;
    }
    if (key->type == KEY_GLASS && campaign_is_glass_name(node))
        return bind_glass_name(binding, key, node, (double *)((char *)target + key->offset));
    if (is_in_glass_units(key, node) && isnan(binding->glass_temperature))
        return false; /* not looked up, not judged */
    if (node->quoted && is_number(key->type))
        snprintf(why, sizeof why, "in quotes it is text, not a number");
    else if (store_scalar(binding, key, node, target, why))
        return true;
    campaign_report_add(binding->report, node->place, "%s: cannot use '%s': %s", key->name,
                        campaign_quote(node->text, node->size, quote), why);
    return false;
}

static void bind_temperatures(const struct binding *binding, const struct campaign_key *key, const struct node *node,
                              struct ensemble_spec *ensemble)
{
    if (!section_expect_kind(binding, key->name, node, NODE_LIST))
        return;
    if (node->count == 0 || node->count > CAMPAIGN_RUNGS_MAX) {
        campaign_report_add(binding->report, node->place, "%s: a list of %u; 1 to %d are possible", key->name,
                            node->count, CAMPAIGN_RUNGS_MAX);
        return;
    }
    if (!(ensemble->temperatures = mem_alloc_array(node->count, sizeof *ensemble->temperatures))) {
        binding->report->no_memory = true;
        return;
    }
    ensemble->rung_count = node->count;
    const struct campaign_key one = {.name = "temperature",
                                     .type = KEY_REAL,
                                     .unit = key->unit,
                                     .min = key->min,
                                     .max = key->max,
                                     .above_min = key->above_min,
                                     .in_glass_units = key->in_glass_units};
    const struct node *item = node->first;
    for (uint32_t i = 0; i < node->count; i++, item = item->next)
        if (!bind_scalar(binding, &one, item, &ensemble->temperatures[i]))
            ensemble->temperatures[i] = NAN; /* compares as neither above nor below its neighbours */
}

static void bind_phases(const struct binding *binding, const struct campaign_key *key, const struct node *node,
                        struct eos_keys *eos)
{
    if (!section_expect_kind(binding, key->name, node, NODE_LIST))
        return;
    if (node->count == 0 || node->count > PHASES_MAX) {
        campaign_report_add(binding->report, node->place, "%s: a list of %u; 1 to %d are possible", key->name,
                            node->count, PHASES_MAX);
        return;
    }
    for (const struct node *item = node->first; item; item = item->next) {
        struct error err = {0};
        struct phase *phase = &eos->phases[eos->phase_count];
        if (!section_expect_kind(binding, "phase", item, NODE_SCALAR))
            continue;
        if (phase_find(item->text, phase, &err) != STATUS_OK)
            campaign_report_add(binding->report, item->place, "%s", err.message);
        else
            eos->phase_count++;
    }
}

/* ---- mappings ---- */

/* A key that exists elsewhere is misplaced; else it may be a typing error. */
static void report_unknown_key(const struct binding *binding, enum campaign_section section, const struct node *name)
{
    const char *words[WORDS_MAX];
    size_t count = 0;
    const struct campaign_key *elsewhere = NULL;
    for (size_t i = 0; i < campaign_key_count; i++) {
        const struct campaign_key *key = &campaign_keys[i];
        if (key->section == section && count < WORDS_MAX)
            words[count++] = key->name;
        else if (!elsewhere && strcmp(key->name, name->text) == 0)
            elsewhere = key;
    }
    char quote[CAMPAIGN_QUOTE_SIZE];
    campaign_quote(name->text, name->size, quote);
    const char *nearest = nearest_word(name->text, words, count);
    if (elsewhere)
        campaign_report_add(binding->report, name->place, "unknown key '%s' here: it belongs to %s", quote,
                            campaign_section_title(elsewhere->section));
    else if (nearest)
        campaign_report_add(binding->report, name->place, "unknown key '%s': did you mean '%s'?", quote, nearest);
    else
        campaign_report_add(binding->report, name->place, "unknown key '%s'", quote);
}

static const struct node *find_earlier(const struct node *mapping, const struct node *name)
{
    for (const struct node *other = mapping->first; other != name; other = other->next->next)
        if (other->kind == NODE_SCALAR && strcmp(other->text, name->text) == 0)
            return other;
    return NULL;
}

/* Is this a key that can be looked up? */
static bool check_key(const struct binding *binding, const struct node *mapping, const struct node *name)
{
    if (name->refused)
        return false;
    if (name->kind != NODE_SCALAR) {
        campaign_report_add(binding->report, name->place, "a key must be a word, this is %s", kind_words[name->kind]);
        return false;
    }
    if (strcmp(name->text, "<<") == 0) {
        campaign_report_add(binding->report, name->place, "merge key '<<': write the keys out");
        return false;
    }
    const struct node *earlier = find_earlier(mapping, name);
    if (earlier) {
        char quote[CAMPAIGN_QUOTE_SIZE];
        campaign_report_add(binding->report, name->place, "key '%s' is repeated: it stands on line %u already",
                            campaign_quote(name->text, name->size, quote), earlier->place.line);
    }
    return !earlier;
}

/* Its mappings are bound by whoever knows what they fill in. */
static bool is_section(const struct campaign_key *key, const struct node *value)
{
    return key->type == KEY_SECTION || key->type == KEY_SECTIONS || key->type == KEY_HOLD ||
           (key->type == KEY_BUILD && value->kind == NODE_MAPPING);
}

static void bind_pair(const struct binding *binding, enum campaign_section section, const struct node *mapping,
                      const struct node *name, void *target)
{
    if (!check_key(binding, mapping, name))
        return;
    const struct campaign_key *key = campaign_key_find(section, name->text);
    if (!key)
        report_unknown_key(binding, section, name);
    else if (key->type == KEY_TEMPERATURES)
        bind_temperatures(binding, key, name->next, target);
    else if (key->type == KEY_PHASES)
        bind_phases(binding, key, name->next, target);
    else if (!is_section(key, name->next))
        bind_scalar(binding, key, name->next, target);
}

static void report_missing_keys(const struct binding *binding, enum campaign_section section,
                                const struct node *mapping)
{
    for (size_t i = 0; i < campaign_key_count; i++) {
        const struct campaign_key *key = &campaign_keys[i];
        if (key->section == section && key->required && !key->modes && !node_find(mapping, key->name))
            campaign_report_add(binding->report, mapping->place, "missing key '%s' in %s", key->name,
                                campaign_section_title(section));
    }
}

/* Fills in the scalars of one mapping; its sections are the caller's. Returns whether it is a mapping. */
bool section_bind(const struct binding *binding, enum campaign_section section, const char *name,
                  const struct node *mapping, void *target)
{
    if (!mapping || !section_expect_kind(binding, name, mapping, NODE_MAPPING))
        return false;
    if (mapping->count / 2 > MAPPING_KEYS_MAX) {
        campaign_report_add(binding->report, mapping->place, "%s: a mapping of %u keys; %d are possible", name,
                            mapping->count / 2, MAPPING_KEYS_MAX);
        return false;
    }
    for (const struct node *key = mapping->first; key && key->next; key = key->next->next)
        bind_pair(binding, section, mapping, key, target);
    report_missing_keys(binding, section, mapping);
    return true;
}

/* The defaults of a section, by the same reader as the file. */
void section_set_presets(enum campaign_section section, void *target)
{
    char why[CAMPAIGN_WHY_SIZE];
    for (size_t i = 0; i < campaign_key_count; i++) {
        const struct campaign_key *key = &campaign_keys[i];
        if (key->section == section && key->preset)
            INVARIANT(campaign_value_store(key, key->preset, false, target, why));
    }
}
