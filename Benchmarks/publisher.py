#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0
"""Measures how images become trees: many at once, a million files, a small change on a large image, bytes stored."""
import argparse
import concurrent.futures
import contextlib
import gzip
import hashlib
import http.client
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import run
from run import mounted, peak_of, published, server, status, wait_for

TYPES = "application/vnd.oci.image."


def sha(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def member(path, content=b"", kind=b"0"):
    """One ustar member, which is faster than tarfile for a million of them."""
    prefix, name = b"", path.encode()
    if len(name) > 100:
        cut = name.rindex(b"/", 0, 156)
        prefix, name = name[:cut], name[cut + 1:]
    mode = b"0000755" if kind == b"5" else b"0000644"
    head = bytearray(b"%-100b%b\x000000000\x000000000\x00%011o\x0014000000000\x00        %b%100bustar\x0000%80b%155b%12b" % (
        name, mode, len(content), kind, b"", b"", prefix, b"")).replace(b" ", b"\0")
    head[148:156] = b"        "
    head[148:155] = b"%06o\0" % sum(head)
    return bytes(head) + content + bytes(-len(content) % 512)


class Push:
    """Pushes by HTTP over one connection, without a client's own start-up time."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def request(self, method, path, body=b"", headers=()):
        self.connection.request(method, path, body, dict(headers))
        answer = self.connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise SystemExit("%s %s: %d" % (method, path, answer.status))
        return answer

    def blob(self, name, content, digest=None):
        digest = digest or sha(content)
        self.request("POST", "/v2/%s/blobs/uploads/?digest=%s" % (name, digest), content,
                     {"Content-Type": "application/octet-stream"}.items())
        return digest

    def image(self, name, tag, layers):
        """Layers are pairs of a blob in memory or a path, and the diff id."""
        described = []
        for blob, diff in layers:
            content = blob if isinstance(blob, bytes) else open(blob, "rb").read()
            described.append({"mediaType": TYPES + "layer.v1.tar+gzip", "digest": self.blob(name, content),
                              "size": len(content)})
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                             "rootfs": {"type": "layers", "diff_ids": [diff for _, diff in layers]}}).encode()
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": TYPES + "manifest.v1+json", "layers": described,
            "config": {"mediaType": TYPES + "config.v1+json", "digest": self.blob(name, config),
                       "size": len(config)}}).encode()
        self.request("PUT", "/v2/%s/manifests/%s" % (name, tag), manifest,
                     {"Content-Type": TYPES + "manifest.v1+json"}.items())


def layer(files):
    plain = b"".join(member(path, content) for path, content in files) + bytes(1024)
    return gzip.compress(plain, 1), sha(plain)


def record(port, name, tag):
    return status(port, name, tag)


# ------------------------------------------------------------------ many at once

def bench_burst(scratch, short):
    count, pushers = (10 if short else 100), 8
    base = layer([("usr/share/f%d" % i, random.Random(i).randbytes(2000)) for i in range(500)])
    images = [layer([("opt/own/f%d" % i, random.Random(1000 * n + i).randbytes(20000)) for i in range(10)])
              for n in range(count)]
    with server(scratch, "burst") as (pid, _, port):
        before, start = run.cpu_of(pid), time.monotonic()

        def one(number):
            Push(port).image("burst/app%d" % number, "1", [base, images[number]])
            return time.monotonic()

        with concurrent.futures.ThreadPoolExecutor(pushers) as pool:
            ends = list(pool.map(one, range(count)))
        pushed = time.monotonic() - start
        states = [published(port, "burst/app%d" % n, "1") for n in range(count)]
        total = time.monotonic() - start
        revisions = len({state["revision"] for state in states})
        print("\n%d images pushed at once by %d clients\n" % (count, pushers))
        print("| pushed s | all published s | images a minute | revisions | revisions per image | server CPU s | peak MiB |")
        print("|---|---|---|---|---|---|---|")
        print("| %.2f | %.2f | %.0f | %d | %.2f | %.2f | %.0f |" % (
            pushed, total, 60 * count / total, revisions, revisions / count, run.cpu_of(pid) - before, peak_of(pid)))


# ------------------------------------------------------------------ a small change on a large image

def changed(corpus, image, scratch, number):
    """A layout of the image with one more layer of 10 MB."""
    top = os.path.join(scratch, "change-%d" % number)
    os.makedirs(top + "/blobs/sha256")
    source = os.path.join(corpus, image)

    def path(digest):
        return "%s/blobs/sha256/%s" % (source, digest.split(":")[1])

    with open(source + "/index.json") as f:
        entry = next(m for m in json.load(f)["manifests"]
                     if m["annotations"]["org.opencontainers.image.ref.name"] == "1")
    with open(path(entry["digest"])) as f:
        manifest = json.load(f)
    with open(path(manifest["config"]["digest"])) as f:
        config = json.load(f)
    blob, diff = layer([("opt/change-%d/f%d" % (number, i), random.randbytes(1 << 20)) for i in range(10)])

    def put(content):
        with open("%s/blobs/sha256/%s" % (top, sha(content).split(":")[1]), "wb") as f:
            f.write(content)
        return {"digest": sha(content), "size": len(content)}

    for known in manifest["layers"]:
        os.symlink(os.path.realpath(path(known["digest"])), "%s/blobs/sha256/%s" % (top, known["digest"].split(":")[1]))
    config["rootfs"]["diff_ids"].append(diff)
    config.pop("history", None)
    manifest["config"].update(put(json.dumps(config).encode()))
    manifest["layers"].append({"mediaType": TYPES + "layer.v1.tar+gzip", **put(blob)})
    index = {"schemaVersion": 2, "manifests": [{
        "mediaType": TYPES + "manifest.v1+json", **put(json.dumps(manifest).encode()),
        "annotations": {"org.opencontainers.image.ref.name": "1"}}]}
    with open(top + "/index.json", "w") as f:
        json.dump(index, f)
    with open(top + "/oci-layout", "w") as f:
        f.write('{"imageLayoutVersion": "1.0.0"}')
    return top + ":1"


def bench_change(scratch, short, corpus):
    image = "tiny" if short else "science" if os.path.isdir(corpus + "/science") else "python"
    rounds = 2 if short else 5
    with server(scratch, "change") as (pid, data, port), mounted(scratch, data, port, (), "change-mount") as (place, _, _):
        start = time.monotonic()
        run.push("%s/%s:1" % (corpus, image), port, "bench/large:1")
        first = published(port, "bench/large", "1", 1200)
        print("\n%s:1 pushed and published: %.1f s; %d layers" % (
            image, time.monotonic() - start, first["layers"]["total"]))
        states, times, cpu = [], [], []
        for number in range(rounds):
            layout = changed(corpus, image, scratch, number)
            file = "%s/127.0.0.1:%d/bench/large:c%d/opt/change-%d/f0" % (place, port, number, number)
            before = run.cpu_of(pid)
            run.push(layout, port, "bench/large:c%d" % number)
            start = time.monotonic()
            published(port, "bench/large", "c%d" % number)
            states.append(time.monotonic() - start)
            wait_for(lambda: os.path.exists(file), 60, 0.005)
            times.append(time.monotonic() - start)
            cpu.append(run.cpu_of(pid) - before)
        print("\n10 MB of change on %s:1, from the end of the push\n" % image)
        print("| | median s | worst s |\n|---|---|---|")
        print("| published | %.2f | %.2f |" % (statistics.median(states), max(states)))
        print("| seen by stat on the mount | %.2f | %.2f |" % (statistics.median(times), max(times)))
        print("| server CPU, push included | %.2f | %.2f |" % (statistics.median(cpu), max(cpu)))
        print("\nserver peak: %.0f MiB" % peak_of(pid))


# ------------------------------------------------------------------ a million files

def million(path, count):
    """A layer as package managers for science make them: many packages, each a tree of small files."""
    hasher = hashlib.sha256()
    with gzip.open(path, "wb", 1) as out:
        def put(content):
            hasher.update(content)
            out.write(content)
        for number in range(min(1000, count)):
            put(member("usr/bin/program%d" % number, b"#!/bin/sh\n# %d\n" % number))
        left, package = count, 0
        while left > 0:
            for number in range(min(left, random.Random(package).choice((40, 400, 4000)))):
                # Few contents: what is measured is the tree, not the disk.
                put(member("opt/conda/pkgs/package-%d/lib/python3.11/site-packages/part%d/module%d.py" % (
                    package, number // 50, number), b"content %d\n" % (number % 500)))
                left -= 1
            package += 1
        put(bytes(1024))
    return "sha256:" + hasher.hexdigest()


def bench_million(scratch, short):
    count = 20_000 if short else 1_000_000
    blob = os.path.join(scratch, "million.tar.gz")
    diff = million(blob, count)
    os.environ.update(WHARF_LOG_ACCESS="true", WHARF_LOG_FORMAT="json")
    with server(scratch, "million") as (pid, data, port):
        start = time.monotonic()
        Push(port).image("bench/million", "1", [(blob, diff)])
        published(port, "bench/million", "1", 1200)
        first, peak = time.monotonic() - start, peak_of(pid)
        start = time.monotonic()
        Push(port).image("bench/million", "2", [(blob, diff), layer([("opt/own", b"own")])])
        published(port, "bench/million", "2", 1200)
        again = time.monotonic() - start
        objects = "%s/repositories/%s/data" % (data, run.REPOSITORY)
        log = os.path.join(scratch, "million.log")
        with mounted(scratch, data, port, (), "million-mount") as (place, client, _):
            mark = os.path.getsize(log)
            program = "%s/127.0.0.1:%d/bench/million:1/usr/bin/program7" % (place, port)
            wait_for(lambda: os.path.exists(program), 60)
            catalogs = catalogs_in(log, mark, objects)
            found = subprocess.run("find '%s' | wc -l" % os.path.realpath(
                "%s/127.0.0.1:%d/bench/million:1" % (place, port)), shell=True, capture_output=True, text=True)
            mine = peak_of(client)
        everything = sum(os.path.getsize(os.path.join(d, n)) for d, _, names in os.walk(objects) for n in names
                         if n.endswith("C"))
        number = sum(1 for _, _, names in os.walk(objects) for n in names if n.endswith("C"))
    os.environ.pop("WHARF_LOG_ACCESS"), os.environ.pop("WHARF_LOG_FORMAT")
    entries = 1000 + 20
    print("\nan image of %d files (%s entries seen by find)\n" % (count, found.stdout.strip()))
    print("| what | |\n|---|---|")
    print("| first push until published | %.1f s, server peak %.0f MiB |" % (first, peak))
    print("| one more layer on it until published (merge and catalogs alone) | %.1f s |" % again)
    print("| catalogs of both images | %d, %.1f MB compressed |" % (number, everything / 1e6))
    print("| fetched until a program in /usr/bin is seen | %d catalogs, %.1f KiB; bound %.1f KiB; %.2f %% of one image's |" % (
        len(catalogs), sum(catalogs) / 1024, 24 + 90 * entries / 1024, 200 * sum(catalogs) / everything))
    print("| client peak after find over everything | %.0f MiB |" % mine)


def catalogs_in(log, mark, objects):
    """The sizes of the catalogs that were fetched since a place in the server's log."""
    with open(log) as f:
        f.seek(mark)
        names = set(re.findall(r"/data/([0-9a-f]{2}/[0-9a-f]+[-a-z0-9]*C)\b", f.read()))
    return [os.path.getsize("%s/%s" % (objects, name)) for name in names]


# ------------------------------------------------------------------ bytes stored

def bench_stored(scratch, short, corpus):
    groups = [["tiny"]] if short else [["python"]] + ([["science"]] if os.path.isdir(corpus + "/science") else [])
    print("\nbytes stored, MB\n")
    print("| images | sum of compressed layers | each layer once | objects of the tree | ratio to the sum | to each layer once |")
    print("|---|---|---|---|---|---|")
    for names in groups:
        with server(scratch, "stored-" + names[0]) as (_, data, port):
            total, layers = 0, {}
            for name in names:
                for tag in ("1", "2"):
                    with open("%s/%s/index.json" % (corpus, name)) as f:
                        entries = [m for m in json.load(f)["manifests"]
                                   if m["annotations"]["org.opencontainers.image.ref.name"] == tag]
                    for entry in entries:
                        with open("%s/%s/blobs/sha256/%s" % (corpus, name, entry["digest"].split(":")[1])) as f:
                            manifest = json.load(f)
                        total += sum(each["size"] for each in manifest["layers"])
                        layers.update((each["digest"], each["size"]) for each in manifest["layers"])
                        run.push("%s/%s:%s" % (corpus, name, tag), port, "bench/%s:%s" % (name, tag))
                        published(port, "bench/" + name, tag, 1200)
            objects = sum(os.path.getsize(os.path.join(d, n)) for d, _, files in os.walk(
                "%s/repositories/%s/data" % (data, run.REPOSITORY)) for n in files)
        once = sum(layers.values())
        print("| %s | %.1f | %.1f | %.1f | %.2f | %.2f |" % (
            ", ".join(name + ":1,2" for name in names), total / 1e6, once / 1e6, objects / 1e6, objects / total,
            objects / once))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="small inputs: shows that it runs")
    parser.add_argument("--only", help="one of burst, change, million, stored")
    parser.add_argument("--corpus", default=os.path.join(run.ROOT, ".build", "corpus"))
    options = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="wharf-bench-", dir=os.environ.get("WHARF_BENCH_DIR", "/var/tmp"))
    benches = {
        "burst": lambda: bench_burst(scratch, options.short),
        "change": lambda: bench_change(scratch, options.short, options.corpus),
        "million": lambda: bench_million(scratch, options.short),
        "stored": lambda: bench_stored(scratch, options.short, options.corpus),
    }
    try:
        for name, bench in benches.items():
            if options.only in (None, name):
                bench()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
