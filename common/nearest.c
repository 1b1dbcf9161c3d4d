#include "common/nearest.h"

#include <stdint.h>
#include <string.h>

static char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c == '-' ? '_' : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t nearest_distance(const char *a, const char *b)
{
    size_t a_size = strlen(a), b_size = strlen(b);
    if (a_size >= NEAREST_WORD_SIZE || b_size >= NEAREST_WORD_SIZE)
        return SIZE_MAX;
    size_t rows[3][NEAREST_WORD_SIZE] = {{0}}; /* distances of prefixes of a to prefixes of b: i, i-1, i-2 */
    size_t *row = rows[0], *above = rows[1], *two_above = rows[2];
    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *oldest = two_above;
        two_above = above, above = row, row = oldest;
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t differs = fold(a[i - 1]) != fold(b[j - 1]);
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + differs);
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]))
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return row[b_size];
}

static size_t tolerance(const char *a, const char *b)
{
    size_t longer = strlen(a) > strlen(b) ? strlen(a) : strlen(b);
    return longer < 3 ? 1 : longer / 3;
}

const char *nearest_word(const char *word, const char *const *words, size_t count)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t distance = nearest_distance(word, words[i]);
        if (distance < best_distance && distance <= tolerance(word, words[i])) {
            best = words[i];
            best_distance = distance;
        }
    }
    return best;
}
