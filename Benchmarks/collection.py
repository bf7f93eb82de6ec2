#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0
"""Measures garbage collection over many blobs while pushes and pulls go on. See README.md.

Half of the blobs are needed by manifests, half by nothing. The same pushes and pulls run with and without a collection;
the tables show how long they took, how many blobs a second the collection went through, and the server's memory.
"""
import argparse
import hashlib
import http.client
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from run import BIN, free_port, wait_for

WHARF = os.path.join(BIN, "wharf")
LAYERS = 50
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Server:
    def __init__(self, scratch, grace):
        self.grace = grace
        self.data = os.path.join(scratch, "data")
        self.port = free_port()
        self.log = open(os.path.join(scratch, "server.log"), "ab")
        self.process = None

    def start(self):
        environment = dict(os.environ, WHARF_GC_INTERVAL="0s", WHARF_GC_BLOB_GRACE="%ds" % self.grace)
        self.process = subprocess.Popen(
            [WHARF, "serve", "--data", self.data, "--listen", "127.0.0.1:%d" % self.port],
            stdout=self.log, stderr=self.log, env=environment)
        wait_for(self.is_ready)

    def is_ready(self):
        try:
            return Client(self.port).request("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def resident(self, field="VmRSS"):
        with open("/proc/%d/status" % self.process.pid) as f:
            return next(int(line.split()[1]) / 1024 for line in f if line.startswith(field))

    def collect(self):
        start = time.monotonic()
        done = subprocess.run([WHARF, "admin", "gc", "--registry", "--json", "--data", self.data], check=True,
                              capture_output=True)
        return time.monotonic() - start, json.loads(done.stdout)["runs"][0]


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def request(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        response = self.connection.getresponse()
        return response.status, response.read()


def fill(data, count):
    """Writes rows and files as the server itself would have, only faster."""
    database = sqlite3.connect(os.path.join(data, "wharf.db"))
    database.execute("PRAGMA synchronous = OFF")
    project = database.execute("SELECT id FROM repository WHERE name = 'bench/load'").fetchone()[0]
    first = database.execute("SELECT coalesce(max(id), 0) + 1 FROM blob").fetchone()[0]
    digests, blobs, links = [], [], []
    for number in range(256):
        os.makedirs(os.path.join(data, "blobs", "sha256", "%02x" % number), exist_ok=True)
    for number in range(count):
        content = b"blob %d\n" % number
        digits = hashlib.sha256(content).hexdigest()
        with open(os.path.join(data, "blobs", "sha256", digits[:2], digits), "wb") as f:
            f.write(content)
        digests.append(("sha256:" + digits, len(content)))
        blobs.append((first + number, "sha256:" + digits, len(content)))
        links.append((project, first + number))
    database.executemany("INSERT INTO blob (id, digest, size, created) VALUES (?, ?, ?, 0)", blobs)
    database.executemany("INSERT INTO repository_blob (repository, blob, linked) VALUES (?, ?, 0)", links)
    for start in range(0, count // 2, LAYERS):
        parts = digests[start:start + LAYERS]
        content = json.dumps({"schemaVersion": 2, "layers": parts}).encode()
        row = database.execute(
            "INSERT INTO manifest (repository, digest, media_type, bytes, created) VALUES (?, ?, ?, ?, 0)",
            (project, digest_of(content), MANIFEST, content)).lastrowid
        database.executemany(
            "INSERT INTO manifest_reference (manifest, position, kind, digest) VALUES (?, ?, 'layer', ?)",
            [(row, place, digest) for place, (digest, _) in enumerate(parts)])
    database.commit()
    database.close()


def push(client, number):
    """A blob and a manifest; returns the seconds of each request."""
    times = []
    config = b'{"n":%d}' % number
    for method, path, body, kind, status in [
            ("POST", "/v2/bench/load/blobs/uploads/?digest=" + digest_of(config), config, "application/octet-stream", 201),
            ("PUT", "/v2/bench/load/manifests/t%d" % (number % 100), json.dumps({
                "schemaVersion": 2, "mediaType": MANIFEST, "layers": [], "config": {
                    "mediaType": "application/vnd.example.config", "digest": digest_of(config),
                    "size": len(config)}}).encode(), MANIFEST, 201)]:
        start = time.monotonic()
        got, answer = client.request(method, path, body, {"Content-Type": kind})
        times.append(time.monotonic() - start)
        if got != status:
            sys.exit("%s %s: %d %r" % (method, path, got, answer[:200]))
    return times


class Load:
    """One client that pushes and one that pulls, until told to stop."""

    def __init__(self, server):
        self.pushes, self.pulls, self.is_over = [], [], threading.Event()
        self.threads = [threading.Thread(target=self.push, args=(server.port,)),
                        threading.Thread(target=self.pull, args=(server.port,))]
        for thread in self.threads:
            thread.start()

    numbers = iter(range(10 ** 9))

    def push(self, port):
        client = Client(port)
        while not self.is_over.is_set():
            self.pushes += push(client, next(Load.numbers))
            time.sleep(0.005)

    def pull(self, port):
        client, number = Client(port), 0
        while not self.is_over.is_set():
            path = "/v2/bench/load/blobs/" + digest_of(b"blob %d\n" % (number % 1000))
            start = time.monotonic()
            status, _ = client.request("GET", path)
            self.pulls.append(time.monotonic() - start)
            if status != 200:
                sys.exit("GET %s: %d" % (path, status))
            number += 1
            time.sleep(0.002)

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()
        return self


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


def row(name, load):
    return "| %s | %d | %.1f | %.1f | %d | %.1f | %.1f |" % (
        name, len(load.pushes), percentile(load.pushes, 0.5), percentile(load.pushes, 0.99),
        len(load.pulls), percentile(load.pulls, 0.5), percentile(load.pulls, 0.99))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--blobs", type=int, default=1_000_000)
    options = parser.parse_args()
    count, seconds = (20_000, 3) if options.short else (options.blobs, 20)
    scratch = tempfile.mkdtemp(prefix="wharf-collection-")
    # Marking must be over before the first grace is, or one run would do both.
    server = Server(scratch, 5 + count // 5000)
    try:
        server.start()
        push(Client(server.port), next(Load.numbers))
        server.stop()
        fill(server.data, count)
        os.sync()  # or the disk would still be busy with it in the run without a collection
        server.start()
        measure(server, count, seconds)
    finally:
        server.stop()
        shutil.rmtree(scratch)


def measure(server, count, seconds):
    quiet = Load(server)
    time.sleep(seconds)
    quiet.stop()
    before = server.resident()
    loaded = Load(server)
    marking, first = server.collect()
    loaded.stop()
    peak_of_mark = server.resident("VmHWM")
    time.sleep(server.grace + 1)
    sweeping_load = Load(server)
    sweeping, second = server.collect()
    sweeping_load.stop()
    gone = second["removed"].get("blobs", 0)
    print("%d blobs, half of them needed by nothing\n" % count)
    print("| | requests of pushes | p50 ms | p99 ms | pulls | p50 ms | p99 ms |\n|---|---|---|---|---|---|---|")
    print(row("no collection", quiet))
    print(row("while it marks", loaded))
    print(row("while it sweeps", sweeping_load))
    print("\n| | seconds | blobs/s | resident MiB |\n|---|---|---|---|")
    print("| mark | %.1f | %.0f | %.0f, before %.0f |" % (marking, count / marking, peak_of_mark, before))
    print("| mark and sweep of %d | %.1f | %.0f | %.0f |" % (gone, sweeping, count / sweeping, server.resident("VmHWM")))
    if gone < count // 2:
        sys.exit("only %d blobs went; marked at first: %d" % (gone, first["marked"]))


if __name__ == "__main__":
    main()
