#!/usr/bin/env bash
# test.sh - installs dependencies, builds, runs the tests.
#
#   ./deploy/test.sh          tier 1: every suite on a release build, the unit suite under ASan and UBSan as well
#   ./deploy/test.sh --all    also the slow suite
#
# Ends with the number of tests that passed, failed and were skipped, and a list of the skipped ones.
set -euo pipefail
source "$(dirname "$0")/common.sh"

all=no
case "${1-}" in
"") ;;
--all) all=yes ;;
-h | --help)
    sed -n '2,8s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
*) fail "unknown option '$1'; see $0 --help" ;;
esac

cd "$root_dir"
require_packages "${packages_build[@]}" "${packages_run[@]}" "${packages_test[@]}"

say "release build (build/)"
build build
say "sanitizer build (build-asan/)"
build build-asan --buildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false

failures=0
# run_suite DIR NAME MESON-ARGUMENT...: runs tests, keeps the log, prints Criterion's synthesis lines.
run_suite() {
    local dir=$1 name=$2
    shift 2
    say "$name"
    local status=0
    meson test -C "$dir" --no-rebuild --timeout-multiplier 4 --print-errorlogs --logbase "$name" "$@" || status=$?
    grep -ha 'Synthesis:' "$dir/meson-logs/$name.txt" || true
    [ "$status" -eq 0 ] || failures=$((failures + 1))
}

export CRITERION_VERBOSITY_LEVEL=1 # so that skipped tests are named
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
quick=(--suite unit --suite property --suite golden --suite simulate --suite integration)
run_suite build tests "${quick[@]}"
run_suite build-asan sanitized --suite unit
[ "$all" = no ] || run_suite build slow --suite slow

say "skipped"
# Whole programs that meson skipped, and single tests that Criterion skipped (an instruction set this machine lacks).
python3 - build/meson-logs/*.json build-asan/meson-logs/*.json <<'PY' || failures=$((failures + 1))
import collections, json, re, sys
counts, skipped = collections.Counter(), []
for path in sys.argv[1:]:
    for line in open(path):
        test = json.loads(line)
        counts[test['result']] += 1
        if test['result'] == 'SKIP':
            skipped.append(test['name'])
        output = test.get('stdout', '') + test.get('stderr', '')
        skipped += [f"{test['name']}: {name}" for name in re.findall(r'^\[SKIP\] (.*)$', output, re.M)]
for name in skipped:
    print('  ' + name)
passed = counts['OK'] + counts['EXPECTEDFAIL']
print(f"{passed} passed, {sum(counts.values()) - passed - counts['SKIP']} failed, {len(skipped)} skipped")
PY
[ "$failures" -eq 0 ] || fail "some tests failed; logs are in build/meson-logs and build-asan/meson-logs"
