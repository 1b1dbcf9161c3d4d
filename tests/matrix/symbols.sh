#!/bin/sh
# No global symbol of a kernel archive lacks the name of its instruction set: else the linker might hand AVX-512 code to
# a machine without it. symbols.sh ISA ARCHIVE
set -eu
symbols=$(nm --extern-only --defined-only "$2" | awk 'NF == 3 { print $3 }')
[ -n "$symbols" ] || { echo "no symbols in $2"; exit 1; }
! echo "$symbols" | grep -v "_$1\$"
