#include "worker/slots.h"

#include "common/invariant.h"
#include "common/mem.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum slot_state { SLOT_IDLE, SLOT_READY, SLOT_RUNNING, SLOT_DONE, SLOT_CLOSING };

struct slot {
    struct slots *all;
    pthread_t thread;
    pthread_mutex_t lock; /* guards `state`; the job belongs to the side whose state it is */
    pthread_cond_t woken;
    enum slot_state state;
    struct segment_spec spec;
    const uint8_t *snapshot_bytes;
    size_t snapshot_size;
    _Atomic int64_t progress;
    _Atomic bool cancel;
    struct outcome outcome;
};

struct slots {
    segment_function *run;
    struct runner_setup setup;
    int event_fd;
    int count; /* of threads that were started */
    struct slot *slot;
};

static void set_state(struct slot *slot, enum slot_state state)
{
    pthread_mutex_lock(&slot->lock);
    slot->state = state;
    pthread_cond_broadcast(&slot->woken);
    pthread_mutex_unlock(&slot->lock);
}

static enum slot_state get_state(struct slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    const enum slot_state state = slot->state;
    pthread_mutex_unlock(&slot->lock);
    return state;
}

/* ---- on the compute thread ---- */

static bool wait_for_work(struct slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    while (slot->state != SLOT_READY && slot->state != SLOT_CLOSING)
        pthread_cond_wait(&slot->woken, &slot->lock);
    const bool has_work = slot->state == SLOT_READY;
    if (has_work)
        slot->state = SLOT_RUNNING;
    pthread_mutex_unlock(&slot->lock);
    return has_work;
}

static void run_segment(struct slot *slot)
{
    struct outcome *outcome = &slot->outcome;
    const struct slots *all = slot->all;
    outcome->status = all->run(&all->setup, &slot->spec, slot->snapshot_bytes, slot->snapshot_size, &slot->progress,
                               &slot->cancel, &outcome->result, &outcome->err);
}

static void tell_courier(const struct slots *slots)
{
    const uint64_t one = 1;
    /* EAGAIN: the counter is at its end, so the courier is told already. */
    INVARIANT(write(slots->event_fd, &one, sizeof one) == sizeof one || errno == EAGAIN);
}

static void *work(void *context)
{
    struct slot *slot = context;
    while (wait_for_work(slot)) {
        run_segment(slot);
        set_state(slot, SLOT_DONE);
        tell_courier(slot->all);
    }
    return NULL;
}

/* ---- on the courier's thread ---- */

static enum status start_threads(struct slots *slots, int count, struct error *err)
{
    for (int i = 0; i < count; i++) {
        struct slot *slot = &slots->slot[i];
        slot->all = slots;
        slot->outcome.slot = i;
        pthread_mutex_init(&slot->lock, NULL);
        pthread_cond_init(&slot->woken, NULL);
        const int failure = pthread_create(&slot->thread, NULL, work, slot);
        if (failure)
            return error_set_errno(err, STATUS_IO, failure, "cannot start compute thread %d of %d", i + 1, count);
        char name[16];
        snprintf(name, sizeof name, "slot-%d", i);
        pthread_setname_np(slot->thread, name);
        slots->count++;
    }
    return STATUS_OK;
}

enum status slots_create(int count, segment_function *run, const struct runner_setup *setup, struct slots **out_slots,
                         struct error *err)
{
    struct slots *slots = mem_alloc_array(1, sizeof *slots);
    if (!slots)
        return mem_error(err, "the slots");
    slots->run = run;
    slots->setup = *setup;
    slots->slot = mem_alloc_array((size_t)count, sizeof *slots->slot);
    slots->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum status status = STATUS_OK;
    if (!slots->slot)
        status = mem_error(err, "the slots");
    else if (slots->event_fd < 0)
        status = error_set_errno(err, STATUS_IO, errno, "cannot make an event descriptor");
    else
        status = start_threads(slots, count, err);
    if (status == STATUS_OK)
        *out_slots = slots;
    else
        slots_destroy(&slots);
    return status;
}

/* A segment that is done and was not collected will not be. */
static void close_slot(struct slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    while (slot->state == SLOT_READY || slot->state == SLOT_RUNNING)
        pthread_cond_wait(&slot->woken, &slot->lock);
    slot->state = SLOT_CLOSING;
    pthread_cond_broadcast(&slot->woken);
    pthread_mutex_unlock(&slot->lock);
    pthread_join(slot->thread, NULL);
    segment_result_finish(&slot->outcome.result);
    pthread_cond_destroy(&slot->woken);
    pthread_mutex_destroy(&slot->lock);
}

void slots_destroy(struct slots **slots)
{
    if (!slots || !*slots)
        return;
    for (int i = 0; i < (*slots)->count; i++)
        atomic_store(&(*slots)->slot[i].cancel, true); /* all at once, then one by one */
    for (int i = 0; i < (*slots)->count; i++)
        close_slot(&(*slots)->slot[i]);
    if ((*slots)->event_fd >= 0)
        close((*slots)->event_fd);
    mem_free((*slots)->slot);
    mem_free(*slots);
    *slots = NULL;
}

int slots_count(const struct slots *slots)
{
    return slots->count;
}

int slots_fd(const struct slots *slots)
{
    return slots->event_fd;
}

void slots_start(struct slots *slots, int slot, const struct segment_spec *spec, const uint8_t *snapshot_bytes,
                 size_t snapshot_size)
{
    struct slot *one = &slots->slot[slot];
    INVARIANT(get_state(one) == SLOT_IDLE);
    one->spec = *spec;
    one->snapshot_bytes = snapshot_bytes;
    one->snapshot_size = snapshot_size;
    atomic_store(&one->progress, 0);
    atomic_store(&one->cancel, false);
    set_state(one, SLOT_READY);
}

void slots_cancel(struct slots *slots, int slot)
{
    atomic_store(&slots->slot[slot].cancel, true);
}

int64_t slots_progress(const struct slots *slots, int slot)
{
    return atomic_load(&slots->slot[slot].progress);
}

bool slots_collect(struct slots *slots, struct outcome *out_outcome)
{
    /* First the descriptor, then the slots: one that is done after the look makes the descriptor readable again. */
    uint64_t drained;
    const ssize_t got = read(slots->event_fd, &drained, sizeof drained);
    (void)got; /* empty already is as good */
    for (int i = 0; i < slots->count; i++) {
        struct slot *slot = &slots->slot[i];
        if (get_state(slot) != SLOT_DONE)
            continue;
        *out_outcome = slot->outcome;
        slot->outcome = (struct outcome){.slot = i};
        set_state(slot, SLOT_IDLE);
        return true;
    }
    return false;
}
