# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""What a mounted node sees when tags come, move and go."""
import os
import threading
import time

from fixtures.images import push_by_layout
from fixtures.mount import Mount
from fixtures.server import Server
from fixtures.site import Scope, wait_until
from fixtures.verdict import expect, expect_equal

NAME = "team/app"


def checks(site):
    with Scope("tags") as scope:
        layout = site.layout("weird")
        server = Server(site, scope)
        push_by_layout(layout, "dup", server, NAME)
        server.wait_published(NAME, "dup")
        mount = Mount(site, scope, server)
        yield "a path that was missing appears within 2 s of its publication", lambda: appears(
            site, server, mount)
        yield "a tag that moves leads to the new tree, and open files keep their content", lambda: moves(
            site, server, mount)
        yield "a deleted tag vanishes within 3 s", lambda: vanishes(server, mount)
        yield "the aliases without colons lead to the same tree", lambda: aliases(server, mount)
        yield "a file that the image has not is missing at once", lambda: expect(
            not os.path.exists(os.path.join(mount.link(NAME, "dup"), "no/such/file")), "it is there")


def appears(site, server, mount):
    """A process looks every 20 ms, so that the kernel remembers that there is nothing."""
    path, seen = mount.link(NAME, "order"), []

    def look():
        end = time.monotonic() + 60
        while not seen and time.monotonic() < end:
            if os.path.isdir(path):
                seen.append(time.monotonic())
            time.sleep(0.02)
    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        push_by_layout(site.layout("weird"), "order", server, NAME)
        server.wait_published(NAME, "order")
        published = time.monotonic()
    finally:
        watcher.join()
    expect(seen, "it never appeared")
    expect(seen[0] - published < 2, "it took %.1f s" % (seen[0] - published))


def moves(site, server, mount):
    push = lambda tag: push_manifest_as(site, server, tag, "latest")  # noqa: E731
    push("dup")
    server.wait_published(NAME, "latest")
    link = mount.link(NAME, "latest")
    wait_until("the tag is shown", lambda: os.path.isdir(link), 3)
    first = os.path.realpath(link)
    with open(os.path.join(link, "dup/file"), "rb") as held:
        push("order")
        server.wait_published(NAME, "latest")
        wait_until("the link has moved", lambda: os.path.realpath(link) != first, 3)
        expect(os.path.exists(os.path.join(link, "a/new")), "it leads to the wrong tree")
        expect_equal(held.read(), b"second of two wins", "what the open file holds")


def push_manifest_as(site, server, source, tag):
    """Tags what another tag of the layout holds."""
    push_by_layout(site.layout("weird"), source, server, NAME)
    _, body, headers = server.get("/v2/%s/manifests/%s" % (NAME, source))
    status, _, _ = server.request("PUT", "/v2/%s/manifests/%s" % (NAME, tag), body,
                                  {"Content-Type": headers["Content-Type"]})
    expect_equal(status, 201, "PUT of the manifest")


def vanishes(server, mount):
    link = mount.link(NAME, "order")
    wait_until("the tag is shown", lambda: os.path.isdir(link), 3)
    server.delete_tag(NAME, "order")
    wait_until("the link has vanished", lambda: not os.path.lexists(link), 3)
    expect(os.path.isdir(mount.link(NAME, "dup")), "another tag vanished, too")


def aliases(server, mount):
    alias = os.path.join(mount.path, ".by-name", server.address.replace(":", "+"), NAME, "dup")
    expect_equal(os.path.realpath(alias), os.path.realpath(mount.link(NAME, "dup")), "target of the alias")
