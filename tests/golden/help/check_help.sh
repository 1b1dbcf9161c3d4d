#!/bin/sh
# The help of vitrine as golden texts: what people read changes on purpose only.
#
#   check_help.sh VITRINE FOLDER           compares
#   check_help.sh VITRINE FOLDER --update  writes the texts anew
vitrine=$1
folder=$2
failures=0

# look FILE COMMAND...: what it prints must be the text.
look() {
    file=$folder/$1
    shift
    if [ "$update" = --update ]; then
        "$@" >"$file" 2>&1
    elif ! "$@" 2>&1 | diff -u "$file" -; then
        failures=1
    fi
}

update=${3:-}
look vitrine.txt "$vitrine" --help
for verb in $("$vitrine" --help | sed -n '/^verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    case $verb in analyze | compare | build | bench) continue ;; esac # their help is vitrine-worker's
    look "$verb.txt" "$vitrine" "$verb" --help
done
look unknown-verb.txt "$vitrine" sampels
look unknown-option.txt "$vitrine" samples a.db --quantty
look missing-argument.txt "$vitrine" query a.db
exit $failures
