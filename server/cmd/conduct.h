/* conduct.h - a coordinator in this process, with local workers or without: what run, resume and serve have in common.
 *
 * SIGINT and SIGTERM ask for a clean stop: running segments are finished or returned, the database is closed, and the
 * same command goes on later. A second signal ends the process at once; the database is safe then too. */
#ifndef VITRINE_SERVER_CMD_CONDUCT_H
#define VITRINE_SERVER_CMD_CONDUCT_H

#include "common/campaign.h"
#include "common/error.h"
#include "server/store/store.h"
#include <stdbool.h>
#include <stdint.h>

struct conduct_setup {
    const char *database;                   /* path, for messages and for the name of the log */
    const char *endpoint;                   /* to bind */
    const char *keys;                       /* folder; NULL = none */
    const char *control_path, *control_tcp; /* control channel; NULL = none */
    uint32_t lease_ms;                      /* 0 = COORDINATOR_LEASE_MS */
    uint32_t workers_max;                   /* of coordinator_setup; 0 = its default */
    bool until_done;                        /* end when every campaign is complete */
    uint32_t workers;                       /* local ones to start; 0 = none, and the log goes to standard error */
    const char *isa;                        /* of local workers; NULL = their own choice */
    bool show_progress;                     /* bars, or lines when standard error is no terminal */
};

enum conduct_end { CONDUCT_DONE, CONDUCT_STOPPED };

/* A campaign file that was read once: the bytes that were found right are those that are stored. */
struct campaign_file {
    const char *path; /* borrowed */
    char *text;       /* [size] */
    size_t size;
    char name[CAMPAIGN_NAME_SIZE]; /* the campaign's */
};

/* Reads and checks, before a database is made: a file that is off leaves nothing behind, and a FIFO is not waited for.
 * Errors go to standard error. A T_f that names a quench ensemble is looked up when it is added. */
enum status conduct_read_campaign(const char *path, struct campaign_file *out_file, struct error *err) MUST_CHECK;
void campaign_file_finish(struct campaign_file *file); /* zeroed is fine */

/* Opens the database; makes it when it is not there and there are campaigns [count] to put in, each of which must then
 * be sound without one. */
enum status conduct_open(const char *database, const struct campaign_file *files, int count, struct store **out_store,
                         struct error *err) MUST_CHECK;

/* Puts it into the store: new, the same, or extended. */
enum status conduct_add_campaign(struct store *store, const struct campaign_file *file, struct error *err) MUST_CHECK;

/* Runs. out_end says whether everything is done or a signal came. */
enum status conduct_run(const struct conduct_setup *setup, struct store *store, enum conduct_end *out_end,
                        struct error *err) MUST_CHECK;

/* Cores of this machine that this process may use; at least 1. */
uint32_t conduct_cores(void);

#endif
