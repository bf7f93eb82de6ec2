# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Nodes hear of new revisions: by streams, through a site's cache, as the stock client asks, and from servers that lie."""
import base64
import glob
import json
import os
import threading
import time

from fixtures.images import push_by_layout
from fixtures.listeners import PLACE, Crowd, Liar, Stream, event_of, revision_of, stream_of
from fixtures.mount import Mount
from fixtures.server import REPOSITORY, Server
from fixtures.site import Scope, run, wait_until
from fixtures.squid import Squid
from fixtures.verdict import expect, expect_equal

MANIFEST = "/cvmfs/%s/.cvmfspublished" % REPOSITORY


def checks(site):
    with Scope("streams") as scope:
        server = Server(site, scope, settings={"WHARF_NOTIFICATIONS_HEARTBEAT": "1s", "WHARF_NOTIFICATIONS_WAIT": "2s"})
        push = Pusher(site, server)
        yield "a stream carries the signed manifest, resumes, and beats", lambda: streams(server, push)
        yield "a request for the next revision waits for it, and says so when there is none", lambda: waits(server, push)
        yield "the stock client's subscription, byte by byte", lambda: stock(server, push)
        yield "what makes no sense is refused", lambda: refused(server)
        yield "SIGTERM ends streams at once, with status 0", lambda: ends(server)
    with Scope("limits") as scope:
        server = Server(site, scope, settings={"WHARF_LIMITS_NOTIFICATIONS": "20", "WHARF_LIMITS_REQUESTS": "16"})
        yield "streams have a limit of their own, and leave requests theirs", lambda: limits(server)
    with Scope("many") as scope:
        server = Server(site, scope)
        yield "1,000 streams hear within a second, and cost little memory", lambda: many(site, server)
    with Scope("listen") as scope:
        server = Server(site, scope)
        push = Pusher(site, server)
        yield "a mount that would ask in an hour shows a push within a second", lambda: mount_hears(
            site, scope, server, push)
        yield "notifications=off only asks", lambda: off(site, scope, server, push)
        yield "a mount listens again after the server was killed", lambda: again(site, scope, server, push)
        for name, tell in lies(server):
            yield "a server that tells of %s is dropped, and asked" % name, lambda tell=tell, name=name: lied_to(
                site, scope, server, push, name.split()[-1], tell)
    with Scope("joined") as scope:
        squid = Squid(scope, ["collapsed_forwarding on", "max_filedescriptors 8192"])
        server = Server(site, scope, settings={"WHARF_NOTIFICATIONS_WAIT": "5s"})
        push = Pusher(site, server)
        yield "1,000 clients behind one Squid are 10 connections at most", lambda: crowd(site, server, squid, push), 400
        yield "a mount behind Squid shows a push within a second", lambda: mount_hears(
            site, scope, server, push, "behind", ["proxy=" + squid.url])
        yield "a mount that is moved behind Squid by hand goes on hearing, through it", lambda: moved(
            site, scope, server, push, squid)


class Pusher:
    """Pushes a small image under one new tag after the other."""

    def __init__(self, site, server):
        self.site, self.server, self.number = site, server, 0

    def __call__(self):
        """The path of the image below the mount, and its revision, once it is published."""
        self.number += 1
        name = "news/n%d" % self.number
        push_by_layout(self.site.layout("tiny"), "1", self.server, name)
        self.time = time.monotonic()
        return name, self.server.wait_published(name, "1")["revision"]


# -- The server

def current(server):
    status, letter, _ = server.get(MANIFEST)
    expect_equal(status, 200, "the manifest")
    return letter


def streams(server, push):
    stream = Stream(server, PLACE + "events")
    expect_equal(stream.answer.status, 200, "status")
    expect_equal(stream.answer.headers["Content-Type"], "text/event-stream", "type")
    expect("no-store" in stream.answer.headers["Cache-Control"], "may be cached: %s" % stream.answer.headers)
    opening = stream.block()
    expect(opening[0].startswith(b"retry: ") and 500 <= int(opening[0][7:]) <= 10000, "begins with %r" % opening)
    number, letter = stream.event()
    expect(letter == current(server), "the letter is not the manifest")
    expect_equal(revision_of(letter), number, "the id")
    expect_equal(stream.block(), [b":"], "heartbeat")
    push()
    after, letter = stream.event()
    expect(after > number and letter == current(server), "told of %d after %d" % (after, number))
    stream.close()
    for path, headers in ((PLACE + "events?after=%d" % number, {}), (PLACE + "events", {"Last-Event-ID": str(number)}),
                          (PLACE + "events?after=0", {"Last-Event-ID": str(number)})):
        resumed = Stream(server, path, headers=headers)
        expect_equal(resumed.event()[0], after, "resumed by %s %s" % (path, headers))
        resumed.close()
    resumed = Stream(server, PLACE + "events?after=%d" % after)
    resumed.block()
    expect_equal(resumed.block(), [b":"], "what is told to who knows everything")
    resumed.close()


def waits(server, push):
    letter = current(server)
    known = revision_of(letter)
    start = time.monotonic()
    status, body, headers = server.get(PLACE + "after/%d" % (known - 1))
    expect(time.monotonic() - start < 1, "waited for what is there")
    expect(status == 200 and body == letter, "status %d" % status)
    expect("max-age=5" in headers["Cache-Control"] and headers["ETag"] and headers["Last-Modified"], str(headers))
    start = time.monotonic()
    status, body, headers = server.get(PLACE + "after/%d" % known)
    waited = time.monotonic() - start
    expect(1.5 < waited < 4, "waited %.1f s instead of 2" % waited)
    expect(status == 200 and body == letter, "status %d" % status)
    expect("max-age=1" in headers["Cache-Control"], str(headers))
    # A cache that asks whether its copy is still good is given a whole answer: it would not share another.
    status, body, _ = server.get(PLACE + "after/%d" % known, {"If-None-Match": headers["ETag"]})
    expect_equal((status, body), (200, letter), "a conditional request")
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(until_newer(server, known)))
    waiting.start()
    push()
    waiting.join()
    expect(revision_of(answers[0]) > known, "no newer revision")
    status, body, headers = server.request("HEAD", PLACE + "after/%d" % (known + 100))
    expect_equal((status, body), (200, b""), "HEAD")


def until_newer(server, known):
    while True:
        body = server.get(PLACE + "after/%d" % known)[1]
        if revision_of(body) > known:
            return body


def stock(server, push):
    body = json.dumps({"version": 1, "repository": REPOSITORY}, separators=(",", ":"))
    stream = Stream(server, PLACE + "notifications/subscribe", body=body, headers={
        "User-Agent": "cvmfs/2.11.2", "Accept": "*/*", "Content-Type": "application/x-www-form-urlencoded"})
    expect_equal(stream.answer.status, 200, "status")
    expect_equal(stream.answer.headers["Content-Type"], "text/event-stream", "type")
    time.sleep(2.5)  # two heartbeats of the other streams, which would end the stock client
    push()
    # Its reader knows "data: " at the beginning, one message up to the line's end, and nothing else.
    line = stream.answer.readline()
    expect(line.startswith(b"data: {"), "the first line is %r" % line[:80])
    message = json.loads(line[6:])
    expect_equal({k: message[k] for k in ("version", "type", "repository")},
                 {"version": 1, "type": "activity", "repository": REPOSITORY}, "message")
    expect(isinstance(message["timestamp"], str), "the timestamp is no text")
    expect(base64.b64decode(message["manifest"]) == current(server), "the manifest is another one")
    expect_equal(stream.answer.readline(), b"\n", "end of the message")
    stream.close()
    other = body.replace(REPOSITORY, "other.example.org")
    expect_equal(server.request("GET", PLACE + "notifications/subscribe", other)[0], 400, "another repository")
    expect_equal(server.request("GET", PLACE + "notifications/subscribe", "{" * 100)[0], 400, "no JSON")


def refused(server):
    for path, wanted in ((PLACE + "after/x", 404), (PLACE + "after/-1", 404), (PLACE + "after/007", 404),
                         (PLACE + "after/99999999999999999999", 404), (PLACE + "after/", 404), (PLACE, 404),
                         (PLACE + "events/", 404), (PLACE + "events?after=x", 400), (PLACE + "other", 404),
                         ("/cvmfs/none.example.org/.wharf/events", 404), ("/cvmfs/none.example.org/.wharf/after/0", 404),
                         (PLACE.replace(".wharf", "%2Ewharf") + "events", 404)):
        status, _, headers = server.get(path)
        expect_equal(status, wanted, path)
        expect_equal(headers["Cache-Control"], "no-store", "may be cached: " + path)
    expect_equal(server.request("POST", PLACE + "events")[0], 405, "POST")
    status, body, headers = server.request("HEAD", PLACE + "events")
    expect_equal((status, body, headers["Content-Type"]), (200, b"", "text/event-stream"), "HEAD")
    expect_equal(server.get(PLACE + "events", {"Last-Event-ID": "x"})[0], 400, "an id that is no number")


def ends(server):
    open_streams = [Stream(server, PLACE + "events") for _ in range(5)]
    start = time.monotonic()
    server.process.terminate()
    expect_equal(server.process.wait(20), 0, "status")
    expect(time.monotonic() - start < 3, "took %.1f s" % (time.monotonic() - start))
    for stream in open_streams:
        while stream.block() is not None:
            pass


def limits(server):
    held = [Stream(server, PLACE + "events?after=1") for _ in range(20)]
    for path in ("events", "after/99", "notifications/subscribe"):
        status, _, headers = server.get(PLACE + path)
        expect_equal(status, 503, path)
        expect(1 <= int(headers["Retry-After"]) <= 60 and headers["Cache-Control"] == "no-store", str(headers))
    # More of them than the 16 requests that may be worked on.
    expect_equal(server.get(MANIFEST)[0], 200, "an ordinary request")
    for stream in held:
        stream.close()
    wait_until("places are free again", lambda: b"\nwharf_cvmfs_waiting_clients 0\n" in server.get("/metrics")[1], 10)
    fresh = [Stream(server, PLACE + "events?after=1") for _ in range(20)]
    expect(all(s.answer.status == 200 for s in fresh), "places are lost")
    for stream in fresh:
        stream.close()


def memory_of(server):
    with open("/proc/%d/status" % server.process.pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS:"))


def many(site, server):
    before = memory_of(server)
    held = [Stream(server, PLACE + "events?after=1") for _ in range(1000)]
    for stream in held:
        stream.block()
    each = (memory_of(server) - before) / len(held)
    push = Pusher(site, server)
    push()
    for stream in held:
        stream.event()
    # From the answer to the push, which comes before the publication, to the last of them.
    took = time.monotonic() - push.time
    print("        the last of 1,000 streams heard %.2f s after the push; %.0f KiB each" % (took, each), flush=True)
    expect(each < 64, "%.0f KiB for a stream" % each)
    expect(took < 3, "took %.1f s" % took)
    for stream in held:
        stream.close()


# -- The mount

def visible(mount, name, limit, since):
    path = mount.link(name, "1")
    end = since + limit
    while not os.path.lexists(path):
        expect(time.monotonic() < end, "%s is not there after %.1f s" % (name, limit))
        time.sleep(0.005)
    return time.monotonic() - since


def mount_hears(site, scope, server, push, name="hears", options=()):
    mount = Mount(site, scope, server, name, options=["refresh=1h", *options])
    took = []
    for _ in range(4):
        image, _ = push()
        took.append(visible(mount, image, 1, time.monotonic()))
    print("        seen %s s after publication" % ", ".join("%.3f" % t for t in took), flush=True)
    mount.unmount()


def moved(site, scope, server, push, squid):
    mount = Mount(site, scope, server, "moved", options=["refresh=1h"])
    image, _ = push()
    visible(mount, image, 1, time.monotonic())
    run(site.wharf, "client", "talk", mount.path, "proxy", "set", squid.url)
    expect(squid.url in run(site.wharf, "client", "talk", mount.path, "proxy", "info").stdout.decode(), "it was not taken")
    # The first one may come before it listens again.
    image, _ = push()
    visible(mount, image, 10, time.monotonic())
    image, _ = push()
    visible(mount, image, 1, time.monotonic())
    mount.unmount()


def off(site, scope, server, push):
    mount = Mount(site, scope, server, "off", options=["refresh=1h", "notifications=off"])
    image, _ = push()
    time.sleep(2)
    expect(not os.path.lexists(mount.link(image, "1")), "it heard all the same")
    mount.unmount()


def again(site, scope, server, push):
    mount = Mount(site, scope, server, "again", options=["refresh=1h"])
    push()
    server.kill()
    start = time.monotonic()
    expect(os.path.isdir(mount.path + "/.flat"), "the mount does not answer while the server is away")
    expect(time.monotonic() - start < 2, "the mount hung")
    server.start()
    image, _ = push()
    visible(mount, image, 30, time.monotonic())
    image, _ = push()
    visible(mount, image, 1, time.monotonic())
    mount.unmount()


def lies(server):
    letter = current(server)
    bad = bytearray(letter)
    bad[-1] ^= 1
    other = letter.replace(REPOSITORY.encode(), b"another.wharf.internal")
    yield "a revision with a wrong signature", lambda h: stream_of(h, event_of(bytes(bad)))
    yield "the past: a manifest that is older", lambda h: stream_of(h, event_of(letter))
    yield "the affairs of another repository, stolen", lambda h: stream_of(h, event_of(other))
    yield "noise, in base64", lambda h: stream_of(h, event_of(os.urandom(700)))
    yield "a revision that is no base64 text", lambda h: stream_of(h, b"event: revision\ndata: %%%\n\n")
    yield "one line without an end", lambda h: stream_of(h, b"data: " + b"A" * 300_000)
    yield "nothing but nonsense", lambda h: stream_of(h, b"<p>hello</p>\n" * 20_000)


def lied_to(site, scope, server, push, name, tell):
    push()  # what `lies` took down is old now
    liar = Liar(server, tell)
    try:
        mount = Mount(site, scope, server, name, options=["refresh=1s"], base=liar.url + "/cvmfs/@fqrn@")
        wait_until("the lie is noticed", lambda: "is not true" in log_of(mount), 30)
        image, _ = push()
        visible(mount, image, 4, time.monotonic())
        expect_equal(log_of(mount).count("is not true"), 1, "lines in the log")
        expect(liar.asked <= 2, "asked %d times" % liar.asked)
        mount.unmount()
    finally:
        liar.close()


def log_of(mount):
    text = ""
    for path in glob.glob(mount.cache + "/log.*"):
        with open(path, errors="replace") as f:
            text += f.read()
    return text


# -- Behind a cache

def crowd(site, server, squid, push):
    push()
    known = revision_of(current(server))
    clients = Crowd(1000, squid.port, server, known)
    try:
        wait_until("all clients have asked", lambda: established(squid.port) >= 1000, 60)
        time.sleep(13)  # two rounds in which nothing happens
        upstream = [established(server_port(server))]
        for _ in range(3):
            _, revision = push()
            start = time.monotonic()
            wait_until("all are told", lambda: len(clients.told.get(revision, ())) == 1000, 20)
            upstream.append(established(server_port(server)))
            print("        the last of 1,000 had revision %d %.2f s after publication" % (
                revision, max(clients.told[revision]) - start), flush=True)
        asked = [line for line in squid.lines() if "/.wharf/after/" in line]
        passed_on = [line for line in asked if "HIER_DIRECT" in line]
        print("        %d answers, %d of them asked of the server, %s connections at most" % (
            clients.answers, len(passed_on), max(upstream)), flush=True)
        expect(max(upstream) <= 10, "%d connections to the server" % max(upstream))
        expect(clients.failures == 0, "%d failures" % clients.failures)
    finally:
        clients.close()


def server_port(server):
    return int(server.address.split(":")[1])


def established(port):
    """How many connections are open to a port of this machine, whoever made them."""
    count = 0
    with open("/proc/net/tcp") as f:
        for line in list(f)[1:]:
            fields = line.split()
            if fields[3] == "01" and int(fields[2].split(":")[1], 16) == port:
                count += 1
    return count
