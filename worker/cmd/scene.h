/* scene.h - the verb `scene`: see scene.c for its help. */
#ifndef VITRINE_WORKER_CMD_SCENE_H
#define VITRINE_WORKER_CMD_SCENE_H

int cmd_scene(int argc, char **argv);

#endif
