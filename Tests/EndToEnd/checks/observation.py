# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""What an operator sees: log lines, request numbers, metrics, probes, the configuration's faults, the read-only mode."""
import json
import os
import re
import socket

from fixtures.pushes import digest_of, push_blob, push_image
from fixtures.server import Server
from fixtures.site import Scope, run, wait_until
from fixtures.verdict import expect, expect_equal


def checks(site):
    with Scope("observed") as scope:
        server = Server(site, scope, settings={"WHARF_LOG_ACCESS": "true", "WHARF_LOG_LEVEL": "warning"})
        yield "every request is one line of JSON, with its number", lambda: access_log(server)
        yield "a number that a proxy gives is kept, a hostile one is not", lambda: numbers(server)
        yield "a connection that ends early is told", lambda: cut(server)
        yield "metrics are well formed and count what happens", lambda: metrics(server)
    with Scope("mode") as scope:
        yield "a read-only registry refuses changes and serves pulls", lambda: read_only(site, scope)
        yield "a disk that is nearly full is told by /readyz", lambda: nearly_full(site, scope)
    with Scope("configuration") as scope:
        yield "--check-config names all faults with their lines", lambda: faults(site, scope)
        yield "each reference page can be printed", lambda: references(site)


def lines(server):
    with open(server.log) as f:
        return [json.loads(line) for line in f if line.startswith("{")]


def line_of(server, number):
    return wait_until("the line of request %s" % number, lambda: next(
        (x for x in lines(server) if x.get("request.id") == number and x["logger"] == "wharf.access"), None))


def access_log(server):
    content = b"x" * 100000
    push_blob(server, "team/app", content)
    path = "/v2/team/app/blobs/" + digest_of(content)
    status, body, headers = server.get(path + "?token=secret", {"User-Agent": "check/1"})
    expect_equal((status, body), (200, content), "GET")
    line = line_of(server, headers["X-Request-Id"])
    wanted = {"http.method": "GET", "http.path": path, "http.route": "/v2/{name}/blobs/{digest}", "http.status": 200,
              "response.bytes": 100000, "client.address": "127.0.0.1", "http.userAgent": "check/1", "level": "info"}
    expect_equal({k: line.get(k) for k in wanted}, wanted, "the line")
    expect(0 < line["request.seconds"] < 60, "it took %r s" % line["request.seconds"])
    posted = next(x for x in lines(server) if x.get("http.method") == "POST")
    expect_equal(posted["request.bytes"], 100000, "bytes of the upload")
    with open(server.log) as f:
        expect("secret" not in f.read(), "the query is in the log")


def numbers(server):
    _, _, headers = server.get("/v2/", {"X-Request-Id": "proxy-7.abc"})
    expect_equal(headers["X-Request-Id"], "proxy-7.abc", "the number")
    line_of(server, "proxy-7.abc")
    for hostile in ("a b", "x" * 200, "<script>", "{}"):
        _, _, headers = server.get("/v2/", {"X-Request-Id": hostile})
        expect(headers["X-Request-Id"] != hostile and re.fullmatch("[0-9a-f]{17,32}", headers["X-Request-Id"]),
               "%r is answered with %r" % (hostile, headers["X-Request-Id"]))


def cut(server):
    content = os.urandom(64 << 20)
    push_blob(server, "team/large", content)
    with socket.create_connection(server.address.split(":")) as s:
        s.sendall(("GET /v2/team/large/blobs/%s HTTP/1.1\r\nHost: %s\r\nX-Request-Id: cut-1\r\n\r\n" % (
            digest_of(content), server.address)).encode())
        s.recv(1000)
    line = line_of(server, "cut-1")
    expect_equal(line["http.status"], 200, "status")
    active = value_of(server, "http_server_active_requests")
    expect_equal(active, 1, "requests that are being answered: this one")


def value_of(server, name):
    for line in server.get("/metrics")[1].decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError("there is no metric %s" % name)


def metrics(server):
    push_image(server, "team/counted", "1", [("a", b"counted\n")])
    server.wait_published("team/counted", "1")
    status, body, headers = server.get("/metrics")
    expect_equal((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"), "the answer")
    series = {}
    for line in body.decode().splitlines():
        if line.startswith("#"):
            expect(re.fullmatch(r"# (HELP \w+ [^\n]+|TYPE \w+ (counter|gauge|histogram))", line), "malformed: %r" % line)
        else:
            found = re.fullmatch(r'(\w+(?:\{(?:\w+="[^"\\\n]*",?)+\})?) (-?[0-9.e+-]+)', line)
            expect(found, "malformed: %r" % line)
            expect(found[1] not in series, "twice: %s" % found[1])
            series[found[1]] = float(found[2])
    put = 'http_request_method="PUT",http_route="/v2/{name}/manifests/{reference}",http_response_status_code="201"'
    expect_equal(series["http_server_request_duration_seconds_count{%s}" % put], 1, "manifests that were put")
    buckets = [v for k, v in series.items() if k.startswith("http_server_request_duration_seconds_bucket{%s" % put)]
    expect(buckets == sorted(buckets) and buckets[-1] == 1, "buckets do not add up: %s" % buckets)
    for name, least in (("wharf_http_received_bytes_total", 64 << 20), ("wharf_http_sent_bytes_total", 100000),
                        ("wharf_storage_database_bytes", 1), ("wharf_storage_free_bytes", 1), ("process_open_fds", 5),
                        ("process_resident_memory_bytes", 1 << 20), ("process_cpu_seconds_total", 0.01),
                        ("wharf_cvmfs_whitelist_expiry_timestamp_seconds", 1.7e9), ("wharf_registry_manifests", 0),
                        ('wharf_cvmfs_publications{state="published"}', 0)):
        expect(series[name] >= least, "%s is %s" % (name, series[name]))
    expect_equal(series["wharf_http_connections"], 1, "connections: this one")
    expect("team/counted" not in body.decode(), "a repository is in the labels")


def read_only(site, scope):
    server = Server(site, scope)
    push_image(server, "team/app", "1", [("a", b"read\n")])
    server.wait_published("team/app", "1")
    server.stop()
    server.settings = {"WHARF_REGISTRY_READ_ONLY": "true"}
    server.start()
    for method, path in (("POST", "/v2/team/app/blobs/uploads/"), ("PUT", "/v2/team/app/manifests/2"),
                         ("PATCH", "/v2/team/app/blobs/uploads/0"), ("DELETE", "/v2/team/app/manifests/1")):
        status, body, headers = server.request(method, path, b"{}" if method != "DELETE" else None)
        expect_equal((status, json.loads(body)["errors"][0]["code"], headers["Retry-After"]), (503, "UNAVAILABLE", "30"),
                     method)
    expect_equal(server.request("POST", "/api/v2.0/wharf/repositories?name=a.example.org")[0], 503, "a new repository")
    expect_equal(server.get("/v2/team/app/manifests/1")[0], 200, "GET")
    status, body, _ = server.get("/readyz")
    expect(status == 200 and b"read-only" in body, "/readyz: %d %r" % (status, body))
    status, body, _ = server.get("/readyz?write")
    expect(status == 503 and b"read-only" in body, "/readyz?write: %d %r" % (status, body))
    expect_equal(value_of(server, "wharf_registry_read_only"), 1, "the metric")
    server.stop()


def nearly_full(site, scope):
    server = Server(site, scope, data=scope.directory("full"), settings={"WHARF_STORAGE_MINIMUM_FREE": "1000TiB"})
    status, body, _ = server.get("/readyz")
    expect(status == 200 and b"warning: only" in body, "/readyz: %d %r" % (status, body))
    expect_equal(server.get("/readyz?write")[0], 503, "/readyz?write")
    server.stop()


def faults(site, scope):
    path = os.path.join(scope.path, "wharf.yaml")
    with open(path, "w") as f:
        f.write("listen: nowhere\nlog:\n  level: loud\n  acces: true\nuploads:\n  expiry: 7\n")
    done = run(site.wharf, "serve", "--config", path, "--check-config", check=False)
    expect_equal(done.returncode, 1, "status")
    said = done.stderr.decode()
    for part in ("line 1: listen 'nowhere'", "line 3: log.level 'loud'", "line 4: unknown key 'log.acces'",
                 "line 6: uploads.expiry '7'"):
        expect(part in said, "%r is not in: %s" % (part, said))
    with open(path, "w") as f:
        f.write("log:\n  access: true\n")
    run(site.wharf, "serve", "--config", path, "--check-config")


def references(site):
    for page in ("configuration", "metrics", "log-keys"):
        expect(run(site.wharf, "serve", "--print-reference", page).stdout.startswith(b"# "), "%s is no page" % page)
    expect_equal(run(site.wharf, "serve", "--print-reference", "x", check=False).returncode, 2, "status")
