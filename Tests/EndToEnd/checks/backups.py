# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""`wharf admin backup|restore`: taken while the server works, and put back so that no client sees the past again."""
import contextlib
import http.server
import json
import os
import re
import shutil
import stat
import threading

from fixtures.mount import Mount
from fixtures.pushes import push_image
from fixtures.server import REPOSITORY, Server
from fixtures.site import Scope, run, wait_until
from fixtures.verdict import expect, expect_equal


def checks(site):
    with Scope("backups") as scope:
        server = Server(site, scope)
        push_image(server, "team/app", "1", [("etc/name", b"one\n")])
        server.wait_published("team/app", "1")
        backup = os.path.join(scope.path, "backup")
        yield "a backup is made while images are pushed", lambda: made(site, server, backup)
        mount = Mount(site, scope, server)
        yield "with the files still there, a client that saw more follows", lambda: database_lost(
            site, server, backup, mount)
        yield "with the repository lost, it is made anew, and the client follows", lambda: repository_lost(
            site, scope, server, backup, mount)
        mount.unmount()
        yield "missing blobs are named", lambda: blobs_lost(site, scope, backup)
        yield "a restore that is killed is run again", lambda: killed(site, scope, backup)
        yield "nothing is overwritten, and no half backup is taken", lambda: refused(site, scope, server, backup)


def admin(site, *words, check=True):
    return run(site.wharf, "admin", *words, check=check)


def made(site, server, backup):
    ended = threading.Event()

    def push():
        number = 0
        while not ended.is_set():
            push_image(server, "busy/app", str(number), [("n", str(number).encode())])
            number += 1
    pusher = threading.Thread(target=push)
    pusher.start()
    try:
        report = json.loads(admin(site, "backup", backup, "--data", server.data, "--json").stdout)
        second = backup + "-2"
        admin(site, "backup", second, "--data", server.data)
    finally:
        ended.set()
        pusher.join()
    expect_equal((report["format"], [r["name"] for r in report["repositories"]]), (1, [REPOSITORY]), "the report")
    with open(os.path.join(backup, "blobs.txt")) as f:
        lines = f.read().splitlines()
    expect(len(lines) == report["blobs"] >= 2, "%d lines, %d blobs" % (len(lines), report["blobs"]))
    for line in lines:
        expect(re.fullmatch("sha256:[0-9a-f]{64} [0-9]+", line), "malformed: %r" % line)
    for folder, folders, files in os.walk(backup):
        for name in folders + files:
            mode = stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
            expect_equal(oct(mode), oct(0o700 if name in folders else 0o600), "the mode of " + name)
    names = set(os.listdir(backup))
    expect_equal(names, {"wharf.db", "keys", "repositories", "blobs.txt", "backup.json"}, "what is in the backup")
    for name in os.listdir(os.path.join(server.data, "keys")):
        expect(os.path.exists(os.path.join(backup, "keys", name)), "the key %s is not there" % name)


def revision(server):
    return int(re.search(rb"^S([0-9]+)$", server.get("/cvmfs/%s/.cvmfspublished" % REPOSITORY)[1], re.M)[1])


def sees(mount, name, tag, content):
    path = os.path.join(mount.link(name, tag), "etc/name")

    def look():
        with contextlib.suppress(OSError):
            with open(path, "rb") as f:
                return f.read() == content
        return False
    wait_until("the client sees %s:%s" % (name, tag), look, 60)


def newer(server, mount, tag):
    """Something that only this life of the server has, and that the client has seen."""
    content = b"only in the life of %s\n" % tag.encode()
    push_image(server, "lost/app", tag, [("etc/name", content)])
    server.wait_published("lost/app", tag)
    sees(mount, "lost/app", tag, content)
    return revision(server)


def after(server, mount, tag, seen):
    """What is published after a restore reaches the client that saw a newer revision than the backup's."""
    expect(revision(server) > seen, "revision %d, and clients have seen %d" % (revision(server), seen))
    content = b"after the restore\n"
    push_image(server, "team/after", tag, [("etc/name", content)])
    server.wait_published("team/after", tag)
    sees(mount, "team/after", tag, content)
    sees(mount, "team/app", "1", b"one\n")
    expect(not os.path.lexists(mount.link("lost/app", tag)), "what the backup does not have is still shown")
    run(server.site.wharf, "repo", "check", server.url + "/cvmfs/" + REPOSITORY, "--public-key", server.key, "--objects")


def database_lost(site, server, backup, mount):
    seen = newer(server, mount, "a")
    server.kill()
    for name in os.listdir(server.data):
        if name.startswith("wharf.db"):
            os.unlink(os.path.join(server.data, name))
    report = json.loads(admin(site, "restore", backup, "--data", server.data, "--json").stdout)
    found = report["repositories"][0]
    expect(found["revision"] > seen and not found["isRebuilt"] and report["missing"] == [], "it says: %s" % report)
    server.start()
    after(server, mount, "a", seen)


def repository_lost(site, scope, server, backup, mount):
    seen = newer(server, mount, "b")
    server.kill()
    mirror = os.path.join(scope.path, "mirror", REPOSITORY)
    os.makedirs(os.path.dirname(mirror))
    shutil.copytree(os.path.join(server.data, "repositories", REPOSITORY), mirror)
    blobs = os.path.join(scope.path, "blobs-kept")
    os.rename(os.path.join(server.data, "blobs"), blobs)
    shutil.rmtree(server.data)
    os.mkdir(server.data)
    os.rename(blobs, os.path.join(server.data, "blobs"))
    unheard = admin(site, "restore", backup, "--data", server.data, "--visible", "http://127.0.0.1:1/@fqrn@", check=False)
    expect(unheard.returncode == 1 and b"127.0.0.1:1" in unheard.stderr, "a mirror that is away: %s" % unheard.stderr)
    with served(os.path.dirname(mirror)) as address:
        report = json.loads(admin(site, "restore", backup, "--data", server.data, "--json", "--visible",
                                  address + "/@fqrn@").stdout)
    found = report["repositories"][0]
    expect(found["revision"] > seen and found["isRebuilt"] and report["missing"] == [], "it says: %s" % report)
    server.start()
    server.wait_published("team/app", "1")
    after(server, mount, "b", seen)


@contextlib.contextmanager
def served(directory):
    """The files of a directory, as a web server shows them."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *words):
            super().__init__(*words, directory=directory)

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield "http://127.0.0.1:%d" % server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def blobs_lost(site, scope, backup):
    data = os.path.join(scope.path, "empty")
    done = admin(site, "restore", backup, "--data", data, check=False)
    expect_equal(done.returncode, 1, "status")
    said = done.stdout.decode()
    expect("needed by team/app:1" in said, "it says: %s" % said)
    server = Server(site, scope, data=data)
    run(site.wharf, "admin", "scrub", "--data", data, check=False)
    push_image(server, "team/app", "1", [("etc/name", b"one\n")])
    server.wait_published("team/app", "1")
    server.stop()


def killed(site, scope, backup):
    data = os.path.join(scope.path, "killed")
    os.makedirs(data)
    # What a kill leaves: a database under another name, with its log.
    for suffix in ("", "-wal", "-shm"):
        with open(os.path.join(data, "wharf.db.restoring" + suffix), "wb") as f:
            f.write(b"half" * 1000)
    expect_equal(admin(site, "restore", backup, "--data", data, check=False).returncode, 1, "status, for missing blobs")
    names = set(os.listdir(data))
    expect("wharf.db" in names and not any("restoring" in n for n in names), "it left %s" % names)


def refused(site, scope, server, backup):
    again = admin(site, "backup", backup, "--data", server.data, check=False)
    expect(again.returncode == 1 and b"not empty" in again.stderr, "it says: %s" % again.stderr)
    used = admin(site, "restore", backup, "--data", server.data, check=False)
    expect(used.returncode == 1 and b"another process uses" in used.stderr, "it says: %s" % used.stderr)
    server.stop()
    there = admin(site, "restore", backup, "--data", server.data, check=False)
    expect(there.returncode == 1 and b"a database in" in there.stderr, "it says: %s" % there.stderr)
    half = os.path.join(scope.path, "half")
    shutil.copytree(backup, half)
    os.unlink(os.path.join(half, "backup.json"))
    done = admin(site, "restore", half, "--data", os.path.join(scope.path, "half-data"), check=False)
    expect(done.returncode == 1 and b"no backup" in done.stderr, "it says: %s" % done.stderr)
    other = os.path.join(scope.path, "other")
    os.makedirs(os.path.join(other, "keys"), 0o700)
    with open(os.path.join(other, "keys", REPOSITORY + ".key"), "w") as f:
        f.write("another key")
    done = admin(site, "restore", backup, "--data", other, check=False)
    expect(done.returncode == 1 and b"another key" in done.stderr, "it says: %s" % done.stderr)
