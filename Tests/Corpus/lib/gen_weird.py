#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""weird: hand-made layers with everything a tar layer may legally contain.

usage: gen_weird.py LAYOUT

Tags:
  1            nearly all of it; layers: plain tar, gzip of several members,
               zstd of several frames, empty layer, gzip with a file of 72 MiB
  1-gzip       the same file system (same diff_ids), every layer plain gzip,
               for tools that know neither zstd nor uncompressed layers
  gzip-fields  gzip members with every optional header field, an empty member
  lower-link   hard links to files of a lower layer, a member below a symbolic
               link of a lower layer, a directory removed and made anew
  dup          several members of one name in one layer
  order        whiteouts after the entries that they must not hide, opaque
               markers at the end of a directory of the same layer
  sparse       sparse members (PAX 0.0, 0.1, 1.0); the OCI specification
               advises against them, but they occur
  sparse-gnu   a sparse member of the old GNU kind (type S)
  numbers      big ids, base-256 numbers, times far away, V7 headers, GNU long
               names
  pax-global   a PAX global header (as 'git archive' writes)
  names        names of 255 bytes, a path of 3000 bytes, every byte in a name
  xattrs       40 of them, a value of 3000 bytes, an empty value, overlayfs'
               own names

The tags other than 1 and 1-gzip hold what some of the usual tools refuse or
get wrong; README.md says which.
"""
import os
import random
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ocilayout as oci  # noqa: E402
from ocilayout import EPOCH, Layout, tar_bytes  # noqa: E402

BIG = 72 << 20

# struct vfs_cap_data, revision 2: cap_net_raw+ep and cap_net_bind_service+ep
CAP_RAW = struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0)
CAP_BIND = struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0)
# POSIX ACL, version 2: user::rw- user:1000:r-- group::r-- mask::r-- other::---
ACL = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", t, p, i) for t, p, i in
    ((1, 6, 0xffffffff), (2, 4, 1000), (4, 4, 0xffffffff),
     (16, 4, 0xffffffff), (32, 0, 0xffffffff)))


def noise(n, seed):
    return random.Random(seed).randbytes(n)


def base(t):
    """Layer 1: the things themselves."""
    for d in ("bin", "etc", "usr", "usr/bin", "usr/lib", "links", "perm",
              "times", "names", "xattr", "special", "size", "gone", "opaque",
              "opaque/sub", "swap", "swap/dir-to-file", "over", "recreate"):
        t.add(d, "d")
    t.add("tmp", "d", mode=0o1777)
    t.add("etc/passwd", data=b"root:x:0:0:root:/root:/bin/sh\n")
    t.add("etc/group", data=b"root:x:0:\n")

    # hard links: in one directory, across directories, of a symlink target
    t.add("links/a", data=b"linked\n")
    t.add("links/b", "h", link=b"links/a")
    t.add("usr/lib/c", "h", link=b"links/a")
    t.add("links/dotted", "h", link=b"./links/a")
    t.add("links/rooted", "h", link=b"/links/a")
    t.add("links/lower2", data=b"whose first name a higher layer removes\n")
    t.add("links/lower2-b", "h", link=b"links/lower2")
    t.add("links/sym", "l", link=b"a")
    t.add("links/hard-to-sym", "h", link=b"links/sym")
    t.add("links/exec", data=b"#!/bin/sh\n", mode=0o4755)
    t.add("links/exec2", "h", link=b"links/exec")

    # symbolic links
    t.add("links/loop1", "l", link=b"loop2")
    t.add("links/loop2", "l", link=b"loop1")
    t.add("links/self", "l", link=b"self")
    t.add("links/up", "l", link=b"..")
    t.add("links/abs", "l", link=b"/etc/passwd")
    t.add("links/escape", "l", link=b"../../../../../../etc/passwd")
    t.add("links/escape-dir", "l", link=b"../../../..")
    t.add("links/broken", "l", link=b"nowhere/at/all")
    t.add("links/long", "l", link=b"x/" * 120 + b"end")
    t.add("links/very-long", "l", link=b"y" * 4000)
    t.add("links/odd", "l", link="ziel \u00e4\n".encode() + b"\xff")
    t.add("lib", "l", link=b"usr/lib")
    t.add("usr/lib64", "l", link=b"/usr/lib")

    # permissions
    t.add("perm/setuid", data=b"u", mode=0o4755)
    t.add("perm/setgid", data=b"g", mode=0o2755)
    t.add("perm/setboth", data=b"b", mode=0o6711, uid=1000, gid=1000)
    t.add("perm/sticky", "d", mode=0o1777)
    t.add("perm/setgid-dir", "d", mode=0o2775, gid=50)
    t.add("perm/setgid-dir/inner", data=b"i", gid=0)
    t.add("perm/none", data=b"no permission at all", mode=0)
    t.add("perm/no-read", data=b"write only", mode=0o222)
    t.add("perm/owner-only", data=b"o", mode=0o600, uid=65534, gid=65534)
    t.add("perm/no-exec-dir", "d", mode=0o644)
    t.add("perm/no-exec-dir/file", data=b"below a directory without x")
    t.add("perm/none-dir", "d", mode=0)
    t.add("perm/none-dir/sub", "d", mode=0o700)
    t.add("perm/none-dir/sub/file", data=b"below mode 000")
    t.add("perm/read-only-dir", "d", mode=0o555)
    t.add("perm/read-only-dir/file", data=b"below mode 555", mode=0o444)
    t.add("perm/named", data=b"ids count, names do not", uid=12, gid=34,
          uname=b"daemon", gname=b"games")

    # extended attributes
    t.add("xattr/capability", data=b"ping", mode=0o755,
          xattrs={"security.capability": CAP_RAW})
    t.add("xattr/user", data=b"u", xattrs={"user.comment": b"hello"})
    t.add("xattr/binary", data=b"b", xattrs={
        "user.bytes": bytes(range(256)), "user.newline": b"a\nb=c\n\0d"})
    t.add("xattr/dir", "d", xattrs={"user.on.dir": b"directory"})
    t.add("xattr/acl", data=b"acl", mode=0o640,
          xattrs={"system.posix_acl_access": ACL})
    t.add("xattr/linked", data=b"l", xattrs={"user.x": b"1"})
    t.add("xattr/linked2", "h", link=b"xattr/linked")
    t.add("xattr/replaced", data=b"r", xattrs={"user.old": b"old"})

    # times
    t.add("times/nano", data=b"n", mtime_ns=EPOCH * 10**9 + 123456789)
    t.add("times/epoch", data=b"e", mtime=0)
    t.add("times/before-1970", data=b"p", mtime_ns=-86400 * 365 * 10**9)
    t.add("times/before-1970-nano", data=b"p", mtime_ns=-1500000000)
    t.add("times/after-2038", data=b"f", mtime_ns=(2**31 + 12345) * 10**9 + 1)
    t.add("times/dir", "d", mtime_ns=1234567890 * 10**9 + 987654321)
    t.add("times/dir/late", data=b"written after its directory")
    t.add("times/link", "l", link=b"nano", mtime_ns=1111111111 * 10**9 + 5)

    # names
    t.add("names/with space", data=b"1")
    t.add("names/new\nline", data=b"2")
    t.add("names/tab\tquote\"back\\slash", data=b"3")
    t.add("names/%41-percent", data=b"4")
    t.add("names/\u00fcml\u00e4ut-\u65e5\u672c\u8a9e-\U0001f433", data=b"5")
    t.add("names/nfc-\u00e9", data=b"composed")
    t.add("names/nfd-e\u0301", data=b"decomposed")
    t.add(b"names/latin1-\xe9\xff", data=b"7")
    t.add(b"names/bad-utf8-\xc3\x28\xf0\x9f", data=b"8")
    t.add("names/-rf", data=b"9")
    t.add("names/*", data=b"10")
    t.add("names/...", data=b"11")
    t.add("names/.hidden", data=b"12")
    t.add("names/CASE", data=b"13")
    t.add("names/case", data=b"14")
    t.add("names/wh.not-a-whiteout", data=b"15")
    t.add("names/a.wh.b", data=b"16")
    long_dir = "names/" + "/".join("d%03d-%s" % (i, "x" * 40) for i in range(8))
    for i in range(len(long_dir.split("/")) - 1):
        t.add("/".join(long_dir.split("/")[:i + 2]), "d")
    t.add(long_dir + "/file", data=b"long path")
    t.add(long_dir + "/link", "h", link=os.fsencode(long_dir + "/file"))
    t.add("names/ustar-prefix-" + "p" * 60, "d")
    t.add("names/ustar-prefix-" + "p" * 60 + "/" + "q" * 80, data=b"prefix")
    t.add("names/pax-short", data=b"pax path although short", force_pax_path=True)

    # devices and pipes
    t.add("special/null", "c", dev=(1, 3), mode=0o666)
    t.add("special/big-minor", "c", dev=(10, 0o3777), mode=0o600)
    t.add("special/block", "b", dev=(7, 0), mode=0o660, gid=6)
    t.add("special/fifo", "p", mode=0o600)
    t.add("special/fifo2", "h", link=b"special/fifo")

    # sizes
    t.add("size/0", data=b"")
    t.add("size/1", data=b"x")
    t.add("size/0-b", data=b"")
    for n in (511, 512, 513, 4095, 4096, 4097):
        t.add("size/%d" % n, data=noise(n, n))
    t.add("size/zeros", data=bytes(1 << 20))
    t.add("size/same-1", data=noise(100000, "same"))
    t.add("size/same-2", data=noise(100000, "same"))

    # to be changed by the layers above
    for n in ("file", "dir", "kept", "twice"):
        if n == "dir":
            t.add("gone/dir", "d")
            t.add("gone/dir/deep", "d")
            t.add("gone/dir/deep/file", data=b"gone")
        else:
            t.add("gone/" + n, data=n.encode())
    t.add("gone/link-target", data=b"only its symlink goes away")
    t.add("gone/link", "l", link=b"link-target")
    t.add("opaque/lower", data=b"must vanish")
    t.add("opaque/both", data=b"lower")
    t.add("opaque/sub/lower", data=b"must vanish")
    t.add("swap/dir-to-file/inner", data=b"must vanish")
    t.add("swap/file-to-dir", data=b"a file")
    t.add("swap/link-to-dir", "l", link=b"/etc")
    t.add("swap/dir-to-link", "d")
    t.add("swap/dir-to-link/inner", data=b"must vanish")
    t.add("swap/file-to-link", data=b"a file")
    t.add("swap/link-to-file", "l", link=b"../etc/passwd")
    t.add("swap/fifo-to-file", "p")
    t.add("over/content", data=b"old content, longer than the new one")
    t.add("over/mode", data=b"same", mode=0o600)
    t.add("over/linked-1", data=b"old")
    t.add("over/linked-2", "h", link=b"over/linked-1")
    t.add("over/dir", "d", mode=0o700, uid=1)
    t.add("over/dir/stays", data=b"stays when only the directory changes")
    t.add("recreate/file", data=b"old")

    # a member below a directory that has no member of its own
    t.add("implied/parent/file", data=b"parents are implied")


def upper(t):
    """Layer 2: removes and replaces."""
    t.add("gone/.wh.file")
    t.add("gone/.wh.dir")
    t.add("gone/.wh.link")
    t.add("gone/.wh.never-existed")
    t.add("links/.wh.lower2")
    t.add("opaque", "d", mode=0o750)
    t.add("opaque/.wh..wh..opq")
    t.add("opaque/both", data=b"upper")
    t.add("opaque/upper", data=b"new")
    t.add("swap/dir-to-file", data=b"now a file")
    t.add("swap/file-to-dir", "d")
    t.add("swap/file-to-dir/inner", data=b"now a directory")
    t.add("swap/link-to-dir", "d")
    t.add("swap/link-to-dir/inner", data=b"not in /etc")
    t.add("swap/.wh.dir-to-link")
    t.add("swap/dir-to-link", "l", link=b"../etc")
    t.add("swap/file-to-link", "l", link=b"../etc/group")
    t.add("swap/link-to-file", data=b"/etc/passwd must be left alone")
    t.add("swap/fifo-to-file", data=b"no longer a pipe")
    t.add("over/content", data=b"new")
    t.add("over/mode", data=b"same", mode=0o4755, uid=3, gid=4)
    t.add("over/linked-1", data=b"new: linked-2 keeps the old content")
    t.add("over/dir", "d", mode=0o755, uid=2, mtime=EPOCH + 5)
    t.add("xattr/replaced", data=b"r", xattrs={"user.new": b"new"})


def third(t):
    """Layer 3: './', '/' and '//' in names, removed and made anew."""
    t.add("./", "d", mtime=EPOCH + 1)
    t.add("./dotted", "d")
    t.add("./dotted/file", data=b"./")
    t.add("/rooted", "d")
    t.add("/rooted/file", data=b"/")
    t.add("dotted//double", data=b"//")
    t.add("dotted/./mid", data=b"/./")
    t.add("recreate/.wh.file")
    t.add("recreate/file", data=b"new")
    t.add("gone/.wh.file")              # removed once more
    t.add("gone/twice", data=b"overwritten")
    t.add("usr/bin/net", data=b"bind", mode=0o755,
          xattrs={"security.capability": CAP_BIND})


def big(t):
    half = BIG // 2
    t.add("size/big", data=noise(half, "big") + bytes(half))
    t.add("size/big-copy-head", data=noise(half, "big"))


# ------------------------------------------------------------ sparse members

# One file of 3 MiB and 10 bytes: 4 KiB at 0, 4 KiB at 1 MiB, a hole at the
# end; written in four ways.
SEGMENTS = [(0, noise(4096, "s0")), (1 << 20, noise(4096, "s1"))]
REAL_SIZE = (3 << 20) + 10


def sparse_gnu(t):
    """Old GNU: type S, the map in the header."""
    data = b"".join(d for _, d in SEGMENTS)
    tail = b"".join(oci.octal(o, 12) + oci.octal(len(d), 12) for o, d in SEGMENTS)
    tail += oci.octal(REAL_SIZE, 12) + oci.octal(0, 12)
    tail = tail.ljust(96, b"\0") + b"\0" + oci.octal(REAL_SIZE, 12)
    t.add("sparse", "d")
    t.header(b"sparse/gnu-old", b"S", size=len(data), gnu=True, tail=tail)
    t.body(data, len(data))


def sparse(t):
    segs, real = SEGMENTS, REAL_SIZE
    data = b"".join(d for _, d in segs)
    t.add("sparse", "d")

    # PAX 0.0: offset and numbytes records repeat
    rec = [(b"GNU.sparse.size", b"%d" % real),
           (b"GNU.sparse.numblocks", b"%d" % len(segs))]
    for o, d in segs:
        rec += [(b"GNU.sparse.offset", b"%d" % o),
                (b"GNU.sparse.numbytes", b"%d" % len(d))]
    t.pax(rec)
    t.header(b"sparse/pax-0.0", size=len(data))
    t.body(data, len(data))

    # PAX 0.1: one map record, and the name apart
    t.add("GNUSparseFile.1/pax-0.1", data=data, pax=[
        (b"GNU.sparse.size", b"%d" % real),
        (b"GNU.sparse.numblocks", b"%d" % len(segs)),
        (b"GNU.sparse.name", b"sparse/pax-0.1"),
        (b"GNU.sparse.map", b",".join(b"%d,%d" % (o, len(d)) for o, d in segs))])

    # PAX 1.0: the map comes before the data, in blocks of its own
    m = b"%d\n" % len(segs) + b"".join(b"%d\n%d\n" % (o, len(d)) for o, d in segs)
    m = m.ljust(512, b"\0")
    t.add("GNUSparseFile.1/pax-1.0", data=m + data, pax=[
        (b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"),
        (b"GNU.sparse.name", b"sparse/pax-1.0"),
        (b"GNU.sparse.realsize", b"%d" % real)])

    # nothing but a hole
    t.add("GNUSparseFile.1/hole", data=b"0\n".ljust(512, b"\0"), pax=[
        (b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"),
        (b"GNU.sparse.name", b"sparse/hole"),
        (b"GNU.sparse.realsize", b"%d" % (64 << 20))])


def link_lower(t):
    t.add("dir", "d")
    t.add("dir/file", data=b"linked to from a higher layer\n", mode=0o640, uid=7)
    t.add("usr", "d")
    t.add("usr/lib", "d")
    t.add("lib", "l", link=b"usr/lib")
    t.add("abs", "l", link=b"/usr/lib")
    t.add("recreate", "d")
    t.add("recreate/dir", "d")
    t.add("recreate/dir/old", data=b"must vanish")


def link_upper(t):
    t.add("dir/link", "h", link=b"dir/file", mode=0o640, uid=7)
    t.add("other/link", "h", link=b"/dir/file", mode=0o640, uid=7)
    t.add("lib/through-link", data=b"lands in /usr/lib")
    t.add("abs/through-abs", data=b"lands in /usr/lib, too")
    t.add("recreate/.wh.dir")
    t.add("recreate/dir", "d")
    t.add("recreate/dir/new", data=b"new")


def duplicates(t):
    """The last member of a name wins; a hard link to an earlier one stays."""
    t.add("dup", "d")
    t.add("dup/file", data=b"first of two")
    t.add("dup/file", data=b"second of two wins", mode=0o640)
    t.add("dup/then-dir", data=b"file first")
    t.add("dup/then-dir", "d")
    t.add("dup/then-dir/inner", data=b"i")
    t.add("dup/linked", data=b"linked before it is replaced")
    t.add("dup/linked-2", "h", link=b"dup/linked")
    t.add("dup/linked", data=b"replaced in the same layer")
    t.add("dup/dir", "d", mode=0o700)
    t.add("dup/dir/file", data=b"f")
    t.add("dup/dir", "d", mode=0o755)


def order_lower(t):
    t.add("a", "d")
    t.add("a/lower", data=b"lower")
    t.add("a/keep", data=b"lower")
    t.add("b", "d")
    t.add("b/lower", data=b"lower")
    t.add("b/sub", "d")
    t.add("b/sub/lower", data=b"lower")
    t.add("c", "d")
    t.add("c/lower", data=b"lower")


def order_upper(t):
    """A whiteout hides lower layers only, wherever it stands in its own."""
    t.add("a/new", data=b"new")
    t.add("a/lower", data=b"new, its whiteout follows")
    t.add("a/.wh.lower")
    t.add("b", "d")
    t.add("b/new", data=b"new")
    t.add("b/sub", "d")
    t.add("b/sub/new", data=b"new")
    t.add("b/.wh..wh..opq")
    t.add(".wh.c")
    t.add("c", "d")
    t.add("c/new", data=b"new")
    t.add("no/such/.wh.dir")            # must not make the directory no/such


# ------------------------------------------------------------------ numbers

def numbers(t):
    t.add("n", "d")
    t.add("n/pax-ids", data=b"1", uid=3000000, gid=4000000)
    t.add("n/max-ids", data=b"2", uid=2**32 - 2, gid=2**32 - 2)
    # GNU base-256 numbers instead of PAX records
    h = oci.tar_bytes(lambda w: w.header(b"n/base256", size=5, gnu=True), close=False)
    h = bytearray(h)
    h[108:116] = oci.base256(3000001, 8)
    h[116:124] = oci.base256(3000002, 8)
    h[124:136] = oci.base256(5, 12)
    h[136:148] = oci.base256(-86400, 12)
    h[148:156] = b" " * 8
    h[148:156] = b"%06o\0 " % sum(h)
    t.out.write(bytes(h))
    t.body(b"b256\n", 5)
    # V7 header: no magic, a directory is known by its trailing slash
    for name, data in ((b"n/v7-dir/", b""), (b"n/v7-dir/file", b"v7")):
        h = bytearray(oci.tar_bytes(lambda w: w.header(
            name, b"\0", size=len(data), mode=0o755), close=False))
        h[257:265] = b"\0" * 8
        h[148:156] = b" " * 8
        h[148:156] = b"%06o\0 " % sum(h)
        t.out.write(bytes(h))
        t.body(data, len(data))
    # GNU long name and long link members
    long_name, long_link = b"n/" + b"L" * 180, b"t" * 150
    for code, text in ((b"L", long_name), (b"K", long_link)):
        t.header(b"././@LongLink", code, size=len(text) + 1, mode=0, gnu=True)
        t.body(text + b"\0", len(text) + 1)
    t.header(long_name[:100], b"2", link=long_link[:100], gnu=True, mode=0o777)
    # records nobody knows
    t.add("n/unknown-pax", data=b"u", pax=[(b"X-UNKNOWN.key", b"value"),
                                           (b"atime", b"1.5"), (b"ctime", b"2.5")])
    t.add("n/year-2200", data=b"y", mtime_ns=7258118400 * 10**9)
    t.add("n/year-1902", data=b"y", mtime_ns=-2145916800 * 10**9)


def pax_global(t):
    t.pax([(b"comment", b"a global comment")], b"pax_global_header", b"g")
    t.add("g", data=b"after a global header")


def names(t):
    t.add("x" * 255, data=b"255")
    t.add("e\u0301" * 85, data=b"255 bytes in 170 characters")
    d = ""
    for i in range(15):                 # 15 * 201 = 3015 bytes
        d += ("/" if d else "") + "%03d" % i + "p" * 197
        t.add(d, "d")
    t.add(d + "/f", data=b"deep")
    for c in range(1, 256):
        if c != 0x2f:
            t.add(b"byte-" + bytes([c]), data=b"%d" % c)
    for i in range(2000):
        t.add("many/%04d" % i, data=b"")


def xattrs(t):
    t.add("x", "d")
    t.add("x/many", data=b"m", xattrs={"user.n%02d" % i: b"v%d" % i for i in range(40)})
    t.add("x/empty", data=b"e", xattrs={"user.empty": b""})
    t.add("x/large", data=b"l", xattrs={"user.large": noise(3000, "x")})
    t.add("x/trusted", data=b"t", xattrs={"trusted.note": b"needs CAP_SYS_ADMIN"})
    # The names that overlayfs keeps for itself: kept as data or dropped, but
    # never obeyed.
    t.add("x/overlay", "d", xattrs={"user.overlay.opaque": b"y"})
    t.add("x/overlay/file", data=b"f")
    t.add("x/lib-archive", data=b"a", pax=[
        (b"LIBARCHIVE.xattr.user.lib", b"aGVsbG8")])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    lay = Layout(sys.argv[1])
    tars = [tar_bytes(f) for f in (base, upper, third, lambda t: None, big)]
    hist = ["base", "upper: whiteouts", "third: spellings", "empty layer", "big file"]
    mixed = [lay.layer_bytes(tars[0], "none"),
             lay.layer_bytes(tars[1], "gzip", oci.gzip_members),
             lay.layer_bytes(tars[2], "zstd", oci.zstd_frames),
             lay.layer_bytes(tars[3], "gzip"),
             lay.layer_bytes(tars[4], "gzip")]
    plain = [lay.layer_bytes(t, "gzip") for t in tars]
    lay.tag(lay.image(mixed, history=hist), "1")
    lay.tag(lay.image(plain, history=hist), "1-gzip")
    for tag, fills in (("lower-link", [link_lower, link_upper]),
                       ("order", [order_lower, order_upper]), ("dup", [duplicates]),
                       ("sparse", [sparse]), ("sparse-gnu", [sparse_gnu]),
                       ("numbers", [numbers]), ("pax-global", [pax_global]),
                       ("names", [names]), ("xattrs", [xattrs])):
        lay.tag(lay.image([lay.layer_bytes(tar_bytes(f)) for f in fills]), tag)
    lay.tag(lay.image([lay.layer_bytes(tars[0], "gzip", oci.gzip_fields)]),
            "gzip-fields")
    lay.save()


if __name__ == "__main__":
    main()
