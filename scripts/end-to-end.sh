#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# usage: end-to-end.sh [--long]: the built programs against other people's tools.
set -eu
cd "$(dirname "$0")/.."
exec Tests/EndToEnd/run --binaries .build/release --corpus .build/corpus "$@"
