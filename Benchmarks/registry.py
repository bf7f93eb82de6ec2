#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0
"""Measures the registry beside docker-registry and, for what is only read, nginx. See README.md.

All three run at the same time on the same disk; each question is put to one after the other, several rounds, and the
median of the rounds is printed with its ratio to the first column's.
"""
import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.request

from run import BIN, HERE, cpu_of, free_port, peak_of, wait_for


def resident_of(pid):
    with open("/proc/%d/status" % pid) as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmRSS"))


class Registry:
    """A server under test, with the figures that only its process has."""

    def __init__(self, name, port, command, scratch, ready="/v2/", environment=None):
        self.name, self.port = name, port
        self.log = open(os.path.join(scratch, name + ".log"), "w")
        start = time.monotonic()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log,
                                        env={**os.environ, **(environment or {})})
        wait_for(lambda: self.answers(ready), pause=0.002)
        self.start_up = time.monotonic() - start
        self.pid = self.process.pid

    def answers(self, path):
        try:
            return urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.port, path), timeout=5).status == 200
        except OSError:
            return False

    def pids(self):
        """The process and its children: nginx works in one."""
        children = subprocess.run(["pgrep", "-P", str(self.pid)], capture_output=True, text=True).stdout.split()
        return [self.pid] + [int(c) for c in children]

    def cpu(self):
        return sum(cpu_of(pid) for pid in self.pids())

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


def wharf(scratch, name="wharf"):
    data, port = os.path.join(scratch, name), free_port()
    return Registry(name, port, [BIN + "/wharf", "serve", "--data", data, "--listen", "127.0.0.1:%d" % port], scratch)


def distribution(scratch, name="distribution"):
    data, port = os.path.join(scratch, name), free_port()
    config = os.path.join(scratch, name + ".yml")
    with open(config, "w") as f:
        f.write("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
                "storage: {filesystem: {rootdirectory: %s}, cache: {blobdescriptor: inmemory}, delete: {enabled: true}}\n"
                "http: {addr: 127.0.0.1:%d}\n" % (data, port))
    return Registry(name, port, ["docker-registry", "serve", config], scratch)


def nginx(scratch, files):
    """Serves a directory, as the limit for what is only read."""
    port, top = free_port(), os.path.join(scratch, "nginx")
    os.makedirs(top, exist_ok=True)
    config = os.path.join(top, "nginx.conf")
    with open(config, "w") as f:
        f.write("worker_processes 2; daemon off; pid %s/pid; error_log %s/error.log;\nevents {}\n"
                "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n"
                "client_body_temp_path %s; proxy_temp_path %s; fastcgi_temp_path %s; uwsgi_temp_path %s;\n"
                "scgi_temp_path %s; server { listen 127.0.0.1:%d backlog=1024; root %s; } }\n"
                % (top, top, top, top, top, top, top, port, files))
    # Its worker must be able to read what root has written.
    os.chmod(scratch, 0o755)
    return Registry("nginx", port, ["nginx", "-c", config], scratch, ready="/ready")


class Measure:
    """One question, put to all in turn."""

    def __init__(self, load, short):
        self.load_program, self.rounds = load, 1 if short else 3
        self.rows = []

    def load(self, registry, clients, mode, count, argument=""):
        before = registry.cpu()
        done = subprocess.run([self.load_program, str(registry.port), str(clients), mode, str(count), str(argument)],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit("%s: %s %s: %s %s" % (registry.name, mode, argument, done.stdout, done.stderr))
        figures = json.loads(done.stdout)
        figures["cpu"] = registry.cpu() - before
        return figures

    def row(self, title, unit, values, better="more"):
        """Prints the medians; the ratio says how many times better the first is than each other one."""
        medians = {name: statistics.median(v) for name, v in values.items()}
        first = next(iter(medians.values()))
        cells = []
        for index, (name, median) in enumerate(medians.items()):
            text = "%s %s" % (name, number(median))
            if index and median and first:
                text += " (%.2f x)" % (first / median if better == "more" else median / first)
            cells.append(text)
        print("%-44s %-8s %s" % (title, unit, " | ".join(cells)), flush=True)
        self.rows.append({"title": title, "unit": unit, "medians": medians})


def number(value):
    return "%.0f" % value if value >= 100 else "%.1f" % value if value >= 10 else "%.3f" % value


def first_digest(load, registry, size):
    """Pushes one large blob and returns its path."""
    answer = subprocess.run([load, str(registry.port), "1", "put", "1", str(size)], capture_output=True, text=True)
    if answer.returncode != 0:
        raise SystemExit("cannot push to %s: %s" % (registry.name, answer.stderr))


def digest_of_first(data):
    """The digest of the largest blob in Wharf's store."""
    blobs = os.path.join(data, "blobs", "sha256")
    found = [(os.path.getsize(os.path.join(top, name)), name, os.path.join(top, name))
             for top, _, names in os.walk(blobs) for name in names]
    size, name, path = max(found)
    return "sha256:" + name.split(":")[-1], path


def bench_blobs(m, registries, scratch, short):
    size = (8 << 20) if short else (1 << 30)
    for registry in registries:
        first_digest(m.load_program, registry, size)
    digest, path = digest_of_first(os.path.join(scratch, "wharf"))
    files = os.path.join(scratch, "files")
    os.makedirs(files, exist_ok=True)
    os.chmod(files, 0o755)
    os.link(path, os.path.join(files, "blob"))
    os.chmod(os.path.join(files, "blob"), 0o644)
    with open(os.path.join(files, "ready"), "w") as f:
        f.write("ready")
    limit = nginx(scratch, files)
    try:
        for streams, count in ((1, 4), (16, 32)):
            speed, cpu = {}, {}
            for _ in range(m.rounds):
                for registry in [*registries, limit]:
                    where = "/blob" if registry is limit else "/v2/bench/large/blobs/" + digest
                    f = m.load(registry, streams, "get", count, where)
                    gib = f["bytes"] / 2 ** 30
                    speed.setdefault(registry.name, []).append(f["bytes"] / 1e6 / f["seconds"])
                    cpu.setdefault(registry.name, []).append(f["cpu"] / gib)
            m.row("blob GET, %d streams" % streams, "MB/s", speed)
            m.row("blob GET, %d streams, CPU" % streams, "s/GiB", cpu, better="less")
    finally:
        limit.stop()
    for mode in ("put", "patch"):
        for streams, count, part in ((1, 1, size), (16, 16, max(size // 8, 1 << 20))):
            speed, cpu = {}, {}
            for _ in range(m.rounds):
                for registry in registries:
                    f = m.load(registry, streams, mode, count, part)
                    speed.setdefault(registry.name, []).append(f["bytes"] / 1e6 / f["seconds"])
                    cpu.setdefault(registry.name, []).append(f["cpu"] / (f["bytes"] / 2 ** 30))
            m.row("blob %s, %d streams" % (mode.upper(), streams), "MB/s", speed)
            m.row("blob %s, %d streams, CPU" % (mode.upper(), streams), "s/GiB", cpu, better="less")


def bench_artifacts(m, registries, scratch, short):
    count, clients = (50, 10) if short else (2000, 200)
    for where in ("many", "one"):
        for mode in ("push", "pull"):
            rate, p95, cpu = {}, {}, {}
            for registry in registries:
                f = m.load(registry, clients, mode, count, where)
                rate.setdefault(registry.name, []).append(count / f["seconds"])
                p95.setdefault(registry.name, []).append(f["p95"] * 1000)
                cpu.setdefault(registry.name, []).append(f["cpu"] * 1000 / count)
            title = "%s 1 KiB, %d clients, %s" % (mode, clients, "one repository" if where == "one" else "many")
            m.row(title, "/s", rate)
            m.row(title + ", p95", "ms", p95, better="less")
            m.row(title + ", CPU", "ms each", cpu, better="less")


def ab(registry, connections, path, seconds):
    """HEAD requests, which wrk cannot read the answers of."""
    before = registry.cpu()
    text = subprocess.run(["ab", "-q", "-k", "-i", "-c", str(connections), "-t", str(seconds), "-n", "10000000",
                           "-H", "Accept: application/vnd.oci.image.manifest.v1+json, */*",
                           "http://127.0.0.1:%d%s" % (registry.port, path)],
                          capture_output=True, text=True, check=True).stdout
    cpu = registry.cpu() - before
    if re.search(r"Non-2xx responses:\s+\d+", text):
        raise SystemExit("%s: HEAD %s: bad answers" % (registry.name, path))
    rate = float(re.search(r"Requests per second:\s+([\d.]+)", text).group(1))
    done = int(re.search(r"Complete requests:\s+(\d+)", text).group(1))
    latency = {p: float(re.search(r"\n\s*%d%%\s+(\d+)" % p, text).group(1)) for p in (50, 99)}
    return rate, latency, cpu / max(done, 1)


def requests(registry, connections, path, seconds, method, scratch):
    if method == "HEAD":
        return ab(registry, connections, path, seconds)
    return wrk(registry, connections, path, seconds, method, scratch)


def wrk(registry, connections, path, seconds, method, scratch):
    script = os.path.join(scratch, "method.lua")
    with open(script, "w") as f:
        f.write('wrk.method = "%s"\n'
                'wrk.headers["Accept"] = "application/vnd.oci.image.manifest.v1+json, */*"\n' % method)
    before = registry.cpu()
    text = subprocess.run(["wrk", "-t", "1", "-c", str(connections), "-d", "%ds" % seconds, "--latency", "-s", script,
                           "http://127.0.0.1:%d%s" % (registry.port, path)],
                          capture_output=True, text=True, check=True).stdout
    cpu = registry.cpu() - before
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    if bad:
        raise SystemExit("%s: %s: %s bad answers" % (registry.name, path, bad.group(1)))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    latency = {p: parse_time(re.search(r"%d%%\s+([\d.]+\w+)" % p, text).group(1)) for p in (50, 99)}
    return rate, latency, cpu / max(rate * seconds, 1)


def parse_time(text):
    value, unit = re.match(r"([\d.]+)(\w+)", text).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def bench_requests(m, registries, scratch, short):
    seconds = 1 if short else 3
    for registry in registries:
        m.load(registry, 1, "push", 1, "one")
    for method, path in (("GET", "/v2/bench/one/manifests/t0"), ("HEAD", "/v2/bench/one/manifests/t0"),
                         ("GET", "/v2/")):
        for connections in ((16,) if short else (1, 16, 64)):
            rate, p50, p99, cpu = {}, {}, {}, {}
            for _ in range(m.rounds):
                for registry in registries:
                    r, latency, each = requests(registry, connections, path, seconds, method, scratch)
                    for table, value in ((rate, r), (p50, latency[50]), (p99, latency[99]), (cpu, each * 1e6)):
                        table.setdefault(registry.name, []).append(value)
            title = "%s %s, %d connections" % (method, "manifest" if "manifests" in path else path, connections)
            m.row(title, "/s", rate)
            m.row(title + ", p50", "ms", p50, better="less")
            m.row(title + ", p99", "ms", p99, better="less")
            m.row(title + ", CPU", "us each", cpu, better="less")


def fetch(registry, path):
    start = time.monotonic()
    with urllib.request.urlopen("http://127.0.0.1:%d%s" % (registry.port, path)) as answer:
        body, link = answer.read(), answer.headers.get("Link")
    return time.monotonic() - start, json.loads(body), link


def bench_lists(m, registries, scratch, short):
    tags, repositories = (50, 50) if short else (10000, 10000)
    made = {}
    for registry in registries:
        m.load(registry, 1, "push", 1, "one")
        f = m.load(registry, 4, "tags", tags)
        made.setdefault(registry.name, []).append(tags / f["seconds"])
    m.row("%d tags into one repository" % tags, "/s", made)
    made = {}
    for registry in registries:
        f = m.load(registry, 4, "push", repositories, "many")
        made.setdefault(registry.name, []).append(repositories / f["seconds"])
    m.row("%d repositories, an artifact each" % repositories, "/s", made)
    whole, page, catalog = {}, {}, {}
    for _ in range(m.rounds):
        for registry in registries:
            whole.setdefault(registry.name, []).append(fetch(registry, "/v2/bench/one/tags/list")[0] * 1000)
            page.setdefault(registry.name, []).append(
                fetch(registry, "/v2/bench/one/tags/list?n=100&last=tag-000020")[0] * 1000)
            total, last, found = 0.0, "", 0
            while True:
                seconds, answer, link = fetch(registry, "/v2/_catalog?n=1000&last=" + last)
                total, found = total + seconds, found + len(answer["repositories"])
                if not link:
                    break
                last = answer["repositories"][-1]
            if found < repositories:
                raise SystemExit("%s lists %d repositories of %d" % (registry.name, found, repositories))
            catalog.setdefault(registry.name, []).append(total * 1000)
    m.row("list of %d tags" % tags, "ms", whole, better="less")
    m.row("100 tags of %d" % tags, "ms", page, better="less")
    m.row("catalog of %d repositories, pages of 1000" % repositories, "ms", catalog, better="less")


def bench_idle(m, registries, scratch, short):
    """The servers' own figures: before, and after all that was measured above."""
    m.row("resident after the run", "MiB", {r.name: [resident_of(r.pid)] for r in registries}, better="less")
    m.row("peak of the run", "MiB", {r.name: [peak_of(r.pid)] for r in registries}, better="less")
    start, idle = {}, {}
    for number_of_try in range(1 if short else 5):
        for make in (wharf, distribution):
            name = "%s-start-%d" % (make.__name__, 0)
            # The second start on the same data: keys are made at the first.
            if number_of_try == 0:
                make(scratch, name).stop()
            registry = make(scratch, name)
            try:
                time.sleep(0.5)
                start.setdefault(make.__name__, []).append(registry.start_up * 1000)
                idle.setdefault(make.__name__, []).append(resident_of(registry.pid))
            finally:
                registry.stop()
    m.row("start until it answers", "ms", start, better="less")
    m.row("resident, idle", "MiB", idle, better="less")


BENCHES = {"requests": bench_requests, "blobs": bench_blobs, "artifacts": bench_artifacts, "lists": bench_lists,
           "idle": bench_idle}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="small inputs: only shows that it runs")
    parser.add_argument("--only", default=",".join(BENCHES))
    parser.add_argument("--scratch", default="/var/tmp", help="where to work: all on this one disk")
    parser.add_argument("--json", help="also write the figures to a file")
    options = parser.parse_args()
    for program in ("docker-registry", "nginx", "wrk", "ab"):
        if shutil.which(program) is None:
            raise SystemExit("%s is not installed: scripts/packages.sh tests" % program)
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="wharf-bench-", dir=options.scratch))
        load = os.path.join(scratch, "registry-load")
        subprocess.run(["gcc", "-O2", "-o", load, os.path.join(HERE, "registry-load.c"), "-lcrypto", "-lpthread"],
                       check=True)
        registries = [wharf(scratch), distribution(scratch)]
        for registry in registries:
            stack.callback(registry.stop)
        m = Measure(load, options.short)
        for name in options.only.split(","):
            print("-- " + name, flush=True)
            BENCHES[name](m, registries, scratch, options.short)
        if options.json:
            with open(options.json, "w") as f:
                json.dump(m.rows, f, indent=1)


if __name__ == "__main__":
    main()
