# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""`wharf admin import`: another registry's storage becomes ours, byte for byte, also when it is killed on the way."""
import json
import os
import random
import shutil
import signal
import subprocess
import time

from fixtures.distribution import Distribution
from fixtures.pushes import INDEX, MANIFEST, digest_of, layer, push_blob, push_image, push_manifest
from fixtures.server import Server
from fixtures.site import Scope, run, tool
from fixtures.verdict import expect, expect_equal

ACCEPT = {"Accept": ", ".join((MANIFEST, INDEX, "application/vnd.docker.distribution.manifest.v2+json",
                               "application/vnd.docker.distribution.manifest.list.v2+json"))}


def checks(site):
    with Scope("moving") as scope:
        tool("docker-registry"), tool("skopeo")
        source = Distribution(scope)
        fill(source, scope)
        held = everything(source)
        data = os.path.join(scope.path, "data")
        yield "a Distribution tree is taken over by links, byte for byte", lambda: taken_over(
            site, scope, source, held, data)
        yield "a second run does nothing, and tags that moved follow", lambda: again(site, source, data)
        yield "it is refused while a server runs on the data", lambda: running(site, scope, source, data)
        yield "killed at any time, it goes on and ends with the same", lambda: killed(site, scope, source)
        yield "on another file system, blobs are copied", lambda: copied(site, scope, source)
        yield "a damaged blob is refused by name, and the rest is taken", lambda: damaged(site, scope, source)
        yield "OCI layouts, one or many, are taken over", lambda: layouts(site, scope, source)
        yield "sha512, sparse indexes and referrers are taken over", lambda: special(site, scope)
        yield "what is no source is refused", lambda: no_source(site, scope)


def fill(source, scope):
    """Several repositories with images, an index, an artifact that refers to an image, and untagged manifests."""
    for name in ("library/alpine", "team/app", "team/app/nested/manifests", "other"):
        for tag in ("1", "2", "latest"):
            push_image(source, name, tag, [("etc/name", ("%s:%s" % (name, tag)).encode()), ("same", b"shared" * 1000)])
    children = []
    for architecture in ("amd64", "arm64"):
        _, _, manifest = push_image(source, "team/multi", None, [("arch", architecture.encode())])
        children.append(dict(manifest, platform={"os": "linux", "architecture": architecture}))
    index = push_manifest(source, "team/multi", "all", {
        "schemaVersion": 2, "mediaType": INDEX, "manifests": children}, INDEX)
    empty = push_blob(source, "team/multi", b"{}")
    empty["mediaType"] = "application/vnd.oci.empty.v1+json"
    push_manifest(source, "team/multi", "signed", {
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/vnd.example.signature",
        "config": empty, "layers": [empty], "subject": index})
    push_blob(source, "team/multi", random.Random(3).randbytes(1 << 20))      # no manifest needs it
    # A tag that was moved leaves a manifest without one.
    push_image(source, "team/app", "latest", [("etc/name", b"newer")])
    # Through a real client, with its own formats.
    layout = scope.directory("layout")
    make_layout(layout, "1", [("bin/true", b"#!/bin/sh\n")])
    run("skopeo", "copy", "--format", "v2s2", "--dest-tls-verify=false", "oci:%s:1" % layout,
        "docker://%s/docker/format:1" % source.address)


def make_layout(path, tag, files, algorithm="sha256", absent_child=False):
    """An OCI layout with one image; the index may also name a child that is not there."""
    blobs = os.path.join(path, "blobs", algorithm)
    os.makedirs(blobs, exist_ok=True)

    def put(content):
        digest = digest_of(content, algorithm)
        with open(os.path.join(blobs, digest.split(":")[1]), "wb") as f:
            f.write(content)
        return {"digest": digest, "size": len(content)}
    content, diff_id = layer(files)
    blob = dict(put(content), mediaType="application/vnd.oci.image.layer.v1.tar+gzip")
    config = dict(put(json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {
        "type": "layers", "diff_ids": [diff_id]}}).encode()), mediaType="application/vnd.oci.image.config.v1+json")
    manifest = dict(put(json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config,
                                    "layers": [blob]}).encode()), mediaType=MANIFEST)
    entries = [dict(manifest, annotations={"org.opencontainers.image.ref.name": tag})]
    if absent_child:
        absent = {"mediaType": MANIFEST, "digest": digest_of(b"absent", algorithm), "size": 6,
                  "platform": {"os": "linux", "architecture": "s390x"}}
        index = dict(put(json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
            dict(manifest, platform={"os": "linux", "architecture": "amd64"}), absent]}).encode()), mediaType=INDEX)
        entries.append(dict(index, annotations={"org.opencontainers.image.ref.name": tag + "-sparse"}))
        refers = dict(put(json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "a/b", "config": config,
                                      "layers": [], "subject": manifest}).encode()), mediaType=MANIFEST)
        entries.append(refers)
    with open(os.path.join(path, "oci-layout"), "w") as f:
        f.write('{"imageLayoutVersion": "1.0.0"}')
    with open(os.path.join(path, "index.json"), "w") as f:
        json.dump({"schemaVersion": 2, "manifests": entries}, f)
    return entries


def everything(server):
    """All tags with all that they need, as bytes by repository, kind and reference."""
    held = {}
    for name in json.loads(server.request("GET", "/v2/_catalog?n=1000")[1])["repositories"]:
        tags = json.loads(server.request("GET", "/v2/%s/tags/list" % name)[1])["tags"] or []
        for tag in tags:
            follow(server, name, "manifests", tag, held)
    return held


def follow(server, name, kind, reference, held):
    if (name, kind, reference) in held:
        return
    status, body, headers = server.request("GET", "/v2/%s/%s/%s" % (name, kind, reference), headers=ACCEPT)
    expect_equal(status, 200, "GET of %s/%s/%s" % (name, kind, reference))
    kept_type = headers["Content-Type"] if kind == "manifests" else ""
    held[(name, kind, reference)] = (kept_type, body)
    if kind == "manifests":
        document = json.loads(body)
        for child in document.get("manifests", []):
            follow(server, name, "manifests", child["digest"], held)
        for blob in document.get("layers", []) + ([document["config"]] if "config" in document else []):
            follow(server, name, "blobs", blob["digest"], held)


def imported(site, kind, directory, data, *words, check=True):
    done = run(site.wharf, "admin", "import", "--from", kind, directory, "--data", data, "--json", *words, check=check)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr.decode()


def compare(site, scope, data, held):
    server = Server(site, scope, data=data)
    try:
        ours = everything(server)
        expect(ours == held, "differ: %s" % sorted(
            k for k in set(held) | set(ours) if held.get(k) != ours.get(k))[:5])
        return server.request("GET", "/v2/team/multi/referrers/" + digest_of(
            held[("team/multi", "manifests", "all")][1]))[1] if ("team/multi", "manifests", "all") in held else None
    finally:
        server.stop()


def taken_over(site, scope, source, held, data):
    status, report = imported(site, "distribution", source.root, data)
    expect_equal((status, report["refused"], report["blobsCopied"]), (0, [], 0), "the report")
    # Two of alpine, app, nested and other are alike in one layer each; what matters is that nothing is missing.
    expect(report["repositories"] == 6 and report["manifests"] >= 16 and report["tags"] == 15, "it says: %s" % report)
    name = next(k for k in held if k[1] == "blobs")[2].split(":")[1]
    theirs = os.stat("%s/docker/registry/v2/blobs/sha256/%s/%s/data" % (source.root, name[:2], name))
    ours = os.stat("%s/blobs/sha256/%s/%s" % (data, name[:2], name))
    expect_equal(ours.st_ino, theirs.st_ino, "the file of a blob")
    referrers = compare(site, scope, data, held)
    expect_equal(len(json.loads(referrers)["manifests"]), 1, "referrers of the index")


def again(site, source, data):
    status, report = imported(site, "distribution", source.root, data)
    expect_equal((status, report["manifests"], report["tags"], report["blobsLinked"], report["bytes"]), (0, 0, 0, 0, 0),
                 "what a second run did")
    push_image(source, "other", "2", [("etc/name", b"moved")])
    status, report = imported(site, "distribution", source.root, data, "--keep-tags")
    expect_equal((report["manifests"], report["tags"]), (1, 0), "a run that keeps tags")
    status, report = imported(site, "distribution", source.root, data)
    expect_equal((report["manifests"], report["tags"]), (0, 1), "a run that follows the source")


def running(site, scope, source, data):
    server = Server(site, scope, data=data)
    done = run(site.wharf, "admin", "import", "--from", "distribution", source.root, "--data", data, check=False)
    server.stop()
    expect_equal(done.returncode, 1, "status")
    expect(b"another process uses the data directory" in done.stderr, "it says: %s" % done.stderr.decode())


def killed(site, scope, source):
    for number in range(6):
        push_image(source, "team/large", "l%d" % number, [("data", random.Random(number).randbytes(24 << 20))])
    data = os.path.join(scope.path, "killed")
    command = [site.wharf, "admin", "import", "--from", "distribution", source.root, "--data", data, "--json"]
    kills, pause = 0, 0.02
    while True:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(pause)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        out, errors = process.communicate()
        if process.returncode == 0:
            break
        expect(process.returncode == -signal.SIGKILL, "it failed: %s" % errors.decode())
        pause += 0.02
    expect(kills > 2, "it was too fast to be killed")
    expect_equal(json.loads(out)["refused"], [], "refused")
    compare(site, scope, data, everything(source))
    run(site.wharf, "admin", "scrub", "--data", data)


def copied(site, scope, source):
    other = "/dev/shm/wharf-e2e-moving-%d" % os.getpid()
    if not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == os.stat(scope.path).st_dev:
        other = os.path.join(scope.path, "tmpfs")
        os.makedirs(other)
        run("mount", "-t", "tmpfs", "tmpfs", other)
        scope.defer(run, "umount", "-l", other)
    scope.defer(shutil.rmtree, other, True)
    data = os.path.join(other, "data")
    os.makedirs(other, exist_ok=True)
    status, report = imported(site, "distribution", source.root, data)
    expect(status == 0 and report["blobsLinked"] == 0 and report["blobsCopied"] > 10, "it says: %s" % report)
    expect_equal(os.listdir(os.path.join(data, "uploads")), [], "left in uploads")
    compare(site, scope, data, everything(source))
    shutil.rmtree(other, ignore_errors=True)


def damaged(site, scope, source):
    tree = os.path.join(scope.path, "damaged")
    shutil.copytree(source.root, tree)
    blob, _, manifest = push_image(source, "other", "1", [("etc/name", b"other:1"), ("same", b"shared" * 1000)])
    digits = blob["digest"].split(":")[1]
    path = "%s/docker/registry/v2/blobs/sha256/%s/%s/data" % (tree, digits[:2], digits)
    with open(path, "r+b") as f:
        f.write(b"\0\0")
    strange = os.path.join(tree, "docker/registry/v2/repositories/BAD Name/_manifests/tags/x")
    os.makedirs(strange)
    data = os.path.join(scope.path, "data-damaged")
    status, report = imported(site, "distribution", tree, data, check=False)
    expect_equal(status, 1, "status")
    reasons = {(r["repository"], r["subject"]): r["reason"] for r in report["refused"]}
    expect_equal(set(reasons), {("BAD Name", "repository"), ("other", "manifest " + manifest["digest"]), ("other", "tag 1")},
                 "what was refused")
    expect(blob["digest"] in reasons[("other", "tag 1")], "the reason: %s" % reasons)
    expect(not os.path.exists(os.path.join(data, "blobs/sha256", digits[:2], digits)), "the damaged blob was taken")
    shutil.rmtree(tree)
    status, report = imported(site, "distribution", source.root, data)
    expect_equal((status, report["refused"]), (0, []), "a run on a mended source")


def layouts(site, scope, source):
    root = scope.directory("zot")
    held = {}
    for name in ("library/alpine", "team/multi"):
        target = os.path.join(root, name)
        os.makedirs(target)
        for tag in ("1", "2") if name != "team/multi" else ("all",):
            run("skopeo", "copy", "--all", "--src-tls-verify=false", "docker://%s/%s:%s" % (source.address, name, tag),
                "oci:%s:%s" % (target, tag))
            follow(source, name, "manifests", tag, held)
    os.makedirs(os.path.join(root, "_trivy"))
    data = os.path.join(scope.path, "data-zot")
    status, report = imported(site, "zot", root, data)
    expect_equal((status, report["refused"], report["repositories"]), (0, [], 2), "the report")
    compare(site, scope, data, held)
    data = os.path.join(scope.path, "data-layout")
    imported(site, "oci-layout", os.path.join(root, "library/alpine"), data, "--repository", "moved/alpine")
    compare(site, scope, data, {("moved/alpine",) + k[1:]: v for k, v in held.items() if k[0] == "library/alpine"})


def special(site, scope):
    path = scope.directory("special")
    entries = make_layout(path, "s", [("a", b"sha512")], "sha512", absent_child=True)
    data = os.path.join(scope.path, "data-special")
    status, report = imported(site, "oci-layout", path, data, check=False)
    expect_equal((status, sorted(r["subject"] for r in report["refused"])),
                 (1, ["manifest " + entries[1]["digest"], "tag s-sparse"]), "without --allow-sparse")
    status, report = imported(site, "oci-layout", path, data, "--allow-sparse")
    expect_equal((status, report["refused"], report["childrenMissing"]), (0, [], 1), "with --allow-sparse")
    server = Server(site, scope, data=data)
    for tag, entry in (("s", entries[0]), ("s-sparse", entries[1])):
        status, body, headers = server.get("/v2/special/manifests/" + tag, ACCEPT)
        expect_equal((status, digest_of(body, "sha512")), (200, entry["digest"]), tag)
    found = json.loads(server.get("/v2/special/referrers/" + entries[0]["digest"])[1])["manifests"]
    expect_equal([f["digest"] for f in found], [entries[2]["digest"]], "referrers")
    server.stop()


def no_source(site, scope):
    data = os.path.join(scope.path, "data-none")
    for kind in ("distribution", "oci-layout", "zot"):
        for directory in (scope.directory("nothing"), "/nowhere"):
            status, said = imported(site, kind, directory, data, check=False)
            expect(status == 1 and directory in said, "%s: %s" % (kind, said))
    expect(not os.path.exists(data), "a data directory was made")
    status, _ = imported(site, "helm", "/", data, check=False)
    expect_equal(status, 2, "status for a kind that is none")
