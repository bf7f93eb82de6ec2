#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# Serves and mounts with no configuration at all, until Ctrl-C.
set -eu
cd "$(dirname "$0")/.."
. scripts/instance.sh

refuse() {
    echo "make up: $1" >&2
    exit 1
}

# -- what would go wrong, before anything is built

[ "$(id -u)" = 0 ] || refuse "mounting needs root; run 'sudo make up'"
[ -c /dev/fuse ] || refuse "/dev/fuse is missing: load the module ('modprobe fuse'), or start the container with --device /dev/fuse"
if server_is_ours; then refuse "it is running already, as process $(server_pid); Ctrl-C there, or 'make down'"; fi
if is_mounted; then
    if is_our_mount; then refuse "a mount of an earlier run is left on $mount_point; run 'make down'"; fi
    refuse "$mount_point is taken: something else is mounted there"
fi
if [ -e "$mount_point" ] && [ ! -d "$mount_point" ]; then refuse "$mount_point is taken: it is no directory"; fi
if [ -d "$mount_point" ] && [ -n "$(ls -A "$mount_point")" ]; then refuse "$mount_point is taken: it is not empty"; fi
if port_is_taken; then refuse "port $port is taken on 127.0.0.1 ('ss -ltnp' shows by whom)"; fi

scripts/packages.sh up
scripts/build.sh programs

# -- and up

mkdir -p "$state" "$mount_point"
stop_all() {
    trap '' INT TERM
    echo
    echo "stopping"
    if is_mounted; then .build/release/wharf umount "$mount_point" || umount -l "$mount_point" || true; fi
    if server_is_ours; then
        kill "$(server_pid)"
        wait "$(server_pid)" || true
    fi
    rm -f "$state/server"
}
trap 'stop_all; exit 0' INT TERM
trap 'stop_all; exit 1' ERR

# A session of its own: Ctrl-C reaches this script alone, which unmounts first.
setsid .build/release/wharf serve --data wharf-data --listen "127.0.0.1:$port" \
    >"$state/server.log" 2>&1 </dev/null &
server=$!
remember_server "$server"
tries=0
until curl -fsS "http://127.0.0.1:$port/readyz" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$server" 2>/dev/null; then
        cat "$state/server.log" >&2
        rm -f "$state/server"
        refuse "the server did not start"
    fi
    sleep 0.1
done
setsid .build/release/wharf mount "$repository" "$mount_point" \
    --server "http://127.0.0.1:$port/cvmfs/@fqrn@" \
    --public-key "$PWD/wharf-data/keys/$repository.pub" --cache "$PWD/$state/cache" </dev/null

cat <<NEXT
Wharf is up: http://127.0.0.1:$port, mounted on $mount_point.
Every local user may push. In another shell:

  podman pull docker.io/library/debian:12 && podman push --tls-verify=false debian:12 127.0.0.1:$port/demo/debian:12
  ls $mount_point/127.0.0.1:$port/demo/debian:12/
  $PWD/.build/release/wharf run 127.0.0.1:$port/demo/debian:12 -- cat /etc/os-release

Data is in $PWD/wharf-data, the log in $PWD/$state/server.log. Ctrl-C stops both.
NEXT

status=0
wait "$server" || status=$?
trap - ERR
echo "the server ended by itself with status $status:" >&2
tail -5 "$state/server.log" >&2
stop_all
exit 1
