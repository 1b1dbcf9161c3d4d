/* verbs.h - the verbs, each defined in the file of its name. */
#ifndef VITRINE_SERVER_CMD_VERBS_H
#define VITRINE_SERVER_CMD_VERBS_H

#include "server/cmd/handover.h"
#include "server/cmd/verb.h"

#endif
