/* invariant.h - what must hold, whatever the input. A broken invariant is a bug: it stops the process, in release
 * builds too. The store is transactional, so a stopped coordinator loses nothing, and a wrong one loses trust. */
#ifndef VITRINE_COMMON_INVARIANT_H
#define VITRINE_COMMON_INVARIANT_H

_Noreturn void invariant_failed(const char *condition, const char *file, int line, const char *function);

#define INVARIANT(condition) ((condition) ? (void)0 : invariant_failed(#condition, __FILE__, __LINE__, __func__))

/* For inner loops: checked only where the build asks for it (-Ddebug_invariants=true). */
#ifdef VITRINE_DEBUG_INVARIANTS
#define DEBUG_INVARIANT(condition) INVARIANT(condition)
#else
#define DEBUG_INVARIANT(condition) ((void)0)
#endif

#endif
