/* notify.h - words to systemd: READY=1, WATCHDOG=1, STOPPING=1, STATUS=... (sd_notify(3), without its library).
 *
 * Where $NOTIFY_SOCKET is not set nothing happens; what fails is not worth failing for. */
#ifndef VITRINE_SERVER_NET_NOTIFY_H
#define VITRINE_SERVER_NET_NOTIFY_H

void notify_send(const char *state);

#endif
