/* summary.h - the table at the end of a run: what each ensemble found at each temperature. */
#ifndef VITRINE_SERVER_CMD_SUMMARY_H
#define VITRINE_SERVER_CMD_SUMMARY_H

#include "common/error.h"
#include <stdio.h>

/* Means over production with error bars, acceptance towards the next rung, of every campaign of a database. */
enum status summary_print(const char *database, FILE *out, struct error *err) MUST_CHECK;

#endif
