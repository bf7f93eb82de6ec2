# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Images made to do harm: refused or contained, with a clear error, and nothing outside changed."""
import json
import os

from fixtures.images import push_by_layout, tags
from fixtures.mount import Mount
from fixtures.server import Server
from fixtures.site import Scope, corpus_tool, run
from fixtures.trees import check_tree, expected
from fixtures.verdict import Failed, expect, expect_equal

CANARY = "/tmp/corpus-canary"
SECRET = b"corpus: this text is outside of the image\n"
OUTSIDE = ("/etc", "/usr", "/boot", "/opt", "/root", "/bin", "/sbin", "/lib")


def checks(site):
    top = site.layout("malicious")
    with open(os.path.join(top, "cases.json")) as f:
        cases = json.load(f)
    with Scope("hostile") as scope:
        lay_out_canary(scope)
        server = Server(site, scope)
        push_by_layout(site.layout("tiny"), "1", server, "good/tiny")
        server.wait_published("good/tiny", "1")
        before = canary()
        stamp = os.path.join(scope.path, "stamp")
        with open(stamp, "w"):
            pass
        for case, about in sorted(cases.items()):
            yield "%s (%s)" % (case, about["expect"]), lambda: handle(
                server, os.path.join(top, case), case, about["expect"], before), 400
        yield "the image that was there before is as it was", lambda: untouched(site, scope, server)
        yield "no file outside of the data directory changed", lambda: nothing_changed(stamp)
        yield "no content from outside is in the repository", lambda: nothing_leaked(site, scope, server, cases)
        yield "the server stayed within 512 MiB", lambda: expect(
            server.peak_memory_in_mebibytes() <= 512, "peak %d MiB" % server.peak_memory_in_mebibytes())


def lay_out_canary(scope):
    run("rm", "-rf", CANARY)
    os.makedirs(CANARY + "/dir/sub")
    scope.defer(run, "rm", "-rf", CANARY)
    for name, data in (("target", b"target\n"), ("secret", SECRET), ("dir/sub/f", b"f\n")):
        with open(os.path.join(CANARY, name), "wb") as f:
            f.write(data)


def canary():
    """All that the images try to change."""
    state = {}
    for top, _, names in os.walk(CANARY):
        for name in [""] + names:
            path = os.path.join(top, name)
            status = os.lstat(path)
            content = b""
            if name:
                with open(path, "rb") as f:
                    content = f.read()
            state[path] = (status.st_mode, status.st_uid, status.st_gid, status.st_nlink if name else 0, content)
    for path in ("/etc/corpus-canary", "/tmp/created", "/tmp/target", "/tmp/smuggled", "/created", "/smuggled"):
        state[path] = os.path.lexists(path)
    for path in ("/tmp", "/etc", "/"):
        status = os.lstat(path)
        state[path] = (status.st_mode, status.st_uid, status.st_gid)
    return state


def handle(server, layout, case, wanted, before):
    name = "hostile/" + case
    reason = push_by_descriptor(server, layout, name, case)
    if reason is None:
        status = server.wait_settled(name, "x", 380)
        reason = status["error"] or status["reason"] or ""
        if wanted == "reject":
            expect(status["state"] in ("failed", "unpublished"), "it was published as %s" % status["path"])
        if status["state"] == "failed":
            expect(reason, "it failed without a reason")
    expect("\x1b" not in reason, "the reason would steer a terminal")
    expect(server.is_ready(), "the server is not ready")
    expect_equal(canary(), before, "what is outside")


def push_by_descriptor(server, layout, name, case):
    """Pushes, and returns the refusal or None. A lie in the layout's own descriptor goes through an index, by which
    alone a registry learns of it."""
    tag, top = tags(layout)[0]
    options = ["--keep-going", "--no-check", "--tag", tag, layout, server.url, name]
    pushed = corpus_tool("push-layout", *options, check=False)
    text = (pushed.stdout + pushed.stderr).decode(errors="replace")
    if "Traceback" in text:
        raise Failed("push-layout broke: " + text[-600:])
    if case.startswith("size-manifest"):
        return put_index(server, name, top)
    if case == "digest-manifest":
        with open(os.path.join(layout, "blobs", *top["digest"].split(":"))) as f:
            body = f.read()
        return put(server, name, top["digest"], body, top["mediaType"], must_refuse=True)
    return text if "refused manifest" in text else None


def put_index(server, name, top):
    server.delete_tag(name, "x")
    kind = "application/vnd.oci.image.index.v1+json"
    body = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": [
        {k: top[k] for k in ("mediaType", "digest", "size")} | {"platform": {"os": "linux", "architecture": "amd64"}}]})
    return put(server, name, "x", body, kind, must_refuse=False)


def put(server, name, reference, body, kind, must_refuse):
    status, answer, _ = server.request("PUT", "/v2/%s/manifests/%s" % (name, reference), body, {"Content-Type": kind})
    if must_refuse or status >= 400:
        expect(400 <= status < 500, "answered %d" % status)
        expect(json.loads(answer)["errors"][0]["code"], "the refusal has no code")
        return answer.decode()
    return None


def untouched(site, scope, server):
    mount = Mount(site, scope, server, "untouched")
    check_tree(server, mount, "good/tiny", "1", mount.link("good/tiny", "1"), expected(site.layout("tiny"), "1"))
    mount.unmount()


def nothing_changed(stamp):
    found = run("find", *[p for p in OUTSIDE if os.path.isdir(p) and not os.path.islink(p)], "-xdev", "-newer", stamp,
                "-not", "-path", "/root/.cache/*", "-not", "-path", "*/__pycache__*", check=False).stdout.decode().split("\n")
    expect(not [x for x in found if x], "changed: %s" % ", ".join(found[:10]))


def nothing_leaked(site, scope, server, cases):
    """No file of any published image has the text that lies outside."""
    mount = Mount(site, scope, server, "leaks")
    for case in sorted(cases):
        status = server.status("hostile/" + case, "x")
        if not status or status["state"] != "published" or case.startswith("bomb-"):
            continue
        tree = os.path.realpath(mount.link("hostile/" + case, "x"))
        found = run("find", tree, "-type", "f", "-size", "%dc" % len(SECRET), "-print0", check=False).stdout
        for path in filter(None, found.split(b"\0")):
            with open(path, "rb") as f:
                if f.read() == SECRET:
                    raise Failed("%s holds what lies outside" % os.fsdecode(path))
    mount.unmount()
