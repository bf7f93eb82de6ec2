# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""`wharf mount IMAGE DIR`: an image's root file system as a mount of its own, and programs that run from it."""
import json
import os

from fixtures.images import push_by_layout, push_by_skopeo
from fixtures.mount import Mount, is_mounted, processes_naming
from fixtures.server import REPOSITORY, Server
from fixtures.site import Scope, corpus_tool, run, tool, wait_until
from fixtures.verdict import expect, expect_equal

PYTHON, DEBIAN, MOVING = "corpus/python", "corpus/debian", "corpus/moving"
PROGRAM = "import numpy, ssl, sqlite3, ctypes; print(int(numpy.arange(7).sum() * 2))"


def checks(site):
    with Scope("image-mounts") as scope:
        server = Server(site, scope)
        for image, name in (("python", PYTHON), ("debian", DEBIAN)):
            push_by_skopeo(site.layout(image), "1", server, name)
            server.wait_published(name, "1")
        mount = Mount(site, scope, server)
        yield "an image is mounted as it is in the tree, read-only, nodev, nosuid and private", lambda: shown(
            site, scope, server, mount)
        yield "set-uid programs take effect only if that is asked for", lambda: set_user_id(site, scope, server)
        yield "a tag that moves changes nothing, and the new one is mounted anew", lambda: moved(site, scope, server, mount)
        yield "an image that is not there names every place tried", lambda: missing(site, scope, server, mount)
        yield "what means nothing for an image is refused", lambda: refused(site, scope, server)
        yield "python with numpy, ssl and sqlite runs from the mount", lambda: python(site, scope, server)
        yield "shell, perl and coreutils run from the mount", lambda: debian(site, scope, server)
        yield "the image stays readable when the repository is unmounted", lambda: outlives(site, scope, server, mount)


class ImageMount:
    """A mounted image, until the end of a check."""

    def __init__(self, site, scope, image, name, *options):
        self.site, self.path = site, scope.directory(name)
        run(site.wharf, "mount", image, self.path, *options, timeout=60)

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        run(self.site.wharf, "umount", self.path, timeout=60)
        expect(not is_mounted(self.path), "umount returned, and the image is still mounted")


def reference(server, name, tag="1"):
    return "%s/%s:%s" % (server.address, name, tag)


def mount_line(path):
    with open("/proc/self/mountinfo") as f:
        return [line.split() for line in f if line.split(" ")[4] == path][-1]


def listing(directory):
    return corpus_tool("rootfs-manifest", "--full-xattrs", directory).stdout


def shown(site, scope, server, mount):
    with ImageMount(site, scope, reference(server, DEBIAN), "root") as root:
        tree = os.path.realpath(mount.link(DEBIAN, "1"))
        expect("/.flat/" in tree, "the link leads to " + tree)
        expect(os.path.samestat(os.stat(root), os.stat(tree)), "the mount shows another directory")
        expect_equal(listing(root) == listing(tree), True, "equal listings")
        line = mount_line(root)
        flags = line[5].split(",")
        expect({"ro", "nodev", "nosuid"} <= set(flags), "flags: %s" % flags)
        expect(not any(word.startswith(("shared:", "master:")) for word in line[6:line.index("-")]), "it is not private")
        again = run(site.wharf, "mount", reference(server, DEBIAN), root, check=False)
        expect(again.returncode == 1 and b"mounted on" in again.stderr, "a second mount: %r" % again.stderr)
    with ImageMount(site, scope, tree, "root") as root:
        expect(os.path.samestat(os.stat(root), os.stat(tree)), "by the path of its tree another directory is shown")
    with ImageMount(site, scope, reference(server, DEBIAN), "root", "--repository", REPOSITORY) as root:
        expect(os.path.isdir(root + "/etc"), "it is empty")


def set_user_id(site, scope, server):
    for option, wanted in (((), True), (("-o", "suid"), False), (("-o", "suid,nosuid"), True)):
        with ImageMount(site, scope, reference(server, DEBIAN), "suid", *option) as root:
            expect_equal("nosuid" in mount_line(root)[5].split(","), wanted, "nosuid with %r" % (option,))


def moved(site, scope, server, mount):
    layout = site.layout("weird")
    push_by_layout(layout, "names", server, MOVING)
    server.wait_published(MOVING, "names")
    wait_until("the mount shows the tag", lambda: os.path.isdir(mount.link(MOVING, "names")), 5)
    with ImageMount(site, scope, reference(server, MOVING, "names"), "moving") as root:
        before, first = listing(root), os.stat(root).st_ino
        retag(server)
        wait_until("the tag has moved", lambda: os.stat(mount.link(MOVING, "names")).st_ino != first, 30)
        expect_equal(listing(root) == before, True, "the mounted image is what it was")
    with ImageMount(site, scope, reference(server, MOVING, "names"), "moving") as root:
        expect(os.stat(root).st_ino != first, "the old tree is mounted again")


def retag(server):
    """Points the tag at the image of another repository of the registry."""
    accept = {"Accept": "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"}
    status, body, headers = server.request("GET", "/v2/%s/manifests/1" % DEBIAN, headers=accept)
    expect_equal(status, 200, "status of the manifest")
    manifest = json.loads(body)
    for blob in [manifest["config"]] + manifest["layers"]:
        status, _, _ = server.request("POST", "/v2/%s/blobs/uploads/?mount=%s&from=%s" % (MOVING, blob["digest"], DEBIAN))
        expect_equal(status, 201, "status of mounting a blob")
    kind = manifest.get("mediaType") or headers.get("Content-Type")
    status, body, _ = server.request("PUT", "/v2/%s/manifests/names" % MOVING, body, {"Content-Type": kind})
    expect_equal(status, 201, "status of the tag: %r" % body[:200])


def missing(site, scope, server, mount):
    directory = scope.directory("missing")
    result = run(site.wharf, "mount", reference(server, DEBIAN, "none"), directory, check=False)
    place = os.path.join(mount.path, reference(server, DEBIAN, "none"))
    expect(result.returncode == 1 and place.encode() in result.stderr, "said: %r" % result.stderr)
    result = run(site.wharf, "mount", reference(server, DEBIAN), directory, "--repository", "other.example.org", check=False)
    expect(result.returncode == 1 and b"no repository" in result.stderr, "said: %r" % result.stderr)
    result = run(site.wharf, "mount", "/no/such/tree", directory, check=False)
    expect(result.returncode == 1 and b"/no/such/tree" in result.stderr, "said: %r" % result.stderr)
    expect(not is_mounted(directory), "something is mounted all the same")


def refused(site, scope, server):
    directory = scope.directory("refused")
    result = run(site.wharf, "mount", reference(server, DEBIAN), directory, "-o", "open=none", check=False)
    expect(result.returncode == 1 and b"open=none" in result.stderr, "said: %r" % result.stderr)
    result = run(site.wharf, "mount", reference(server, DEBIAN), directory + "/none", check=False)
    expect(result.returncode == 1, "a mount point that is not there")


def inside(root, *command):
    return run(tool("chroot"), root, *command, timeout=120, env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"})


def python(site, scope, server):
    with ImageMount(site, scope, reference(server, PYTHON), "python") as root:
        expect_equal(inside(root, "python3", "-c", PROGRAM).stdout, b"42\n", "what python printed")
        expect(len(inside(root, "python3", "-c", "help('modules')").stdout) > 1000, "the list of modules is short")


def debian(site, scope, server):
    with ImageMount(site, scope, reference(server, DEBIAN), "debian") as root:
        expect_equal(inside(root, "sh", "-c", "echo $((6 * 7)) | sort | md5sum | cut -c1-8").stdout,
                     run("sh", "-c", "echo $((6 * 7)) | sort | md5sum | cut -c1-8").stdout, "what the shell printed")
        if os.path.exists(root + "/usr/bin/perl"):
            # From a pipe: -e would open /dev/null, and the image has no devices.
            program = "echo 'use POSIX; use List::Util \"sum\"; print floor(sum(1..9) / 2)' | perl"
            expect_equal(inside(root, "sh", "-c", program).stdout, b"22", "what perl printed")
        expect(b"/etc" in inside(root, "find", "/etc", "-maxdepth", "1").stdout, "find found nothing")


def outlives(site, scope, server, mount):
    with ImageMount(site, scope, reference(server, DEBIAN), "outlives") as root:
        mount.unmount()
        expect(processes_naming(mount.path), "the client has ended under the image")
        expect(b"Debian" in open(root + "/etc/os-release", "rb").read(), "a file of the image")
        expect_equal(inside(root, "sh", "-c", "echo alive").stdout, b"alive\n", "a program of the image")
    wait_until("the client ends with the last mount", lambda: not processes_naming(mount.path), 10)
    mount.mount()
