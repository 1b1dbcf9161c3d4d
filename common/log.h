/* log.h - one event, one line: time, level, event name, key=value pairs.
 *
 *     2026-01-31T12:00:00.123456Z info segment_stored replica=3 segment=17 cpu_ms=40
 *
 * Lines go to one sink (standard error unless log_set_fd says otherwise) in one write each, so lines of several threads
 * never mix. A sink that cannot be written is not an error: a full log disk must not stop a campaign. */
#ifndef VITRINE_COMMON_LOG_H
#define VITRINE_COMMON_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

enum { LOG_LINE_SIZE = 1024 };

void log_set_level(enum log_level least); /* default LOG_INFO */
void log_set_fd(int fd);                  /* borrowed; -1 = nowhere */

/* `fields` is a printf format that gives key=value pairs; values with blanks are quoted by the caller. */
void log_event(enum log_level level, const char *event, const char *fields, ...) __attribute__((format(printf, 3, 4)));

#endif
