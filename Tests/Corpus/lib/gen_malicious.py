#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""malicious: images that must be rejected or contained, one layout each.

usage: gen_malicious.py [--big] DIR

DIR/CASE/ is an OCI layout with the tag 'x'; DIR/cases.json tells for every
case what is wrong and what is allowed:

  contain   unpacking may succeed or fail, but must change nothing outside the
            target directory, read nothing outside it into the image, and use
            bounded memory, time and disk
  reject    must fail with an error, at the latest when the image is unpacked

All writes outside aim at /tmp/corpus-canary, never at a real file of the
host; 'verify-corpus' lays the canary out and looks at it afterwards.
The bombs unpack to 10 GiB and 300,000 files, with --big to 100 GiB and 3
million files.
"""
import gzip
import hashlib
import json
import os
import random
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ocilayout as oci  # noqa: E402
from ocilayout import Layout, tar_bytes  # noqa: E402

UP = "../" * 16
CANARY = "tmp/corpus-canary"
ABS = "/" + CANARY
GIB = 1 << 30
CASES = {}


def case(name, expect, why):
    def register(f):
        CASES[name] = (expect, why, f)
        return f
    return register


def simple(*fills):
    def make(lay):
        return lay.image([lay.layer_bytes(tar_bytes(f)) for f in fills])
    return make


def members(*adds):
    def fill(t):
        for a in adds:
            t.add(*a[0], **a[1])
    return fill


def m(*a, **k):
    return a, k


def tar_case(name, expect, why, *layers):
    CASES[name] = (expect, why, simple(*layers))


PWN = b"corpus: written outside of the root\n"

# ---------------------------------------------------------- escaping the root

tar_case("path-dotdot", "contain", "member names that climb out with ..",
         members(m(UP + CANARY + "/created", data=PWN),
                 m(UP + CANARY + "/target", data=PWN),
                 m("../../etc/corpus-canary", data=PWN),
                 m("a/../../../../../../../../../../" + CANARY + "/target", data=PWN)))
tar_case("path-absolute", "contain", "absolute member names",
         members(m(ABS + "/created", data=PWN), m(ABS + "/target", data=PWN),
                 m("//" + CANARY + "/target", data=PWN)))
tar_case("path-dotdot-dir", "contain", "directories named .. whose metadata would change a parent",
         members(m("..", "d", mode=0o777), m("../", "d", mode=0o777, uid=4242),
                 m("a/../..", "d", mode=0o777), m("../../" * 8 + CANARY, "d", mode=0o777)))
tar_case("hardlink-dotdot", "contain", "hard links to files outside, through .. and absolute",
         members(m("leak1", "h", link=os.fsencode(UP + CANARY + "/secret")),
                 m("leak2", "h", link=os.fsencode(ABS + "/secret"))))
tar_case("hardlink-write", "contain", "hard link to a file outside, then written through",
         members(m("a", "h", link=os.fsencode(UP + CANARY + "/target")),
                 m("a", data=PWN)))
tar_case("symlink-write-absolute", "contain", "symbolic link to a directory outside, then a member below it",
         members(m("out", "l", link=ABS.encode()), m("out/created", data=PWN),
                 m("out/target", data=PWN)))
tar_case("symlink-write-relative", "contain", "the same with ..",
         members(m("out", "l", link=os.fsencode(UP + CANARY)),
                 m("out/created", data=PWN), m("out/target", data=PWN)))
tar_case("symlink-file-write", "contain", "symbolic link to a file outside, then the same name as a file",
         members(m("f", "l", link=(ABS + "/target").encode()), m("f", data=PWN)))
tar_case("symlink-chain", "contain", "several links that only together lead outside",
         members(m("a", "d"), m("a/b", "l", link=b".."), m("a/b/c", "l", link=b".."),
                 m("d", "l", link=b"a/b/.."), m("e", "l", link=b"d/" + UP.encode() + CANARY.encode()),
                 m("e/created", data=PWN)))
tar_case("symlink-layers", "contain", "the link in one layer, the member below it in the next",
         members(m("out", "l", link=ABS.encode())),
         members(m("out/created", data=PWN), m("out/target", data=PWN)))
tar_case("symlink-parent-dir", "contain", "a directory member over a link to outside",
         members(m("out", "l", link=ABS.encode())),
         members(m("out", "d", mode=0o777, uid=4242)))
tar_case("symlink-hardlink", "contain", "hard link to a path below a link to outside",
         members(m("out", "l", link=ABS.encode()),
                 m("leak", "h", link=b"out/secret")))
tar_case("whiteout-dotdot", "contain", "whiteouts that name . and .. and a path outside",
         members(m("a", "d"), m("a/f", data=b"x")),
         members(m("a/.wh.."), m("a/.wh..."), m("a/.wh."),
                 m(UP + CANARY + "/.wh.target"), m("../.wh.corpus-canary")))
tar_case("whiteout-symlink", "contain", "whiteouts below a link to outside",
         members(m("out", "l", link=ABS.encode())),
         members(m("out/.wh.target"), m("out/.wh.dir")))
tar_case("opaque-symlink", "contain", "an opaque marker below a link to outside",
         members(m("out", "l", link=ABS.encode())),
         members(m("out/.wh..wh..opq")))
tar_case("whiteout-slash", "contain", "whiteout whose name holds a long climb",
         members(m("a", "d")),
         members(m("a/.wh...", data=b""), m(".wh...", data=b""), m(".wh..wh..wh.x")))
tar_case("aufs-metadata", "contain", "names of the old aufs metadata",
         members(m(".wh..wh.plnk", "d"), m(".wh..wh.plnk/x", data=PWN),
                 m(".wh..wh.aufs", data=b""), m("a/.wh..wh.orph", "d"),
                 m("h", "h", link=b".wh..wh.plnk/x")))
tar_case("root-replaced", "contain", "the root itself as a symbolic link or file",
         members(m("./", "l", link=ABS.encode()), m("created", data=PWN)))
tar_case("device-disk", "contain", "device nodes of disks and of kernel memory",
         members(m("sda", "b", dev=(8, 0), mode=0o666), m("mem", "c", dev=(1, 1), mode=0o666),
                 m("kmsg", "c", dev=(1, 11), mode=0o666)))
tar_case("whiteout-device", "contain", "char device 0,0 as a member (an overlayfs whiteout)",
         members(m("a", data=b"kept"), m("b", "d"), m("b/c", data=b"kept")),
         members(m("a", "c", dev=(0, 0), mode=0), m("b/c", "c", dev=(0, 0), mode=0)))
tar_case("xattr-overlay", "contain", "xattrs that overlayfs would obey",
         members(m("d", "d"), m("d/f", data=b"kept"), m("secret", "d", mode=0o700),
                 m("secret/f", data=b"s", mode=0o600)),
         members(m("d", "d", xattrs={"trusted.overlay.opaque": b"y", "user.overlay.opaque": b"y"}),
                 m("r", "d", xattrs={"trusted.overlay.redirect": b"/secret",
                                     "user.overlay.redirect": b"/secret"}),
                 m("mc", data=b"", xattrs={"trusted.overlay.metacopy": b"",
                                           "trusted.overlay.redirect": b"/secret/f"})))
tar_case("xattr-security", "contain", "labels of security modules, an invalid capability",
         members(m("a", data=b"a", xattrs={"security.selinux": b"system_u:object_r:shadow_t:s0\0",
                                           "security.ima": b"\x01\x02", "security.evm": b"\x03"}),
                 m("b", data=b"b", xattrs={"security.capability": b"\xff\xff"}),
                 m("c", data=b"c", xattrs={"": b"no name", "nonamespace": b"x",
                                           "user." + "n" * 300: b"long name"})))

# ------------------------------------------------------------- broken archives


@case("name-nul", "contain", "PAX path with a NUL byte, name fields without an end")
def _(lay):
    def fill(t):
        t.add("ok", data=b"ok")
        t.pax([(b"path", b"safe\0/../../" + CANARY.encode())])
        t.header(b"x", size=len(PWN))
        t.body(PWN, len(PWN))
    return simple(fill)(lay)


tar_case("name-empty", "contain", "an empty name, '.', '/', a file with a trailing slash",
         members(m("", data=b"x"), m(".", data=b"x"), m("/", data=b"x"),
                 m("f/", data=b"x")))
tar_case("name-too-long", "contain", "components over 255 bytes, paths over 4096, link target over 4095",
         members(m("n" * 300, data=b"x"), m("/".join(["d" * 100] * 60), data=b"x"),
                 m("l", "l", link=b"t" * 10000)))
tar_case("name-control", "contain", "terminal escape sequences in names and link targets",
         members(m("\x1b]0;title\x07\x1b[2J\x1b[31m", data=b"x"),
                 m("l", "l", link=b"\x1b[?1049h")))
tar_case("hardlink-missing", "reject", "hard link to nothing",
         members(m("a", "h", link=b"nothing/here")))
tar_case("hardlink-self", "contain", "hard links to themselves and in a ring",
         members(m("a", "h", link=b"a"), m("b", "h", link=b"c"), m("c", "h", link=b"b")))
tar_case("hardlink-dir", "reject", "hard link to a directory",
         members(m("d", "d"), m("d/f", data=b"x"), m("e", "h", link=b"d")))
tar_case("symlink-loop-parent", "contain", "members below a link that loops",
         members(m("a", "l", link=b"b"), m("b", "l", link=b"a"), m("a/f", data=b"x")))
tar_case("file-as-parent", "contain", "a member below a file",
         members(m("f", data=b"x"), m("f/g", data=b"y")))


def raw_layer(name, expect, why, data_of):
    """data_of() gives the tar bytes, to be stored with a right diff_id."""
    CASES[name] = (expect, why, lambda lay: lay.image([lay.layer_bytes(data_of())]))


def huge(size_field, body=b"x" * 512):
    def fill(t):
        t.add("before", data=b"b")
        t.header(b"huge", size_field=size_field)
        t.out.write(body)
    return lambda: tar_bytes(fill)


raw_layer("size-8-eib", "reject", "a file that claims 2^63-1 bytes",
          huge(oci.base256((1 << 63) - 1, 12)))
raw_layer("size-octal-max", "reject", "a file that claims 8 GiB and holds 512 bytes",
          huge(b"77777777777\0"))
raw_layer("size-negative", "reject", "a negative size", huge(b"\xff" * 12))
raw_layer("size-garbage", "reject", "a size field that is no number", huge(b"12x45\0     \0"))


def pax_size(value):
    def fill(t):
        t.add("before", data=b"b")
        t.pax([(b"size", value)])
        t.header(b"p", size=5)
        t.body(b"12345", 5)
    return lambda: tar_bytes(fill)


raw_layer("pax-size-huge", "reject", "a PAX size of 10^30", pax_size(b"1" + b"0" * 30))
raw_layer("pax-size-negative", "reject", "a PAX size of -1", pax_size(b"-1"))


def pax_raw(data):
    def fill(t):
        t.header(b"PaxHeaders/x", b"x", size=len(data))
        t.body(data, len(data))
        t.add("f", data=b"f")
    return lambda: tar_bytes(fill)


raw_layer("pax-length", "reject", "a PAX record whose length is wrong", pax_raw(b"99999 path=x\n"))
raw_layer("pax-no-equals", "reject", "a PAX record without '='", pax_raw(b"9 pathxx\n"))


@case("pax-header-huge", "contain", "a PAX header that claims and holds 1 GiB of zeros (bounded memory)")
def _(lay):
    def fill(t):
        t.header(b"PaxHeaders/x", b"x", size=GIB)
        for _ in range(1024):
            t.out.write(bytes(1 << 20))
        t.add("f", data=b"f")
    return lay.image([lay.layer_stream(fill, level=1)])


raw_layer("truncated-header", "reject", "the archive ends within a header",
          lambda: tar_bytes(lambda t: [t.add("f%d" % i, data=b"x" * 700) for i in range(9)])[:2000])
raw_layer("truncated-data", "reject", "the archive ends within a file",
          lambda: tar_bytes(lambda t: t.add("f", data=b"x" * 100000))[:50000])
raw_layer("no-end-blocks", "contain", "no zero blocks at the end (legal for many readers)",
          lambda: tar_bytes(lambda t: t.add("f", data=b"x" * 700), close=False))
raw_layer("checksum", "reject", "wrong header checksum",
          lambda: (lambda b: b[:148] + b"000000\0 " + b[156:])(
              tar_bytes(lambda t: t.add("f", data=b"x"))))
raw_layer("not-a-tar", "reject", "a layer of plain text", lambda: b"this is no archive\n" * 100)
raw_layer("trailing-data", "contain", "a second archive after the end blocks (must not be unpacked)",
          lambda: tar_bytes(lambda t: t.add("f", data=b"x"))
          + tar_bytes(lambda t: t.add("smuggled", data=PWN)))


@case("gzip-truncated", "reject", "gzip stream cut off")
def _(lay):
    tar = tar_bytes(lambda t: t.add("f", data=random.Random(1).randbytes(100000)))
    return lay.image([lay.layer_bytes(tar, "gzip", lambda t: gzip.compress(t, 6, mtime=0)[:-2000])])


@case("gzip-crc", "reject", "wrong CRC in the gzip trailer")
def _(lay):
    tar = tar_bytes(lambda t: t.add("f", data=b"x" * 5000))

    def enc(t):
        b = bytearray(gzip.compress(t, 6, mtime=0))
        b[-8] ^= 0xff
        return bytes(b)
    return lay.image([lay.layer_bytes(tar, "gzip", enc)])


@case("gzip-trailing-garbage", "contain", "bytes after the gzip stream")
def _(lay):
    tar = tar_bytes(lambda t: t.add("f", data=b"x" * 5000))
    return lay.image([lay.layer_bytes(tar, "gzip", lambda t: gzip.compress(t, 6, mtime=0) + b"garbage" * 99)])


@case("media-type-lies", "contain", "a zstd layer that says gzip, and the other way round")
def _(lay):
    tar = tar_bytes(lambda t: t.add("f", data=b"x" * 5000))
    a = lay.layer_bytes(tar, "zstd")
    a[0]["mediaType"] = oci.MT_LAYER + "+gzip"
    b = lay.layer_bytes(tar_bytes(lambda t: t.add("g", data=b"y" * 5000)), "gzip")
    b[0]["mediaType"] = oci.MT_LAYER + "+zstd"
    return lay.image([a, b])


# ---------------------------------------------------------------------- bombs

def bomb_tar(size):
    """(gzip bytes of a tar with one file of zeros, diff_id): the file is made
    of equal gzip members, so it costs no time to make."""
    head = tar_bytes(lambda t: t.add("zeros", data=b""), close=False)
    buf = bytearray(head)
    buf[124:136] = oci.octal(size, 12) if size < 1 << 33 else oci.base256(size, 12)
    buf[148:156] = b" " * 8
    buf[148:156] = b"%06o\0 " % sum(buf)
    step = 64 << 20
    zero = gzip.compress(bytes(step), 9, mtime=0)
    out = gzip.compress(bytes(buf), mtime=0) + zero * (size // step) \
        + gzip.compress(bytes(1024), mtime=0)
    h = hashlib.sha256(buf)
    z = bytes(step)
    for _ in range(size // step):
        h.update(z)
    h.update(bytes(1024))
    return out, "sha256:" + h.hexdigest()


def bomb(size):
    def make(lay):
        data, diff = bomb_tar(size)
        return lay.image([(lay.put(data, oci.MT_LAYER + "+gzip"), diff)])
    return make


@case("bomb-manifest", "reject", "a manifest of 64 MiB (limit of most registries: 4 MiB)")
def _(lay):
    def edit(man):
        man["annotations"] = {"a": "b" * (64 << 20)}
    return lay.image([lay.layer_bytes(tar_bytes(lambda t: t.add("f")))], manifest_edit=edit)


@case("bomb-json-depth", "reject", "a config of 100,000 nested arrays")
def _(lay):
    d = lay.image([lay.layer_bytes(tar_bytes(lambda t: t.add("f")))])
    with open(lay.blob_path(d["digest"])) as f:
        man = json.load(f)
    man["config"] = lay.put(b'{"a":' + b"[" * 100000 + b"]" * 100000 + b"}", oci.MT_CONFIG)
    return lay.put_json(man, oci.MT_MANIFEST)


@case("bomb-depth", "contain", "3,000 nested directories (path of 6,000 bytes)")
def _(lay):
    return simple(lambda t: [t.add("d/" * n, "d") for n in range(1, 3001)])(lay)


@case("bomb-layers", "contain", "1,000 layers")
def _(lay):
    one = lay.layer_bytes(tar_bytes(lambda t: t.add("f", data=b"f")))
    return lay.image([one] * 1000)


@case("bomb-xattrs", "contain", "a file with 5,000 xattrs of 60,000 bytes, over any file system's limit")
def _(lay):
    return simple(members(m("f", data=b"f", xattrs={"user.n%d" % i: bytes(60000) for i in range(5000)})))(lay)


@case("bomb-index", "contain", "indexes of indexes, ten wide and 12 deep, all the same blob per level")
def _(lay):
    d = lay.image([lay.layer_bytes(tar_bytes(lambda t: t.add("f", data=b"f")))])
    for level in range(12):
        d = lay.put_json({"schemaVersion": 2, "mediaType": oci.MT_INDEX,
                          "manifests": [{k: d[k] for k in ("mediaType", "digest", "size")}] * 10,
                          "annotations": {"level": str(level)}}, oci.MT_INDEX)
    return d


# ------------------------------------------------------ digests and manifests

def good(lay, **kw):
    return lay.image([lay.layer_bytes(tar_bytes(lambda t: t.add("f", data=b"f")))], **kw)


@case("digest-layer", "reject", "a layer blob that does not have its digest (same size)")
def _(lay):
    layer, diff = lay.layer_bytes(tar_bytes(lambda t: t.add("f", data=b"good")), "none")
    d = lay.image([(layer, diff)])
    with open(lay.blob_path(layer["digest"]), "wb") as f:
        f.write(tar_bytes(lambda t: t.add("f", data=b"evil")))
    return d


@case("digest-config", "reject", "a config blob that does not have its digest")
def _(lay):
    d = good(lay)
    with open(lay.blob_path(d["digest"])) as f:
        c = json.load(f)["config"]
    p = lay.blob_path(c["digest"])
    with open(p, "rb") as f:
        b = f.read()
    with open(p, "wb") as f:
        f.write(b.replace(b"/bin/sh", b"/bin/sx"))
    return d


@case("digest-manifest", "reject", "a manifest blob that does not have its digest")
def _(lay):
    d = good(lay, annotations={"a": "good"})
    p = lay.blob_path(d["digest"])
    with open(p, "rb") as f:
        b = f.read()
    with open(p, "wb") as f:
        f.write(b.replace(b'"good"', b'"evil"'))
    return d


@case("diff-id", "reject", "a diff_id that is not the layer's")
def _(lay):
    layer, _ = lay.layer_bytes(tar_bytes(lambda t: t.add("f", data=b"f")))
    return lay.image([(layer, oci.sha256(b"something else"))])


@case("diff-id-count", "reject", "fewer diff_ids than layers")
def _(lay):
    def edit(c):
        c["rootfs"]["diff_ids"].pop()
    return lay.image([lay.layer_bytes(tar_bytes(lambda t, n=n: t.add(n, data=b"f")))
                      for n in "ab"], config_edit=edit)


def size_case(name, what, delta):
    def make(lay):
        def edit(man):
            x = man["layers"][0] if what == "layer" else man["config"]
            x["size"] += delta
        d = good(lay, manifest_edit=edit if what != "manifest" else None)
        if what == "manifest":
            d["size"] += delta
        return d
    CASES[name] = ("reject", "the size of the %s is given %+d" % (what, delta), make)


for _w in ("layer", "config", "manifest"):
    size_case("size-%s-more" % _w, _w, 1)
    size_case("size-%s-less" % _w, _w, -1)


def edit_case(name, expect, why, edit):
    CASES[name] = (expect, why, lambda lay: good(lay, manifest_edit=edit))


def setter(obj_path, value):
    def edit(man):
        o = man
        for k in obj_path[:-1]:
            o = o[k]
        o[obj_path[-1]] = value
    return edit


edit_case("digest-path", "reject", "a digest that is a path (sha256:../../...)",
          setter(("layers", 0, "digest"), "sha256:../../../../../../../" + CANARY + "/secret"))
edit_case("digest-algorithm", "reject", "an algorithm with a path, an unknown one",
          setter(("layers", 0, "digest"), "../" * 9 + CANARY + ":secret"))
edit_case("digest-short", "reject", "a sha256 digest of 8 digits",
          setter(("layers", 0, "digest"), "sha256:deadbeef"))
edit_case("digest-upper", "reject", "a digest in capitals",
          setter(("config", "digest"), "sha256:" + "AB" * 32))
edit_case("size-is-negative", "reject", "size -1", setter(("layers", 0, "size"), -1))
edit_case("size-is-huge", "reject", "size 2^63", setter(("layers", 0, "size"), 1 << 63))
edit_case("size-is-text", "reject", "size as text", setter(("layers", 0, "size"), "12"))
edit_case("layers-null", "reject", "layers: null", setter(("layers",), None))
edit_case("schema-version", "reject", "schemaVersion 3", setter(("schemaVersion",), 3))
edit_case("layer-urls", "contain", "a layer with urls (must not be fetched from there)",
          setter(("layers", 0, "urls"), ["http://127.0.0.1:9/steal", "file://" + ABS + "/secret"]))
edit_case("blob-missing", "reject", "a layer that is not there",
          setter(("layers", 0), {"mediaType": oci.MT_LAYER, "size": 3,
                                 "digest": oci.sha256(b"not there")}))


@case("json-duplicate-keys", "contain", "'layers' twice in one manifest: all readers must see the same")
def _(lay):
    d = good(lay)
    with open(lay.blob_path(d["digest"]), "rb") as f:
        b = f.read()
    evil = lay.layer_bytes(tar_bytes(lambda t: t.add("evil", data=PWN)))[0]
    b = b[:-1] + b',"layers":[' + json.dumps(evil).encode() + b"]}"
    return lay.put(b, oci.MT_MANIFEST)


@case("json-both-kinds", "reject", "one document with 'layers' and 'manifests' (an index or an image?)")
def _(lay):
    other = good(lay, annotations={"other": "1"})
    return good(lay, manifest_edit=setter(("manifests",), [
        {k: other[k] for k in ("mediaType", "digest", "size")}]))


@case("json-media-type", "reject", "mediaType in the document differs from the descriptor's")
def _(lay):
    return good(lay, manifest_edit=setter(("mediaType",), oci.MT_INDEX))


@case("json-invalid", "reject", "a manifest that is no JSON")
def _(lay):
    return lay.put(b"{\"schemaVersion\":2,", oci.MT_MANIFEST)


@case("json-trailing", "reject", "a second JSON document after the manifest")
def _(lay):
    d = good(lay)
    with open(lay.blob_path(d["digest"]), "rb") as f:
        b = f.read()
    return lay.put(b + b'{"layers":[]}', oci.MT_MANIFEST)


@case("config-escapes", "contain", "working directory, user and entry point that try to escape")
def _(lay):
    def edit(c):
        c["config"].update({"WorkingDir": "/../.." + ABS, "User": "../../etc/passwd",
                            "Entrypoint": ["../../../bin/sh"],
                            "Volumes": {"/../.." + ABS: {}, "": {}},
                            "Env": ["LD_PRELOAD=/f", "NOEQUALS", "=x", "A\nB=c"]})
    return good(lay, config_edit=edit)


def main():
    args = sys.argv[1:]
    big = "--big" in args
    args = [a for a in args if a != "--big"]
    if len(args) != 1:
        sys.exit(__doc__)
    k = 10 if big else 1
    CASES["bomb-gzip"] = ("contain", "%d GiB of zeros in %d MiB" % (10 * k, 10 * k),
                          bomb(10 * k * GIB))

    def inodes(lay):
        return lay.image([lay.layer_stream(lambda t: [
            t.add("%d/%d" % (i // 1000, i), data=b"") for i in range(300000 * k)], level=1)])
    CASES["bomb-inodes"] = ("contain", "%d empty files" % (300000 * k), inodes)

    def nested(lay):
        data, _ = bomb_tar(GIB)
        return lay.image([lay.layer_bytes(tar_bytes(lambda t: t.add("inner.tar.gz", data=data)))])
    CASES["bomb-nested"] = ("contain", "a gzip bomb as a file (only unpacked once)", nested)

    out = {}
    for name in sorted(CASES):
        expect, why, make = CASES[name]
        path = os.path.join(args[0], name)
        shutil.rmtree(path, ignore_errors=True)
        lay = Layout(path)
        lay.tag(make(lay), "x")
        lay.save()
        out[name] = {"expect": expect, "why": why}
    with open(os.path.join(args[0], "cases.json"), "w") as f:
        json.dump(out, f, indent=1, ensure_ascii=False)
        f.write("\n")


if __name__ == "__main__":
    main()
