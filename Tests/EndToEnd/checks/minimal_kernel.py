# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Trees, faults and new revisions once more with every feature of the kernel switched off, as on old kernels."""
import contextlib
import os

from checks import client_faults, filesystem
from fixtures.images import push_by_layout
from fixtures.mount import Mount
from fixtures.server import Server
from fixtures.site import Scope
from fixtures.trees import check_tree, expected
from fixtures.verdict import expect, expect_equal

# Without notifications the kernel finds changes out by itself, when what it knows is a second old.
WORDS = "kernel=minimal CVMFS_KCACHE_TIMEOUT=1"
VARIABLE = "WHARF_MOUNT_OPTIONS"
NAME = "corpus/weird"
TAGS = ("1", "lower-link", "names", "xattrs", "order")


def checks(site):
    before = os.environ.get(VARIABLE, "")
    os.environ[VARIABLE] = (before + " " + WORDS).strip()
    try:
        with Scope("minimal") as scope:
            server = Server(site, scope)
            for tag in TAGS:
                push_by_layout(site.layout("weird"), tag, server, NAME)
            for tag in TAGS:
                server.wait_published(NAME, tag)
            mount = Mount(site, scope, server)
            yield "nothing that can be switched off is in use", lambda: expect_equal(
                os.getxattr(mount.path, "user.wharf.kernel"), b"", "features in use")
            for tag in TAGS:
                yield "weird:%s is mounted as its layers say" % tag, lambda: check_tree(
                    server, mount, NAME, tag, mount.link(NAME, tag), expected(site.layout("weird"), tag))
            yield "each feature alone can be off", lambda: one_by_one(site, scope, server)
        yield from those_that_matter(filesystem.checks(site))
        yield from client_faults.checks(site)
    finally:
        os.environ[VARIABLE] = before


def those_that_matter(checks):
    """All but those of answers that are taken back: here the kernel is told nothing, and keeps nothing for long."""
    with contextlib.closing(checks):
        for check in checks:
            if "that a new revision overtook" not in check[0]:
                yield check


def one_by_one(site, scope, server):
    """The tree is the same with any one of the features off, and the mount tells that it is."""
    mount = Mount(site, scope, server, "full", options=["kernel=full", "open=passthrough"])
    features = os.getxattr(mount.path, "user.wharf.kernel").decode().split()
    want = filesystem.listing(mount.link(NAME, "names"))
    mount.unmount()
    expect("notify" in features, "the features are %s" % features)
    for feature in features + ["noopen"]:
        mount = Mount(site, scope, server, "without", options=["kernel=full", "open=passthrough", feature + "=off"])
        used = os.getxattr(mount.path, "user.wharf.kernel").decode().split()
        expect(feature not in used, "%s is off, and in use" % feature)
        expect(filesystem.listing(mount.link(NAME, "names")) == want, "another tree without %s" % feature)
        mount.unmount()
