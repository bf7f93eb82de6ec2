#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# usage: build.sh programs|tests
#
# Builds for release, incrementally: what is up to date costs seconds.
set -eu
cd "$(dirname "$0")/.."

if ! command -v swift >/dev/null; then
    echo "Swift 6.2 or newer is needed: https://www.swift.org/install/linux/" >&2
    exit 1
fi
scripts/packages.sh build
case ${1-} in
    programs)
        swift build -c release --product wharf
        swift build -c release --product wharfd
        ;;
    tests) swift build -c release --build-tests ;;
    *) echo "usage: build.sh programs|tests" >&2; exit 2 ;;
esac
