#!/bin/sh
# Every verb of vitrine on a real run of a small campaign: what it prints, what it writes, its exit codes.
#
#   verbs.sh VITRINE VITRINE_WORKER CAMPAIGN
#
# Prints `ok` or `FAILED` with a name for each check; the exit code is 1 when one failed.
set -u
campaign=$(realpath "$3")
. "${0%/*}/checks.sh"
go_on=yes

check "init writes a campaign" 0 "next: vitrine validate" "$vitrine" init mine.yaml
check "init does not write over it" 6 "exists already" "$vitrine" init mine.yaml
check "validate predicts" 0 "^CPU time" "$vitrine" validate mine.yaml --workers 2
check "no daily rate for a run of minutes" 0 "^database .* in all$" "$vitrine" validate mine.yaml --speed 20000
check "validate as JSON" 0 '"cpu_seconds"' "$vitrine" validate mine.yaml --speed 20000 --json
printf 'campaign: x\nseed: 1\nwhat: 2\n' >bad.yaml
check "a bad campaign is exit code 3 with its position" 3 "^bad.yaml:3:1: error" "$vitrine" run bad.yaml
[ ! -e x.db ] && good "a bad campaign leaves no database" || fail "x.db"

check "no place for workers" 2 "\-\-workers-max wants 1 .. 50000, not 0" "$vitrine" serve --db x.db --workers-max 0
check "too many places" 2 "\-\-workers-max wants 1 .. 50000, not 50001" "$vitrine" serve --db x.db --workers-max 50001
few_files() { (ulimit -n 256 && "$vitrine" serve --db few.db --workers-max 5000 "$campaign"); }
check "more places than files may be open" 1 "5000 workers: only 256 files may be open, 57[0-9]* are needed" few_files

sed 's/pdf_inherent: 500}/pdf_inherent: 500, frame_inherent: 5000}/' "$campaign" >tiny.yaml
check "run ends with a summary" 0 "^next: vitrine plot tiny.db" "$vitrine" run tiny.yaml --workers 2
grep -q "ladder *0.82" out.txt && good "the summary has every rung" || fail "no rung 0.82"
check "run again changes nothing" 0 "going on with tiny.db" "$vitrine" run tiny.yaml --workers 1 --no-progress

cat >langevin.yaml <<'END'
campaign: langevin
seed: 7
system: {atoms: 500}
dynamics: {thermostat: langevin, thermostat_tau: 1.0}
ensembles:
  - name: warm
    mode: isotherm
    temperatures: [0.8]
    segment_steps: 200
    steps: 400
    prepare: [build: random, hold: {temperature: 2.0, steps: 200}]
    sample: {thermal: 200, inherent: 0}
END
check "a campaign with the Langevin thermostat runs" 0 "^next: vitrine plot langevin.db" \
    "$vitrine" run langevin.yaml --workers 1 --no-progress

check "status" 0 "campaign tiny: complete" "$vitrine" status tiny.db
check "status as JSON" 0 '"complete": true' "$vitrine" status tiny.db --json
check "snapshot" 0 "to go on from it" "$vitrine" snapshot tiny.db copy.db
check "snapshot does not write over it" 6 "exists already" "$vitrine" snapshot tiny.db copy.db
check "repair finds nothing" 0 "nothing is damaged" "$vitrine" repair copy.db
check "prune" 0 "snapshots dropped" "$vitrine" prune copy.db --compact
check "samples" 0 "energy_inherent" "$vitrine" samples tiny.db
check "samples of one temperature as JSON" 0 '"temperature": 0.73999999999999999' \
    "$vitrine" samples tiny.db --temperature 0.74 --quantity ico_fraction --json
check "every sample as CSV" 0 "^tiny,hot,4,0,0,100," "$vitrine" samples tiny.db --all --csv
check "samples of preparation" 0 "^tiny,hot,4,0,-" "$vitrine" samples tiny.db --all --csv --from -5000
check "samples from a step on" 0 "^tiny,hot,4,0,4,5000," "$vitrine" samples tiny.db --all --csv --from 5000
check "a temperature that is not there" 5 "nothing here matches; there is tiny/ladder" \
    "$vitrine" samples tiny.db --temperature 0.5
check "a negative replica is no replica" 5 "nothing here matches" "$vitrine" samples tiny.db --replica -1
check "bench has help" 0 "usage: " "$vitrine" bench --help
check "a number of workers that is off" 2 "wants 1 .. 1024" "$vitrine" run tiny.yaml --workers 0 --db none.db
check "serve refuses a bad campaign" 3 "^bad.yaml:3:1: error" "$vitrine" serve --db none.db bad.yaml
mkfifo pipe.yaml
check "serve does not wait for a FIFO" 3 "not a regular file" timeout 20 "$vitrine" serve --db none.db pipe.yaml
check "an instruction set that is none" 2 "no instruction set 'foo'" "$vitrine" run tiny.yaml --isa foo --db none.db
check "serve refuses an address that is open to all" 2 "without keys" \
    "$vitrine" serve --db none.db --bind tcp://0.0.0.0:7117 tiny.yaml
[ ! -e none.db ] && good "what is refused leaves no database" || fail "none.db"
check "one format at a time" 2 "choose one" "$vitrine" samples tiny.db --csv --json
check "a table on a full disk" 1 "No space left" sh -c "'$vitrine' pdf tiny.db --csv >/dev/full"
check "help on a full disk" 1 "cannot write" sh -c "'$vitrine' --help >/dev/full"
check "help to a closed output" 1 "cannot write" sh -c "'$vitrine' run --help >&-"
check "bench on a full disk" 1 "cannot write" sh -c "'$vitrine' bench --atoms 500 --steps 1 >/dev/full"
check "help of eos to a closed output" 1 "cannot write" sh -c "'$vitrine' eos --help >&-"
check "help names what was typed" 0 "^usage: vitrine analyze FILE" "$vitrine" analyze --help
check "the worker's help names the worker" 0 "^usage: vitrine-worker build KIND" "$VITRINE_WORKER" build --help
printf '\037\213\010\000' >glass.xyz.gz
check "a compressed file" 1 "gzip" "$vitrine" analyze glass.xyz.gz
check "a quantity that is not there" 2 "did you mean 'pressure'" "$vitrine" samples tiny.db --quantity presure
check "exchanges" 0 "round trips" "$vitrine" exchanges tiny.db
check "exchanges as JSON" 0 '"acceptance_error"' "$vitrine" exchanges tiny.db --json
check "the walk" 0 "^tiny,ladder,0,9," "$vitrine" exchanges tiny.db --walk --csv
check "pdf" 0 "inherent" "$vitrine" pdf tiny.db
check "pdf as JSON" 0 '"counts_12"' "$vitrine" pdf tiny.db --json --rung 0
check "ttt refuses a ladder" 1 "only isotherms carry a clock" "$vitrine" ttt tiny.db --ensemble ladder
check "ttt gives a bound where nothing happened" 0 "bound ->" "$vitrine" ttt tiny.db --ensemble hot
check "ttt as JSON" 0 '"is_bound": true' "$vitrine" ttt tiny.db --ensemble hot --json
check "ttt by energy" 0 "energy_inherent <= -6" \
    "$vitrine" ttt tiny.db --ensemble hot --order energy_inherent --threshold -6 --dwell 2
check "ttt as CSV" 0 "^campaign,ensemble,atoms,small_fraction,volume_per_atom,order,threshold,dwell,temperature" "$vitrine" ttt tiny.db --ensemble hot --csv
check "ttt leaves ladders out, and says so" 0 "left out: ensemble 'ladder' is 'tempering'" "$vitrine" ttt tiny.db
check "ttt in units of T_f" 0 " T/T_f " "$vitrine" ttt tiny.db --ensemble hot --Tf 1.0
check "ttt below T_f: means of ico" 0 "no ico_length at T = 0.7: .structure. in .sample." "$vitrine" ttt tiny.db --ensemble hot --Tf 1.0
check "ttt with thresholds out of order" 2 "out of order" "$vitrine" ttt tiny.db --ensemble hot --finish 0.1
check "plan by a bound" 0 "bound ->" "$vitrine" plan tiny.db --events 1
check "plan as JSON" 0 '"width_ratio"' "$vitrine" plan tiny.db --mean 1e5 --replicas 16 --steps 1000000 --json
check "plan needs an isotherm" 1 "only these carry a clock" "$vitrine" plan tiny.db --ensemble ladder
check "ttt with an unknown order parameter" 2 "is no order parameter" "$vitrine" ttt tiny.db --order ico
check "ttt of an order parameter without a threshold" 2 "needs a --threshold" \
    "$vitrine" ttt tiny.db --order ico_fraction
check "query" 0 "ladder" "$vitrine" query tiny.db "SELECT ensemble_name, rung, energy_potential FROM v_by_rung"
check "query as JSON" 0 '"columns"' "$vitrine" query tiny.db "SELECT count(*) AS n FROM segment" --json
check "query as JSON lines" 0 '^{"name":"' "$vitrine" query tiny.db "SELECT name FROM quantity" --json-lines
check "query in one form" 2 "choose one" "$vitrine" query tiny.db "SELECT 1" --json-lines --csv
check "query cannot write" 1 "vitrine: " "$vitrine" query tiny.db "DELETE FROM segment"
check "query has a time limit" 1 "vitrine: " "$vitrine" query tiny.db --limit-seconds 0.2 \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
check "verify" 0 "^  ok" "$vitrine" verify tiny.db
check "verify as JSON" 0 '"ok": true' "$vitrine" verify tiny.db --json
check "export" 0 "5 frames" "$vitrine" export tiny.db --frames --csv --out exported
has_file "samples.csv" exported/samples.csv
has_file "exchanges.csv" exported/exchanges.csv
has_file "pdf.csv" exported/pdf.csv
has_file "a frame" exported/tiny-hot-replica4-step5000-inherent.xyz
frame=exported/tiny-hot-replica4-step5000-inherent.xyz
check "an exported frame says what it is of" 0 'ensemble="hot" replica=4 rung=0 temperature=[0-9.]* configuration=inherent$' \
    sed -n 2p $frame
check "an exported frame can be compared" 0 "overlap  *self 1" "$vitrine" compare $frame $frame --xyz moved.xyz
has_file "displacements as vectors" moved.xyz
check "export as LAMMPS data of what a condition names" 0 "1 frames" "$vitrine" export tiny.db --frames --format data \
    --where "kind = 'inherent' AND replica = 4 AND ico_fraction >= 0" --out exported
check "exported LAMMPS data can be analyzed" 0 "ico" "$vitrine" analyze exported/tiny-hot-replica4-step5000-inherent.data
check "export as a LAMMPS dump" 0 "0 frames" "$vitrine" export tiny.db --frames --format dump --where "energy_inherent > 0"
check "a condition with a mistake" 1 "no such column: icosahedra" \
    "$vitrine" export tiny.db --frames --where "icosahedra > 0.1"
check "a form that is none" 2 "xyz, data or dump" "$vitrine" export tiny.db --frames --format pdb
check "a scene of an exported frame" 0 "^0,4,0" "$VITRINE_WORKER" scene network $frame
check "a scene stands group by group" 0 "^sorted" \
    sh -c '"$0" scene bonds "$1" | tail -n +2 | cut -d, -f2 | sort -nc && echo sorted' "$VITRINE_WORKER" $frame
check "a displacement wants pairs" 2 "pairs of files" "$VITRINE_WORKER" scene displacement $frame
check "a scene that is none" 2 "expected one of network" "$VITRINE_WORKER" scene landscape $frame
check "an exported frame can be analyzed" 0 "ico" "$vitrine" analyze exported/tiny-hot-replica4-step5000-inherent.xyz

if command -v gnuplot >gnuplot.txt; then
    check "plot" 0 "tiny-trajectory.png" "$vitrine" plot tiny.db --out pictures
    check "pair distributions early and late, of the coldest isotherm" 0 "hot-aging.png" \
        "$vitrine" plot tiny.db aging --ensemble hot --out pictures
    check "early is a whole segment at least" 0 '^0,0,"early: 2 structures"' cat pictures/tiny-hot-aging.csv
    check "and late no more than that" 0 '^0,1,"late: 2 structures"' cat pictures/tiny-hot-aging.csv
    check "a picture knows its command" 0 "vitrine plot tiny.db --out pictures" cat pictures/tiny-trajectory.svg
    check "a picture that is none" 2 "there are time, trajectory" "$vitrine" plot tiny.db landscape
    check "a picture without rows" 5 "nothing to draw" "$vitrine" plot tiny.db quench
    for picture in tiny-trajectory tiny-hot-ttt tiny-hot-time tiny-ladder-exchanges tiny-ladder-pdf-inherent tiny-hot-network \
        tiny-hot-bonds; do
        for ending in png svg pdf csv; do has_file "$picture.$ending" pictures/$picture.$ending; done
    done
    check "report" 0 "^tiny.html" "$vitrine" report tiny.db
    check "a report has pictures of its own" 0 "<svg" cat tiny.html
    check "a report has means, and says where it knows no error" 0 "<td>-[67][.][0-9]* ± ?" cat tiny.html
    if grep -v "xmlns" tiny.html | grep -qE "https?://|<(script|link|img)"; then
        fail "a report fetches nothing"
    else
        good "a report fetches nothing"
    fi
    check "a report says when isotherms transform" 0 "bound -&gt;" cat tiny.html
    check "and draws it" 0 "censored<" cat tiny.html
    check "a report of what is not there" 5 "nothing here matches" "$vitrine" report tiny.db --campaign none
else
    echo "skipped: plot (no gnuplot)"
fi

cat >modes.yaml <<'END'
campaign: modes
seed: 4711
system: {atoms: 256, small_fraction: 0.5}
ensembles:
  - name: cool
    mode: quench
    quench: {from: 0.8, to: 0.1, rate: 1.0e-4}
    replicas: 2
    segment_steps: 1000
    prepare:
      - build: random
      - hold: {temperature: 2.0, steps: 500}
      - ramp: {to: rung, rate: 1.0e-3}
    sample: {thermal: 50, inherent: 1000, pdf: 0}
  - name: mixed
    mode: hybrid
    temperatures: [1.0]
    hybrid: {identity_every: 10}
    segment_steps: 1000
    steps: 4000
    prepare:
      - build: {kind: fcc, noise: 0.02}
    sample: {thermal: 100, inherent: 2000, pdf: 1000}
END
check "a quench and a hybrid run" 0 "vitrine quench" "$vitrine" run modes.yaml --workers 2 --no-progress
check "quench shows bins of temperature" 0 "^modes *cool *0.4" "$vitrine" quench modes.db --bin 0.05
check "quench finds T_f without an interval from two" 0 "broken stick *2 *0[.][0-9]* *- *- " \
    "$vitrine" quench modes.db --liquid straight --liquid-window 0.5,0.8
check "quench as JSON" 0 '"glass_transitions"' "$vitrine" quench modes.db --json
check "a window of T_f has two ends" 2 "two temperatures" "$vitrine" quench modes.db --stick-window 0.5
check "exchanges of identities" 0 "^modes *mixed *0 *1 *400 " "$vitrine" exchanges modes.db
check "exchanges of identities as JSON" 0 '"identities"' "$vitrine" exchanges modes.db --json
check "a ladder is no quench" 5 "no ensemble of mode quench" "$vitrine" quench tiny.db
check "verify of a quench and a hybrid" 0 "^  ok" "$vitrine" verify modes.db
if [ -s gnuplot.txt ]; then
    check "plot of a quench" 0 "modes-cool-quench.png" "$vitrine" plot modes.db quench --out pictures
    has_file "modes-cool-quench.csv" pictures/modes-cool-quench.csv
fi

check "no database" 5 "vitrine: " "$vitrine" status nothing.db
check "errors as JSON too" 5 '"status": "not_found"' "$vitrine" status nothing.db --json
if command -v sqlite3 >sqlite.txt; then
    sqlite3 tiny.db "UPDATE exchange SET uniform = 0.5 WHERE round = 2"
    check "verify finds a ledger that was tampered with" 1 "NOT OK" "$vitrine" verify tiny.db
else
    echo "skipped: a tampered ledger (no sqlite3)"
fi
sed 's/^seed: .*/seed: 5/' tiny.yaml >other.yaml
check "run with a changed seed is refused at its place" 3 "^other.yaml:[0-9]*:7: error: seed has changed" \
    "$vitrine" run other.yaml --no-progress
exit $failures
