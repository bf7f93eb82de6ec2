# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Through a real Squid: the mount works, and the second node is served from the proxy's cache."""
import re

from fixtures.images import push_by_skopeo
from fixtures.mount import Mount
from fixtures.server import Server
from fixtures.site import Scope
from fixtures.squid import Squid
from fixtures.trees import expected, compare, mounted, read_record, Said
from fixtures.verdict import expect

NAME = "corpus/debian"


def checks(site):
    with Scope("proxy") as scope:
        squid = Squid(scope)
        server = Server(site, scope)
        push_by_skopeo(site.layout("debian"), "1", server, NAME)
        server.wait_published(NAME, "1")
        want = expected(site.layout("debian"), "1")
        yield "a mount through Squid shows the image", lambda: shows(site, scope, server, squid, "one", want)
        yield "a second node gets its objects from Squid's cache", lambda: second(
            site, scope, server, squid, want)


def shows(site, scope, server, squid, name, want):
    mount = Mount(site, scope, server, name, options=["proxy=" + squid.url])
    said = Said(server.differences(NAME, "1"), server.status(NAME, "1")["warnings"], read_record(mount, NAME, "1"))
    compare(want, mounted(mount.link(NAME, "1")), said)
    mount.unmount()


def second(site, scope, server, squid, want):
    before = len(squid.lines())
    shows(site, scope, server, squid, "two", want)
    data = [line for line in squid.lines()[before:] if "/data/" in line]
    expect(len(data) > 100, "only %d objects came through Squid" % len(data))
    hits = [line for line in data if re.search(r"TCP_\w*HIT", line)]
    expect(len(hits) >= 0.99 * len(data), "%d of %d objects came from the cache" % (len(hits), len(data)))
