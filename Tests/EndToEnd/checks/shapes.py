# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Layers of unusual make or size: seekable formats, empty and foreign layers, very many, very deep, very large."""
import gzip
import hashlib
import io
import json
import os
import struct
import subprocess
import tarfile
import time
import zlib

from fixtures.images import push_by_layout
from fixtures.mount import Mount
from fixtures.pushes import MANIFEST, digest_of, push_blob, push_manifest
from fixtures.server import Server
from fixtures.site import Scope, tool, wait_until
from fixtures.trees import check_tree, expected
from fixtures.verdict import expect, expect_equal

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
FILES = [("bin/tool", b"#!/bin/sh\n" * 300), ("lib/data", bytes(range(256)) * 9000), ("etc/empty", b"")]


def checks(site):
    with Scope("shapes") as scope:
        server = Server(site, scope)
        mount = Mount(site, scope, server)

        def shown(name, layers, **more):
            return lambda: is_shown(scope, server, mount, name, layers, **more)
        yield "an eStargz layer is shown with its table of contents and landmark", shown(
            "estargz", [estargz(FILES)], also=("stargz.index.json", ".no.prefetch.landmark"))
        yield "a zstd:chunked layer is shown as the archive that it is", shown("zstd-chunked", [zstd_chunked(FILES)])
        yield "an image of nothing but empty layers is an empty tree", shown(
            "empty", [gz(end()), gz(end()), (end(), end(), "")])
        yield "empty layers between others change nothing", shown(
            "between", [gz(archive(FILES)), gz(end()), gz(archive([("bin/.wh.tool", b"")])), gz(end())])
        yield "127 layers that replace and remove each other's files", shown("many", [gz(step(n)) for n in range(127)])
        yield "128 layers are one too many, and the status says so", lambda: is_refused(
            scope, server, "too-many", [gz(step(n)) for n in range(128)], "127")
        yield "names of 255 bytes, and paths as long as a mounted tree can have", shown(
            "long", [gz(archive(long_names()))])
        yield "an attribute as large as the kernel takes is kept in the record", shown("attribute", [gz(large_attribute())])
        yield "a name of 256 bytes is refused", lambda: is_refused(
            scope, server, "too-long", [gz(archive([("n" * 256, b"")]))], "255")
        yield "a foreign layer that was not pushed is left out", lambda: foreign(server, mount, is_there=False)
        yield "a foreign layer that was pushed is a layer like others", lambda: foreign(server, mount, is_there=True)
        yield "paths that lead a long way through links end the image, and hold up no other", lambda: detours(
            scope, server)
        if site.is_long:
            yield "a layer of 700,000 files", lambda: crowd(server, mount), 1800
            yield "a sparse layer of 30 GB", lambda: sparse(server, mount), 3600
            yield "the server has stayed small", lambda: expect(
                server.peak_memory_in_mebibytes() <= 1024, "peak %d MiB" % server.peak_memory_in_mebibytes())


# -- Archives

def archive(files):
    """A tar of files; what is a pair of texts is a symbolic link."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.mtime = 1700000000
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def members(files):
    """The same archive as its members' bytes, without the end."""
    parts = []
    for file in files:
        one = archive([file])
        parts.append(one[:512 + -(-len(file[1]) // 512) * 512])
    return parts


def end():
    return b"\0" * 1024


def gz(content):
    return gzip.compress(content, mtime=0), content, "+gzip"


def step(number):
    files = [("same", b"%d" % number), ("own-%d" % number, b"x"), ("dir/%d" % (number % 10), b"%d" % number)]
    if number % 3 == 2:
        files.append((".wh.own-%d" % (number - 1), b""))
    if number % 10 == 9:
        files.append(("dir/.wh..wh..opq", b""))
    return archive(files)


def long_names():
    deep = "/".join(["d" * 255] * 14) + "/f"
    narrow = "/".join("%08d" % n for n in range(410))
    return [("n" * 255, b"1"), (deep, b"2"), (narrow, b"3"), ("é" * 127, b"4")]


def large_attribute():
    info = tarfile.TarInfo("file")
    info.mtime = 1700000000
    info.pax_headers = {"SCHILY.xattr.user.large": "v" * 65535, "SCHILY.xattr.user.small": "s"}
    return info.tobuf(tarfile.PAX_FORMAT) + end()


# -- Seekable formats

def estargz(files):
    """- Source: stargz-snapshotter docs/estargz.md, "eStargz: seekable archive", "Footer"."""
    blob, plain, entries = b"", b"", []
    for name, content in files + [(".no.prefetch.landmark", b"\x0f")]:
        part = members([(name, content)])[0]
        entries.append({"name": name, "type": "reg", "size": len(content), "offset": len(blob), "mode": 420,
                        "digest": digest_of(content), "chunkDigest": digest_of(content)})
        blob, plain = blob + gzip.compress(part, mtime=0), plain + part
    toc = json.dumps({"version": 1, "entries": entries}).encode()
    part, offset = archive([("stargz.index.json", toc)]), len(blob)
    extra = b"SG" + struct.pack("<H", 22) + b"%016xSTARGZ" % offset
    footer = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff" + struct.pack("<H", len(extra)) + extra + b"\x01\0\0\xff\xff" + b"\0" * 8
    expect_equal(len(footer), 51, "bytes of the footer")
    return blob + gzip.compress(part, mtime=0) + footer, plain + part, "+gzip"


def zstd_chunked(files):
    """- Source: containers/storage pkg/chunked/internal/compression.go: frames, then the table in frames to be skipped."""
    blob, plain, entries = b"", b"", []
    for (name, content), part in zip(files, members(files)):
        frame = zstd(part)
        entries.append({"type": "reg", "name": name, "size": len(content), "digest": digest_of(content),
                        "offset": len(blob), "endOffset": len(blob) + len(frame)})
        blob, plain = blob + frame, plain + part
    blob, plain = blob + zstd(end()), plain + end()
    table = json.dumps({"version": 1, "entries": entries}).encode()
    packed = zstd(table)
    place = len(blob) + 8
    blob += skippable(packed)
    return blob + skippable(struct.pack("<QQQQ", place, len(packed), len(table), 1) + b"GNUlInUx"), plain, "+zstd"


def zstd(content):
    return subprocess.run([tool("zstd"), "-q", "-c"], input=content, stdout=subprocess.PIPE, check=True).stdout


def skippable(content):
    return struct.pack("<II", 0x184D2A50, len(content)) + content


# -- Layouts

def write_layout(scope, name, layers):
    """An OCI layout of one image; each layer is its blob, its archive, and the end of its type."""
    layout = os.path.join(scope.path, name)
    blobs = os.path.join(layout, "blobs", "sha256")
    os.makedirs(blobs, exist_ok=True)

    def put(kind, content):
        digest = digest_of(content)
        with open(os.path.join(blobs, digest.split(":")[1]), "wb") as f:
            f.write(content)
        return {"mediaType": kind, "digest": digest, "size": len(content)}
    config = put(CONFIG, json.dumps({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(plain) for _, plain, _ in layers]}}).encode())
    manifest = put(MANIFEST, json.dumps({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": config,
        "layers": [put(LAYER + suffix, blob) for blob, _, suffix in layers]}).encode())
    manifest["annotations"] = {"org.opencontainers.image.ref.name": "1"}
    with open(os.path.join(layout, "index.json"), "w") as f:
        json.dump({"schemaVersion": 2, "manifests": [manifest]}, f)
    with open(os.path.join(layout, "oci-layout"), "w") as f:
        f.write('{"imageLayoutVersion": "1.0.0"}')
    return layout


def is_shown(scope, server, mount, name, layers, also=()):
    layout = write_layout(scope, name, layers)
    push_by_layout(layout, "1", server, "shapes/" + name)
    server.wait_published("shapes/" + name, "1")
    link = mount.link("shapes/" + name, "1")
    wait_until("the mount shows the tag", lambda: os.path.isdir(link), 5)
    check_tree(server, mount, "shapes/" + name, "1", link, expected(layout, "1"))
    for path in also:
        expect(os.path.isfile(os.path.join(link, path)), "%s is not shown" % path)


def is_refused(scope, server, name, layers, reason):
    layout = write_layout(scope, name, layers)
    push_by_layout(layout, "1", server, "shapes/" + name)
    status = server.wait_settled("shapes/" + name, "1")
    expect(status["state"] == "failed" and reason in status["error"], "%s" % status)


# -- Foreign layers

def foreign(server, mount, is_there):
    name = "shapes/foreign-%s" % ("here" if is_there else "elsewhere")
    own, far = gz(archive([("own", b"own")])), gz(archive([("far", name.encode())]))
    layers = [push_blob(server, name, own[0])]
    if is_there:
        push_blob(server, name, far[0])
    layers[0]["mediaType"] = LAYER + "+gzip"
    layers.append({"mediaType": FOREIGN, "digest": digest_of(far[0]), "size": len(far[0]),
                   "urls": ["http://127.0.0.1:1/layer"]})
    config = push_blob(server, name, json.dumps({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(own[1]), digest_of(far[1])]}}).encode())
    config["mediaType"] = CONFIG
    push_manifest(server, name, "1", {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers})
    status = server.wait_published(name, "1")
    link = mount.link(name, "1")
    wait_until("the mount shows the tag", lambda: os.path.isfile(os.path.join(link, "own")), 5)
    expect_equal(os.path.exists(os.path.join(link, "far")), is_there, "whether the foreign layer's file is there")
    said = [w for w in status["warnings"] if digest_of(far[0]) in json.dumps(w)]
    expect_equal(bool(said), not is_there, "whether a warning names the layer: %s" % status["warnings"])


# -- Sizes

def detours(scope, server):
    """200,000 files, each by way of half a million steps: a megabyte of a blob, and days of work if all were done."""
    links = [("l%d" % n, "./" * 1000 + "l%d" % (n + 1)) for n in range(200)] + [("l200", ".")]
    files = [("l0/d%d/x" % n, b"") for n in range(200000)]
    layout = write_layout(scope, "detours", [gz(archive(links + files))])
    push_by_layout(layout, "1", server, "shapes/detours")
    other = write_layout(scope, "other", [gz(archive([("a", b"another image")]))])
    push_by_layout(other, "1", server, "shapes/other")
    start = time.monotonic()
    status = server.wait_settled("shapes/detours", "1", 60)
    expect(status["state"] == "failed" and "links" in status["error"], "%s" % status)
    server.wait_published("shapes/other", "1")
    expect(time.monotonic() - start < 60, "the other image waited for %d s" % (time.monotonic() - start))


class Growing:
    """A blob that is made while it is sent to a file, hashed on both sides of gzip."""

    def __init__(self, path):
        self.file, self.blob, self.plain, self.size = open(path, "wb"), hashlib.sha256(), hashlib.sha256(), 0
        self.packer = zlib.compressobj(1, zlib.DEFLATED, 31)

    def write(self, content):
        self.plain.update(content)
        self.put(self.packer.compress(content))

    def put(self, packed):
        self.blob.update(packed)
        self.file.write(packed)
        self.size += len(packed)

    def finish(self):
        self.write(end())
        self.put(self.packer.flush())
        self.file.close()


def push_large(server, name, blob):
    with open(blob.file.name, "rb") as f:
        descriptor = push_blob(server, name, f.read())
    os.remove(blob.file.name)
    descriptor["mediaType"] = LAYER + "+gzip"
    config = push_blob(server, name, json.dumps({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + blob.plain.hexdigest()]}}).encode())
    config["mediaType"] = CONFIG
    push_manifest(server, name, "1", {
        "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [descriptor]})


def crowd(server, mount):
    blob = Growing(os.path.join(server.data, "..", "crowd"))
    for number in range(700000):
        info = tarfile.TarInfo("opt/conda/pkgs/p%d/d%d/f%d" % (number // 1000, number // 50 % 20, number))
        content = b"content %d\n" % number
        info.size, info.mtime = len(content), 1700000000
        blob.write(info.tobuf(tarfile.USTAR_FORMAT) + content.ljust(512, b"\0"))
    blob.finish()
    push_large(server, "shapes/crowd", blob)
    server.wait_published("shapes/crowd", "1", 1500)
    link = mount.link("shapes/crowd", "1")
    wait_until("the mount shows the tag", lambda: os.path.isdir(link), 5)
    expect_equal(files_below(os.path.join(link, "opt/conda/pkgs/p7")), 1000, "files")
    expect_equal(files_below(os.path.join(link, "opt")), 700000, "files")
    with open(os.path.join(link, "opt/conda/pkgs/p699/d19/f699999")) as f:
        expect_equal(f.read(), "content 699999\n", "the last file")


def files_below(directory):
    """How many files of the image there are: the marks of catalogs are ours."""
    return sum(len([f for f in files if f != ".cvmfscatalog"]) for _, _, files in os.walk(directory))


def sparse(server, mount):
    """One file with a little at the start, in the middle and at the end (PAX sparse format 1.0)."""
    size, middle = 30 * 10**9, 15 * 10**9
    pieces = [(0, b"start"), (middle, b"middle"), (size - 3, b"end")]
    table = "".join(["%d\n" % len(pieces)] + ["%d\n%d\n" % (at, len(content)) for at, content in pieces]).encode()
    content = table.ljust(512, b"\0") + b"".join(content for _, content in pieces)
    info = tarfile.TarInfo("large")
    info.size, info.mtime = len(content), 1700000000
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "large",
                        "GNU.sparse.realsize": str(size)}
    blob = Growing(os.path.join(server.data, "..", "sparse"))
    blob.write(info.tobuf(tarfile.PAX_FORMAT) + content.ljust(-(-len(content) // 512) * 512, b"\0"))
    blob.finish()
    push_large(server, "shapes/sparse", blob)
    server.wait_published("shapes/sparse", "1", 3000)
    path = os.path.join(mount.link("shapes/sparse", "1"), "large")
    wait_until("the mount shows the file", lambda: os.path.isfile(path), 5)
    expect_equal(os.path.getsize(path), size, "size")
    with open(path, "rb") as f:
        for at, content in pieces:
            f.seek(at)
            expect_equal(f.read(len(content)), content, "bytes at %d" % at)
        f.seek(middle // 2)
        expect_equal(f.read(1 << 20), b"\0" * (1 << 20), "a hole")
