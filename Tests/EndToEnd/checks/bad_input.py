# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Input that is wrong by accident or on purpose: the right refusal, nothing lost, nothing left."""
import contextlib
import os
import random
import socket
import struct
import threading

from fixtures.registry import (BYTES, OCI_MANIFEST, Repository, compact, descriptor, digest_of, with_query)
from fixtures.server import Server
from fixtures.site import Scope, run, wait_until
from fixtures.sockets import connection, head, read_all, read_answer
from fixtures.verdict import expect, expect_equal

ROUNDS = 1500


def checks(site):
    with Scope("bad-input") as scope:
        server = Server(site, scope)
        repository = Repository(server, "bad/input")
        image, digest = repository.push_image("good")
        places = lambda: tree(scope.path, server.data)  # noqa: E731
        before = places()
        yield "paths that try to leave the registry", lambda: paths(server)
        yield "malformed references, digests and parameters", lambda: parameters(repository)
        yield "lengths that are not true", lambda: lengths(server, repository)
        yield "bodies that break off", lambda: broken_bodies(server, repository)
        yield "chunks that are none", lambda: broken_chunks(server, repository)
        yield "one content under two algorithms", lambda: two_algorithms(repository)
        yield "noise in targets and headers", lambda: noise(server, site.is_long)
        yield "noise in manifests", lambda: manifest_noise(repository, image, site.is_long)
        yield "a tag that is moved while others read it", lambda: tag_race(server)
        yield "the same blob, pushed by eight at once", lambda: blob_race(server)
        yield "after all of it the image is there, and the log knows of no fault", lambda: unharmed(
            server, repository, image, digest)
        yield "nothing was written outside of the data directory", lambda: expect_equal(places(), before, "files")
    with Scope("full") as scope:
        server = small_disk(site, scope)
        yield "a full disk in the middle of a PUT, a PATCH, a POST and a manifest", lambda: full_disk(server)


def tree(path, without):
    return sorted(os.path.join(d, f) for d, _, files in os.walk(path) if not d.startswith(without) for f in files
                  if not f.endswith(".log"))


def raw(server, text):
    """Sends bytes as they are and returns the status and what came with it."""
    with connection(server) as s:
        s.sendall(text)
        try:
            top, body = read_answer(s)
        except ConnectionResetError:
            return None, b""
        return int(top.split()[1]), body


def paths(server):
    for path in ("/v2/../../etc/passwd", "/v2/a/../../../etc/passwd", "/v2/%2e%2e/%2e%2e/etc/passwd", "/v2//etc/passwd",
                 "/v2/a/blobs/../../../../etc/passwd", "/v2/a/blobs/sha256:../../../../etc/passwd",
                 "/v2/a%2F..%2F..%2Fetc/manifests/x", "/v2/a/manifests/..%2F..%2Fx", "/v2/a/manifests/%2e%2e",
                 "/v2/a/blobs/uploads/../../../x", "/v2/a/blobs/uploads/%2e%2e%2f" + "a" * 26, "/v2/a%00b/tags/list",
                 "/v2/a/tags/list/../list", "/v2/\\..\\..\\x/tags/list", "/v2/a/%", "/v2/a/%zz/tags/list", "/v2/%ff%fe/tags/list",
                 "/v2/.", "/v2/..", "/v2/a/./tags/list", "/v2/CON/tags/list", "/v2/a b/tags/list".replace(" ", "%20")):
        status, body = raw(server, head(server, "GET", path, "Connection: close"))
        expect(status in (400, 404, 405), "%s: %s %r" % (path, status, body[:100]))
        expect(b'{"errors":[{"code":"' in body and b"root:" not in body, "%s: %r" % (path, body[:200]))
    for line in ("GET v2 HTTP/1.1", "GET * HTTP/1.1", "GET  HTTP/1.1",
                 "CONNECT a:1 HTTP/1.1", "G\x01T /v2/ HTTP/1.1", "GET /v2/ HTTP/9.9", "GET /v2/\x01 HTTP/1.1"):
        with connection(server) as s:
            s.sendall((line + "\r\nHost: x\r\nConnection: close\r\n\r\n").encode())
            data = read_all(s)
            expect(data == b"" or 400 <= int(data.split()[1]) < 500, "%r: %r" % (line, data[:100]))


def parameters(repository):
    for tag in ("x" * 129, ".x", "-x", "a%20b", "a%2Fb", "%C3%A4", "x%00"):
        repository.put(tag, b"{}").expect((400, 404), "tag " + tag)
        repository.get(tag).expect((400, 404), "tag " + tag)
    good = digest_of(b"x")
    for digest in ("sha256:", "sha256", ":" + "0" * 64, good.upper(), good[:-1], good + "0", "sha256:" + "g" * 64,
                   "sha512:" + "0" * 64, "md5:" + "0" * 32, "sha256:" + "0" * 63 + "%0A", "sha256%253A" + "0" * 64, "blake3:" + "0" * 64):
        for path in ("blobs/", "manifests/", "referrers/"):
            if ":" in digest or path != "manifests/":
                repository.send("GET", path + digest).expect_error(400, "DIGEST_INVALID", path + digest)
        place = repository.open_upload()
        repository.send("PUT", place + "?digest=" + digest, b"x", BYTES).expect_error(400, "DIGEST_INVALID", digest)
        repository.send("DELETE", place).expect(204, "the upload was not touched")
    for query in ("n=%00", "n=1e3", "n=0x10", "n= 1".replace(" ", "%20"), "n=-0", "n=+1"):
        repository.send("GET", "tags/list?" + query).expect_error(400, "PAGINATION_NUMBER_INVALID", query)
    for query in ("last=%00", "last=" + "z" * 5000, "n=1&n=2", "x", "=", "&&&", "last"):
        repository.send("GET", "tags/list?" + query).expect(200, query)
    repository.send("GET", "referrers/%s?after=x" % good).expect(400, "a place that is none")
    repository.send("GET", "referrers/%s?after=-99999999999999999999" % good).expect(400, "a place that is none")
    repository.send("GET", "referrers/%s?after=-1" % good).expect(200, "a place before all")


def lengths(server, repository):
    place = repository.open_upload()
    for header in ("0-10", "0-8", "5-4", "-1", "1-", "a-b", "0-9223372036854775807", "0-99999999999999999999", "bytes=0-9"):
        answer = repository.send("PATCH", place, b"0123456789", {**BYTES, "Content-Range": header})
        answer.expect((400, 416), "Content-Range: " + header)
        expect_equal(repository.send("GET", place)["Range"], "0-0", "Range after " + header)
    repository.chunk(place, 0, b"0123456789").expect(202, "PATCH")
    # In chunks the length is known only at the end.
    for count in (5, 20):
        answer = repository.send("PATCH", place, iter([b"x" * 10]), {**BYTES, "Content-Range": "10-%d" % (9 + count)})
        answer.expect_error(400, "SIZE_INVALID", "ten bytes for %d" % count)
        expect_equal(repository.send("GET", place)["Range"], "0-9", "Range after it")
    repository.close_upload(place, digest_of(b"0123456789")).expect(201, "PUT")
    for fields in (("Content-Length: -1",), ("Content-Length: 5", "Content-Length: 6"), ("Content-Length: 1e3",),
                   ("Content-Length: 99999999999999999999",), ("Content-Length: 5", "Transfer-Encoding: chunked"),
                   ("Transfer-Encoding: chunked, gzip",), ("Transfer-Encoding: gzip",)):
        with connection(server) as s:
            s.sendall(head(server, "PATCH", repository.open_upload(), *fields) + b"hello")
            s.shutdown(socket.SHUT_WR)
            data = read_all(s)
            expect(data == b"" or data.startswith(b"HTTP/1.1 4"), "%s: %r" % (fields, data[:100]))


def broken_bodies(server, repository):
    """The client goes away in the middle: what came of an upload stays, and of a manifest nothing."""
    data = os.urandom(1 << 20)
    for reset in (False, True):
        place = repository.open_upload()
        cut(head(server, "PATCH", place, "Content-Length: %d" % len(data)) + data[:700000], server, reset)
        answer = wait_until("the upload is free", lambda: free(repository, place))
        at = int(answer["Range"].split("-")[1]) + 1
        expect(at in (1, 700000) or reset and at <= 700000, "%d bytes stayed" % at)
        at = at if at > 1 else 0
        repository.close_upload(place, digest_of(data), data[at:], {"Content-Range": "%d-%d" % (at, len(data) - 1)}).expect(
            201, "the rest")
        repository.delete_blob(digest_of(data))
        cut(head(server, "PUT", "/v2/%s/manifests/half" % repository.name, "Content-Length: 1000",
                 "Content-Type: " + OCI_MANIFEST) + b'{"schemaVersion":2}', server, reset)
        # A PUT that is cut keeps its upload, so that a second one can go on.
        place = repository.open_upload()
        cut(head(server, "PUT", with_query(place, digest=digest_of(data)), "Content-Length: %d" % len(data)) + data[:99999],
            server, reset)
        wait_until("the upload is free", lambda: free(repository, place))
        repository.send("DELETE", place).expect(204, "DELETE")
        # Of a blob in one request nobody can go on.
        cut(head(server, "POST", with_query("/v2/%s/blobs/uploads/" % repository.name, digest=digest_of(data)),
                 "Content-Length: %d" % len(data)) + data[:99999], server, reset)
    repository.get("half").expect(404, "half a manifest")
    wait_until("no upload is left", lambda: not uploads(server), 20)


def cut(text, server, reset):
    with connection(server) as s:
        s.sendall(text)
        if reset:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def free(repository, place):
    answer = repository.send("GET", place)
    return answer if answer.status == 204 else None


def uploads(server):
    """Unfinished uploads that have bytes."""
    directory = os.path.join(server.data, "uploads")
    return [f for f in os.listdir(directory) if os.path.getsize(os.path.join(directory, f))]


def broken_chunks(server, repository):
    for text in (b"zz\r\nhello\r\n", b"5\r\nhelloXX", b"-5\r\nhello\r\n", b"ffffffffffffffff1\r\nx", b"5;" + b"x" * 100000):
        place = repository.open_upload()
        with connection(server) as s:
            s.sendall(head(server, "PATCH", place, "Transfer-Encoding: chunked") + b"2\r\nok\r\n" + text)
            s.shutdown(socket.SHUT_WR)
            data = read_all(s)
            expect(data == b"" or data.startswith(b"HTTP/1.1 4"), "%r: %r" % (text[:20], data[:100]))
        wait_until("the upload is free", lambda: free(repository, place))
        repository.send("DELETE", place).expect(204, "DELETE")


def two_algorithms(repository):
    data = os.urandom(100)
    short, long = digest_of(data), digest_of(data, "sha512")
    repository.push_blob(data)
    repository.send("GET", "blobs/" + long).expect_error(404, "BLOB_UNKNOWN", "the other algorithm")
    # A digest of one algorithm with the length of the other, and one that begins like another one.
    repository.send("GET", "blobs/sha512:" + short.split(":")[1]).expect(400, "sha512 that is too short")
    repository.send("GET", "blobs/sha256:" + long.split(":")[1][:64]).expect(404, "sha256 out of a sha512")
    repository.push_blob(data, "sha512")
    repository.delete_blob(short)
    repository.check_blob(data, long)
    manifest = compact({"schemaVersion": 2, "config": descriptor("a/b", data), "layers": []})
    repository.put("x", manifest).expect_error(404, "MANIFEST_BLOB_UNKNOWN", "a config under its other digest")
    repository.delete_blob(long)


def noise(server, is_long):
    """Random requests: every one gets an answer of the protocol, none a 5xx, and the server goes on."""
    seed = int.from_bytes(os.urandom(4), "big")
    print("        seed %d" % seed, flush=True)
    dice = random.Random(seed)
    words = ["v2", "blobs", "uploads", "manifests", "tags", "list", "referrers", "_catalog", "a", "..", ".", "", "%2F", "%00", "A",
             "sha256:" + "0" * 64, "sha512:" + "f" * 128, "sha256:x", "?", "&", "digest=", "n=", "last=", "mount=", "from=", "tag=",
             "artifactType=", "x" * 300, "%", "%zz", "\u00e4", "9" * 30, "-1", ";", "=", "+", "%2B", "after="]
    fields = ["Range: bytes=", "Content-Range: ", "If-None-Match: ", "If-Match: ", "If-Range: ", "Accept: ", "Content-Type: ",
              "Expect: ", "Content-Encoding: "]
    values = ["0-1", "bytes 0-1/2", "bytes=9-", "*", '"', '"x"', "W/", ",", "-", "99999999999999999999-", "\u00ff", "100-continue", ""]
    with Pool(server) as pool:
        for _ in range(ROUNDS * (20 if is_long else 1)):
            target = "/v2/" + "/".join(dice.choice(words) for _ in range(dice.randrange(6)))
            if dice.random() < 0.5:
                target += "?" + "".join(dice.choice(words) for _ in range(dice.randrange(5)))
            more = [dice.choice(fields) + dice.choice(values) for _ in range(dice.randrange(3))]
            method = dice.choice(("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "FOO"))
            body = dice.choice((b"", b"x", b"{}"))
            text = head(server, method, target, "Content-Length: %d" % len(body), *more)
            status, answer = pool.ask(text + body, method)
            expect(status is not None and status < 500, "%s %r %s: %s %r" % (method, target, more, status, answer[:200]))
            if status >= 400 and status != 416 and method != "HEAD" and answer:
                expect(answer.startswith(b'{"errors":[{"code":"'), "%s %r: %r" % (method, target, answer[:200]))


class Pool:
    """One connection that is used as long as it lives."""

    def __init__(self, server):
        self.server, self.socket = server, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.socket:
            self.socket.close()

    def ask(self, text, method):
        for _ in range(2):
            if self.socket is None:
                host, port = self.server.address.split(":")
                self.socket = socket.create_connection((host, int(port)), 20)
            try:
                self.socket.sendall(text)
                return self.answer(method)
            except (OSError, EOFError):
                self.socket.close()
                self.socket = None
        return None, b""

    def answer(self, method):
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                piece = self.socket.recv(1 << 16)
                if not piece:
                    raise EOFError
                data += piece
            top, _, data = data.partition(b"\r\n\r\n")
            status = int(top.split()[1])
            if status >= 200:
                break
        fields = dict(line.lower().split(b": ", 1) for line in top.split(b"\r\n")[1:])
        length = 0 if method == "HEAD" or status in (204, 304) else int(fields.get(b"content-length", 0))
        while len(data) < length:
            data += self.socket.recv(1 << 16)
        if fields.get(b"connection") == b"close":
            self.socket.close()
            self.socket = None
        return status, data


def manifest_noise(repository, image, is_long):
    seed = int.from_bytes(os.urandom(4), "big")
    print("        seed %d" % seed, flush=True)
    dice = random.Random(seed)
    pieces = [b'"', b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"-1", b"1e999", b"99999999999999999999", b"\\u0000", b"\\ud800",
              b"\x00", b"\xff", b"\xef\xbb\xbf", b'"config"', b'"layers"', b'"manifests"', b'"subject"', b'"size"', b"[" * 100]
    for _ in range(ROUNDS * (20 if is_long else 1)):
        data = bytearray(image)
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(data))
            data[at:at + dice.randrange(12)] = dice.choice(pieces)
        answer = repository.put("noise", bytes(data))
        answer.expect((201, 400, 404), "a manifest with noise: %r" % bytes(data))
        if answer.status == 201:
            expect(repository.get("noise").body == bytes(data), "what was accepted came back changed")


def tag_race(server):
    """Readers see the old manifest or the new one, never nothing, never half of it."""
    repository = Repository(server, "bad/race")
    images = [repository.push_image(None, "race %d" % i)[0] for i in range(2)]
    repository.put("x", images[0]).expect(201, "PUT")
    ended, wrong = threading.Event(), []

    def read():
        while not ended.is_set():
            answer = repository.get("x")
            if answer.status != 200 or answer.body not in images:
                wrong.append((answer.status, answer.body[:100]))
    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for i in range(100):
        repository.put("x", images[i % 2]).expect(201, "PUT")
    ended.set()
    for reader in readers:
        reader.join()
    expect(not wrong, "readers saw %s" % wrong[:3])


def blob_race(server):
    repository = Repository(server, "bad/eight")
    data, statuses = os.urandom(3 << 20), []

    def push():
        place = repository.open_upload()
        statuses.append(repository.close_upload(place, digest_of(data), data).status)
    writers = [threading.Thread(target=push) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    expect_equal(statuses, [201] * 8, "statuses")
    repository.check_blob(data, digest_of(data))


def unharmed(server, repository, image, digest):
    expect(server.process.poll() is None, "the server has ended")
    repository.check_manifest("good", image, OCI_MANIFEST, digest)
    repository.check_blob(b"layer", digest_of(b"layer"))
    log = server.whole_log()
    expect("error" not in log.lower(), "the log: %s" % log[-1500:])


def small_disk(site, scope):
    data = scope.directory("data")
    run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", data)
    scope.defer(run, "umount", "-l", data)
    return Server(site, scope, data)


def full_disk(server):
    repository = Repository(server, "bad/full")
    image, digest = repository.push_image("good")
    data = os.urandom(40 << 20)
    name, place = with_query("blobs/uploads/", digest=digest_of(data)), repository.open_upload()
    repository.chunk(place, 0, b"0123456789").expect(202, "PATCH")
    for what, send in (
            ("POST", lambda: repository.send("POST", name, data, BYTES)),
            ("PUT", lambda: repository.close_upload(repository.open_upload(), digest_of(data), data)),
            ("PATCH", lambda: repository.send("PATCH", place, data, BYTES))):
        send().expect_error(507, "UNAVAILABLE", what)
        used = sum(os.path.getsize(os.path.join(server.data, "uploads", f)) for f in uploads(server))
        expect(used < 100, "%s has left %d bytes" % (what, used))
    expect_equal(repository.send("GET", place)["Range"], "0-9", "the upload that was there")
    repository.check_manifest("good", image, OCI_MANIFEST, digest)
    fill(os.path.join(server.data, "filler"))
    answer = repository.put("more", image + b" " * 3_000_000)
    answer.expect_error(507, "UNAVAILABLE", "a manifest")
    expect(server.is_ready(), "the server is not ready")
    os.unlink(os.path.join(server.data, "filler"))
    repository.put("more", image).expect(201, "a manifest, with space again")
    repository.close_upload(place, digest_of(b"0123456789")).expect(201, "the upload that was there")


def fill(path):
    """Takes what is left of the disk but for some pages, so that the database cannot hold another large row."""
    with open(path, "wb", buffering=0) as f, contextlib.suppress(OSError):
        while f.write(b"x" * 4096):
            pass
