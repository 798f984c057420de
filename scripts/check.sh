#!/usr/bin/env bash
# The gate: formatting, vet, static analysis, dead code, the house rules, and every test, those of
# the packages under the race detector. Needs Go and a C compiler (gcc, for the race detector); the tools are pinned
# in scripts/tools.mod and fetched by Go. The page is looked at in a real Chromium, which is installed from Debian when
# it is missing and this user may; DuckDB is fetched by npm where there is one, pandas by apt. The cheap steps come first.
set -euo pipefail
cd "$(dirname "$0")/.."

tool() { go tool -modfile=scripts/tools.mod "$@"; }
step() { printf '\n== %s\n' "$*"; }

step "gofumpt"
unformatted=$(tool gofumpt -l .)
if [ -n "$unformatted" ]; then
	echo "not formatted by gofumpt; run: go tool -modfile=scripts/tools.mod gofumpt -w ."
	echo "$unformatted"
	exit 1
fi

step "house test"
go test ./scripts/house

step "go vet"
go vet ./...

step "staticcheck"
tool staticcheck ./...

step "deadcode"
dead=$(tool deadcode -test ./...)
if [ -n "$dead" ]; then
	echo "$dead"
	exit 1
fi

step "chromium"
if ! command -v chromium chromium-browser google-chrome >/dev/null || { command -v fc-list >/dev/null && [ -z "$(fc-list :lang=zh)" ]; }; then
	as=""
	[ "$(id -u)" = 0 ] || as="sudo -n"
	packages="chromium fonts-wqy-zenhei"
	if ! command -v apt-get >/dev/null || ! { $as apt-get update -q && DEBIAN_FRONTEND=noninteractive $as apt-get install -qy --no-install-recommends $packages; }; then
		echo "the page's tests need a browser and a Chinese font; install them: apt-get install $packages"
		exit 1
	fi
fi
export ANJU_BROWSER=required
export ANJU_SCREENSHOTS="${ANJU_SCREENSHOTS:-$PWD/.ci/screenshots}" # pictures of the page's flows, to be kept and looked at
mkdir -p "$ANJU_SCREENSHOTS"

step "duckdb, for the recipes of docs/exports.md"
if command -v node >/dev/null && command -v npm >/dev/null; then # pinned by scripts/duckdb/package-lock.json
	npm ci --prefix scripts/duckdb --no-audit --no-fund
	export ANJU_DUCKDB="$PWD/scripts/duckdb/run.mjs"
else
	echo "without node and npm the recipes are not run: apt-get install npm"
fi

step "pandas, for the recipe of docs/exports.md"
has_pandas() { "$1" -c 'import pandas' 2>/dev/null; }
if ! has_pandas python3 && ! has_pandas /usr/bin/python3 && command -v apt-get >/dev/null; then
	as=""
	[ "$(id -u)" = 0 ] || as="sudo -n"
	{ $as apt-get update -q && DEBIAN_FRONTEND=noninteractive $as apt-get install -qy --no-install-recommends python3-pandas; } || true
fi
for python in python3 /usr/bin/python3; do
	if has_pandas "$python"; then export ANJU_PANDAS="$python"; fi
done
[ -n "${ANJU_PANDAS:-}" ] || echo "without pandas its recipe is not run: apt-get install python3-pandas"

RAPID_SEED="${RAPID_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}" # of every property test; name it to have the same cases again
export RAPID_SEED
echo "property tests: RAPID_SEED=$RAPID_SEED"

# The commands' tests start whole servers, kill them, search their folders and measure every row of
# the bench: under the race detector they would take longer than all the rest together. What runs
# in those servers is tested under it below.
step "go test ./cmd/..."
go test -timeout 20m ./cmd/...

step "go test -race, all but the commands"
go list ./... | grep -v /cmd/ | xargs go test -race -timeout 30m
