/* Where workers are. Some work has to go to another host than one that had it; whether there is one must not cost a
 * look at every worker, so each host counts those of its workers that could take work. */
#include "common/invariant.h"
#include "server/core/planner_state.h"

#include <string.h>

static uint64_t key_of(const char *name)
{
    return keymap_key_of(name, strlen(name));
}

static uint32_t find(const struct planner *planner, const char *name)
{
    uint32_t host = keymap_find(&planner->host_of_name, key_of(name));
    while (host != INDEX_NONE && strcmp(planner->hosts[host].name, name) != 0)
        host = keymap_find_next(&planner->host_of_name, host);
    return host;
}

/* There are as many places as sessions. */
static uint32_t add(struct planner *planner, const char *name)
{
    const uint32_t index = planner->hosts_free.first;
    INVARIANT(index != INDEX_NONE);
    list_remove(&planner->hosts_free, planner->host_links, index);
    planner->hosts[index] = (struct host){0};
    memcpy(planner->hosts[index].name, name, strlen(name) + 1);
    keymap_put(&planner->host_of_name, key_of(name), index);
    return index;
}

void host_join(struct planner *planner, uint32_t session)
{
    const char *name = planner->sessions[session].hello.host;
    const uint32_t found = find(planner, name), host = found != INDEX_NONE ? found : add(planner, name);
    planner->hosts[host].sessions++;
    planner->sessions[session].host = host;
}

void host_leave(struct planner *planner, uint32_t session)
{
    const uint32_t index = planner->sessions[session].host;
    host_set_able(planner, session, false);
    if (--planner->hosts[index].sessions > 0)
        return;
    keymap_remove(&planner->host_of_name, index);
    list_append(&planner->hosts_free, planner->host_links, index);
}

void host_set_able(struct planner *planner, uint32_t index, bool is_able)
{
    struct session *session = &planner->sessions[index];
    if (session->is_able == is_able)
        return;
    session->is_able = is_able;
    planner->able_count += is_able ? 1 : UINT32_MAX;
    planner->hosts[session->host].able += is_able ? 1 : UINT32_MAX;
}

uint32_t host_count_able(const struct planner *planner, const char *name)
{
    const uint32_t host = find(planner, name);
    return host == INDEX_NONE ? 0 : planner->hosts[host].able;
}
