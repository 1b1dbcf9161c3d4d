#!/usr/bin/env bash
# quickstart.sh - from a clone to a finished campaign with pictures.
#
#   ./deploy/quickstart.sh              installs dependencies, builds (release), runs deploy/campaigns/first-light.yaml
#   ./deploy/quickstart.sh DIRECTORY    puts the results there instead of ./first-light
#
# May be run again: what is installed, built or finished is not done twice.
set -euo pipefail
source "$(dirname "$0")/common.sh"

case "${1-}" in
-h | --help)
    sed -n '2,7s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
-*) fail "unknown option '$1'; see $0 --help" ;;
esac
results_dir=$(realpath -m "${1:-first-light}")

require_packages "${packages_build[@]}" "${packages_run[@]}"
say "release build ($root_dir/build)"
build "$root_dir/build"

vitrine=$root_dir/build/server/vitrine
mkdir -p "$results_dir"
cd "$results_dir"
say "running first-light.yaml in $results_dir"
"$vitrine" run "$root_dir/deploy/campaigns/first-light.yaml" --db first-light.db
say "pictures"
"$vitrine" plot first-light.db --out pictures
printf '\nTry next:\n  %s samples %s/first-light.db\n  %s exchanges %s/first-light.db\n' "$vitrine" "$results_dir" "$vitrine" "$results_dir"
