# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""`wharf repo create|ingest|ls|info|cat|tree` for plain software trees: alone on a data directory, and through a server."""
import io
import os
import tarfile

from fixtures.server import Server
from fixtures.site import Scope, run
from fixtures.verdict import expect, expect_equal

NAME = "software.example.org"


def archive(path, files):
    """A gzipped tar of directories (no content) and files."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.mtime = 1700000000
            if content is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return path


def checks(site):
    for algorithm, profile in (("sha1", "identical"), ("rmd160", "fast"), ("shake128", "compact")):
        with Scope("librarian") as scope:
            yield "a repository by %s and %s, without a server" % (algorithm, profile), lambda: alone(
                site, scope, algorithm, profile)
    with Scope("librarian") as scope:
        yield "the same commands go through a running server", lambda: through_server(site, scope)
    with Scope("librarian") as scope:
        yield "wrong words are told apart from failures", lambda: statuses(site, scope)


def repo(site, verb, *words, check=True):
    return run(site.wharf, "repo", verb, *words, check=check)


def text(result):
    return result.stdout.decode()


def alone(site, scope, algorithm, profile):
    data = os.path.join(scope.path, "data")
    repo(site, "create", NAME, "--data", data, "--hash", algorithm, "--profile", profile)
    large = bytes(range(256)) * 40000       # over four mebibytes twice: it is chunked
    first = archive(os.path.join(scope.path, "1.tar.gz"), [
        ("bin", None), ("bin/tool", b"#!/bin/sh\necho one\n"), ("share", None), ("share/large", large)])
    repo(site, "ingest", NAME, "--data", data, "--tar", first, "--base", "/sw/1")
    expect_equal(text(repo(site, "cat", NAME, "/sw/1/bin/tool", "--data", data)), "#!/bin/sh\necho one\n", "cat")
    expect_equal(repo(site, "cat", NAME, "/sw/1/share/large", "--data", data).stdout, large, "cat of a chunked file")
    second = archive(os.path.join(scope.path, "2.tar.gz"), [("bin/tool", b"two\n"), ("bin/other", b"other\n")])
    repo(site, "ingest", NAME, "--data", data, "--tar", second, "--base", "/sw/1", "--delete", "/sw/1/share")
    names = text(repo(site, "ls", NAME, "/sw/1", "--data", data)).split()
    expect("bin" in names and "share" not in names, "after a deletion: %s" % names)
    expect_equal(text(repo(site, "cat", NAME, "/sw/1/bin/tool", "--data", data)), "two\n", "a replaced file")
    expect("other" in text(repo(site, "tree", NAME, "/sw", "--data", data)), "tree does not show a new file")
    told = text(repo(site, "info", NAME, "--data", data))
    expect(algorithm in told and profile in told, "info: %s" % told)
    repo(site, "check", NAME, "--data", data, "--objects")


def through_server(site, scope):
    server = Server(site, scope)
    repo(site, "create", NAME, "--data", server.data)
    first = archive(os.path.join(scope.path, "1.tar.gz"), [("a", b"one\n")])
    repo(site, "ingest", NAME, "--data", server.data, "--tar", first, "--base", "/x")
    repo(site, "ingest", NAME, "--data", server.data, "--tar", first, "--base", "/y", "--delete", "/x")
    key = os.path.join(server.data, "keys", NAME + ".pub")
    address = server.url + "/cvmfs/" + NAME
    expect_equal(text(repo(site, "cat", address, "/y/a", "--public-key", key)), "one\n", "cat over HTTP")
    expect("x" not in text(repo(site, "ls", address, "/", "--public-key", key)).split(), "a deletion is not shown")
    repo(site, "check", address, "--public-key", key, "--objects")
    refused = repo(site, "create", NAME, "--data", server.data, check=False)
    expect_equal(refused.returncode, 1, "status for a name that is taken")
    expect(b"exists" in refused.stderr, "the reason is not told: %s" % refused.stderr)
    status, _, _ = server.request("POST", "/api/v2.0/wharf/repositories?name=evil.example.org",
                                  headers={"Origin": "http://evil.example.org"})
    expect_equal(status, 403, "status for a web page that wants to make a repository")


def statuses(site, scope):
    data = os.path.join(scope.path, "data")
    for words, status in ((("create", "noname", "--data", data), 2), (("create", NAME, "--hash", "md5"), 2),
                          (("ingest", NAME, "--data", data), 2), (("frob",), 2),
                          (("ingest", NAME, "--data", data, "--delete", "/x"), 1),
                          (("cat", NAME, "/x", "--data", data), 1)):
        expect_equal(run(site.wharf, "repo", *words, check=False).returncode, status, "status of %s" % " ".join(words))
