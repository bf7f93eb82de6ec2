# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Other people's clients: those that run here, and the requests of those that do not."""
import json
import os
import sys

from fixtures.containerd import Containerd
from fixtures.player import play
from fixtures.registry import OCI_INDEX, Repository, digest_of
from fixtures.sequences import SEQUENCES
from fixtures.server import Server
from fixtures.site import CORPUS_TOOLS, Scope, run, tool, wait_until
from fixtures.verdict import Skipped, expect, expect_equal

ROOT = os.path.join(CORPUS_TOOLS, "..", "..")


def checks(site):
    with Scope("clients") as scope:
        server = Server(site, scope)
        for number, (name, steps) in enumerate(SEQUENCES.items()):
            yield "requests of " + name, lambda: play(server, "sequence/n%d" % number, steps)
        layout = make_image(scope)
        yield "skopeo: copy --all of an index, by every way back", lambda: skopeo_copy(scope, server, layout)
        yield "skopeo: list-tags, inspect, delete", lambda: skopeo_tags(server, layout)
        yield "skopeo: sync of a repository", lambda: skopeo_sync(scope, server, layout)
        yield "skopeo: Docker's types", lambda: skopeo_docker(server, layout)
        yield "podman: pull by tag and by digest, mount, push", lambda: podman(scope, server, layout)
        yield "buildah: from, commit, push", lambda: buildah(scope, server, layout)
        yield "umoci: unpack and change what skopeo has pulled, push it back", lambda: umoci(scope, server, layout)
        yield "containerd: pull, push, pull", lambda: containerd(scope, server, layout)
        yield "oras: push, pull, attach, tags", lambda: oras(scope, server)


def make_image(scope):
    """An OCI layout of a small image for two platforms: tags 1 (amd64), arm64, and all."""
    layout, root = os.path.join(scope.path, "layout"), scope.directory("root")
    with open(os.path.join(root, "hello"), "w") as f:
        f.write("hello\n")
    archive = os.path.join(scope.path, "layer.tar")
    run("tar", "-C", root, "-cf", archive, "hello")
    umoci_ = tool("umoci")
    run(umoci_, "init", "--layout", layout)
    for tag, architecture in (("1", "amd64"), ("arm64", "arm64")):
        image = "%s:%s" % (layout, tag)
        run(umoci_, "new", "--image", image)
        run(umoci_, "raw", "add-layer", "--image", image, archive)
        run(umoci_, "config", "--image", image, "--architecture", architecture, "--os", "linux", "--config.cmd", "/hello")
    add_index(layout)
    return layout


def add_index(layout):
    """Adds an index of both images under the tag `all`."""
    with open(os.path.join(layout, "index.json")) as f:
        top = json.load(f)
    name = "org.opencontainers.image.ref.name"
    children = [{k: e[k] for k in ("mediaType", "digest", "size")} | {
        "platform": {"os": "linux", "architecture": "amd64" if e["annotations"][name] == "1" else "arm64"}}
        for e in top["manifests"]]
    data = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": children}).encode()
    with open(os.path.join(layout, "blobs", *digest_of(data).split(":")), "wb") as f:
        f.write(data)
    top["manifests"].append({"mediaType": OCI_INDEX, "digest": digest_of(data), "size": len(data),
                             "annotations": {name: "all"}})
    with open(os.path.join(layout, "index.json"), "w") as f:
        json.dump(top, f)


def digest_in(layout, tag):
    with open(os.path.join(layout, "index.json")) as f:
        return next(e["digest"] for e in json.load(f)["manifests"]
                    if e["annotations"]["org.opencontainers.image.ref.name"] == tag)


def skopeo(*arguments):
    return run(tool("skopeo"), *arguments).stdout.decode()


def push(server, layout, name, tag="1", *options):
    skopeo("copy", "-q", "--all", "--dest-tls-verify=false", *options, "oci:%s:%s" % (layout, tag),
           "docker://%s/%s" % (server.address, name))


def skopeo_copy(scope, server, layout):
    push(server, layout, "skopeo/a:all", "all", "--preserve-digests")
    digest = digest_in(layout, "all")
    source = "docker://%s/skopeo/a" % server.address
    for i, reference in enumerate((":all", "@" + digest)):
        back = os.path.join(scope.path, "back%d" % i)
        skopeo("copy", "-q", "--all", "--preserve-digests", "--src-tls-verify=false", source + reference, "oci:%s:x" % back)
        expect_equal(digest_in(back, "x"), digest, "digest of what came back")
    # To another repository of the same registry: its blobs are mounted, not sent.
    skopeo("copy", "-q", "--all", "--src-tls-verify=false", "--dest-tls-verify=false", source + ":all",
           "docker://%s/skopeo/b:all" % server.address)
    expect_equal(Repository(server, "skopeo/b").get("all")["Docker-Content-Digest"], digest, "the copy")


def skopeo_tags(server, layout):
    for tag in ("1", "2", "3"):
        push(server, layout, "skopeo/tags:" + tag)
    place = "docker://%s/skopeo/tags" % server.address
    found = json.loads(skopeo("list-tags", "--tls-verify=false", place))
    expect_equal(found["Tags"], ["1", "2", "3"], "list-tags")
    expect_equal(json.loads(skopeo("inspect", "--tls-verify=false", place + ":1"))["Digest"], digest_in(layout, "1"), "inspect")
    skopeo("delete", "--tls-verify=false", place + ":1")
    answer = Repository(server, "skopeo/tags").get("2")
    expect_equal(answer.status, 404, "the manifest, which skopeo deletes by its digest")


def skopeo_sync(scope, server, layout):
    for tag in ("1", "arm64"):
        push(server, layout, "skopeo/sync:" + tag, tag)
    target = scope.directory("sync")
    skopeo("sync", "--src", "docker", "--dest", "dir", "--src-tls-verify=false", "%s/skopeo/sync" % server.address, target)
    found = [d for d, _, files in os.walk(target) if "manifest.json" in files]
    expect_equal(len(found), 2, "images in %s" % found)


def skopeo_docker(server, layout):
    push(server, layout, "skopeo/docker:1", "1", "--format", "v2s2")
    manifest = Repository(server, "skopeo/docker").get("1").expect(200, "GET")
    expect("docker" in manifest["Content-Type"], manifest["Content-Type"])
    skopeo("inspect", "--tls-verify=false", "docker://%s/skopeo/docker:1" % server.address)


def store(scope, name):
    return ["--root", scope.directory(name), "--runroot", scope.directory(name + "-run")]


def podman(scope, server, layout):
    push(server, layout, "podman/a:1")
    program, options = tool("podman"), store(scope, "podman")
    image = "%s/podman/a" % server.address
    run(program, *options, "pull", "-q", "--tls-verify=false", image + ":1")
    digest = digest_in(layout, "1")
    run(program, *options, "pull", "-q", "--tls-verify=false", "%s@%s" % (image, digest))
    run(program, *options, "tag", image + ":1", image + ":2")
    run(program, *options, "push", "-q", "--tls-verify=false", image + ":2")
    found = Repository(server, "podman/a").get("2").expect(200, "what podman has pushed").json
    expect_equal(len(found["layers"]), 1, "layers")
    place = run(program, *options, "image", "mount", image + ":1").stdout.decode().strip()
    try:
        with open(os.path.join(place, "hello")) as f:
            expect_equal(f.read(), "hello\n", "the file of the image")
    finally:
        run(program, *options, "image", "umount", image + ":1")
    run(program, *options, "rmi", "-f", image + ":1", image + ":2")


def buildah(scope, server, layout):
    push(server, layout, "buildah/a:1")
    program, options = tool("buildah"), store(scope, "buildah")
    image = "%s/buildah/a" % server.address
    container = run(program, *options, "from", "--tls-verify=false", image + ":1").stdout.decode().strip()
    extra = os.path.join(scope.path, "extra")
    with open(extra, "w") as f:
        f.write("more\n")
    run(program, *options, "copy", "-q", container, extra, "/extra")
    run(program, *options, "commit", "-q", container, image + ":2")
    run(program, *options, "push", "-q", "--tls-verify=false", image + ":2", "docker://%s:2" % image)
    run(program, *options, "rm", "-a")
    expect_equal(len(Repository(server, "buildah/a").get("2").json["layers"]), 2, "layers")


def umoci(scope, server, layout):
    push(server, layout, "umoci/a:1")
    place, bundle = os.path.join(scope.path, "umoci"), os.path.join(scope.path, "bundle")
    skopeo("copy", "-q", "--src-tls-verify=false", "docker://%s/umoci/a:1" % server.address, "oci:%s:1" % place)
    run(tool("umoci"), "unpack", "--image", place + ":1", bundle)
    with open(os.path.join(bundle, "rootfs", "hello"), "a") as f:
        f.write("again\n")
    run(tool("umoci"), "repack", "--image", place + ":2", bundle)
    push(server, place, "umoci/a:2", "2")
    expect_equal(len(Repository(server, "umoci/a").get("2").json["layers"]), 2, "layers")


def containerd(scope, server, layout):
    push(server, layout, "containerd/a:all", "all", "--preserve-digests")
    daemon = Containerd(scope)
    image = "%s/containerd/a" % server.address
    daemon.ctr("images", "pull", "--plain-http", "--all-platforms", "--snapshotter", "native", image + ":all")
    daemon.ctr("images", "tag", image + ":all", image + "/copy:2")
    daemon.ctr("images", "push", "--plain-http", image + "/copy:2")
    expect_equal(Repository(server, "containerd/a/copy").get("2")["Docker-Content-Digest"], digest_in(layout, "all"), "push")
    daemon.ctr("images", "rm", image + ":all", image + "/copy:2")
    daemon.ctr("images", "pull", "--plain-http", "--platform", "linux/arm64", "--snapshotter", "native", "%s@%s" % (
        image + "/copy", digest_in(layout, "all")))


def oras(scope, server):
    packages = os.path.join(ROOT, ".build", "python")
    if not os.path.isdir(os.path.join(packages, "oras")):
        raise Skipped("oras is not in %s: scripts/packages.sh tests" % os.path.normpath(packages))
    directory = scope.directory("oras")
    with open(os.path.join(directory, "artifact.txt"), "w") as f:
        f.write("artifact\n")
    program = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "fixtures", "oras_client.py")
    said = run(sys.executable, program, server.address, cwd=directory, env={**os.environ, "PYTHONPATH": packages}).stdout
    expect_equal(json.loads(said.splitlines()[-1]), {"tags": ["1"], "pulled": "artifact\n"}, "oras")
    repository = Repository(server, "oras/a")
    subject = repository.get("1")["Docker-Content-Digest"]
    found = wait_until("the attached artifact", lambda: repository.referrers(subject))
    expect_equal([e["digest"] for e in found], [Repository(server, "oras/a").get("attached")["Docker-Content-Digest"]],
                 "referrers")
