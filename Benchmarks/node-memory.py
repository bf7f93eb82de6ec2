#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0
"""What mounts keep in memory: one that is idle, a hundred that share a cache, one that shows a million files.

usage: node-memory.py [--mounts N] [--files N] [--golden DIR]

RSS counts the program's pages in each process, PSS shares them out; 'private' is what another mount costs.
"""
import argparse
import contextlib
import glob
import os
import shutil
import subprocess
import tarfile
import tempfile

import run as bench


def memory(pid):
    """RSS, PSS and private dirty memory of a process, in MiB."""
    sums = {}
    with open("/proc/%d/smaps_rollup" % pid) as f:
        for line in f:
            words = line.split()
            if words[-1] == "kB":
                sums[words[0]] = int(words[1]) / 1024
    return sums["Rss:"], sums["Pss:"], sums["Private_Dirty:"]


def report(title, pids):
    rows = [memory(pid) for pid in pids]
    mean = [sum(row[column] for row in rows) / len(rows) for column in range(3)]
    print("| %s | %.1f | %.1f | %.1f | %.0f |" % (title, *mean, sum(row[1] for row in rows)), flush=True)


def repositories(golden):
    """Name, server directory and key of each golden repository, unpacked if need be."""
    for key in sorted(glob.glob(golden + "/*/*.pub")):
        name = os.path.basename(key)[:-4]
        for place in (os.path.join(os.path.dirname(key), "cvmfs", name), os.path.join(os.path.dirname(key), "cvmfs")):
            if os.path.exists(place + "/.cvmfspublished"):
                yield name, place, key
                break


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mounts", type=int, default=100)
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--golden", default=os.path.join(bench.ROOT, "..", "shared", "golden"))
    options = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="wharf-memory-", dir="/var/tmp")
    try:
        print("| MiB, mean of each mount | RSS | PSS | private | PSS of all |\n|---|---|---|---|---|")
        many(scratch, list(repositories(options.golden)), options.mounts)
        million(scratch, options.files)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextlib.contextmanager
def mounted(name, place, key, mountpoint, cache):
    os.makedirs(mountpoint)
    subprocess.run([bench.BIN + "/wharf", "mount", name, mountpoint, "--server", place, "--public-key", key, "--cache",
                    cache], check=True)
    try:
        yield int(subprocess.run(["pgrep", "-f", mountpoint + "( |$)"], capture_output=True, text=True).stdout.split()[0])
    finally:
        subprocess.run([bench.BIN + "/wharf", "umount", "--lazy", mountpoint], check=True)


def many(scratch, found, count):
    if not found:
        raise SystemExit("there are no golden repositories: name their directory with --golden")
    with contextlib.ExitStack() as stack:
        pids = []
        for number in range(count):
            name, place, key = found[number % len(found)]
            pids.append(stack.enter_context(mounted(name, place, key, "%s/m%d" % (scratch, number), scratch + "/cache")))
            if number == 0:
                report("one, idle", pids)
        report("%d, idle" % count, pids)
        for number in range(count):
            subprocess.run("find %s/m%d -type f -exec cat {} + >/dev/null 2>&1" % (scratch, number), shell=True)
        report("%d, everything read" % count, pids)


def million(scratch, count):
    name, data, tar = "million.example.org", scratch + "/data", scratch + "/million.tar"
    with tarfile.open(tar, "w") as archive:
        for number in range(count):
            archive.addfile(tarfile.TarInfo("d%d/e%d/file-%d" % (number // 40000, number // 200, number)))
    subprocess.run([bench.BIN + "/wharf", "repo", "create", name, "--data", data, "--profile", "fast"], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run([bench.BIN + "/wharf", "repo", "ingest", name, "--data", data, "--tar", tar], check=True,
                   stdout=subprocess.DEVNULL)
    os.unlink(tar)
    with mounted(name, "%s/repositories/%s" % (data, name), "%s/keys/%s.pub" % (data, name), scratch + "/million",
                 scratch + "/million-cache") as pid:
        subprocess.run("find %s/million | wc -l" % scratch, shell=True, stdout=subprocess.DEVNULL)
        report("one, %d files listed" % count, [pid])
        subprocess.run("find %s/million -type f -size +1k" % scratch, shell=True, stdout=subprocess.DEVNULL)
        report("one, %d files looked at" % count, [pid])
        print("peak of it: %.0f MiB" % bench.peak_of(pid))


if __name__ == "__main__":
    main()
