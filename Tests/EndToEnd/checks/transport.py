# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""HTTP over plain and secure connections, and clients that are slow, greedy or in the way of a shutdown."""
import contextlib
import os
import signal
import socket
import ssl
import subprocess
import time

from fixtures.registry import Repository, digest_of
from fixtures.server import Server
from fixtures.site import Scope, run, stop, tool, wait_until
from fixtures.sockets import connection, head, read_all, read_answer, trickle
from fixtures.verdict import Failed, expect, expect_equal

LARGE = 24 << 20


def checks(site):
    with Scope("slow") as scope:
        server = Server(site, scope, settings={
            "WHARF_HTTP_HEADER_TIMEOUT": "1s", "WHARF_HTTP_IDLE_TIMEOUT": "5s", "WHARF_LIMITS_CONNECTIONS": "40",
            "WHARF_LIMITS_REQUESTS": "16"})
        repository = Repository(server, "transport/slow")
        large = repository.push_blob(os.urandom(LARGE))
        yield "a head that trickles is cut", lambda: slow_head(server)
        yield "a body that trickles is cut, and what came of it stays", lambda: slow_body(server, repository)
        yield "a client that does not take its answer is cut", lambda: no_reader(server, repository, large)
        yield "an answer may take longer than the idle time", lambda: slow_reader(server, repository, large)
        yield "a silent connection is closed after the idle time", lambda: silent(server)
        yield "a client of HTTP/1.0 is told whether its connection is kept", lambda: old_clients(server)
        yield "what is no HTTP, and what is too large, is refused", lambda: refused_heads(server)
        yield "100 is sent once the request is admitted", lambda: continued(server, repository)
        yield "an early error is seen by a client that is still sending", lambda: early_error(server)
        yield "a connection is used again after an early error with little left to read", lambda: kept(server)
        yield "more requests than the limit are answered 503", lambda: too_many_requests(server, repository)
        yield "more connections than the limit wait for their turn", lambda: too_many_connections(server)
        yield "a thousand unfinished uploads do not hold the server", lambda: many_uploads(server, repository)
    with Scope("few-files") as scope:
        server = Server(site, scope, prefix=[tool("prlimit"), "--nofile=400:400"])
        yield "few open files: connections wait, and uploads succeed beside them", lambda: few_files(server)
    with Scope("shutdown") as scope:
        yield "SIGTERM: what runs is finished", lambda: graceful(site, scope, "30s")
        yield "SIGTERM: what does not end is cut at the deadline", lambda: deadline(site, scope)
    with Scope("tls") as scope:
        names = make_certificate(scope, "first"), make_certificate(scope, "second")
        server = secure_server(site, scope)
        yield "HTTP/1.1 and HTTP/2 over TLS", lambda: secure(server, names[0])
        yield "a push over HTTP/2", lambda: push_over_http2(scope, server)
        yield "HTTP/2: an early error is seen, and the stream ends", lambda: early_error_over_http2(scope, server)
        yield "HTTP/2: a stream that is not taken ends, and its neighbours do not", lambda: stuck_stream(scope, server)
        yield "a new certificate is used without a restart", lambda: reload(scope, server, *names)
        yield "a bad new pair keeps the old one, and the log says so", lambda: bad_pair(scope, server)
        yield "SIGHUP reloads as well, and ends nothing", lambda: hang_up(server)
        yield "a handshake that trickles is cut", lambda: slow_handshake(server)
        yield "old protocols are refused", lambda: old_protocols(server)
        yield "a key that does not fit is refused at the start", lambda: misfit(site, scope)
        yield "SIGTERM: a transfer over HTTP/2 is finished", lambda: graceful_http2(scope, server)


# -- slow and greedy clients


def slow_head(server):
    with connection(server) as s:
        seconds = trickle(s, [b"G", b"ET /v2/ HTTP/1.1\r\n"] + [b"X: y\r\n"] * 200, 0.1)
        expect(seconds is not None and 0.5 < seconds < 5, "held for %s s" % seconds)


def slow_body(server, repository):
    place = repository.open_upload()
    with connection(server) as s:
        s.sendall(head(server, "PATCH", place, "Content-Length: 1000000"))
        seconds = trickle(s, [b"x"] * 100, 0.2)
        expect(seconds is not None and 3 < seconds < 12, "held for %s s" % seconds)
    answer = wait_until("the upload is free again", lambda: released(repository, place))
    stored = int(answer["Range"].split("-")[1]) + 1
    expect(1 < stored < 100, "%d bytes are left" % stored)
    repository.chunk(place, stored, b"more").expect(202, "PATCH after the cut")


def released(repository, place):
    answer = repository.send("GET", place)
    return answer if answer.status == 204 else None


def sockets(server):
    """The connections that the server holds, by the names of their inodes."""
    directory, found = "/proc/%d/fd" % server.process.pid, set()
    for name in os.listdir(directory):
        with contextlib.suppress(OSError):
            found.add(os.readlink(os.path.join(directory, name)))
    return {name for name in found if name.startswith("socket:")}


def inode_of_peer(server, s):
    """The server's end of a connection."""
    wanted = "%04X" % s.getsockname()[1]
    with open("/proc/net/tcp") as f:
        for line in f.readlines()[1:]:
            fields = line.split()
            if fields[2].endswith(":" + wanted) and fields[9] != "0":
                return "socket:[%s]" % fields[9]
    raise Failed("the connection is not in /proc/net/tcp")


def no_reader(server, repository, large):
    with connection(server, receive_buffer=4096) as s:
        s.sendall(head(server, "GET", "/v2/%s/blobs/%s" % (repository.name, large)))
        expect_equal(s.recv(4), b"HTTP", "the beginning of the answer")
        held = inode_of_peer(server, s)
        wait_until("the server gives up", lambda: held not in sockets(server), 20)


def slow_reader(server, repository, large):
    """Taking 24 MiB needs more than the idle time of 5 s, but some of it is always taken."""
    with connection(server, receive_buffer=1 << 16) as s:
        s.sendall(head(server, "GET", "/v2/%s/blobs/%s" % (repository.name, large), "Connection: close"))
        data, start = b"", time.monotonic()
        while True:
            piece = s.recv(1 << 18)
            if not piece:
                break
            data += piece
            if time.monotonic() - start < 8:
                time.sleep(0.1)
        body = data.partition(b"\r\n\r\n")[2]
        expect_equal(len(body), LARGE, "bytes")
        expect_equal(digest_of(body), large, "content")


def silent(server):
    with connection(server) as s:
        start = time.monotonic()
        expect_equal(s.recv(10), b"", "what came")
        expect(4 < time.monotonic() - start < 9, "closed after %.1f s" % (time.monotonic() - start))


def old_clients(server):
    request = "GET /livez HTTP/1.0\r\nHost: %s\r\n%%s\r\n" % server.address
    with connection(server) as s:
        for _ in range(3):
            s.sendall((request % "Connection: Keep-Alive\r\n").encode())
            top, body = read_answer(s)
            expect(b"connection: keep-alive" in top.lower(), top)
            expect_equal(body, b"ok\n", "the answer")
    with connection(server) as s:
        s.sendall((request % "").encode())
        data = read_all(s)
        expect(data.endswith(b"ok\n") and b"keep-alive" not in data.lower(), data)


def refused_heads(server):
    for text, status in ((b"hello\r\n\r\n", 400), (b"GET /v2/ HTTP/1.1\r\nbad header\r\n\r\n", 400),
                         (b"\x16\x03\x01\x02\x00\x01\x00", 400),
                         (head(server, "GET", "/v2/", "X: " + "x" * 70000), 431),
                         (head(server, "GET", "/v2/", *["X%d: %s" % (i, "x" * 100) for i in range(1000)]), 431)):
        with connection(server) as s:
            s.sendall(text)
            data = read_all(s)
            expect(data.startswith(b"HTTP/1.1 %d " % status), "%r: %r" % (text[:40], data[:200]))
            expect(b'{"errors":[{"code":' in data, "%r: no error: %r" % (text[:40], data))
    with connection(server) as s:
        s.sendall(head(server, "GET", "/v2/" + "a" * 9000 + "/tags/list"))
        top, body = read_answer(s)
        expect(top.startswith(b"HTTP/1.1 414 ") and b'"errors"' in body, "a long URL: %r %r" % (top, body))


def continued(server, repository):
    expects = ("Content-Length: 5", "Expect: 100-continue")
    with connection(server) as s:
        s.sendall(head(server, "PATCH", repository.open_upload(), *expects))
        expect_equal(s.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n", "before the body")
        s.sendall(b"hello")
        expect(read_answer(s)[0].startswith(b"HTTP/1.1 202 "), "PATCH")
    place = "/v2/%s/blobs/uploads/%s" % (repository.name, "0" * 32)
    for method in ("PATCH", "PUT"):
        with connection(server) as s:
            s.sendall(head(server, method, place + "?digest=" + digest_of(b"unknown"), *expects))
            data = read_all(s)
            expect(data.startswith(b"HTTP/1.1 404 ") and b"BLOB_UPLOAD_UNKNOWN" in data, "%s: %r" % (method, data))
            expect(b"connection: close" in data.lower(), "the connection is kept: %r" % data)


def early_error(server):
    """The client sends 64 MiB to an upload that does not exist; it must see why that fails, and soon."""
    start = time.monotonic()
    for fields in (["Content-Length: %d" % (64 << 20)], ["Transfer-Encoding: chunked"]):
        with connection(server) as s:
            s.sendall(head(server, "PATCH", "/v2/a/blobs/uploads/" + "0" * 32, *fields))
            data = b"x" * 65536
            sent = 0
            try:
                while sent < 64 << 20:
                    s.sendall(data if "Length" in fields[0] else b"10000\r\n" + data + b"\r\n")
                    sent += len(data)
            except OSError:
                pass
            answer = read_all(s)
            expect(answer.startswith(b"HTTP/1.1 404 "), "after %d bytes: %r" % (sent, answer[:100]))
            expect(sent < 64 << 20, "everything was read")
    expect(time.monotonic() - start < 10, "took %.1f s" % (time.monotonic() - start))


def kept(server):
    with connection(server) as s:
        for _ in range(3):
            s.sendall(head(server, "PATCH", "/v2/a/blobs/uploads/" + "0" * 32, "Content-Length: 100000") + b"x" * 100000)
            expect(read_answer(s)[0].startswith(b"HTTP/1.1 404 "), "PATCH")
        s.sendall(head(server, "GET", "/v2/"))
        expect(read_answer(s)[0].startswith(b"HTTP/1.1 200 "), "GET")


def too_many_requests(server, repository):
    """16 uploads are in progress: a 17th request is refused, and served once one of them ends."""
    places = [repository.open_upload() for _ in range(16)]
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(connection(server)) for _ in places]
        for s, place in zip(streams, places):
            s.sendall(head(server, "PATCH", place, "Content-Length: 5", "Expect: 100-continue"))
            expect(s.recv(100).startswith(b"HTTP/1.1 100"), "no 100")
        answer = repository.send("GET", "/v2/").expect_error(503, "UNAVAILABLE", "one too many")
        expect_equal(answer["Retry-After"], "1", "Retry-After")
        for probe in ("/livez", "/readyz"):
            repository.send("GET", probe).expect(200, probe + " of a busy server")
        for s in streams:
            s.sendall(b"hello")
            expect(read_answer(s)[0].startswith(b"HTTP/1.1 202 "), "PATCH")
    repository.send("GET", "/v2/").expect(200, "after them")


def too_many_connections(server):
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connection(server)) for _ in range(60)]
        late = held[-1]
        late.sendall(head(server, "GET", "/v2/"))
        late.settimeout(1)
        try:
            raise Failed("the 60th of 40 connections was served: %r" % late.recv(100))
        except TimeoutError:
            pass
        for s in held[:-1]:
            s.close()
        late.settimeout(20)
        expect(read_answer(late)[0].startswith(b"HTTP/1.1 200 "), "the last one")


def many_uploads(server, repository):
    before = len(os.listdir("/proc/%d/fd" % server.process.pid))
    places = [repository.open_upload() for _ in range(1000)]
    for place in places:
        repository.chunk(place, 0, b"x" * 100).expect(202, "PATCH")
    descriptors = len(os.listdir("/proc/%d/fd" % server.process.pid)) - before
    expect(descriptors < 300, "%d more open files" % descriptors)
    for place in places[::50]:
        repository.close_upload(place, digest_of(b"x" * 100)).expect(201, "PUT")


def few_files(server):
    repository = Repository(server, "transport/few")
    with contextlib.ExitStack() as stack:
        for _ in range(500):
            stack.enter_context(connection(server))
        expect(len(sockets(server)) < 100, "%d connections" % len(sockets(server)))
    data = os.urandom(1 << 20)
    repository.check_blob(data, wait_until("an upload succeeds", lambda: repository.push_blob(data)))
    expect("error" not in server.whole_log().lower(), "the log: " + server.last_words())


# -- shutdown


def graceful(site, scope, timeout):
    server = Server(site, scope, scope.directory("graceful"), {"WHARF_HTTP_SHUTDOWN_TIMEOUT": timeout})
    repository = Repository(server, "transport/end")
    data = os.urandom(LARGE)
    large, place = repository.push_blob(data), repository.open_upload()
    with connection(server, receive_buffer=1 << 16) as download, connection(server) as upload:
        download.sendall(head(server, "GET", "/v2/%s/blobs/%s" % (repository.name, large)))
        upload.sendall(head(server, "PATCH", place, "Content-Length: 10", "Expect: 100-continue"))
        expect(upload.recv(100).startswith(b"HTTP/1.1 100"), "no 100")
        server.process.send_signal(signal.SIGTERM)
        wait_until("the server listens no more", lambda: not is_listening(server), 10)
        expect(server.process.poll() is None, "the server has ended already")
        upload.sendall(b"0123456789")
        expect(read_answer(upload)[0].startswith(b"HTTP/1.1 202 "), "the upload in progress")
        expect(digest_of(read_answer(download)[1]) == large, "the download in progress")
    expect_equal(server.process.wait(20), 0, "status")
    server.start()
    repository.close_upload(place, digest_of(b"0123456789")).expect(201, "PUT after the restart")


def is_listening(server):
    try:
        with connection(server):
            return True
    except OSError:
        return False


def deadline(site, scope):
    server = Server(site, scope, scope.directory("deadline"), {"WHARF_HTTP_SHUTDOWN_TIMEOUT": "2s"})
    repository = Repository(server, "transport/end")
    large, place = repository.push_blob(os.urandom(LARGE)), repository.open_upload()
    with connection(server, receive_buffer=1 << 16) as download, connection(server) as upload:
        download.sendall(head(server, "GET", "/v2/%s/blobs/%s" % (repository.name, large)))
        upload.sendall(head(server, "PATCH", place, "Content-Length: 10", "Expect: 100-continue"))
        expect(upload.recv(100).startswith(b"HTTP/1.1 100"), "no 100")
        start = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        expect_equal(server.process.wait(20), 0, "status")
        expect(1 < time.monotonic() - start < 8, "ended after %.1f s" % (time.monotonic() - start))
    server.start()
    repository.chunk(place, 0, b"0123456789").expect(202, "PATCH after the restart")


# -- TLS


def make_certificate(scope, name):
    run(tool("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name,
        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path(scope, name + ".key"), "-out", path(scope, name + ".pem"))
    return name


def path(scope, name):
    return os.path.join(scope.path, name)


def install(scope, name, key=None):
    """Puts a pair where the server looks for it, each file by a rename, as the tools do that renew certificates."""
    for source, target in ((name + ".pem", "tls.pem"), ((key or name) + ".key", "tls.key")):
        run("cp", path(scope, source), path(scope, target + ".new"))
        os.rename(path(scope, target + ".new"), path(scope, target))


class SecureServer(Server):
    """A server whose checks are made by curl, without trust."""

    def is_ready(self):
        if self.process.poll() is not None:
            raise Failed("the server ended: " + self.last_words())
        return curl(self, "/readyz", check=False).returncode == 0


def secure_server(site, scope):
    install(scope, "first")
    return SecureServer(site, scope, settings={
        "WHARF_TLS_CERTIFICATE_FILE": path(scope, "tls.pem"), "WHARF_TLS_KEY_FILE": path(scope, "tls.key"),
        "WHARF_HTTP_HEADER_TIMEOUT": "2s", "WHARF_HTTP_IDLE_TIMEOUT": "5s"})


def curl(server, target, *options, check=True):
    return run(tool("curl"), "-sSk", "--max-time", "60", *options, "https://%s%s" % (server.address, target), check=check)


def shown(server):
    """The name on the certificate that a new connection gets."""
    result = run(tool("openssl"), "s_client", "-connect", server.address, "-alpn", "h2,http/1.1", check=False)
    for line in result.stdout.decode().splitlines():
        if line.startswith("subject="):
            return line.rsplit("=", 1)[1].strip()
    raise Failed("no certificate: %r" % result.stderr[-300:])


def secure(server, name):
    expect_equal(shown(server), name, "certificate")
    for option, version in (("--http1.1", b"1.1"), ("--http2", b"2")):
        said = curl(server, "/v2/", option, "-w", "\n%{http_version} %{http_code}").stdout
        expect_equal(said, b"{}\n%s 200" % version, option)
    with connection(server) as s:
        s.sendall(head(server, "GET", "/v2/"))
        expect(b"200" not in read_all(s), "plain HTTP was answered")


def push_over_http2(scope, server):
    data = os.urandom(LARGE)
    with open(path(scope, "blob"), "wb") as f:
        f.write(data)
    digest = digest_of(data)
    for option in ("--http2", "--http1.1"):
        name = "/v2/tls/a%s/blobs/" % option.replace("http", "").replace(".", "").strip("-")
        top = curl(server, name + "uploads/", option, "-X", "POST", "-D", "-").stdout.decode()
        place = next(line.split(": ", 1)[1].strip() for line in top.splitlines() if line.lower().startswith("location"))
        said = curl(server, place + "?digest=" + digest, option, "-T", path(scope, "blob"), "-w", "%{http_code}").stdout
        expect_equal(said, b"201", "PUT " + option)
        expect(curl(server, name + digest, option).stdout == data, "GET " + option)
        part = curl(server, name + digest, option, "-H", "Range: bytes=1000000-2999999").stdout
        expect(part == data[1000000:3000000], "a part " + option)


def early_error_over_http2(scope, server):
    said = curl(server, "/v2/a/blobs/uploads/" + "0" * 32, "--http2", "-X", "PATCH", "-H", "Expect:", "--data-binary",
                "@" + path(scope, "blob"), "-w", "%{http_code} %{size_upload}", check=False).stdout
    expect(b"BLOB_UPLOAD_UNKNOWN" in said and b" 404" in said.replace(b"\n", b" "), "%r" % said)


def stuck_stream(scope, server):
    """A client that opens a stream for a large blob and never gives more of its window."""
    digest = digest_of(open(path(scope, "blob"), "rb").read())
    with secure_stream(server, "h2") as s:
        s.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b""))
        s.sendall(frame(1, 5, 1, request(server, "/v2/tls/a2/blobs/" + digest)))
        kinds, start = {}, time.monotonic()
        while 3 not in kinds:
            kind, stream, payload = read_frame(s)
            if kind == 4 and payload:
                s.sendall(frame(4, 1, 0, b""))
            kinds[kind] = kinds.get(kind, 0) + len(payload)
        expect(3 < time.monotonic() - start < 14, "ended after %.1f s" % (time.monotonic() - start))
        expect_equal(kinds[0], 65535, "bytes of the blob")
        s.sendall(frame(1, 5, 3, request(server, "/readyz")))
        while read_frame(s)[:2] != (1, 3):
            pass


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def request(server, target):
    """GET in HPACK: three fields of the static table, two of them with values of their own."""
    text = lambda value: bytes((len(value),)) + value.encode()  # noqa: E731
    return b"\x82\x87\x04" + text(target) + b"\x01" + text(server.address)


def read_frame(s):
    top = read_exactly(s, 9)
    return top[3], int.from_bytes(top[5:9], "big"), read_exactly(s, int.from_bytes(top[:3], "big"))


def read_exactly(s, count):
    data = b""
    while len(data) < count:
        piece = s.recv(count - len(data))
        expect(piece, "the connection was closed")
        data += piece
    return data


def reload(scope, server, first, second):
    with secure_stream(server) as old:
        install(scope, second)
        wait_until("the new certificate is shown", lambda: shown(server) == second, 20, 0.2)
        old.sendall(head(server, "GET", "/v2/"))
        expect(read_answer(old)[0].startswith(b"HTTP/1.1 200 "), "a connection that was there before")
    install(scope, first)
    wait_until("the old certificate is shown again", lambda: shown(server) == first, 20, 0.2)


def secure_stream(server, protocol="http/1.1"):
    context = ssl.create_default_context()
    context.set_alpn_protocols([protocol])
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, port = server.address.split(":")
    return context.wrap_socket(socket.create_connection((host, int(port)), 20))


def bad_pair(scope, server):
    install(scope, "second", key="first")
    wait_until("the log tells of it", lambda: "the old one stays" in server.whole_log(), 20, 0.2)
    expect_equal(shown(server), "first", "certificate")
    os.unlink(path(scope, "tls.key"))
    expect_equal(shown(server), "first", "certificate without a key file")
    install(scope, "first")


def hang_up(server):
    before = server.whole_log().count("certificate reloaded")
    server.process.send_signal(signal.SIGHUP)
    wait_until("the log tells of it", lambda: server.whole_log().count("certificate reloaded") > before, 20, 0.2)
    expect_equal(shown(server), "first", "certificate")


def slow_handshake(server):
    with connection(server) as s:
        seconds = trickle(s, [b"\x16\x03\x01\x02\x00\x01"] + [b"\x00"] * 200, 0.1)
        expect(seconds is not None and 1 < seconds < 8, "held for %s s" % seconds)


def old_protocols(server):
    result = run(tool("openssl"), "s_client", "-connect", server.address, "-tls1_1", "-cipher", "ALL@SECLEVEL=0",
                 check=False)
    expect(result.returncode != 0, "TLS 1.1 was accepted")


def graceful_http2(scope, server):
    with open(path(scope, "blob"), "rb") as f:
        digest = digest_of(f.read())
    # 24 MiB at 8 MiB/s: three seconds.
    download = subprocess.Popen(
        [tool("curl"), "-sSk", "--http2", "--limit-rate", "8M", "https://%s/v2/tls/a2/blobs/%s" % (server.address, digest)],
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    scope.defer(stop, download)
    data = download.stdout.read(1 << 20)
    server.process.send_signal(signal.SIGTERM)
    data += download.stdout.read()
    expect_equal(digest_of(data), digest, "what came")
    expect_equal((download.wait(10), server.process.wait(20)), (0, 0), "status of curl and of the server")


def misfit(site, scope):
    for certificate, key, word in (("first.pem", "second.key", "fit"), ("none.pem", "first.key", "none.pem"),
                                   ("first.key", "first.key", "first.key"), ("first.pem", "first.pem", "first.pem")):
        environment = {**os.environ, "WHARF_TLS_CERTIFICATE_FILE": path(scope, certificate),
                       "WHARF_TLS_KEY_FILE": path(scope, key)}
        result = run(site.wharf, "serve", "--data", scope.directory("misfit"), "--listen", "127.0.0.1:0", check=False,
                     env=environment, timeout=30)
        expect_equal(result.returncode, 1, "status with %s and %s" % (certificate, key))
        expect(word.encode() in result.stderr, "said: %r" % result.stderr[-400:])
