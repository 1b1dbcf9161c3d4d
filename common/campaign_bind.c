#include "common/campaign_bind.h"

#include "common/campaign_number.h"
#include "common/invariant.h"
#include "common/mem.h"
#include "common/nearest.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { MAPPING_KEYS_MAX = 64, WHY_SIZE = 256, WORDS_MAX = 64, NUMBER_SIZE = 64 };

_Static_assert(sizeof(enum potential_kind) == sizeof(unsigned), "choices are stored as unsigned");

/* ---- one value from its text; each returns false and says why ---- */

static bool is_reserved_word(const char *text)
{
    static const char *const words[] = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

static bool store_name(const char *text, bool quoted, char *out, char why[WHY_SIZE])
{
    size_t size = strlen(text);
    const char *reason = NULL;
    double number;
    if (size == 0)
        reason = "a name is expected";
    else if (size >= CAMPAIGN_NAME_SIZE)
        reason = "a name has at most 63 characters";
    else if (!quoted && is_reserved_word(text))
        reason = "YAML takes this word for a truth value or nothing: choose another or quote it";
    else if (!quoted && campaign_number_real(text, &number) == NULL)
        reason = "YAML takes this for a number: choose another or quote it";
    else if (text[0] == '.' || text[0] == '-')
        reason = "a name begins with a letter, a digit or '_'";
    for (size_t i = 0; !reason && i < size; i++)
        if (!is_name_character(text[i]))
            reason = "a name has letters, digits, '-', '_' and '.' only";
    if (reason) {
        snprintf(why, WHY_SIZE, "%s", reason);
        return false;
    }
    memcpy(out, text, size + 1);
    return true;
}

static void list_words(const struct campaign_key *key, char *out, size_t size)
{
    size_t used = 0;
    for (uint32_t i = 0; i < key->word_count && used < size; i++)
        if (!(key->words_absent >> i & 1))
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", key->words[i]);
}

static uint32_t find_word(const struct campaign_key *key, const char *text)
{
    uint32_t i = 0;
    while (i < key->word_count && strcmp(text, key->words[i]) != 0)
        i++;
    return i;
}

static bool store_choice(const struct campaign_key *key, const char *text, unsigned *out, char why[WHY_SIZE])
{
    uint32_t index = find_word(key, text);
    bool is_word = index < key->word_count;
    if (is_word && !(key->words_absent >> index & 1)) {
        *out = index;
        return true;
    }
    char words[WHY_SIZE / 2];
    list_words(key, words, sizeof words);
    const char *nearest = nearest_word(text, key->words, key->word_count);
    if (is_word)
        snprintf(why, WHY_SIZE, "this version does not run it, only %s", words);
    else if (nearest)
        snprintf(why, WHY_SIZE, "did you mean '%s'? known: %s", nearest, words);
    else
        snprintf(why, WHY_SIZE, "known: %s", words);
    return false;
}

static bool in_range(const struct campaign_key *key, double value, char why[WHY_SIZE])
{
    if (value <= key->max && (key->above_min ? value > key->min : value >= key->min))
        return true;
    char range[CAMPAIGN_RANGE_SIZE];
    snprintf(why, WHY_SIZE, "it must be %s", campaign_key_range(key, range));
    return false;
}

static bool store_real(const struct campaign_key *key, const char *text, double *out, char why[WHY_SIZE])
{
    double value;
    const char *reason = campaign_number_real(text, &value);
    if (reason)
        snprintf(why, WHY_SIZE, "%s", reason);
    if (reason || !in_range(key, value, why))
        return false;
    *out = value;
    return true;
}

static bool read_whole(const struct campaign_key *key, const char *text, int64_t *out, char why[WHY_SIZE])
{
    const char *reason = key->type == KEY_BYTES ? campaign_number_bytes(text, out) : campaign_number_whole(text, out);
    if (reason)
        snprintf(why, WHY_SIZE, "%s", reason);
    return !reason && in_range(key, (double)*out, why);
}

static bool store_temperature(const struct campaign_key *key, const char *text, struct stage_spec *stage,
                              char why[WHY_SIZE])
{
    if (strcmp(text, "rung") == 0) {
        stage->to_rung = true;
        return true;
    }
    return store_real(key, text, &stage->temperature, why);
}

static bool store_value(const struct campaign_key *key, const char *text, bool quoted, void *target, char why[WHY_SIZE])
{
    void *field = (char *)target + key->offset;
    int64_t whole;
    switch (key->type) {
    case KEY_NAME:
        return store_name(text, quoted, field, why);
    case KEY_CHOICE:
    case KEY_BUILD:
        return store_choice(key, text, field, why);
    case KEY_REAL:
        return store_real(key, text, field, why);
    case KEY_TEMPERATURE:
        return store_temperature(key, text, target, why);
    case KEY_COUNT:
        if (!read_whole(key, text, &whole, why))
            return false;
        *(uint32_t *)field = (uint32_t)whole;
        return true;
    default:
        INVARIANT(key->type == KEY_STEPS || key->type == KEY_SEED || key->type == KEY_BYTES);
        if (!read_whole(key, text, &whole, why))
            return false;
        *(int64_t *)field = whole;
        return true;
    }
}

static bool is_number(enum key_type type)
{
    return type != KEY_NAME && type != KEY_CHOICE && type != KEY_BUILD && type != KEY_TEMPERATURE;
}

/* ---- one node against one key ---- */

/* What reading a value may need beside its key. */
struct binding {
    struct campaign_report *report;
    double glass_temperature; /* what `Tf` stands for here; 0 = nothing */
};

static const char *const kind_words[] = {
    [NODE_SCALAR] = "a single value", [NODE_LIST] = "a list", [NODE_MAPPING] = "a mapping (key: value)"};

static bool expect_kind(const struct binding *binding, const char *name, const struct node *node, enum node_kind kind)
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

/* The `Tf` of a mapping, else `outer`. One that cannot be read has its message where it is bound; a number that offends
 * no rule stands for it. */
static double find_glass_temperature(const struct node *mapping, double outer)
{
    const struct node *node = node_find(mapping, "Tf");
    double value;
    if (!node)
        return outer;
    if (node->kind != NODE_SCALAR || campaign_number_real(node->text, &value) || !(value > 0.0))
        return 0.5;
    return value;
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
                           char why[WHY_SIZE])
{
    char number[NUMBER_SIZE];
    double value;
    snprintf(number, sizeof number, "%.*s", (int)(node->size - (sizeof glass_unit - 1)), node->text);
    const char *reason = campaign_number_real(number, &value);
    if (reason || binding->glass_temperature == 0.0) {
        snprintf(why, WHY_SIZE, "%s",
                 reason ? reason : "no `Tf` says what that is: add it to the file, as in `Tf: 0.49`");
        return false;
    }
    snprintf(out, NUMBER_SIZE, "%.9g", value * binding->glass_temperature);
    return true;
}

static bool store_scalar(const struct binding *binding, const struct campaign_key *key, const struct node *node,
                         void *target, char why[WHY_SIZE])
{
    char number[NUMBER_SIZE];
    if (!is_in_glass_units(key, node))
        return store_value(key, node->text, node->quoted, target, why);
    return scale_by_glass(binding, node, number, why) && store_value(key, number, false, target, why);
}

static bool bind_scalar(const struct binding *binding, const struct campaign_key *key, const struct node *node,
                        void *target)
{
    char why[WHY_SIZE], quote[CAMPAIGN_QUOTE_SIZE];
    if (!expect_kind(binding, key->name, node, NODE_SCALAR))
        return false;
    if (node->size == 0 && !node->quoted) {
        campaign_report_add(binding->report, node->place, "%s: no value is given", key->name);
        return false;
    }
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
    if (!expect_kind(binding, key->name, node, NODE_LIST))
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
    return key->type == KEY_SECTION || key->type == KEY_SECTIONS ||
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
static bool bind_section(const struct binding *binding, enum campaign_section section, const char *name,
                         const struct node *mapping, void *target)
{
    if (!mapping || !expect_kind(binding, name, mapping, NODE_MAPPING))
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
static void set_presets(enum campaign_section section, void *target)
{
    char why[WHY_SIZE];
    for (size_t i = 0; i < campaign_key_count; i++) {
        const struct campaign_key *key = &campaign_keys[i];
        if (key->section == section && key->preset)
            INVARIANT(store_value(key, key->preset, false, target, why));
    }
}

/* ---- prepare ---- */

static void set_default_stages(struct ensemble_spec *ensemble)
{
    ensemble->stage_count = 3;
    ensemble->stages[0] = (struct stage_spec){.kind = STAGE_BUILD, .builder = BUILDER_RANDOM};
    ensemble->stages[1] = (struct stage_spec){.kind = STAGE_HOLD, .temperature = 2.0, .steps = 100000};
    ensemble->stages[2] = (struct stage_spec){.kind = STAGE_RAMP, .to_rung = true, .rate = 1e-6};
}

/* `build: word` is bound already. The numbers of a nanocomposite have defaults, which other starts must not have. */
static void bind_build(const struct binding *binding, const struct node *value, struct stage_spec *stage)
{
    if (value->kind == NODE_MAPPING) {
        stage->builder = BUILDER_KIND_COUNT; /* until it is read */
        set_presets(SECTION_BUILD, stage);
        bind_section(binding, SECTION_BUILD, "build", value, stage);
    }
    if (stage->builder != BUILDER_NANOCOMPOSITE)
        return;
    if (stage->start.grain_atoms == 0)
        stage->start.grain_atoms = 400;
    if (stage->start.grain_volume == 0.0)
        stage->start.grain_volume = 0.69;
}

static void bind_stage(const struct binding *binding, const struct node *node, struct stage_spec *stage)
{
    stage->kind = STAGE_KIND_COUNT; /* until it is read */
    if (!bind_section(binding, SECTION_STAGE, "prepare", node, stage))
        return;
    if (node->count != 2) {
        campaign_report_add(binding->report, node->place,
                            "prepare: a stage has one key (build, hold or ramp), this has %u", node->count / 2);
        return;
    }
    const struct node *value = node->first->next;
    for (unsigned kind = 0; kind < STAGE_KIND_COUNT; kind++)
        if (node_find(node, stage_names[kind]))
            stage->kind = kind;
    if (node_find(node, "build"))
        bind_build(binding, value, stage);
    else if (node_find(node, "hold"))
        bind_section(binding, SECTION_HOLD, "hold", value, stage);
    else if (node_find(node, "ramp")) {
        set_presets(SECTION_RAMP, stage);
        bind_section(binding, SECTION_RAMP, "ramp", value, stage);
    }
}

static void bind_stages(const struct binding *binding, const struct node *node, struct ensemble_spec *ensemble)
{
    if (!node) {
        set_default_stages(ensemble);
        return;
    }
    if (!expect_kind(binding, "prepare", node, NODE_LIST))
        return;
    if (node->count == 0 || node->count > CAMPAIGN_STAGES_MAX) {
        campaign_report_add(binding->report, node->place, "prepare: %u stages; 1 to %d are possible", node->count,
                            CAMPAIGN_STAGES_MAX);
        return;
    }
    for (const struct node *item = node->first; item; item = item->next)
        bind_stage(binding, item, &ensemble->stages[ensemble->stage_count++]);
}

/* ---- ensembles ---- */

struct defaults {
    struct system_keys system;
    bool by_count, composition_given;
    struct dynamics_spec dynamics;
};

/* Which of the two keys of the composition holds: the innermost one written. */
static void bind_system(const struct binding *binding, const struct node *node, struct defaults *defaults)
{
    bind_section(binding, SECTION_SYSTEM, "system", node, &defaults->system);
    const struct node *count = node_find(node, "atoms_small");
    const struct node *fraction = node_find(node, "small_fraction");
    if (count && fraction)
        campaign_report_add(binding->report, count->place,
                            "atoms_small and small_fraction both give the composition: keep one");
    if (count || fraction) {
        defaults->by_count = count != NULL;
        defaults->composition_given = true;
    }
}

static void bind_sampling(const struct binding *binding, const struct node *node, struct sampling_spec *sampling)
{
    set_presets(SECTION_SAMPLE, sampling);
    bind_section(binding, SECTION_SAMPLE, "sample", node, sampling);
    if (!node_find(node, "pdf"))
        sampling->pdf_every = sampling->thermal_every;
    if (!node_find(node, "pdf_inherent"))
        sampling->pdf_inherent_every = sampling->inherent_every;
}

/* Keys that only some modes have: missing or misplaced. Where the mode was refused, as in an isotherm. */
static void bind_keys_of_mode(const struct binding *binding, const struct node *ensemble, enum ensemble_mode mode)
{
    const bool is_known = mode != MODE_KIND_COUNT;
    for (size_t i = 0; i < campaign_key_count && ensemble->kind == NODE_MAPPING; i++) {
        const struct campaign_key *key = &campaign_keys[i];
        const struct node *value = key->modes ? node_find(ensemble, key->name) : NULL;
        const bool is_of_mode = campaign_key_is_of_mode(key, is_known ? mode : MODE_ISOTHERM);
        if (key->modes && key->required && is_of_mode && !value)
            campaign_report_add(binding->report, ensemble->place, "missing key '%s' in %s", key->name,
                                campaign_section_title(key->section));
        if (value && is_known && !is_of_mode)
            campaign_report_add(binding->report, value->place, "%s: an ensemble of mode %s has no such key", key->name,
                                mode_names[mode]);
    }
}

/* What is written in an ensemble of another mode is read for its mistakes and has no effect. */
static void bind_hybrid(const struct binding *binding, const struct node *node, struct ensemble_spec *ensemble)
{
    struct identity_spec identity;
    set_presets(SECTION_HYBRID, &identity);
    bind_section(binding, SECTION_HYBRID, "hybrid", node, &identity);
    if (ensemble->mode == MODE_HYBRID)
        ensemble->identity = identity;
}

/* The steps that are written, or that the rate gives; 0 where they are refused. */
static int64_t quench_steps(const struct binding *binding, const struct node *node, const struct quench_keys *quench)
{
    if ((quench->rate > 0.0) == (quench->steps > 0)) {
        campaign_report_add(binding->report, node->place, "a quench has a rate or a number of steps%s",
                            quench->steps ? ", not both" : "");
        return 0;
    }
    if (quench->steps)
        return quench->steps;
    if (fabs(quench->to - quench->from) / quench->rate <= 0x1p54)
        return campaign_ramp_steps(quench->to - quench->from, quench->rate);
    campaign_report_add(binding->report, node_find(node, "rate")->place,
                        "a quench from %.6g to %.6g at %.6g per step is too slow", quench->from, quench->to,
                        quench->rate);
    return 0;
}

/* A quench has one rung, its start. */
static void take_quench(const struct binding *binding, const struct node *node, const struct quench_keys *quench,
                        struct ensemble_spec *ensemble)
{
    mem_free(ensemble->temperatures);
    ensemble->rung_count = 0;
    if (!(ensemble->temperatures = mem_alloc_array(1, sizeof *ensemble->temperatures))) {
        binding->report->no_memory = true;
        return;
    }
    ensemble->rung_count = 1;
    ensemble->temperatures[0] = quench->from;
    ensemble->temperature_end = quench->to;
    if (quench->from == quench->to)
        campaign_report_add(binding->report, node->place, "a quench from %.6g to %.6g: it is where it ends",
                            quench->from, quench->to);
    else
        ensemble->steps = quench_steps(binding, node, quench);
}

static void bind_quench(const struct binding *binding, const struct node *node, struct ensemble_spec *ensemble)
{
    struct quench_keys quench = {0};
    bool is_bound = bind_section(binding, SECTION_QUENCH, "quench", node, &quench);
    bool has_ends = quench.from > 0.0 && quench.to > 0.0;
    if (ensemble->mode != MODE_QUENCH)
        return;
    if (is_bound && has_ends)
        take_quench(binding, node, &quench, ensemble);
    if (ensemble->steps == 0)
        ensemble->steps = ensemble->segment_steps; /* offends no rule: the mistake has its message */
}

static void take_system(const struct defaults *defaults, struct ensemble_draft *draft, struct ensemble_spec *ensemble)
{
    ensemble->system = defaults->system.spec;
    ensemble->dynamics = defaults->dynamics;
    draft->small_fraction = defaults->system.small_fraction;
    draft->by_count = defaults->by_count;
    draft->composition_given = defaults->composition_given;
}

/* Where mode or segment_steps were refused, a segment of one step offends no rule: one mistake, one message. */
static void set_default_segment(const struct node *node, struct ensemble_spec *ensemble)
{
    static const int64_t defaults[MODE_KIND_COUNT + 1] = {[MODE_ISOTHERM] = 100000,
                                                          [MODE_TEMPERING] = 1000,
                                                          [MODE_HYBRID] = 100000,
                                                          [MODE_QUENCH] = 100000,
                                                          [MODE_KIND_COUNT] = 1};
    if (ensemble->segment_steps == 0)
        ensemble->segment_steps = node_find(node, "segment_steps") ? 1 : defaults[ensemble->mode];
}

static void bind_ensemble(const struct binding *outer, const struct node *node, struct defaults defaults,
                          struct ensemble_draft *draft, struct ensemble_spec *ensemble)
{
    const struct binding inner = {outer->report, find_glass_temperature(node, outer->glass_temperature)};
    const struct binding *binding = &inner;
    draft->node = node;
    ensemble->mode = MODE_KIND_COUNT; /* until it is read */
    set_presets(SECTION_ENSEMBLE, ensemble);
    bind_section(binding, SECTION_ENSEMBLE, "ensembles", node, ensemble);
    draft->system_own = node_find(node, "system");
    draft->dynamics_own = node_find(node, "dynamics");
    draft->prepare = node_find(node, "prepare");
    draft->sample = node_find(node, "sample");
    set_default_segment(node, ensemble);
    bind_system(binding, draft->system_own, &defaults);
    bind_section(binding, SECTION_DYNAMICS, "dynamics", draft->dynamics_own, &defaults.dynamics);
    take_system(&defaults, draft, ensemble);
    ensemble->glass_temperature = inner.glass_temperature;
    bind_keys_of_mode(binding, node, ensemble->mode);
    bind_hybrid(binding, node_find(node, "hybrid"), ensemble);
    bind_quench(binding, node_find(node, "quench"), ensemble);
    bind_stages(binding, draft->prepare, ensemble);
    bind_sampling(binding, draft->sample, &ensemble->sampling);
}

static bool make_ensembles(const struct binding *binding, struct campaign_draft *draft, uint32_t count)
{
    draft->campaign.ensembles = mem_alloc_array(count, sizeof *draft->campaign.ensembles);
    draft->ensembles = mem_alloc_array(count, sizeof *draft->ensembles);
    if (!draft->campaign.ensembles || !draft->ensembles) {
        binding->report->no_memory = true;
        return false;
    }
    draft->campaign.ensemble_count = count;
    return true;
}

static void bind_ensembles(const struct binding *binding, const struct node *node, const struct defaults *defaults,
                           struct campaign_draft *draft)
{
    if (!node || !expect_kind(binding, "ensembles", node, NODE_LIST))
        return;
    if (node->count == 0 || node->count > CAMPAIGN_ENSEMBLES_MAX) {
        campaign_report_add(binding->report, node->place, "ensembles: a list of %u; 1 to %d are possible", node->count,
                            CAMPAIGN_ENSEMBLES_MAX);
        return;
    }
    if (!make_ensembles(binding, draft, node->count))
        return;
    const struct node *item = node->first;
    for (uint32_t i = 0; i < node->count; i++, item = item->next) {
        struct ensemble_draft *ensemble = &draft->ensembles[i];
        ensemble->system_common = node_find(draft->root, "system");
        ensemble->dynamics_common = node_find(draft->root, "dynamics");
        bind_ensemble(binding, item, *defaults, ensemble, &draft->campaign.ensembles[i]);
    }
}

void campaign_bind(struct campaign_report *report, const struct node *root, struct campaign_draft *out_draft)
{
    *out_draft = (struct campaign_draft){.root = root};
    struct campaign *campaign = &out_draft->campaign;
    struct defaults defaults = {0};
    set_presets(SECTION_STORE, campaign);
    set_presets(SECTION_SYSTEM, &defaults.system);
    set_presets(SECTION_DYNAMICS, &defaults.dynamics);
    const struct binding binding = {report, find_glass_temperature(root, 0.0)};
    if (!bind_section(&binding, SECTION_CAMPAIGN, "a campaign file", root, campaign))
        return;
    bind_section(&binding, SECTION_STORE, "store", node_find(root, "store"), campaign);
    bind_system(&binding, node_find(root, "system"), &defaults);
    bind_section(&binding, SECTION_DYNAMICS, "dynamics", node_find(root, "dynamics"), &defaults.dynamics);
    bind_ensembles(&binding, node_find(root, "ensembles"), &defaults, out_draft);
}

/* ---- the end ---- */

static uint32_t count_replicas(const struct campaign *campaign)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < campaign->ensemble_count; i++)
        count += campaign->ensembles[i].rung_count * campaign->ensembles[i].replicas_per_rung;
    return count;
}

static void list_replicas(struct campaign *campaign)
{
    struct replica_spec *next = campaign->replicas;
    for (uint32_t e = 0; e < campaign->ensemble_count; e++)
        for (uint32_t rung = 0; rung < campaign->ensembles[e].rung_count; rung++)
            for (uint32_t copy = 0; copy < campaign->ensembles[e].replicas_per_rung; copy++)
                *next++ = (struct replica_spec){{e}, {rung}, copy};
}

void campaign_draft_give(struct campaign_report *report, struct campaign_draft *draft, struct campaign *out_campaign)
{
    struct campaign *campaign = &draft->campaign;
    campaign->replica_count = count_replicas(campaign);
    campaign->replicas = mem_alloc_array(campaign->replica_count, sizeof *campaign->replicas);
    if (!campaign->replicas) {
        report->no_memory = true;
        return;
    }
    list_replicas(campaign);
    *out_campaign = *campaign;
    *campaign = (struct campaign){0};
}

void campaign_draft_finish(struct campaign_draft *draft)
{
    mem_free(draft->ensembles);
    draft->ensembles = NULL;
    campaign_finish(&draft->campaign);
}

struct text_place campaign_place(const struct node *own, const struct node *common, const char *key,
                                 const struct node *fallback)
{
    const struct node *node = node_find(own, key);
    if (!node)
        node = node_find(common, key);
    return node ? node->place : fallback->place;
}
