#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# usage: run.sh [SECONDS [TARGET…]]
#
# Feeds the parsers with noise: each target for SECONDS (600), beginning with what Corpus/ holds. New inputs go to
# .build/fuzz, crashes stay in the directory from which this is called, with the command that repeats them.
# After a finding: put the input into Corpus/TARGET, where ordinary tests replay it, and mend the parser.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1-600}
shift || true
targets=${*:-names digests ranges uploads pages targets json manifests scopes credentials archives streams layers catalogs rules events letters requests proxies proxyFiles bundles configurations indexes programs}

swift build -c release --scratch-path ../.build/fuzz/build
program=$(swift build -c release --scratch-path ../.build/fuzz/build --show-bin-path)/fuzz
for target in $targets; do
    echo "== $target, $seconds s"
    mkdir -p "../.build/fuzz/$target"
    WHARF_FUZZ_TARGET=$target "$program" -max_total_time="$seconds" -max_len=65536 -print_final_stats=1 -timeout=10 \
        -artifact_prefix="../.build/fuzz/$target-" -dict=dictionary.txt "../.build/fuzz/$target" "Corpus/$target" \
        2>&1 | grep -vE '^#[0-9]+\s+(NEW|REDUCE|pulse|INITED)'
done
