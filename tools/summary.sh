#!/usr/bin/env bash
# Adds up what the test runners reported in target/logs/test-*.log and closes the run with one line of counts.
#
# Formats read: cargo test, also in the browser ("test result: ok. 5 passed; 0 failed; 1 ignored"), pytest
# ("5 passed, 1 skipped in 2.00s"), vitest ("Tests  5 passed | 1 skipped (6)") and Playwright ("  5 passed (3.0s)").
set -euo pipefail
cd "$(dirname "$0")/.."

sed 's/\x1b\[[0-9;]*m//g' "$@" | awk '
    function add(line) {
        if (match(line, /[0-9]+ passed/)) passed += substr(line, RSTART, RLENGTH)
        if (match(line, /[0-9]+ failed/)) failed += substr(line, RSTART, RLENGTH)
        if (match(line, /[0-9]+ (ignored|skipped)/)) skipped += substr(line, RSTART, RLENGTH)
    }
    /^test result: / { add($0); next }
    /^ *Tests  +[0-9]+ / { add($0); next }
    /^=* *[0-9]+ (passed|failed|skipped).* in [0-9.]+s/ { add($0); next }
    /^  [0-9]+ (passed|failed|skipped)( \([0-9.]+m?s?\))?$/ { add($0); next }
    END { printf "\n%d passed, %d failed, %d skipped\n", passed, failed, skipped }
'
