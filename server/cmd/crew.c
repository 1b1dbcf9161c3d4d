#include "server/cmd/crew.h"

#include "server/cmd/conduct.h"
#include <pthread.h>
#include <stdatomic.h>

struct round {
    size_t count;
    crew_do *act;
    void *context;
    atomic_size_t next;
};

struct place {
    struct round *round;
    struct crew_hand hand;
    size_t failed_at; /* the thing; round->count: none */
    struct error error;
};

/* A thread that fails takes what nobody has begun; all of lower number has been taken by then. */
static void *run(void *context)
{
    struct place *place = context;
    struct round *round = place->round;
    for (size_t i = atomic_fetch_add(&round->next, 1); i < round->count; i = atomic_fetch_add(&round->next, 1))
        if (round->act(round->context, &place->hand, i, &place->error) != STATUS_OK) {
            place->failed_at = i;
            atomic_store(&round->next, round->count);
            break;
        }
    return NULL;
}

static enum status first_failure(const struct place *places, size_t count, struct error *err)
{
    const struct place *first = NULL;
    for (size_t i = 0; i < count; i++)
        if (places[i].failed_at < places[i].round->count && (!first || places[i].failed_at < first->failed_at))
            first = &places[i];
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
enum status crew_work(const struct reading *reading, size_t count, crew_do *act, void *context, struct error *err)
{
    struct round round = {.count = count, .act = act, .context = context};
    struct place places[CREW_MAX] = {0};
    pthread_t threads[CREW_MAX];
    const size_t wanted = thread_count(count);
    size_t started = 1;
    for (size_t i = 0; i < wanted; i++)
        places[i] = (struct place){.round = &round, .hand = {.number = i}, .failed_at = count};
    places[0].hand.store = reading->store;
    for (; started < wanted; started++) {
        struct error ignored = {0};
        if (store_open(reading->path, STORE_READ, &places[started].hand.store, &ignored) != STATUS_OK)
            break;
        if (pthread_create(&threads[started], NULL, run, &places[started]) != 0) {
            store_close(&places[started].hand.store);
            break;
        }
    }
    run(&places[0]);
    for (size_t i = 1; i < started; i++) {
        pthread_join(threads[i], NULL);
        store_close(&places[i].hand.store);
    }
    return first_failure(places, started, err);
}
