/* text.h - formatting into a buffer of fixed size, for those who have nothing to do with files: no <stdio.h>. */
#ifndef VITRINE_COMMON_TEXT_H
#define VITRINE_COMMON_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/* As printf, into out[size] (size > 0); what does not fit is cut off, and a zero byte always ends it. */
void text_print(char *out, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void text_print_args(char *out, size_t size, const char *fmt, va_list args) __attribute__((format(printf, 3, 0)));

#endif
