#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Images of real software: tiny, debian, python, science.

usage: gen_distro.py --cache DIR --build DIR [--wheels DIR] OUTDIR IMAGE...

Run by make-corpus, as root and in a mount namespace of its own.
  --cache DIR    downloaded packages, kept between runs
  --build DIR    where root file systems are built (fast storage)
  --wheels DIR   more Python wheels, for science (torch)
"""
import argparse
import os
import platform
import random
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ocilayout as oci  # noqa: E402
from ocilayout import EPOCH, Layout  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SUITE = "bookworm"
DAY = 86400
PRUNE = ("dev", "proc", "sys", "run", "tmp")
CLEAN = ("var/cache/apt/pkgcache.bin", "var/cache/apt/srcpkgcache.bin",
         "var/cache/ldconfig/aux-cache", "var/log/dpkg.log", "var/log/alternatives.log",
         "var/log/bootstrap.log", "var/log/fontconfig.log", "etc/resolv.conf",
         "etc/machine-id", "var/lib/dbus/machine-id", "usr/sbin/policy-rc.d",
         "etc/hostname", "var/lib/systemd/catalog/database", "root/.cache")
CLEAN_DIRS = ("var/lib/apt/lists", "var/cache/apt/archives", "var/log/apt", "var/cache/debconf", "var/cache/man")
ARCH = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "amd64")
PY_VERSION = "3.11"             # of the suite
PANDAS = ("2.1.4", "2.2.3")     # the upgrade between python:1 and python:2


def say(text):
    print("  " + text, flush=True)


def run(cmd, **kw):
    kw.setdefault("stdout", subprocess.DEVNULL)
    p = subprocess.run(cmd, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, **kw)
    if p.returncode:
        sys.exit("%s\n%s failed: %d" % (p.stderr.decode(errors="replace")[-3000:],
                                        " ".join(cmd[:4]), p.returncode))
    return p


class Root:
    """A root file system under construction and its snapshots."""

    def __init__(self, path, o):
        self.path, self.o = path, o
        self.last = {}

    def at(self, rel):
        return os.path.join(self.path, rel)

    def debootstrap(self):
        debs = os.path.join(self.o.cache, "debs")
        os.makedirs(debs, exist_ok=True)
        run(["debootstrap", "--variant=minbase", "--cache-dir=" + debs, SUITE, self.path])
        with open(self.at("etc/dpkg/dpkg.cfg.d/unsafe-io"), "w") as f:
            f.write("force-unsafe-io\n")
        with open(self.at("etc/apt/apt.conf.d/no-recommends"), "w") as f:
            f.write('APT::Install-Recommends "false";\n')
        self.clean()

    def chroot(self, cmd, binds=(), env=None):
        """Runs a command in the tree with /proc and package caches there."""
        apt = os.path.join(self.o.cache, "debs")
        os.makedirs(os.path.join(apt, "partial"), exist_ok=True)
        binds = list(binds) + [(apt, "var/cache/apt/archives")]
        e = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
             "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "HOME": "/root",
             "SOURCE_DATE_EPOCH": str(EPOCH), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        e.update(env or {})
        shutil.copy("/etc/resolv.conf", self.at("etc/resolv.conf"))
        with open(self.at("usr/sbin/policy-rc.d"), "w") as f:
            f.write("#!/bin/sh\nexit 101\n")
        os.chmod(self.at("usr/sbin/policy-rc.d"), 0o755)
        mounted = []
        try:
            run(["mount", "-t", "proc", "proc", self.at("proc")])
            mounted.append(self.at("proc"))
            for src, dst in binds:
                os.makedirs(self.at(dst), exist_ok=True)
                run(["mount", "--bind", src, self.at(dst)])
                mounted.append(self.at(dst))
            run(["chroot", self.path] + cmd, env=e)
        finally:
            for m in reversed(mounted):
                run(["umount", m])

    def apt(self, *packages):
        self.chroot(["sh", "-ec", "apt-get -qq update && apt-get -qq install -y "
                     "-o APT::Keep-Downloaded-Packages=true -o Dpkg::Use-Pty=0 "
                     "-o APT::Sandbox::User=root " + " ".join(packages)])
        self.clean()

    def pip(self, *packages):
        wheels = os.path.join(self.o.cache, "wheels")
        os.makedirs(wheels, exist_ok=True)
        m = platform.machine()
        con = os.path.join(HERE, "constraints.txt")
        cmd = [sys.executable, "-m", "pip", "download", "-q", "--only-binary=:all:",
               "--implementation", "cp", "--python-version", PY_VERSION, "-d", wheels]
        for tag in ("manylinux2014_", "manylinux_2_17_", "manylinux_2_28_"):
            cmd += ["--platform", tag + m]
        run(cmd + ["-c", con, "--find-links", wheels] + list(packages))
        shutil.copy(con, self.at("tmp/constraints.txt"))
        self.chroot(["pip3", "install", "-q", "--break-system-packages", "--no-index",
                     "--root-user-action=ignore", "--find-links", "/tmp/wheels",
                     "-c", "/tmp/constraints.txt"] + list(packages),
                    binds=[(wheels, "tmp/wheels")])
        self.clean()

    def clean(self):
        for p in CLEAN:
            p = self.at(p)
            if os.path.isdir(p) and not os.path.islink(p):
                shutil.rmtree(p)
            elif os.path.lexists(p):
                os.unlink(p)
        for d in CLEAN_DIRS:
            for n in os.listdir(self.at(d)) if os.path.isdir(self.at(d)) else ():
                p = os.path.join(self.at(d), n)
                shutil.rmtree(p) if os.path.isdir(p) else os.unlink(p)

    def changes(self):
        """What changed since the last call: (snapshot, paths, removed)."""
        new = oci.snapshot(self.path, PRUNE)
        changed, gone = oci.changes(self.last, new)
        self.last = new
        return new, oci.with_parents(changed, new), sorted(gone)

    def layer(self, lay, snap, paths, gone=(), clamp=EPOCH, renew=None, extra=None):
        """One layer; renew: a set of paths whose mtime is to be clamp."""
        def fill(tw):
            entries = snap
            if renew is not None:
                entries = dict(snap)
                for p in paths:
                    if p in renew:
                        e = oci.Entry()
                        for k in oci.Entry.__slots__:
                            setattr(e, k, getattr(snap[p], k))
                        e.mtime_ns = clamp * 10**9
                        entries[p] = e
            for p in gone:
                tw.add(oci.whiteout(p), mtime=clamp)
            oci.write_tree(tw, self.path, entries, paths, clamp)
            if extra:
                extra(tw)
        return lay.layer_stream(fill)


# ------------------------------------------------------------------- images

def tiny(o):
    """busybox, statically linked."""
    d = os.path.join(o.build, "tiny")
    os.makedirs(d + "/deb")
    run(["apt-get", "-qq", "download", "-o", "APT::Sandbox::User=root",
         "busybox-static"], cwd=d + "/deb")
    deb = os.path.join(d + "/deb", os.listdir(d + "/deb")[0])
    run(["dpkg-deb", "-x", deb, d + "/x"])
    names = subprocess.run([d + "/x/bin/busybox", "--list"], check=True,
                           stdout=subprocess.PIPE).stdout.decode().split()

    def fill(t):
        for p in ("bin", "etc", "root", "proc", "sys", "dev", "home"):
            t.add(p, "d", mode=0o700 if p == "root" else 0o755)
        t.add("tmp", "d", mode=0o1777)
        with open(d + "/x/bin/busybox", "rb") as f:
            t.add("bin/busybox", data=f.read(), mode=0o755)
        for n in sorted(names):
            if n != "busybox":
                t.add("bin/" + n, "l", link=b"busybox")
        t.add("etc/passwd", data=b"root:x:0:0:root:/root:/bin/sh\n"
              b"nobody:x:65534:65534:nobody:/:/bin/false\n")
        t.add("etc/group", data=b"root:x:0:\nnogroup:x:65534:\n")
    lay = Layout(os.path.join(o.out, "tiny"))
    lay.tag(lay.image([lay.layer_stream(fill)], architecture=ARCH,
                      history=["busybox-static"]), "1")
    lay.save()


def debian(o):
    """debootstrap minbase; returns the tree and the layer, for python."""
    root = Root(os.path.join(o.build, "debian"), o)
    say("debootstrap")
    root.debootstrap()
    snap, paths, _ = root.changes()
    lay = Layout(os.path.join(o.out, "debian"))
    layer = root.layer(lay, snap, paths)
    lay.tag(lay.image([layer], ["bash"], architecture=ARCH, history=["debootstrap"]), "1")
    lay.save()
    return root, layer


APP = {"opt/app/main.py": b"import numpy, scipy\nprint(numpy.__version__, scipy.__version__)\n",
       "opt/app/old-name.py": b"# removed in version 2\n",
       "opt/app/settings.ini": b"[app]\nversion = 1\n",
       "opt/app/plugins/a.py": b"# plugin a\n", "opt/app/plugins/b.py": b"# plugin b\n",
       "opt/app/cache/deep/er/data.txt": b"cached\n"}


def app_v1(t):
    done = set()
    for p, data in sorted(APP.items()):
        parts = p.split("/")
        for i in range(1, len(parts)):
            if "/".join(parts[:i]) not in done:
                done.add("/".join(parts[:i]))
                t.add("/".join(parts[:i]), "d")
        t.add(p, data=data)


def app_v2(t):
    """Removes a file and a directory, empties another (opaque) and fills it
    anew, and removes a directory of the packages below."""
    late = EPOCH + DAY
    t.add("opt/app", "d", mtime=late)
    t.add("opt/app/.wh.old-name.py", mtime=late)
    t.add("opt/app/.wh.cache", mtime=late)
    t.add("opt/app/settings.ini", data=b"[app]\nversion = 2\n", mtime=late)
    t.add("opt/app/plugins", "d", mtime=late)
    t.add("opt/app/plugins/.wh..wh..opq", mtime=late)
    t.add("opt/app/plugins/c.py", data=b"# plugin c\n", mtime=late)
    base = "usr/local/lib/python%s/dist-packages/numpy" % PY_VERSION
    t.add(base + "/.wh.tests", mtime=late)
    t.add(base + "/fft/.wh.tests", mtime=late)


def python(o, root, base):
    """Two tags with nearly the same files, cut into different layers."""
    lay = Layout(os.path.join(o.out, "python"))
    src = os.path.join(o.out, "debian", "blobs", *base[0]["digest"].split(":"))
    os.link(src, lay.blob_path(base[0]["digest"]))
    env = ["PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
           "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1"]
    layers, cuts = [base], []
    for title, step in (("apt python3", lambda: root.apt("python3", "python3-pip", "ca-certificates")),
                        ("pip numpy", lambda: root.pip("numpy")),
                        ("pip scipy", lambda: root.pip("scipy")),
                        ("pip pandas matplotlib",
                         lambda: root.pip("pandas==" + PANDAS[0], "matplotlib"))):
        say(title)
        step()
        snap, paths, gone = root.changes()
        cuts.append((set(paths), gone))
        layers.append(root.layer(lay, snap, paths, gone))
    none = ({}, set())
    layers.append(root.layer(lay, *none, extra=app_v1))
    lay.tag(lay.image(layers, ["python3"], env, ARCH,
                      history=["debootstrap", "apt", "numpy", "scipy", "pandas", "app"]), "1")

    # Tag 2 as if rebuilt a day later: the same base layer; the apt layer with
    # new times; all of pip in one layer, with another pandas; then removals.
    say("pip upgrade pandas")
    late = EPOCH + DAY
    before = snap
    root.pip("pandas==" + PANDAS[1])
    snap, _, _ = root.changes()
    apt_paths = {p for p in cuts[0][0] if p in snap}
    pip_paths = {p for p in snap if p not in before or not snap[p].same(before[p])}
    for c in cuts[1:]:
        pip_paths |= {p for p in c[0] if p in snap}
    pip_paths = oci.with_parents(pip_paths, snap)
    new = {p for p in apt_paths | pip_paths if snap[p].mtime_ns > EPOCH * 10**9}
    layers = [base,
              root.layer(lay, snap, apt_paths - (pip_paths - new), cuts[0][1], late, new),
              root.layer(lay, snap, pip_paths, (), late, new),
              root.layer(lay, *none, extra=app_v1),
              root.layer(lay, *none, extra=app_v2)]
    lay.tag(lay.image(layers, ["python3"], env, ARCH, epoch=late,
                      history=["debootstrap", "apt", "pip", "app", "app 2"]), "2")
    lay.save()


def data_files(top):
    """Stands in for physics data tables: many small text files, and some
    large binary ones of which half compresses well."""
    rnd = random.Random("tables")
    words = [b"%.6e" % rnd.random() for _ in range(4096)]
    for n in range(60000):
        d = os.path.join(top, "tables", "z%03d" % (n // 500))
        if n % 500 == 0:
            os.makedirs(d)
        rows = rnd.randrange(4, 120)
        with open(os.path.join(d, "t%05d.dat" % n), "wb") as f:
            f.write(b"# table %d\n" % n + b"\n".join(
                b" ".join(rnd.choices(words, k=4)) for _ in range(rows)) + b"\n")
    os.makedirs(os.path.join(top, "grids"))
    for n in range(5):
        with open(os.path.join(top, "grids", "grid%d.bin" % n), "wb") as f:
            for _ in range(128):
                f.write(rnd.randbytes(1 << 19) + bytes([n]) * (1 << 19))


SCIENCE = {
    "gcc": lambda r, o: r.apt("build-essential", "gfortran", "cmake", "git", "gdb"),
    "tex": lambda r, o: r.apt("texlive-latex-extra", "texlive-fonts-extra",
                              "texlive-science", "texlive-plain-generic"),
    "r": lambda r, o: r.apt("r-base-core", "r-recommended", "r-cran-tidyverse"),
    "octave": lambda r, o: r.apt("octave", "gnuplot-nox"),
    "python": lambda r, o: (r.apt("python3", "python3-pip"),
                            r.pip("numpy", "scipy", "pandas==" + PANDAS[0], "matplotlib",
                                  "scikit-learn", "sympy", "jupyterlab", "astropy")),
    "torch": lambda r, o: science_torch(r, o),
    "data": lambda r, o: data_files(r.at("opt/data")),
}
ORDERS = {"1": ("gcc", "tex", "r", "octave", "python", "torch", "data"),
          "2": ("data", "octave", "python", "torch", "r", "gcc", "tex")}


def science_torch(root, o):
    """Only if a wheel for the CPU is at hand: the one in the public index
    brings gigabytes of GPU libraries."""
    names = sorted(n for n in (os.listdir(o.wheels) if o.wheels else ())
                   if n.startswith("torch-") and "cp311" in n and platform.machine() in n)
    if not names:
        say("no torch wheel, left out")
        return
    wheels = os.path.join(o.cache, "wheels")
    shutil.copy(os.path.join(o.wheels, names[-1]), wheels)
    root.pip("filelock", "typing-extensions", "sympy", "networkx", "jinja2", "fsspec")
    root.chroot(["pip3", "install", "-q", "--break-system-packages", "--no-index",
                 "--no-deps", "--root-user-action=ignore", "/tmp/wheels/" + names[-1]],
                binds=[(wheels, "tmp/wheels")])
    root.clean()


def science(o):
    lay = Layout(os.path.join(o.out, "science"))
    for tag, order in ORDERS.items():
        root = Root(os.path.join(o.build, "science-" + tag), o)
        say("science:%s debootstrap" % tag)
        root.debootstrap()
        snap, paths, gone = root.changes()
        clamp = EPOCH + DAY * int(tag)
        layers = [root.layer(lay, snap, paths, (), clamp)]
        for step in order:
            say("science:%s %s" % (tag, step))
            SCIENCE[step](root, o)
            snap, paths, gone = root.changes()
            if paths or gone:
                layers.append(root.layer(lay, snap, paths, gone, clamp))
        lay.tag(lay.image(layers, ["bash"], architecture=ARCH, epoch=clamp,
                          history=["debootstrap"] + list(order)[:len(layers) - 1]), tag)
        lay.save()
        shutil.rmtree(root.path)


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cache", required=True)
    p.add_argument("--build", required=True)
    p.add_argument("--wheels")
    p.add_argument("out")
    p.add_argument("images", nargs="+", choices=("tiny", "debian", "python", "science"))
    o = p.parse_args()
    for name in o.images:
        shutil.rmtree(os.path.join(o.out, name), ignore_errors=True)
    if "tiny" in o.images:
        say("tiny")
        tiny(o)
    if "debian" in o.images or "python" in o.images:
        root, base = debian(o)
        if "python" in o.images:
            python(o, root, base)
        shutil.rmtree(root.path)
    if "science" in o.images:
        science(o)


if __name__ == "__main__":
    main()
