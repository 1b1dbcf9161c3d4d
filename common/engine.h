/* engine.h - the engine id: raised by hand when the arithmetic of the worker changes, so that a campaign is never
 * continued with other bits unawares. Not the build id. A test holds the id to the trajectory of a fixed toy run (the
 * probe digest). */
#ifndef VITRINE_COMMON_ENGINE_H
#define VITRINE_COMMON_ENGINE_H

enum { ENGINE_ID = 2 };

/* What the probe of a worker (worker/probe.h) finds with this engine, on every machine: bytes of the digest. The probe
 * measures too, so a further quantity changes this and leaves the engine id: no trajectory moves. */
#define ENGINE_PROBE                                                                                                   \
    {                                                                                                                  \
        0x6c, 0x80, 0x15, 0x64, 0xaf, 0x06, 0xee, 0x04, 0xe8, 0xad, 0x3a, 0xa6, 0xd6, 0x2c, 0xef, 0xfe, 0x4b, 0xe1,    \
            0x39, 0xac, 0xbc, 0xd0, 0xb3, 0xbb, 0x59, 0x1a, 0x6e, 0x1e, 0x05, 0xa7, 0xa4, 0x22                         \
    }

#endif
