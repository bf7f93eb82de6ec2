# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# What 'make up' and 'make down' know of the one instance in this directory. To be sourced at the project's root.
# shellcheck disable=SC2034

state=.wharf-up
port=5000
repository=unpacked.wharf.internal
mount_point=/cvmfs/$repository

# The process is told from a later one of the same number by the time of its start.
start_time() {
    # The name in parentheses may hold blanks; the fields after it do not.
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
}

remember_server() { echo "$1 $(start_time "$1")" >"$state/server"; }

server_pid() { cut -d' ' -f1 "$state/server"; }

server_is_ours() {
    [ -f "$state/server" ] || return 1
    local pid time
    read -r pid time <"$state/server" || return 1
    [ -n "$time" ] && [ "$(start_time "$pid")" = "$time" ]
}

is_mounted() { awk -v p="$mount_point" '$5 == p { found = 1 } END { exit !found }' /proc/self/mountinfo; }

is_our_mount() {
    awk -v p="$mount_point" '$5 == p && / - fuse\.wharf / { found = 1 } END { exit !found }' /proc/self/mountinfo
}

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
