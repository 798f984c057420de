#!/usr/bin/env bash
# Measures every figure of docs/performance.md on this machine and puts the table, with its date,
# commit and machine, into that page. Takes about a quarter of an hour at full scale.
# usage: scripts/bench.sh [--dir FOLDER_ON_A_DISK] [--households N] [--runs N]
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/anju" ./cmd/anju
"$work/anju" --json bench all --markdown "$work/table.md" "$@" >"$work/rows.json"

processor=$(sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo 2>/dev/null || true)
{
	echo "Measured $(date -u +%Y-%m-%d) at $(git rev-parse --short HEAD) by \`scripts/bench.sh $*\`:" \
		"$(nproc) cores (${processor:-unknown processor}), $(uname -s) $(uname -r), $(go env GOVERSION)."
	echo
	cat "$work/table.md"
} >"$work/section.md"
awk -v section="$work/section.md" '
	/^<!-- bench -->$/ { print; print ""; while ((getline line < section) > 0) print line; print ""; inside = 1; next }
	/^<!-- \/bench -->$/ { inside = 0 }
	!inside { print }
' docs/performance.md >"$work/performance.md"
cp "$work/performance.md" docs/performance.md
cat "$work/rows.json"
