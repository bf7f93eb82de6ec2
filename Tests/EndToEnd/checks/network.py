# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""What a node does when the network, a proxy or a server is not well: another way, or an error in bounded time, never wrong bytes."""
import errno
import hashlib
import os
import re
import shutil
import socket
import subprocess
import threading
import time

from checks import bundles, transport
from checks.librarian import archive, repo
from fixtures import relay as faults
from fixtures.images import push_by_layout
from fixtures.mount import Mount
from fixtures.network import Line
from fixtures.pushes import push_image
from fixtures.relay import LongLine, Relay
from fixtures.server import REPOSITORY, Server
from fixtures.site import Scope, free_port, run, wait_until
from fixtures.verdict import Failed, Skipped, expect, expect_equal

NAME = "corpus/weird"
# What makes failures quick.
HASTY = ["CVMFS_TIMEOUT=2", "CVMFS_TIMEOUT_DIRECT=2", "CVMFS_MAX_RETRIES=0"]


def checks(site):
    with Scope("network") as scope:
        server = Server(site, scope)
        push_by_layout(site.layout("weird"), "1-gzip", server, NAME)
        server.wait_published(NAME, "1-gzip")
        world = World(site, scope, server)
        yield "a dead proxy: its group goes on, then the next group, then directly", world.dead_proxy
        yield "a proxy that dies while it is used: no read fails", world.dying_proxy
        yield "a proxy at one of two addresses of its name is found", world.addresses
        yield "a proxy that damages: the next one is used, and the log says so", lambda: world.lying(faults.wrong_bytes)
        yield "a proxy that cuts answers short: the same", lambda: world.lying(faults.cut_short)
        yield "a proxy that cuts them without a sign: the same", lambda: world.lying(faults.cut_without_length)
        yield "a proxy that hangs up: the same", lambda: world.lying(faults.hang_up)
        yield "a proxy that trickles: the same", lambda: world.lying(faults.trickle)
        yield "a proxy that cannot reach the server: the same", lambda: world.lying(faults.squid_error)
        yield "a poisoned cache is passed by, and goes on being used", world.poisoned
        yield "a damaged object on the server takes no proxy away", world.damaged_object
        yield "a cache that keeps an old revision does not hold up a new one", world.stale
        yield "a dead server: the next one is asked", world.dead_server
        yield "a server that says 404 or 500: the next one is asked", world.empty_server
        yield "nobody there: errors at once, what is cached is read, and it recovers by itself", world.nobody
        yield "a line that swallows everything: errors in bounded time, and it recovers by itself", world.cut
        yield "names that do not resolve: the proxies with addresses are used", world.no_names
        yield "5 % of the packets lost: everything is right", world.loss
        yield "a round trip of 100 ms: everything is right, and fetched side by side", world.far
        yield "a round trip of 100 ms: a program that is read brings its libraries with it", world.libraries
        yield "a clock that is wrong: refused, and told why", world.clock
        yield "revisions as fast as they come, with readers: no error", world.storm
        yield "60 large reads over a slow line do not hold up a small one", world.queue
        yield "https with a certificate of the site, over HTTP/2", world.secure
        yield "a server and a group of proxies are changed by hand", world.by_hand
        yield "proxies are set by hand: the groups, those of last resort, and the name server", world.set_by_hand
        yield "redirections are followed if they may be", world.redirected
        yield "the bandwidth stays below its limit", world.bandwidth
        yield "servers are sorted by their distance, also without a network", world.distances
        yield "proxies from a proxy file, also without a network", world.proxy_file


def read(path):
    with open(path, "rb") as f:
        return f.read()


def digest_of(tree):
    """One digest over names and contents of a tree."""
    total = hashlib.sha256()
    for directory, names, files in os.walk(tree):
        names.sort()
        for name in sorted(files):
            path = os.path.join(directory, name)
            if os.path.isfile(path) and not os.path.islink(path):
                total.update(os.fsencode(os.path.relpath(path, tree)) + b"\0" + hashlib.sha256(read(path)).digest())
    return total.hexdigest()


def path_of(name):
    """Where a server has the object of a hash, without what stands behind it."""
    name = name.strip("\0\n").split("-")[0]
    return "/data/%s/%s" % (name[:2], name[2:])


def fails_within(seconds, path):
    start = time.monotonic()
    try:
        data = read(path)
    except OSError as e:
        took = time.monotonic() - start
        expect(e.errno == errno.EIO, "the error is %s" % errno.errorcode.get(e.errno, e.errno))
        expect(took < seconds, "the error took %.1f s" % took)
        return took
    raise Failed("%s could be read: %d bytes" % (path, len(data)))


class NameServer:
    """Answers questions for IPv4 addresses out of a table, and says of all other names that there are none."""

    def __init__(self, scope, table, address="127.0.0.77"):
        self.table, self.asked, self.address = table, [], address
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.socket.bind((self.address, 53))
        except OSError as e:
            raise Skipped("nobody can listen at %s:53: %s" % (self.address, e))
        scope.defer(self.socket.close)

    def __enter__(self):
        threading.Thread(target=self.run, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.close()

    def run(self):
        while True:
            try:
                question, sender = self.socket.recvfrom(512)
            except OSError:
                return
            labels, at = [], 12
            while question[at]:
                labels.append(question[at + 1:at + 1 + question[at]].decode())
                at += 1 + question[at]
            name, kind, end = ".".join(labels), question[at + 1:at + 3], at + 5
            self.asked.append(name)
            address = self.table.get(name)
            answers = []
            if address and kind == b"\0\1":
                answers = [b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(address)]
            flags = b"\x81\x80" if address else b"\x81\x83"
            self.socket.sendto(question[:2] + flags + b"\0\1" + len(answers).to_bytes(2, "big") + bytes(4)
                               + question[12:end] + b"".join(answers), sender)


class World:
    """A published image, and nodes that get at it in many ways."""

    def __init__(self, site, scope, server):
        self.site, self.scope, self.server = site, scope, server
        self.number = 0
        mount = self.mount()
        self.want = digest_of(self.tree(mount))
        self.samples = {name: read(self.tree(mount) + "/size/" + name) for name in ("same-1", "4096", "4097")}
        mount.unmount()

    def mount(self, *options, base=None, proxy=None, **more):
        """Fetches nothing ahead unless the options say so: most checks want files that were not fetched."""
        self.number += 1
        options = ("neighbours=off",) + options
        if proxy is not None:
            options += ("CVMFS_HTTP_PROXY=" + proxy,)
        return Mount(self.site, self.scope, self.server, "node%d" % self.number, options=options,
                     base=base and base + "/cvmfs/@fqrn@", **more)

    def relay(self, fault=None, **more):
        return Relay(self.scope, self.server.address, fault=fault, **more)

    def tree(self, mount):
        return mount.link(NAME, "1-gzip")

    def sample(self, mount, name):
        return self.tree(mount) + "/size/" + name

    def is_whole(self, mount):
        expect_equal(digest_of(self.tree(mount)), self.want, "the tree")

    # -- Proxies

    def dead_proxy(self):
        dead, live = "http://127.0.0.1:%d" % free_port(), self.relay()
        for proxy in ("%s|%s" % (dead, live.url), "%s;%s" % (dead, live.url)):
            mount = self.mount(*HASTY, proxy=proxy)
            before = live.count("/data/")
            self.is_whole(mount)
            expect(live.count("/data/") > before, "nothing came through the proxy that lives, with %s" % proxy)
            mount.unmount()
        mount = self.mount(*HASTY, proxy=dead + ";DIRECT")
        self.is_whole(mount)
        mount.unmount()

    def dying_proxy(self):
        first, second = self.relay(), self.relay()
        mount = self.mount(*HASTY, "CVMFS_PROXY_RESET_AFTER=1", proxy="%s|%s" % (first.url, second.url))
        expect_equal(read(self.sample(mount, "4096")), self.samples["4096"], "before")
        used = first if first.count("/data/") else second
        used.stop()
        self.is_whole(mount)
        other = second if used is first else first
        expect(other.count("/data/") > 10, "the other proxy was not used")
        mount.unmount()

    def addresses(self):
        # The name stands for 127.0.0.1 and ::1; only one of them has a proxy.
        live = self.relay()
        mount = self.mount(*HASTY, proxy="http://localhost:%d" % live.port)
        self.is_whole(mount)
        expect(live.count("/data/") > 10, "the proxy was not used")
        mount.unmount()

    def lying(self, fault):
        liar, honest = self.relay(fault), self.relay()
        mount = self.mount(*HASTY, "notifications=off", proxy="%s;%s" % (liar.url, honest.url))
        self.is_whole(mount)
        expect(liar.count() > 0 and honest.count("/data/") > 10, "the proxies were not used")
        expect(honest.url in mount.log(), "the log does not say which proxy is tried: %s" % mount.log()[-600:])
        # One or two objects at a time tell; after that nobody asks it any more.
        expect(liar.count("/data/") < 60, "%d objects were asked of the bad proxy" % liar.count("/data/"))
        mount.unmount()

    def poisoned(self):
        cache = self.relay(faults.poisoned)
        mount = self.mount(*HASTY, "notifications=off", proxy=cache.url)
        self.is_whole(mount)
        expect("past the caches" in mount.log(), "the log does not say so")
        mount.unmount()

    def damaged_object(self):
        first, second = self.relay(), self.relay()
        mount = self.mount(*HASTY, "notifications=off", proxy="%s|%s" % (first.url, second.url))
        path = self.sample(mount, "4097")
        name = os.getxattr(path, "user.hash").decode().strip("\0\n")
        stored = os.path.join(self.server.data, "repositories", REPOSITORY, "data", name[:2], name[2:])
        good = read(stored)
        with open(stored, "r+b") as f:
            f.write(bytes([good[0] ^ 0x55]))
        try:
            fails_within(10, path)
            self.log_is_free_of(mount, "delivers other bytes")
            expect_equal(read(self.sample(mount, "4096")), self.samples["4096"], "another file")
        finally:
            with open(stored, "wb") as f:
                f.write(good)
        expect_equal(read(path), self.samples["4097"], "the repaired file")
        mount.unmount()

    def log_is_free_of(self, mount, words):
        expect(words not in mount.log(), "the log says: %s" % mount.log()[-600:])

    def stale(self):
        kept = {}

        def keep(answer):
            """A cache that keeps the manifest for ever, unless it is told not to."""
            if answer.path.endswith("/.cvmfspublished"):
                if answer.asks_anew:
                    kept["body"] = answer.body
                answer.body = kept.setdefault("body", answer.body)
                answer.length = len(answer.body)

        cache = self.relay(keep)
        mount = self.mount("notifications=off", "refresh=200ms", proxy=cache.url)
        old = kept["body"]
        push_by_layout(self.site.layout("weird"), "1-gzip", self.server, "corpus/second")
        self.server.wait_published("corpus/second", "1-gzip")
        link = mount.link("corpus/second", "1-gzip")
        # The cache does not know better, so the node cannot either, until somebody else asks anew.
        kept["body"] = self.server.get("/cvmfs/%s/.cvmfspublished" % REPOSITORY)[1]
        wait_until("the new revision is seen", lambda: os.path.lexists(link), 10)
        kept["body"] = old
        before = cache.count(".cvmfspublished")
        wait_until("the old one is offered again", lambda: cache.count(".cvmfspublished") > before + 4, 10)
        expect(os.path.lexists(link), "the mount went back")
        expect(kept["body"] != old, "the cache was not told to ask anew")
        mount.unmount()

    # -- Servers

    def dead_server(self):
        dead = "http://127.0.0.1:%d/cvmfs/@fqrn@" % free_port()
        mount = Mount(self.site, self.scope, self.server, "dead-server", options=HASTY,
                      base="%s,%s/cvmfs/@fqrn@" % (dead, self.server.url))
        self.is_whole(mount)
        mount.unmount()

    def empty_server(self):
        def broken(answer):
            answer.status, answer.body, answer.length = 500, b"", 0
        for other in (Relay(self.scope, None), self.relay(broken)):
            mount = Mount(self.site, self.scope, self.server, "empty%d" % other.port, options=HASTY,
                          base="%s/cvmfs/@fqrn@,%s/cvmfs/@fqrn@" % (other.url, self.server.url))
            self.is_whole(mount)
            mount.unmount()

    def nobody(self):
        front = self.relay()
        mount = self.mount(*HASTY, "notifications=off", base=front.url)
        expect_equal(read(self.sample(mount, "same-1")), self.samples["same-1"], "before")
        os.stat(self.sample(mount, "4096"))
        front.stop()
        fails_within(3, self.sample(mount, "4096"))
        start = time.monotonic()
        for _ in range(200):
            fails_within(1, self.sample(mount, "4096"))
        expect(time.monotonic() - start < 5, "200 errors took %.1f s" % (time.monotonic() - start))
        expect_equal(read(self.sample(mount, "same-1")), self.samples["same-1"], "what is cached")
        lines = mount.log().count("\n")
        expect(lines < 250, "the log has %d lines" % lines)
        front.start()
        wait_until("it recovers", lambda: self.can_read(mount, "4096"), 3, 0.05)
        self.is_whole(mount)
        mount.unmount()

    def can_read(self, mount, name):
        try:
            return read(self.sample(mount, name)) == self.samples[name]
        except OSError:
            return False

    def cut(self):
        line = Line(self.scope)
        front = self.relay(host=line.here)
        mount = self.mount(*HASTY, "notifications=off", base=front.url, prefix=line.prefix)
        expect_equal(read(self.sample(mount, "same-1")), self.samples["same-1"], "before")
        os.stat(self.sample(mount, "4096"))
        os.stat(self.sample(mount, "4097"))
        line.cut()
        first = fails_within(8, self.sample(mount, "4096"))
        expect(first > 1, "the line is not cut: the error took %.1f s" % first)
        fails_within(0.5, self.sample(mount, "4097"))
        expect_equal(read(self.sample(mount, "same-1")), self.samples["same-1"], "what is cached")
        line.mend()
        wait_until("it recovers", lambda: self.can_read(mount, "4096"), 15, 0.2)
        self.is_whole(mount)
        mount.unmount()

    def no_names(self):
        line = Line(self.scope)
        # Questions to name servers go to the line's end, where nobody answers.
        line.inside("ip", "route", "add", "default", "via", line.here)
        proxy = self.relay(host=line.here)
        start = time.monotonic()
        mount = self.mount(*HASTY, "CVMFS_DNS_TIMEOUT=1", "CVMFS_DNS_RETRIES=0", "notifications=off",
                           proxy="http://proxy.wharf.invalid:3128;" + proxy.url, prefix=line.prefix)
        self.is_whole(mount)
        expect(time.monotonic() - start < 60, "it took %.0f s" % (time.monotonic() - start))
        mount.unmount()
        self.number += 1
        start = time.monotonic()
        try:
            self.mount(*HASTY, "CVMFS_DNS_TIMEOUT=1", "CVMFS_DNS_RETRIES=0",
                       proxy="http://proxy.wharf.invalid:3128", prefix=line.prefix)
        except Exception as e:
            text = getattr(e, "stderr", b"").decode()
            expect("proxy.wharf.invalid" in text, "the message does not name the proxy: %s" % text)
            expect(time.monotonic() - start < 20, "the error took %.0f s" % (time.monotonic() - start))
            return
        raise Failed("it was mounted without a proxy")

    # -- Lines

    def loss(self):
        line = Line(self.scope)
        line.lose(0.05)
        front = self.relay(host=line.here)
        mount = self.mount("notifications=off", base=front.url, prefix=line.prefix)
        self.is_whole(mount)
        mount.unmount()

    def far(self):
        front = self.relay()
        line = LongLine(self.scope, (front.host, front.port), 0.05)
        mount = self.mount("notifications=off", "neighbours=on", base=line.url)
        directory = self.tree(mount) + "/size"
        names = sorted(n for n in os.listdir(directory) if os.path.isfile(os.path.join(directory, n)))
        start = time.monotonic()
        read_together([os.path.join(directory, name) for name in names])
        took, fetched = time.monotonic() - start, front.count("/data/")
        expect(took < 0.1 * fetched, "%d objects took %.1f s: one after the other" % (fetched, took))
        self.is_whole(mount)
        mount.unmount()

    def libraries(self):
        program = shutil.which("squid", path="/usr/sbin:/usr/bin")
        if program is None:
            raise Skipped("there is no squid, which is read as a program with many libraries")
        needed = re.findall(r"(\S+) => (/\S+)", run("ldd", program).stdout.decode())
        place = "usr/lib/%s-linux-gnu/" % os.uname().machine
        push_image(self.server, "far/program", "1", [("usr/sbin/program", read(program))]
                   + [(place + name, read(os.path.realpath(path))) for name, path in needed], mode=0o755)
        self.server.wait_published("far/program", "1")
        front = self.relay()
        line = LongLine(self.scope, (front.host, front.port), 0.05)
        mount = self.mount("notifications=off", "neighbours=on", base=line.url)
        top = mount.link("far/program", "1")
        small = [name for name, path in needed if os.path.getsize(path) < 1 << 20]
        expect(len(small) > 10, "%s has few libraries: %s" % (program, needed))
        objects = [os.getxattr(os.path.join(top, place, name), "user.hash").decode() for name in small]
        expect(not any(front.count(path_of(one)) for one in objects), "libraries came before the program was read")
        with open(top + "/usr/sbin/program", "rb") as f:
            f.read(1)
        wait_until("all libraries are fetched", lambda: all(front.count(path_of(one)) for one in objects), 30)
        for name, path in needed:
            expect(read(os.path.join(top, place, name)) == read(path), "%s is another one" % name)
        mount.unmount()

    # -- Time

    def clock(self):
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            raise Skipped("there is no C compiler, to make a wrong clock with")
        source, library = self.scope.path + "/clock.c", self.scope.path + "/clock.so"
        with open(source, "w") as f:
            f.write("#define _GNU_SOURCE\n#include <time.h>\n#include <sys/syscall.h>\n#include <unistd.h>\n"
                    "time_t time(time_t *t) { struct timespec s; syscall(SYS_clock_gettime, CLOCK_REALTIME, &s);"
                    " time_t n = s.tv_sec + 100 * 86400; if (t) *t = n; return n; }\n")
        run(compiler, "-shared", "-fPIC", "-O1", "-o", library, source)
        try:
            self.mount(environment={"LD_PRELOAD": library})
        except Exception as e:
            text = getattr(e, "stderr", b"").decode()
            expect("expired" in text and "clock" in text, "the message says: %s" % text)
            return
        raise Failed("it was mounted a hundred days from now")

    def storm(self):
        front = self.relay()
        mount = self.mount("refresh=100ms", base=front.url)
        self.is_whole(mount)
        errors, rounds, is_over = [], [0], threading.Event()

        def look():
            while not is_over.is_set():
                try:
                    if digest_of(self.tree(mount)) != self.want:
                        errors.append("the tree is another one")
                    os.listdir(mount.path)
                    rounds[0] += 1
                except OSError as e:
                    errors.append(str(e))
        readers = [threading.Thread(target=look) for _ in range(3)]
        for reader in readers:
            reader.start()
        try:
            for number in range(12):
                push_by_layout(self.site.layout("weird"), "1-gzip", self.server, "storm/n%d" % number)
            self.server.wait_published("storm/n11", "1-gzip")
            wait_until("the last revision is seen",
                       lambda: os.path.lexists(mount.link("storm/n11", "1-gzip")), 20)
        finally:
            is_over.set()
            for reader in readers:
                reader.join()
        expect(not errors, "readers saw: %s" % errors[:3])
        expect(rounds[0] >= 3, "the readers read %d times" % rounds[0])
        mount.unmount()

    # -- Queues and limits

    def queue(self):
        def slow(answer):
            if answer.is_data and len(answer.body) > 300_000:
                answer.bytes_per_second = 100_000
        with Scope("network-queue") as scope:
            data = os.path.join(scope.path, "data")
            repo(self.site, "create", bundles.NAME, "--data", data)
            files = [("large%d" % n, os.urandom(4 << 20)) for n in range(20)] + [("small%d" % n, b"%d" % n) for n in range(5)]
            repo(self.site, "ingest", bundles.NAME, "--data", data, "--tar",
                 archive(os.path.join(scope.path, "files.tar.gz"), files))
            server = Server(self.site, scope)
            front = Relay(scope, server.address, fault=slow)
            node = bundles.Node(self.site, scope, server, front.url, "node")
            os.listdir(node.path)
            for number in range(60):
                path, offset = os.path.join(node.path, "large%d" % (number % 20)), number // 20 << 20
                threading.Thread(target=self.try_to_read, args=(path, offset), daemon=True).start()
            wait_until("as many large transfers run as may", lambda: front.count("/data/") >= 12, 20)
            for number in range(5):
                start = time.monotonic()
                expect_equal(node.read("small%d" % number), b"%d" % number, "a small file")
                took = time.monotonic() - start
                expect(took < 2, "a small file took %.1f s" % took)
            front.stop()

    @staticmethod
    def try_to_read(path, offset):
        try:
            with open(path, "rb") as f:
                f.seek(offset)
                f.read(4096)
        except OSError:
            pass  # the end of the check cuts it

    def secure(self):
        with Scope("network-tls") as scope:
            transport.make_certificate(scope, "first")
            transport.install(scope, "first")
            data = os.path.join(scope.path, "data")
            repo(self.site, "create", bundles.NAME, "--data", data)
            path = archive(os.path.join(scope.path, "files.tar.gz"), [("file%d" % n, b"%d\n" % n) for n in range(50)])
            repo(self.site, "ingest", bundles.NAME, "--data", data, "--tar", path)
            server = transport.SecureServer(self.site, scope, settings={
                "WHARF_TLS_CERTIFICATE_FILE": transport.path(scope, "tls.pem"),
                "WHARF_TLS_KEY_FILE": transport.path(scope, "tls.key")})
            base = "https://" + server.address
            node = bundles.Node(self.site, scope, server, base, "node", "ca-file=" + transport.path(scope, "first.pem"))
            read_together([os.path.join(node.path, "file%d" % number) for number in range(50)])
            expect_equal(node.read("file7"), b"7\n", "a file")
            # By HTTP/1.1 as many would be kept as there were requests at a time.
            count = connections_to(int(server.address.split(":")[1]))
            expect(count <= 2, "%d connections are open" % count)
            node.close()
            try:
                bundles.Node(self.site, scope, server, base, "untrusting")
            except subprocess.CalledProcessError as e:
                expect(b"certificate" in e.stderr.lower(), "the message is %s" % e.stderr)
                return
            raise Failed("a certificate that nobody vouches for was accepted")

    def by_hand(self):
        first, second = self.relay(), self.relay()
        mount = self.mount("notifications=off", proxy="%s;%s" % (first.url, second.url))
        expect_equal(read(self.sample(mount, "4096")), self.samples["4096"], "before")
        expect(first.count("/data/") > 0 and second.count() == 0, "the wrong proxy is used")
        run(self.site.wharf, "client", "talk", mount.path, "proxy", "group", "switch")
        expect(second.url in run(self.site.wharf, "client", "talk", mount.path, "proxy", "info").stdout.decode()
               .splitlines()[-1], "the answer tells of another proxy")
        expect_equal(read(self.sample(mount, "4097")), self.samples["4097"], "after")
        expect(second.count("/data/") > 0, "the other proxy is not used")
        mount.unmount()

    def set_by_hand(self):
        def ask(*words):
            return run(self.site.wharf, "client", "talk", mount.path, *words, check=False).stdout.decode().strip()
        first, second, third = self.relay(), self.relay(), self.relay()
        dead = "http://127.0.0.1:%d" % free_port()
        mount = self.mount(*HASTY, "notifications=off", proxy=first.url)
        expect_equal(ask("proxy", "set", second.url + "; " + dead), "OK", "the answer to 'proxy set'")
        expect_equal(ask("proxy", "info").splitlines(), [
            "Load-balance groups:", "  [0] " + second.url, "  [1] " + dead, "Active proxy: " + second.url], "proxies")
        before = first.count()
        expect_equal(read(self.sample(mount, "4096")), self.samples["4096"], "a file through the proxy that was set")
        expect(second.count("/data/") > 0 and first.count() == before, "the wrong proxy is used")
        expect_equal(ask("proxy", "set", dead), "OK", "the answer to 'proxy set'")
        expect_equal(ask("proxy", "fallback", third.url), "OK", "the answer to 'proxy fallback'")
        expect_equal(read(self.sample(mount, "4097")), self.samples["4097"], "a file through the proxy of last resort")
        expect(third.count("/data/") > 0, "the proxy of last resort is not used")
        # A name that only a name server of its own knows.
        with NameServer(self.scope, {"cache.site.example": "127.0.0.1"}) as names:
            expect(ask("nameserver", "get").startswith("the system's"), "the name server: %s" % ask("nameserver", "get"))
            expect_equal(ask("nameserver", "set", names.address), "OK", "the answer to 'nameserver set'")
            expect_equal(ask("nameserver", "get"), names.address, "the name server")
            expect_equal(ask("proxy", "fallback", "DIRECT"), "OK", "the answer to 'proxy fallback DIRECT'")
            expect_equal(ask("proxy", "set", "http://cache.site.example:%d" % first.port), "OK", "the answer to 'proxy set'")
            before = first.count("/data/")
            self.is_whole(mount)
            expect(first.count("/data/") > before and names.asked, "the proxy that is known by name is not used")
            mount.unmount()
        with NameServer(self.scope, {"cache.site.example": "127.0.0.1"}, "::1") as names:
            named = self.mount(*HASTY, "notifications=off", "CVMFS_DNS_SERVER=" + names.address,
                               proxy="http://cache.site.example:%d" % second.port)
            self.is_whole(named)
            expect(names.asked, "the name server with an address of the sixth version was not asked")
            named.unmount()

    def redirected(self):
        def elsewhere(answer):
            if answer.is_data:
                answer.status, answer.body, answer.length = 302, b"", 0
                answer.extra["Location"] = self.server.url + answer.path
        front = self.relay(elsewhere)
        mount = self.mount(*HASTY, "CVMFS_FOLLOW_REDIRECTS=yes", base=front.url)
        self.is_whole(mount)
        mount.unmount()
        try:
            self.mount(*HASTY, base=front.url)
        except Exception as e:
            expect("302" in getattr(e, "stderr", b"").decode(), "the message is another one")
            return
        raise Failed("a redirection was followed without leave")

    def bandwidth(self):
        def count(answer):
            with front.lock:
                sizes.append(len(answer.body))
        sizes, front = [], self.relay()
        front.fault = count
        start = time.monotonic()
        mount = self.mount("notifications=off", "bandwidth=10MB/s", base=front.url)
        self.read_some(mount, 20_000_000, sizes)
        took = time.monotonic() - start
        rate = sum(sizes) / took
        expect(sum(sizes) > 15_000_000, "only %d bytes were moved" % sum(sizes))
        expect(rate < 12_000_000, "%.0f bytes a second" % rate)
        mount.unmount()

    def read_some(self, mount, limit, sizes):
        for directory, _, names in os.walk(self.tree(mount)):
            for name in names:
                path = os.path.join(directory, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    read(path)
                if sum(sizes) > limit:
                    return

    # -- Discovery

    def distances(self):
        def tells(answer):
            if "/api/v1.0/geo/" in answer.path:
                answer.status, answer.body = 200, b"2,1\n"
                answer.length = len(answer.body)
        first, second = self.relay(tells), self.relay(tells)
        base = "%s/cvmfs/@fqrn@,%s" % (first.url, second.url)
        mount = self.mount("CVMFS_USE_GEOAPI=yes", base=base)
        self.is_whole(mount)
        expect(second.count("/data/") > 10 and first.count("/data/") == 0, "the order is another one")
        mount.unmount()
        asked = first.count("/geo/") + second.count("/geo/")
        expect_equal(asked, 1, "questions")
        mount.mount()
        self.is_whole(mount)
        expect_equal(first.count("/geo/") + second.count("/geo/"), asked, "questions after the second mount")
        mount.unmount()

    def proxy_file(self):
        proxy = self.relay()
        teller = Relay(self.scope, None)

        def tell(answer):
            answer.status, answer.body = 200, (
                b"function FindProxyForURL(url, host) {\n  if (isPlainHostName(host)) return 'DIRECT';\n"
                b"  return 'PROXY %s; DIRECT'; }" % proxy.address.encode())
            answer.length = len(answer.body)
        teller.fault = tell
        environment = {"CVMFS_PAC_URLS": teller.url + "/proxy.pac", "http_proxy": ""}
        mount = self.mount("notifications=off", proxy="auto", environment=environment)
        self.is_whole(mount)
        expect(proxy.count("/data/") > 10, "the proxy was not used")
        mount.unmount()
        teller.stop()
        before = proxy.count()
        mount.mount()
        self.is_whole(mount)
        expect(proxy.count() > before, "the proxy was not used the second time")
        mount.unmount()


def connections_to(port):
    """How many connections of this machine to a port of the loopback are open."""
    with open("/proc/net/tcp") as f:
        rows = [line.split() for line in f.readlines()[1:]]
    return sum(row[2].endswith(":%04X" % port) and row[3] == "01" for row in rows)


def read_together(paths):
    """Reads files by as many threads, and raises what the first one raised."""
    failures = []

    def one(path):
        try:
            read(path)
        except OSError as e:
            failures.append(e)
    threads = [threading.Thread(target=one, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
