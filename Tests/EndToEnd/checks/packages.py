# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""The Debian packages in a clean Debian: installed, served from, removed."""
import glob
import hashlib
import os
import re
import shutil
import subprocess

from fixtures.peer import Peer
from fixtures.pushes import push_image
from fixtures.site import Scope, free_port, run, stop, tool, wait_until
from fixtures.verdict import Failed, Skipped, expect, expect_equal

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", ".."))
BUILT = os.path.join(ROOT, ".build", "packages")
UNIT = "lib/systemd/system/wharf-server.service"


def checks(site):
    tool("dpkg-deb"), tool("debootstrap"), tool("dpkg-shlibdeps")
    with Scope("packages") as scope:
        box = {}
        yield "make package builds both packages", lambda: built(box), 600
        if "debs" not in box:
            return
        yield "systemd accepts the unit, and finds it well locked up", lambda: unit(site, scope, box)
        yield "they install in a clean Debian", lambda: installed(scope, box), 400
        if "root" in box:
            yield "the installed server takes a push as a user without rights", lambda: serves(box)
            yield "a purge leaves nothing but the data", lambda: purged(box)


def built(box):
    run(os.path.join(ROOT, "scripts", "package.sh"), timeout=580)
    debs = {os.path.basename(p).split("_")[0]: p for p in glob.glob(os.path.join(BUILT, "*.deb"))}
    expect_equal(sorted(debs), ["wharf", "wharf-server"], "packages")
    for name, path in debs.items():
        depends = run("dpkg-deb", "-f", path, "Depends").stdout.decode()
        for library in ("libc6", "libssl3", "libsqlite3-0"):
            expect(library in depends, "%s does not depend on %s: %s" % (name, library, depends))
    server = run("dpkg-deb", "-c", debs["wharf-server"]).stdout.decode()
    for part in ("./usr/bin/wharfd", "./" + UNIT, "./etc/wharf/wharf.yaml", "/configuration.md"):
        expect(part in server, "%s is not in wharf-server" % part)
    node = run("dpkg-deb", "-c", debs["wharf"]).stdout.decode()
    expect(re.search(r"\./usr/sbin/mount\.wharf -> \.\./bin/wharf", node), "mount.wharf is no link to wharf")
    expect(re.search(r"-rwxr-xr-x .* \./etc/auto\.wharf", node), "there is no map for autofs")
    expect(" root/root " in node and not re.search(r" (?!root/root)\S+/\S+ +\d+ ", node), "owners: %s" % node[:500])
    box["debs"] = debs


def unit(site, scope, box):
    tool("systemd-analyze")
    tree = scope.directory("unit")
    run("dpkg-deb", "-x", box["debs"]["wharf-server"], tree)
    path = os.path.join(scope.path, "wharf-server.service")
    with open(os.path.join(tree, UNIT)) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("/usr/bin/wharfd", site.wharf + "d"))
    done = run("systemd-analyze", "verify", "--man=no", path, check=False)
    said = [line for line in (done.stdout + done.stderr).decode().splitlines() if "wharf-server" in line]
    expect(done.returncode == 0 and not said, "systemd-analyze verify: %s" % "\n".join(said))
    done = run("systemd-analyze", "security", "--offline=true", "--threshold=15", path, check=False)
    level = re.search(r"Overall exposure level.*: ([0-9.]+)", done.stdout.decode())
    expect(done.returncode == 0, "the exposure level is %s" % (level[1] if level else done.stderr))


def clean_debian(packages):
    """A minimal Debian with the libraries that the packages name; made once and kept."""
    names = sorted(packages)
    kept = os.path.join(BUILT, "debian-" + hashlib.sha256(" ".join(names).encode()).hexdigest()[:12])
    if not os.path.isdir(kept):
        for old in glob.glob(os.path.join(BUILT, "debian-*")):
            shutil.rmtree(old)
        making = kept.replace("debian-", "making-")
        shutil.rmtree(making, ignore_errors=True)
        done = run("debootstrap", "--variant=minbase", "--include=" + ",".join(names), "bookworm", making,
                   "http://deb.debian.org/debian", check=False, timeout=350)
        if done.returncode != 0:
            shutil.rmtree(making, ignore_errors=True)
            raise Skipped("debootstrap failed: %s" % done.stdout.decode()[-300:])
        os.rename(making, kept)
    return kept


def installed(scope, box):
    depends = ",".join(run("dpkg-deb", "-f", p, "Depends").stdout.decode() for p in box["debs"].values())
    names = {re.match(r"\s*([a-z0-9.+-]+)", part)[1] for part in depends.split(",")}
    lower = clean_debian(names - {"wharf"})
    root = scope.directory("root")
    layers = "lowerdir=%s,upperdir=%s,workdir=%s" % (lower, scope.directory("upper"), scope.directory("work"))
    run("mount", "-t", "overlay", "-o", layers, "overlay", root)
    scope.defer(run, "umount", "-l", root)
    run("mount", "-t", "proc", "proc", os.path.join(root, "proc"))
    scope.defer(run, "umount", "-l", os.path.join(root, "proc"))
    for name, path in box["debs"].items():
        shutil.copy(path, os.path.join(root, "tmp", name + ".deb"))
    done = inside(root, "dpkg", "-i", "/tmp/wharf.deb", "/tmp/wharf-server.deb")
    expect_equal(done.returncode, 0, "dpkg -i: %s" % done.stderr.decode())
    expect_equal(inside(root, "wharf", "version").stdout[:6], b"wharf ", "wharf version")
    expect_equal(inside(root, "stat", "-c", "%U %a", "/var/lib/wharf").stdout, b"wharf 750\n", "the data directory")
    expect(os.path.lexists(os.path.join(root, "etc/systemd/system/multi-user.target.wants/wharf-server.service")),
           "the service is not enabled")
    done = inside(root, "wharf", "serve", "--config", "/etc/wharf/wharf.yaml", "--check-config")
    expect_equal(done.returncode, 0, "--check-config: %s" % done.stderr.decode())
    box["root"] = root


def inside(root, *command):
    return run("chroot", root, *command, check=False, env={
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"})


class Installed(Peer):
    """The installed server, started as the unit does it, as far as that goes without systemd."""

    def __init__(self, root):
        self.address = "127.0.0.1:%d" % free_port()
        self.process = subprocess.Popen(
            ["chroot", root, "setpriv", "--reuid=wharf", "--regid=wharf", "--clear-groups", "--no-new-privs",
             "--bounding-set=-all", "/usr/bin/wharfd", "serve", "--config", "/etc/wharf/wharf.yaml", "--listen",
             self.address], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/",
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        wait_until("the installed server is ready", self.is_ready, 30)

    def is_ready(self):
        if self.process.poll() is not None:
            raise Failed("it ended: %s" % self.process.stderr.read().decode()[-500:])
        return self.answers("/readyz")


def serves(box):
    server = Installed(box["root"])
    try:
        push_image(server, "team/app", "1", [("etc/name", b"packaged\n")])
        status, body, _ = server.request("GET", "/v2/team/app/manifests/1")
        expect_equal(status, 200, "GET")
        path = "/api/v2.0/wharf/images/status?repository=team/app&tag=1"
        wait_until("it is published", lambda: b'"published"' in server.request("GET", path)[1], 60)
    finally:
        stop(server.process)
    log = server.process.stderr.read().decode()
    expect('"wharf.access"' in log, "the packaged configuration logs no requests: %s" % log[-300:])


def purged(box):
    root = box["root"]
    done = inside(root, "dpkg", "-P", "wharf-server", "wharf")
    expect_equal(done.returncode, 0, "dpkg -P: %s" % done.stderr.decode())
    expect(b"are kept" in done.stderr, "it says nothing about the data: %s" % done.stderr.decode())
    found = inside(root, "find", "/", "-xdev", "-path", "/proc", "-prune", "-o", "-path", "/tmp", "-prune", "-o", "-iname",
                   "*wharf*", "-print").stdout.decode().split()
    left = [p for p in found if not p.startswith("/var/lib/wharf")]
    expect_equal(left, [], "what is left")
    expect(os.path.exists(os.path.join(root, "var/lib/wharf/wharf.db")), "the data are gone")
    inside(root, "sh", "-c", "rm -rf /var/lib/wharf/*")
    inside(root, "dpkg", "-i", "/tmp/wharf.deb", "/tmp/wharf-server.deb")
    done = inside(root, "dpkg", "-P", "wharf-server", "wharf")
    expect_equal(done.returncode, 0, "a second purge: %s" % done.stderr.decode())
    expect(not os.path.exists(os.path.join(root, "var/lib/wharf")), "an empty data directory stays")
    expect(inside(root, "getent", "passwd", "wharf").returncode != 0, "the user stays without data")
