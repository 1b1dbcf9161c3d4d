/* engine.h - the engine id: raised by hand when the arithmetic of the worker changes, so that a campaign is never
 * continued with other bits unawares. Not the build id. A test holds the id to the trajectory of a fixed toy run (the
 * probe digest). */
#ifndef VITRINE_COMMON_ENGINE_H
#define VITRINE_COMMON_ENGINE_H

enum { ENGINE_ID = 1 };

#endif
