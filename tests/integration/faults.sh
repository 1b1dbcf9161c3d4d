#!/bin/sh
# Faults of disks, files and the system under real processes. Each ends with the science hash of the undisturbed run
# once the fault is lifted, or with a clear refusal that loses nothing.
#
#   faults.sh VITRINE VITRINE_WORKER GROUP      GROUP: disk, files or system
#
# The group `disk` makes file systems of its own in a mount namespace; where that is not permitted it is skipped (exit
# code 77). Prints `ok` or `FAILED` with a name for each fault, and how long it took from its end to the end of the run.
set -u
vitrine=$(realpath "$1")
VITRINE_WORKER=$(realpath "$2")
export VITRINE_WORKER
group=$3
if [ "$group" = disk ] && [ -z "${FAULTS_IN_NAMESPACE:-}" ]; then
    if [ "$(id -u)" -eq 0 ]; then unshare="unshare --mount"; else unshare="unshare --map-root-user --mount"; fi
    $unshare true 2>/dev/null || { echo "skipped: mount namespaces are not permitted here"; exit 77; }
    FAULTS_IN_NAMESPACE=1 exec $unshare "$0" "$vitrine" "$VITRINE_WORKER" disk
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/vitrine-faults.XXXXXX")
failures=0
pid=
cleanup() {
    [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null
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
    for file in out.txt ./*.log; do [ -s "$file" ] && sed "s|^|    $file: |" "$file" | tail -8; done
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

hash_of() { "$vitrine" verify "$1" 2>verify.txt | sed -n 's/^ *science hash *//p'; }

stored() { "$vitrine" query "$1" "SELECT count(*) FROM segment" --csv 2>/dev/null | tail -1 | grep -x '[0-9]*' || echo 0; }

# await WHAT COMMAND...: until the command succeeds; gives up after 30 s, or when the coordinator has ended.
await() {
    what=$1
    shift
    for _ in $(seq 300); do
        "$@" && return 0
        sleep 0.1
    done
    fail "$name" "waited in vain for $what"
    return 1
}

has_stored() { [ "$(stored "$1")" -ge "$2" ]; }
has_logged() { grep -q "$2" "$1.log" 2>/dev/null; }
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
    refuses "$name: said" 1 "cannot write to standard output" sh -c \
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

finish undisturbed.db || { fail undisturbed "exit code $?"; exit 1; }
undisturbed=$(hash_of undisturbed.db)
case $group in
disk) faults="disk_full_on_commit disk_low_grants_nothing_and_goes_on_when_there_is_room disk_full_when_it_starts
    disk_without_inodes_refuses_a_new_database_and_leaves_nothing disk_without_inodes_while_running_changes_nothing
    disk_becomes_read_only" ;;
files) faults="two_coordinators_on_one_database database_moved_away_while_running database_unlinked_while_running
    wal_deleted_while_running wal_swapped_while_running wal_deleted_after_a_kill database_truncated bits_flipped_in_a_database_at_rest
    killed_while_a_copy_is_made_and_restored_from_the_copy" ;;
system) faults="file_size_limit log_on_a_full_disk standard_files_closed output_on_a_full_disk descriptors_exhausted
    wall_clock_jumps" ;;
*) echo "no group '$group'"; exit 99 ;;
esac
for name in ${FAULTS:-$faults}; do
    "fault_$name"
    [ -n "$pid" ] && stop KILL
done
exit $failures
