#!/usr/bin/env bash
# Measures the figures of docs/performance.md on this machine and puts them, with their date,
# commit and machine, into the table of that page. All of them take about twenty minutes at full
# scale; --only measures some parts, and leaves the rows of the others as they are.
# usage: scripts/bench.sh [--only "replay verify"] [--dir FOLDER_ON_A_DISK] [--households N] [--runs N] [--growth N]
set -euo pipefail
cd "$(dirname "$0")/.."

command="scripts/bench.sh${*:+ $*}"
parts=all
if [ "${1:-}" = --only ]; then
	parts=$2
	shift 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/anju" ./cmd/anju
# shellcheck disable=SC2086 # several parts are several words
"$work/anju" --json bench $parts --markdown "$work/table.md" "$@" >"$work/rows.json"

processor=$(sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo 2>/dev/null || true)
measured="Measured $(date -u +%Y-%m-%d) at $(git rev-parse --short HEAD) by \`$command\`: \
$(nproc) cores (${processor:-unknown processor}), $(uname -s) $(uname -r), $(go env GOVERSION)."
if [ "$parts" = all ]; then
	{
		echo "$measured"
		echo
		cat "$work/table.md"
	} >"$work/section.md"
else
	# The new rows take the places of the old ones; those that are new stand at the end.
	sed -n '/^<!-- bench -->$/,/^<!-- \/bench -->$/p' docs/performance.md | sed '1d;$d' | awk -v table="$work/table.md" -v measured="$measured" -v parts="$parts" '
		BEGIN {
			while ((getline line < table) > 0) {
				split(line, cell, " *[|] *")
				if (cell[2] == "row" || cell[2] ~ /^-/) continue
				row[cell[2]] = line
				order[++count] = cell[2]
			}
		}
		/^[|]/ { rows = 1; split($0, cell, " *[|] *"); if (cell[2] in row) { print row[cell[2]]; delete row[cell[2]]; next } print; next }
		rows && !ended { ended = 1; for (i = 1; i <= count; i++) if (order[i] in row) print row[order[i]] }
		index($0, "The rows of " parts ": ") == 1 { next }
		/^$/ && !told && seen { print ""; print "The rows of " parts ": " measured; told = 1 }
		/^Measured/ { seen = 1 }
		{ print }
	' | cat -s | sed '1{/^$/d}' | sed '${/^$/d}' >"$work/section.md"
fi
awk -v section="$work/section.md" '
	/^<!-- bench -->$/ { print; print ""; while ((getline line < section) > 0) print line; print ""; inside = 1; next }
	/^<!-- \/bench -->$/ { inside = 0 }
	!inside { print }
' docs/performance.md >"$work/performance.md"
cp "$work/performance.md" docs/performance.md
cat "$work/rows.json"
