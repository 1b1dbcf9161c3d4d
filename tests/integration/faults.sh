#!/bin/sh
# Faults of disks, files and the system under real processes. Each ends with the science hash of the undisturbed run
# once the fault is lifted, or with a clear refusal that loses nothing.
#
#   faults.sh BUILD GROUP      BUILD: the build directory; GROUP: disk, files, system, workers or coordinator
#
# The group `disk` makes file systems of its own in a mount namespace; where that is not permitted it is skipped (exit
# code 77). Prints `ok` or `FAILED` with a name for each fault, and how long it took from its end to the end of the run.
# FAULTS="NAME ..." runs only these. tests/integration/faults.md is the table of all faults and their tests.
set -u
build=$(realpath "$1")
group=$2
vitrine=$build/server/vitrine
odd_worker=$build/tests/integration/odd_worker
faulty_system=$build/tests/support/libfaulty_system.so
golden=$(dirname "$(realpath "$0")")/../golden
VITRINE_WORKER=$build/worker/vitrine-worker
export VITRINE_WORKER
if [ "$group" = disk ] && [ -z "${FAULTS_IN_NAMESPACE:-}" ]; then
    if [ "$(id -u)" -eq 0 ]; then unshare="unshare --mount"; else unshare="unshare --map-root-user --mount"; fi
    $unshare true 2>/dev/null || { echo "skipped: mount namespaces are not permitted here"; exit 77; }
    FAULTS_IN_NAMESPACE=1 exec $unshare "$0" "$build" disk
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/vitrine-faults.XXXXXX")
failures=0
pid=
workers=
cleanup() {
    [ -n "$pid$workers" ] && kill -9 $pid $workers 2>/dev/null
    [ "$group" = disk ] && umount "$scratch"/*/ 2>/dev/null
    rm -rf "$scratch"
}
trap cleanup EXIT
cd "$scratch" || exit 99

cat >campaign.yaml <<'END'
campaign: faults
seed: 4711
system: {atoms: 256, small_fraction: 0.5, volume_per_atom: 0.767}
ensembles:
  - name: ladder
    mode: tempering
    temperatures: [0.70, 0.74, 0.78]
    segment_steps: 200
    steps: 6000
    prepare:
      - build: random
      - hold: {temperature: 2.0, steps: 400}
    sample: {thermal: 200, inherent: 2000, pdf: 1000, frame_inherent: 2000}
  - name: line
    mode: isotherm
    temperatures: [0.75]
    replicas: 2
    segment_steps: 200
    steps: 6000
    prepare:
      - build: random
      - hold: {temperature: 2.0, steps: 400}
    sample: {thermal: 200, frame: 2000}
END

fail() {
    echo "FAILED: $1: $2"
    for file in out.txt verify.txt ./*.log; do [ -s "$file" ] && sed "s|^|    $file: |" "$file" | tail -8; done
    failures=1
}

now() { date +%s%N; }

# start DB: the coordinator with its workers, in the background.
start() {
    "$vitrine" run campaign.yaml --db "$1" --workers 2 --no-progress >out.txt 2>&1 &
    pid=$!
}

# finish DB: to the end; the exit code.
finish() { "$vitrine" run campaign.yaml --db "$1" --workers 2 --no-progress >out.txt 2>&1; }

# serve DB [COMMAND...]: a coordinator for workers of their own (worker), by way of COMMAND.
serve() {
    db=$1
    shift
    url=ipc://$scratch/$db.sock
    "$@" "$vitrine" serve --db "$db" --bind "$url" --lease-seconds 2 --until-done campaign.yaml >out.txt 2>"$db.log" &
    pid=$!
}

# spooling_worker: one that keeps results on its disk until they are acknowledged.
spooling_worker() {
    "$VITRINE_WORKER" --connect "$url" --slots 1 --spool spool >>workers.log 2>&1 &
    last=$!
    workers="$workers $last"
}

# worker [COMMAND...]: one more worker for it; $last is its process.
worker() {
    "$@" "$VITRINE_WORKER" --connect "$url" --slots 1 --grace 2 >>workers.log 2>&1 &
    last=$!
    workers="$workers $last"
}

odd() {
    "$odd_worker" "$1" "$url" "${2:-odd-host}" >>workers.log 2>&1 &
    last=$!
    workers="$workers $last"
}

# complete NAME DB: the coordinator comes to its end, the workers leave; then as `same`.
complete() {
    wait "$pid"
    ended=$?
    pid=
    [ $ended -eq 0 ] || fail "$1" "the coordinator ended with exit code $ended"
    dismiss
    same "$1" "$2"
}

dismiss() {
    [ -n "$workers" ] || return 0
    kill -TERM $workers 2>/dev/null
    kill -CONT $workers 2>/dev/null
    wait $workers 2>/dev/null
    workers=
}

# with FAULT COMMAND...: one system call of it fails, see tests/support/faulty_system.c.
with() {
    planned=$1
    shift
    env FAULT="$planned" LD_PRELOAD="$faulty_system" "$@"
}

hash_of() { "$vitrine" verify "$1" 2>verify.txt | sed -n 's/^ *science hash *//p'; }

stored() { "$vitrine" query "$1" "SELECT count(*) FROM segment" --csv 2>/dev/null | tail -1 | grep -x '[0-9]*' || echo 0; }

# await WHAT COMMAND...: until the command succeeds; gives up after 60 s, or when the coordinator has ended.
await() {
    what=$1
    shift
    for _ in $(seq "${PATIENCE:-600}"); do
        "$@" && return 0
        sleep 0.1
    done
    fail "$name" "waited in vain for $what"
    return 1
}

has_stored() { [ "$(stored "$1")" -ge "$2" ]; }
has_logged() { grep -q "$2" "$1.log" 2>/dev/null; }
has_spooled() { find spool -name '*.result' 2>/dev/null | grep -q .; }
has_ended() { ! kill -0 "$pid" 2>/dev/null; }

stop() {
    kill "-$1" "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    pid=
}

# same NAME DB: verified, and with the undisturbed hash.
same() {
    found=$(hash_of "$2")
    if [ -n "$found" ] && [ "$found" = "$undisturbed" ] && "$vitrine" verify "$2" >verify.txt 2>&1; then
        echo "ok: $1 ($((($(now) - lifted) / 1000000)) ms after the fault)"
    else
        fail "$1" "hash '$found', wanted $undisturbed"
    fi
}

# refuses NAME CODE PATTERN COMMAND...: ends with that code, and says why.
refuses() {
    refused=$1 code=$2 pattern=$3
    shift 3
    "$@" >out.txt 2>&1
    found=$?
    if [ $found -eq "$code" ] && grep -q -e "$pattern" out.txt; then echo "ok: $refused"; else
        fail "$refused" "exit code $found, wanted $code and '$pattern'"
    fi
}

# ends NAME PATTERN: the running coordinator ends by itself and says why.
ends() {
    await "the end of the coordinator" has_ended || return 1
    wait "$pid"
    ended=$?
    pid=
    if [ $ended -ne 0 ] && grep -q -e "$2" out.txt; then echo "ok: $1"; else
        fail "$1" "exit code $ended, wanted '$2'"
    fi
}

tmpfs() {
    mkdir "$1" && mount -t tmpfs -o "$2" faults "$1" && return 0
    fail "$name" "cannot mount a tmpfs"
    return 1
}

fill() { dd if=/dev/zero of="$1/filler" bs=4096 status=none 2>/dev/null; [ "$(df --output=avail "$1" | tail -1)" -eq 0 ]; }

# ---- disk ----

fault_disk_full_on_commit() {
    tmpfs full size=120m && start full/a.db || return
    await "segments" has_stored full/a.db 12 || return
    fill full
    await "the refusal" has_logged full/a.db disk_full || return
    kill -0 "$pid" || { fail "$name" "the coordinator ended"; return; }
    lifted=$(now)
    rm full/filler
    wait "$pid"
    pid=
    same "$name" full/a.db
}

fault_disk_low_grants_nothing_and_goes_on_when_there_is_room() {
    tmpfs low size=120m || return
    fallocate -l 80m low/filler
    start low/a.db
    await "the warning" has_logged low/a.db disk_low || return
    sleep 1
    [ "$(stored low/a.db)" -eq 0 ] || { fail "$name" "segments were granted"; return; }
    lifted=$(now)
    rm low/filler
    wait "$pid"
    pid=
    same "$name" low/a.db
}

fault_disk_full_when_it_starts() {
    tmpfs start size=120m && start start/a.db || return
    await "segments" has_stored start/a.db 12 || return
    stop KILL
    fill start
    refuses "$name: refused" 1 "full" "$vitrine" run campaign.yaml --db start/a.db --no-progress
    lifted=$(now)
    rm start/filler
    finish start/a.db
    same "$name" start/a.db
}

fault_disk_without_inodes_refuses_a_new_database_and_leaves_nothing() {
    tmpfs inodes size=120m,nr_inodes=4 || return
    touch inodes/1 inodes/2 inodes/3
    refuses "$name" 1 "No space left\|disk is full\|unable to open\|disk I/O" "$vitrine" run campaign.yaml \
        --db inodes/a.db --no-progress
    [ ! -e inodes/a.db ] || fail "$name" "half a database was left behind"
}

fault_disk_without_inodes_while_running_changes_nothing() {
    tmpfs used size=120m,nr_inodes=12 && start used/a.db || return
    await "segments" has_stored used/a.db 12 || return
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do touch used/$i 2>/dev/null; done
    lifted=$(now)
    wait "$pid"
    pid=
    rm -f used/?  used/1?
    same "$name" used/a.db
}

fault_disk_becomes_read_only() {
    tmpfs readonly size=120m && start readonly/a.db || return
    await "segments" has_stored readonly/a.db 12 || return
    stop KILL # files that are open for writing keep a file system writable
    await "the workers' end" mount -o remount,ro readonly || return
    refuses "$name: refused" 1 "Read-only file system\|readonly\|cannot" "$vitrine" run campaign.yaml \
        --db readonly/a.db --no-progress
    mount -o remount,rw readonly
    lifted=$(now)
    finish readonly/a.db
    same "$name" readonly/a.db
}

fault_disk_full_on_the_way_out() {
    tmpfs leaving size=120m && start leaving/a.db || return
    await "segments" has_stored leaving/a.db 12 || return
    fill leaving
    await "the refusal" has_logged leaving/a.db disk_full || return
    before=$(stored leaving/a.db)
    stop INT
    [ "$(stored leaving/a.db)" -gt "$before" ] || fail "$name" "nothing of what the workers had was stored ($before)"
    [ ! -e leaving/a.db-ballast ] || fail "$name" "the ballast is still there"
    lifted=$(now)
    rm leaving/filler
    finish leaving/a.db
    same "$name" leaving/a.db
}

fault_folder_read_only() {
    mkdir folder && finish folder/a.db && mount --bind folder folder && mount -o remount,ro,bind folder || return
    "$vitrine" verify folder/a.db >out.txt 2>&1 || grep -q "make the folder writable" out.txt ||
        fail "$name" "verify neither reads nor says why"
    refuses "$name: refused" 1 "Read-only file system\|readonly\|cannot" "$vitrine" run campaign.yaml \
        --db folder/a.db --no-progress
    umount folder
    lifted=$(now)
    same "$name" folder/a.db
}

# ---- files ----

fault_two_coordinators_on_one_database() {
    start two.db
    await "segments" has_stored two.db 5 || return
    ln -s two.db link.db
    refuses "$name" 6 "another coordinator" "$vitrine" run campaign.yaml --db two.db --no-progress
    refuses "$name: through a symlink" 6 "another coordinator" "$vitrine" run campaign.yaml --db link.db --no-progress
    lifted=$(now)
    wait "$pid"
    pid=
    same "$name: the first goes on" two.db
}

fault_database_moved_away_while_running() {
    start moved.db
    await "segments" has_stored moved.db 5 || return
    mv moved.db elsewhere.db
    ends "$name: it ends" "was removed or replaced" || return
    mv elsewhere.db moved.db
    lifted=$(now)
    finish moved.db
    same "$name" moved.db
}

fault_database_unlinked_while_running() {
    start unlinked.db
    await "segments" has_stored unlinked.db 5 || return
    rm unlinked.db
    ends "$name: it ends" "was removed or replaced" || return
    rm -f unlinked.db-wal unlinked.db-shm
    lifted=$(now)
    finish unlinked.db
    same "$name: made anew" unlinked.db
}

fault_wal_deleted_while_running() {
    start wal.db
    await "segments" has_stored wal.db 5 || return
    rm wal.db-wal
    ends "$name: it ends" "wal' was removed or replaced" || return
    lifted=$(now)
    finish wal.db
    same "$name" wal.db
}

fault_wal_swapped_while_running() {
    start swapped.db
    await "segments" has_stored swapped.db 5 || return
    cp swapped.db-wal copy && mv copy swapped.db-wal
    ends "$name: it ends" "wal' was removed or replaced" || return
    lifted=$(now)
    finish swapped.db
    same "$name" swapped.db
}

fault_wal_deleted_after_a_kill() {
    start killed.db
    await "segments" has_stored killed.db 12 || return
    stop KILL
    rm killed.db-wal
    lifted=$(now)
    finish killed.db
    same "$name" killed.db
}

fault_database_truncated() {
    finish short.db
    before=$(stat -c %s short.db)
    cp short.db whole.db
    truncate -s $((before / 2)) short.db
    "$vitrine" verify short.db >out.txt 2>&1 && fail "$name" "verify did not see it" || echo "ok: $name: verify sees it"
    refuses "$name: refused" 1 "malformed\|corrupt\|truncated" "$vitrine" run campaign.yaml --db short.db --no-progress
    mv whole.db short.db
    rm -f short.db-wal short.db-shm
    lifted=$(now)
    finish short.db
    same "$name: from a copy" short.db
}

# Bytes all over the file, one after another: each flip is harmless (an empty page), or repaired, or refused.
fault_bits_flipped_in_a_database_at_rest() {
    finish whole.db
    size=$(stat -c %s whole.db)
    repaired=0
    for part in 23 31 47 59 67 79 83 91 97; do
        cp whole.db flipped.db
        offset=$((size * part / 100 + 1500))
        printf '\132\245\132\245' | dd of=flipped.db bs=1 seek=$offset conv=notrunc status=none
        "$vitrine" verify flipped.db >out.txt 2>&1 && continue
        if "$vitrine" repair flipped.db >out.txt 2>&1; then
            lifted=$(now)
            finish flipped.db
            same "$name: at byte $offset, repaired" flipped.db
            repaired=$((repaired + 1))
        elif grep -q "nothing was changed\|malformed" out.txt; then
            echo "ok: $name: at byte $offset, refused"
        else
            fail "$name" "repair at byte $offset"
        fi
        rm -f flipped.db*
    done
    [ $repaired -gt 0 ] || fail "$name" "no flip was repaired"
}

fault_killed_while_a_copy_is_made_and_restored_from_the_copy() {
    start live.db
    await "segments" has_stored live.db 12 || return
    "$vitrine" snapshot live.db copy.db >out.txt 2>&1 || fail "$name" "no copy"
    "$vitrine" snapshot live.db late.db >/dev/null 2>&1 &
    stop KILL
    wait
    rm live.db*
    mv copy.db live.db
    lifted=$(now)
    finish live.db
    same "$name" live.db
    "$vitrine" prune live.db --compact >out.txt 2>&1 || fail "$name" "prune"
    same "$name: pruned and compacted" live.db
}

# The copy has the lineage of the first, and its epochs repeat; digests decide what is true.
fault_old_coordinator_on_a_copied_database() {
    serve first.db
    worker && worker
    await "segments" has_stored first.db 12 || return
    "$vitrine" snapshot first.db second.db >out.txt 2>&1 || fail "$name" "no copy"
    await "more segments" has_stored first.db 20 || return
    stop KILL
    lifted=$(now)
    "$vitrine" serve --db second.db --bind "$url" --lease-seconds 2 --until-done campaign.yaml >out.txt 2>second.db.log &
    pid=$!
    complete "$name: workers of the first bring it what they have" second.db
    lifted=$(now)
    finish first.db
    same "$name: the first" first.db
}

fault_database_of_nobody_after_a_lost_folder_entry() {
    start lost.db
    await "segments" has_stored lost.db 12 || return
    stop KILL
    rm lost.db-shm
    lifted=$(now)
    finish lost.db
    same "$name" lost.db
}

# ---- system ----

fault_file_size_limit() {
    prlimit --fsize=600000:unlimited "$vitrine" run campaign.yaml --db limit.db --workers 2 --no-progress >out.txt 2>&1 &
    pid=$!
    await "the refusal" has_logged limit.db disk_full || return
    lifted=$(now)
    prlimit --pid "$pid" --fsize=unlimited:unlimited || { fail "$name" "prlimit"; return; }
    wait "$pid"
    pid=
    same "$name" limit.db
}

fault_log_on_a_full_disk() {
    lifted=$(now)
    ln -s /dev/full log.db.log
    "$vitrine" run campaign.yaml --db log.db --workers 2 >/dev/null 2>/dev/full
    same "$name" log.db
}

fault_standard_files_closed() {
    lifted=$(now)
    "$vitrine" run campaign.yaml --db closed.db --workers 2 --no-progress <&- >&- 2>&-
    same "$name" closed.db
}

fault_output_on_a_full_disk() {
    lifted=$(now)
    refuses "$name: said" 1 "cannot write .*No space left on device" sh -c \
        "'$vitrine' run campaign.yaml --db output.db --workers 2 --no-progress >/dev/full"
    same "$name" output.db
}

fault_descriptors_exhausted() {
    for count in 6 12 24 63; do
        prlimit --nofile=$count "$vitrine" run campaign.yaml --db few.db --workers 2 --no-progress >out.txt 2>&1
        code=$?
        [ $code -ne 0 ] && [ $code -lt 125 ] && [ -s out.txt ] || fail "$name" "$count descriptors: exit code $code"
    done
    echo "ok: $name: refused"
    lifted=$(now)
    finish few.db
    same "$name" few.db
}

fault_wall_clock_jumps() {
    command -v faketime >/dev/null || { echo "skipped: $name: no faketime"; return; }
    lifted=$(now)
    faketime -f '+10y x20' "$vitrine" run campaign.yaml --db clock.db --workers 2 --no-progress >out.txt 2>&1 &
    pid=$!
    await "segments" has_stored clock.db 12 || return
    kill -INT "$pid"
    wait "$pid"
    pid=
    FAKETIME_DONT_FAKE_MONOTONIC=1 faketime -f '-20y' "$vitrine" run campaign.yaml --db clock.db --workers 2 \
        --no-progress >out.txt 2>&1
    same "$name" clock.db
}

fault_descriptors_exhausted_while_running() {
    start running.db
    await "segments" has_stored running.db 12 || return
    prlimit --pid "$pid" --nofile=8:4096
    sleep 1
    lifted=$(now)
    prlimit --pid "$pid" --nofile=4096:4096 2>/dev/null
    wait "$pid" || finish running.db # it may end, but with a reason and nothing lost
    pid=
    same "$name" running.db
}

# No time passes for the processes while the clock on the wall goes on.
fault_suspended() {
    serve suspended.db
    worker
    await "segments" has_stored suspended.db 12 || return
    kill -STOP "$pid" $workers
    sleep 5
    lifted=$(now)
    kill -CONT "$pid" $workers
    complete "$name" suspended.db
}

fault_machine_that_was_up_for_ten_years() {
    unshare --time --monotonic 315360000 --boottime 315360000 true 2>/dev/null ||
        { echo "skipped: $name: no time namespaces"; return; }
    lifted=$(now)
    unshare --time --fork --monotonic 315360000 --boottime 315360000 "$vitrine" run campaign.yaml --db years.db \
        --workers 2 --no-progress >out.txt 2>&1
    same "$name" years.db
}

# ---- workers ----

fault_worker_killed_while_sending() {
    serve sending.db
    worker with "send kill_half 5"
    await "segments" has_stored sending.db 2 || return
    wait $last
    lifted=$(now)
    worker
    complete "$name" sending.db
}

fault_worker_killed_after_sending() {
    serve sent.db
    worker with "send kill_after 5"
    await "segments" has_stored sent.db 2 || return
    wait $last
    lifted=$(now)
    worker
    complete "$name" sent.db
}

fault_worker_stopped_for_longer_than_its_lease() {
    serve zombie.db
    worker
    zombie=$last
    await "segments" has_stored zombie.db 12 || return
    kill -STOP $zombie
    worker
    await "segments of the other" has_stored zombie.db 40 || return
    lifted=$(now)
    kill -CONT $zombie
    complete "$name" zombie.db
}

fault_compute_hangs_while_its_heart_beats() {
    serve hung.db
    odd hang
    await "segments" has_stored hung.db 3 || return
    lifted=$(now)
    worker
    wait "$pid"
    ended=$?
    pid=
    kill -9 $workers 2>/dev/null # a thread that never ends keeps its process
    workers=
    [ $ended -eq 0 ] || fail "$name" "exit code $ended"
    same "$name" hung.db
}

fault_heartbeats_dead_while_computing() {
    command -v python3 >/dev/null || { echo "skipped: $name: no python3"; return; }
    serve mute.db
    python3 "$(dirname "$golden")/integration/relay.py" "$scratch/mute.db.sock" "$scratch/relay.sock" &
    relay=$!
    await "the relay" test -S relay.sock || return
    direct=$url
    url=ipc://$scratch/relay.sock
    worker
    url=$direct
    await "segments" has_stored mute.db 6 || return
    kill -STOP $relay
    worker
    await "segments of the other" has_stored mute.db 30 || return
    lifted=$(now)
    kill -CONT $relay
    complete "$name" mute.db
    kill $relay
}

fault_worker_out_of_memory() {
    serve memory.db
    worker
    starved=$last
    await "segments" has_stored memory.db 6 || return
    prlimit --pid $starved --as=$((1 << 20)):unlimited
    sleep 1
    worker
    lifted=$(now)
    complete "$name" memory.db
}

fault_worker_killed_by_the_kernel_for_its_memory() {
    group_dir=/sys/fs/cgroup/memory/vitrine-faults-$$
    mkdir $group_dir 2>/dev/null && [ -w $group_dir/memory.limit_in_bytes ] ||
        { echo "skipped: $name: no memory cgroups of version 1"; return; }
    echo $((6 << 20)) >$group_dir/memory.limit_in_bytes
    serve oom.db
    worker
    starved=$last
    await "segments" has_stored oom.db 6 || return
    echo $starved >$group_dir/cgroup.procs
    echo $((1 << 20)) >$group_dir/memory.limit_in_bytes 2>/dev/null
    sleep 2
    worker
    lifted=$(now)
    kill -9 $starved 2>/dev/null # where the kernel found that little to be enough
    complete "$name" oom.db
    rmdir $group_dir 2>/dev/null
}

fault_worker_terminated_then_killed() {
    serve evicted.db
    worker
    await "segments" has_stored evicted.db 6 || return
    kill -TERM $last
    sleep 0.1
    kill -KILL $last 2>/dev/null
    wait $last 2>/dev/null
    lifted=$(now)
    worker
    complete "$name" evicted.db
}

fault_all_workers_die() {
    serve dead.db
    worker && worker
    await "segments" has_stored dead.db 12 || return
    kill -9 $workers
    workers=
    sleep 1
    lifted=$(now)
    worker && worker
    complete "$name" dead.db
}

# The coordinator dies, then the worker with a result that nobody has; the next worker on that disk brings it.
fault_worker_killed_with_a_result_in_its_spool() {
    serve spooled.db
    spooling_worker
    await "segments" has_stored spooled.db 12 || return
    stop KILL
    await "a result in the spool" has_spooled || return
    kill -9 $workers
    wait $workers 2>/dev/null
    workers=
    lifted=$(now)
    serve spooled.db
    spooling_worker
    complete "$name" spooled.db
    grep -q 'spool_read.*results=[1-9][0-9]* damaged=0' workers.log || fail "$name" "the spooled result was not read"
    has_spooled && fail "$name" "results are left in the spool"
}

fault_another_arithmetic_is_refused() {
    serve other.db
    odd probe
    wait $last
    [ $? -eq 6 ] || fail "$name" "other bits were not refused"
    grep -q "its arithmetic is different" workers.log || fail "$name" "no reason was given"
    lifted=$(now)
    workers=
    worker
    complete "$name" other.db
}

# The mathematics of glibc differs between these two; ours does not.
fault_worker_on_another_kind_of_machine() {
    lifted=$(now)
    GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2 "$vitrine" run campaign.yaml --db kind.db --workers 2 \
        --isa portable --no-progress >out.txt 2>&1
    same "$name" kind.db
}

fault_segment_explodes_where_it_did_not_before() {
    serve exploding.db
    odd explode
    await "segments" has_stored exploding.db 3 || return
    lifted=$(now)
    worker
    complete "$name" exploding.db
    "$vitrine" query exploding.db "SELECT count(*) FROM event WHERE kind = 'failed'" --csv | tail -1 | grep -qx 1 ||
        fail "$name" "the failure is not among the events"
}

fault_one_then_two_hundred_then_three_workers() {
    serve crowd.db
    worker
    await "segments" has_stored crowd.db 6 || return
    for _ in $(seq 200); do worker; done
    await "segments" has_stored crowd.db 60 || return
    lifted=$(now)
    dismiss
    worker && worker && worker
    complete "$name" crowd.db
}

# ---- coordinator ----

# begun DB: a database that a killed coordinator has left, with a WAL.
begun() {
    start "$1"
    await "segments" has_stored "$1" 12 || return 1
    stop KILL
}

# killed_in NAME DB PLAN: the coordinator's end comes in such a call; then it is started again.
killed_in() {
    with "$3" "$vitrine" run campaign.yaml --db "$2" --workers 2 --no-progress >out.txt 2>&1
    [ $? -eq 137 ] || { fail "$1" "it was not killed"; return; }
    lifted=$(now)
    finish "$2"
    same "$1" "$2"
}

fault_coordinator_killed_between_commit_and_ack() { killed_in "$name" commit.db "sync_wal kill_after 12"; }
fault_coordinator_killed_amid_a_commit() { killed_in "$name" amid.db "write_wal kill_half 40"; }
fault_coordinator_killed_before_a_commit_is_durable() { killed_in "$name" before.db "sync_wal kill 15"; }
fault_coordinator_killed_in_a_checkpoint() { begun checkpoint.db && killed_in "$name" checkpoint.db "write_db kill_half 9"; }
fault_coordinator_killed_before_a_checkpoint_is_durable() { begun undone.db && killed_in "$name" undone.db "sync_db kill 1"; }

fault_fsync_fails() {
    with "sync_wal eio 12" "$vitrine" run campaign.yaml --db sync.db --workers 2 --no-progress >out.txt 2>&1
    [ $? -eq 1 ] && grep -q "disk I/O error\|Input/output error" out.txt || fail "$name" "it did not end with a reason"
    lifted=$(now)
    finish sync.db
    same "$name" sync.db
}

fault_disk_full_on_a_checkpoint() {
    begun full.db || return
    lifted=$(now)
    with "write_db enospc 9" "$vitrine" run campaign.yaml --db full.db --workers 2 --no-progress >out.txt 2>&1
    finish full.db
    same "$name" full.db
}

# Every eighth write into the new file: there is none afterwards, and nothing beside it.
fault_disk_full_while_a_database_is_made() {
    with "write_db count 1" env FAULT_COUNT="$scratch/made.writes" timeout -s INT 4 "$vitrine" serve --db made.db \
        --bind "ipc://$scratch/made.sock" campaign.yaml >out.txt 2>&1
    writes=$(sort -n made.writes | tail -1)
    [ "${writes:-0}" -gt 8 ] || { fail "$name" "$writes writes"; return; }
    lifted=$(now)
    for n in $(seq 1 8 $((writes / 3))); do # later ones are those of its end
        rm -f made.db*
        refuses "$name: at write $n" 1 "full\|No space left" with "write_db enospc $n" timeout -s INT 20 "$vitrine" serve \
            --db made.db --bind "ipc://$scratch/made.sock" campaign.yaml
        [ -z "$(ls made.db* 2>/dev/null)" ] || fail "$name" "left behind: $(ls made.db*)"
    done
    finish made.db
    same "$name" made.db
}

# Each write of the migration is the last one once: what is there afterwards is the old or the new database.
fault_killed_in_a_migration() {
    sqlite3 old.db <"$golden/store/0001_rows.sql" &&
        sqlite3 old.db "PRAGMA application_id = $(sqlite3 undisturbed.db 'PRAGMA application_id'); PRAGMA user_version = 1;
                        PRAGMA journal_mode = WAL" >/dev/null || { fail "$name" "no old database"; return; }
    cp old.db new.db
    with "write_wal count 1" env FAULT_COUNT="$scratch/writes" "$vitrine" prune new.db >out.txt 2>&1
    writes=$(tail -1 writes)
    migrated=$(hash_of new.db)
    [ -n "$migrated" ] && [ "${writes:-0}" -gt 2 ] || { fail "$name" "$writes writes, hash '$migrated'"; return; }
    lifted=$(now)
    for n in $(seq 1 $((writes / 12 + 1)) "$writes"); do
        rm -f half.db*
        cp old.db half.db
        with "write_wal kill_half $n" "$vitrine" prune half.db >out.txt 2>&1
        "$vitrine" prune half.db >out.txt 2>&1
        [ "$(hash_of half.db)" = "$migrated" ] || fail "$name" "killed at write $n of $writes"
    done
    echo "ok: $name: $writes writes"
}

fault_killed_in_a_backup() {
    finish source.db
    with "write_db count 1" env FAULT_COUNT="$scratch/writes" "$vitrine" snapshot source.db copy.db >out.txt 2>&1
    writes=$(tail -1 writes)
    [ "${writes:-0}" -gt 2 ] || { fail "$name" "$writes writes"; return; }
    lifted=$(now)
    for n in $(seq 1 $((writes / 8 + 1)) "$writes"); do
        rm -f copy.db*
        with "write_db kill_half $n" "$vitrine" snapshot source.db copy.db >out.txt 2>&1
        [ ! -e copy.db ] || [ "$(hash_of copy.db)" = "$undisturbed" ] || fail "$name" "half a copy at write $n"
    done
    rm -f copy.db*
    "$vitrine" snapshot source.db copy.db >out.txt 2>&1
    same "$name: the copy" copy.db
    same "$name: what was copied" source.db
}

fault_coordinator_stopped_for_longer_than_the_leases() {
    serve stopped.db
    worker && worker
    await "segments" has_stored stopped.db 12 || return
    kill -STOP "$pid"
    sleep 6
    lifted=$(now)
    kill -CONT "$pid"
    complete "$name" stopped.db
}

fault_coordinator_terminated_then_killed() {
    serve terminated.db
    worker && worker
    await "segments" has_stored terminated.db 12 || return
    kill -TERM "$pid"
    sleep 0.2
    stop KILL
    dismiss
    lifted=$(now)
    serve terminated.db
    worker && worker
    complete "$name" terminated.db
}

fault_coordinator_killed_and_its_workers_wait_for_the_next() {
    serve again.db
    worker && worker
    for n in 10 25 40; do
        await "segments" has_stored again.db $n || return
        stop KILL
        serve again.db
    done
    lifted=$(now)
    complete "$name" again.db
}

# A transaction that a reader keeps open holds the WAL back: nothing is lost, and the alarm is raised.
fault_slow_reader() {
    sed 's/steps: 6000/steps: 60000/; s/segment_steps: 200/segment_steps: 100/; s/thermal: 200/thermal: 100/' \
        campaign.yaml >long.yaml
    "$vitrine" run long.yaml --db slow.db --workers 2 --no-progress >out.txt 2>&1 &
    pid=$!
    await "segments" has_stored slow.db 12 || return
    mkfifo held
    sqlite3 -readonly slow.db <held >/dev/null &
    reader=$!
    exec 9>held
    echo "BEGIN; SELECT count(*) FROM segment;" >&9
    PATIENCE=3000 await "the alarm" has_logged slow.db wal_held_back
    "$vitrine" query slow.db "SELECT count(*) FROM event WHERE kind = 'wal_held_back'" --csv | tail -1 | grep -qx 1 ||
        fail "$name" "the alarm is not among the events"
    exec 9>&-
    wait $reader
    stop INT
    "$vitrine" verify slow.db >out.txt 2>&1 && echo "ok: $name" || fail "$name" "verify"
}

finish undisturbed.db || { fail undisturbed "exit code $?"; exit 1; }
undisturbed=$(hash_of undisturbed.db)
case $group in
disk) faults="disk_full_on_commit disk_low_grants_nothing_and_goes_on_when_there_is_room disk_full_when_it_starts
    disk_without_inodes_refuses_a_new_database_and_leaves_nothing disk_without_inodes_while_running_changes_nothing
    disk_becomes_read_only disk_full_on_the_way_out folder_read_only" ;;
files) faults="two_coordinators_on_one_database database_moved_away_while_running database_unlinked_while_running
    wal_deleted_while_running wal_swapped_while_running wal_deleted_after_a_kill database_truncated bits_flipped_in_a_database_at_rest
    killed_while_a_copy_is_made_and_restored_from_the_copy old_coordinator_on_a_copied_database
    database_of_nobody_after_a_lost_folder_entry" ;;
system) faults="file_size_limit log_on_a_full_disk standard_files_closed output_on_a_full_disk descriptors_exhausted
    descriptors_exhausted_while_running wall_clock_jumps suspended machine_that_was_up_for_ten_years" ;;
workers) faults="worker_killed_while_sending worker_killed_after_sending worker_stopped_for_longer_than_its_lease
    compute_hangs_while_its_heart_beats heartbeats_dead_while_computing worker_out_of_memory
    worker_killed_by_the_kernel_for_its_memory worker_terminated_then_killed all_workers_die
    worker_killed_with_a_result_in_its_spool
    another_arithmetic_is_refused worker_on_another_kind_of_machine
    segment_explodes_where_it_did_not_before one_then_two_hundred_then_three_workers" ;;
coordinator) faults="coordinator_killed_between_commit_and_ack coordinator_killed_amid_a_commit
    coordinator_killed_before_a_commit_is_durable coordinator_killed_in_a_checkpoint
    coordinator_killed_before_a_checkpoint_is_durable fsync_fails disk_full_on_a_checkpoint
    disk_full_while_a_database_is_made killed_in_a_migration
    killed_in_a_backup coordinator_stopped_for_longer_than_the_leases coordinator_terminated_then_killed
    coordinator_killed_and_its_workers_wait_for_the_next slow_reader" ;;
*) echo "no group '$group'"; exit 99 ;;
esac
for name in ${FAULTS:-$faults}; do
    "fault_$name"
    [ -n "$pid" ] && stop KILL
    [ -n "$workers" ] && kill -9 $workers 2>/dev/null
    workers=
done
exit $failures
