#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# usage: if-present.sh SCRIPT WHAT: runs a script of the project, or says plainly that there is none yet.
set -eu
cd "$(dirname "$0")/.."
if [ -x "$1" ]; then exec "$1"; fi
echo "There are no $2 yet: $1 does not exist." >&2
exit 1
