#include "common/text.h"

#include "common/invariant.h"

#include <stdio.h>

void text_print_args(char *out, size_t size, const char *fmt, va_list args)
{
    INVARIANT(size > 0);
    vsnprintf(out, size, fmt, args);
}

void text_print(char *out, size_t size, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    text_print_args(out, size, fmt, args);
    va_end(args);
}
