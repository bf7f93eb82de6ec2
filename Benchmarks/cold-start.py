#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0
"""Cold start of a program in a large image: from the mounted tree, and by `podman pull` and `run`, over a line of 1 Gbit/s with a
round trip of so many milliseconds (line.c). See README.md."""
import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from run import BIN, HERE, REPOSITORY, ROOT, answers, drop_caches, free_port, published, push, server, wait_for  # noqa: E402


class Line:
    """A line of 1 Gbit/s to a port, with a round trip of so many milliseconds."""

    def __init__(self, program, target, round_trip):
        self.port = free_port()
        self.process = subprocess.Popen([program, str(self.port), str(target), str(round_trip), "1000"], stdout=subprocess.PIPE)
        wait_for(lambda: answers("http://127.0.0.1:%d/livez" % self.port))

    def sent(self):
        """Bytes that went over the line, in both directions."""
        self.process.send_signal(signal.SIGUSR1)
        return int(self.process.stdout.readline())

    def close(self):
        self.process.terminate()
        self.process.wait()


def from_the_tree(line, data, scratch, image, command, rounds):
    """(seconds with the mount, seconds from the mounted tree, bytes) with an empty cache each time, and once more, warm."""
    rows = []
    start_it = lambda root: subprocess.run(["/usr/sbin/chroot", root, *command], check=True, stdout=subprocess.DEVNULL,  # noqa: E731
                                           env={"PATH": "/usr/local/bin:/usr/bin:/bin"})
    for number in range(rounds):
        place, cache = os.path.join(scratch, "mount"), os.path.join(scratch, "cache-%d" % number)
        os.makedirs(place, exist_ok=True)
        drop_caches()
        before, start = line.sent(), time.monotonic()
        subprocess.run([BIN + "/wharf", "mount", REPOSITORY, place, "--server", "http://127.0.0.1:%d/cvmfs/@fqrn@" % line.port,
                        "--public-key", "%s/keys/%s.pub" % (data, REPOSITORY), "--cache", cache], check=True)
        mounted = time.monotonic()
        start_it(os.path.join(place, image))
        done, sent = time.monotonic(), line.sent() - before
        start_it(os.path.join(place, image))
        rows.append((done - start, done - mounted, sent, time.monotonic() - done))
        subprocess.run([BIN + "/wharf", "umount", place], check=True)
        shutil.rmtree(cache)
    return [statistics.median(column) for column in zip(*rows)]


def by_podman(line, scratch, reference, command):
    podman = ["podman", "--root", os.path.join(scratch, "podman"), "--runroot", os.path.join(scratch, "podman-run"),
              "--storage-driver", "overlay", "--cgroup-manager", "cgroupfs", "--runtime", "runc"]
    drop_caches()
    before, start = line.sent(), time.monotonic()
    subprocess.run([*podman, "pull", "-q", "--tls-verify=false", reference], check=True, stdout=subprocess.DEVNULL)
    pulled = time.monotonic()
    subprocess.run([*podman, "run", "--rm", "--network", "host", "--ulimit", "nofile=20000:20000", "--ulimit", "nproc=10000:10000", reference, *command],
                   check=True, stdout=subprocess.DEVNULL)
    done, sent = time.monotonic(), line.sent() - before
    subprocess.run([*podman, "rmi", "-af"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done - start, done - pulled, sent


def measure(line, data, scratch, path, command, options, round_trip):
    total, run, sent, warm = from_the_tree(line, data, scratch, path, command, options.rounds)
    print("| %s | Wharf | %.2f | %.2f | %.2f | %.1f |" % (round_trip, total, run, warm, sent / 1e6), flush=True)
    if not options.without_podman:
        total, run, sent = by_podman(line, scratch, "127.0.0.1:%d/bench/start:1" % line.port, command)
        print("| %s | podman | %.2f | %.2f | | %.1f |" % (round_trip, total, run, sent / 1e6), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", default="science")
    parser.add_argument("--data", help="a data directory that is kept; the image is pushed into it if it is not there")
    parser.add_argument("--round-trips", default="0.2,20,100")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--command", default="python3 -c 'import numpy'")
    parser.add_argument("--without-podman", action="store_true")
    options = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="wharf-bench-", dir="/var/tmp")
    command = ["sh", "-c", options.command]
    try:
        program = os.path.join(scratch, "line")
        subprocess.run(["cc", "-O2", "-o", program, os.path.join(HERE, "line.c")], check=True)
        data = options.data or os.path.join(scratch, "data")
        with server(os.path.dirname(os.path.abspath(data)), os.path.basename(data)) as (_, _, port):
            push(os.path.join(ROOT, ".build", "corpus", options.image) + ":1", port, "bench/start:1")
            path = published(port, "bench/start", "1", 3000)["path"].split("/", 3)[3]
            print("\n| round trip ms | way | s to the end of the program | of which after mount or pull | again, warm | MB over the line |")
            print("|---|---|---|---|---|---|", flush=True)
            for round_trip in options.round_trips.split(","):
                line = Line(program, port, round_trip)
                try:
                    measure(line, data, scratch, path, command, options, round_trip)
                finally:
                    line.close()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
