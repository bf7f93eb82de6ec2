#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0
"""Reads of what is on the node already: Wharf in each open mode beside ext4, squashfuse and fuse-overlayfs.

usage: warm-reads.py [--corpus DIR] [--image NAME] [--rounds N]

Every figure is the median of the rounds, in which the contestants take turns; CPU is that of the reader and of the
process that serves it. With the page cache warm, the file system's own and that below it are meant; 'mount cold' drops
what the kernel holds of the mount and then reads the files below it once.
"""
import argparse
import contextlib
import mmap
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import time

import run as bench


def drop_caches(what):
    with open("/proc/sys/vm/drop_caches", "w") as f:
        f.write("%d\n" % what)


def touch(files):
    """Touches every page of mapped files."""
    total = 0
    for file in files:
        with open(file, "rb") as f, mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ) as view:
            for offset in range(0, len(view), 4096):
                total += view[offset]
    return sum(map(os.path.getsize, files))


class Contestant:
    """A tree that is read, who serves it, and how to warm what lies below it."""

    def __init__(self, name, top, pid=None, below=()):
        self.name, self.top, self.pid, self.below = name, top, pid, below
        self.rows = {}

    def served(self):
        return bench.cpu_of(self.pid) if self.pid else 0

    def warm_below(self):
        if self.below:
            subprocess.run("cat %s >/dev/null 2>&1" % " ".join(self.below), shell=True)

    def time(self, what, body):
        served, own, start = self.served(), time.process_time(), time.monotonic()
        amount = body()
        wall = time.monotonic() - start
        cpu = time.process_time() - own + self.served() - served
        self.rows.setdefault(what, []).append((amount / wall, amount / max(cpu, 1e-6)))


def rounds(contestants, files, count):
    large = sorted(files, key=lambda f: os.path.getsize(contestants[0].top + f))[-20:]
    small = [f for f in files if os.path.getsize(contestants[0].top + f) < 65536][:15000]
    for number in range(count):
        order = contestants[number % len(contestants):] + contestants[:number % len(contestants)]
        for one in order:
            big, little = [one.top + f for f in large], [one.top + f for f in small]
            drop_caches(3)
            one.warm_below()
            one.time("large, mount cold, MB", lambda: bench.read_all(big) / 1e6)
            one.time("large, again, MB", lambda: bench.read_all(big) / 1e6)
            one.time("large, mmap, MB", lambda: touch(big) / 1e6)
            one.time("small open+read, mount cold, files", lambda: (bench.read_all(little), len(little))[1])
            one.time("small open+read, again, files", lambda: (bench.read_all(little), len(little))[1])
            one.time("find, first time, entries", lambda: bench.find(one.top))
            one.time("find, again, entries", lambda: bench.find(one.top))
            drop_caches(2)
            one.time("lstat after drop_caches 2, files", lambda: ([os.lstat(one.top + f) for f in files], len(files))[1])


def table(contestants):
    base = contestants[0]
    for kind, title in ((0, "a second"), (1, "a CPU second of reader and server")):
        print("\n%s; in brackets the ratio to %s\n" % (title, base.name))
        print("| | %s |\n|---%s|" % (" | ".join(one.name for one in contestants), "|---" * len(contestants)))
        for what in base.rows:
            values = [statistics.median(row[kind] for row in one.rows[what]) for one in contestants]
            print("| %s | %s |" % (what, " | ".join("%.0f (%.2f)" % (v, v / values[0]) for v in values)))
    for one in contestants:
        if one.pid:
            print("peak of %s: %.0f MiB" % (one.name, bench.peak_of(one.pid)))


@contextlib.contextmanager
def helper(command, place, name):
    """A file system of another program."""
    os.makedirs(place)
    subprocess.run(command + [place], check=True)
    found = subprocess.run(["pgrep", "-f", place], capture_output=True, text=True).stdout.split()
    try:
        yield Contestant(name, place, int(found[0]) if found else None)
    finally:
        subprocess.run(["umount", "-l", place])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default=os.path.join(bench.ROOT, ".build", "corpus"))
    parser.add_argument("--image", default="python")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="wharf-bench-", dir="/var/tmp")
    try:
        with contextlib.ExitStack() as stack:
            _, data, port = stack.enter_context(bench.server(scratch))
            bench.push("%s/%s:1" % (options.corpus, options.image), port, "bench/image:1")
            bench.published(port, "bench/image", "1")
            contestants = []
            copy = os.path.join(scratch, "ext4")
            for mode in ("auto", "none"):
                place, pid, cache = stack.enter_context(
                    bench.mounted(scratch, data, port, ("-o", "open=" + mode), "mount-" + mode))
                top = os.path.realpath("%s/127.0.0.1:%d/bench/image:1" % (place, port))
                files = [f[len(top):] for f in bench.tree(top)]
                bench.read_all([top + f for f in files])
                contestants.append(Contestant("Wharf open=" + mode, top, pid, [cache + "/??/*"]))
                if mode == "auto":
                    subprocess.run(["cp", "-a", top, copy], check=True)
            contestants.insert(0, Contestant("ext4", copy, None, ["-- $(find %s -type f -size +2000k)" % copy]))
            if shutil.which("mksquashfs") and shutil.which("squashfuse_ll"):
                image = os.path.join(scratch, "image.squashfs")
                subprocess.run(["mksquashfs", copy, image, "-quiet", "-no-progress"], check=True)
                one = stack.enter_context(helper(["squashfuse_ll", image], os.path.join(scratch, "squash"), "squashfuse"))
                one.below = [image]
                contestants.append(one)
            if shutil.which("fuse-overlayfs"):
                contestants.append(stack.enter_context(helper(
                    ["fuse-overlayfs", "-o", "lowerdir=" + copy], os.path.join(scratch, "overlay"), "fuse-overlayfs")))
            # The chunks of the large files are joined behind the reader's back.
            time.sleep(5)
            random.Random(1).shuffle(files)
            rounds(contestants, files, options.rounds)
            table(contestants)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
