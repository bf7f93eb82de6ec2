# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Everything at random for a while — pushes, moved and deleted tags, collections, kills, full disks — and then all of it is
what a model says, down to the last object."""
import json
import os
import random
import time

from fixtures.mount import Mount
from fixtures.pushes import MANIFEST, layer, push_blob, push_manifest
from fixtures.server import REPOSITORY, Server
from fixtures.site import Scope, run, wait_until
from fixtures.verdict import Failed, expect, expect_equal

GRACES = {"WHARF_GC_INTERVAL": "0s", "WHARF_GC_BLOB_GRACE": "6s", "WHARF_GC_UNTAGGED_GRACE": "3s",
          "WHARF_GC_REFERRER_GRACE": "3s", "WHARF_GC_TREE_GRACE": "2s", "WHARF_GC_LAYER_GRACE": "2s",
          "WHARF_GC_OBJECT_GRACE": "4s", "WHARF_PUBLISHING_SNAPSHOT_AGE": "0s", "WHARF_PUBLISHING_SNAPSHOT_COUNT": "1"}

REPOSITORIES, TAGS = ("soak/a", "soak/b", "soak/deep/c"), ("1", "2", "3", "latest")


def checks(site):
    steps = 600 if site.is_long else 60
    # A run that failed is repeated with its seed.
    seed = int(os.environ.get("WHARF_SOAK_SEED") or int.from_bytes(os.urandom(4), "big"))
    with Scope("soak") as scope:
        data = scope.directory("data")
        run("mount", "-t", "tmpfs", "-o", "size=2g", "tmpfs", data)
        scope.defer(run, "umount", "-l", data)
        soak = Soak(Server(site, scope, data, settings=GRACES), data, seed)
        yield "%d steps at random, seed %d" % (steps, seed), lambda: soak.go(steps), 60 + 6 * steps
        yield "after them the registry has the tags of the model", lambda: tags(soak)
        yield "each tree is what the model says", lambda: trees(site, scope, soak), 300
        yield "after collections nothing is left that the model does not need", lambda: leftovers(
            site, scope, soak), 300


class Soak:
    """A server that suffers, and a model of what it has acknowledged."""

    def __init__(self, server, data, seed):
        self.server, self.data, self.dice = server, data, random.Random(seed)
        # Few layers, so that images share them; each is a list of paths and contents, `.wh.` names included.
        self.layers = [self.make_layer(number) for number in range(12)]
        # What each tag holds: the numbers of its layers, the lowest first.
        self.tags = {}

    def make_layer(self, number):
        dice, files = random.Random(number), []
        for index in range(dice.randrange(1, 30)):
            files.append(("%s/f%d" % (dice.choice("pqr"), index), dice.randbytes(dice.choice((0, 10, 3000, 90000)))))
        if number % 3 == 1:
            files.append((dice.choice("pqr") + "/.wh.f%d" % dice.randrange(10), b""))
        if number % 4 == 2:
            files.append((dice.choice("pqr") + "/.wh..wh..opq", b""))
        if number % 5 == 3:
            files.append(("large", dice.randbytes(5 << 20)))
        return files, layer(files)

    def go(self, steps):
        moves = ((self.push, 10), (self.move, 4), (self.delete, 3), (self.collect, 3), (self.kill, 1), (self.fill, 1))
        for _ in range(steps):
            self.dice.choices([move for move, _ in moves], [weight for _, weight in moves])[0]()
        self.settle()

    def settle(self):
        for name, tag in self.tags:
            self.server.wait_published(name, tag)

    # -- Moves

    def push(self):
        name, tag = self.dice.choice(REPOSITORIES), self.dice.choice(TAGS)
        numbers = self.dice.sample(range(len(self.layers)), self.dice.randrange(1, 5))
        push(self.server, name, tag, [self.layers[number][1] for number in numbers])
        self.tags[(name, tag)] = numbers

    def move(self):
        """Gives an image one more tag in its repository."""
        if not self.tags:
            return
        (name, source), numbers = self.dice.choice(sorted(self.tags.items()))
        tag = self.dice.choice(TAGS)
        status, body, _ = self.server.get("/v2/%s/manifests/%s" % (name, source), {"Accept": MANIFEST})
        expect_equal(status, 200, "GET of %s:%s" % (name, source))
        status, _, _ = self.server.request("PUT", "/v2/%s/manifests/%s" % (name, tag), body, {"Content-Type": MANIFEST})
        expect_equal(status, 201, "PUT of %s:%s" % (name, tag))
        self.tags[(name, tag)] = numbers

    def delete(self):
        if self.tags:
            name, tag = self.dice.choice(sorted(self.tags))
            self.server.delete_tag(name, tag)
            del self.tags[(name, tag)]

    def collect(self):
        run(self.server.site.wharf, "admin", "gc", "--data", self.data)

    def kill(self):
        self.server.kill()
        self.server.start()

    def fill(self):
        """A push into a disk without space fails or succeeds, and nothing else changes."""
        free = os.statvfs(self.data)
        used = (free.f_blocks - free.f_bavail) * free.f_frsize
        run("mount", "-o", "remount,size=%d" % (used + (self.dice.randrange(64, 2048) << 10)), self.data)
        name, tag = self.dice.choice(REPOSITORIES), self.dice.choice(TAGS)
        numbers = self.dice.sample(range(len(self.layers)), 2)
        unique = layer([("own", self.dice.randbytes(3 << 20))])
        try:
            push(self.server, name, tag, [self.layers[number][1] for number in numbers] + [unique])
            self.layers.append(([("own", None)], unique))
            self.tags[(name, tag)] = numbers + [len(self.layers) - 1]
        except Failed:
            pass
        run("mount", "-o", "remount,size=2g", self.data)

    # -- The model

    def files(self, numbers):
        """The tree of an image: paths and contents, by the rules for layers."""
        tree = {}
        for number in numbers:
            files = self.layers[number][0]
            for path, _ in files:
                folder, _, name = path.rpartition("/")
                if name == ".wh..wh..opq":
                    tree = {p: c for p, c in tree.items() if not p.startswith(folder + "/")}
                elif name.startswith(".wh."):
                    tree.pop(folder + "/" + name[4:], None)
            tree.update((path, content) for path, content in files if "/.wh." not in path)
        return tree


def push(server, name, tag, layers):
    described = []
    for blob, _ in layers:
        described.append(dict(push_blob(server, name, blob), mediaType="application/vnd.oci.image.layer.v1.tar+gzip"))
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                         "rootfs": {"type": "layers", "diff_ids": [diff for _, diff in layers]}}).encode()
    push_manifest(server, name, tag, {
        "schemaVersion": 2, "mediaType": MANIFEST, "layers": described,
        "config": dict(push_blob(server, name, config), mediaType="application/vnd.oci.image.config.v1+json")})


def tags(soak):
    for name in REPOSITORIES:
        status, body, _ = soak.server.get("/v2/%s/tags/list" % name)
        wanted = sorted(tag for repository, tag in soak.tags if repository == name)
        expect_equal((json.loads(body)["tags"] or []) if status == 200 else [], wanted, "tags of " + name)


def trees(site, scope, soak):
    mount = Mount(site, scope, soak.server)
    top = os.path.join(mount.path, soak.server.address)
    for (name, tag), numbers in sorted(soak.tags.items()):
        place = os.path.realpath(os.path.join(top, "%s:%s" % (name, tag)))
        for path, content in soak.files(numbers).items():
            with open(os.path.join(place, path), "rb") as f:
                found = f.read()
            expect(content is None or found == content, "%s of %s:%s is another" % (path, name, tag))
        for folder in "pqr":
            wanted = sorted(p[2:] for p in soak.files(numbers) if p.startswith(folder + "/"))
            found = os.listdir(os.path.join(place, folder)) if os.path.isdir(os.path.join(place, folder)) else []
            expect_equal(sorted(n for n in found if n != ".cvmfscatalog"), wanted, "%s/ of %s:%s" % (folder, name, tag))
    shown = sorted(os.path.relpath(os.path.join(place, name), top)
                   for place, folders, names in os.walk(top) for name in folders + names if ":" in name)
    expect_equal(shown, sorted("%s:%s" % key for key in soak.tags), "the links of the tree")
    mount.unmount()


def leftovers(site, scope, soak):
    """A second server gets the last state alone; the first must come down to the same blobs and objects."""
    fresh = Server(site, scope, scope.directory("fresh"), settings=dict(GRACES, WHARF_SERVER_NAME=soak.server.address))
    for (name, tag), numbers in sorted(soak.tags.items()):
        push(fresh, name, tag, [soak.layers[number][1] for number in numbers])
    for name, tag in soak.tags:
        fresh.wait_published(name, tag)
    # A tree goes in a revision, and the snapshot of the one before needs it still. When no more trees go, the last two
    # revisions of both shall show the same images, so that no snapshot keeps anything else.
    quiet = 2 * float(GRACES["WHARF_GC_TREE_GRACE"][:-1])
    wait_until("no more trees go", lambda: no_tree_goes(site, soak.server, quiet), 120, 0)
    for server in (soak.server, fresh):
        for tag in ("1", "2"):
            push(server, "soak/end", tag, [soak.layers[0][1]])
            server.wait_published("soak/end", tag)
    found, wanted = [], []

    def is_clean():
        collect(site, soak.server)
        collect(site, fresh)
        found[:] = blobs(soak.server), contents(soak.server)
        wanted[:] = blobs(fresh), contents(fresh)
        return found == wanted
    try:
        wait_until("only what is needed is left", is_clean, 120, 1)
    except Failed:
        for kind, some, right in zip(("blobs", "objects"), found, wanted):
            expect_equal((sorted(some - right)[:5], sorted(right - some)[:5]), ([], []), "%s too many, and missing" % kind)
    done = run(site.wharf, "repo", "check", REPOSITORY, "--data", soak.data, "--objects", check=False)
    expect_equal(done.returncode, 0, "repo check: " + done.stdout.decode()[-600:])


def collect(site, server):
    """What one collection of everything has removed, by kind."""
    removed = {}
    for one in json.loads(run(site.wharf, "admin", "gc", "--json", "--data", server.data).stdout)["runs"]:
        for kind, count in one["removed"].items():
            removed[kind] = removed.get(kind, 0) + count
    return removed


def no_tree_goes(site, server, seconds):
    """Whether nothing that is marked now is removed as a tree when its grace has passed."""
    collect(site, server)
    time.sleep(seconds)
    return not collect(site, server).get("trees")


def blobs(server):
    return {name for _, _, names in os.walk(os.path.join(server.data, "blobs")) for name in names}


def contents(server):
    """The objects that hold contents of files: catalogs and the like depend on times and revisions."""
    top = os.path.join(server.data, "repositories", REPOSITORY, "data")
    return {os.path.relpath(os.path.join(place, name), top) for place, _, names in os.walk(top) for name in names
            if name[-1] not in "CHMX" and os.path.basename(place) != "txn"}
