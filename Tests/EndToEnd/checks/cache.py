# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""The cache of a node: limits that hold, full disks, kills, several mounts, alien caches, tiers, pins, preloading."""
import concurrent.futures
import errno
import glob
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import tarfile

from fixtures.mount import is_mounted, processes_naming
from fixtures.site import Scope, run, wait_until
from fixtures.verdict import Failed, Skipped, expect, expect_equal

NAME = "cache.example.org"
SMALL, LARGE = 48, 5
SMALL_SIZE, LARGE_SIZE = 256 << 10, 6 << 20


def checks(site):
    if not os.path.exists("/dev/fuse"):
        raise Skipped("there is no /dev/fuse")
    with Scope("cache") as scope:
        repository = Repository(site, scope)
        yield "all contents are right in every mode of the cache and of opening", lambda: modes(scope, repository)
        yield "large files are read by the kernel once their chunks are joined", lambda: joined(scope, repository)
        yield "the limit holds, also while files are open", lambda: limit(scope, repository)
        yield "what a process has open stays when another one evicts", lambda: other_process(scope, repository)
        yield "a full disk: reads are answered, nothing is wrong, and it goes on", lambda: full_disk(scope, repository)
        yield "the directory is removed under the mount: it makes a new one", lambda: removed(scope, repository)
        yield "the index is lost: it is made anew from the objects", lambda: lost_index(scope, repository)
        yield "kill -9 at any time: the next mount finds only good objects", lambda: killed(scope, repository), 300
        yield "10,000 readers at once, of whom each gets the right bytes", lambda: many_readers(scope, repository), 300
        yield "two mounts share an alien cache in the stock layout", lambda: alien(scope, repository)
        yield "tiers: a lower hit is copied up, a read-only tier stays as it is", lambda: tiers(scope, repository)
        yield "a cache in memory is bounded, and gone after the mount", lambda: in_memory(scope, repository)
        yield "streaming keeps catalogs alone", lambda: streaming(scope, repository)
        yield "pins survive a wipe and a restart until they are unpinned", lambda: pins(scope, repository)
        yield "the cache is tended while mounted: limit, clean-up, one file, lists", lambda: tended(scope, repository)
        yield "fsck names a damaged object while a mount runs", lambda: fsck(scope, repository)
        yield "preload by a list: the chosen paths are readable without a server", lambda: preload(scope, repository)


class Repository:
    """A repository of small and large files of random bytes, and what they must contain."""

    def __init__(self, site, scope):
        self.site = site
        self.data = scope.directory("data")
        self.files = {}
        dice = random.Random(1)
        for number in range(SMALL):
            self.files["small/%d" % number] = dice.randbytes(SMALL_SIZE + number)
        for number in range(LARGE):
            self.files["large/%d" % number] = dice.randbytes(LARGE_SIZE + 17 * number)
        for number in range(200):
            self.files["tiny/%d" % number] = dice.randbytes(100 + number)
        tar = os.path.join(scope.path, "tree.tar")
        with tarfile.open(tar, "w") as archive:
            for name, content in self.files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        run(site.wharf, "repo", "create", NAME, "--data", self.data, "--profile", "fast")
        run(site.wharf, "repo", "ingest", NAME, "--data", self.data, "--tar", tar)
        self.source = os.path.join(self.data, "repositories", NAME)
        self.key = os.path.join(self.data, "keys", NAME + ".pub")

    def mount(self, scope, name, *options, cache=None):
        return Mounted(self, scope, name, options, cache)

    def wharf(self, *words, **more):
        return run(self.site.wharf, *words, **more)


class Mounted:
    """One mount of the repository."""

    def __init__(self, repository, scope, name, options=(), cache=None):
        self.repository = repository
        self.path = scope.directory(name)
        self.cache = cache or scope.path + "/" + name + ".cache"
        self.options = options
        self.mount()
        scope.defer(self.close)

    def mount(self):
        words = [word for option in self.options for word in ("-o", option)]
        self.repository.wharf("mount", NAME, self.path, "--server", self.repository.source, "--public-key",
                              self.repository.key, "--cache", self.cache, *words, timeout=60)

    def pid(self):
        return processes_naming(self.path)[0]

    def unmount(self):
        self.repository.wharf("umount", self.path)

    def close(self):
        if is_mounted(self.path):
            run("umount", "-l", self.path, check=False)
        for pid in processes_naming(self.path):
            os.kill(pid, signal.SIGTERM)

    def check(self, names=None):
        """Compares contents, in an order of their own."""
        names = list(names or self.repository.files)
        random.Random(2).shuffle(names)
        for name in names:
            with open(os.path.join(self.path, name), "rb") as f:
                expect(f.read() == self.repository.files[name], "%s has other bytes" % name)

    def log(self):
        text = ""
        for path in glob.glob(self.cache + "/log.*"):
            with open(path) as f:
                text += f.read()
        return text


def drop_kernel_caches():
    with open("/proc/sys/vm/drop_caches", "w") as f:
        f.write("3\n")


def objects(cache):
    """The sizes of all objects in a cache, by name."""
    found = {}
    for path in glob.glob(cache + "/??/*"):
        try:
            found[os.path.relpath(path, cache)] = os.stat(path).st_size
        except FileNotFoundError:
            pass  # evicted meanwhile
    return found


def statistics(repository, cache):
    return json.loads(repository.wharf("client", "cache", "stat", "--cache", cache, "--json").stdout)


def read_bytes_of(pid):
    """How much a process has copied, in and out."""
    with open("/proc/%d/io" % pid) as f:
        return sum(int(line.split()[1]) for line in f if line.startswith(("rchar", "wchar")))


def modes(scope, repository):
    memory = "/dev/shm"
    for number, options in enumerate((
            ("open=none",), ("open=passthrough",), ("open=passthrough", "passthrough=off"), ("streaming=on",),
            ("alien-cache=" + scope.path + "/modes.alien",), ("ram-cache=64MiB",), ("cache-limit=4MiB",),
            ("cache-limit=none", "streaming=on", "open=none"))):
        if "ram" in options[0] and not os.path.isdir(memory):
            continue
        mount = repository.mount(scope, "modes.%d" % number, *options)
        for _ in range(3):
            mount.check()
            drop_kernel_caches()
        mount.unmount()


def joined(scope, repository):
    mount = repository.mount(scope, "joined", "open=auto")
    names = ["large/%d" % number for number in range(LARGE)]
    mount.check(names)
    total = sum(len(repository.files[name]) for name in names)

    def all_joined():
        sizes = list(objects(mount.cache).values())
        return all(len(repository.files[name]) in sizes for name in names)
    try:
        wait_until("all large files are joined", all_joined, 20)
    except Failed:
        if "passthrough" not in mount.log() and not kernel_passes_through():
            raise Skipped("this kernel has no passthrough")
        raise
    mount.check(names)
    drop_kernel_caches()
    before = read_bytes_of(mount.pid())
    mount.check(names)
    copied = read_bytes_of(mount.pid()) - before
    expect(copied < total / 20, "%d bytes went through the client for %d" % (copied, total))
    mount.unmount()


def kernel_passes_through():
    release = os.uname().release.split(".")
    return (int(release[0]), int(release[1])) >= (6, 9)


def limit(scope, repository):
    bound = 8 << 20
    mount = repository.mount(scope, "limit", "cache-limit=8MiB", "open=passthrough")
    opened = [open(os.path.join(mount.path, "small/%d" % number), "rb") for number in range(24)]
    try:
        for number, file in enumerate(opened):
            expect(file.read() == repository.files["small/%d" % number], "an open file has other bytes")
        for _ in range(2):
            for name in repository.files:
                mount.check([name])
                expect(sum(objects(mount.cache).values()) <= bound, "more than the limit: %d bytes" %
                       sum(objects(mount.cache).values()))
        for number, file in enumerate(opened):
            file.seek(0)
            expect(file.read() == repository.files["small/%d" % number], "an open file has other bytes later")
    finally:
        for file in opened:
            file.close()
    expect(statistics(repository, mount.cache)["bytes"] <= bound, "the index says more than the limit")
    mount.unmount()


def other_process(scope, repository):
    cache = scope.path + "/other.cache"
    first = repository.mount(scope, "other.1", "open=passthrough", cache=cache)
    names = ["small/%d" % number for number in range(8)]
    opened = [open(os.path.join(first.path, name), "rb") for name in names]
    held = {name for name, size in objects(cache).items() if size >= SMALL_SIZE}
    expect_equal(len(held), len(names), "objects that were fetched")
    try:
        second = repository.mount(scope, "other.2", "cache-limit=4MiB", cache=cache)
        second.check(name for name in repository.files if name.startswith("small/"))
        expect(held <= set(objects(cache)), "objects that are open in another process were evicted")
        for name, file in zip(names, opened):
            expect(file.read() == repository.files[name], "%s has other bytes" % name)
    finally:
        for file in opened:
            file.close()
    second.check(name for name in repository.files if name.startswith("small/"))
    expect(not held <= set(objects(cache)), "nothing of it was evicted after it was closed")
    second.unmount()
    first.unmount()


def full_disk(scope, repository):
    disk = scope.directory("full")
    run("mount", "-t", "tmpfs", "-o", "size=10m", "tmpfs", disk)
    scope.defer(run, "umount", "-l", disk)
    mount = repository.mount(scope, "full.mnt", "open=none", cache=disk + "/cache")
    mount.check()
    with open(disk + "/filler", "wb") as filler:
        try:
            while True:
                filler.write(bytes(64 << 10))
                filler.flush()
        except OSError as e:
            expect_equal(e.errno, errno.ENOSPC, "the error")
    for _ in range(2):
        drop_kernel_caches()
        mount.check(name for name in repository.files if not name.startswith("large/"))
    os.unlink(disk + "/filler")
    drop_kernel_caches()
    mount.check()
    expect("full" in mount.log(), "nothing was said of it: %s" % mount.log())
    mount.unmount()


def removed(scope, repository):
    mount = repository.mount(scope, "removed")
    mount.check(list(repository.files)[:60])
    shutil.rmtree(mount.cache)
    drop_kernel_caches()
    mount.check()
    drop_kernel_caches()
    mount.check()
    expect(objects(mount.cache), "nothing is kept any more")
    mount.unmount()
    mount.mount()
    mount.check()
    mount.unmount()


def lost_index(scope, repository):
    mount = repository.mount(scope, "lost")
    mount.check()
    mount.unmount()
    known = objects(mount.cache)
    os.unlink(mount.cache + "/index")
    stranger = mount.cache + "/aa/" + "0" * 38
    with open(stranger, "wb") as f:
        f.write(b"nobody vouches for this")
    mount.mount()
    mount.check()
    after = objects(mount.cache)
    expect(set(known) <= set(after), "%d objects were not found again" % len(set(known) - set(after)))
    expect(not os.path.exists(stranger), "a file that nothing vouches for is still there")
    expect_equal(statistics(repository, mount.cache)["bytes"], sum(after.values()), "bytes by the index")
    mount.unmount()


def killed(scope, repository):
    seed = int.from_bytes(os.urandom(4), "big")
    print("        seed %d" % seed, flush=True)
    dice = random.Random(seed)
    mount = repository.mount(scope, "killed", "cache-limit=12MiB")
    for _ in range(30 if repository.site.is_long else 8):
        reader = subprocess.Popen("while :; do cat %s/*/* >/dev/null 2>&1; done" % mount.path, shell=True,
                                  preexec_fn=os.setsid)
        try:
            # Not a wait for anything: the moment is what is to be random.
            subprocess.run(["sleep", "%.2f" % dice.uniform(0.02, 0.4)], check=True)
            os.kill(mount.pid(), signal.SIGKILL)
        finally:
            os.killpg(reader.pid, signal.SIGKILL)
            reader.wait()
        wait_until("the client has ended", lambda: not processes_naming(mount.path))
        run("umount", "-l", mount.path)
        mount.mount()
    expect_equal(glob.glob(mount.cache + "/txn/*"), [], "what was half written")
    mount.check()
    result = json.loads(repository.wharf("client", "cache", "fsck", "--cache", mount.cache, "--json").stdout)
    expect_equal(result["damaged"], [], "damaged objects")
    expect(sum(objects(mount.cache).values()) <= 12 << 20, "more than the limit")
    mount.unmount()


def many_readers(scope, repository):
    mount = repository.mount(scope, "many", "cache-limit=16MiB")
    digests = {name: hashlib.sha1(content).digest() for name, content in repository.files.items()}
    names = list(digests)

    def read(number):
        name = names[number * 7919 % len(names)]
        with open(os.path.join(mount.path, name), "rb") as f:
            return hashlib.sha1(f.read()).digest() == digests[name]
    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        expect(all(pool.map(read, range(10_000))), "a reader got other bytes")
    mount.unmount()


def alien(scope, repository):
    shared = scope.path + "/alien"
    first = repository.mount(scope, "alien.1", "CVMFS_ALIEN_CACHE=" + shared)
    second = repository.mount(scope, "alien.2", "alien-cache=" + shared)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first.check), pool.submit(second.check)]:
            done.result()
    names = objects(shared)
    expect_equal(os.stat(shared + "/aa").st_mode & 0o7777, 0o770, "mode of a directory")
    for name in names:
        expect_equal(os.stat(os.path.join(shared, name)).st_mode & 0o7777, 0o660, "mode of " + name)
        expect(len(name.partition("-")[0]) == 41, "not the stock name: " + name)
    expect_equal(glob.glob(shared + "/txn/*"), [], "what was half written")
    expect(not glob.glob(shared + "/index"), "an index of ours among the objects of others")
    # Whoever runs it removes what is too much, under our feet.
    for name in list(names)[::2]:
        os.unlink(os.path.join(shared, name))
    drop_kernel_caches()
    first.check()
    # A file of a stock client, without a label: the size is all that can be compared.
    victim = max(objects(shared), key=objects(shared).get)
    with open(os.path.join(shared, victim), "r+b") as f:
        f.truncate(10)
    first.unmount()
    first.mount()
    first.check()
    first.unmount()
    second.unmount()


def tiers(scope, repository):
    lower = scope.path + "/tiers.lower"
    fill = repository.mount(scope, "tiers.fill", "alien-cache=" + lower)
    fill.check()
    fill.unmount()
    before = objects(lower)
    hidden = repository.source + ".away"
    words = ["CVMFS_CACHE_PRIMARY=two", "CVMFS_CACHE_two_TYPE=tiered", "CVMFS_CACHE_two_UPPER=up",
             "CVMFS_CACHE_two_LOWER=down", "CVMFS_CACHE_two_LOWER_READONLY=yes", "CVMFS_CACHE_up_TYPE=posix",
             "CVMFS_CACHE_up_DIR=%s/tiers.upper" % scope.path, "CVMFS_CACHE_up_QUOTA_LIMIT=20",
             "CVMFS_CACHE_down_TYPE=posix", "CVMFS_CACHE_down_ALIEN=" + lower,
             "workspace=%s/tiers.work" % scope.path]
    place = scope.directory("tiers")
    repository.wharf("mount", NAME, place, "--server", repository.source, "--public-key", repository.key,
                     *[word for option in words for word in ("-o", option)])
    scope.defer(run, "umount", "-l", place)
    os.rename(os.path.join(repository.source, "data"), hidden)
    try:
        for name in repository.files:
            with open(os.path.join(place, name), "rb") as f:
                expect(f.read() == repository.files[name], "%s has other bytes" % name)
    finally:
        os.rename(hidden, os.path.join(repository.source, "data"))
    expect_equal(objects(lower), before, "the lower tier")
    upper = objects(scope.path + "/tiers.upper/wharf")
    expect(upper and sum(upper.values()) <= 20 << 20, "the upper tier holds %d bytes" % sum(upper.values()))
    repository.wharf("umount", place)


def in_memory(scope, repository):
    if not os.path.isdir("/dev/shm"):
        raise Skipped("there is no /dev/shm")
    before = set(glob.glob("/dev/shm/wharf-cache.*"))
    mount = repository.mount(scope, "memory", "ram-cache=40MiB")
    mine = set(glob.glob("/dev/shm/wharf-cache.*")) - before
    expect_equal(len(mine), 1, "directories in memory")
    for _ in range(2):
        mount.check()
        size = sum(objects(list(mine)[0] + "/objects").values())
        expect(0 < size <= 40 << 20, "%d bytes are in memory" % size)
    expect_equal(objects(mount.cache), {}, "objects on the disk")
    mount.unmount()
    wait_until("the memory is given back", lambda: not os.path.exists(list(mine)[0]))
    mount.mount()
    mine = set(glob.glob("/dev/shm/wharf-cache.*")) - before
    os.kill(mount.pid(), signal.SIGKILL)
    wait_until("the client has ended", lambda: not processes_naming(mount.path))
    run("umount", "-l", mount.path)
    mount.mount()
    expect(not os.path.exists(list(mine)[0]), "what a killed client left is still in memory")
    mount.unmount()


def streaming(scope, repository):
    mount = repository.mount(scope, "streaming", "CVMFS_STREAMING_CACHE=yes")
    for _ in range(2):
        mount.check()
        drop_kernel_caches()
    kinds = repository.wharf("client", "cache", "ls", "--cache", mount.cache).stdout.decode().splitlines()
    expect(kinds and all(line.split()[3] == "metadata" for line in kinds), "kept: %s" % kinds[:5])
    mount.unmount()


def repository_words(repository):
    return ["--server", repository.source, "--public-key", repository.key]


def pins(scope, repository):
    mount = repository.mount(scope, "pins", "cache-limit=16MiB")
    repository.wharf("client", "cache", "pin", "--cache", mount.cache, "-o", "cache-limit=16MiB",
                     *repository_words(repository), NAME, "/large/0", "/tiny")
    mount.check()
    mount.unmount()
    repository.wharf("client", "cache", "wipe", "--cache", mount.cache)
    kept = sum(objects(mount.cache).values())
    expect(LARGE_SIZE <= kept < 2 * LARGE_SIZE, "%d bytes are left after the wipe" % kept)
    mount.mount()
    hidden = repository.source + ".away"
    os.rename(os.path.join(repository.source, "data"), hidden)
    try:
        mount.check(name for name in repository.files if name == "large/0" or name.startswith("tiny/"))
    finally:
        os.rename(hidden, os.path.join(repository.source, "data"))
    labels = [pin["label"] for pin in statistics(repository, mount.cache)["pins"]]
    expect_equal(labels, [NAME + " /large/0", NAME + " /tiny"], "what is pinned")
    too_much = repository.wharf("client", "cache", "pin", "--cache", mount.cache, "-o", "cache-limit=16MiB",
                                *repository_words(repository), NAME, "/large", check=False)
    expect_equal(too_much.returncode, 1, "status for more than may be pinned")
    repository.wharf("client", "cache", "unpin", "--cache", mount.cache, NAME)
    mount.unmount()
    repository.wharf("client", "cache", "wipe", "--cache", mount.cache)
    expect_equal(objects(mount.cache), {}, "objects after the second wipe")


def tended(scope, repository):
    mounted = repository.mount(scope, "tended", "cache-limit=64MiB")

    def ask(*words):
        return repository.wharf("client", "talk", mounted.path, *words, check=False).stdout.decode().strip()

    def listed(*words):
        return [line.split() for line in ask("cache", "list", *words).splitlines()]
    mounted.check()
    drop_kernel_caches()
    expect_equal(ask("cache", "limit", "get"), "64", "the limit")
    before = int(ask("cleanup", "rate", "60"))
    expect_equal(len(listed()), len(objects(mounted.cache)), "objects in the list")
    kinds = {line[3] for line in listed("catalogs")}
    expect_equal(kinds, {"metadata"}, "kinds in the list of catalogs")
    expect_equal(listed("pinned"), [], "pinned objects")
    # A limit that is lowered holds at once, and for what comes.
    expect_equal(ask("cache", "limit", "set", "16"), "OK", "the answer to 'cache limit set'")
    expect_equal(ask("cache", "limit", "get"), "16", "the limit")
    expect(sum(objects(mounted.cache).values()) <= 16 << 20, "the cache holds %d bytes" % sum(objects(mounted.cache).values()))
    expect_equal(int(ask("cleanup", "rate", "60")), before + 1, "clean-ups in an hour")
    mounted.check()
    expect(sum(objects(mounted.cache).values()) <= 16 << 20, "the cache holds %d bytes" % sum(objects(mounted.cache).values()))
    expect_equal(ask("cleanup", "8"), "OK", "the answer to 'cleanup'")
    expect(sum(objects(mounted.cache).values()) <= 8 << 20, "the cache holds %d bytes" % sum(objects(mounted.cache).values()))
    # One file, of one object and of chunks, and only that.
    for name in ("small/7", "large/1"):
        mounted.check([name, "tiny/1"])
        drop_kernel_caches()
        kept = len(objects(mounted.cache))
        expect_equal(ask("evict", "/" + name), "OK", "the answer to 'evict'")
        expect(len(objects(mounted.cache)) < kept, "nothing of %s went" % name)
        mounted.check([name, "tiny/1"])
    # What is pinned stays, whatever is asked for.
    repository.wharf("client", "cache", "pin", NAME, "/small/3", "--server", repository.source, "--public-key", repository.key,
                     "--cache", mounted.cache)
    pinned = [line for line in listed("pinned") if line[3] == "data"]
    expect_equal([int(line[1]) for line in pinned], [SMALL_SIZE + 3], "sizes of what is pinned")
    expect(ask("evict", "/small/3").startswith("not done"), "a pinned file was evicted")
    expect(ask("cleanup", "0").startswith("Not fully cleaned"), "everything went, also what is pinned")
    expect_equal([line for line in listed("pinned") if line[3] == "data"], pinned, "what is pinned")
    mounted.check()
    mounted.unmount()
    mounted.mount()
    expect_equal(ask("cache", "limit", "get"), "64", "the limit of a new mount")
    mounted.unmount()
    alien = repository.mount(scope, "untended", "alien-cache=" + scope.directory("untended.alien"))
    answer = repository.wharf("client", "talk", alien.path, "cleanup", "0", check=False).stdout
    expect(answer.startswith(b"not done"), "an alien cache was cleaned up: %s" % answer)
    alien.unmount()


def fsck(scope, repository):
    mount = repository.mount(scope, "fsck")
    mount.check()
    good = repository.wharf("client", "cache", "fsck", "--cache", mount.cache)
    expect(b"checked" in good.stdout, "said: %r" % good.stdout)
    victim = next(name for name, size in objects(mount.cache).items() if size >= SMALL_SIZE)
    with open(os.path.join(mount.cache, victim), "r+b") as f:
        f.seek(1000)
        f.write(b"damage")
    bad = repository.wharf("client", "cache", "fsck", "--cache", mount.cache, "--json", check=False)
    expect_equal(bad.returncode, 1, "status")
    expect_equal([name.replace("-shake128", "") for name in json.loads(bad.stdout)["damaged"]],
                 [victim.replace("/", "").replace("-shake128", "")], "damaged objects")
    drop_kernel_caches()
    mount.check()
    expect_equal(repository.wharf("client", "cache", "fsck", "--cache", mount.cache).returncode, 0, "status after")
    mount.unmount()


def preload(scope, repository):
    cache, wanted = scope.path + "/preload.cache", scope.path + "/preload.list"
    with open(wanted, "w") as f:
        f.write("# what is wanted\n/small/1?\n/tiny\n!/tiny/7*\n/large/2\n")
    words = ["client", "preload", *repository_words(repository), NAME, "--include", wanted]
    said = json.loads(repository.wharf(*words, "--cache", cache, "--json").stdout)
    expect_equal(said["entries"], 10 + 1 + 200 - 11 + 1, "entries")
    repository.wharf(*words, "--alien", scope.path + "/preload.alien")
    for number, options in enumerate(((), ("alien-cache=%s/preload.alien" % scope.path,))):
        mount = repository.mount(scope, "preload.%d" % number, *options, cache=cache)
        hidden = repository.source + ".away"
        os.rename(os.path.join(repository.source, "data"), hidden)
        try:
            mount.check([name for name in repository.files if name.startswith("tiny/") and name[5] != "7"]
                        + ["small/1%d" % digit for digit in range(10)] + ["large/2"])
            try:
                mount.check(["large/3"])
                raise AssertionError("what was not wanted is there")
            except OSError as e:
                expect_equal(e.errno, errno.EIO, "the error")
        finally:
            os.rename(hidden, os.path.join(repository.source, "data"))
        mount.unmount()
    nothing = scope.path + "/preload.nothing"
    with open(nothing, "w") as f:
        f.write("/no/such/path\n")
    refused = repository.wharf("client", "preload", *repository_words(repository), NAME, "--include", nothing,
                               "--cache", cache, check=False)
    expect_equal(refused.returncode, 1, "status for a list that means nothing")
