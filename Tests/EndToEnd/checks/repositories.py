# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""`wharf repo` on what the server wrote: the verifier finds nothing, and finds what is broken."""
import os

from fixtures.images import push_by_layout
from fixtures.server import REPOSITORY, Server
from fixtures.site import Scope, run
from fixtures.verdict import expect, expect_equal


def checks(site):
    with Scope("repositories") as scope:
        server = Server(site, scope)
        for tag in ("1", "lower-link", "names", "xattrs"):
            push_by_layout(site.layout("weird"), tag, server, "corpus/weird")
        push_by_layout(site.layout("index"), "multi", server, "corpus/index")
        for tag in ("1", "lower-link", "names", "xattrs"):
            server.wait_published("corpus/weird", tag)
        server.wait_published("corpus/index", "multi")
        yield "wharf repo check over HTTP finds nothing", lambda: run(
            site.wharf, "repo", "check", server.url + "/cvmfs/" + REPOSITORY, "--public-key", server.key, "--objects")
        server.stop()
        yield "wharf repo check of the data directory finds nothing", lambda: run(
            site.wharf, "repo", "check", REPOSITORY, "--data", server.data, "--objects")
        yield "wharf repo check names a damaged object", lambda: damaged(site, server)


def damaged(site, server):
    directory = os.path.join(server.data, "repositories", REPOSITORY, "data")
    # The largest plain object: not a catalog, nor a part of a file.
    path = max((os.path.join(top, n) for top, _, names in os.walk(directory) for n in names
                if not n.endswith(("C", "H", "X", "M", "P"))), key=os.path.getsize)
    with open(path, "r+b") as f:
        f.seek(os.path.getsize(path) // 2)
        byte = f.read(1)
        f.seek(-1, 1)
        f.write(bytes([byte[0] ^ 1]))
    result = run(site.wharf, "repo", "check", REPOSITORY, "--data", server.data, "--objects", check=False)
    said = (result.stdout + result.stderr).decode()
    expect_equal(result.returncode, 1, "status for a damaged object")
    expect(os.path.basename(path)[:30] in said, "the fault is not named: %s" % said[-500:])
