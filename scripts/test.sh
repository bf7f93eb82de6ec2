#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# usage: test.sh [--long]
#
# Everything that must hold, cheapest first; docs/ci.md says what takes how long. Stops at the first stage that fails.
set -eu
cd "$(dirname "$0")/.."

if [ "$(id -u)" != 0 ]; then
    echo "make test needs root: it installs packages, mounts file systems and makes device nodes." >&2
    exit 1
fi
long=${1-}
limit=$((85 * 60))
if [ -n "$long" ]; then limit=$((12 * 3600)); fi
summary=''

stage() {
    local name=$1 start=$SECONDS status=0
    shift
    echo "== $name"
    timeout --foreground --kill-after=30 $((limit - SECONDS)) "$@" || status=$?
    summary="$summary$(printf '%6d s  %s' $((SECONDS - start)) "$name")
"
    if [ "$status" = 0 ]; then return 0; fi
    printf '%s' "$summary"
    if [ "$status" = 124 ]; then
        echo "The stage '$name' was stopped: the whole run may take $((limit / 60)) minutes." >&2
    else
        echo "The stage '$name' failed with status $status." >&2
    fi
    exit 1
}

stage packages scripts/packages.sh tests
stage format scripts/lint.sh
stage build scripts/build.sh tests
# shellcheck disable=SC2086
stage images scripts/corpus.sh $long
# One after the other: tests that wait for the programs they started hold a thread each, and the pool that all tests
# share has as many threads as the machine has cores.
stage tests swift test -c release --skip-build --no-parallel
# shellcheck disable=SC2086
stage 'end to end' scripts/end-to-end.sh $long
# Their figures mean nothing here; they must still run.
stage benchmarks Benchmarks/run.sh --short
stage 'registry benchmarks' Benchmarks/registry.py --short
stage 'publisher benchmarks' Benchmarks/publisher.py --short
# With --long over a million blobs, which shows that half of them go.
if [ -n "$long" ]; then stage 'collection benchmark' Benchmarks/collection.py
else stage 'collection benchmark' Benchmarks/collection.py --short; fi
printf '%s' "$summary"
echo "All is well, after $((SECONDS / 60)) minutes."
