#!/bin/sh
# The built programs are hardened: position independent, full RELRO, no executable stack, stack
# canaries, fortified calls, no text relocations.
#
#     hardening.sh PROGRAM [PROGRAM ...]
. "$(dirname "$0")/../tap.sh"

for program in "$@"; do
    name=${program##*/}
    header=$(readelf -hW "$program")
    segments=$(readelf -lW "$program")
    dynamic=$(readelf -dW "$program")
    symbols=$(readelf --dyn-syms -W "$program")
    check "$name is a position independent program" contains "$header" "DYN (Position-Independent"
    check "$name has read-only relocations" contains "$segments" "GNU_RELRO"
    check "$name binds everything at start" contains "$dynamic" "NOW"
    check "$name has no executable stack" contains "$(echo "$segments" | grep GNU_STACK)" "RW "
    check "$name writes no code" lacks "$dynamic" "TEXTREL"
    check "$name has no segment that can be written and run" lacks "$(echo "$segments" | grep LOAD)" "RWE"
    check "$name has stack canaries" contains "$symbols" "__stack_chk_fail"
    check "$name has fortified calls" contains "$symbols" "_chk@"
    check "$name looks for libraries nowhere of its own" lacks "$dynamic" "RUNPATH"
done
finish
