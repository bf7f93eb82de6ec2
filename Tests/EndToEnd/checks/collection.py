# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Garbage collection beside everything else: what is needed stays, what is not goes, and the space comes back."""
import hashlib
import json
import os
import random
import threading

from fixtures.mount import Mount
from fixtures.pushes import INDEX, MANIFEST, digest_of, layer, push_blob, push_image, push_manifest
from fixtures.server import REPOSITORY, Server
from fixtures.site import Scope, run, wait_until
from fixtures.verdict import Failed, expect, expect_equal

# Long enough for a push on a busy machine, short enough to wait for.
GRACES = {"WHARF_GC_INTERVAL": "0s", "WHARF_GC_BLOB_GRACE": "4s", "WHARF_GC_UNTAGGED_GRACE": "2s",
          "WHARF_GC_REFERRER_GRACE": "2s", "WHARF_GC_TREE_GRACE": "1s", "WHARF_GC_LAYER_GRACE": "1s",
          "WHARF_GC_OBJECT_GRACE": "2s", "WHARF_PUBLISHING_SNAPSHOT_COUNT": "5"}


def checks(site):
    with Scope("collection") as scope:
        server = Server(site, scope, settings=GRACES)
        yield "deleted images give their space back, and those beside them stay", lambda: deleted(site, server)
        yield "an index keeps its children, and a deleted subject gives up what refers to it", lambda: family(
            site, server)
        yield "a dry run names what goes and changes nothing", lambda: dry_run(site, server)
        yield "pushes and pulls go on while collections run without a pause", lambda: busy(site, server)
        yield "a tree without a link goes, under a mounted client, and comes back when it is pushed again", (
            lambda: published(site, scope, server))
        yield "a layer that stands by itself goes with its last image, and when its project wants no layers any more", (
            lambda: layers(site, scope, server))
        yield "objects of revisions that no snapshot names go, and those of a crash", lambda: objects(site, server)
        yield "a server that is killed at any step of a collection loses nothing", lambda: killed(site, server), 600
        yield "runs are kept, counted and shown", lambda: told(site, server)
        yield "without a server the command works on the data", lambda: alone(site, server)
        yield "wrong words and no data are refused", lambda: refused(site, scope)


def collect(site, server, *words, check=True):
    done = run(site.wharf, "admin", "gc", "--data", server.data, "--json", *words, check=check)
    return json.loads(done.stdout) if check else done


def collect_until(site, server, what, condition, seconds=60):
    """Runs collections until the graces have passed and `condition` holds."""
    def once():
        collect(site, server)
        return condition()
    wait_until(what, once, seconds, 0.3)


def blob_file(server, digest):
    algorithm, digits = digest.split(":")
    return os.path.join(server.data, "blobs", algorithm, digits[:2], digits)


def is_stored(server, digest):
    return os.path.exists(blob_file(server, digest))


def noise(size, seed):
    return random.Random(seed).randbytes(size)


def size_of(directory):
    return sum(os.lstat(os.path.join(place, name)).st_size
               for place, _, names in os.walk(directory) for name in names)


def delete_manifest(server, name, digest):
    status, body, _ = server.request("DELETE", "/v2/%s/manifests/%s" % (name, digest))
    expect(status == 202, "DELETE of a manifest: %d %r" % (status, body[:200]))


def pull(server, name, tag):
    """Pulls an image by hand, every byte of it."""
    status, body, _ = server.get("/v2/%s/manifests/%s" % (name, tag), {"Accept": "*/*"})
    expect(status == 200, "the manifest %s:%s: %d" % (name, tag, status))
    manifest = json.loads(body)
    for part in [manifest["config"]] + manifest["layers"]:
        status, body, _ = server.get("/v2/%s/blobs/%s" % (name, part["digest"]))
        expect(status == 200 and digest_of(body) == part["digest"], "a blob of %s:%s: %d" % (name, tag, status))


def check_repository(site, server):
    done = run(site.wharf, "repo", "check", REPOSITORY, "--data", server.data, "--objects", check=False)
    expect_equal(done.returncode, 0, "repo check: " + done.stdout.decode()[-600:])


# -- The registry

def deleted(site, server):
    kept, _, _ = push_image(server, "team/keep", "1", [("a", noise(200_000, 1))])
    gone, _, manifest = push_image(server, "team/go", "1", [("a", noise(1_000_000, 2))])
    loose = push_blob(server, "team/go", noise(1000, 3))
    before = size_of(os.path.join(server.data, "blobs"))
    delete_manifest(server, "team/go", manifest["digest"])
    expect(is_stored(server, gone["digest"]), "the blob went with its manifest, without any grace")
    collect_until(site, server, "the blobs are gone",
                  lambda: not is_stored(server, gone["digest"]) and not is_stored(server, loose["digest"]))
    expect(before - size_of(os.path.join(server.data, "blobs")) > 1_000_000, "the space did not come back")
    expect_equal(server.request("HEAD", "/v2/team/go/blobs/" + gone["digest"])[0], 404, "HEAD of what was collected")
    expect(is_stored(server, kept["digest"]), "a blob that is needed is gone")
    pull(server, "team/keep", "1")
    push_image(server, "team/go", "1", [("a", noise(1_000_000, 2))])
    pull(server, "team/go", "1")


def family(site, server):
    _, _, child = push_image(server, "team/family", None, [("a", b"child\n")])
    index = push_manifest(server, "team/family", "all", {
        "schemaVersion": 2, "mediaType": INDEX,
        "manifests": [dict(child, platform={"os": "linux", "architecture": "amd64"})]}, INDEX)
    config = push_blob(server, "team/family", b"{}")
    config["mediaType"] = "application/vnd.example.signature"
    signature = push_manifest(server, "team/family", None, {
        "schemaVersion": 2, "mediaType": child["mediaType"], "config": config, "layers": [], "subject": index})
    _, _, loose = push_image(server, "team/family", None, [("a", b"loose\n")])

    def has(manifest):
        digests = [line.split()[0] for line in listing(site, server)]
        return manifest["digest"] in digests
    collect_until(site, server, "the loose manifest is gone", lambda: not has(loose))
    expect(has(child) and has(index) and has(signature), "what a tag holds is gone")
    delete_manifest(server, "team/family", index["digest"])
    collect_until(site, server, "child and signature are gone", lambda: not has(child) and not has(signature))


def listing(site, server):
    """The manifests of the repository, asked of the database, since a question to the server would renew them."""
    import sqlite3
    with sqlite3.connect("file:%s/wharf.db?mode=ro" % server.data, uri=True) as database:
        return [row[0] for row in database.execute("SELECT digest FROM manifest")]


def dry_run(site, server):
    loose = push_blob(server, "team/dry", noise(5000, 4))
    collect(site, server)

    def preview():
        return [i["name"] for i in collect(site, server, "--dry-run", "--registry")["items"]]
    wait_until("a dry run names the blob", lambda: loose["digest"] in preview(), 30, 0.3)
    expect(is_stored(server, loose["digest"]), "a dry run has removed something")
    would = sorted(preview())
    expect_equal(sorted(i["name"] for i in collect(site, server, "--registry")["items"]), would, "what went")
    text = run(site.wharf, "admin", "gc", "--data", server.data, "--dry-run", "--registry").stdout.decode()
    expect("registry: would remove" in text, "it says: " + text)


def busy(site, server):
    """Clients share contents, so that what one lets go another is about to name."""
    failures, stop = [], threading.Event()

    def client(number):
        dice = random.Random(number)
        try:
            for turn in range(12):
                name = "team/busy%d" % (number % 2)
                files = [("f", noise(50_000, 100 + dice.randrange(4)))]
                tag = "c%d" % number
                _, _, manifest = push_image(server, name, tag, files)
                pull(server, name, tag)
                if dice.random() < 0.6:
                    server.delete_tag(name, tag)
        except Exception as e:  # told to the thread that waits
            failures.append(e)

    def collector():
        while not stop.is_set():
            try:
                collect(site, server)
            except Exception as e:
                failures.append(e)
                return
    clients = [threading.Thread(target=client, args=(n,)) for n in range(4)]
    runner = threading.Thread(target=collector)
    runner.start()
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    stop.set()
    runner.join()
    if failures:
        raise failures[0]


# -- Published repositories

def published(site, scope, server):
    files = [("usr/share/data", noise(300_000, 7)), ("etc/motd", b"hello\n")]
    push_image(server, "team/tree", "1", files)
    push_image(server, "team/other", "1", [("etc/motd", b"other\n")])
    server.wait_published("team/tree", "1")
    server.wait_published("team/other", "1")
    mount = Mount(site, scope, server)
    link = mount.link("team/tree", "1")
    tree = os.path.realpath(link)
    held = open(os.path.join(tree, "usr/share/data"), "rb")
    scope.defer(held.close)
    server.delete_tag("team/tree", "1")
    wait_until("the link is gone", lambda: not os.path.lexists(link), 30)
    layers = os.path.join(server.data, "layers", REPOSITORY)
    count = len(os.listdir(layers))
    collect_until(site, server, "the tree is gone", lambda: not os.path.exists(tree))
    expect_equal(held.read(), files[0][1], "what an open file of a tree that was collected holds")
    with open(os.path.join(mount.link("team/other", "1"), "etc/motd"), "rb") as f:
        expect_equal(f.read(), b"other\n", "a file beside")
    check_repository(site, server)
    collect_until(site, server, "the layer index is gone", lambda: len(os.listdir(layers)) < count)
    push_image(server, "team/tree", "1", files)
    server.wait_published("team/tree", "1")
    wait_until("the tree is back", lambda: os.path.exists(os.path.join(link, "etc/motd")), 30)
    with open(os.path.join(link, "usr/share/data"), "rb") as f:
        expect_equal(f.read(), files[0][1], "a file of the tree that came back")
    check_repository(site, server)


def layers(site, scope, server):
    run(site.wharf, "admin", "project", "create", "stack", "--public", "--data", server.data)
    run(site.wharf, "admin", "project", "set", "stack", "publish_layers=true", "--data", server.data)
    shared, own = [("etc/base", b"base\n")], [("opt/own", noise(40_000, 40))]
    for name, parts in (("stack/one", [shared, own]), ("stack/two", [shared])):
        push_layers(server, name, parts)
        server.wait_published(name, "1")
    mount = Mount(site, scope, server)
    top = os.path.join(mount.path, ".layers")

    def shown():
        return {d for place in os.listdir(top) if len(place) == 2 for d in os.listdir(os.path.join(top, place))
                if len(d) == 64}
    base, unique = (layer(files)[0] for files in (shared, own))
    base, unique = (hashlib.sha256(blob).hexdigest() for blob in (base, unique))
    wait_until("the layers are mounted", lambda: {base, unique} <= shown(), 30)
    records = os.path.join(server.data, "layers", REPOSITORY)

    def reports():
        return [name for name in os.listdir(records) if name.endswith(".stacking.json")]
    before = len(reports())
    server.delete_tag("stack/one", "1")
    collect_until(site, server, "the layer of the deleted image is gone", lambda: unique not in shown())
    expect(base in shown(), "a layer that another image has is gone")
    collect_until(site, server, "what was noted of its stack is gone", lambda: len(reports()) < before)
    check_repository(site, server)
    run(site.wharf, "admin", "project", "set", "stack", "publish_layers=", "--data", server.data)
    collect_until(site, server, "no layer is shown", lambda: not shown())
    with open(os.path.join(mount.link("stack/two", "1"), "etc/base"), "rb") as f:
        expect_equal(f.read(), b"base\n", "a file of the image whose layers went")
    run(site.wharf, "admin", "project", "set", "stack", "publish_layers=true", "--data", server.data)
    wait_until("the layer is back", lambda: base in shown(), 30)
    check_repository(site, server)


def push_layers(server, name, parts):
    blobs = [layer(files) for files in parts]
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                         "rootfs": {"type": "layers", "diff_ids": [diff for _, diff in blobs]}}).encode()
    push_manifest(server, name, "1", {
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": dict(push_blob(server, name, config), mediaType="application/vnd.oci.image.config.v1+json"),
        "layers": [dict(push_blob(server, name, blob), mediaType="application/vnd.oci.image.layer.v1.tar+gzip")
                   for blob, _ in blobs]})


def objects(site, server):
    data = os.path.join(server.data, "repositories", REPOSITORY, "data")
    content = noise(800_000, 8)
    push_image(server, "team/large", "1", [("large", content)])
    server.wait_published("team/large", "1")
    left_over = noise(10_000, 9)
    name = hashlib.shake_128(left_over).hexdigest(20)
    stray = os.path.join(data, name[:2], name[2:] + "-shake128")
    with open(stray, "wb") as f:
        f.write(left_over)
    server.delete_tag("team/large", "1")
    collect_until(site, server, "the object of no revision is gone", lambda: not os.path.exists(stray))
    check_repository(site, server)
    files = [os.path.join(place, name) for place, _, names in os.walk(data) for name in names]
    # Noise does not compress.
    large = [f for f in files if len(content) <= os.path.getsize(f) < len(content) + 1000]
    expect_equal(len(large), 1, "objects that hold the content")
    # Automatic snapshots name the last revisions, and keep what they hold.
    for number in range(8):
        push_image(server, "team/many", "t%d" % number, [("n", b"%d" % number)])
        server.wait_published("team/many", "t%d" % number)
    collect_until(site, server, "the object of the deleted image is gone", lambda: not os.path.exists(large[0]), 60)
    check_repository(site, server)
    push_image(server, "team/large", "1", [("large", content)])
    server.wait_published("team/large", "1")
    expect_equal(losses(server, "team/large"), [], "differences of the image that came back")
    check_repository(site, server)


def losses(server, name):
    """What a tree has otherwise than its layers; what apptainer wants is added to every tree."""
    return [d for d in server.differences(name, "1") if not d.startswith("added ")]


def killed(site, server):
    dice = random.Random(5)
    push_image(server, "team/steady", "1", [("a", noise(100_000, 20))])
    for turn in range(24 if site.is_long else 6):
        for number in range(8):
            push_image(server, "team/k%d" % number, "1", [("a", noise(20_000, 1000 + turn * 8 + number))])
        for number in range(8):
            server.wait_published("team/k%d" % number, "1")
            server.delete_tag("team/k%d" % number, "1")
        done = threading.Event()

        def collector():
            while not done.is_set():
                # Its server dies; then it says so.
                collect(site, server, check=False)
        runner = threading.Thread(target=collector)
        runner.start()
        try:
            done.wait(2 + dice.random() * 3)
            server.kill()
        finally:
            done.set()
            runner.join()
        server.start()
        check_repository(site, server)
        pull(server, "team/steady", "1")
    collect_until(site, server, "nothing is left to remove", lambda: not collect(site, server)["items"], 120)
    check_repository(site, server)
    expect_equal(losses(server, "team/steady"), [], "differences of the image that stayed")


# -- Telling

def told(site, server):
    runs = json.loads(run(site.wharf, "admin", "gc", "--data", server.data, "--status", "--json").stdout)["runs"]
    expect(runs and all(r["outcome"] in ("finished", "interrupted") for r in runs), "the runs are %s" % runs)
    expect({"registry", REPOSITORY} <= {r["subject"] for r in runs}, "the runs are %s" % runs)
    text = run(site.wharf, "admin", "gc", "--data", server.data, "--status").stdout.decode()
    expect("STARTED" in text and "finished" in text, "it says: " + text)
    page = server.get("/metrics")[1].decode()
    expect("wharf_storage_collection_runs_total" in page, "the metrics do not tell of collections")
    expect('wharf_storage_collection_removed_total{kind="blobs"}' in page, "the metrics do not tell what was removed")


def alone(site, server):
    loose = push_blob(server, "team/alone", noise(3000, 30))
    collect(site, server)
    wait_until("its grace has passed", lambda: loose["digest"] in [
        i["name"] for i in collect(site, server, "--dry-run")["items"]], 30, 0.3)
    server.stop()
    run(site.wharf, "admin", "gc", "--data", server.data)
    expect(is_stored(server, loose["digest"]), "without any setting the grace is a day, and the blob is gone")
    # What the server has from its file the command has from the same.
    config = os.path.join(os.path.dirname(server.data), "collection.yaml")
    with open(config, "w") as f:
        f.write("data: %s\ngc:\n  blobGrace: %s\n" % (server.data, GRACES["WHARF_GC_BLOB_GRACE"]))
    run(site.wharf, "admin", "gc", "--config", config)
    expect(not is_stored(server, loose["digest"]), "the blob is still there")
    environment = dict(os.environ, **GRACES)
    text = run(site.wharf, "repo", "gc", REPOSITORY, "--data", server.data, env=environment).stdout.decode()
    expect(text.strip().split("\n")[-1].startswith(REPOSITORY + ": removed"), "it says: " + text)
    check_repository(site, server)
    server.start()
    pull(server, "team/steady", "1")


def refused(site, scope):
    done = run(site.wharf, "admin", "gc", "--data", scope.path, check=False)
    expect_equal(done.returncode, 1, "status")
    expect(b"there is no data" in done.stderr, "it says: %s" % done.stderr.decode())
    expect_equal(run(site.wharf, "repo", "gc", "not a name", check=False).returncode, 2, "status")
