#!/bin/sh
# Every verb of vitrine on a real run of a small campaign: what it prints, what it writes, its exit codes.
#
#   verbs.sh VITRINE VITRINE_WORKER CAMPAIGN
#
# Prints `ok` or `FAILED` with a name for each check; the exit code is 1 when one failed.
set -u
vitrine=$(realpath "$1")
VITRINE_WORKER=$(realpath "$2")
export VITRINE_WORKER
campaign=$(realpath "$3")
scratch=$(mktemp -d "${TMPDIR:-/tmp}/vitrine-verbs.XXXXXX")
failures=0
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99

# check NAME CODE PATTERN COMMAND...: the exit code, and a line of output or error that matches.
check() {
    name=$1 code=$2 pattern=$3
    shift 3
    "$@" >out.txt 2>&1
    found=$?
    if [ $found -eq "$code" ] && grep -q -e "$pattern" out.txt; then
        echo "ok: $name"
    else
        echo "FAILED: $name: exit code $found, wanted $code and '$pattern' in"
        sed 's/^/    /' out.txt | head -20
        failures=1
    fi
}

# has_file NAME PATH: it is there and not empty.
has_file() {
    if [ -s "$2" ]; then echo "ok: $1"; else echo "FAILED: $1: no $2"; failures=1; fi
}

check "init writes a campaign" 0 "next: vitrine validate" "$vitrine" init mine.yaml
check "init does not write over it" 6 "exists already" "$vitrine" init mine.yaml
check "validate predicts" 0 "^CPU time" "$vitrine" validate mine.yaml --workers 2
check "validate as JSON" 0 '"cpu_seconds"' "$vitrine" validate mine.yaml --speed 20000 --json
printf 'campaign: x\nseed: 1\nwhat: 2\n' >bad.yaml
check "a bad campaign is exit code 3 with its position" 3 "^bad.yaml:3:1: error" "$vitrine" run bad.yaml
[ ! -e x.db ] && echo "ok: a bad campaign leaves no database" || { echo "FAILED: x.db"; failures=1; }

sed 's/pdf_inherent: 500}/pdf_inherent: 500, frame_inherent: 5000}/' "$campaign" >tiny.yaml
check "run ends with a summary" 0 "^next: vitrine plot tiny.db" "$vitrine" run tiny.yaml --workers 2
grep -q "ladder *0.82" out.txt && echo "ok: the summary has every rung" || { echo "FAILED: no rung 0.82"; failures=1; }
check "run again changes nothing" 0 "going on with tiny.db" "$vitrine" run tiny.yaml --workers 1 --no-progress

check "status" 0 "campaign tiny: complete" "$vitrine" status tiny.db
check "status as JSON" 0 '"complete": true' "$vitrine" status tiny.db --json
check "samples" 0 "energy_inherent" "$vitrine" samples tiny.db
check "samples of one temperature as JSON" 0 '"temperature": 0.73999999999999999' \
    "$vitrine" samples tiny.db --temperature 0.74 --quantity ico_fraction --json
check "every sample as CSV" 0 "^tiny,hot,4,0,0,100," "$vitrine" samples tiny.db --all --csv
check "samples of preparation" 0 "^tiny,hot,4,0,-" "$vitrine" samples tiny.db --all --csv --from -5000
check "samples from a step on" 0 "^tiny,hot,4,0,4,5000," "$vitrine" samples tiny.db --all --csv --from 5000
check "a temperature that is not there" 5 "nothing here matches; there is tiny/ladder" \
    "$vitrine" samples tiny.db --temperature 0.5
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
check "ttt as CSV" 0 "^temperature,runs,events" "$vitrine" ttt tiny.db --ensemble hot --csv
check "ttt with an unknown order parameter" 2 "is no order parameter" "$vitrine" ttt tiny.db --order ico
check "ttt of an order parameter without a threshold" 2 "needs a --threshold" \
    "$vitrine" ttt tiny.db --order ico_fraction
check "query" 0 "ladder" "$vitrine" query tiny.db "SELECT ensemble_name, rung, energy_potential FROM v_by_rung"
check "query as JSON" 0 '"columns"' "$vitrine" query tiny.db "SELECT count(*) AS n FROM segment" --json
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
check "an exported frame can be analyzed" 0 "ico" "$vitrine" analyze exported/tiny-hot-replica4-step5000-inherent.xyz

if command -v gnuplot >gnuplot.txt; then
    check "plot" 0 "tiny-trajectory.png" "$vitrine" plot tiny.db --out pictures
    for picture in tiny-trajectory tiny-hot-time tiny-ladder-exchanges tiny-ladder-pdf-inherent; do
        for ending in png svg csv; do has_file "$picture.$ending" pictures/$picture.$ending; done
    done
else
    echo "skipped: plot (no gnuplot)"
fi

check "no database" 5 "vitrine: " "$vitrine" status nothing.db
check "errors as JSON too" 5 '"status": "not_found"' "$vitrine" status nothing.db --json
if command -v sqlite3 >sqlite.txt; then
    sqlite3 tiny.db "UPDATE exchange SET uniform = 0.5 WHERE round = 2"
    check "verify finds a ledger that was tampered with" 1 "NOT OK" "$vitrine" verify tiny.db
else
    echo "skipped: a tampered ledger (no sqlite3)"
fi
check "run with a changed seed is refused" 6 "seed" sh -c \
    "sed 's/^seed: .*/seed: 5/' tiny.yaml > other.yaml && '$vitrine' run other.yaml --no-progress"
exit $failures
