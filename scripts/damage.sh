#!/usr/bin/env bash
# Does to the files of a served ledger what disks, operators and forgers do, kills it at every step of
# the crash order, cuts the power of its disk, and prints what became of it. Takes some minutes. A row
# that cannot run here says SKIP and why. Exit code 1 when a row fails.
# usage: scripts/damage.sh [ROWS]   (a regular expression, such as "kill" or "sealed_block")
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
ANJU_FAULTS_TABLE="$work/table.md" go test ./cmd/anju -count 1 -timeout 60m -run "^TestFaults\$/${1:-}" >"$work/log" 2>&1 || passed=1
if [ -s "$work/table.md" ]; then
	cat "$work/table.md"
fi
if [ "$passed" -ne 0 ]; then
	echo
	cat "$work/log"
fi
exit "$passed"
