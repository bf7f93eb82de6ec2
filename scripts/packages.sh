#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# usage: packages.sh build|package|up|tests
#
# Installs the Debian packages that are missing, and does nothing (not even ask the mirror) if none is. For the tests also
# Python packages, into .build/python.
set -eu
cd "$(dirname "$0")/.."

build='g++ make pkg-config libcrypt-dev libdeflate-dev libisal-dev libzstd-dev libsqlite3-dev libssl-dev zlib1g-dev'
package="$build binutils dpkg-dev"
up="$build curl fuse3 podman runc skopeo"
tests="$up apache2-utils attr autofs binutils buildah charliecloud containerd debootstrap docker.io docker-registry dpkg-dev iproute2 iptables jq nginx-light
    openssl pigz python3 python3-pip shellcheck squid strace systemd umoci wrk xz-utils zstd"

case ${1-} in
    build) wanted=$build ;;
    package) wanted=$package ;;
    up) wanted=$up ;;
    tests) wanted=$tests ;;
    *) echo "usage: packages.sh build|package|up|tests" >&2; exit 2 ;;
esac

# Mirrors hiccup; three tries with a pause tell a hiccup from an outage.
try_thrice() {
    for pause in 5 20 0; do
        if "$@"; then return 0; fi
        sleep "$pause"
    done
    echo "This failed three times: $*" >&2
    return 1
}

# A client that Debian does not have. Kept apart from the machine's Python, so that neither disturbs the other.
install_python() {
    local wanted='oras==0.2.43' directory=.build/python
    if [ "$(cat "$directory/.installed" 2>/dev/null || true)" = "$wanted" ]; then return 0; fi
    echo "installing: $wanted"
    rm -rf "$directory"
    try_thrice python3 -m pip -q --disable-pip-version-check install --root-user-action=ignore --target "$directory" "$wanted"
    echo "$wanted" >"$directory/.installed"
}

install_missing() {
    if [ "$(id -u)" != 0 ]; then
        echo "These Debian packages are missing, and installing them needs root:$missing" >&2
        exit 1
    fi

    export DEBIAN_FRONTEND=noninteractive
    # No service of a package shall start by itself: the tests start their own, on ports of their own.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f "$policy"' EXIT
    fi

    echo "installing:$missing"
    try_thrice apt-get -qq -o DPkg::Lock::Timeout=300 update
    # shellcheck disable=SC2086
    try_thrice apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install -y --no-install-recommends $missing >/dev/null
}

missing=''
for package in $wanted; do
    # nginx comes in several flavours; any of them will do.
    if [ "$package" = nginx-light ] && command -v nginx >/dev/null; then continue; fi
    # The client alone would do, but Debian has no package of it.
    if [ "$package" = docker.io ] && command -v docker >/dev/null; then continue; fi
    # A Python that is not Debian's has its own pip.
    if [ "$package" = python3-pip ] && python3 -m pip --version >/dev/null 2>&1; then continue; fi
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    if [ "$state" != installed ]; then missing="$missing $package"; fi
done
if [ -n "$missing" ]; then install_missing; fi
if [ "$1" = tests ]; then install_python; fi
