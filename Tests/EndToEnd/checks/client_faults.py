# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""What a node does when its cache, its client or its server is not well: errors, never wrong bytes."""
import errno
import glob
import hashlib
import os
import time

from fixtures.images import push_by_layout
from fixtures.mount import Mount, is_mounted
from fixtures.server import REPOSITORY, Server
from fixtures.site import Scope, run, wait_until
from fixtures.verdict import Failed, expect, expect_equal

NAME = "corpus/weird"


def checks(site):
    with Scope("client") as scope:
        server = Server(site, scope)
        push_by_layout(site.layout("weird"), "1-gzip", server, NAME)
        server.wait_published(NAME, "1-gzip")
        yield "kill -9 of the client: reads fail, and a new mount goes on", lambda: killed(site, scope, server)
        yield "a corrupt cache file is fetched again", lambda: corrupt_cache(site, scope, server)
        yield "a corrupt object on the server is an error, and recovers", lambda: corrupt_object(
            site, scope, server)
        yield "the server goes away: what is cached is read, the rest is an error, and recovers", lambda: away(
            site, scope, server)
        yield "a wrong key is refused", lambda: wrong_key(site, scope, server)
        yield "no key is refused, and told how to get one", lambda: no_key(site, scope, server)


def tree(mount):
    return mount.link(NAME, "1-gzip")


def read(path):
    with open(path, "rb") as f:
        return f.read()


def fails_with_io_error(path):
    try:
        data = read(path)
    except OSError as e:
        expect(e.errno in (errno.EIO, errno.ENOTCONN), "the error is %s" % errno.errorcode.get(e.errno, e.errno))
        return
    raise Failed("%s could be read: %d bytes" % (path, len(data)))


def killed(site, scope, server):
    mount = Mount(site, scope, server, "killed")
    path, cold = tree(mount) + "/size/same-1", tree(mount) + "/size/4096"
    good = read(path)
    os.stat(cold)
    mount.kill()
    # What the kernel holds in its own cache may still be read; it was verified when it came.
    expect(not is_readable(path) or read(path) == good, "wrong bytes from the dead mount")
    fails_with_io_error(cold)
    run("umount", "-l", mount.path)
    mount.mount()
    expect_equal(read(path), good, "content after the new mount")
    mount.unmount()


def cached_copy(mount, data):
    """The cache file that holds exactly these bytes."""
    for path in glob.glob(mount.cache + "/**", recursive=True):
        if os.path.isfile(path) and os.path.getsize(path) == len(data) and read(path) == data:
            return path
    raise Failed("the cache holds no file of %d bytes like it" % len(data))


def corrupt_cache(site, scope, server):
    mount = Mount(site, scope, server, "corrupt-cache")
    path = tree(mount) + "/size/same-1"
    good = read(path)
    copy = cached_copy(mount, good)
    mount.unmount()
    with open(copy, "r+b") as f:
        f.write(b"not what the server sent")
    mount.mount()
    expect_equal(hashlib.sha256(read(path)).hexdigest(), hashlib.sha256(good).hexdigest(), "content")
    mount.unmount()


def stored_object(server, mount, path):
    """The file in the data directory that holds a file's content: named by the extended attribute."""
    name = os.getxattr(path, "user.hash").decode().strip("\0\n")
    found = os.path.join(server.data, "repositories", REPOSITORY, "data", name[:2], name[2:])
    expect(os.path.exists(found), "there is no object %s" % found)
    return found


def corrupt_object(site, scope, server):
    mount = Mount(site, scope, server, "corrupt-object")
    path = tree(mount) + "/size/4097"
    stored = stored_object(server, mount, path)
    good = read(stored)
    with open(stored, "r+b") as f:
        f.seek(len(good) // 2)
        f.write(bytes([good[len(good) // 2] ^ 0x55]))
    try:
        fails_with_io_error(path)
    finally:
        with open(stored, "wb") as f:
            f.write(good)
    wait_until("the file is readable again", lambda: is_readable(path), 15, 0.5)
    expect_equal(len(read(path)), 4097, "size")
    mount.unmount()


def is_readable(path):
    try:
        read(path)
        return True
    except OSError:
        return False


def away(site, scope, server):
    mount = Mount(site, scope, server, "away", options=["CVMFS_TIMEOUT_DIRECT=2", "CVMFS_MAX_RETRIES=0"])
    cached, cold = tree(mount) + "/size/same-1", tree(mount) + "/size/4096"
    good = read(cached)
    os.stat(cold)
    server.stop()
    try:
        expect_equal(read(cached), good, "what was cached")
        start = time.monotonic()
        fails_with_io_error(cold)
        expect(time.monotonic() - start < 60, "the error took %.0f s" % (time.monotonic() - start))
    finally:
        server.start()
    wait_until("the file is readable again", lambda: is_readable(cold), 30, 0.5)
    expect_equal(len(read(cold)), 4096, "size")
    expect(is_mounted(mount.path), "the mount is gone")
    mount.unmount()


def mount_command(site, scope, server, *more):
    return run(site.wharf, "mount", REPOSITORY, scope.directory("refused"), "--server", server.url + "/cvmfs/@fqrn@",
               "--cache", scope.directory("refused.cache"), *more, check=False, timeout=60)


def wrong_key(site, scope, server):
    private, public = scope.path + "/wrong.pem", scope.path + "/wrong.pub"
    run("openssl", "genrsa", "-out", private, "2048")
    run("openssl", "rsa", "-in", private, "-pubout", "-out", public)
    result = mount_command(site, scope, server, "--public-key", public)
    expect_equal(result.returncode, 1, "status")
    expect(b"whitelist" in result.stderr or b"key" in result.stderr, "said: %r" % result.stderr[-400:])


def no_key(site, scope, server):
    result = mount_command(site, scope, server)
    expect_equal(result.returncode, 1, "status")
    expect(b"/keys/" in result.stderr or b"public-key" in result.stderr, "said: %r" % result.stderr[-400:])
