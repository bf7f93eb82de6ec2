#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0
# `make bench` calls this; arguments go to run.py.
exec python3 "$(dirname "$0")/run.py" "$@"
