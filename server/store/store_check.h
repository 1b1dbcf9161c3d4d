/* store_check.h - what the parts of store_verify.h share: a verification under way, how it says what differs, and the
 * findings of a segment as the store has them. */
#ifndef VITRINE_SERVER_STORE_STORE_CHECK_H
#define VITRINE_SERVER_STORE_STORE_CHECK_H

#include "server/store/store_sql.h"
#include "server/store/store_verify.h"

struct check {
    struct store *store;
    struct campaign_id id;
    struct campaign campaign;
    struct verify_report *report;
    verify_observer *observe; /* NULL: nobody asks where */
    void *context;
    struct verify_place place; /* of what is being looked at */
    struct error *err;
};

/* One difference more, in words; its place is check->place. */
void check_note(struct check *check, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A named statement over all rows of the campaign. */
enum status check_start(struct check *check, enum statement name, struct query *out_query);

typedef enum status row_checker(struct check *check, const struct query *row);

enum status check_each_row(struct check *check, enum statement name, row_checker *look);

/* A digest of the present row; one that is not a digest counts as a difference and reads as zero. */
struct digest check_read_digest(const struct query *row, int column);

/* Is this column of the row the snapshot with that digest? `what` and `step` name it in the note. */
void check_bytes(struct check *check, const struct query *row, int column, const struct digest *expected,
                 const char *what, int64_t step);

/* All that the segment named in `result` (replica, segment) found, in the order that its digest wants. What cannot be
 * what a worker sent is noted. Caller finishes the result, also after an error. */
enum status check_read_findings(struct check *check, struct segment_result *result);

#endif
