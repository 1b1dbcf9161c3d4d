/* engine.h - the engine id: raised by hand when the arithmetic of the worker changes, so that a campaign is never
 * continued with other bits unawares. Not the build id. A test holds the id to the trajectory of a fixed toy run (the
 * probe digest). */
#ifndef VITRINE_COMMON_ENGINE_H
#define VITRINE_COMMON_ENGINE_H

enum { ENGINE_ID = 1 };

/* What the probe of a worker (worker/probe.h) finds with this engine, on every machine: bytes of the digest. */
#define ENGINE_PROBE                                                                                                   \
    {                                                                                                                  \
        0x13, 0x81, 0x69, 0xb2, 0x5b, 0x12, 0xdf, 0x10, 0x13, 0xe1, 0x0a, 0x82, 0xfb, 0xdc, 0xcd, 0xd2, 0xf9, 0x55,    \
            0x42, 0x4d, 0x98, 0x6e, 0x5f, 0x93, 0x49, 0x39, 0xa5, 0x94, 0x32, 0x8f, 0xdc, 0x2d                         \
    }

#endif
