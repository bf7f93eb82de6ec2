# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Through a real Squid: the mount works, and the second node is served from the proxy's cache."""
import os
import re
import subprocess

from fixtures.images import push_by_skopeo
from fixtures.mount import Mount
from fixtures.server import Server
from fixtures.site import Scope, free_port, run, stop, tool, wait_until
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


class Squid:
    """A Squid of our own, with a cache on disk, on the loopback."""

    def __init__(self, scope):
        program = tool("squid")
        port = free_port()
        self.url = "http://127.0.0.1:%d" % port
        self.log = os.path.join(scope.path, "access.log")
        directory = scope.directory("squid")
        run("chown", "-R", "proxy:proxy", scope.path)
        run("chmod", "755", scope.path)
        configuration = os.path.join(scope.path, "squid.conf")
        with open(configuration, "w") as f:
            f.write("""http_port 127.0.0.1:%d
http_access allow localhost
cache_dir ufs %s 600 16 64
cache_mem 64 MB
maximum_object_size 64 MB
maximum_object_size_in_memory 1 MB
access_log stdio:%s
cache_log %s/cache.log
pid_filename none
coredump_dir %s
shutdown_lifetime 1 seconds
visible_hostname localhost
""" % (port, directory, self.log, scope.path, scope.path))
        run(program, "-N", "-z", "-f", configuration)
        process = subprocess.Popen([program, "-N", "-f", configuration], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        scope.defer(stop, process)
        wait_until("Squid listens", lambda: run(
            "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/%d" % port, check=False).returncode == 0)

    def lines(self):
        with open(self.log) as f:
            return f.read().splitlines()
