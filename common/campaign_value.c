#include "common/campaign_value.h"

#include "common/campaign_number.h"
#include "common/invariant.h"
#include "common/nearest.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

_Static_assert(sizeof(enum potential_kind) == sizeof(unsigned), "choices are stored as unsigned");

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

static bool store_name(const char *text, bool quoted, char *out, char why[CAMPAIGN_WHY_SIZE])
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
        snprintf(why, CAMPAIGN_WHY_SIZE, "%s", reason);
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

static bool store_choice(const struct campaign_key *key, const char *text, unsigned *out, char why[CAMPAIGN_WHY_SIZE])
{
    uint32_t index = find_word(key, text);
    bool is_word = index < key->word_count;
    if (is_word && !(key->words_absent >> index & 1)) {
        *out = index;
        return true;
    }
    char words[CAMPAIGN_WHY_SIZE / 2];
    list_words(key, words, sizeof words);
    const char *nearest = nearest_word(text, key->words, key->word_count);
    if (is_word)
        snprintf(why, CAMPAIGN_WHY_SIZE, "this version does not run it, only %s", words);
    else if (nearest)
        snprintf(why, CAMPAIGN_WHY_SIZE, "did you mean '%s'? known: %s", nearest, words);
    else
        snprintf(why, CAMPAIGN_WHY_SIZE, "known: %s", words);
    return false;
}

static bool in_range(const struct campaign_key *key, double value, char why[CAMPAIGN_WHY_SIZE])
{
    if (value <= key->max && (key->above_min ? value > key->min : value >= key->min))
        return true;
    char range[CAMPAIGN_RANGE_SIZE];
    snprintf(why, CAMPAIGN_WHY_SIZE, "it must be %s", campaign_key_range(key, range));
    return false;
}

static bool store_real(const struct campaign_key *key, const char *text, double *out, char why[CAMPAIGN_WHY_SIZE])
{
    double value;
    const char *reason = campaign_number_real(text, &value);
    if (reason)
        snprintf(why, CAMPAIGN_WHY_SIZE, "%s", reason);
    if (reason || !in_range(key, value, why))
        return false;
    *out = value;
    return true;
}

static bool read_whole(const struct campaign_key *key, const char *text, int64_t *out, char why[CAMPAIGN_WHY_SIZE])
{
    const char *reason = key->type == KEY_BYTES ? campaign_number_bytes(text, out) : campaign_number_whole(text, out);
    if (reason)
        snprintf(why, CAMPAIGN_WHY_SIZE, "%s", reason);
    return !reason && in_range(key, (double)*out, why);
}

static bool store_temperature(const struct campaign_key *key, const char *text, struct stage_spec *stage,
                              char why[CAMPAIGN_WHY_SIZE])
{
    if (strcmp(text, "rung") == 0) {
        stage->to_rung = true;
        return true;
    }
    return store_real(key, text, &stage->temperature, why);
}

bool campaign_value_store(const struct campaign_key *key, const char *text, bool quoted, void *target,
                          char why[CAMPAIGN_WHY_SIZE])
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
    case KEY_GLASS:
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
