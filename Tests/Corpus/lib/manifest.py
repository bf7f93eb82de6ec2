# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""The listing format that rootfs-manifest and image-manifest share.

One line per path, sorted by path, columns separated by one blank:

  path type mode uid gid size mtime sha256 link xattrs hardlink

  path      '.' or './a/b'; bytes other than printable ASCII, and '%', are
            written %XX
  type      f file, d directory, l symbolic link, c b device, p pipe, s socket
  mode      four octal digits; '-' for symbolic links
  size      bytes of a file, MAJOR,MINOR of a device, else '-'
  mtime     seconds.nanoseconds, rounded down (-1.5 is -2.500000000)
  sha256    of a file's content, else '-'
  link      target of a symbolic link, else '-'
  xattrs    the first 16 digits of a sha256 of all names and values, or '-'
  hardlink  '=' and the first path of the group, or '-' for a single name

'?' in a column means: not specified; it matches everything in a comparison.
"""
import hashlib
import os

COLUMNS = ("path", "type", "mode", "uid", "gid", "size", "mtime", "sha256",
           "link", "xattrs", "hardlink")

# Left out by default: what the host or an overlay adds by itself.
IGNORED_XATTRS = ("security.selinux", "trusted.overlay.", "user.overlay.origin",
                  "user.overlay.impure", "user.containers.override_stat",
                  "user.rootlesscontainers")

_SAFE = frozenset(range(0x21, 0x7f)) - {ord("%")}


def quote(raw):
    return "".join(chr(c) if c in _SAFE else "%%%02X" % c for c in raw)


def show_path(rel):
    return "./" + quote(rel) if rel else "."


def show_mtime(ns):
    if ns is None:
        return "?"
    return "%d.%09d" % divmod(ns, 10**9)


def xattr_hash(xattrs, full=False):
    items = sorted((os.fsencode(k), v) for k, v in xattrs.items()
                   if not k.startswith(IGNORED_XATTRS))
    if not items:
        return "-"
    if full:
        return ",".join(quote(k) + "=" + v.hex() for k, v in items)
    h = hashlib.sha256()
    for k, v in items:
        h.update(b"%d %s%d " % (len(k), k, len(v)) + v)
    return h.hexdigest()[:16]


def line(rel, kind, mode, uid, gid, size, mtime, sha, link, xattrs, first):
    return " ".join((
        show_path(rel), kind, "-" if kind == "l" else mode, str(uid), str(gid),
        str(size), mtime, sha or "-", quote(link) if kind == "l" else "-",
        xattrs, "=" + show_path(first) if first is not None else "-"))


def blank(text, ignore):
    """Replaces columns by '?'.  ignore holds column names, or TYPE:COLUMN for
    one type of entry (d:mtime)."""
    if not ignore:
        return text
    cols = text.split(" ")
    for i, name in enumerate(COLUMNS):
        if name in ignore or cols[1] + ":" + name in ignore:
            cols[i] = "?"
    return " ".join(cols)


def compare(a_lines, b_lines, ignore=(), names=("A", "B"), out=print):
    """Prints the differences, returns how many paths differ."""
    def load(lines):
        d = {}
        for text in lines:
            text = text.rstrip("\n")
            if text and not text.startswith("#"):
                d[text.split(" ", 1)[0]] = blank(text, ignore).split(" ")
        return d
    a, b = load(a_lines), load(b_lines)
    n = 0
    for path in sorted(a.keys() | b.keys()):
        if path not in b:
            out("only in %s: %s" % (names[0], " ".join(a[path])))
        elif path not in a:
            out("only in %s: %s" % (names[1], " ".join(b[path])))
        else:
            diff = ["%s %s -> %s" % (c, x, y) for c, x, y in
                    zip(COLUMNS, a[path], b[path]) if x != y and "?" not in (x, y)]
            if not diff:
                continue
            out("%s: %s" % (path, "; ".join(diff)))
        n += 1
    return n
