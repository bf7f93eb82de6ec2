# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Programs run out of the mounted tree, by three launchers, without a pull."""
import json
import os

from fixtures.images import Podman, push_by_skopeo
from fixtures.mount import Mount
from fixtures.server import Server
from fixtures.site import Scope, run, tool
from fixtures.verdict import expect, expect_equal

NAME = "corpus/python"
WORDS = ["python3", "-c", "import numpy; print(numpy.__version__)"]


def checks(site):
    with Scope("containers") as scope:
        server = Server(site, scope)
        push_by_skopeo(site.layout("python"), "1", server, NAME)
        server.wait_published(NAME, "1")
        mount = Mount(site, scope, server)
        reference = "%s/%s:1" % (server.address, NAME)
        yield "numpy by wharf run", lambda: expect_equal(
            run(site.wharf, "run", reference, "--", *WORDS).stdout.decode().strip(), version(site), "numpy")
        yield "the status of wharf run is the command's", lambda: statuses(site, reference)
        yield "wharf run takes environment and working directory from the image", lambda: environment(
            site, reference)
        yield "numpy by podman run --rootfs", lambda: by_podman(site, scope, mount)
        yield "numpy by runc on an overlay over the mount", lambda: by_runc(site, scope, mount)
        yield "a device node of the image does not open in wharf run", lambda: device(site, scope, server)
        yield "the client stays small", lambda: stays_small(mount)


def version(site):
    with open(os.path.join(site.layout("python"), "index.json")) as f:
        json.load(f)  # the layout must be there; its numpy is the one that the constraints name
    here = os.path.dirname(os.path.realpath(__file__))
    with open(os.path.join(here, "..", "..", "Corpus", "lib", "constraints.txt")) as f:
        return dict(line.strip().split("==") for line in f if "==" in line)["numpy"]


def statuses(site, reference):
    for words, wanted in ((["sh", "-c", "exit 7"], 7), (["/no/such/program"], 127), (["/etc/passwd"], 126)):
        got = run(site.wharf, "run", reference, "--", *words, check=False).returncode
        expect_equal(got, wanted, "status of %r" % words)
    expect_equal(run(site.wharf, "run", reference + "-none", "--", "true", check=False).returncode, 125,
                 "status for an image that is not there")


def environment(site, reference):
    out = run(site.wharf, "run", "--env", "COLOUR=blue", reference, "--", "sh", "-c",
              "echo $LANG $COLOUR; pwd; id -u; touch /new && echo written").stdout.decode().split()
    expect_equal(out, ["C.UTF-8", "blue", "/", "0", "written"], "what the command saw")


def by_podman(site, scope, mount):
    podman = Podman(scope)
    root = os.path.realpath(mount.link(NAME, "1"))
    out = podman("run", "--rm", "--network=none", "--rootfs", root + ":O", *WORDS).stdout.decode().strip()
    expect_equal(out, version(site), "numpy")


def by_runc(site, scope, mount):
    bundle = scope.directory("bundle")
    for name in ("upper", "work", "bundle/rootfs"):
        scope.directory(name)
    run("mount", "-t", "overlay", "overlay", "-o", "lowerdir=%s,upperdir=%s,workdir=%s" % (
        os.path.realpath(mount.link(NAME, "1")).replace(":", "\\:"), scope.path + "/upper", scope.path + "/work"),
        bundle + "/rootfs")
    try:
        run(tool("runc"), "spec", cwd=bundle)
        with open(bundle + "/config.json") as f:
            config = json.load(f)
        config["process"].update(args=WORDS, terminal=False)
        config["process"].pop("rlimits", None)
        config["linux"].pop("resources", None)
        config["process"]["env"] = ["PATH=/usr/local/bin:/usr/bin:/bin"]
        with open(bundle + "/config.json", "w") as f:
            json.dump(config, f)
        out = run("runc", "--root", scope.directory("runc"), "run", "-b", bundle, "wharf-e2e-%d" % os.getpid())
        expect_equal(out.stdout.decode().strip(), version(site), "numpy")
    finally:
        run("umount", bundle + "/rootfs", check=False)


def device(site, scope, server):
    """The hostile image has nodes of disks and of kernel memory; the tiny one brings a shell beside them."""
    push_by_skopeo(os.path.join(site.layout("malicious"), "device-disk"), "x", server, "hostile/device")
    server.wait_published("hostile/device", "x")
    push_by_skopeo(site.layout("tiny"), "1", server, "corpus/tiny")
    server.wait_published("corpus/tiny", "1")
    mount = Mount(site, scope, server, "devices")
    tree = os.path.realpath(mount.link("hostile/device", "x"))
    for name in ("mem", "kmsg", "sda"):
        path = os.path.join(tree, name)
        expect(os.path.lexists(path), "%s is not in the tree" % name)
        try:
            os.close(os.open(path, os.O_RDONLY))
        except PermissionError:
            continue
        expect(False, "%s opened through the mount" % name)
    # Inside a container: the same tree as root, a shell from a volume.
    out = run(site.wharf, "run", "--volume", os.path.realpath(mount.link("corpus/tiny", "1")) + "/bin:/tools:ro",
              "%s/hostile/device:x" % server.address, "--", "/tools/busybox", "sh", "-c",
              "for n in mem kmsg sda; do /tools/busybox head -c 1 /$n; done", check=False)
    denied = out.stderr.decode().lower()
    expect(denied.count("permission denied") + denied.count("not permitted") == 3,
           "status %d, said: %s" % (out.returncode, denied[-500:]))


def stays_small(mount):
    from fixtures.mount import processes_naming
    for pid in processes_naming(mount.path):
        with open("/proc/%d/status" % pid) as f:
            peak = next(int(x.split()[1]) // 1024 for x in f if x.startswith("VmHWM:"))
        expect(peak <= 100, "peak %d MiB" % peak)
