#include "server/cmd/crew.h"

#include "server/cmd/conduct.h"
#include <pthread.h>
#include <stdatomic.h>

struct job {
    size_t count;
    crew_task *task;
    void *context;
    atomic_size_t next;
};

struct worker {
    struct job *job;
    struct crew_hand hand;
    size_t failed_at; /* the thing; job->count: none */
    struct error error;
};

/* A thread that fails leaves the others their things, all of lower number among them. */
static void *run(void *context)
{
    struct worker *worker = context;
    struct job *job = worker->job;
    for (size_t i = atomic_fetch_add(&job->next, 1); i < job->count; i = atomic_fetch_add(&job->next, 1))
        if (job->task(job->context, &worker->hand, i, &worker->error) != STATUS_OK) {
            worker->failed_at = i;
            break;
        }
    return NULL;
}

static enum status first_failure(const struct worker *workers, size_t count, struct error *err)
{
    const struct worker *first = NULL;
    for (size_t i = 0; i < count; i++)
        if (workers[i].failed_at < workers[i].job->count && (!first || workers[i].failed_at < first->failed_at))
            first = &workers[i];
    if (!first)
        return STATUS_OK;
    if (err)
        *err = first->error;
    return first->error.status;
}

static size_t thread_count(size_t things)
{
    const size_t cores = conduct_cores(), threads = cores > CREW_MAX ? CREW_MAX : cores;
    return things >= threads ? threads : things > 0 ? things : 1;
}

/* The caller's thread works with the caller's connection; one that cannot be started is done without. */
enum status crew_work(const struct reading *reading, size_t count, crew_task *task, void *context, struct error *err)
{
    struct job job = {.count = count, .task = task, .context = context};
    struct worker workers[CREW_MAX] = {0};
    pthread_t threads[CREW_MAX];
    const size_t wanted = thread_count(count);
    size_t started = 1;
    for (size_t i = 0; i < wanted; i++)
        workers[i] = (struct worker){.job = &job, .hand = {.number = i}, .failed_at = count};
    workers[0].hand.store = reading->store;
    for (; started < wanted; started++) {
        struct error ignored = {0};
        if (store_open(reading->path, STORE_READ, &workers[started].hand.store, &ignored) != STATUS_OK)
            break;
        if (pthread_create(&threads[started], NULL, run, &workers[started]) != 0) {
            store_close(&workers[started].hand.store);
            break;
        }
    }
    run(&workers[0]);
    for (size_t i = 1; i < started; i++) {
        pthread_join(threads[i], NULL);
        store_close(&workers[i].hand.store);
    }
    return first_failure(workers, started, err);
}
