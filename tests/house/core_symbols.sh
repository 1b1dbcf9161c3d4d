#!/bin/sh
# core_symbols.sh ARCHIVE - server/core imports nothing but arithmetic, comparison and common/text.h for formatting: no
# clock, no I/O, no random numbers but the counter-based ones, no memory. Prints what else it imports; fails if there is
# such a thing.
symbols=$(mktemp) || exit 2
trap 'rm -f "$symbols"' EXIT
nm --defined-only "$1" | awk 'NF == 3 {print $3}' | sort -u > "$symbols"
imported=$(nm -u "$1" | awk '$1 == "U" {print $2}' | sort -u | comm -23 - "$symbols" | grep -vE \
    '^(mem(cpy|cmp|set|move)|str(cmp|len|ncmp)|__mem[a-z]*_chk|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__(asan|ubsan|tsan|gcov|llvm)_.*|__odr_asan.*)$' | grep -vE \
    '^(invariant_failed|error_set|text_print|text_print_args|status_name|campaign_(segment_spec|prepare_segments|production_segments|segment_end|step_end)|segment_input_digest|digest_(equal|is_zero|to_text)|rng_uniform|real_exp)$')
[ -z "$imported" ] && exit 0
printf 'server/core must not import:\n%s\n' "$imported"
exit 1
