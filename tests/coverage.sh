#!/bin/sh
# coverage.sh - which branches of server/core do its tests reach?
#
#   coverage.sh [BUILD]      makes BUILD (default build-coverage) with gcov's counters
#
# Runs the unit tests of the planner and the simulator (seeds 1:3000 and those that ever failed), both against the same
# objects, prints for each file the share of lines and branches reached, and names what is not. A branch is not counted
# where its other side ends the process (INVARIANT), nor in planner_check.c, which only does that.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${1:-$root/build-coverage}
[ -f "$build/build.ninja" ] || meson setup "$build" "$root" --buildtype=debug -Db_coverage=true >/dev/null
ninja -C "$build" tests/simulate/simulate_plain tests/unit/server/test_planner tests/unit/server/test_exchange \
    tests/unit/server/test_keymap tests/unit/server/test_planner_many tests/unit/server/test_ready >/dev/null
objects=$build/server/core/libvitrine_core.a.p
[ -d "$objects" ] || objects=$(dirname "$(find "$build" -name '*planner.c.gcno' -path '*libvitrine_core.a.p*' | head -1)")
find "$build" -name '*.gcda' -delete
for module in planner planner_many exchange keymap ready; do "$build/tests/unit/server/test_$module" --jobs=1 >/dev/null 2>&1; done
"$build/tests/simulate/simulate_plain" --seeds 1:3000 >/dev/null
"$build/tests/simulate/simulate_plain" --file "$root/tests/simulate/seeds.txt" >/dev/null
cd "$objects"
gcov --branch-probabilities --branch-counts --json-format --stdout ./*.gcda 2>/dev/null | python3 -c '
import json, re, sys
root = sys.argv[1]
lines_all = lines_hit = branches_all = branches_hit = 0
for document in sys.stdin:
    for file in json.loads(document)["files"]:
        match = re.search(r"server/core/(\w+\.c)$", file["file"])
        if not match or match.group(1) == "planner_check.c":
            continue
        source = open(f"{root}/server/core/{match.group(1)}").read().split("\n")
        counts = [0, 0, 0, 0]
        missing = []
        for line in file["lines"]:
            text = source[line["line_number"] - 1].strip()
            counts[0] += 1
            counts[1] += line["count"] > 0
            branches = [] if "INVARIANT(" in text else line["branches"]
            hit = sum(b["count"] > 0 for b in branches)
            counts[2] += len(branches)
            counts[3] += hit
            if line["count"] == 0 or hit < len(branches):
                missing.append((line["line_number"], len(branches) - hit, text))
        lines_all += counts[0]; lines_hit += counts[1]; branches_all += counts[2]; branches_hit += counts[3]
        print(f"{match.group(1):22} lines {counts[1]:4}/{counts[0]:4}   branches {counts[3]:4}/{counts[2]:4}")
        for number, left, text in missing:
            print(f"    {number}: {left} not taken: {text}" if left else f"    {number}: not reached: {text}")
print(f"server/core: {100 * lines_hit / lines_all:.2f} % of {lines_all} lines, "
      f"{100 * branches_hit / branches_all:.2f} % of {branches_all} branches")
' "$root"
