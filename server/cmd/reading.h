/* reading.h - what every verb that reads a database has in common: opening it, and which rows are asked for. */
#ifndef VITRINE_SERVER_CMD_READING_H
#define VITRINE_SERVER_CMD_READING_H

#include "common/campaign.h"
#include "server/cmd/options.h"
#include "server/cmd/table.h"
#include "server/cmd/verb.h"
#include "server/store/store_query.h"

/* Members of the verb's options struct. */
struct selection {
    const char *campaign, *ensemble;
    struct option_i64 rung, replica, from, to;
    struct option_f64 temperature;
};

#define SELECTION_OPTIONS(owner, member)                                                                               \
    OPTION("campaign", "NAME", OPTION_TEXT, owner, member.campaign, "only this campaign"),                             \
        OPTION("ensemble", "NAME", OPTION_TEXT, owner, member.ensemble, "only this ensemble"),                         \
        OPTION("rung", "N", OPTION_I64, owner, member.rung, "only this rung (0 = coldest)"),                           \
        OPTION("temperature", "T", OPTION_F64, owner, member.temperature, "only this temperature (epsilon/k_B)"),      \
        OPTION("replica", "N", OPTION_I64, owner, member.replica, "only this replica"),                                \
        OPTION("from", "STEP", OPTION_I64, owner, member.from,                                                         \
               "only from this step on; preparation has negative ones"),                                               \
        OPTION("to", "STEP", OPTION_I64, owner, member.to, "only up to this step")

/* A database that is open for reading, with its campaigns. */
struct reading {
    const char *path; /* borrowed from the caller of reading_open: for a second connection */
    struct store *store;
    uint32_t campaign_count;
    struct campaign *campaigns; /* [campaign_count]; campaign id i + 1 */
};

/* What a verb is asked about one database. All borrowed. */
struct question {
    const struct reading *reading;
    const struct arguments *arguments; /* words[0] is the database */
    const void *options;               /* the verb's own struct */
    const char *command;               /* as it was typed, for what says where it comes from */
};
typedef enum status question_check(const void *options, struct error *err); /* of what options say together */
typedef enum status question_answer(const struct question *question, struct error *err);

/* Parses the options of a verb into `options`, checks them (`check` may be NULL), opens the database that the first
 * argument names, and answers. */
enum status question_run(const struct verb *verb, int argc, char *const argv[], void *options, question_check *check,
                         question_answer *answer, struct error *err) MUST_CHECK;

enum status reading_open(const char *path, struct reading *out_reading, struct error *err) MUST_CHECK;
void reading_finish(struct reading *reading); /* NULL and zeroed are fine */

/* One ensemble that was asked for. */
struct selected {
    struct campaign_id id;
    const struct campaign *campaign; /* borrowed from the reading */
    struct ensemble_id ensemble;
    const struct ensemble_spec *spec;
    struct store_filter filter; /* of this ensemble, with rung, replica and steps as asked for */
};

struct selected_list {
    size_t count;
    struct selected *items;
};

/* The ensembles that a selection names; STATUS_NOT_FOUND, with what there is, when it names none. */
enum status reading_select(const struct reading *reading, const struct selection *selection,
                           struct selected_list *out_list, struct error *err) MUST_CHECK;
void selected_list_finish(struct selected_list *list);

/* Is this rung of the ensemble asked for? */
bool selected_has_rung(const struct selected *selected, struct rung_id rung);

/* Is this replica one of the ensemble's, and asked for? */
bool selected_has_replica(const struct selected *selected, struct replica_id replica);

/* The same potential, composition and volume per atom; any number of atoms. */
bool selected_is_same_model(const struct system_spec *a, const struct system_spec *b);

/* How a table is wanted. Members of the verb's options struct. */
struct output_options {
    bool json, csv;
};

#define OUTPUT_OPTIONS(owner, member)                                                                                  \
    OPTION("csv", NULL, OPTION_FLAG, owner, member.csv, "print CSV, 17 digits"),                                       \
        OPTION("json", NULL, OPTION_FLAG, owner, member.json, "print one JSON object, 17 digits")

/* STATUS_USAGE when both are asked for. */
enum status output_check(const struct output_options *options, struct error *err) MUST_CHECK;

/* The folder that --out names, made when it is not there (what is above it must be). */
enum status output_make_folder(const char *path, struct error *err) MUST_CHECK;

/* Prints a table as asked for; JSON as {"key": [rows]}. The table stays the caller's; NULL is STATUS_NO_MEMORY. */
enum status output_table(const struct output_options *options, const char *key, const struct table *table,
                         struct error *err) MUST_CHECK;

#endif
