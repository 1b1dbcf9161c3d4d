/* crash_vfs.h - a disk under SQLite that fails on purpose.
 *
 * Wraps the unix VFS. What SQLite wrote since the last sync of a file is remembered; when the power goes, each of these
 * writes is kept, lost or torn (some of its 512-byte sectors are there), by the seed and independently of the others,
 * so that they seem reordered too. A file that was never synced may be gone, one that was deleted without a sync of its
 * folder may be back. The shared memory (-shm) stays as it was: stale, as after a real power loss.
 *
 * Losing power ends the process: install in a forked child, look at the files from the parent. */
#ifndef VITRINE_TESTS_SUPPORT_CRASH_VFS_H
#define VITRINE_TESTS_SUPPORT_CRASH_VFS_H

#include <stdint.h>

enum crash_kind {
    CRASH_NEVER,
    CRASH_POWER,       /* the power goes: the process ends with CRASH_EXIT_CODE */
    CRASH_WRITE_ERROR, /* this operation fails, once, if it is a write or truncation */
    CRASH_SYNC_ERROR,  /* likewise, if it is a sync; what it should have made durable stays unsynced */
    CRASH_FULL,        /* from here on every write that makes a file longer finds no room, until crash_vfs_plan */
};

enum { CRASH_EXIT_CODE = 77 };

struct crash_plan {
    enum crash_kind kind;
    uint64_t operation; /* counted from 1 since this plan: writes, truncations, syncs and deletions */
    uint64_t seed;      /* of what survives */
};

/* Makes it the default VFS of this process, without a fault. */
void crash_vfs_install(void);
void crash_vfs_plan(struct crash_plan plan);

/* Operations since the last plan. */
uint64_t crash_vfs_operations(void);

#endif
