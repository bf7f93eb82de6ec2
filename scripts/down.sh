#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# Undoes 'make up' after a crash: the mount, then the server. Touches nothing that 'make up' did not start.
set -eu
cd "$(dirname "$0")/.."
. scripts/instance.sh

if [ "$(id -u)" != 0 ]; then
    echo "make down: unmounting needs root; run 'sudo make down'" >&2
    exit 1
fi
done_something=''
while is_mounted && is_our_mount; do
    # Lazily: nobody answers for a mount whose client has died. The last user gone, a living client ends, too.
    umount -l "$mount_point"
    done_something=1
    echo "unmounted $mount_point"
done
if server_is_ours; then
    pid=$(server_pid)
    kill "$pid"
    for _ in $(seq 100); do
        server_is_ours || break
        sleep 0.1
    done
    if server_is_ours; then kill -9 "$pid"; fi
    done_something=1
    echo "stopped the server, process $pid"
fi
rm -f "$state/server"
if [ -z "$done_something" ]; then echo "there was nothing to undo"; fi
