#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# Fails on anything that 'make format' would change, on undocumented parameters, and on doubtful shell.
set -eu
cd "$(dirname "$0")/.."
swift format lint --strict --parallel --recursive Sources Tests Fuzzing/Sources/fuzz Fuzzing/Package.swift Package.swift
if command -v shellcheck >/dev/null; then
    shellcheck --severity=warning scripts/*.sh Fuzzing/run.sh .ci/run Tests/Corpus/make-corpus \
        packaging/*/p*inst packaging/*/p*rm
else
    echo "shellcheck is not installed: the scripts were not looked at" >&2
fi
