#!/bin/bash
# soak.sh - kills the coordinator and its workers with SIGKILL at random points of real campaigns, again and again. Every
# campaign must come to its end, pass `vitrine verify`, and have the science hash of the undisturbed run.
#
#   soak.sh BUILD [KILLS [SEED]]      300 kills by default; the seed decides whom and when
set -u
build=$(realpath "$1")
kills_wanted=${2:-300}
RANDOM=${3:-1}
kills_each=10 # in one campaign
vitrine=$build/server/vitrine
scratch=$(mktemp -d "${TMPDIR:-/tmp}/vitrine-soak.XXXXXX")
coordinator= workers=()
cleanup() {
    kill -9 $coordinator "${workers[@]}" 2>/dev/null
    rm -rf "$scratch"
}
trap cleanup EXIT
cd "$scratch" || exit 99

cat >campaign.yaml <<'YAML'
campaign: soak
seed: 20261127
audit: 0.1
system: {atoms: 256, small_fraction: 0.5, volume_per_atom: 0.767}
ensembles:
  - name: ladder
    mode: tempering
    temperatures: [0.70, 0.74, 0.78]
    segment_steps: 400
    steps: 16000
    prepare:
      - build: random
      - hold: {temperature: 2.0, steps: 400}
    sample: {thermal: 200, inherent: 4000, pdf: 1200, frame_inherent: 8000}
  - name: line
    mode: isotherm
    temperatures: [0.75]
    replicas: 2
    segment_steps: 400
    steps: 16000
    prepare:
      - build: random
      - hold: {temperature: 2.0, steps: 400}
    sample: {thermal: 200, frame: 8000}
YAML

die() {
    echo "FAILED: $*"
    tail -n 5 serve.log workers.log
    exit 1
}

hash_of() { "$vitrine" verify "$1" 2>&1 | sed -n 's/^ *science hash *//p'; }

start_coordinator() {
    "$vitrine" serve --db "$db" --bind "$url" --lease-seconds 2 --until-done campaign.yaml >>serve.log 2>&1 &
    coordinator=$!
}

start_worker() {
    "$build/worker/vitrine-worker" --connect "$url" --slots 1 --grace 1 >>workers.log 2>&1 &
    workers[$1]=$!
}

# What is killed ends at some point of its start, its work or its end; the rest goes on.
kill_one() {
    sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
    local victim=$((RANDOM % 3))
    if [ $victim -eq 2 ]; then
        kill -0 $coordinator 2>/dev/null || return 1
        kill -9 $coordinator
        wait $coordinator 2>/dev/null
        start_coordinator
    else
        kill -9 "${workers[$victim]}" 2>/dev/null || return 1
        wait "${workers[$victim]}" 2>/dev/null
        start_worker $victim
    fi
    kills=$((kills + 1))
    by_victim[victim]=$((by_victim[victim] + 1))
}

# run_campaign NAME KILLS: as many kills, or fewer if the campaign is done before.
run_campaign() {
    db=$1.db url=ipc://$scratch/$1.sock
    local until=$((kills + $2))
    start_coordinator
    start_worker 0
    start_worker 1
    while [ $kills -lt $until ] && kill -0 $coordinator 2>/dev/null; do kill_one; done
    local waited=0
    while kill -0 $coordinator 2>/dev/null; do
        sleep 0.2
        waited=$((waited + 1))
        [ $waited -lt 1500 ] || die "$1 does not come to its end"
    done
    wait $coordinator || die "$1: the coordinator ended with exit code $?"
    kill -9 "${workers[@]}" 2>/dev/null
    wait 2>/dev/null
}

kills=0 campaigns=0 by_victim=(0 0 0)
run_campaign undisturbed 0
undisturbed=$(hash_of undisturbed.db)
[ -n "$undisturbed" ] || die "the undisturbed run has no hash"
while [ $kills -lt "$kills_wanted" ]; do
    left=$((kills_wanted - kills))
    run_campaign "soak-$campaigns" $((left < kills_each ? left : kills_each))
    "$vitrine" verify "$db" >verify.txt 2>&1 || die "$db does not verify: $(tail -3 verify.txt)"
    [ "$(hash_of "$db")" = "$undisturbed" ] || die "$db has another hash"
    campaigns=$((campaigns + 1))
    rm -f "$db"*
done
echo "ok: $kills SIGKILLs (${by_victim[2]} of coordinators, $((by_victim[0] + by_victim[1])) of workers) in $campaigns" \
    "campaigns, each with the undisturbed hash $undisturbed"
