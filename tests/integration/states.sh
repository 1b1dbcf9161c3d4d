#!/bin/sh
# Static energies, a T_f that is named and a route through T = 0, by real workers: what is stored, shown and pinned.
#
#   states.sh VITRINE VITRINE_WORKER
#
# Prints `ok` or `FAILED` with a name for each check; the exit code is 1 when one failed.
set -u
. "${0%/*}/checks.sh"
go_on=yes

# --- static energies: a step of 0.01 and few phases, so that it takes a second ---
cat >long.yaml <<'END'
campaign: crystals
seed: 1
system: {small_fraction: 0.5, volume_per_atom: 0.767}
ensembles:
  - name: shifted
    mode: eos
    eos: {phases: [C15, hcp_large, C14], from: 0.64, to: 1.05, step: 0.01}
END
sed 's/, C14\]/]/; s/to: 1.05/to: 0.9/' long.yaml >short.yaml
check "static energies run" 0 "vitrine eos" "$vitrine" run long.yaml --db long.db --workers 2 --no-progress
check "the two-phase minimum" 0 "two phases: E = -7.6989 .*in C15 at V = 0.687.* in hcp_large at V = 1.006" \
    sh -c "'$vitrine' eos long.db | sed 's/E = -7[.]69\(8[5-9]\|90\)[0-9]*/E = -7.6989/'"
check "as JSON" 0 '"two_phase"' "$vitrine" eos long.db --json
check "any pair" 0 "in C14 at V" "$vitrine" eos long.db --pair C14,hcp_large --small-fraction 0.4 --volume 0.85
check "a phase that is not there" 5 "it has C15, hcp_large, C14" "$vitrine" eos long.db --pair C36,hcp_large
check "options of the curves are the campaign's" 2 "is in its campaign" "$vitrine" eos long.db --cut truncated
check "without a database" 0 "^C15 " "$vitrine" eos --geometry ideal --phases C15 --volumes 0.7:0.7:1
check "every point as a row" 0 "^126 *3$" "$vitrine" query long.db \
    "SELECT count(*) AS points, count(DISTINCT phase) AS phases FROM v_eos"
"$vitrine" run short.yaml --db short.db --workers 1 --no-progress >out.txt 2>&1
"$vitrine" run long.yaml --db short.db --workers 2 --no-progress >out.txt 2>&1
check "more volumes and phases are verified" 0 "^  ok" "$vitrine" verify short.db
same "an extension is the curve that had been as long from the start" \
    "$("$vitrine" eos short.db --json)" "$("$vitrine" eos long.db --json)"

# --- T_f by name ---
cat >quench.yaml <<'END'
campaign: warm
seed: 4711
system: {atoms: 256}
ensembles:
  - name: cool
    mode: quench
    quench: {from: 1.0, to: 0, rate: 1.0e-5} # so fast, some seeds have no crossing
    segment_steps: 5000
    prepare: [build: random, hold: {temperature: 2.0, steps: 500}, ramp: {to: rung, rate: 1.0e-3}]
    sample: {thermal: 100, inherent: 0, pdf: 0}
END
cat quench.yaml - >warm.yaml <<'END'
  - name: held
    Tf: cool
    mode: isotherm
    temperatures: [1.2 Tf]
    segment_steps: 1000
    steps: 2000
    prepare:
      - build: random
      - hold: {temperature: 2.0, steps: 500}
      - ramp: {to: 0, rate: 1.0e-3}
      - ramp: {to: rung, rate: 1.0e-3}
      - hold: production
      - ramp: {to: 0, rate: 1.0e-3}
    sample: {thermal: 100, inherent: 1000, pdf: 0}
END
check "a T_f without a database is refused" 3 "^warm.yaml:12:9: error: Tf: .*database" "$vitrine" run warm.yaml --no-progress
same "and no database is left of it" "$(find . -name "warm.db*" | wc -l)" 0
check "a T_f without its quenches has its place" 3 "^warm.yaml:12:9: error: Tf: cannot use 'cool': .*quenches alone first" \
    "$vitrine" run warm.yaml --db short.db --no-progress
check "validate says where it would be" 3 "^warm.yaml:12:9: error: Tf: .*database" "$vitrine" validate warm.yaml --speed 1e4
check "the quenches run" 0 "vitrine quench" "$vitrine" run quench.yaml --db warm.db --workers 2 --no-progress
check "validate looks it up" 0 "^held *isotherm" "$vitrine" validate warm.yaml --speed 1e4 --db warm.db
check "what needs T_f runs" 0 "^warm *held" "$vitrine" run warm.yaml --db warm.db --workers 2 --no-progress
check "T_f is pinned, to 0.001, with its definition" 0 "^cool *1 *1 *1 *1$" "$vitrine" query warm.db \
    "SELECT source, quenches, temperature = round(temperature, 3) AS rounded, definition LIKE 'U/N in bins%' AS defined, \
     abs(1.2 * temperature - (SELECT temperature FROM rung WHERE ensemble = 1)) < 1e-9 AS used FROM glass"
check "production does not count the last ramp" 0 "^held *20 *2000$" "$vitrine" query warm.db \
    "SELECT b.ensemble_name, samples_thermal, (SELECT step_last FROM v_ttt_runs) AS steps FROM v_by_rung b WHERE ensemble = 1"
check "nor does samples" 0 "^warm *held *pressure .* 20 " "$vitrine" samples warm.db --ensemble held --quantity pressure
check "the last ramp ends at 0" 0 "^ramp *0$" "$vitrine" query warm.db \
    "SELECT stage, temperature_last FROM segment WHERE replica = 1 ORDER BY segment DESC LIMIT 1"
check "all of it is verified" 0 "^  ok" "$vitrine" verify warm.db
first=$(hash_of warm.db)
check "the same file again" 0 "^warm *held" "$vitrine" run warm.yaml --db warm.db --workers 1 --no-progress
same "changes nothing" "$first" "$(hash_of warm.db)"
sed 's/steps: 2000/steps: 3000/' warm.yaml >longer.yaml
check "production before a ramp is as long as it was" 3 "^longer.yaml:16:12: error: steps has changed" \
    "$vitrine" run longer.yaml --db warm.db --no-progress
exit $failures
