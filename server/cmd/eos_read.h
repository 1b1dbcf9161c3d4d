/* eos_read.h - the static energies of one ensemble of mode eos, as curves; for `vitrine eos` and `plot`. */
#ifndef VITRINE_SERVER_CMD_EOS_READ_H
#define VITRINE_SERVER_CMD_EOS_READ_H

#include "server/analysis/eos_curve.h"
#include "server/cmd/reading.h"

struct eos_data {
    const struct ensemble_spec *spec; /* borrowed */
    struct eos_curve *curves;         /* [spec->phase_count], of spec->phases; as far as they are computed */
};

enum status eos_read(struct store *store, const struct selected *item, struct eos_data *out,
                     struct error *err) MUST_CHECK;
void eos_data_finish(struct eos_data *data); /* NULL and zeroed are fine */

/* The one ensemble of mode eos among these; STATUS_NOT_FOUND without one, STATUS_USAGE when there are several. */
enum status eos_select(const struct selected_list *list, const struct selected **out_item,
                       struct error *err) MUST_CHECK;

/* Which two phases, of what composition at what volume. */
struct eos_question {
    const char *pair; /* "A,B"; NULL: a Laves phase beside hcp of large atoms, where the ensemble has them */
    struct option_f64 small_fraction, volume; /* default: those of the ensemble's system */
};

#define EOS_QUESTION_OPTIONS(owner, member)                                                                            \
    OPTION("pair", "A,B", OPTION_TEXT, owner, member.pair,                                                             \
           "the two phases side by side (default C15,hcp_large, or another Laves phase)"),                             \
        OPTION("small-fraction", "X", OPTION_F64, owner, member.small_fraction,                                        \
               "small atoms over all atoms of the two (default: the ensemble's, else 0.5)"),                           \
        OPTION("volume", "V", OPTION_F64, owner, member.volume,                                                        \
               "volume per atom of the two, sigma^3 (default: the ensemble's, else 0.767)")

/* The answer; a and b are indices of spec->phases. */
struct eos_answer {
    bool is_found; /* false: the ensemble has no pair of the default, and none was named */
    uint32_t a, b;
    struct eos_pair pair;
};
enum status eos_ask(const struct eos_data *data, const struct eos_question *question, struct eos_answer *out,
                    struct error *err) MUST_CHECK;

#endif
