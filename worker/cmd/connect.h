/* connect.h - vitrine-worker --connect URL: serve a coordinator. */
#ifndef VITRINE_WORKER_CMD_CONNECT_H
#define VITRINE_WORKER_CMD_CONNECT_H

/* argv[0] is the program's name. Returns the exit code: 0 left with nothing given back, 75 gave work back. */
int cmd_connect(int argc, char **argv);

#endif
