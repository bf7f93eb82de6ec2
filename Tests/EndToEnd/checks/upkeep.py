# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""`wharf admin scrub`: damaged bytes are found, named, taken out of sight, and healed by the next push."""
import json
import os
import signal
import subprocess
import time

from fixtures.pushes import INDEX, layer, push_blob, push_image, push_manifest
from fixtures.server import Server
from fixtures.site import Scope, run, wait_until
from fixtures.verdict import expect, expect_equal


def checks(site):
    with Scope("scrub") as scope:
        server = Server(site, scope)
        yield "a scrub of sound blobs finds nothing", lambda: sound(site, server)
        yield "a damaged blob is found, named and set aside, and a push heals it everywhere", lambda: damaged(
            site, server)
        yield "a blob whose file is gone is found, too", lambda: gone(site, server)
        yield "a scrub is slow if it shall be, and goes on where it was killed", lambda: resumed(site, server)
        yield "wrong words and no data are refused", lambda: refused(site, scope)


def scrub(site, server, *words, check=True):
    return run(site.wharf, "admin", "scrub", "--data", server.data, *words, check=check)


def file_of(server, digest):
    algorithm, digits = digest.split(":")
    return os.path.join(server.data, "blobs", algorithm, digits[:2], digits)


def sound(site, server):
    push_image(server, "team/app", "1", [("etc/motd", b"hello\n")])
    push_blob(server, "team/app", b"long digest", "sha512")
    report = json.loads(scrub(site, server, "--json").stdout)
    expect_equal((report["blobs"], report["found"]), (3, []), "what a scrub of sound blobs says")
    expect(not os.path.exists(os.path.join(server.data, "scrub.json")), "the state of a finished scrub stays")


def damaged(site, server):
    files = [("usr/share/numbers", bytes(range(256)) * 64)]
    blob, _, manifest = push_image(server, "team/hurt", "1", files)
    push_image(server, "other/hurt", "2", files)
    push_manifest(server, "team/hurt", "all", {
        "schemaVersion": 2, "mediaType": INDEX,
        "manifests": [dict(manifest, platform={"os": "linux", "architecture": "amd64"})]}, INDEX)
    with open(file_of(server, blob["digest"]), "r+b") as f:
        f.seek(20)
        byte = f.read(1)
        f.seek(20)
        f.write(bytes([byte[0] ^ 1]))
    done = scrub(site, server, "--json", check=False)
    expect_equal(done.returncode, 1, "status")
    found = json.loads(done.stdout)["found"]
    expect_equal([f["digest"] for f in found], [blob["digest"]], "what was found")
    hurt = sorted((m["repository"], tag) for m in found[0]["manifests"] for tag in m["tags"])
    expect_equal(hurt, [("other/hurt", "2"), ("team/hurt", "1"), ("team/hurt", "all")], "who is hurt")
    expect(os.path.exists(os.path.join(server.data, "quarantine", blob["digest"].replace(":", "-"))), "not set aside")
    for name in ("team/hurt", "other/hurt"):
        for method in ("HEAD", "GET"):
            status, body, _ = server.request(method, "/v2/%s/blobs/%s" % (name, blob["digest"]))
            expect_equal(status, 404, "%s of a damaged blob" % method)
    expect(b"BLOB_UNKNOWN" in body, "the answer is %r" % body)
    expect_equal(json.loads(scrub(site, server, "--json").stdout)["found"], [], "a second scrub finds again")
    content, _ = layer(files)
    push_blob(server, "team/hurt", content)
    for name in ("team/hurt", "other/hurt"):
        status, body, _ = server.get("/v2/%s/blobs/%s" % (name, blob["digest"]))
        expect(status == 200 and body == content, "the blob of %s is not healed: %d" % (name, status))


def gone(site, server):
    blob, _, _ = push_image(server, "team/gone", "1", [("a", b"gone\n")])
    os.unlink(file_of(server, blob["digest"]))
    done = scrub(site, server, check=False)
    expect_equal(done.returncode, 1, "status")
    expect(b"is gone" in done.stdout and b"team/gone" in done.stdout, "it says: %s" % done.stdout.decode())
    expect_equal(server.request("HEAD", "/v2/team/gone/blobs/" + blob["digest"])[0], 404, "HEAD of a blob without a file")
    push_image(server, "team/gone", "1", [("a", b"gone\n")])
    expect_equal(server.get("/v2/team/gone/blobs/" + blob["digest"])[0], 200, "GET after the next push")


def resumed(site, server):
    for number in range(12):
        push_blob(server, "team/many", bytes([number]) * (1 << 20))
    whole = json.loads(scrub(site, server, "--json").stdout)["blobs"]
    state = os.path.join(server.data, "scrub.json")
    start = time.monotonic()
    process = subprocess.Popen([site.wharf, "admin", "scrub", "--data", server.data, "--rate", "4MiB"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until("the scrub keeps its state", lambda: os.path.exists(state))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with open(state) as f:
        at = json.load(f)
    expect(0 < at["blobs"] < whole, "the state says %d of %d" % (at["blobs"], whole))
    expect(at["bytes"] <= (time.monotonic() - start + 1) * (4 << 20), "it read %d bytes too fast" % at["bytes"])
    report = json.loads(scrub(site, server, "--resume", "--json").stdout)
    expect_equal(report["blobs"], whole, "blobs that were read in two runs")


def refused(site, scope):
    expect_equal(run(site.wharf, "admin", "scrub", "--rate", "fast", check=False).returncode, 2, "status")
    done = run(site.wharf, "admin", "scrub", "--data", scope.path, check=False)
    expect_equal(done.returncode, 1, "status")
    expect(b"there is no data" in done.stderr, "it says: %s" % done.stderr.decode())
