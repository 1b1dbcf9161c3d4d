#!/bin/sh
# includes.sh ROOT - the house is a V on common: includes point one way, and each library has its one place.
# Prints every line that breaks a rule; fails if there is one.
cd "$1" || exit 2
broken=0

# forbid WHERE PATTERN WHY [EXCEPT]: no file under WHERE may include what PATTERN matches.
forbid() {
    found=$(grep -rnE --include='*.c' --include='*.h' "^#include [<\"]($2)" $1 2>/dev/null | grep -vE "${4:-^$}")
    [ -z "$found" ] && return
    printf '%s\n    %s\n' "$found" "$3"
    broken=1
}

forbid common '(server|worker)/' 'common knows neither server nor worker'
forbid worker 'server/' 'the worker never includes the server'
forbid server 'worker/' 'the server never includes the worker'
forbid server/core 'server/(store|net|web|cmd|plot|analysis|coordinator)' 'the core decides, and does nothing else'
forbid server/core '(stdio|time|stdlib|unistd|fcntl|pthread|signal|stdatomic|errno)\.h|sys/' 'the core has no clock, file, thread or memory of its own'
forbid server/store 'server/(net|web|cmd|coordinator)' 'the store knows no network'
forbid server/net 'server/(store|web|cmd)' 'the network knows no store'
forbid worker/kernels 'common/(wire|campaign)|worker/(agent|courier|runner)' 'kernels are arithmetic'
forbid 'common worker server' 'zmq' 'zmq.h belongs to server/net and worker/courier.c' '^(server/net/|worker/courier\.c)'
forbid 'common worker server' 'sqlite3' 'sqlite3.h belongs to server/store' '^server/store/'
forbid 'common worker server' 'microhttpd' 'microhttpd.h belongs to server/web' '^server/web/'
forbid 'common worker server' 'yaml' 'yaml.h belongs to one file' '^common/campaign_load\.c'

clocks=$(grep -rnlE --include='*.c' '\bclock_gettime\(|\bgettimeofday\(|\btime\(NULL\)' common worker server | grep -v '^common/clock\.c$')
if [ -n "$clocks" ]; then
    printf '%s\n    %s\n' "$clocks" 'common/clock.c is the only caller of clock_gettime'
    broken=1
fi
exit $broken
