#!/usr/bin/env bash
# Runs one step of the Makefile: says what it does, keeps its output in target/logs, and on failure says what that means.
#
#   tools/step.sh NAME TITLE HINT COMMAND...
#
# NAME: file name of the log; TITLE: what is done; HINT: what a failure means and what to do about it.
# GROUPED=1: shows the output when the step is over, all at once, so that steps that run side by side can be told apart.
# target/logs/times.tsv gets a line: name, seconds, seconds of processor time.
set -uo pipefail

name=$1 title=$2 hint=$3
shift 3
mkdir -p target/logs
log=target/logs/$name.log
# Make's jobserver is for makes: cargo would wait for its turn behind steps that are not its own.
unset MAKEFLAGS MFLAGS

started=$SECONDS
if [ -n "${GROUPED:-}" ]; then
    printf '==> %s ...\n' "$title"
    "$@" >"$log" 2>&1
    status=$?
    printf '\n==> %s\n' "$title"
    cat "$log"
else
    printf '\n==> %s\n' "$title"
    "$@" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
fi
seconds=$((SECONDS - started))

if [ "$status" -ne 0 ]; then
    printf '\n*** Failed after %d s: %s\n' "$seconds" "$title"
    printf '    Command: %s\n' "$*"
    printf '    What it means: %s\n' "$hint"
    printf '    Full output: %s\n' "$log"
    exit "$status"
fi
# Processor time, user and system of all children: on a busy machine it says more than the clock.
# (`times` has to run in this shell: a subshell has no such children.)
times >"$log.cpu"
cpu=$(awk 'NR == 2 { split($1, u, /[ms]/); split($2, s, /[ms]/); printf "%d", 60 * (u[1] + s[1]) + u[2] + s[2] }' "$log.cpu")
rm "$log.cpu"
printf '%s\t%d\t%d\n' "$name" "$seconds" "$cpu" >>target/logs/times.tsv
printf -- '--- %s: %d s (%d s of processor time)\n' "$title" "$seconds" "$cpu"
