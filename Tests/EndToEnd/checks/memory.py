# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Peak memory of a server and a client that push, publish and read one image."""
import os

from fixtures.images import push
from fixtures.mount import Mount, processes_naming
from fixtures.server import Server
from fixtures.site import Scope, wait_until
from fixtures.verdict import expect

SERVER_LIMIT_IN_MEBIBYTES = 256
CLIENT_LIMIT_IN_MEBIBYTES = 100


def checks(site):
    for image in ("tiny", "python") + (("science",) if site.is_long else ()):
        yield "%s:1 within the limits" % image, lambda: within_limits(site, image), 3600


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
