/* html.h - the little that a page of HTML needs. */
#ifndef VITRINE_SERVER_CMD_HTML_H
#define VITRINE_SERVER_CMD_HTML_H

#include "common/error.h"
#include <stdio.h>

/* Text with what HTML reads as markup escaped. */
void html_write_text(const char *text, FILE *out);

enum status html_save(const char *path, const char *text, size_t size, struct error *err) MUST_CHECK;

#endif
