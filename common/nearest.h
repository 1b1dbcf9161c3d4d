/* nearest.h - did you mean: the known word that is closest to a mistyped one. */
#ifndef VITRINE_COMMON_NEAREST_H
#define VITRINE_COMMON_NEAREST_H

#include <stddef.h>

enum { NEAREST_WORD_SIZE = 64 }; /* longer words have no neighbours */

/* Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours that turn one word
 * into the other (Damerau, Comm. ACM 7, 171 (1964)). Letters count as equal in either case, as do '-' and '_'. */
size_t nearest_distance(const char *a, const char *b);

/* The first of `words` with the smallest distance, if that is at most a third of the longer word (and at least 1);
 * else NULL. */
const char *nearest_word(const char *word, const char *const *words, size_t count);

#endif
