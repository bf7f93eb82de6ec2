# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Peak memory of a server and a client that push, publish and read one image."""
import hashlib
import os

from fixtures.images import push
from fixtures.mount import Mount, processes_naming
from fixtures.server import Server
from fixtures.site import Scope, wait_until
from fixtures.verdict import Skipped, expect

SERVER_LIMIT_IN_MEBIBYTES = 256
CLIENT_LIMIT_IN_MEBIBYTES = 100


def checks(site):
    for image in ("tiny", "python") + (("science",) if site.is_long else ()):
        yield "%s:1 within the limits" % image, lambda: within_limits(site, image), 3600
    yield "a client that may have 96 MiB, pages of its files included, reads everything right", lambda: confined(site), 600


def within_limits(site, image):
    with Scope("memory") as scope:
        server = Server(site, scope)
        mount = Mount(site, scope, server)
        push(image, "1", site.layout(image), server, "corpus/" + image)
        server.wait_published("corpus/" + image, "1", 3000)
        top = mount.link("corpus/" + image, "1")
        wait_until("the mount shows the tag", lambda: os.path.isdir(top), 3)
        read_everything(top)
        peak, client = server.peak_memory_in_mebibytes(), peak_of_client(mount)
        print("        peaks: server %d MiB, client %d MiB" % (peak, client), flush=True)
        expect(peak <= SERVER_LIMIT_IN_MEBIBYTES, "server: peak %d MiB" % peak)
        expect(client <= CLIENT_LIMIT_IN_MEBIBYTES, "client: peak %d MiB" % client)


def confined(site):
    """The kernel ends what takes more than its group may have; pages of files it takes back instead."""
    parent = "/sys/fs/cgroup/memory"
    if not os.path.exists(parent + "/memory.limit_in_bytes"):
        raise Skipped("there is no control group for memory at " + parent)
    with Scope("confined") as scope:
        group = "%s/wharf-e2e-%d" % (parent, os.getpid())
        os.mkdir(group)
        scope.defer(os.rmdir, group)
        with open(group + "/memory.limit_in_bytes", "w") as f:
            f.write(str(96 << 20))
        server = Server(site, scope)
        push("python", "1", site.layout("python"), server, "corpus/python")
        server.wait_published("corpus/python", "1", 600)
        inside = ["sh", "-c", 'echo $$ > "$0"/cgroup.procs && exec "$@"', group]
        free, bound = Mount(site, scope, server, "free"), Mount(site, scope, server, "bound", prefix=inside)
        digests = [digest_of_everything(mount.link("corpus/python", "1")) for mount in (bound, free)]
        expect(processes_naming(bound.path), "the client was ended")
        expect(digests[0] == digests[1], "the trees differ")
        with open(group + "/memory.max_usage_in_bytes") as f:
            print("        the group had at most %d MiB" % (int(f.read()) >> 20), flush=True)
        bound.unmount()


def digest_of_everything(top):
    digest = hashlib.sha256()
    for directory, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(directory, name)
            digest.update(os.fsencode(os.path.relpath(path, top)))
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb", buffering=0) as f:
                    while block := f.read(1 << 20):
                        digest.update(block)
    return digest.digest()


def read_everything(top):
    for directory, _, names in os.walk(top):
        for name in names:
            path = os.path.join(directory, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb", buffering=0) as f:
                    while f.read(1 << 20):
                        pass


def peak_of_client(mount):
    peaks = [0]
    for pid in processes_naming(mount.path):
        with open("/proc/%d/status" % pid) as f:
            peaks += [int(line.split()[1]) // 1024 for line in f if line.startswith("VmHWM:")]
    return max(peaks)
