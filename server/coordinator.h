/* coordinator.h - the shell around the planner: the world becomes events, actions become the world.
 *
 * One thread owns the store, the planner and the ROUTER socket. It polls, takes a bounded number of messages, lets the
 * planner decide, makes the decisions durable in one transaction, and only then speaks: a worker's result is
 * acknowledged after its commit. Killed at any point, it goes on from the database: coordinator_run again.
 *
 * Workers come and go by themselves; the caller (`vitrine run`) may start local ones from on_ready. */
#ifndef VITRINE_SERVER_COORDINATOR_H
#define VITRINE_SERVER_COORDINATOR_H

#include "common/error.h"
#include "common/ids.h"
#include "server/store/store.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    COORDINATOR_ENDPOINT_SIZE = 256,
    COORDINATOR_LEASE_MS = 60000,
    COORDINATOR_DRAIN_MS = 30000,
    COORDINATOR_WORKERS = 16384,
    COORDINATOR_WORKERS_MAX = 50000,
};

/* Where one campaign stands. */
struct coordinator_campaign_progress {
    struct campaign_id campaign;
    const char *name;       /* borrowed, for the length of the callback */
    uint64_t segments_done; /* preparation included */
    uint64_t segments_total;
    int64_t steps_done; /* MD steps of the replicas, summed; preparation included */
    int64_t steps_total;
    uint32_t replicas;
    uint32_t replicas_done;
    uint32_t replicas_held; /* stopped by a physics failure; the reasons are events in the store */
};

/* Where the whole coordinator stands. */
struct coordinator_progress {
    uint32_t campaign_count;
    const struct coordinator_campaign_progress *campaigns; /* borrowed, in the order of their ids */
    uint32_t workers;                                      /* sessions known now */
    uint32_t leases;                                       /* segments running or queued at workers */
    double elapsed_s;                                      /* since this coordinator started */
    double segments_per_s;                                 /* durable, over the last intervals */
    double steps_per_s; /* MD steps of all workers, durable, over the last intervals */
    bool draining;
};

struct coordinator_setup {
    struct store *store;      /* borrowed; STORE_WRITE or STORE_CREATE; all its campaigns are run */
    const char *directory;    /* where the database is: its free space is watched; NULL = it is not */
    const char *ballast;      /* file there that keeps room for the way out of a full disk (ballast.h); NULL = none */
    const char *keys;         /* folder of keys; NULL = none, and then only this machine is listened to */
    const char *endpoint;     /* tcp://ADDRESS:PORT (0 or * = any free port) or ipc://PATH */
    const char *control_path; /* control channel: ipc://PATH; NULL = none */
    const char *control_tcp;  /* the same for administrators' keys; NULL = none */
    const struct glass_source *glass; /* T_f by the names of quenches, for campaigns that are added; NULL = none */
    bool until_done;                  /* return when every campaign is complete or held (vitrine run) */
    const atomic_bool *stop;          /* borrowed; set by a signal handler: drain, then return. NULL = never */
    uint32_t lease_ms;                /* 0 = COORDINATOR_LEASE_MS */
    uint32_t workers_max; /* places for workers, the lost ones that are not forgotten yet included; others are told to
                             come back later. Up to COORDINATOR_WORKERS_MAX; 0 = COORDINATOR_WORKERS */
    uint32_t drain_ms;    /* how long to wait for running segments when stopped; 0 = COORDINATOR_DRAIN_MS */
    uint32_t progress_ms; /* interval of on_progress; 0 = 1000 */

    /* Called once, bound and listening; endpoint is what workers connect to. A failure ends the run with it. May be
     * NULL. */
    enum status (*on_ready)(void *context, const char *endpoint, struct error *err);
    /* Called from the loop about every progress_ms, and once at the end. Must be quick. May be NULL. */
    void (*on_progress)(void *context, const struct coordinator_progress *progress);
    /* Called from the loop about every progress_ms: an error ends the run with it (all local workers have died, say).
     * May be NULL. */
    enum status (*on_watch)(void *context, struct error *err);
    void *context; /* of the three callbacks */
};

/* Runs until stopped (STATUS_OK), done (until_done; STATUS_OK, or STATUS_PHYSICS when replicas are held), or failed.
 * STATUS_INVALID for an endpoint beyond this machine: that needs keys. */
enum status coordinator_run(const struct coordinator_setup *setup, struct error *err) MUST_CHECK;

#endif
