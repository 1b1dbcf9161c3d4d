#!/bin/sh
# Keys under real processes: who is let in, who is not and is told why, and that a revocation takes effect at once.
#
#   keys.sh VITRINE VITRINE_WORKER
#
# Prints `ok` or `FAILED` with a name for each check; the exit code is 1 when one failed.
set -u
. "${0%/*}/checks.sh"

cat >farm.yaml <<'END'
campaign: farm
seed: 4711
system: {atoms: 256, small_fraction: 0.5, volume_per_atom: 0.767}
ensembles:
  - name: ladder
    mode: tempering
    temperatures: [0.70, 0.74, 0.78]
    segment_steps: 250
    steps: 12000
    prepare:
      - build: random
      - hold: {temperature: 2.0, steps: 500}
    sample: {thermal: 250}
END

check "a key is made" 0 "worker key of 'alpha': keys/alpha.key" "$vitrine" keys create alpha
check "and another" 0 "beta" "$vitrine" keys create beta --out beta.key
check "one for an administrator" 0 "admin key of 'root'" "$vitrine" keys create --admin root
check "a name has one key" 6 "has a key already" "$vitrine" keys create alpha
check "a path is no name" 1 "cannot name a key" "$vitrine" keys create ../alpha
check "the list" 0 "^beta *worker *allowed" "$vitrine" keys list
check "the list as JSON" 0 '"name": *"alpha"' "$vitrine" keys list --json
check "beyond this machine keys are wanted" 2 "without keys only" "$vitrine" serve --db x.db --bind "tcp://*:7117"
chmod 644 keys/coordinator.key
check "a readable secret is not used" 1 "has mode 0644" "$vitrine" serve --db x.db --keys keys --bind tcp://127.0.0.1:0 farm.yaml
chmod 600 keys/coordinator.key
chmod 640 beta.key
check "not by a worker either" 1 "chmod 600" "$worker" --connect tcp://127.0.0.1:1 --key beta.key
chmod 600 beta.key
check "an administrator's key is none for a worker" 1 "role worker is wanted" "$worker" --connect tcp://127.0.0.1:1 --key keys/root.key

"$vitrine" run farm.yaml --db undisturbed.db --workers 1 --no-progress >out.txt 2>&1 || fail "undisturbed run"
undisturbed=$(hash_of undisturbed.db)

"$vitrine" serve --db farm.db --keys keys --bind tcp://127.0.0.1:0 --until-done farm.yaml >serve.log 2>&1 &
serve=$!
pids="$pids $serve"
await 20 grep -q " serving " serve.log || fail "serve did not start"
url=$(sed -n 's/.* serving endpoint=//p' serve.log)

"$worker" --connect "$url" --slots 1 >keyless.log 2>&1 &
pids="$pids $!"
"$vitrine" keys create --keys others stranger >/dev/null
sed "s/^coordinator .*/$(grep ^coordinator keys/alpha.key)/" others/stranger.key >stranger.key
chmod 600 stranger.key
"$worker" --connect "$url" --slots 1 --key stranger.key >stranger.log 2>&1 &
pids="$pids $!"
"$worker" --connect "$url" --slots 1 --key beta.key >beta.log 2>&1 &
beta=$!
pids="$pids $beta"
await 20 grep -q " welcomed " beta.log && good "a worker with a key is let in" || fail "beta was not let in"
await 20 grep -q "wants a key" keyless.log && good "one without is told so" || fail "no word to the keyless worker"
await 20 grep -q "does not allow this key" stranger.log && good "one with an unknown key too" || fail "no word to the stranger"

# Beta computes; then its key is revoked.
await 20 sh -c '[ "$("$0" query farm.db "SELECT count(*) > 2 FROM segment" | tail -1)" = 1 ]' "$vitrine" || fail "beta computes nothing"
start=$(date +%s%N)
"$vitrine" keys revoke beta >/dev/null || fail "revoke"
await 10 grep -q " key_revoked role=worker name=beta" serve.log || fail "the coordinator did not notice"
known=$((($(date +%s%N) - start) / 1000000))
[ $known -lt 1000 ] && good "a revocation is known in $known ms" || fail "a revocation took $known ms"
await 10 is_gone $beta || fail "beta goes on"
wait $beta
code=$?
[ $code -eq 6 ] && grep -q "key of this host was revoked" beta.log && good "its worker is sent away" || fail "beta ended with $code"
stored=$("$vitrine" query farm.db "SELECT count(*) FROM segment" | tail -1)
"$worker" --connect "$url" --slots 1 --key beta.key >again.log 2>&1 &
pids="$pids $!"
await 20 grep -q "does not allow this key" again.log && good "and does not get in again" || fail "beta got in again"
[ "$("$vitrine" query farm.db "SELECT count(*) FROM segment" | tail -1)" = "$stored" ] && good "nothing more of it is stored" || fail "results of a revoked key"

"$worker" --connect "$url" --slots 2 --key keys/alpha.key >alpha.log 2>&1 &
pids="$pids $!"
await 60 is_gone $serve || fail "the run did not end"
[ "$(hash_of farm.db)" = "$undisturbed" ] && good "the hash is that of the undisturbed run" || fail "another hash"
hosts=$("$vitrine" query farm.db "SELECT group_concat(name, ' ') FROM (SELECT name FROM host ORDER BY name)" | tail -1)
[ "$hosts" = "alpha beta" ] && good "hosts are named by their keys" || fail "hosts are '$hosts'"
