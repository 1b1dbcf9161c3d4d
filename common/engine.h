/* engine.h - the engine id: raised by hand when the arithmetic of the worker changes, so that a campaign is never
 * continued with other bits unawares. Not the build id. A test holds the id to the trajectory of a fixed toy run (the
 * probe digest). */
#ifndef VITRINE_COMMON_ENGINE_H
#define VITRINE_COMMON_ENGINE_H

enum { ENGINE_ID = 2 };

/* What the probe of a worker (worker/probe.h) finds with this engine, on every machine: bytes of the digest. */
#define ENGINE_PROBE                                                                                                   \
    {                                                                                                                  \
        0x4c, 0x84, 0xe0, 0x18, 0xb6, 0xfa, 0x0b, 0xf8, 0x01, 0x88, 0xd1, 0x3b, 0x43, 0x37, 0xb9, 0x59, 0x5c, 0xcf,    \
            0xc6, 0x48, 0xae, 0x7b, 0x41, 0x52, 0x99, 0x28, 0x2b, 0x98, 0xef, 0xea, 0xb5, 0xdb                         \
    }

#endif
