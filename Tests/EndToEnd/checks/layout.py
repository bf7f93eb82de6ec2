# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""What consumers find in a published tree: podman's store, layers to be stacked, referrers, apptainer's scripts; and which
tags are there at all."""
import base64
import hashlib
import json
import os
import threading
import time

from fixtures.containerd import Containerd
from fixtures.images import Podman, push_by_layout, push_by_skopeo, tags
from fixtures.listeners import Stream
from fixtures.mount import Mount
from fixtures.overlays import overlay
from fixtures.pushes import INDEX, MANIFEST, digest_of, push_blob, push_image, push_manifest
from fixtures.server import REPOSITORY, Server
from fixtures.site import Scope, run, tool, wait_until
from fixtures.trees import mounted, plain
from fixtures.verdict import Skipped, expect, expect_equal

EMPTY = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2}


def checks(site):
    with Scope("layout") as scope:
        server = Server(site, scope)
        admin(site, server, "project", "create", "layers", "--public")
        admin(site, server, "project", "set", "layers", "publish_layers=true")
        push_by_skopeo(site.layout("tiny"), "1", server, "demo/tiny")
        push_by_skopeo(site.layout("python"), "1", server, "layers/python")
        for name in ("demo/tiny", "layers/python"):
            server.wait_published(name, "1")
        mount = Mount(site, scope, server)
        for name in ("demo/tiny", "layers/python"):
            wait_until("%s is mounted" % name, lambda: os.path.isdir(mount.link(name, "1")), 10)
        yield "podman lists, inspects and runs images out of podmanStore without a pull", lambda: podman_store(
            site, scope, server, mount)
        yield "podmanStore follows tags that come, move and go", lambda: podman_follows(site, scope, server, mount)
        yield "layers stacked by the kernel are the flat tree, entry by entry", lambda: stacked(scope, server, mount)
        yield "a container of containerd runs on stacked layers", lambda: by_containerd(scope, mount)
        yield "layers that cannot be stacked are not shown, and the status says where they differ", lambda: unstackable(
            site, server, mount)
        yield "a container on an overlay is undisturbed by new revisions", lambda: undisturbed(site, scope, server, mount)
        yield "signatures and bills of materials stand beside the image, also when they come later", lambda: referrers(
            server, mount)
        yield "apptainer's scripts keep hostile words of the config from meaning anything", lambda: apptainer_scripts(
            server, mount)
        yield "real apptainer runs the flat tree", lambda: by_apptainer(mount)
        yield "charliecloud runs the flat tree", lambda: by_charliecloud(mount)
        yield "rules of a project decide at once which of its tags are shown", lambda: rules(site, server, mount)
        yield "a tag can be published and unpublished by name, whatever the rules say", lambda: by_name(
            site, server, mount)
        yield "only the platforms of the project are shown of an index", lambda: platforms(site, server, mount)
        yield "looking at tags again makes no new revision", lambda: idempotent(site, server)
        yield "a private project has a repository of its own, for its members alone", lambda: private(site, scope)


def admin(site, server, *words, password=None):
    from checks.access import admin as command
    return command(site, server, *words, password=password)


def revision(server):
    _, body, _ = server.get("/cvmfs/%s/.cvmfspublished" % REPOSITORY)
    return next(int(line[1:]) for line in body.split(b"\n") if line.startswith(b"S"))


# -- podman

class StorePodman(Podman):
    """podman that looks into the store of a mount before it would pull."""

    def __init__(self, scope, mount, name):
        super().__init__(scope)
        self.base = self.base[:1]
        path = os.path.join(scope.path, name + ".conf")
        with open(path, "w") as f:
            f.write('[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n[storage.options]\n'
                    'additionalimagestores = ["%s/podmanStore"]\n' % (
                        scope.directory(name), scope.directory(name + "-run"), mount.path))
        self.environment = dict(self.environment, CONTAINERS_STORAGE_CONF=path)
        scope.defer(run, "umount", "-l", os.path.join(scope.path, name, "overlay"))

    def names(self):
        out = self("images", "--format", "{{.Repository}}:{{.Tag}}").stdout.decode().split()
        return set(out)


def podman_store(site, scope, server, mount):
    podman = StorePodman(scope, mount, "store")
    reference = "%s/layers/python:1" % server.address
    expect(reference in podman.names(), podman.names())
    digest = tags(site.layout("python"))[0][1]["digest"]
    by_digest = "%s/layers/python@%s" % (server.address, digest)
    for name in (reference, by_digest):
        seen = json.loads(podman("inspect", "--type", "image", name).stdout)[0]
        expect_equal(seen["Digest"], digest, "digest by %s" % name)
    with open(os.path.join(mount.path, ".metadata", server.address, "layers/python:1/image-config.json")) as f:
        config = json.load(f)["config"]
    expect_equal(seen["Config"].get("Env"), config.get("Env"), "environment")
    expect_equal(seen["Config"].get("Entrypoint"), config.get("Entrypoint"), "entrypoint")
    out = podman("run", "--rm", "--pull=never", "--network=none", reference, "sh", "-c",
                 "echo $LANG; python3 -c 'import numpy; print(numpy.__name__)'; touch /written && echo ok")
    expect_equal(out.stdout.decode().split(), ["C.UTF-8", "numpy", "ok"], "what the container said")
    out = podman("run", "--rm", "--pull=never", "--network=none", by_digest, "echo", "hello")
    expect_equal(out.stdout, b"hello\n", "by digest")
    # podman gives up at the first image that it cannot read, and would list none at all.
    push_image(server, "demo/odd", "1", [("one", b"1")], execution={"Volumes": ["/data"]})
    status = server.wait_published("demo/odd", "1")
    expect_equal([w["kind"] for w in status["warnings"]], ["podman-store-unreadable"], "warnings")
    expect("%s/demo/odd:1" % server.address not in podman.names() and reference in podman.names(), podman.names())


def podman_follows(site, scope, server, mount):
    podman = StorePodman(scope, mount, "follower")
    images = os.path.join(mount.path, "podmanStore/overlay-images/images.json")

    def entry(tag):
        with open(images) as f:
            name = "%s/demo/moving:%s" % (server.address, tag)
            return next((i for i in json.load(f) if name in i["names"]), None)
    first = push_image(server, "demo/moving", "a", [("one", b"1")])
    push_manifest_of(server, "demo/moving", "a", "b")
    wait_until("both names are there", lambda: entry("a") and entry("b"), 10)
    expect_equal(entry("a")["id"], first[1]["digest"][7:], "id")
    expect_equal(len(entry("a")["names"]), 2, "names of one image")
    second = push_image(server, "demo/moving", "a", [("two", b"2")])
    wait_until("the name moves", lambda: entry("a")["id"] == second[1]["digest"][7:], 10)
    expect_equal(entry("b")["id"], first[1]["digest"][7:], "the other name")
    server.delete_tag("demo/moving", "b")
    wait_until("the name goes", lambda: entry("b") is None, 10)
    expect(not os.path.exists(os.path.join(os.path.dirname(images), first[1]["digest"][7:])), "its files stay")
    with open(images) as f, open(images.replace("images", "layers")) as g:
        listed, layers = json.load(f), json.load(g)
    expect_equal(sorted(i["layer"] for i in listed), sorted(layer["id"] for layer in layers), "layers of the images")
    for image in listed:
        for key, size in image["big-data-sizes"].items():
            name = key if key == "manifest" else "=" + base64.b64encode(key.encode()).decode()
            path = os.path.join(os.path.dirname(images), image["id"], name)
            with open(path, "rb") as f:
                content = f.read()
            expect_equal((len(content), digest_of(content)), (size, image["big-data-digests"][key]), path)
    expect("%s/demo/moving:a" % server.address in podman.names(), "podman does not see it")


def push_manifest_of(server, name, source, tag):
    _, body, headers = server.get("/v2/%s/manifests/%s" % (name, source), {"Accept": "*/*"})
    status, _, _ = server.request("PUT", "/v2/%s/manifests/%s" % (name, tag), body,
                                  {"Content-Type": headers["Content-Type"]})
    expect_equal(status, 201, "PUT of the manifest")


# -- Layers

def layer_trees(mount, name, tag):
    """The trees of an image's layers, the lowest first."""
    with open(os.path.join(mount.path, ".metadata", mount.server.address, "%s:%s" % (name, tag),
                           "image-manifest.json")) as f:
        digests = [layer["digest"][7:] for layer in json.load(f)["layers"]]
    return [os.path.join(mount.path, ".layers", d[:2], d, "layerfs") for d in digests]


def stacked(scope, server, mount):
    trees = layer_trees(mount, "layers/python", "1")
    expect(len(trees) > 3 and all(map(os.path.isdir, trees)), trees)
    for tree in trees:
        with open(os.path.join(os.path.dirname(tree), ".metadata/layers.json")) as f:
            expect_equal(json.load(f)[0]["compressed-diff-digest"], "sha256:" + tree.split("/")[-2], "layers.json")
    added = {plain(line.split(" ", 1)[1]) for line in server.differences("layers/python", "1")
             if line.startswith("added ")}
    want = without(added, mounted(os.path.realpath(mount.link("layers/python", "1"))))
    for options in ("", "userxattr,"):
        with overlay(scope, trees, options=options) as place:
            got = without(added, mounted(place))
        differing = [path for path in want.keys() | got.keys() if row(want, path) != row(got, path)]
        expect(not differing, "%d paths differ (%s): %r" % (len(differing), options, sorted(differing)[:5]))


def without(added, rows):
    """Leaves out what the publisher adds, the marks of catalogs and the root itself."""
    return {path: columns for path, columns in rows.items()
            if path and path not in added and path.split(b"/")[-1] != b".cvmfscatalog"}


def row(rows, path):
    """All columns but the group of hard links, whose numbers are the file system's own."""
    return rows[path][1:-1] if path in rows else None


def by_containerd(scope, mount):
    containerd = Containerd(scope)
    with overlay(scope, layer_trees(mount, "layers/python", "1"), name="ctr", writable=True) as place:
        out = containerd.ctr("run", "--rm", "--rootfs", place, "wharf-layers-%d" % os.getpid(),
                             "/usr/bin/python3", "-c", "import numpy; print(numpy.__name__)")
    expect_equal(out.stdout.strip(), b"numpy", "what the container said")


def unstackable(site, server, mount):
    layout = site.layout("weird")
    for tag in ("order", "lower-link"):
        push_by_layout(layout, tag, server, "layers/weird")
        status = server.wait_published("layers/weird", tag)
        wait_until("it is mounted", lambda: os.path.isdir(mount.link("layers/weird", tag)), 10)
        told = [w for w in status["warnings"] if w["kind"] == "layers-not-stackable"]
        expect(told, status["warnings"])
        top = layer_trees(mount, "layers/weird", tag)[-1]
        expect(not os.path.exists(top), "%s is shown" % top)


def undisturbed(site, scope, server, mount):
    """An overlay keeps what it has seen of its lower trees for as long as it is mounted."""
    flat = os.path.realpath(mount.link("layers/python", "1"))
    ended = threading.Event()

    def push():
        number = 0
        while not ended.is_set():
            push_image(server, "demo/noise", "n%d" % (number % 50), [("n", b"%d" % number)])
            server.wait_published("demo/noise", "n%d" % (number % 50))
            number += 1
    noise = threading.Thread(target=push)
    with overlay(scope, [flat], name="undisturbed") as place:
        before, wanted = revision(server), walk(place)
        noise.start()
        try:
            wait_until("revisions come", lambda: revision(server) > before + 1, 30)
            for _ in range(3):
                expect_equal(walk(place), wanted, "entries and errors")
                seen = revision(server)
                wait_until("another revision comes", lambda: revision(server) > seen, 30)
        finally:
            ended.set()
            noise.join()


def walk(root):
    count, errors = 0, []
    for folder, folders, files in os.walk(root, onerror=errors.append):
        for name in folders + files:
            count += 1
            try:
                os.lstat(os.path.join(folder, name))
            except OSError as e:
                errors.append(e)
    return count, errors[:3]


# -- Referrers

def referrers(server, mount):
    _, _, image = push_image(server, "demo/signed", "1", [("a", b"signed")])
    server.wait_published("demo/signed", "1")
    place = os.path.join(mount.path, ".metadata", server.address, "demo/signed:1")
    wait_until("it is mounted", lambda: os.path.isdir(place), 10)
    with open(os.path.join(place, "image-manifest.json"), "rb") as f:
        expect_equal(digest_of(f.read()), image["digest"], "digest of the raw manifest")
    push_blob(server, "demo/signed", b"{}")
    payload = b'{"critical":{"image":{"docker-manifest-digest":"%s"}}}' % image["digest"].encode()
    blob = push_blob(server, "demo/signed", payload)
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/vnd.example.signature",
                "config": EMPTY, "layers": [blob], "subject": image}
    signature = push_manifest(server, "demo/signed", None, document)
    wait_until("the signature is there", lambda: listed(place) == {signature["digest"]}, 10)
    with open(os.path.join(place, "referrers/blobs/sha256", blob["digest"][7:]), "rb") as f:
        expect_equal(f.read(), payload, "payload")
    # As cosign attaches: by a tag, without a subject.
    by_tag = push_manifest(server, "demo/signed", "sha256-%s.sig" % image["digest"][7:],
                           {"schemaVersion": 2, "mediaType": MANIFEST, "config": EMPTY, "layers": [blob]})
    wait_until("so is the one by tag", lambda: listed(place) == {signature["digest"], by_tag["digest"]}, 10)
    # The signature of the signature.
    nested = push_manifest(server, "demo/signed", None, dict(document, subject=signature))
    wait_until("and the one of the signature", lambda: len(listed(place)) == 3, 10)
    expect(nested["digest"] in listed(place), listed(place))
    status, _, _ = server.request("DELETE", "/v2/demo/signed/manifests/" + signature["digest"])
    expect_equal(status, 202, "DELETE")
    wait_until("what was deleted goes", lambda: listed(place) == {by_tag["digest"]}, 10)
    expect_equal(server.status("demo/signed", "1")["state"], "published", "state")
    attested(server, mount)


def attested(server, mount):
    """As build tools attest: by a child of the index that has no platform."""
    _, _, image = push_image(server, "demo/attested", "x", [("a", b"attested")])
    push_blob(server, "demo/attested", b"{}")
    statement = push_blob(server, "demo/attested", b'{"_type":"https://in-toto.io/Statement/v0.1"}')
    statement["mediaType"] = "application/vnd.in-toto+json"
    attestation = push_manifest(server, "demo/attested", None, {
        "schemaVersion": 2, "mediaType": MANIFEST, "config": EMPTY, "layers": [statement]})
    push_manifest(server, "demo/attested", "1", {"schemaVersion": 2, "mediaType": INDEX, "manifests": [
        dict(image, platform={"os": "linux", "architecture": "amd64"}),
        dict(attestation, platform={"os": "unknown", "architecture": "unknown"}, annotations={
            "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image["digest"]}),
    ]}, INDEX)
    server.wait_published("demo/attested", "1")
    for parts in ((), (".multiarch", "amd64")):
        place = os.path.join(mount.path, ".metadata", *parts, server.address, "demo/attested:1")
        wait_until("the attestation is there", lambda: listed(place) == {attestation["digest"]}, 10)
        with open(os.path.join(place, "referrers/blobs/sha256", statement["digest"][7:]), "rb") as f:
            expect(f.read().startswith(b'{"_type"'), "the statement is another one")
    expect(not os.path.exists(os.path.join(mount.path, ".multiarch/unknown")), "it counts as a platform")


def listed(place):
    try:
        with open(os.path.join(place, "referrers/index.json")) as f:
            return {entry["digest"] for entry in json.load(f)["manifests"]}
    except FileNotFoundError:
        return set()


# -- Apptainer

HOSTILE = {
    "LINES": "a\nb", "QUOTES": "it's \"quoted\"", "DOLLAR": "$HOME ${HOME} $(id)", "TICKS": "`id`", "GLOB": "* ? [a-z]",
    "BACK": "a\\nb\\", "SPACES": "  a  b  ", "EMPTY": "", "SEMICOLON": "; touch /tmp/owned; #",
}


def apptainer_scripts(server, mount):
    """The scripts are run by the shell of the image, in its tree."""
    environment = ["%s=%s" % pair for pair in HOSTILE.items()] + [
        "PATH=/bin:/usr/bin", "BAD-NAME=x", "2BAD=x", "a b=x", "X;id=x", "NOVALUE"]
    words = ["/bin/busybox", "echo", "$HOME", "`id`", "it's", "*", "a\nb", ""]
    derive(server, "demo/tiny", "1", "demo/hostile", "1", {
        "Env": environment, "Entrypoint": words, "Cmd": ["default one", "$two"]})
    server.wait_published("demo/hostile", "1")
    wait_until("it is mounted", lambda: os.path.isdir(mount.link("demo/hostile", "1")), 10)
    root = os.path.realpath(mount.link("demo/hostile", "1"))
    enter = ("env", "-i", "HOME=/root", "EMPTY=", "SPACES=mine", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "chroot", root, "/bin/busybox", "sh")
    shown = run(*enter, "-c", "for f in /.singularity.d/env/*.sh; do . $f; done; exec /bin/busybox env").stdout.decode()
    values = parse(shown)
    for name, value in HOSTILE.items():
        if name not in ("LINES", "SPACES"):
            expect_equal(values.get(name), value, name)
    expect("LINES=a\nb\n" in shown, shown)
    expect_equal(values["SPACES"], "mine", "what the host has set")
    expect_equal(values["PATH"], "/bin:/usr/bin", "PATH")
    expect(not [v for v in values if "BAD" in v or "X;" in v], values)
    said = run(*enter, "/.singularity.d/runscript").stdout.decode()
    expect_equal(said, " ".join(words[2:] + ["default one", "$two"]) + "\n", "entrypoint and command")
    said = run(*enter, "/.singularity.d/runscript", "mine", "$HOME").stdout.decode()
    expect_equal(said, " ".join(words[2:] + ["mine", "$HOME"]) + "\n", "entrypoint and own words")
    said = run(*enter, "/.singularity.d/actions/exec", "/bin/busybox", "sh", "-c", "echo $DOLLAR").stdout.decode()
    expect_equal(said, HOSTILE["DOLLAR"] + "\n", "exec")
    expect(not os.path.exists("/tmp/owned"), "a word of the config was executed")


def parse(text):
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def derive(server, source, tag, name, new_tag, settings):
    """Pushes an image that differs from a pushed one in its config alone."""
    _, body, _ = server.get("/v2/%s/manifests/%s" % (source, tag), {"Accept": "*/*"})
    manifest = json.loads(body)
    _, body, _ = server.get("/v2/%s/blobs/%s" % (source, manifest["config"]["digest"]))
    config = json.loads(body)
    config["config"] = settings
    for layer in manifest["layers"]:
        _, content, _ = server.get("/v2/%s/blobs/%s" % (source, layer["digest"]))
        push_blob(server, name, content)
    manifest["config"] = dict(push_blob(server, name, json.dumps(config).encode()),
                              mediaType=manifest["config"]["mediaType"])
    return push_manifest(server, name, new_tag, manifest, manifest.get("mediaType", MANIFEST))


def by_apptainer(mount):
    from shutil import which
    program = which("apptainer") or which("singularity")
    if program is None:
        raise Skipped("neither apptainer nor singularity is installed, and Debian 12 has neither")
    out = run(program, "exec", os.path.realpath(mount.link("layers/python", "1")), "python3", "-c", "print(6*7)")
    expect_equal(out.stdout.strip(), b"42", "what it said")


def by_charliecloud(mount):
    out = run(tool("ch-run"), os.path.realpath(mount.link("layers/python", "1")), "--", "python3", "-c", "print(6*7)",
              env=dict(os.environ, USER="root"))
    expect_equal(out.stdout.strip(), b"42", "what it said")


# -- Rules

def state(server, name, tag):
    status = server.status(name, tag)
    return status and status["state"]


def shown(server, mount, name, names):
    """Which of some tags are there, in the status and in the mounted tree."""
    wait_until("all is settled", lambda: all(
        state(server, name, tag) in (["published"] if os.path.lexists(mount.link(name, tag)) else ["unpublished", None])
        for tag in names), 20)
    return {tag for tag in names if state(server, name, tag) == "published"}


def rules(site, server, mount):
    admin(site, server, "project", "create", "ruled", "--public")
    names = ("1", "2", "dev-1", "latest")
    for number, tag in enumerate(names):
        push_image(server, "ruled/app", tag, [("n", b"%d" % number)])
    for tag in names:
        server.wait_published("ruled/app", tag)

    def after(wanted, *settings):
        admin(site, server, "project", "set", "ruled", *settings)
        wait_until("%r gives %r" % (settings, wanted), lambda: {
            t for t in names if state(server, "ruled/app", t) == "published"} == set(wanted), 20)
        expect_equal(shown(server, mount, "ruled/app", names), set(wanted), "after %r" % (settings,))
    after(names[:2] + names[3:], "publish_exclude=dev-*")
    expect_equal(server.status("ruled/app", "dev-1")["reason"], "rule exclude: the tag matches 'dev-*'", "reason")
    after(("1", "2"), "publish_include=?")
    after(("dev-1", "latest"), "publish_include=", "publish_exclude=", "publish_newest=2")
    push_image(server, "ruled/app", "1", [("n", b"new")])
    wait_until("the newest push counts", lambda: shown(server, mount, "ruled/app", names) == {"latest", "1"}, 20)
    server.delete_tag("ruled/app", "latest")
    wait_until("what made way comes back", lambda: shown(server, mount, "ruled/app", names[:3]) == {"1", "dev-1"}, 20)
    after((), "publish_newest=", "publish_latest_only=true")
    after(names[:3], "publish_latest_only=")
    after((), "publish=false")
    after(names[:3], "publish=true")
    refused = run(site.wharf, "admin", "project", "set", "ruled", "publish_newest=none", "--data", server.data,
                  check=False)
    expect(refused.returncode == 1 and b"publish_newest" in refused.stderr, refused.stderr)
    log = run(site.wharf, "admin", "audit", "--data", server.data).stdout.decode()
    expect("publish_exclude=dev-*" in log, log)


def by_name(site, server, mount):
    reference = "%s/ruled/app:2" % server.address
    admin(site, server, "project", "set", "ruled", "publish_exclude=2")
    wait_until("it is gone", lambda: state(server, "ruled/app", "2") == "unpublished", 10)
    run(site.wharf, "image", "publish", reference)
    wait_until("it is back", lambda: state(server, "ruled/app", "2") == "published", 10)
    admin(site, server, "project", "set", "ruled", "publish=false")
    wait_until("others are gone", lambda: state(server, "ruled/app", "1") == "unpublished", 10)
    expect_equal(state(server, "ruled/app", "2"), "published", "what was published by name")
    digest = server.status("ruled/app", "2")["digest"]
    run(site.wharf, "image", "unpublish", reference + "@" + digest)
    wait_until("it is gone", lambda: state(server, "ruled/app", "2") == "unpublished", 10)
    wait_until("also from the mount", lambda: not os.path.lexists(mount.link("ruled/app", "2")), 10)
    expect("by name" in server.status("ruled/app", "2")["reason"], server.status("ruled/app", "2"))
    other = run(site.wharf, "image", "publish", reference + "@sha256:" + "0" * 64, check=False)
    expect(other.returncode == 1 and b"another image" in other.stderr, other.stderr)
    admin(site, server, "project", "set", "ruled", "publish=true", "publish_exclude=")
    run(site.wharf, "image", "publish", "--by-rules", reference)
    wait_until("the rules count again", lambda: state(server, "ruled/app", "2") == "published", 10)


def platforms(site, server, mount):
    children = []
    for architecture in ("amd64", "arm64"):
        _, _, manifest = push_image(server, "ruled/multi", "x-" + architecture, [("a", architecture.encode())])
        children.append(dict(manifest, platform={"os": "linux", "architecture": architecture}))
    push_manifest(server, "ruled/multi", "both", {
        "schemaVersion": 2, "mediaType": INDEX, "manifests": children}, INDEX)
    server.wait_published("ruled/multi", "both")
    place = lambda a: os.path.join(mount.path, ".multiarch", a, server.address, "ruled/multi:both")  # noqa: E731
    wait_until("both are there", lambda: os.path.lexists(place("amd64")) and os.path.lexists(place("arm64")), 10)
    admin(site, server, "project", "set", "ruled", "publish_platforms=linux/arm64")
    wait_until("one is left", lambda: not os.path.lexists(place("amd64")), 10)
    expect(os.path.isdir(place("arm64")), "the other one is gone")
    admin(site, server, "project", "set", "ruled", "publish_platforms=s390x")
    wait_until("none is left", lambda: state(server, "ruled/multi", "both") == "unpublished", 10)
    expect("rule platforms" in server.status("ruled/multi", "both")["reason"], server.status("ruled/multi", "both"))
    admin(site, server, "project", "set", "ruled", "publish_platforms=")


def idempotent(site, server):
    server.wait_published("ruled/multi", "both")
    before = revision(server)
    # A setting that changes nothing for the tags that are there has all of them looked at.
    admin(site, server, "project", "set", "demo", "publish_exclude=nothing-*")
    run(site.wharf, "image", "publish", "%s/demo/tiny:1" % server.address)
    push_image(server, "demo/last", "1", [("last", b"1")])
    server.wait_published("demo/last", "1")
    expect_equal(revision(server), before + 1, "revisions: one for the new image")


# -- Private projects

def private(site, scope):
    from checks.access import PASSWORD, basic
    server = Server(site, scope, data=os.path.join(scope.path, "private"))
    for name, more in (("root", ["--admin"]), ("member", []), ("stranger", []), ("guessed", [])):
        admin(site, server, "user", "create", name, *more, password=PASSWORD)
    admin(site, server, "project", "create", "open", "--public")
    admin(site, server, "project", "create", "secret", "--private")
    for project in ("open", "secret"):
        admin(site, server, "project", "grant", project, "member", "developer")
    account = Account(server, basic("member"))
    files = [("shared", b"the same bytes in both projects " * 100)]
    push_image(account, "secret/app", "1", files)
    push_image(account, "open/app", "1", files)
    wait_until("the private one is withheld", lambda: account.state("secret/app", "1") == "unpublished", 20)
    admin(site, server, "project", "set", "secret", "publish_repository=secret.example.org")
    wait_until("it is published", lambda: account.state("secret/app", "1") == "published", 20)
    wait_until("the other one, too", lambda: account.state("open/app", "1") == "published", 20)
    gate(server, basic)
    listening(site, server, basic("member"))
    # Nothing is shared: not a key, and not an object.
    keys = [os.path.join(server.data, "keys", name + ".pub") for name in (REPOSITORY, "secret.example.org")]
    contents = [open(key, "rb").read() for key in keys]
    expect(contents[0] != contents[1], "both repositories have one key")
    shared_content_is_stored_twice(server)
    taken = run(site.wharf, "admin", "project", "set", "open", "publish_repository=secret.example.org", "--data",
                server.data, check=False)
    expect(taken.returncode == 1 and b"in use" in taken.stderr, taken.stderr)
    taken = run(site.wharf, "admin", "project", "set", "secret", "publish_repository=" + REPOSITORY, "--data",
                server.data, check=False)
    expect(taken.returncode == 1, "a private project may publish into the public repository")
    with_credentials(site, scope, server, account, PASSWORD)
    # What is opened may stay where it is; what is closed leaves the public tree.
    admin(site, server, "project", "set", "open", "--private")
    wait_until("it has left", lambda: account.state("open/app", "1") == "unpublished", 20)


class Account:
    """A server as one of its users sees it."""

    def __init__(self, server, headers):
        self.server, self.headers, self.address = server, headers, server.address

    def request(self, method, path, body=None, headers=None):
        return self.server.request(method, path, body, {**(headers or {}), **self.headers})

    def state(self, name, tag):
        status, body, _ = self.request("GET", "/api/v2.0/wharf/images/status?repository=%s&tag=%s" % (
            name.replace("/", "%2F"), tag))
        return json.loads(body)["state"] if status == 200 else None


def gate(server, basic):
    """Members see it; others see what they see of a repository that does not exist."""
    for path in ("/cvmfs/%s/.cvmfspublished", "/cvmfs/%s/.cvmfswhitelist", "/cvmfs/%s/data/00/" + "0" * 38,
                 "/keys/%s.pub"):
        for headers in ({}, basic("stranger"), basic("guessed", "wrong"), {"Authorization": "Bearer x"},
                        {**basic("member"), "Host": "registry.example.org"},
                        {**basic("member"), "X-Forwarded-For": "192.0.2.1"}):
            for method in ("GET", "HEAD", "POST"):
                answers = [server.request(method, path % name, headers=headers) for name in (
                    "secret.example.org", "nothing.example.org")]
                shapes = [(status, body, sorted((k, v) for k, v in fields.items() if k.lower() not in (
                    "date", "x-request-id"))) for status, body, fields in answers]
                expect_equal(shapes[0], shapes[1], "%s %s as %r" % (method, path, headers))
    status, body, fields = server.get("/cvmfs/secret.example.org/.cvmfspublished", basic("member"))
    expect_equal((status, fields["Cache-Control"]), (200, "private, no-store"), "for a member")
    status, _, fields = server.get("/keys/secret.example.org.pub", basic("member"))
    expect_equal(status, 200, "the key for a member")
    # Through a proxy on this machine, whose client came over TLS.
    status, _, _ = server.get("/cvmfs/secret.example.org/.cvmfspublished", {
        **basic("member"), "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
    expect_equal(status, 200, "through a proxy with TLS")


def listening(site, server, headers):
    """A member hears of revisions, until the right is taken away."""
    stream = Stream(server, "/cvmfs/secret.example.org/.wharf/events", headers=headers)
    try:
        expect_equal((stream.answer.status, stream.answer.headers["Cache-Control"]), (200, "private, no-store"), "events")
        expect(stream.event()[0] > 0, "the revision that there is")
        admin(site, server, "project", "revoke", "secret", "member")
        start = time.monotonic()
        while stream.block() is not None:
            pass
        expect(time.monotonic() - start < 12, "the stream went on for %d s" % (time.monotonic() - start))
        answer = server.get("/cvmfs/secret.example.org/.wharf/after/0", headers)
        expect_equal(answer[0], 404, "the next revision for who was a member")
    finally:
        stream.close()
        admin(site, server, "project", "grant", "secret", "member", "developer")


def shared_content_is_stored_twice(server):
    digests = {}
    for name in (REPOSITORY, "secret.example.org"):
        root = os.path.join(server.data, "repositories", name, "data")
        for folder, _, files in os.walk(root):
            for file in files:
                path = os.path.join(folder, file)
                with open(path, "rb") as f:
                    digests.setdefault(hashlib.sha256(f.read()).hexdigest(), {}).setdefault(name, os.stat(path).st_ino)
    both = [d for d in digests.values() if len(d) == 2]
    expect(both, "the same content is in only one of the repositories")
    expect(all(len(set(d.values())) == 2 for d in both), "two repositories share a file")


def with_credentials(site, scope, server, account, password):
    secret = os.path.join(scope.path, "secret.token")
    with open(secret, "w", opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write("member:%s\n" % password)
    place = scope.directory("secret.mnt")
    command = [site.wharf, "mount", "secret.example.org", place, "--server", server.url + "/cvmfs/@fqrn@",
               "--public-key", os.path.join(server.data, "keys", "secret.example.org.pub"),
               "--cache", scope.directory("secret.cache")]
    refused = run(*command, check=False, timeout=60)
    expect(refused.returncode != 0, "it was mounted without credentials")
    os.chmod(secret, 0o644)
    refused = run(*command, "--token-file", secret, check=False, timeout=60)
    expect(refused.returncode != 0 and b"open to others" in refused.stderr, refused.stderr)
    os.chmod(secret, 0o600)
    image = "%s/secret/app:1" % server.address
    for words in (["status"], ["diff"], ["watch"]):
        run(site.wharf, "image", *words, image, "--token-file", secret, timeout=60)
    expect_equal(run(site.wharf, "image", "status", image, check=False, timeout=60).returncode, 1, "without a token")
    listed = run(site.wharf, "image", "ls", "--server", server.url, "--token-file", secret, timeout=60).stdout
    expect(image.encode() in listed, listed)
    seen = run(site.wharf, "doctor", *command[2:3], *command[4:], "--token-file", secret, timeout=60).stdout
    expect(b"FAILED" not in seen and b"signed, revision" in seen, seen)
    run(*command, "--token-file", secret, timeout=60)
    try:
        with open(os.path.join(place, server.address, "secret/app:1", "shared"), "rb") as f:
            expect(f.read().startswith(b"the same bytes"), "the file holds something else")
        # A token of the registry for one repository of the project does as well.
        status, body, _ = account.request("GET", "/service/token?service=%s&scope=repository:secret/app:pull" %
                                          server.address)
        token = {"Authorization": "Bearer " + json.loads(body)["token"]}
        expect_equal(server.get("/cvmfs/secret.example.org/.cvmfspublished", token)[0], 200, "with a token")
        status, body, _ = account.request("GET", "/service/token?service=%s&scope=repository:open/app:pull" %
                                          server.address)
        token = {"Authorization": "Bearer " + json.loads(body)["token"]}
        expect_equal(server.get("/cvmfs/secret.example.org/.cvmfspublished", token)[0], 404, "with another one")
    finally:
        run(site.wharf, "umount", place, timeout=60)
