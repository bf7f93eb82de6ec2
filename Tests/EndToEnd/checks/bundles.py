# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""`wharf client trace` and the bundles that it writes: what a start needs is fetched ahead, and nobody waits for it."""
import json
import os
import time

from checks.librarian import archive, repo
from fixtures.mount import end_processes, is_mounted
from fixtures.relay import LongLine, Relay
from fixtures.server import Server
from fixtures.site import Scope, run, wait_until
from fixtures.verdict import expect, expect_equal

NAME = "software.example.org"
# The second directory has a catalog of its own; the large file is chunked.
FILES = {"bin/start": b"start\n", "lib/one": b"one\n" * 500, "lib/two words": b"two\n", "deep/.cvmfscatalog": b"",
         "deep/three": b"three\n" * 1000, "deep/large": bytes(range(256)) * 40000, "other": b"not used\n"}
USED = ["bin/start", "lib/one", "lib/two words", "deep/three", "deep/large"]


def checks(site):
    with Scope("bundles") as scope:
        shelf = Shelf(site, scope)
        yield "a trace names what a command touches, in its order, cached or not", shelf.trace
        yield "the status of a trace is the command's", shelf.statuses
        yield "a bundle's files are there before anybody asks, also by one thread over a long line", shelf.fetched
        yield "nobody waits for a bundle", shelf.unblocked
        yield "hostile bundles are refused, and hurt nothing", shelf.hostile


class Node:
    """A mount with a cache of its own."""

    def __init__(self, site, scope, server, base, name, *options):
        self.site = site
        self.path, self.cache = scope.directory(name), scope.directory(name + ".cache")
        command = [site.wharf, "mount", NAME, self.path, "--server", base + "/cvmfs/@fqrn@", "--cache", self.cache,
                   "--public-key", os.path.join(server.data, "keys", NAME + ".pub")]
        for option in ("notifications=off",) + options:
            command += ["-o", option]
        run(*command, timeout=60)
        scope.defer(self.close)

    def close(self):
        if is_mounted(self.path):
            run(self.site.wharf, "umount", "--lazy", self.path, check=False)
        end_processes(self.path)

    def read(self, name):
        with open(os.path.join(self.path, name), "rb") as f:
            return f.read()

    def log(self):
        with open(os.path.join(self.cache, "log." + NAME), "rb") as f:
            return f.read().decode(errors="replace")


class Shelf:
    """A repository with a program and its files."""

    def __init__(self, site, scope):
        self.site, self.scope = site, scope
        self.server = Server(site, scope)
        repo(site, "create", NAME, "--data", self.server.data)
        names = sorted({os.path.dirname(name) for name in FILES if "/" in name})
        self.ingest([(name, None) for name in names] + list(FILES.items()))
        self.number = 0

    def ingest(self, files):
        path = archive(os.path.join(self.scope.path, "files.tar.gz"), files)
        repo(self.site, "ingest", NAME, "--data", self.server.data, "--tar", path)

    def node(self, base, *options):
        self.number += 1
        return Node(self.site, self.scope, self.server, base, "node%d" % self.number, *options)

    def command(self, node):
        return ["cat"] + [os.path.join(node.path, name) for name in USED]

    def bundle(self, node):
        """What a trace of the command writes."""
        run(self.site.wharf, "client", "trace", node.path, "--output", self.scope.path, "--", *self.command(node))
        with open(os.path.join(self.scope.path, ".cvmfsbundle-start"), "rb") as f:
            return f.read()

    def trace(self):
        for mode in ("none", "passthrough"):
            node = self.node(self.server.url, "open=" + mode)
            for _ in range(2):
                told = json.loads(self.bundle(node))
                expect_equal([told["name"], told["version"], told["encoding"]], ["CVMFS_BUNDLE", "1.0.0", "UTF-8"], "the head")
                expect_equal(told["dependencies"], ["/" + name for name in USED[1:]], "the files, with open=" + mode)
            node.close()

    def statuses(self):
        node = self.node(self.server.url)
        def status(*words):
            return run(self.site.wharf, "client", "trace", node.path, "--output", self.scope.path, "--", *words,
                       check=False).returncode
        expect_equal(status("sh", "-c", "exit 7"), 7, "of a command that fails")
        expect_equal(status("sh", "-c", "kill -9 $$"), 137, "of a command that is killed")
        expect_equal(status("/no/such/command"), 127, "of no command")
        expect_equal(status(self.scope.path), 126, "of a directory")
        wrong = run(self.site.wharf, "client", "trace", "nothing.example.org", "--", "true", check=False)
        expect_equal(wrong.returncode, 125, "without a mount")
        node.close()

    def with_bundle(self, content):
        self.ingest([("bin/.cvmfsbundle-start", content)])

    def fetched(self):
        node = self.node(self.server.url)
        self.with_bundle(self.bundle(node))
        node.close()
        for mode in ("none", "passthrough"):
            front = Relay(self.scope, self.server.address)
            line = LongLine(self.scope, (front.host, front.port), 0.05)
            node = self.node(line.url, "open=" + mode, "CVMFS_MAX_RETRIES=0", "CVMFS_TIMEOUT_DIRECT=2")
            expect_equal(node.read("bin/start"), FILES["bin/start"], "the trigger")
            wait_until("the files are fetched ahead", lambda: "fetched ahead for /bin/start" in node.log(), 20)
            front.stop()
            for name in USED:
                expect_equal(node.read(name), FILES[name], name)
            expect(not os.path.exists(node.path + "/nothing"), "there is something that there is not")
            node.close()

    def unblocked(self):
        def slow(answer):
            if answer.is_data and front.count("/data/") > known:
                answer.bytes_per_second = 2000
        front = Relay(self.scope, self.server.address)
        known = 1 << 30
        node = self.node(front.url)
        run("ls", "-lR", os.path.join(node.path, "bin"), os.path.join(node.path, "lib"))
        # From here on everything but the trigger's own object comes at a crawl.
        known = front.count("/data/") + 2
        front.fault = slow
        start = time.monotonic()
        expect_equal(node.read("bin/start"), FILES["bin/start"], "the trigger")
        expect(time.monotonic() - start < 2, "the trigger took %.1f s" % (time.monotonic() - start))
        front.stop()
        node.close()

    def hostile(self):
        good = {"name": "CVMFS_BUNDLE", "version": "1.0.0", "encoding": "UTF-8", "dependencies": ["/lib/one"]}
        cases = [b"", b"no json", b"[" * 100_000, json.dumps({**good, "version": "9"}).encode(),
                 json.dumps({**good, "dependencies": ["/../../etc/passwd"]}).encode(),
                 json.dumps({**good, "dependencies": ["lib/one"]}).encode(),
                 json.dumps({**good, "dependencies": ["/a" * 40_000]}).encode(),
                 json.dumps({**good, "dependencies": 7}).encode(), b"\xff\xfe\x00"]
        for case in cases:
            self.with_bundle(case)
            node = self.node(self.server.url)
            expect_equal(node.read("bin/start"), FILES["bin/start"], "the trigger")
            wait_until("the log says so", lambda: "no files are fetched ahead" in node.log(), 10)
            expect_equal(node.read("deep/large"), FILES["deep/large"], "another file")
            node.close()
        # What is not there is passed over, and what is there is fetched.
        self.with_bundle(json.dumps({**good, "dependencies": ["/nothing", "/lib", "/deep", "/lib/one"]}).encode())
        node = self.node(self.server.url)
        node.read("bin/start")
        wait_until("the rest is fetched", lambda: "1 of 1 objects of 4 files, 1 of which" in node.log(), 10)
        node.close()
