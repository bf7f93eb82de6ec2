#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# usage: corpus.sh [--long]
#
# Builds the test images into .build/corpus, unless these generators have built them already.
set -eu
cd "$(dirname "$0")/.."

corpus=.build/corpus
stamp=$(cat Tests/Corpus/make-corpus Tests/Corpus/push-layout Tests/Corpus/lib/* | sha256sum | cut -d' ' -f1)

make_images() {
    # $1: name of the stamp; the rest: options
    local mark="$corpus/.$1"
    shift
    if [ "$(cat "$mark" 2>/dev/null || true)" = "$stamp" ]; then return 0; fi
    mkdir -p "$corpus"
    Tests/Corpus/make-corpus "$@" "$corpus"
    echo "$stamp" >"$mark"
}
make_images small --small
if [ "${1-}" = --long ]; then make_images science --only science; fi
