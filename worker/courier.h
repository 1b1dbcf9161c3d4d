/* courier.h - the worker's only socket: a DEALER that carries what the agent says and hears, and the loop that brings
 * agent, compute threads and signals together.
 *
 * ZeroMQ loses messages when it reconnects, so nothing here relies on it: every message is repeated by a timer of the
 * agent or asked for again by the coordinator. No routing id is set; the coordinator knows a worker by its uuid. */
#ifndef VITRINE_WORKER_COURIER_H
#define VITRINE_WORKER_COURIER_H

#include "common/key_file.h"
#include "common/wire.h"
#include "worker/slots.h"

struct courier_setup {
    const char *url;            /* of the coordinator: tcp://HOST:PORT, ipc://PATH */
    const struct key_file *key; /* borrowed; NULL = none */
    const char *spool;          /* folder for results that are not acknowledged; NULL = they are kept in memory alone */
    struct wire_hello hello;    /* who this worker is; slots included */
    segment_function *run;      /* runner_run */
    struct runner_setup runner;
    int stop_fd; /* borrowed; readable = leave (signalfd, eventfd); a second time = leave at once */
    int64_t grace_ms;
};

/* Serves until it is told to stop or refused. STATUS_OK: left with nothing given back. STATUS_EVICTED: gave work back.
 * STATUS_CONFLICT: the coordinator refused this worker for good. */
enum status courier_run(const struct courier_setup *setup, struct error *err) MUST_CHECK;

#endif
