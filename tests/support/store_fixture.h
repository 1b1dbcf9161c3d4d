/* store_fixture.h - temporary databases, and made-up results to put into them. */
#ifndef VITRINE_TESTS_SUPPORT_STORE_FIXTURE_H
#define VITRINE_TESTS_SUPPORT_STORE_FIXTURE_H

#include "server/store/store.h"

enum { FIXTURE_PATH_SIZE = 512 };

/* A ladder of 3 rungs and an isotherm of 2 replicas; 4 segments of 100 steps each. Replicas 0..2 and 3..4. */
extern const char fixture_campaign[];
extern const char fixture_campaign_longer[]; /* the same, with 8 segments */

struct fixture {
    char folder[FIXTURE_PATH_SIZE];
    char path[FIXTURE_PATH_SIZE]; /* of the database, in folder */
    struct store *store;          /* open for writing */
    struct campaign_id campaign;
    struct campaign spec;
};

/* A new folder under TMPDIR with a new database in it, open, with the text as its first campaign. */
void fixture_init(struct fixture *fixture, const char *text);
void fixture_finish(struct fixture *fixture); /* closes, and removes the folder */

/* Closes the store and opens it again. */
void fixture_reopen(struct fixture *fixture);

/* Puts `text` as the next version of its campaign. */
enum status fixture_put_campaign(struct fixture *fixture, const char *text, struct error *err);

/* Work of one segment, as campaign_segment_spec says it. */
struct fixture_work {
    struct segment_spec spec;
    struct rung_id rung;
    struct digest input;
};

/* The segment of a replica, on a rung, after `rung_before` and a snapshot (NULL: a build). */
struct fixture_work fixture_work(const struct fixture *fixture, uint32_t replica, int64_t segment, uint32_t rung,
                                 uint32_t rung_before, const struct digest *snapshot);

/* A result that is right in form: real snapshot bytes, digests that hold, numbers that depend on nothing but the work.
 */
void fixture_result(const struct fixture_work *work, struct segment_result *out_result);

/* Inside a transaction: computes and puts one segment. */
enum status fixture_put_segment(struct fixture *fixture, const struct fixture_work *work, struct error *err);

struct provenance fixture_provenance(void);

/* Runs the whole campaign up to `rounds` production segments, exchanges included; transactions of its own. `order` only
 * changes in which order replicas are stored. Goes on from what is there. */
void fixture_run(struct fixture *fixture, int64_t rounds, unsigned order);

/* The same on a disk that may fail: what was committed stays, the rest is taken back. */
enum status fixture_try_run(struct fixture *fixture, int64_t rounds, unsigned order, struct error *err);

/* Digest of the state that a replica ended its last stored segment in. */
struct digest fixture_last_snapshot(const struct fixture *fixture, uint32_t replica);

struct digest fixture_hash(struct fixture *fixture);

/* SQLite's allocation number `n` from now fails once; 0 switches this off. First called while no database is open. */
void fixture_fail_sqlite_nth(uint64_t n);

/* Runs SQL with the sqlite3 library behind the store's back, on the closed or open file. */
void fixture_sql(const char *path, const char *sql);

/* The first cell of the first row of a query, as a whole number, likewise. */
int64_t fixture_number(const char *path, const char *sql);

#endif
