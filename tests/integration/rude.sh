#!/bin/sh
# Strangers at the port: idle connections, garbage, and a frame too large before any key was shown. Prints the
# coordinator's memory and what an honest worker gets done meanwhile; the run ends with the undisturbed hash.
#
#   rude.sh VITRINE VITRINE_WORKER [CONNECTIONS]        default 10,000, or as many as descriptors allow
set -u
. "${0%/*}/checks.sh"
connections=${3:-10000}
ulimit -n "$(ulimit -H -n)"
limit=$(ulimit -n)
[ "$limit" = unlimited ] || [ "$limit" -gt $((connections * 5 / 4)) ] || connections=$((limit / 2))
cat >rude.py <<'END'
# HOST PORT KIND COUNT: opens so many connections, does that on each, holds them for 8 s.
import resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
host, port, kind, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
greeting = b'\xff\0\0\0\0\0\0\0\1\x7f\3\1CURVE' + bytes(15) + bytes(32)
words = {'idle': b'', 'garbage': b'GET / HTTP/1.1\r\n\r\n' * 50, 'oversize': greeting + b'\x06' + (1 << 40).to_bytes(8, 'big')}[kind]
open_ones = []
for i in range(count):
    try:
        s = socket.create_connection((host, port), timeout=10)
        if words: s.sendall(words)
        if kind == 'oversize': s.sendall(bytes(1 << 16))
        open_ones.append(s)
    except OSError: pass
print(len(open_ones), flush=True)
time.sleep(8)
END
cat >farm.yaml <<'END'
campaign: farm
seed: 4711
audit: 0
system: {atoms: 256, small_fraction: 0.5, volume_per_atom: 0.767}
ensembles:
  - name: ladder
    mode: tempering
    temperatures: [0.70, 0.74]
    segment_steps: 200
    steps: 100000
    prepare:
      - build: random
      - hold: {temperature: 2.0, steps: 200}
    sample: {thermal: 200}
END
stored() { "$vitrine" query farm.db "SELECT count(*) FROM segment" | tail -1; }
memory_kb() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$serve/status"; }

"$vitrine" keys create node >keys.log || fail keys
"$vitrine" serve --db farm.db --keys keys --bind tcp://127.0.0.1:0 --until-done farm.yaml >serve.log 2>&1 &
serve=$!
pids="$pids $serve"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do grep -q " serving " serve.log && break || sleep 0.5; done
port=$(sed -n 's/.* serving endpoint=tcp:.*:\([0-9]*\)$/\1/p' serve.log)
"$VITRINE_WORKER" --connect "tcp://127.0.0.1:$port" --slots 1 --key keys/node.key >worker.log 2>&1 &
pids="$pids $!"
sleep 3
echo "alone: $(memory_kb) kB"
for kind in idle garbage oversize; do
    count=$connections
    [ $kind = oversize ] && count=200
    before=$(stored)
    python3 rude.py 127.0.0.1 "$port" $kind "$count" >rude.log 2>&1 &
    rude=$!
    pids="$pids $rude"
    most=0
    while kill -0 $rude 2>/dev/null; do
        now=$(memory_kb)
        [ "${now:-0}" -gt $most ] && most=$now
        sleep 0.2
    done
    kill -0 $serve 2>/dev/null || grep -q "reason=done" serve.log || fail "$kind: the coordinator is gone"
    echo "$kind: $(head -1 rude.log) connections, $most kB at most, $(($(stored) - before)) segments stored meanwhile"
    [ $most -lt 400000 ] || fail "$kind: $most kB"
done
tries=600
while kill -0 $serve 2>/dev/null && [ $tries -gt 0 ]; do sleep 0.2; tries=$((tries - 1)); done
wait $serve || fail "serve ended with $?"
"$vitrine" run farm.yaml --db undisturbed.db --workers 2 --no-progress >run.log 2>&1 || fail "undisturbed run"
[ "$(hash_of farm.db)" = "$(hash_of undisturbed.db)" ] || fail "another hash"
echo "ok: the hash is that of the undisturbed run"
