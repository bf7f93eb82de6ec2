# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""kill -9 and a full disk, in the middle of upload, ingest and commit: what was acknowledged is there."""
import os
import random
import subprocess
import threading
import time

from fixtures.images import blob_path, descriptors, push_by_layout, tags
from fixtures.mount import Mount
from fixtures.server import REPOSITORY, Server
from fixtures.site import CORPUS_TOOLS, Scope, run, wait_until
from fixtures.trees import check_tree, expected
from fixtures.verdict import expect, expect_equal

WEIRD = ("1", "1-gzip", "lower-link", "order", "dup", "sparse", "numbers", "names", "xattrs")


def checks(site):
    with Scope("kills") as scope:
        server = Server(site, scope)
        kills = 40 if site.is_long else 12
        yield "%d kills at any time: what was acknowledged is there" % kills, lambda: kills_at_any_time(
            site, server, kills), 500
        yield "after them the pending work finishes by itself", lambda: finishes(site, scope, server), 300
        yield "after them the repository checks clean", lambda: run(
            site.wharf, "repo", "check", server.url + "/cvmfs/" + REPOSITORY, "--public-key", server.key, "--objects")
        yield "an upload goes on where it was after a kill", lambda: upload_goes_on(server)
    with Scope("twice") as scope:
        server = Server(site, scope)
        yield "a second server on the data directory is refused", lambda: refused(site, server)
        yield "SIGTERM ends the server with status 0", lambda: ends(server)
    with Scope("full") as scope:
        yield "a full disk: the push fails with an error, the server lives and goes on", lambda: full_disk(
            site, scope), 300
    with Scope("delayed") as scope:
        yield "a disk that is full for what is made of an image: its status says so, and it is published when there is room", lambda: delayed(
            site, scope), 300


def kills_at_any_time(site, server, kills):
    """One process pushes, one kills. A push that ended well must survive every kill after it."""
    seed = int.from_bytes(os.urandom(4), "big")
    print("        seed %d" % seed, flush=True)
    dice, acknowledged, ended = random.Random(seed), {}, threading.Event()

    def push():
        turn = 0
        while not ended.is_set():
            tag = WEIRD[turn % len(WEIRD)]
            name = "kills/%d" % (turn // len(WEIRD))
            done = subprocess.run([os.path.join(CORPUS_TOOLS, "push-layout"), "--tag", tag, site.layout("weird"),
                                   server.url, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if done.returncode == 0:
                acknowledged[(name, tag)] = done.stdout
                turn += 1
            else:
                time.sleep(0.1)
    pusher = threading.Thread(target=push)
    pusher.start()
    try:
        for _ in range(kills):
            time.sleep(dice.uniform(0.05, 2.5))
            server.kill()
            server.start()
    finally:
        ended.set()
        pusher.join()
    expect(acknowledged, "no push came through between the kills")
    tops = dict(tags(site.layout("weird")))
    for name, tag in acknowledged:
        for descriptor, is_manifest in descriptors(site.layout("weird"), tops[tag]):
            kind = "manifests" if is_manifest else "blobs"
            status, body, _ = server.get("/v2/%s/%s/%s" % (name, kind, descriptor["digest"]))
            expect_equal(status, 200, "GET of %s of %s:%s" % (descriptor["digest"], name, tag))
            with open(blob_path(site.layout("weird"), descriptor["digest"]), "rb") as f:
                expect(f.read() == body, "%s changed" % descriptor["digest"])
        expect_equal(server.get("/v2/%s/manifests/%s" % (name, tag))[0], 200, "%s:%s" % (name, tag))
    server.acknowledged = set(acknowledged)


def finishes(site, scope, server):
    for name, tag in sorted(server.acknowledged):
        server.wait_published(name, tag)
    mount = Mount(site, scope, server)
    for name, tag in sorted(server.acknowledged)[:4]:
        check_tree(server, mount, name, tag, mount.link(name, tag), expected(site.layout("weird"), tag))
    mount.unmount()


def upload_goes_on(server):
    import hashlib
    data = random.Random(7).randbytes(6 << 20)
    half = 3 << 20
    status, _, headers = server.request("POST", "/v2/kills/upload/blobs/uploads/")
    expect_equal(status, 202, "POST")
    place = headers["Location"].removeprefix(server.url)
    status, _, headers = server.request("PATCH", place, data[:half], {
        "Content-Type": "application/octet-stream", "Content-Range": "0-%d" % (half - 1)})
    expect_equal(status, 202, "PATCH")
    place = headers["Location"].removeprefix(server.url)
    server.kill()
    server.start()
    status, _, headers = server.get(place)
    expect_equal(status, 204, "status of the upload")
    at = int(headers["Range"].split("-")[1]) + 1
    expect(at == half, "%d of %d acknowledged bytes are left" % (at, half))
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    status, _, _ = server.request("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest, data[at:], {
        "Content-Type": "application/octet-stream", "Content-Range": "%d-%d" % (at, len(data) - 1)})
    expect_equal(status, 201, "PUT")
    expect(server.get("/v2/kills/upload/blobs/" + digest)[1] == data, "the blob is not what was sent")


def refused(site, server):
    second = run(site.wharf, "serve", "--data", server.data, "--listen", "127.0.0.1:0", check=False, timeout=30)
    expect_equal(second.returncode, 1, "status")
    expect(server.data.encode() in second.stderr, "said: %r" % second.stderr[-300:])


def ends(server):
    server.process.terminate()
    expect_equal(server.process.wait(20), 0, "status")


def delayed(site, scope):
    """The blobs fit, what is made of them does not."""
    data = scope.directory("data")
    run("mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", data)
    scope.defer(run, "umount", "-l", data)
    server = Server(site, scope, data)
    push_by_layout(site.layout("debian"), "1", server, "corpus/debian")
    wait_until("the status says why nothing gets further",
               lambda: "full" in ((server.status("corpus/debian", "1") or {}).get("reason") or ""), 60)
    expect(server.status("corpus/debian", "1")["state"] in ("stored", "ingesting"), "a full disk has decided about the image")
    run("mount", "-o", "remount,size=400m", data)
    status = server.wait_published("corpus/debian", "1")
    expect_equal(status["reason"], None, "the reason afterwards")


def full_disk(site, scope):
    data = scope.directory("data")
    run("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", data)
    scope.defer(run, "umount", "-l", data)
    server = Server(site, scope, data)
    push_by_layout(site.layout("tiny"), "1", server, "corpus/tiny")
    server.wait_published("corpus/tiny", "1")
    result = subprocess.run([os.path.join(CORPUS_TOOLS, "push-layout"), "--tag", "1", site.layout("debian"), server.url,
                             "corpus/debian"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = (result.stdout + result.stderr).decode()
    expect(result.returncode != 0, "48 MB fitted into 40")
    expect("space" in said or "507" in said or "full" in said, "the error does not say why: %s" % said[-400:])
    expect(server.is_ready(), "the server is not ready")
    expect_equal(server.get("/v2/corpus/tiny/manifests/1")[0], 200, "the image that was there")
    run("mount", "-o", "remount,size=400m", data)
    push_by_layout(site.layout("debian"), "1", server, "corpus/debian")
    server.wait_published("corpus/debian", "1")
    mount = Mount(site, scope, server, cache=scope.directory("cache"))
    check_tree(server, mount, "corpus/debian", "1", mount.link("corpus/debian", "1"),
               expected(site.layout("debian"), "1"))
    mount.unmount()
