#!/bin/sh
# The control channel of a real coordinator: campaigns are paused, resumed, cancelled, extended and added while it runs,
# over its unix socket and with an administrator's key; the results are those of undisturbed runs.
#
#   control.sh VITRINE VITRINE_WORKER
#
# Prints `ok` for each check; the first that fails ends it.
set -u
. "${0%/*}/checks.sh"

# campaign NAME STEPS
campaign() {
    cat <<END
campaign: $1
seed: 4711
system: {atoms: 256, small_fraction: 0.5, volume_per_atom: 0.767}
ensembles:
  - name: ladder
    mode: tempering
    temperatures: [0.70, 0.74]
    segment_steps: 200
    steps: $2
    prepare:
      - build: random
      - hold: {temperature: 2.0, steps: 400}
    sample: {thermal: 200}
END
}
stored() { "$vitrine" query farm.db "SELECT count(*) FROM segment JOIN campaign USING (campaign) WHERE name = '$1'" | tail -1; }
has() { [ "$(stored "$1")" -ge "$2" ]; }

campaign first 8000 >first-long.yaml
campaign first 4000 >first.yaml
campaign second 2000 >second.yaml
campaign first 4001 >first-bad.yaml
"$vitrine" run first-long.yaml --db first.db --workers 1 --no-progress >out.txt 2>&1 || fail "undisturbed run"
"$vitrine" run second.yaml --db second.db --workers 1 --no-progress >out.txt 2>&1 || fail "undisturbed run"
"$vitrine" keys create node >out.txt && "$vitrine" keys create --admin alice >out.txt || fail "keys"

check "nobody there is exit code 4" 4 "no coordinator runs on 'farm.db'" "$vitrine" workers --db farm.db
check "control beyond keys is refused" 2 "wants --keys" "$vitrine" serve --db farm.db --control tcp://127.0.0.1:0 first.yaml
"$vitrine" serve --db farm.db --keys keys --bind tcp://127.0.0.1:0 --control tcp://127.0.0.1:0 first.yaml >serve.log 2>&1 &
serve=$!
pids="$pids $serve"
await 60 grep -q " serving " serve.log || fail "serve did not start"
url=$(sed -n 's/.* serving endpoint=//p' serve.log)
admin=$(sed -n 's/.* control=\(tcp[^ ]*\).*/\1/p' serve.log)
[ "$(stat -c %a farm.db.control)" = 600 ] && good "its socket is its owner's alone" || fail "mode of the socket"

check "a campaign is paused" 0 "'first' is paused" "$vitrine" campaign pause first --db farm.db
check "one that is not there is exit code 5" 5 "no campaign" "$vitrine" campaign pause other --db farm.db
"$worker" --connect "$url" --slots 1 --key keys/node.key >worker.log 2>&1 &
pids="$pids $!"
await 60 grep -q " welcomed " worker.log || fail "no welcome"
check "workers are listed" 0 "node .*connected" "$vitrine" workers --db farm.db
check "as JSON, with an administrator's key" 0 '"host": *"node"' "$vitrine" workers --connect "$admin" --key keys/alice.key --json
check "a worker's key is no administrator's" 1 "role admin is wanted" "$vitrine" workers --connect "$admin" --key keys/node.key
check "no key is not let in" 6 "a key is wanted" "$vitrine" workers --connect "$admin"
sleep 1
[ "$(stored first)" = 0 ] && good "what is paused is not granted" || fail "$(stored first) segments of a paused campaign"
check "an added campaign runs beside it" 0 "'second': 0 of 26 segments" "$vitrine" campaign add second.yaml --connect "$admin" --key keys/alice.key
check "it is added once" 6 "is there already" "$vitrine" campaign add second.yaml --db farm.db
await 120 has second 26 && good "it is done" || fail "second has $(stored second) segments"
[ "$(stored first)" = 0 ] && good "and the other one waits still, though the planner was made anew" || fail "first runs"
check "a campaign goes on" 0 "'first' runs" "$vitrine" campaign resume first --db farm.db
await 60 has first 2 || fail "first does not go on"
check "it is cancelled" 0 "'first' is cancelled" "$vitrine" campaign cancel first --db farm.db
check "and revived" 0 "'first' runs" "$vitrine" campaign resume first --db farm.db
check "an extension that may not be has its place" 3 "steps" "$vitrine" campaign extend first-bad.yaml --db farm.db
check "it is extended while it runs" 0 "of 86 segments" "$vitrine" campaign extend first-long.yaml --db farm.db
await 120 has first 86 && good "to its end" || fail "first has $(stored first) segments"
check "a quarantine that is none is not lifted" 5 "is quarantined" "$vitrine" workers trust node --db farm.db
check "the coordinator is drained" 0 "draining" "$vitrine" drain --db farm.db --grace 20
await 60 is_gone $serve && good "and ends" || fail "it does not end"
wait $serve || fail "its exit code is $?"
[ "$(hash_of farm.db --campaign first)" = "$(hash_of first.db --campaign first)" ] && [ "$(hash_of farm.db --campaign second)" = "$(hash_of second.db --campaign second)" ] &&
    good "the hashes are those of undisturbed runs" || fail "another hash"
check "who said what is on record" 0 "^paused *owner" "$vitrine" query farm.db "SELECT kind, text FROM event"
