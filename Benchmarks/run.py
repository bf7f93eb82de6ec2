#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0
"""Measures the release build beside its peers and limits. See README.md."""
import argparse
import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(HERE)
BIN = os.path.join(ROOT, ".build", "release")
REPOSITORY = "unpacked.wharf.internal"


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, seconds=60, pause=0.01):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = what()
        if value:
            return value
        time.sleep(pause)
    raise SystemExit("gave up waiting")


def answers(url):
    try:
        return urllib.request.urlopen(url, timeout=5).status == 200
    except OSError:
        return False


def cpu_of(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_of(pid):
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return 0


@contextlib.contextmanager
def server(scratch, name="data"):
    data, port = os.path.join(scratch, name), free_port()
    log = open(os.path.join(scratch, name + ".log"), "w")
    process = subprocess.Popen([BIN + "/wharf", "serve", "--data", data, "--listen", "127.0.0.1:%d" % port],
                               stdout=log, stderr=log)
    try:
        wait_for(lambda: answers("http://127.0.0.1:%d/readyz" % port))
        yield process.pid, data, port
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def mounted(scratch, data, port, options=(), name="mount"):
    place, cache = os.path.join(scratch, name), os.path.join(scratch, name + "-cache")
    os.makedirs(place)
    subprocess.run([BIN + "/wharf", "mount", REPOSITORY, place, "--server",
                    "http://127.0.0.1:%d/cvmfs/@fqrn@" % port, "--public-key",
                    "%s/keys/%s.pub" % (data, REPOSITORY), "--cache", cache, *options], check=True)
    pid = int(subprocess.run(["pgrep", "-f", place], capture_output=True, text=True).stdout.split()[0])
    try:
        yield place, pid, cache
    finally:
        subprocess.run([BIN + "/wharf", "umount", place], check=True)


def status(port, repository, tag):
    url = "http://127.0.0.1:%d/api/v2.0/wharf/images/status?repository=%s&tag=%s" % (port, repository, tag)
    try:
        return json.load(urllib.request.urlopen(url))
    except OSError:
        return {"state": "absent"}


def push(layout, port, name):
    subprocess.run(["skopeo", "copy", "-q", "--dest-tls-verify=false", "oci:" + layout,
                    "docker://127.0.0.1:%d/%s" % (port, name)], check=True)


def published(port, repository, tag, seconds=600):
    def done():
        state = status(port, repository, tag)
        if state["state"] == "failed":
            raise SystemExit(state["error"])
        return state if state["state"] == "published" else None
    return wait_for(done, seconds)


# ------------------------------------------------------------------ ingest

def real_layer(path, size):
    """A gzipped tar of files of this machine, about `size` bytes of content."""
    left = size
    with tarfile.open(path[:-3], "w", format=tarfile.USTAR_FORMAT) as tar:
        for top in ("/usr/share", "/usr/lib", "/opt/swift/usr/lib", "/usr/bin"):
            for folder, folders, files in os.walk(top):
                folders.sort()
                for name in sorted(files):
                    file = os.path.join(folder, name)
                    if not os.path.isfile(file) or os.path.islink(file) or len(file) > 99:
                        continue
                    if os.path.getsize(file) > 64 << 20 or left <= 0:
                        continue
                    info = tarfile.TarInfo(file[1:])
                    info.size = os.path.getsize(file)
                    with open(file, "rb") as f:
                        tar.addfile(info, f)
                    left -= info.size
    subprocess.run("gzip -1 -f " + path[:-3], shell=True, check=True)


def bench_ingest(scratch, short):
    layer = os.path.join(scratch, "layer.tar.gz")
    real_layer(layer, (16 if short else 1024) << 20)
    limit = os.path.join(scratch, "ingest-limit")
    subprocess.run(["gcc", "-O2", "-o", limit, HERE + "/ingest-limit.c", "-lisal", "-ldeflate", "-lcrypto", "-lz"],
                   check=True)
    print("\ningest of a layer of real files: MB of tar per CPU second\n")
    print("| profile | limit | Wharf | of the limit | wall s | cores busy | peak MiB |")
    print("|---|---|---|---|---|---|---|")
    for profile in ("fast", "compact", "none"):
        size, files, _, rate = subprocess.run([limit, layer, profile], capture_output=True, text=True,
                                              check=True).stdout.split()
        data = os.path.join(scratch, "ingest-" + profile)
        if profile == "none":               # all contents known: the same layer again
            data = os.path.join(scratch, "ingest-compact")
            name = "known.example.org"
            arguments = [name, "--tar", layer, "--base", "/again"]
            name = "bench.example.org"
            arguments[0] = name
        else:
            subprocess.run([BIN + "/wharf", "repo", "create", "bench.example.org", "--data", data, "--profile",
                            profile], check=True, stdout=subprocess.DEVNULL)
            arguments = ["bench.example.org", "--tar", layer, "--base", "/in"]
        start = time.monotonic()
        process = subprocess.Popen([BIN + "/wharf", "repo", "ingest", *arguments, "--data", data],
                                   stdout=subprocess.DEVNULL)
        _, code, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        if code:
            raise SystemExit("ingest failed")
        cpu = usage.ru_utime + usage.ru_stime
        mine = int(size) / cpu
        label = "known again" if profile == "none" else profile
        print("| %s | %.0f | %.0f | %.0f %% | %.1f | %.2f | %.0f |" % (
            label, int(rate) / 1e6, mine / 1e6, 100 * mine / int(rate), wall, cpu / wall, usage.ru_maxrss / 1024))
    print("\n%s files, %.0f MB" % (files, int(size) / 1e6))


# ------------------------------------------------------------------ push

def bench_push(scratch, short, corpus):
    layout = corpus + ("/tiny:1" if short else "/python:1")
    conf = os.path.join(scratch, "registry.yml")
    port = free_port()
    with open(conf, "w") as f:
        f.write("version: 0.1\nstorage: {filesystem: {rootdirectory: %s/peer}}\nhttp: {addr: 127.0.0.1:%d}\n"
                "log: {level: error, accesslog: {disabled: true}}\n" % (scratch, port))
    peer = subprocess.Popen(["docker-registry", "serve", conf], stderr=subprocess.DEVNULL)
    rows = []
    try:
        wait_for(lambda: answers("http://127.0.0.1:%d/v2/" % port))
        with server(scratch, "push") as (pid, _, mine):
            for round_ in range(1 if short else 3):
                for label, where, process in (("docker-registry", port, peer.pid), ("Wharf", mine, pid)):
                    before, start = cpu_of(process), time.monotonic()
                    push(layout, where, "bench/push%d:1" % round_)
                    rows.append((label, time.monotonic() - start, cpu_of(process) - before))
                    if label == "Wharf":
                        published(mine, "bench/push%d" % round_, "1")
    finally:
        peer.terminate()
        peer.wait()
    print("\nskopeo push of %s (Wharf's CPU includes what of the publication falls into the push)\n" % layout)
    print("| registry | first push s | again, other repository s | server CPU s of the first |")
    print("|---|---|---|---|")
    for label in ("docker-registry", "Wharf"):
        mine = [r for r in rows if r[0] == label]
        print("| %s | %.2f | %s | %.2f |" % (label, mine[0][1], ", ".join("%.2f" % r[1] for r in mine[1:]), mine[0][2]))


# ------------------------------------------------------------------ latency

def small_change(scratch, number, size):
    """An OCI layout of one layer with `size` random bytes."""
    top = os.path.join(scratch, "change%d" % number)
    os.makedirs(top + "/blobs/sha256")

    def put(data):
        digest = hashlib.sha256(data).hexdigest()
        with open(top + "/blobs/sha256/" + digest, "wb") as f:
            f.write(data)
        return {"digest": "sha256:" + digest, "size": len(data)}
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as tar:
        info = tarfile.TarInfo("change-%d" % number)
        info.size = size
        tar.addfile(info, io.BytesIO(random.Random(number).randbytes(size)))
    layer = put(body.getvalue())
    config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {
        "type": "layers", "diff_ids": [layer["digest"]]}}).encode())
    manifest = put(json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", **layer}]}).encode())
    with open(top + "/index.json", "w") as f:
        json.dump({"schemaVersion": 2, "manifests": [{
            "mediaType": "application/vnd.oci.image.manifest.v1+json", **manifest,
            "annotations": {"org.opencontainers.image.ref.name": "1"}}]}, f)
    with open(top + "/oci-layout", "w") as f:
        f.write('{"imageLayoutVersion": "1.0.0"}')
    return top + ":1"


def changed(base, scratch, number, size):
    """The layout of an image with one more layer of `size` random bytes; its other blobs are those of `base`."""
    change = small_change(scratch, number, size)[:-2]

    def read(layout, digest):
        with open("%s/blobs/%s" % (layout, digest.replace(":", "/")), "rb") as f:
            return json.load(f)
    with open(base + "/index.json") as f:
        manifest = read(base, json.load(f)["manifests"][0]["digest"])
    with open(change + "/index.json") as f:
        index = json.load(f)
    layer = read(change, index["manifests"][0]["digest"])["layers"][0]
    config = read(base, manifest["config"]["digest"])
    config["rootfs"]["diff_ids"].append(layer["digest"])
    config.pop("history", None)
    manifest["layers"].append({**layer, "mediaType": layer["mediaType"]})

    def put(document):
        data = json.dumps(document).encode()
        digest = hashlib.sha256(data).hexdigest()
        with open("%s/blobs/sha256/%s" % (change, digest), "wb") as f:
            f.write(data)
        return {"digest": "sha256:" + digest, "size": len(data)}
    manifest["config"].update(put(config))
    index["manifests"][0].update(put(manifest))
    with open(change + "/index.json", "w") as f:
        json.dump(index, f)
    for name in os.listdir(base + "/blobs/sha256"):
        if not os.path.exists("%s/blobs/sha256/%s" % (change, name)):
            os.symlink("%s/blobs/sha256/%s" % (os.path.realpath(base), name), "%s/blobs/sha256/%s" % (change, name))
    return change + ":1"


class Poller:
    """A process that looks for a path all the time, as an impatient job does, from before it exists."""

    def __init__(self, path):
        self.pipe = subprocess.Popen([sys.executable, "-c", """
import os, sys, time
while not os.path.exists(sys.argv[1]):
    time.sleep(0.005)
print(time.monotonic(), flush=True)
""", path], stdout=subprocess.PIPE, text=True)

    def seen(self):
        return float(self.pipe.communicate(timeout=120)[0])


@contextlib.contextmanager
def squid(scratch):
    place, port = os.path.join(scratch, "squid"), free_port()
    os.makedirs(place)
    subprocess.run(["chown", "proxy:proxy", place], check=True)
    subprocess.run(["chmod", "755", scratch], check=True)
    with open(place + "/squid.conf", "w") as f:
        f.write("http_port 127.0.0.1:%d\nhttp_access allow localhost\ncache_mem 256 MB\naccess_log none\n"
                "cache_log %s/cache.log\npid_filename none\ncoredump_dir %s\nshutdown_lifetime 0 seconds\n"
                "collapsed_forwarding on\nvisible_hostname localhost\n" % (port, place, place))
    process = subprocess.Popen(["squid", "-N", "-f", place + "/squid.conf"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: answered(port))
        yield "http://127.0.0.1:%d" % port
    finally:
        process.terminate()
        process.wait(30)


def answered(port):
    with contextlib.closing(socket.socket()) as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def bench_latency(scratch, short):
    base = os.path.join(ROOT, ".build", "corpus", "tiny" if short else "science")
    rows = []
    with server(scratch, "latency") as (_, data, port), squid(scratch) as proxy, \
            mounted(scratch, data, port, name="direct") as (direct, _, _), \
            mounted(scratch, data, port, ["-o", "proxy=" + proxy], name="behind") as (behind, _, _):
        push(base + ":1", port, "bench/base:1")
        published(port, "bench/base", "1")
        for number in range(3 if short else 10):
            layout = changed(base, scratch, number, 10 << 20)
            name = "bench/base:c%d" % number
            pollers = [Poller("%s/127.0.0.1:%d/%s/change-%d" % (place, port, name, number))
                       for place in (direct, behind)]
            push(layout, port, name)
            start = time.monotonic()
            published(port, "bench/base", "c%d" % number)
            done = time.monotonic()
            rows.append([done - start] + [poller.seen() - start for poller in pollers])
            with open("%s/127.0.0.1:%d/%s/change-%d" % (direct, port, name, number), "rb") as f:
                f.read()
            rows[-1].append(time.monotonic() - start)
            shutil.rmtree(layout[:-2])
    print("\nend of `skopeo copy` to seen by a process that looks for the path all the time: 10 MB of new content on the image `%s`\n"
          % os.path.basename(base))
    print("| s | median | worst |\n|---|---|---|")
    for title, column in zip(("published, by the API", "`stat` on a mount", "`stat` on a mount behind Squid",
                              "read completely through the mount"), zip(*rows)):
        print("| %s | %.2f | %.2f |" % (title, statistics.median(column), max(column)))


# ------------------------------------------------------------------ mount

def drop_caches():
    with open("/proc/sys/vm/drop_caches", "w") as f:
        f.write("2\n")


def rate(body, rounds=3):
    best = 0
    for _ in range(rounds):
        start = time.monotonic()
        count = body()
        best = max(best, count / (time.monotonic() - start))
    return best


def read_all(files):
    total = 0
    for file in files:
        with open(file, "rb", buffering=0) as f:
            while piece := f.read(1 << 20):
                total += len(piece)
    return total


def tree(top):
    return [os.path.join(d, n) for d, _, names in os.walk(top) for n in names
            if os.path.isfile(os.path.join(d, n)) and not os.path.islink(os.path.join(d, n))]


def find(top):
    return int(subprocess.run("find %s | wc -l" % top, shell=True, capture_output=True, text=True).stdout)


def stat_all(files):
    drop_caches()
    for file in files:
        os.lstat(file)
    return len(files)


def bench_mount(scratch, short, corpus):
    image = "tiny" if short else "python"
    with server(scratch, "mount") as (_, data, port):
        push("%s/%s:1" % (corpus, image), port, "bench/%s:1" % image)
        published(port, "bench/" + image, "1")
        rows = {}
        for mode in ("none", "passthrough"):
            with mounted(scratch, data, port, ("-o", "open=" + mode), "mount-" + mode) as (place, pid, _):
                top = os.path.realpath("%s/127.0.0.1:%d/bench/%s:1" % (place, port, image))
                files = tree(top)
                large = sorted(files, key=os.path.getsize)[-20:]
                random.Random(1).shuffle(files)
                read_all(files)
                if "ext4" not in rows:
                    copy = os.path.join(scratch, "ext4")
                    subprocess.run(["cp", "-a", top, copy], check=True)
                    rows["ext4"] = measure(copy, [copy + f[len(top):] for f in files],
                                           [copy + f[len(top):] for f in large])
                rows["wharf open=" + mode] = measure(top, files, large)
                print("client peak, open=%s: %.0f MiB" % (mode, peak_of(pid)))
    print("\nwarm: %s:1, %d files in the client's cache\n" % (image, len(files)))
    print("| | large files MB/s | small files open+read /s | find entries/s | lstat after drop_caches /s |")
    print("|---|---|---|---|---|")
    base = rows["ext4"]
    for label, row in rows.items():
        print("| %s | %s |" % (label, " | ".join("%.0f (%.2f)" % (v, v / b) for v, b in zip(row, base))))


def measure(top, files, large):
    small = [f for f in files if os.path.getsize(f) < 65536][:15000]
    read_all(small)
    return (rate(lambda: read_all(large)) / 1e6,
            rate(lambda: (read_all(small), len(small))[1]),
            rate(lambda: find(top)),
            rate(lambda: stat_all(files)))


# ------------------------------------------------------------------ memory

def bench_memory(scratch, short, corpus):
    print("\npeak resident memory, MiB: one server and one client for each image, everything read once\n")
    print("| image | server | client |\n|---|---|---|")
    for image in ("tiny",) if short else ("tiny", "python"):
        with server(scratch, "memory-" + image) as (pid, data, port):
            with mounted(scratch, data, port, (), "memory-mount-" + image) as (place, client, _):
                push("%s/%s:1" % (corpus, image), port, "bench/%s:1" % image)
                published(port, "bench/" + image, "1")
                top = "%s/127.0.0.1:%d/bench/%s:1" % (place, port, image)
                wait_for(lambda: os.path.exists(top), 30)
                read_all(tree(os.path.realpath(top)))
                print("| %s:1 | %.0f | %.0f |" % (image, peak_of(pid), peak_of(client)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="small inputs: shows that it runs")
    parser.add_argument("--only", help="one of ingest, push, latency, mount, memory")
    parser.add_argument("--corpus", default=os.path.join(ROOT, ".build", "corpus"))
    options = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="wharf-bench.", dir="/var/tmp")
    steps = {
        "ingest": lambda: bench_ingest(scratch, options.short),
        "push": lambda: bench_push(scratch, options.short, options.corpus),
        "latency": lambda: bench_latency(scratch, options.short),
        "mount": lambda: bench_mount(scratch, options.short, options.corpus),
        "memory": lambda: bench_memory(scratch, options.short, options.corpus),
    }
    try:
        for name, step in steps.items():
            if options.only in (None, name):
                step()
                sys.stdout.flush()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
