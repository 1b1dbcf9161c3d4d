/* convert.h - vitrine-worker convert [FILE]: the bytes of a snapshot (standard input, or a file) as extended XYZ. */
#ifndef VITRINE_WORKER_CMD_CONVERT_H
#define VITRINE_WORKER_CMD_CONVERT_H

int cmd_convert(int argc, char **argv);

#endif
