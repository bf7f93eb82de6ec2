# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Writes OCI image layouts, and tar layers byte by byte.

Only the Python standard library is used, plus the programs pigz (or gzip)
and zstd for compression.  The tar writer is hand-made on purpose: the corpus
needs names that are not UTF-8, binary xattr values, pre-1970 times, sparse
members, wrong sizes and other things that the usual tar libraries refuse to
write.
"""
import gzip
import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import zlib

EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1700000000"))

MT_INDEX = "application/vnd.oci.image.index.v1+json"
MT_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
MT_CONFIG = "application/vnd.oci.image.config.v1+json"
MT_EMPTY = "application/vnd.oci.empty.v1+json"
MT_LAYER = "application/vnd.oci.image.layer.v1.tar"
SUFFIX = {"none": "", "gzip": "+gzip", "zstd": "+zstd"}

BLOCK = 512
CHUNK = 1 << 20


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def created(epoch=None):
    import datetime
    t = datetime.datetime.fromtimestamp(EPOCH if epoch is None else epoch,
                                        datetime.timezone.utc)
    return t.strftime("%Y-%m-%dT%H:%M:%SZ")


# --------------------------------------------------------------------- tar

def pax_record(key, value):
    """One 'LEN key=value\\n' record; LEN counts itself."""
    body = b" " + key + b"=" + value + b"\n"
    n = len(body)
    while True:
        total = len(body) + len(str(n))
        if total == n:
            return str(n).encode() + body
        n = total


def octal(value, width):
    return ("%0*o" % (width - 1, value)).encode() + b"\0"


def base256(value, width):
    """GNU binary number, for sizes that do not fit into octal digits."""
    raw = (value & ((1 << (8 * width)) - 1)).to_bytes(width, "big")
    return bytes([raw[0] | 0x80]) + raw[1:]


class TarWriter:
    """Writes ustar/PAX members to a file object with a write() method."""

    def __init__(self, out):
        self.out = out
        self.meta = {}                  # of the members so far, for links

    def header(self, name, type_=b"0", mode=0o644, uid=0, gid=0, size=0,
               mtime=EPOCH, link=b"", dev=(0, 0), prefix=b"", uname=b"",
               gname=b"", gnu=False, size_field=None, tail=None):
        h = bytearray(BLOCK)
        h[0:len(name)] = name
        h[100:108] = octal(mode & 0o7777, 8)
        h[108:116] = octal(uid if uid < 1 << 21 else 0, 8)
        h[116:124] = octal(gid if gid < 1 << 21 else 0, 8)
        if size_field is not None:
            h[124:136] = size_field
        else:
            h[124:136] = octal(size, 12) if size < 1 << 33 else base256(size, 12)
        h[136:148] = octal(max(0, min(int(mtime), (1 << 33) - 1)), 12)
        h[148:156] = b" " * 8
        h[156:157] = type_
        h[157:157 + len(link)] = link
        h[257:265] = b"ustar  \0" if gnu else b"ustar\x0000"
        h[265:265 + len(uname)] = uname
        h[297:297 + len(gname)] = gname
        h[329:337] = octal(dev[0], 8)
        h[337:345] = octal(dev[1], 8)
        h[345:345 + len(prefix)] = prefix
        if tail is not None:            # GNU sparse map and real size
            h[386:386 + len(tail)] = tail
        h[148:156] = b"%06o\0 " % sum(h)
        self.out.write(bytes(h))

    def pad(self, size):
        if size % BLOCK:
            self.out.write(b"\0" * (BLOCK - size % BLOCK))

    def pax(self, records, name=b"PaxHeaders/x", type_=b"x"):
        data = b"".join(pax_record(k, v) for k, v in records)
        self.header(name, type_, size=len(data))
        self.out.write(data)
        self.pad(len(data))

    def add(self, path, type_="f", data=b"", mode=None, uid=0, gid=0,
            mtime=EPOCH, mtime_ns=None, link=b"", xattrs=None, dev=(0, 0),
            size=None, pax=(), uname=b"", gname=b"", force_pax_path=False):
        """One member.  data is bytes or a readable file of `size` bytes;
        mtime_ns (an int, may be negative) wins over mtime.  A hard link
        without a mode repeats what its target said, as real archives do."""
        path, link = os.fsencode(path), os.fsencode(link)
        norm = os.path.normpath(b"/" + (link if type_ == "h" else path))
        if type_ == "h" and mode is None and norm in self.meta:
            mode, uid, gid, mtime, mtime_ns, xattrs = self.meta[norm]
        elif type_ != "h":
            self.meta[norm] = (mode, uid, gid, mtime, mtime_ns, xattrs)
        code = {"f": b"0", "h": b"1", "l": b"2", "c": b"3", "b": b"4",
                "d": b"5", "p": b"6"}[type_]
        if mode is None:
            mode = {"d": 0o755, "l": 0o777}.get(type_, 0o644)
        if type_ == "d" and path and not path.endswith(b"/"):
            path += b"/"
        if type_ != "f":
            size = 0
        elif size is None:
            size = len(data)
        rec = list(pax)
        name, prefix = path, b""
        if len(path) > 100:
            cut = path.rfind(b"/", 0, 156)
            if 0 < cut and 0 < len(path) - cut - 1 <= 100 and not force_pax_path:
                prefix, name = path[:cut], path[cut + 1:]
            else:
                rec.append((b"path", path))
                name = path[:100]
        elif force_pax_path:
            rec.append((b"path", path))
        if len(link) > 100:
            rec.append((b"linkpath", link))
        if size >= 1 << 33:
            rec.append((b"size", str(size).encode()))
        if uid >= 1 << 21:
            rec.append((b"uid", str(uid).encode()))
        if gid >= 1 << 21:
            rec.append((b"gid", str(gid).encode()))
        if mtime_ns is not None:
            sec, ns = divmod(abs(mtime_ns), 10**9)
            text = ("-" if mtime_ns < 0 else "") + str(sec)
            if ns:
                text += ".%09d" % ns
            rec.append((b"mtime", text.encode()))
            mtime = mtime_ns // 10**9
        for k, v in sorted((xattrs or {}).items()):
            rec.append((b"SCHILY.xattr." + os.fsencode(k), v))
        if rec:
            self.pax(rec)
        self.header(name, code, mode, uid, gid, size if size < 1 << 33 else 0,
                    mtime, link[:100], dev, prefix, uname, gname)
        if type_ == "f":
            self.body(data, size)

    def body(self, data, size):
        if isinstance(data, (bytes, bytearray)):
            self.out.write(data)
        else:
            left = size
            while left:
                b = data.read(min(CHUNK, left))
                if not b:
                    raise EOFError("file shrank while it was read")
                self.out.write(b)
                left -= len(b)
        self.pad(size)

    def close(self):
        self.out.write(b"\0" * (2 * BLOCK))


# ----------------------------------------------------------------- layers

class HashSink:
    """Passes bytes on and keeps their sha256 and length."""

    def __init__(self, out):
        self.out, self.h, self.size = out, hashlib.sha256(), 0

    def write(self, b):
        self.h.update(b)
        self.size += len(b)
        self.out.write(b)

    @property
    def digest(self):
        return "sha256:" + self.h.hexdigest()


def gzip_command(level=6):
    if shutil.which("pigz"):
        return ["pigz", "-n", "-T", "-p", "2", "-%d" % level, "-c"]
    return ["gzip", "-n", "-%d" % level, "-c"]


def gzip_members(data, parts=3):
    """A gzip file of several members."""
    step = max(1, len(data) // parts + 1)
    return b"".join(gzip.compress(data[at:at + step], 6, mtime=0)
                    for at in range(0, len(data), step))


def gzip_fields(data):
    """Two gzip members, of which the second carries every optional header
    field (FTEXT, FHCRC, FEXTRA, FNAME, FCOMMENT), and then an empty one."""
    half = len(data) // 2
    co = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = co.compress(data[half:]) + co.flush()
    head = (b"\x1f\x8b\x08" + bytes([1 | 2 | 4 | 8 | 16]) + b"\0\0\0\0\x02\x03"
            + b"\x06\x00XY\x02\x00ab" + b"layer.tar\0" + b"a comment\0")
    head += (zlib.crc32(head) & 0xffff).to_bytes(2, "little")
    tail = (zlib.crc32(data[half:]).to_bytes(4, "little")
            + (len(data[half:]) & 0xffffffff).to_bytes(4, "little"))
    return (gzip.compress(data[:half], 6, mtime=0) + head + raw + tail
            + gzip.compress(b"", mtime=0))


def zstd_frames(data, parts=2):
    """Several zstd frames with a skippable frame between and after them."""
    skip = (0x184D2A50).to_bytes(4, "little") + (8).to_bytes(4, "little") + b"skipped."
    step = max(1, len(data) // parts + 1)
    out = b""
    for at in range(0, len(data), step):
        out += subprocess.run(["zstd", "-q", "-6", "-c"], input=data[at:at + step],
                              stdout=subprocess.PIPE, check=True).stdout + skip
    return out


class Layout:
    """An OCI image layout directory; add blobs and tags, then save()."""

    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.join(path, "blobs", "sha256"), exist_ok=True)
        self.entries = []
        index = os.path.join(path, "index.json")
        if os.path.exists(index):
            with open(index) as f:
                self.entries = json.load(f)["manifests"]

    def blob_path(self, digest):
        return os.path.join(self.path, "blobs", *digest.split(":", 1))

    def put(self, data, media_type=None, **extra):
        digest = sha256(data)
        with open(self.blob_path(digest), "wb") as f:
            f.write(data)
        desc = {"mediaType": media_type, "digest": digest, "size": len(data)}
        desc.update(extra)
        return desc

    def put_json(self, obj, media_type, **extra):
        data = json.dumps(obj, separators=(",", ":"), ensure_ascii=False).encode()
        return self.put(data, media_type, **extra)

    def layer_bytes(self, tar, compression="gzip", encode=None):
        """A layer from tar bytes -> (descriptor, diff_id)."""
        if encode:
            data = encode(tar)
        elif compression == "gzip":
            data = gzip.compress(tar, 6, mtime=0)
        elif compression == "zstd":
            data = subprocess.run(["zstd", "-q", "-6", "-c"], input=tar,
                                  stdout=subprocess.PIPE, check=True).stdout
        else:
            data = tar
        return self.put(data, MT_LAYER + SUFFIX[compression]), sha256(tar)

    def layer_stream(self, fill, compression="gzip", level=6):
        """A layer written by fill(TarWriter), compressed while written."""
        tmp = os.path.join(self.path, "blobs", ".tmp-layer")
        with open(tmp, "wb") as out:
            if compression == "none":
                sink = HashSink(out)
                tw = TarWriter(sink)
                fill(tw)
                tw.close()
            else:
                cmd = gzip_command(level) if compression == "gzip" else \
                    ["zstd", "-q", "-%d" % level, "-c"]
                p = subprocess.Popen(cmd, stdin=subprocess.PIPE, stdout=out)
                sink = HashSink(p.stdin)
                tw = TarWriter(sink)
                fill(tw)
                tw.close()
                p.stdin.close()
                if p.wait():
                    raise RuntimeError("compressor failed")
        h = hashlib.sha256()
        with open(tmp, "rb") as f:
            while b := f.read(CHUNK):
                h.update(b)
        digest = "sha256:" + h.hexdigest()
        size = os.path.getsize(tmp)
        os.rename(tmp, self.blob_path(digest))
        return ({"mediaType": MT_LAYER + SUFFIX[compression], "digest": digest,
                 "size": size}, sink.digest)

    def image(self, layers, cmd=None, env=None, architecture="amd64",
              os_="linux", history=None, annotations=None, labels=None,
              epoch=None, subject=None, config_edit=None, manifest_edit=None):
        """An image manifest of [(descriptor, diff_id), ...] -> descriptor."""
        config = {
            "created": created(epoch), "architecture": architecture, "os": os_,
            "config": {"Env": env or ["PATH=/usr/local/sbin:/usr/local/bin:"
                                      "/usr/sbin:/usr/bin:/sbin:/bin"],
                       "Cmd": cmd or ["/bin/sh"]},
            "rootfs": {"type": "layers", "diff_ids": [d for _, d in layers]},
            "history": [{"created": created(epoch), "created_by": h}
                        for h in (history or ["corpus"] * len(layers))],
        }
        if labels:
            config["config"]["Labels"] = labels
        if config_edit:
            config_edit(config)
        manifest = {"schemaVersion": 2, "mediaType": MT_MANIFEST,
                    "config": self.put_json(config, MT_CONFIG),
                    "layers": [d for d, _ in layers]}
        if subject:
            manifest["subject"] = {k: subject[k] for k in ("mediaType", "digest", "size")}
        if annotations:
            manifest["annotations"] = annotations
        if manifest_edit:
            manifest_edit(manifest)
        desc = self.put_json(manifest, MT_MANIFEST)
        desc["platform"] = {"architecture": architecture, "os": os_}
        return desc

    def tag(self, desc, name=None):
        """Lists desc in index.json, under a tag if name is given."""
        desc = dict(desc)
        if name:
            self.entries = [e for e in self.entries if
                            e.get("annotations", {}).get(
                                "org.opencontainers.image.ref.name") != name]
            desc["annotations"] = {"org.opencontainers.image.ref.name": name}
        self.entries.append(desc)

    def save(self):
        with open(os.path.join(self.path, "oci-layout"), "w") as f:
            f.write('{"imageLayoutVersion":"1.0.0"}')
        with open(os.path.join(self.path, "index.json"), "w") as f:
            json.dump({"schemaVersion": 2, "mediaType": MT_INDEX,
                       "manifests": self.entries}, f, separators=(",", ":"))


# ------------------------------------------------- snapshots of directories

class Entry:
    __slots__ = ("kind", "mode", "uid", "gid", "size", "mtime_ns", "ino",
                 "nlink", "rdev", "link", "xattrs")

    def same(self, o):
        return all(getattr(self, k) == getattr(o, k) for k in
                   ("kind", "mode", "uid", "gid", "size", "mtime_ns", "rdev",
                    "link", "xattrs")) and (self.kind == "d" or self.ino == o.ino)


KINDS = {stat.S_IFREG: "f", stat.S_IFDIR: "d", stat.S_IFLNK: "l",
         stat.S_IFCHR: "c", stat.S_IFBLK: "b", stat.S_IFIFO: "p"}


def snapshot(root, prune=()):
    """All entries under root, {relative path (bytes): Entry}.  The contents
    of the directories named in prune are left out, as are sockets."""
    root = os.fsencode(root)
    prune = {os.fsencode(p) for p in prune}
    out, todo = {}, [b""]
    while todo:
        rel = todo.pop()
        with os.scandir(os.path.join(root, rel) if rel else root) as it:
            for d in it:
                path = rel + b"/" + d.name if rel else d.name
                st = d.stat(follow_symlinks=False)
                kind = KINDS.get(stat.S_IFMT(st.st_mode))
                if kind is None:
                    continue
                e = Entry()
                e.kind, e.mode = kind, stat.S_IMODE(st.st_mode)
                e.uid, e.gid = st.st_uid, st.st_gid
                e.size = st.st_size if kind == "f" else 0
                e.mtime_ns, e.ino = st.st_mtime_ns, (st.st_dev, st.st_ino)
                e.nlink = st.st_nlink if kind == "f" else 1
                e.rdev = st.st_rdev if kind in "cb" else 0
                full = root + b"/" + path
                e.link = os.readlink(full) if kind == "l" else b""
                e.xattrs = {n: os.getxattr(full, n, follow_symlinks=False)
                            for n in os.listxattr(full, follow_symlinks=False)
                            if n != "security.selinux"}
                out[path] = e
                if kind == "d" and path not in prune:
                    todo.append(path)
    return out


def write_tree(tw, root, entries, paths, clamp):
    """Writes the given paths of a snapshot; times after `clamp` (seconds)
    become `clamp`, and all times are cut to whole seconds."""
    root = os.fsencode(root)
    paths = set(paths)
    groups = {}
    for p, e in entries.items():
        if e.kind == "f" and e.nlink > 1:
            groups.setdefault(e.ino, []).append(p)
    for p in list(paths):               # a hard link group goes as a whole
        if p in entries and entries[p].ino in groups:
            paths.update(groups[entries[p].ino])
    first = {}
    for p in sorted(paths):
        e = entries[p]
        kw = dict(mode=e.mode, uid=e.uid, gid=e.gid, xattrs=e.xattrs,
                  mtime=min(e.mtime_ns // 10**9, clamp))
        if e.kind == "f" and e.ino in groups:
            if e.ino in first:
                tw.add(p, "h", link=first[e.ino], **kw)
                continue
            first[e.ino] = p
        if e.kind == "f":
            with open(root + b"/" + p, "rb") as f:
                tw.add(p, "f", data=f, size=e.size, **kw)
        elif e.kind == "l":
            tw.add(p, "l", link=e.link, **kw)
        elif e.kind in "cb":
            tw.add(p, e.kind, dev=(os.major(e.rdev), os.minor(e.rdev)), **kw)
        else:
            tw.add(p, e.kind, **kw)


def changes(old, new):
    """(paths added or changed, paths removed) between two snapshots; of a
    removed directory only its top is listed."""
    changed = [p for p, e in new.items() if p not in old or not e.same(old[p])]
    gone = {p for p in old if p not in new}
    # A directory that became something else hides its old contents anyway.
    top = [p for p in gone if os.path.dirname(p) not in gone
           and (not os.path.dirname(p) or new.get(os.path.dirname(p), None)
                and new[os.path.dirname(p)].kind == "d")]
    return changed, top


def with_parents(paths, entries):
    """Adds the parent directories of all paths."""
    out = set(paths)
    for p in paths:
        while p := os.path.dirname(p):
            if p in out and p in entries:
                break
            out.add(p)
    return {p for p in out if p in entries}


def whiteout(path):
    d, n = os.path.split(os.fsencode(path))
    return (d + b"/" if d else b"") + b".wh." + n


def tar_bytes(fill, close=True):
    buf = io.BytesIO()
    tw = TarWriter(buf)
    fill(tw)
    if close:
        tw.close()
    return buf.getvalue()
