#include "common/invariant.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void invariant_failed(const char *condition, const char *file, int line, const char *function)
{
    fprintf(stderr, "vitrine: bug: '%s' does not hold in %s (%s:%d); nothing stored is lost, please report this\n",
            condition, function, file, line);
    abort();
}
