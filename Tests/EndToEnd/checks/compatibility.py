# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Repositories beside the description of their format: a reader that shares no code with Wharf stands in for the stock
client and its check. It is tried on what the stock server wrote and on planted faults, then on what Wharf writes."""
import contextlib
import hashlib
import http.client
import io
import itertools
import json
import os
import random
import re
import shutil
import stat
import tarfile
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

from fixtures import stock_faults, stock_miniature
from fixtures.images import push_by_layout
from fixtures.library import Library
from fixtures.mount import Mount
from fixtures.pushes import MANIFEST, digest_of, push_blob, push_image, push_manifest
from fixtures.random_tree import RandomTree
from fixtures.server import REPOSITORY, Server
from fixtures.site import Scope, corpus_tool, run, wait_until
from fixtures.stock_forger import Forger, Keys
from fixtures.stock_letters import read_manifest
from fixtures.stock_listing import expanded, mtree, rows
from fixtures.stock_objects import ALGORITHMS, text_of
from fixtures.stock_reader import StockReader
from fixtures.stock_rows import attributes, path_key
from fixtures.trees import COLUMNS, Said, compare, expected, load, mounted
from fixtures.unpacked_layout import UnpackedLayout
from fixtures.verdict import Failed, expect, expect_equal

from checks.collection import GRACES, collect
from checks.layout import admin

GOLDEN = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "Fixtures", "golden")
SETS = ("basic", "chunked", "ingested", "shake128", "uncompressed")
PROFILES = ("fast", "compact", "identical")
# Each profile and each algorithm once; the usual ones first.
SERVERS = (("compact", "shake128"), ("fast", "sha1"), ("identical", "rmd160"))
# An image with something of everything is pushed to every server.
IMAGES = (("tiny", "1"), ("weird", "1"), ("weird", "lower-link"), ("weird", "names"), ("weird", "xattrs"),
          ("weird", "numbers"), ("weird", "order"))
# The second one takes a file and all that was in a directory.
LAYERS = (("d/", "d/x", "etc/", "etc/base", "etc/gone"), ("d/", "d/.wh..wh..opq", "d/y", "etc/", "etc/.wh.gone"))
EMPTY = "e8ec3d88b62ebf526e4e5a4ff6162a3aa48a6b78"
# What `wharf repo check`, which looks at the newest revision alone, says nothing of.
BEYOND_OUR_CHECK = {
    "a revision that leaps in a nested catalog", "a nested catalog that names another one before it",
    "a tag of another revision", "a tag of another size", "a trunk that is not the head",
    "a log of references without an old root", "a reference to what is not there"}


def checks(site):
    with Scope("compatibility") as scope:
        yield "the reader's keys, names and attributes are those of the description", vectors
        for name in SETS:
            yield "what the stock server wrote (%s) has no fault, and reads as the stock client shows it" % name, (
                lambda: golden(scope, name))
        keys = Keys(scope.directory("keys"))
        yield "what is only signed anew has no fault, nor has the description's miniature", lambda: forged(scope, keys)
        for what in ("catalogs", "store", "letters", "records"):
            yield "the reader and wharf repo check find every fault that is planted: %s" % what, lambda: planted(
                site, scope, keys, getattr(stock_faults, what.upper()))
        archives = write_archives(scope)
        for profile in PROFILES:
            for algorithm in ALGORITHMS:
                yield "wharf repo ingest writes as described: %s, %s" % (profile, algorithm), lambda: ingested(
                    site, scope, archives, profile, algorithm)
        for profile in PROFILES:
            yield "equal content has one name: %s" % profile, lambda: one_name(site, scope, profile)
        yield "hard links that come into a directory that is there are groups of their own", lambda: groups(site, scope)
        for profile, algorithm in SERVERS:
            yield from server_checks(site, profile, algorithm)
        yield "at any moment, all that the manifest leads to is there", lambda: live(site)
        yield "also when the server is killed while it publishes", lambda: killed(site)


def push_layers(server, name, layers):
    """An image of layers that name every directory, so that they can be stacked, too."""
    blobs = []
    for names in layers:
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w") as tar:
            for path in names:
                info = tarfile.TarInfo(path.rstrip("/"))
                info.type = tarfile.DIRTYPE if path.endswith("/") else tarfile.REGTYPE
                info.mode, info.mtime = 0o755, 1700000000
                info.size = 0 if "/.wh." in path or info.isdir() else len(path)
                tar.addfile(info, io.BytesIO(path.encode()))
        blobs.append(plain.getvalue())
    config = push_blob(server, name, json.dumps({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(blob) for blob in blobs]}}).encode())
    push_manifest(server, name, "1", {
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": dict(config, mediaType="application/vnd.oci.image.config.v1+json"),
        "layers": [dict(push_blob(server, name, blob), mediaType="application/vnd.oci.image.layer.v1.tar")
                   for blob in blobs]})
    return blobs


def read(path):
    with open(path, "rb") as f:
        return f.read()


def verified(directory, name, keys, **more):
    reader = StockReader(directory, name, keys, **more)
    findings = reader.verify()
    expect(not findings, "%d findings:\n%s" % (len(findings), "\n".join(findings[:25])))
    return reader


# -- The reader itself

def vectors():
    """- Source: the description of the format, chapters J.1, J.2 and J.3."""
    for path, key in (("", (338333539836370388, 9098107892288553193)),
                      ("/foo", (5745132282796244766, -5819618580357280866)),
                      ("/data/été.txt", (-4641551152887808877, 1846291129434185403))):
        expect_equal(path_key(path.encode()), key, "the key of %r" % path)
    packed = zlib.compress(b"hello world\n")
    for algorithm, text in (("sha1", "ff049c626904064d641feca0e9936e5b211807c6"),
                            ("rmd160", "100b60cb4cda089e58ccc0544cf55f7f3a543a87-rmd160"),
                            ("shake128", "ff338ab3cdd35a16eaf746dbbf97ca8b715f478a-shake128")):
        expect_equal(text_of(packed, algorithm), text, algorithm)
    blob = bytes.fromhex("01020601757365722e61310601757365722e6232")
    expect_equal(attributes(blob), [(b"user.a", b"1"), (b"user.b", b"2")], "attributes")
    expect_equal(attributes(blob[:-1]), None, "attributes that are cut off")


def unpacked(scope, name):
    """The directory of a golden repository, and its public key."""
    place = os.path.join(scope.path, name)
    if not os.path.isdir(place):
        run("tar", "--zstd", "-xf", os.path.join(GOLDEN, name + ".tar.zst"), "-C", scope.path)
    return os.path.join(place, "cvmfs", name + ".example.org"), os.path.join(place, name + ".example.org.pub")


def sound(scope, name):
    """A golden repository in which nothing was found."""
    directory, key = unpacked(scope, name)
    return verified(directory, name + ".example.org", [read(key)])


def golden(scope, name):
    reader = sound(scope, name)
    expect_equal(reader.unreferenced(), [], "objects that nothing leads to")
    expectations = os.path.join(scope.path, name, "expect")
    for listing in sorted(os.listdir(expectations)):
        if listing.endswith(".mtree"):
            tag = listing.split(".")[1]
            want = read(os.path.join(expectations, listing)).decode().splitlines()
            got = mtree(reader.walk(reader.tags[tag].text if tag in reader.tags else None))
            differing = sorted(set(want) ^ set(got))
            expect(want == got, "%s: %d lines differ: %s" % (tag, len(differing), differing[:6]))


# -- Planted faults

def forge(scope, keys, name, plant, place="sealed"):
    """A copy of a golden repository with a fault in it."""
    source, _ = unpacked(scope, name)
    directory = os.path.join(scope.path, "forged", place, name + ".example.org")
    shutil.rmtree(directory, ignore_errors=True)
    plant(Forger(source, name + ".example.org", directory, keys))
    return directory


def forged(scope, keys):
    for name in ("basic", "chunked", "shake128", "uncompressed"):
        verified(forge(scope, keys, name, lambda forger: forger.seal()), name + ".example.org", [keys.public])
    reader = verified(forge(scope, keys, "basic", stock_miniature.write), "basic.example.org", [keys.public])
    tree = rows(reader.walk())
    expect_equal(sorted(tree), [b"", b"big.bin", b"dir", b"hello.txt", b"link", b"null", b"sub", b"sub/.cvmfscatalog",
                                b"sub/a", b"sub/b", b"sub/pipe"], "paths")
    expect_equal(tree[b"sub/b"][-1], "=./sub/a", "the group")
    expect_equal(tree[b"null"][5], "1,3", "the device")


def planted(site, scope, keys, faults):
    """Both verifiers on each fault; ours may leave some to the other one."""
    key, missed, missed_by_wharf = os.path.join(scope.path, "forged.pub"), [], set()
    with open(key, "wb") as f:
        f.write(keys.public)
    originals = {name: sound(scope, name) for name in {fault[1] for fault in faults}}

    def look(fault):
        what, name, rule, plant = fault
        directory = forge(scope, keys, name, plant, place="%x" % id(fault))
        earlier = None if faults is stock_faults.STORE else originals[name]
        reader = StockReader(directory, name + ".example.org", [keys.public], earlier=earlier)
        if earlier:  # the other objects are the golden ones, and their catalogs are well
            reader.catalogs.known.update(earlier.catalogs.known)
        findings = reader.verify()
        if not any(line.startswith(rule + " ") for line in findings):
            missed.append("%s (%s): %s" % (what, rule, findings[:3]))
        # Reading every object takes its time, and is needed for what is wrong with one.
        objects = ["--objects"] if rule in ("A.2", "A.5", "C.7", "C.19") else []
        done = run(site.wharf, "repo", "check", directory, "--public-key", key, *objects, check=False)
        expect(done.returncode in (0, 1), "%s: status %d: %r" % (what, done.returncode, done.stderr))
        if done.returncode == 0:
            missed_by_wharf.add(what)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(look, faults))
    expect(not missed, "not found:\n" + "\n".join(missed))
    expect_equal(sorted(missed_by_wharf - BEYOND_OUR_CHECK), [], "what wharf repo check does not find")


# -- What Wharf ingests

def write_archives(scope):
    """A random tree, and another one that brings large files; and the first one as tar unpacks it."""
    first, second, plain = (os.path.join(scope.path, name) for name in ("first.tar", "second.tar", "plain"))
    RandomTree(7, 300).write(first)
    content = random.Random(8)
    with tarfile.open(second, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in (("zeros", bytes(5_000_000)), ("noise", content.randbytes(5_000_001)), ("empty", b""),
                           ("text", b"a line of some text\n" * 300_000), ("two-mib", content.randbytes(2 << 20))):
            info = tarfile.TarInfo("large/" + name)
            info.size, info.mtime = len(data), 1700000000
            tar.addfile(info, io.BytesIO(data))
    os.mkdir(plain)
    run("tar", "--xattrs", "--xattrs-include=*", "--same-owner", "--delay-directory-restore", "-p", "-xf", first,
        "-C", plain)
    return first, second, load(corpus_tool("rootfs-manifest", "--full-xattrs", plain).stdout)


def ingested(site, scope, archives, profile, algorithm):
    first, second, plain = archives
    name = "%s-%s.example.org" % (profile, algorithm)
    library = Library(site, scope, name, "--profile", profile, "--hash", algorithm)
    keys = [read(library.key)]
    numbers = [numbers_of(verified(library.base, library.name, keys))]
    steps = ((first, "/c"), (second, "/a/b"), (first, "/d", "--delete", "/a/b/large/text"))
    for archive, base, *options in steps if (profile, algorithm) in SERVERS else steps[:2]:
        library.ingest(archive, base, *options)
        reader = verified(library.base, library.name, keys)
        numbers.append(numbers_of(reader))
    expect(all(old[0] < new[0] and old[1] <= new[1] for old, new in zip(numbers, numbers[1:])),
           "revisions and times: %s" % numbers)
    entries = list(reader.walk())
    equal(plain, rows(entries, b"/c"), is_archive=True)
    expect_equal({name[40:].rstrip("CHMPX") for name in reader.objects.stored}, {
        "" if algorithm == "sha1" else "-" + algorithm}, "algorithms of the objects")
    expect(any(len(entry.objects) > 1 for entry in entries), "no file is in chunks")
    if profile == "identical":
        # Of catalogs nothing is gained: no two publishers write the same rows at the same time.
        for entry in entries:
            for name in entry.objects if not entry.path.endswith(b"/.cvmfscatalog") else ():
                stored = read(reader.objects.path(name))
                expect(zlib.compress(zlib.decompress(stored)) == stored, "%s is not as zlib packs it" % name)
    if (profile, algorithm) == SERVERS[0]:
        mount = Mount.of(library, site, scope)
        equal(rows(entries), mounted(mount.path))
        mount.unmount()


def one_name(site, scope, profile):
    """Also where it is the publisher's own. Source: the description of the format, chapter A.5."""
    archive = os.path.join(scope.path, "empty.tar")
    with tarfile.open(archive, "w") as tar:
        tar.addfile(tarfile.TarInfo("empty"), io.BytesIO())
    library = Library(site, scope, profile + ".example.org", "--profile", profile, "--hash", "sha1")
    library.ingest(archive, "/a")
    entries = {entry.path: entry for entry in verified(library.base, library.name, [read(library.key)]).walk()}
    expect_equal(entries[b"/a/.cvmfscatalog"].objects, entries[b"/a/empty"].objects, "the objects of two empty files")
    if profile == "identical":
        expect_equal(entries[b"/a/empty"].objects, (EMPTY,), "the object of the empty file")


def groups(site, scope):
    """One in a directory, and one in a directory below whose name comes first; over a tree that has both already.
    Source: the description of the format, chapter C.8."""
    archive = os.path.join(scope.path, "links.tar")
    with tarfile.open(archive, "w") as tar:
        for path, target in (("c/a", None), ("c/b", "c/a"), ("x", None), ("y", "x")):
            info = tarfile.TarInfo(path)
            info.type, info.linkname = (tarfile.LNKTYPE, target) if target else (tarfile.REGTYPE, "")
            info.size = 0 if target else len(path)
            tar.addfile(info, io.BytesIO(path.encode()))
    library = Library(site, scope, "links.example.org")
    for _ in range(2):
        library.ingest(archive, "/t")
        tree = rows(verified(library.base, library.name, [read(library.key)]).walk(), b"/t")
        expect_equal([tree[path][-1] for path in (b"c/b", b"y")], ["=./c/a", "=./x"], "the groups")


def numbers_of(reader):
    """What only grows: revision and time."""
    return int(reader.manifest["S"]), int(reader.manifest["T"])


def equal(want, got, is_archive=False):
    """Two trees, entry by entry; an archive says nothing of its root, nor of marks of catalogs."""
    if is_archive:
        want, got = ({path: columns for path, columns in tree.items() if path and not path.endswith(b".cvmfscatalog")}
                     for tree in (want, got))
    expect_equal(sorted(got.keys() ^ want.keys())[:10], [], "paths in one tree only")
    faults = ["%r: %s %s -> %s" % (path, column, wanted[:90], found[:90]) for path, columns in want.items()
              for column, wanted, found in zip(COLUMNS, columns, got[path]) if wanted != found]
    expect(not faults, "%d differences:\n%s" % (len(faults), "\n".join(faults[:20])))


# -- What a server publishes

def server_checks(site, profile, algorithm):
    with Scope("compatible") as scope:
        data = os.path.join(scope.path, "data")
        run(site.wharf, "repo", "create", REPOSITORY, "--data", data, "--profile", profile, "--hash", algorithm)
        is_first = (profile, algorithm) == SERVERS[0]
        images = IMAGES + ((("python", "1"),) if site.is_long and is_first else ())
        settings = dict(GRACES, WHARF_GC_OBJECT_GRACE="1s", WHARF_PUBLISHING_SNAPSHOT_COUNT="2")
        server = Server(site, scope, data, settings=settings)
        state = Published(site, server, images)
        kind = "%s, %s" % (profile, algorithm)
        yield "images are published as described: %s" % kind, state.push
        yield "the reader finds the trees of the layers: %s" % kind, state.check_trees
        if is_first:
            yield "a mount shows what the reader reads, byte for byte", lambda: state.check_mount(scope)
            yield "objects and letters are served as clients, caches and replicas expect them", state.check_served
            yield "a repository of a private project is as described", state.check_private
            yield "tags move and go as described", state.move
            yield "what a collection leaves is as described", state.collect


class Published:
    """A server whose repository is verified after each change."""

    def __init__(self, site, server, images):
        self.site, self.server, self.images = site, server, images
        self.directory = os.path.join(server.data, "repositories", REPOSITORY)
        self.reader, self.numbers = None, (0, 0)

    def verify(self, **more):
        self.reader = verified(self.directory, REPOSITORY, [read(self.server.key)], earlier=self.reader, **more)
        numbers = numbers_of(self.reader)
        expect(all(old <= new for old, new in zip(self.numbers, numbers)), "%s after %s" % (numbers, self.numbers))
        self.numbers = numbers
        for name in (".cvmfspublished", ".cvmfswhitelist"):
            status, body, _ = self.server.get("/cvmfs/%s/%s" % (REPOSITORY, name))
            expect_equal((status, body), (200, self.reader.file(name)), name + " as it is served")

    def seen(self):
        """What a client sees that comes now."""
        return verified(self.directory, REPOSITORY, [read(self.server.key)], is_live=True)

    def push(self):
        server, site = self.server, self.site
        admin(site, server, "project", "create", "layers", "--public")
        admin(site, server, "project", "set", "layers", "publish_layers=true")
        for image, tag in self.images:
            push_by_layout(site.layout(image), tag, server, "corpus/" + image)
        push_by_layout(site.layout("index"), "multi", server, "corpus/index")
        push_by_layout(site.layout("tiny"), "1", server, "layers/tiny")
        self.upper = hashlib.sha256(push_layers(server, "layers/app", LAYERS)[-1]).hexdigest()
        push_image(server, "team/large", "1", [("large", random.Random(9).randbytes(9_000_000))])
        push_image(server, "team/app", "1", [("etc/name", b"one\n")])
        for name, tag in [("corpus/" + image, tag) for image, tag in self.images] + [
                ("corpus/index", "multi"), ("layers/tiny", "1"), ("layers/app", "1"), ("team/large", "1"),
                ("team/app", "1")]:
            server.wait_published(name, tag)
        self.verify()

    def check_trees(self):
        entries, server = list(self.reader.walk()), self.server
        layout = UnpackedLayout(self.reader, entries, server.address)
        names = [("corpus/" + image, tag, False) for image, tag in self.images] + [
            ("corpus/index", "multi", True), ("layers/tiny", "1", False), ("layers/app", "1", False),
            ("team/large", "1", False), ("team/app", "1", False)]
        findings = layout.check(names)
        expect(not findings, "%d findings:\n%s" % (len(findings), "\n".join(findings[:25])))
        self.large = set(layout.entries[layout.leads_to("/%s/team/large:1/large" % server.address)].objects)
        upper = "/.layers/%s/%s/layerfs" % (self.upper[:2], self.upper)
        gone, opaque = (layout.entries[upper + path] for path in ("/etc/gone", "/d"))
        expect_equal((stat.S_IFMT(gone.row.mode), gone.row.size), (stat.S_IFCHR, 0), "what a layer deletes")
        expect_equal(opaque.attributes, {b"trusted.overlay.opaque": b"y", b"user.overlay.opaque": b"y"}, "the marks")
        expect(len(self.large) > 1, "the large file is in %d chunks" % len(self.large))
        for image, tag in self.images:
            name, public = "corpus/" + image, "/%s/corpus/%s:%s" % (server.address, image, tag)
            said = Said(server.differences(name, tag), server.status(name, tag)["warnings"],
                        layout.document("/.metadata%s/fidelity.json" % public))
            try:
                compare(expected(self.site.layout(image), tag), rows(entries, layout.leads_to(public).encode()), said)
            except Failed as e:
                raise Failed("%s:%s: %s" % (image, tag, e)) from e

    def check_mount(self, scope):
        want = rows(entry for entry in self.reader.walk())
        mount = Mount(self.site, scope, self.server)
        got = mounted(mount.path)
        for path, columns in want.items():
            if columns[1] == "l" and not path.startswith((b".flat/", b".layers/")):
                columns[8] = expanded(columns[8].encode(), {}).decode()
        equal(want, got)
        mount.unmount()

    def check_served(self):
        """- Source: the description of the format, chapters G.1 and G.4."""
        base = "/cvmfs/%s/" % REPOSITORY
        names = {name[-1] if name[-1] in "CHMPX" else "": name for name in self.reader.objects.stored}
        expect_equal(sorted(names), sorted(("", "C", "H", "M", "P", "X")), "kinds of objects")
        files = {"data/%s/%s" % (name[:2], name[2:]): "application/octet-stream" for name in names.values()}
        files.update((name, "application/x-cvmfs") for name in os.listdir(self.directory) if name.startswith(".cvmfs"))
        for name, kind in files.items():
            status, body, headers = self.server.get(base + name, {"Accept-Encoding": "gzip, deflate, br, zstd"})
            expect_equal((status, body), (200, self.reader.file(name)), name)
            expect_equal((headers["Content-Type"], headers["Content-Encoding"]), (kind, None), name)
            age = re.search(r"max-age=(\d+)", headers["Cache-Control"] or "")
            is_letter = name.startswith(".")
            expect(age and (int(age[1]) <= 61 if is_letter else int(age[1]) >= 259200), "%s: %s" % (name, headers))
        expect_equal(self.server.get(base + "data/00/" + "0" * 38)[0], 404, "status for an object that is not there")

    def check_private(self):
        name = "secret.example.org"
        admin(self.site, self.server, "project", "create", "secret", "--private")
        admin(self.site, self.server, "project", "set", "secret", "publish_repository=" + name)
        push_image(self.server, "secret/app", "1", [("a", b"a secret\n")])
        self.server.wait_published("secret/app", "1")
        keys = [read(os.path.join(self.server.data, "keys", name + ".pub"))]
        verified(os.path.join(self.server.data, "repositories", name), name, keys)

    def move(self):
        server, name = self.server, "team/app"
        for content in (b"two\n", b"three\n"):
            push_image(server, name, "1", [("etc/name", content)])
            push_image(server, name, content.decode().strip(), [("etc/name", content)])
            server.wait_published(name, "1")
            server.wait_published(name, content.decode().strip())
            self.verify()
        server.delete_tag(name, "1")
        server.delete_tag("team/large", "1")
        server.delete_tag("corpus/weird", "names")
        for gone in ("team/app:1", "team/large:1", "corpus/weird:names"):
            wait_until("the link of %s is gone" % gone, lambda: self.lookup(gone) is None, 30)
        expect(self.lookup("team/app:two") and self.lookup("corpus/weird:1"), "links beside them are gone, too")
        self.verify()

    def lookup(self, image):
        """The row of an image's public link, while the server works."""
        reader = StockReader(self.directory, REPOSITORY, [], is_live=True)
        reader.manifest, _ = read_manifest(reader.file(".cvmfspublished"), REPOSITORY, reader.findings)
        return reader.lookup(("/%s/%s" % (self.server.address, image)).encode())

    def collect(self):
        """Collects until the chunks of the large file are gone; newer snapshots push those out that had it."""
        numbers = itertools.count()

        def is_gone():
            number = next(numbers)
            push_image(self.server, "team/more", str(number), [("n", b"%d" % number)])
            self.server.wait_published("team/more", str(number))
            collect(self.site, self.server)
            self.verify(is_collected=True)
            return not self.large & self.reader.objects.stored.keys()
        expect(self.large <= self.reader.objects.stored.keys(), "they were gone before")
        wait_until("the chunks are gone", is_gone, 60, 0.3)
        # The next revision's log of references names nothing of that any more.
        push_image(self.server, "team/more", "last", [("n", b"last")])
        self.server.wait_published("team/more", "last")
        self.verify(is_collected=True)
        expect_equal(self.reader.lost, [], "what the log of references names and is not there")


def live(site):
    """Reads as a client that comes at a bad moment: while revisions are made and collections run."""
    failures, seen, ended = [], set(), threading.Event()

    def work(server):
        try:
            for number in itertools.count():
                push_image(server, "team/live", "t%d" % (number % 3), [("n", b"live %d" % number)])
                if number % 5 == 4:
                    collect(site, server)
                if ended.is_set():
                    return
        except Exception as e:  # told to the thread that waits
            failures.append(e)
    with Scope("live") as scope:
        server = Server(site, scope, settings=GRACES)
        state = Published(site, server, ())
        worker = threading.Thread(target=work, args=(server,))
        worker.start()
        try:
            end = time.monotonic() + 2
            while time.monotonic() < end or len(seen) < 3:
                seen.add(numbers_of(state.seen()))
        finally:
            ended.set()
            worker.join()
        expect(not failures, "%s" % failures)
        for number in range(3):
            server.wait_published("team/live", "t%d" % number)
        state.verify(is_collected=True)


def killed(site):
    with Scope("killed") as scope:
        server = Server(site, scope)
        state = Published(site, server, ())
        for turn in range(3):
            ended = threading.Event()

            def work():
                for number in itertools.count():
                    with contextlib.suppress(OSError, http.client.HTTPException, Failed):  # its server is killed
                        push_image(server, "team/killed", "t%d" % number, [("n", b"%d %d" % (turn, number))])
                    if ended.is_set():
                        return
            worker = threading.Thread(target=work)
            before = state.numbers
            worker.start()
            try:
                wait_until("revisions are made", lambda: numbers_of(state.seen()) > before, 30)
                server.kill()
            finally:
                ended.set()
                worker.join()
            expect(numbers_of(state.seen()) > before, "revisions were made")
            server.start()
            push_image(server, "team/after", str(turn), [("n", b"%d" % turn)])
            server.wait_published("team/after", str(turn))
            state.numbers = numbers_of(state.seen())
