/* campaign_table.h - the one table of the campaign file: each key with its place, type, unit, range, default and
 * meaning. The loader, the JSON schema, the reference page and the commented example follow from it; a new key is a row
 * here, a field in campaign.h and whatever uses it. */
#ifndef VITRINE_COMMON_CAMPAIGN_TABLE_H
#define VITRINE_COMMON_CAMPAIGN_TABLE_H

#include "common/campaign.h"
#include "common/volume.h"
#include <stdbool.h>
#include <stddef.h>

/* A mapping of the file, and the struct that its keys fill in. */
enum campaign_section {
    SECTION_CAMPAIGN, /* the file itself; struct campaign */
    SECTION_SYSTEM,   /* struct system_keys */
    SECTION_DYNAMICS, /* struct dynamics_spec */
    SECTION_STORE,    /* struct campaign */
    SECTION_ENSEMBLE, /* struct ensemble_spec */
    SECTION_HYBRID,   /* struct identity_spec */
    SECTION_QUENCH,   /* struct quench_keys */
    SECTION_EOS,      /* struct eos_keys */
    SECTION_STAGE,    /* struct stage_spec; exactly one key */
    SECTION_BUILD,    /* struct stage_spec */
    SECTION_HOLD,     /* struct stage_spec */
    SECTION_RAMP,     /* struct stage_spec */
    SECTION_SAMPLE,   /* struct sampling_spec */
    SECTION_COUNT
};

/* `system:` as written: the composition may be a fraction or a count, the volume a number or a rule. */
struct system_keys {
    struct system_spec spec;
    double small_fraction;
    enum volume_rule volume_rule;
    struct volume_parts volume_parts;
};

/* `quench:` as written: a rate or a number of steps. */
struct quench_keys {
    double from, to; /* epsilon/k_B */
    double rate;     /* epsilon/k_B per step; 0 = not written */
    int64_t steps;   /* 0 = not written */
};

/* `eos:` as written. */
struct eos_keys {
    struct eos_spec spec;
    double volume_last;   /* sigma^3 per atom */
    uint32_t phase_count; /* 0 = not written */
    struct phase phases[PHASES_MAX];
};

enum key_type {
    KEY_NAME,         /* char[CAMPAIGN_NAME_SIZE] */
    KEY_CHOICE,       /* an enum: one of words[] */
    KEY_BUILD,        /* the same, or a mapping of section `child` */
    KEY_HOLD,         /* the word `production`, or a mapping of section `child` */
    KEY_COUNT,        /* uint32_t */
    KEY_STEPS,        /* int64_t */
    KEY_SEED,         /* uint64_t */
    KEY_BYTES,        /* uint64_t */
    KEY_REAL,         /* double */
    KEY_GLASS,        /* double: a number, or the name of a quench ensemble that stands for its T_f */
    KEY_TEMPERATURE,  /* a number or the word `rung`: stage_spec.temperature and .to_rung */
    KEY_TEMPERATURES, /* a list of numbers: ensemble_spec.temperatures */
    KEY_PHASES,       /* a list of words: eos_keys.phases */
    KEY_SECTION,      /* a mapping of section `child` */
    KEY_SECTIONS,     /* a list of such mappings */
};

struct campaign_key {
    enum campaign_section section;
    const char *name;
    enum key_type type;
    enum campaign_section child; /* KEY_SECTION, KEY_SECTIONS, KEY_BUILD */
    size_t offset;               /* in the section's struct; where no type above says otherwise */
    const char *const *words;    /* KEY_CHOICE, KEY_BUILD: [word_count], the enum's values in order */
    uint32_t word_count;
    uint32_t words_absent; /* bit i: the word is known, but this version does not run it */
    const char *unit;      /* NULL = a pure number or no number */
    double min, max;       /* of the number, or of every number of the list; whole-file rules are campaign_check's */
    bool above_min;        /* min itself is excluded */
    bool in_glass_units;   /* "1.2 Tf" is possible too */
    bool required;
    uint32_t modes;          /* SECTION_ENSEMBLE: bit m: the key is of mode m; 0 = of every mode */
    const char *preset;      /* the default as it would be written; NULL = none */
    const char *preset_note; /* the default in words, where it depends on other keys */
    const char *example;     /* what the commented example writes; NULL = the default, commented out */
    const char *doc;         /* one sentence, lower case, no full stop */
};

extern const struct campaign_key campaign_keys[];
extern const size_t campaign_key_count;

enum { CAMPAIGN_RANGE_SIZE = 64 };

/* The allowed numbers in words: "at least 1 steps", "above 0 and at most 0.02 tau". Returns out. */
const char *campaign_key_range(const struct campaign_key *key, char out[CAMPAIGN_RANGE_SIZE]);

/* The row of that name in a section, or NULL. */
const struct campaign_key *campaign_key_find(enum campaign_section section, const char *name);

/* Whether an ensemble of this mode may have the key. */
bool campaign_key_is_of_mode(const struct campaign_key *key, enum ensemble_mode mode);

/* One word for a section: "ensemble". */
const char *campaign_section_name(enum campaign_section section);

/* Where it stands in a file: "ensembles[]". */
const char *campaign_section_title(enum campaign_section section);

/* One sentence on a section. */
const char *campaign_section_doc(enum campaign_section section);

#endif
