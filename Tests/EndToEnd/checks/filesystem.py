# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""The mounted tree as programs see it: what POSIX says of a read-only file system, and content byte for byte."""
import errno
import hashlib
import io
import mmap
import os
import random
import stat
import subprocess
import tarfile
import threading
import time

from fixtures.handles import AT_HANDLE_FID, Handle
from fixtures.library import Library
from fixtures.mount import Mount, processes_naming
from fixtures.random_tree import RandomTree
from fixtures.site import Scope, corpus_tool, run, stop, tool, wait_until
from fixtures.trees import COLUMNS, load
from fixtures.verdict import Failed, Skipped, expect, expect_equal

NOBODY = 65534
OVERTAKEN = (("epochs=on", "listing"), ("epochs=off", "look-up"), ("readdirplus=off", "listing"))


def checks(site):
    with Scope("filesystem") as scope:
        library = Library(site, scope)
        local = prepare(scope, library)
        mount = Mount.of(library, site, scope)
        top = mount.path + "/t"
        yield "every call that changes something fails with EROFS", lambda: modifying(top)
        yield "paths that lead nowhere fail as POSIX says", lambda: lookups(top)
        yield "owner and mode decide who may read", lambda: permissions(top)
        yield "random reads, mappings and copies equal a local copy", lambda: reads(top, local)
        yield "the links of a directory count its directories", lambda: link_counts(top)
        yield "statfs tells of the cache and the entries", lambda: statfs(mount)
        yield "owners and modes are shown as asked for", lambda: presentation(site, scope, library)
        yield "inode numbers of 32 bits: stable, and apart", lambda: narrow_inodes(site, scope, library)
        yield "node numbers are the same after a restart, whoever makes their secret", lambda: node_numbers(
            site, scope, library)
        yield "handles outlive the kernel's memory and the client", lambda: handles(site, scope, library)
        yield "a directory of 100,000 entries is listed", lambda: crowd(site, scope, library)
        yield "many readers at once, from the first byte on", lambda: many_readers(
            site, scope, library, local, 10_000 if site.is_long else 1_000), 600
        yield "revisions change under load without an error", lambda: revisions(site, scope)
        yield "50,000 files are looked at and read by 8 threads while revisions change and nodes are forgotten", lambda: (
            crowded_revisions(site))
        for option, what in OVERTAKEN:
            yield "a %s that a new revision overtook is taken back, %s" % (what, option), lambda: overtaken(
                site, option, what)
        yield "a handle of what changed is stale, of what did not it is good", lambda: handles_of_revisions(site)
        yield "a random tree is shown as tar unpacks it", lambda: random_trees(site, scope, 3 if site.is_long else 1), 600


def prepare(scope, library):
    """A tree with something of everything; returns where a local copy is."""
    local = scope.directory("local")
    files = {"small": b"small\n", "empty": b"", "page": b"p" * 4096, "odd": random.Random(1).randbytes(1_000_003),
             "big": random.Random(2).randbytes(300_000) * 70, "d/private": b"secret", "locked/inside": b"inside",
             "script": b"#!/bin/sh\necho ran\n"}
    for name, content in files.items():
        path = os.path.join(local, "t", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content)
        os.chmod(path, 0o644)
    top = os.path.join(local, "t")
    os.chmod(top + "/script", 0o755)
    os.chmod(top + "/d/private", 0o600)
    os.chmod(top + "/locked", 0o700)
    os.makedirs(top + "/a/b/c")
    os.symlink("small", top + "/link")
    os.symlink("loop2", top + "/loop1")
    os.symlink("loop1", top + "/loop2")
    os.symlink("nowhere", top + "/dangling")
    os.mkfifo(top + "/fifo")
    os.chown(top + "/page", 1000, 1001)
    archive = os.path.join(scope.path, "t.tar")
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        tar.add(local, ".")
    library.ingest(archive, "/")
    return top


def fails(wanted, what, call, *arguments, **named):
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    try:
        call(*arguments, **named)
    except OSError as e:
        expect(e.errno in wanted, "%s: %s, want %s" % (
            what, errno.errorcode.get(e.errno), "/".join(errno.errorcode[w] for w in wanted)))
        return
    raise Failed("%s: no error" % what)


def modifying(top):
    small, new = top + "/small", top + "/new"
    calls = [
        ("open for writing", os.open, small, os.O_WRONLY), ("open for both", os.open, small, os.O_RDWR),
        ("truncating open", os.open, small, os.O_RDONLY | os.O_TRUNC), ("create", os.open, new, os.O_WRONLY | os.O_CREAT),
        ("unnamed file", os.open, top, os.O_RDWR | os.O_TMPFILE), ("truncate", os.truncate, small, 0),
        ("chmod", os.chmod, small, 0o600), ("chown", os.chown, small, 1, 1), ("utime", os.utime, small),
        ("hard link", os.link, small, new), ("symbolic link", os.symlink, "x", new), ("mkdir", os.mkdir, new),
        ("mknod", os.mknod, new, stat.S_IFREG | 0o600), ("mkfifo", os.mkfifo, new), ("unlink", os.unlink, small),
        ("rmdir", os.rmdir, top + "/a/b/c"), ("rename", os.rename, small, new), ("rename over", os.rename, small, top + "/odd"),
        ("setxattr", os.setxattr, small, "user.x", b"1"), ("removexattr", os.removexattr, small, "user.x"),
    ]
    for what, *call in calls:
        fails(errno.EROFS, what, *call)
    fails(errno.EEXIST, "exclusive create of what is there", os.open, small, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    fails(errno.EEXIST, "mkdir of what is there", os.mkdir, top + "/a")
    fails(errno.EROFS, "rename out", os.rename, small, top + "/a/small")
    expect(not os.access(small, os.W_OK), "access says that it can be written")
    fd = os.open(small, os.O_RDONLY)
    try:
        fails(errno.EBADF, "write to a file opened for reading", os.write, fd, b"x")
        fails((errno.EBADF, errno.EINVAL), "ftruncate", os.ftruncate, fd, 0)
        fails(errno.EBADF, "posix_fallocate", os.posix_fallocate, fd, 0, 1)
        fails(errno.EROFS, "fchmod", os.fchmod, fd, 0o600)
        fails(errno.EACCES, "a shared mapping for writing", mmap.mmap, fd, 0, mmap.MAP_SHARED, mmap.PROT_WRITE)
        with mmap.mmap(fd, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE) as private:
            private[0:1] = b"S"
            expect_equal(bytes(private[:]), b"Small\n", "a private mapping")
        os.fsync(fd)
    finally:
        os.close(fd)
    with open(small, "rb") as f:
        expect_equal(f.read(), b"small\n", "content after all that")


def lookups(top):
    long = "n" * 256
    for what, wanted, call, *arguments in (
            ("no such name", errno.ENOENT, os.stat, top + "/none"),
            ("no such directory", errno.ENOENT, os.stat, top + "/none/none"),
            ("an empty path", errno.ENOENT, os.stat, ""),
            ("a file as directory", errno.ENOTDIR, os.stat, top + "/small/x"),
            ("a file with a slash", errno.ENOTDIR, os.stat, top + "/small/"),
            ("a file opened as directory", errno.ENOTDIR, os.open, top + "/small", os.O_RDONLY | os.O_DIRECTORY),
            ("a directory opened for writing", errno.EISDIR, os.open, top + "/a", os.O_WRONLY),
            ("a listing of a file", errno.ENOTDIR, os.listdir, top + "/small"),
            ("a long name", errno.ENAMETOOLONG, os.stat, top + "/" + long),
            ("a long name for a new file", errno.ENAMETOOLONG, os.open, top + "/" + long, os.O_WRONLY | os.O_CREAT),
            ("a long path", errno.ENAMETOOLONG, os.stat, top + "/a" * 2100),
            ("a loop of links", errno.ELOOP, os.stat, top + "/loop1"),
            ("a link that must not be followed", errno.ELOOP, os.open, top + "/link", os.O_RDONLY | os.O_NOFOLLOW),
            ("a link to nowhere", errno.ENOENT, os.open, top + "/dangling", os.O_RDONLY),
            ("the target of a file", errno.EINVAL, os.readlink, top + "/small"),
            ("an attribute that is not there", errno.ENODATA, os.getxattr, top + "/small", "user.none")):
        fails(wanted, what, call, *arguments)
    expect_equal(os.stat(top + "/" + "./" * 2000 + "small").st_size, 6, "a path of 4000 dots")
    expect(os.path.samefile(top + "/a/b/../../link", top + "/small"), "a path with dots leads elsewhere")
    fd = os.open(top + "/a", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fails(errno.EISDIR, "read of a directory", os.read, fd, 1)
        expect_equal(os.stat("b", dir_fd=fd).st_ino, os.stat(top + "/a/b").st_ino, "inode by descriptor")
    finally:
        os.close(fd)


def as_nobody(body):
    """Runs a body as nobody, in a process of its own."""
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            body()
            os._exit(0)
        except BaseException as e:
            os.write(2, ("as nobody: %s\n" % e).encode())
            os._exit(1)
    expect_equal(os.waitpid(child, 0)[1], 0, "status of the process of nobody")


def permissions(top):
    def body():
        with open(top + "/small", "rb") as f:
            expect_equal(f.read(), b"small\n", "a file for all")
        fails(errno.EACCES, "a private file", os.open, top + "/d/private", os.O_RDONLY)
        fails(errno.EACCES, "a name in a locked directory", os.stat, top + "/locked/inside")
        fails(errno.EACCES, "a listing of a locked directory", os.listdir, top + "/locked")
        fails(errno.EACCES, "execution without the bit", os.execv, top + "/small", ["small"])
        expect(os.stat(top + "/d/private").st_size == 6, "attributes of a private file")
    # The scratch directory is root's; nobody comes in by the root of the mount.
    os.chmod(os.path.dirname(os.path.dirname(top)), 0o755)
    as_nobody(body)
    expect_equal(run(top + "/script").stdout, b"ran\n", "output of a script in the tree")


def reads(top, local):
    chance = random.Random(7)
    for name in ("odd", "big", "page", "small", "empty"):
        with open(os.path.join(local, name), "rb") as f:
            want = f.read()
        mounted = os.path.join(top, name)
        fd = os.open(mounted, os.O_RDONLY)
        try:
            for _ in range(300):
                at, count = chance.randrange(len(want) + 5000), chance.choice((0, 1, 511, 4096, 5000, 70_000, 1 << 20))
                expect(os.pread(fd, count, at) == want[at:at + count], "%s: %d bytes at %d" % (name, count, at))
            for _ in range(20):
                at = chance.randrange(len(want) + 1)
                buffers = [bytearray(chance.randrange(1, 9000)) for _ in range(3)]
                count = os.preadv(fd, buffers, at)
                expect(b"".join(buffers)[:count] == want[at:at + count], "%s: vectors at %d" % (name, at))
            if want:
                with mmap.mmap(fd, 0, mmap.MAP_SHARED, mmap.PROT_READ) as shared:
                    for _ in range(300):
                        at = chance.randrange(len(want))
                        expect(shared[at:at + 9000] == want[at:at + 9000], "%s: mapping at %d" % (name, at))
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            expect(os.read(fd, len(want) + 1) == want or name == "big", "%s: read" % name)
            expect_equal(os.lseek(fd, 0, os.SEEK_END), len(want), "end of " + name)
            fails(errno.EINVAL, "a negative offset", os.lseek, fd, -1, os.SEEK_SET)
            copied = copy(fd, local + ".copy", len(want))
            expect(copied == want, "%s: sendfile" % name)
        finally:
            os.close(fd)
        threads = [threading.Thread(target=whole, args=(mounted, want, faults := [])) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect(not faults, "%s: %s" % (name, faults))


def copy(fd, path, size):
    with open(path, "wb+") as f:
        done = 0
        while done < size:
            done += os.sendfile(f.fileno(), fd, done, size - done)
        f.seek(0)
        return f.read()


def whole(path, want, faults):
    with open(path, "rb") as f:
        if f.read() != want:
            faults.append("another content")


def link_counts(top):
    for directory, names, _ in os.walk(top):
        expect_equal(os.stat(directory).st_nlink, 2 + len(names), "links of " + directory)


def statfs(mount):
    status = os.statvfs(mount.path)
    entries = sum(1 + len(files) for _, _, files in os.walk(mount.path))
    expect_equal(status.f_bsize, 512, "block size")
    expect(status.f_files >= entries, "%d entries, and at least %d are there" % (status.f_files, entries))
    expect(status.f_ffree <= status.f_files, "more free inodes than inodes")
    expect(0 < status.f_bfree < status.f_blocks, "blocks: %d free of %d" % (status.f_bfree, status.f_blocks))
    expect(status.f_flag & os.ST_RDONLY and status.f_flag & os.ST_NODEV and status.f_flag & os.ST_NOSUID, "flags")


def presentation(site, scope, library):
    users = os.path.join(scope.path, "users")
    with open(users, "w") as f:
        f.write("# from to\n1000 42\n* 7\n")

    def shown(name, options):
        mount = Mount.of(library, site, scope, name, options=options)
        status = {n: os.stat(mount.path + "/t/" + n) for n in ("small", "page", "d/private", "locked")}
        mount.unmount()
        return status
    mapped = shown("mapped", ["CVMFS_UID_MAP=" + users])
    expect_equal((mapped["page"].st_uid, mapped["page"].st_gid, mapped["small"].st_uid), (42, 1001, 7), "mapped owners")
    claimed = shown("claimed", ["CVMFS_UID_MAP=" + users, "CVMFS_CLAIM_OWNERSHIP=yes"])
    expect_equal((claimed["page"].st_uid, claimed["page"].st_gid), (os.geteuid(), os.getegid()), "claimed owners")
    given = shown("given", ["uid=12", "gid=13"])
    expect_equal((given["page"].st_uid, given["page"].st_gid), (12, 13), "given owners")
    readable = shown("readable", ["CVMFS_WORLD_READABLE=yes"])
    expect_equal([stat.S_IMODE(readable[n].st_mode) for n in ("d/private", "locked")], [0o644, 0o755], "modes")
    with open(users, "w") as f:
        f.write("root nobody\n")
    fails_to_mount(site, scope, library, "CVMFS_UID_MAP=" + users, b"line 1")


def fails_to_mount(site, scope, library, option, words):
    result = run(site.wharf, "mount", library.name, scope.directory("refused"), "--server", library.base, "--public-key",
                 library.key, "--cache", scope.directory("refused.cache"), "-o", option, check=False)
    expect(result.returncode == 1 and words in result.stderr, "status %d: %r" % (result.returncode, result.stderr))


def narrow_inodes(site, scope, library):
    def numbers():
        mount = Mount.of(library, site, scope, "narrow", options=["inode32"])
        found = {}
        for directory, names, files in os.walk(mount.path):
            listed = {e.name: e.inode() for e in os.scandir(directory)}
            for name in names + files:
                number = os.lstat(os.path.join(directory, name)).st_ino
                expect_equal(number, listed[name], "inode of %s in stat and listing" % name)
                found[os.path.join(directory, name)] = number
        mount.unmount()
        return found
    first = numbers()
    expect(max(first.values()) < 1 << 32, "a number has more than 32 bits")
    expect_equal(len(set(first.values())), len(first), "numbers, all different")
    expect_equal(numbers(), first, "numbers after a restart")


def node_numbers(site, scope, library):
    mount = Mount.of(library, site, scope, "numbered")
    secret = os.path.join(mount.cache, "numbers." + library.name)
    paths = ["", "t", "t/small", "t/big", "t/a/b/c", "t/d", "t/locked/inside"]

    def numbers(mount):
        # The last one looked at first: a number must not depend on the order.
        paths.reverse()
        try:
            return {path: Handle(os.path.join(mount.path, path), AT_HANDLE_FID).content for path in paths}
        except OSError as e:
            if e.errno in (errno.EINVAL, errno.EOPNOTSUPP):
                raise Skipped("this kernel tells the numbers of exported mounts only") from e
            raise
    first = numbers(mount)
    expect_equal(len(set(first.values())), len(paths), "numbers, all different")
    drop_caches()
    expect_equal(numbers(mount), first, "numbers after the kernel forgot them")
    expect_equal(stat.S_IMODE(os.stat(secret).st_mode), 0o600, "mode of the secret")
    mount.kill()
    run("umount", "-l", mount.path)
    mount.mount()
    expect_equal(numbers(mount), first, "numbers after kill -9")
    beside = Mount.of(library, site, scope, "beside", cache=mount.cache)
    expect_equal(numbers(beside), first, "numbers in another mount by the same cache")
    apart = Mount.of(library, site, scope, "apart")
    others = {path: number for path, number in numbers(apart).items() if path}
    expect(not set(others.values()) & set(first.values()), "another cache has the same numbers")
    for each in (beside, apart, mount):
        each.unmount()
    # What a crash leaves: an empty file.
    os.truncate(secret, 0)
    mount.mount()
    second = numbers(mount)
    expect(second["t"] != first["t"], "the secret was lost, and the number is the same")
    mount.unmount()
    mount.mount()
    expect_equal(numbers(mount), second, "numbers under the new secret")
    mount.unmount()
    os.remove(secret)
    os.mkdir(secret)
    mount.mount()
    expect(numbers(mount)["t"] not in (first["t"], second["t"]), "a secret that nobody knows led to a known number")
    expect(b"node numbers will be others after a restart" in read_log(mount), "the log does not say so")
    mount.unmount()
    os.rmdir(secret)


def handles(site, scope, library):
    mount = Mount.of(library, site, scope, "exported", options=["export"])
    paths = [mount.path + "/t/" + n for n in ("small", "big", "a/b/c", "d", "locked/inside")]
    taken = {path: Handle(path) for path in paths}
    want = {path: os.stat(path).st_ino for path in paths}

    def all_open(when):
        for path, handle in taken.items():
            with handle.opened(mount.path) as fd:
                expect_equal(os.fstat(fd).st_ino, want[path], "inode of %s %s" % (path, when))
                if os.path.isdir(path):
                    expect_equal(os.readlink("/proc/self/fd/%d" % fd), path, "path %s" % when)
                    expect_equal(sorted(os.listdir(fd)), sorted(os.listdir(path)), "names %s" % when)
                else:
                    with open(path, "rb") as f:
                        expect(os.read(fd, 1 << 20) == f.read(1 << 20), "content of %s %s" % (path, when))
    all_open("at once")
    drop_caches()
    all_open("after the kernel forgot it")
    mount.unmount()
    mount.mount()
    all_open("after a restart")
    other = Mount.of(library, site, scope, "also-exported", options=["export"], cache=mount.cache)
    taken_there = Handle(other.path + "/t/odd")
    for handle, place in ((taken[paths[0]], other), (taken_there, mount)):
        with handle.opened(place.path) as fd:
            expect(os.fstat(fd).st_size in (6, 1_000_003), "a handle of one server does not lead there by the other")
    other.unmount()
    record = os.path.join(mount.cache, "nodes." + library.name)
    mount.kill()
    run("umount", "-l", mount.path)
    # What a crash leaves: the beginning of a record.
    with open(record, "ab") as f:
        f.write(b"\x01\x02\x03")
    mount.mount()
    all_open("after kill -9 in the middle of a record")
    mount.unmount()
    os.truncate(record, 16)
    mount.mount()
    with Failing(errno.ESTALE):
        with taken[paths[0]].opened(mount.path):
            pass
    mount.unmount()


class Failing:
    """Expects the error of what is done inside."""

    def __init__(self, wanted):
        self.wanted = wanted

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        expect(isinstance(error, OSError) and error.errno == self.wanted, "got %r" % (error,))
        return True


def drop_caches():
    with open("/proc/sys/vm/drop_caches", "w") as f:
        f.write("3\n")


def crowd(site, scope, library):
    archive = os.path.join(scope.path, "crowd.tar")
    with tarfile.open(archive, "w") as tar:
        for number in range(100_000):
            info = tarfile.TarInfo("entry-%06d" % number)
            info.mtime = 1_700_000_000
            tar.addfile(info)
    library.ingest(archive, "/crowd")
    os.remove(archive)
    mount = Mount.of(library, site, scope, "crowd")
    start = time.monotonic()
    listed = run("ls", "-R", mount.path + "/crowd").stdout.decode().split("\n")
    names = {line for line in listed if line.startswith("entry-")}
    expect_equal(len(names), 100_000, "names that ls -R prints")
    numbers = {e.inode() for e in os.scandir(mount.path + "/crowd")}
    expect_equal(len(numbers), 100_000 + os.path.exists(mount.path + "/crowd/.cvmfscatalog"), "inode numbers")
    long = run("ls", "-l", mount.path + "/crowd").stdout.count(b"entry-")
    expect_equal(long, 100_000, "lines of ls -l")
    expect(time.monotonic() - start < 120, "took %d s" % (time.monotonic() - start))
    # A position in the listing stays good while others read.
    fd = os.open(mount.path + "/crowd", os.O_RDONLY)
    os.close(fd)
    mount.unmount()


def many_readers(site, scope, library, local, count):
    """Processes of 50 threads each, all let go at one moment on an empty cache."""
    mount = Mount.of(library, site, scope, "many")
    names = ("odd", "page", "small", "script")
    want = {name: hashlib.sha256(open(os.path.join(local, name), "rb").read()).hexdigest() for name in names + ("big",)}
    gate, children = os.pipe(), []
    for number in range(count // 50):
        child = os.fork()
        if child == 0:
            os._exit(reader(mount.path + "/t", names, want, gate[0], number))
        children.append(child)
    os.write(gate[1], b"g" * len(children))
    statuses = [os.waitpid(child, 0)[1] for child in children]
    os.close(gate[0])
    os.close(gate[1])
    expect_equal([s for s in statuses if s], [], "processes that saw an error or another content")
    peak = next(int(line.split()[1]) // 1024 for line in open("/proc/%d/status" % processes_naming(mount.path)[0])
                if line.startswith("VmHWM:"))
    expect(peak < 200, "the client took %d MiB" % peak)
    mount.unmount()


def reader(top, names, want, gate, number):
    faults = []

    def read(n):
        # One of each fifty reads the large file: hashing it is more work than all the rest.
        name = "big" if n == 0 else names[(n + number) % len(names)]
        try:
            with open(os.path.join(top, name), "rb") as f:
                if hashlib.sha256(f.read()).hexdigest() != want[name]:
                    faults.append(name)
        except Exception as e:  # each is a fault, whatever it is
            faults.append(repr(e))
    threads = [threading.Thread(target=read, args=(n,)) for n in range(50)]
    os.read(gate, 1)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 1 if faults else 0


def revisions(site, scope):
    """Readers must never see an error, nor a mixture of two revisions within one file."""
    inner = Scope("revisions")
    try:
        library = Library(site, inner, "moving.example.org")
        publish(library, inner, 0)
        mount = Mount.of(library, site, inner, options=["refresh=100ms"])
        ended, faults, seen = threading.Event(), [], set()
        readers = [threading.Thread(target=read_on, args=(mount.path + "/r", ended, faults, seen)) for _ in range(4)]
        for reader in readers:
            reader.start()
        for number in range(1, 9):
            publish(library, inner, number)
            time.sleep(0.3)
        ended.set()
        for reader in readers:
            reader.join()
        expect(not faults, "%d faults: %s" % (len(faults), faults[:5]))
        expect(len(seen) > 2, "only the revisions %s were seen" % sorted(seen))
        mount.unmount()
    finally:
        inner.close()


def crowded_revisions(site):
    """All shards of the client's table at once: look-ups, opens, forgets, and directories that move on."""
    with Scope("crowded") as scope:
        library = Library(site, scope, "crowded.example.org")
        publish_numbered(library, scope, range(50_000), 0)
        changing = range(0, 50_000, 499)
        mount = Mount.of(library, site, scope, options=["refresh=100ms", "nodes=10000"])
        top, ended, faults, counts = mount.path + "/n", threading.Event(), [], [0] * 8

        def read_numbered(thread):
            numbers = random.Random(thread)
            while not ended.is_set():
                number = numbers.choice(changing) if numbers.random() < 0.2 else numbers.randrange(50_000)
                try:
                    found, content = look_at(os.path.join(top, numbered(number)))
                    if found.st_size != 13 or content[:6] != b"%05d " % number or number not in changing and content[6:] != b"000000\n":
                        faults.append("%s holds %r" % (numbered(number), content))
                except OSError as e:
                    faults.append("%s: %s" % (numbered(number), e))
                counts[thread] += 1
        def shows(number):
            # Without notifications the kernel believes what it knows for a minute.
            drop_caches()
            return look_at(os.path.join(top, numbered(number)))[1].endswith(b"%06d\n" % version)
        readers = [threading.Thread(target=read_numbered, args=(thread,)) for thread in range(8)]
        for reader in readers:
            reader.start()
        for version in (1, 2, 3):
            publish_numbered(library, scope, changing, version)
            wait_until("version %d is shown" % version, lambda: shows(changing[-1]), 20, 0.2)
        ended.set()
        for reader in readers:
            reader.join()
        expect(not faults, "%d faults: %s" % (len(faults), faults[:5]))
        expect(min(counts) > 100, "the threads looked at %s files" % counts)
        drop_caches()
        for number in changing:
            content = look_at(os.path.join(top, numbered(number)))[1]
            expect(content.endswith(b"%06d\n" % version), "%s shows %r" % (numbered(number), content))
        mount.unmount()


def numbered(number):
    return "d%02d/e%02d/%05d" % (number // 5000, number // 100 % 50, number)


def publish_numbered(library, scope, numbers, version):
    archive = os.path.join(scope.path, "numbered.tar")
    with tarfile.open(archive, "w") as tar:
        for number in numbers:
            info = tarfile.TarInfo(numbered(number))
            info.mtime, info.size = 1_700_000_000 + version, 13
            tar.addfile(info, io.BytesIO(b"%05d %06d\n" % (number, version)))
    library.ingest(archive, "/n")


def look_at(path):
    found = os.stat(path)
    with open(path, "rb") as f:
        return found, f.read()


def publish(library, scope, number):
    archive = os.path.join(scope.path, "r.tar")
    with tarfile.open(archive, "w") as tar:
        for name in ("same", "deep/changing", "changing"):
            folder = os.path.join(scope.path, "made")
            with open(folder, "wb") as f:
                f.write(b"same" * 1000 if name == "same" else b"%06d" % number * 30_000)
            info = tar.gettarinfo(folder, name)
            info.mtime = 1_700_000_000 + (0 if name == "same" else number)
            with open(folder, "rb") as f:
                tar.addfile(info, f)
    library.ingest(archive, "/r")


def read_on(top, ended, faults, seen):
    while not ended.is_set():
        try:
            expect_equal(sorted(set(os.listdir(top)) - {".cvmfscatalog"}), ["changing", "deep", "same"], "names")
            for name in ("same", "deep/changing", "changing"):
                with open(os.path.join(top, name), "rb") as f:
                    content = f.read()
                unit = b"same" if name == "same" else content[:6]
                if content != unit * (len(content) // len(unit)) or len(content) not in (4000, 180_000):
                    faults.append("%s is a mixture of %d bytes" % (name, len(content)))
                if name != "same":
                    seen.add(int(unit))
        except Exception as e:  # each is a fault, whatever it is
            faults.append(repr(e))
            time.sleep(0.05)


def overtaken(site, option, what):
    """The client's answer is held up while the revision changes: what it says is out of date when it comes."""
    with Scope("overtaken") as scope:
        library = Library(site, scope, "overtaken.example.org")
        publish_names(library, scope, "old")
        mount = Mount.of(library, site, scope, options=["refresh=50ms", "notifications=off", option])
        directory = os.path.join(mount.path, "a")

        def names():
            if what == "listing":
                return {n for n in os.listdir(directory) if n != ".cvmfscatalog"}
            return {n for n in ("old", "new") if os.path.exists(os.path.join(directory, n))}
        found = []
        # So that the kernel has only the question itself left.
        os.stat(directory)
        os.listdir(mount.path)
        # Somebody stands in the directory: the kernel keeps what it knows of it.
        standing = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        with AnswersHeldUp(mount, 6):
            asking = threading.Thread(target=lambda: found.append(
                os.listdir(directory) if what == "listing" else os.stat(directory + "/old")))
            asking.start()
            publish_names(library, scope, "new")
            asking.join()
        expect(what != "listing" or "old" in found[0], "the listing was made after the change")
        expect(found, "the look-up was made after the change")
        wait_until("the client is at the new revision", lambda: b"now at revision" in read_log(mount), 10)
        try:
            wait_until("the old names go, and the new ones come", lambda: names() == {"new"}, 2)
        finally:
            os.close(standing)
        mount.unmount()


class AnswersHeldUp:
    """Delays everything that the threads that answer requests send."""

    def __init__(self, mount, seconds):
        process = processes_naming(mount.path)[0]
        tasks = "/proc/%d/task" % process
        names = {task: open("%s/%s/comm" % (tasks, task)).read().strip() for task in os.listdir(tasks)}
        self.tasks = [task for task, name in names.items() if name in ("wharf-fuse", "wharf-fetch")]
        self.seconds = seconds

    def __enter__(self):
        words = [word for task in self.tasks for word in ("-p", task)]
        self.tracer = subprocess.Popen(
            [tool("strace"), "-o", os.devnull, "-e", "trace=write", "-e",
             "inject=write:delay_enter=%d" % (self.seconds * 1_000_000), *words],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in self.tasks:
            self.tracer.stderr.readline()  # "Process N attached"

    def __exit__(self, *_):
        stop(self.tracer)


def read_log(mount):
    with open(os.path.join(mount.cache, "log." + mount.repository), "rb") as f:
        return f.read()


def publish_names(library, scope, name):
    archive = os.path.join(scope.path, "names.tar")
    with tarfile.open(archive, "w") as tar:
        # The directory's own time does not change: nothing but the announcement tells that its names do.
        folder = tarfile.TarInfo("a")
        folder.type, folder.mode, folder.mtime = tarfile.DIRTYPE, 0o755, 1_700_000_000
        tar.addfile(folder)
        tar.addfile(tarfile.TarInfo("a/" + name))
    library.ingest(archive, "/", *(["--delete", "/a"] if name == "new" else []))


def handles_of_revisions(site):
    with Scope("handles") as scope:
        library = Library(site, scope, "handles.example.org")
        publish(library, scope, 1)
        mount = Mount.of(library, site, scope, options=["export", "refresh=50ms", "notifications=off"])
        taken = {name: Handle(os.path.join(mount.path, "r", name)) for name in ("same", "changing", "deep")}
        publish(library, scope, 2)
        wait_until("the client is at the new revision", lambda: b"now at revision" in read_log(mount), 10, 0.05)
        drop_caches()
        for again in (False, True):
            for name in ("same", "deep"):
                with taken[name].opened(mount.path) as fd:
                    expect(os.path.samestat(os.fstat(fd), os.stat(os.path.join(mount.path, "r", name))), name)
            with Failing(errno.ESTALE):
                with taken["changing"].opened(mount.path):
                    pass
            if not again:
                mount.unmount()
                mount.mount()
        mount.unmount()


def random_trees(site, scope, count):
    tool("getfattr")
    # A number in WHARF_RANDOM_SEED repeats what was found with it.
    given = os.environ.get("WHARF_RANDOM_SEED")
    for _ in range(count):
        seed = int(given) if given else random.SystemRandom().randrange(1 << 32)
        try:
            random_tree(site, seed)
        except Exception as e:
            raise Failed("seed %d: %s" % (seed, e)) from e


def random_tree(site, seed):
    with Scope("random") as scope:
        library = Library(site, scope, "random.example.org")
        archive, plain = os.path.join(scope.path, "random.tar"), scope.directory("plain")
        RandomTree(seed).write(archive)
        run("tar", "--xattrs", "--xattrs-include=*", "--same-owner", "--delay-directory-restore", "-p", "-xf", archive, "-C", plain)
        library.ingest(archive, "/x")
        mount = Mount.of(library, site, scope)
        # Listed twice: from the client, and from what the kernel keeps.
        for _ in range(2):
            compare(load(listing(plain)), load(listing(mount.path + "/x")))
        mount.unmount()


def listing(directory):
    return corpus_tool("rootfs-manifest", "--full-xattrs", directory).stdout


def compare(want, got):
    # The archive says nothing of its root, and implied directories have no time.
    for rows in (want, got):
        rows.pop(b"", None)
        for path in [p for p in rows if p.endswith(b".cvmfscatalog")]:
            del rows[path]
    expect_equal(sorted(got.keys() ^ want.keys())[:10], [], "paths in one tree only")
    faults = []
    for path, columns in want.items():
        for column, wanted, found in zip(COLUMNS, columns, got[path]):
            if wanted != found and "?" not in (wanted, found):
                faults.append("%r: %s %s -> %s" % (path, column, wanted[:90], found[:90]))
    expect(not faults, "%d differences:\n%s" % (len(faults), "\n".join(faults[:20])))
