# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""The cases of the OCI conformance suite, stable and dev, and what it is known to be failed for."""
import os

from fixtures.datasets import all_sets
from fixtures.exchanges import EXCHANGES
from fixtures.registry import (BYTES, OCI_INDEX, OCI_LAYER, Repository, compact, descriptor, digest_of, next_page,
                               with_query)
from fixtures.server import Server
from fixtures.site import Scope
from fixtures.verdict import expect, expect_equal

CHUNK = 1024
ALGORITHMS = ("sha256", "sha512")


def checks(site):
    with Scope("conformance") as scope:
        server = Server(site, scope)
        yield "ping", lambda: ping(Repository(server, "conformance/none"))
        yield "an empty repository", lambda: empty_repository(Repository(server, "conformance/empty"))
        for algorithm in ALGORITHMS:
            repository = Repository(server, "conformance/blobs-" + algorithm)
            for name, check in BLOB_CASES:
                yield "blobs %s: %s" % (algorithm, name), lambda: check(repository, algorithm)
            yield "blobs %s: mounts" % algorithm, lambda: mounts(
                repository, Repository(server, "conformance/other-" + algorithm), algorithm)
        for data in all_sets():
            yield "data: " + data.name, lambda: data_set(Repository(server, "conformance/" + data.name), data)
        for algorithm in ALGORITHMS:
            yield "data: tag-param-" + algorithm, lambda: tag_parameters(
                Repository(server, "conformance/tags-" + algorithm), algorithm)
        yield "data: bad-digest-image", lambda: bad_digest_image(Repository(server, "conformance/bad"))
        yield "manifest errors", lambda: manifest_errors(Repository(server, "conformance/errors"))
        yield "pages of tags and repositories", lambda: pages(Repository(server, "conformance/pages"))
        yield "a sparse index is refused", lambda: sparse(Repository(server, "conformance/sparse"), 404)
        for name, check in EXCHANGES:
            yield "exchange: " + name, lambda: check(server)
    with Scope("sparse") as scope:
        server = Server(site, scope, settings={"WHARF_REGISTRY_SPARSE_INDEXES": "accept"})
        yield "a sparse index is accepted where the configuration says so", lambda: sparse(
            Repository(server, "conformance/sparse"), 201)


def ping(repository):
    for path in ("/v2/", "/v2"):
        for method in ("GET", "HEAD"):
            answer = repository.send(method, path).expect(200, method + " " + path)
            expect_equal(answer["Docker-Distribution-API-Version"], "registry/2.0", "version")


def empty_repository(repository):
    repository.send("GET", "tags/list").expect_error(404, "NAME_UNKNOWN", "tags of nothing")
    for algorithm in ALGORITHMS:
        digest = digest_of(os.urandom(16), algorithm)
        expect_equal(repository.referrers(digest), [], "referrers of nothing")
        expect_equal(repository.referrers(digest, "?artifactType=a%2Fb"), [], "referrers of nothing, filtered")
    repository.send("GET", "referrers/sha256:bad").expect_error(400, "DIGEST_INVALID", "referrers of no digest")


# -- blobs; every case leaves the repository without its blob


def get_missing(repository, algorithm):
    digest = digest_of(os.urandom(16), algorithm)
    repository.send("GET", "blobs/" + digest).expect_error(404, "BLOB_UNKNOWN", "GET")
    repository.send("HEAD", "blobs/" + digest).expect(404, "HEAD")
    repository.send("DELETE", "blobs/" + digest).expect_error(404, "BLOB_UNKNOWN", "DELETE")


def finished(repository, algorithm, data, answer):
    """What every way of uploading must have led to."""
    digest = digest_of(data, algorithm)
    answer.expect(201, "the last request of the upload")
    expect_equal(answer["Docker-Content-Digest"], digest, "Docker-Content-Digest")
    expect(repository.send("GET", answer["Location"]).expect(200, "Location").body == data, "Location has other bytes")
    repository.check_blob(data, digest)
    repository.delete_blob(digest)


def post_only(repository, algorithm):
    data = os.urandom(CHUNK)
    finished(repository, algorithm, data, repository.send(
        "POST", with_query("blobs/uploads/", digest=digest_of(data, algorithm)), data, BYTES))


def post_put(repository, algorithm):
    data = os.urandom(CHUNK)
    finished(repository, algorithm, data, repository.close_upload(
        repository.open_upload(), digest_of(data, algorithm), data))


def announced_algorithm(repository, algorithm):
    data = os.urandom(3 * CHUNK)
    place = repository.open_upload("?digest-algorithm=" + algorithm)
    place = repository.chunk(place, 0, data[:CHUNK]).expect(202, "PATCH")["Location"]
    finished(repository, algorithm, data, repository.close_upload(place, digest_of(data, algorithm), data[CHUNK:]))
    repository.send("POST", "blobs/uploads/?digest-algorithm=md5").expect_error(400, "DIGEST_INVALID", "md5")


def stream(repository, algorithm):
    data = os.urandom(3 * CHUNK)
    # An iterator has no length, so that the library sends it in chunks.
    answer = repository.send("PATCH", repository.open_upload(), iter([data[:CHUNK], data[CHUNK:]]), BYTES)
    answer.expect(202, "PATCH")
    expect_equal(answer["Range"], "0-%d" % (len(data) - 1), "Range")
    finished(repository, algorithm, data, repository.close_upload(
        answer["Location"], digest_of(data, algorithm)))


def chunked(repository, algorithm, chunks=3, last_in_put=False, out_of_order=False):
    data = os.urandom(chunks * CHUNK - 7)
    pieces = [(i * CHUNK, data[i * CHUNK:(i + 1) * CHUNK]) for i in range(chunks)]
    place, offset = repository.open_upload(), 0
    for start, piece in pieces[:-1] if last_in_put else pieces:
        if out_of_order and start > 0:
            refused(repository, place, offset, repository.chunk(place, start + 100, piece))
        answer = repository.chunk(place, start, piece).expect(202, "PATCH")
        offset += len(piece)
        expect_equal(answer["Range"], "0-%d" % (offset - 1), "Range after PATCH")
        place = answer["Location"]
    digest = digest_of(data, algorithm)
    if not last_in_put:
        return finished(repository, algorithm, data, repository.close_upload(place, digest))
    start, piece = pieces[-1]
    place_of = lambda s: {"Content-Range": "%d-%d" % (s, s + len(piece) - 1)}  # noqa: E731
    if out_of_order:
        refused(repository, place, offset, repository.close_upload(place, digest, piece, place_of(start + 1)))
    finished(repository, algorithm, data, repository.close_upload(place, digest, piece, place_of(start)))


def refused(repository, place, offset, answer):
    """A piece in the wrong place says where the upload stands, and does not move it."""
    answer.expect_error(416, "RANGE_INVALID", "a piece in the wrong place")
    expect(answer["Location"], "416 without Location")
    expect_equal(answer["Range"], "0-%d" % (offset - 1), "Range of 416")
    status = repository.send("GET", answer["Location"]).expect(204, "GET of the upload")
    expect_equal(status["Range"], "0-%d" % (offset - 1), "Range of the upload")
    expect(status["Location"], "204 without Location")


def cancel(repository, algorithm):
    place = repository.open_upload()
    repository.chunk(place, 0, b"x" * CHUNK).expect(202, "PATCH")
    repository.send("DELETE", place).expect(204, "DELETE")
    for method in ("GET", "DELETE"):
        repository.send(method, place).expect_error(404, "BLOB_UPLOAD_UNKNOWN", method + " after DELETE")
    repository.close_upload(place, digest_of(b"x" * CHUNK, algorithm)).expect_error(
        404, "BLOB_UPLOAD_UNKNOWN", "PUT after DELETE")


def bad_digest(repository, algorithm):
    data, wrong = os.urandom(CHUNK), digest_of(os.urandom(8), algorithm)
    repository.send("POST", with_query("blobs/uploads/", digest=wrong), data, BYTES).expect_error(
        400, "DIGEST_INVALID", "POST")
    repository.close_upload(repository.open_upload(), wrong, data).expect_error(400, "DIGEST_INVALID", "PUT")
    for send in (lambda p: repository.chunk(p, 0, data), lambda p: repository.send("PATCH", p, iter([data]), BYTES)):
        place = send(repository.open_upload()).expect(202, "PATCH")["Location"]
        repository.close_upload(place, wrong).expect_error(400, "DIGEST_INVALID", "PATCH and PUT")
    place = repository.chunk(repository.open_upload(), 0, data[:500]).expect(202, "PATCH")["Location"]
    repository.close_upload(place, wrong, data[500:]).expect_error(400, "DIGEST_INVALID", "PUT with the last piece")
    repository.send("HEAD", "blobs/" + wrong).expect(404, "HEAD of the wrong digest")
    for text in ("sha256:baddigest", "md5:d41d8cd98f00b204e9800998ecf8427e", digest_of(data).upper(), ""):
        repository.close_upload(repository.open_upload(), text, data).expect_error(400, "DIGEST_INVALID", text)
    repository.send("PUT", repository.open_upload(), data, BYTES).expect_error(400, "DIGEST_INVALID", "no digest")


def ranges(repository, algorithm):
    data = os.urandom(2048)
    path = "blobs/" + repository.push_blob(data, algorithm)
    for header, start, end in (("500-1499", 500, 1500), ("500-", 500, 2048), ("-500", 1548, 2048),
                               ("2000-5000", 2000, 2048), ("0-0", 0, 1)):
        answer = repository.send("GET", path, headers={"Range": "bytes=" + header}).expect(206, header)
        expect_equal(answer["Content-Range"], "bytes %d-%d/2048" % (start, end - 1), header)
        expect_equal(answer["Content-Length"], str(end - start), header)
        expect(answer.body == data[start:end], header + ": wrong bytes")
    for header in ("500-0", "5000-10000", "2048-"):
        answer = repository.send("GET", path, headers={"Range": "bytes=" + header}).expect(416, header)
        expect_equal(answer["Content-Range"], "bytes */2048", header)
    expect_equal(repository.send("HEAD", path, headers={"Range": "bytes=0-9"}).expect(200, "HEAD")["Content-Length"],
                 "2048", "HEAD with a range")
    tag = '"%s"' % path.removeprefix("blobs/")
    some = {"Range": "bytes=0-9"}
    repository.send("GET", path, headers={**some, "If-Range": tag}).expect(206, "If-Range")
    repository.send("GET", path, headers={**some, "If-Range": '"other"'}).expect(200, "another If-Range")
    several(repository, path, data)
    repository.delete_blob(path.removeprefix("blobs/"))


def several(repository, path, data):
    """Several ranges at once, as podman's partial pulls ask for them."""
    answer = repository.send("GET", path, headers={"Range": "bytes=0-9, 100-199,-5"}).expect(206, "three ranges")
    kind, _, boundary = answer["Content-Type"].partition("; boundary=")
    expect_equal(kind, "multipart/byteranges", "type of several ranges")
    expect_equal(int(answer["Content-Length"]), len(answer.body), "length of several ranges")
    parts = answer.body.split(b"--" + boundary.encode())
    expect_equal(parts[-1], b"--\r\n", "end of several ranges")
    for part, (start, end) in zip(parts[1:-1], ((0, 10), (100, 200), (2043, 2048)), strict=True):
        head, _, content = part.partition(b"\r\n\r\n")
        expect(b"Content-Range: bytes %d-%d/2048" % (start, end - 1) in head, "head of a part: %r" % head)
        expect(content == data[start:end] + b"\r\n", "bytes of a part")


def known_blobs(repository, algorithm):
    for data in (b"", b"{}"):
        digest = repository.push_blob(data, algorithm)
        repository.check_blob(data, digest)
        repository.delete_blob(digest)
    place = repository.open_upload()
    expect_equal(repository.send("GET", place).expect(204, "GET")["Range"], "0-0", "Range before the first byte")
    finished(repository, algorithm, b"", repository.close_upload(place, digest_of(b"", algorithm)))


def again(repository, algorithm):
    """The answer to a PUT was lost on the way, and the client sends it again."""
    data = os.urandom(CHUNK)
    place, digest = repository.open_upload(), digest_of(data, algorithm)
    repository.close_upload(place, digest, data).expect(201, "PUT")
    finished(repository, algorithm, data, repository.close_upload(place, digest, data))


def elsewhere(repository, algorithm):
    """An upload belongs to the repository that opened it."""
    place = repository.open_upload().replace(repository.name, repository.name + "/other")
    repository.chunk(place, 0, b"x").expect_error(404, "BLOB_UPLOAD_UNKNOWN", "PATCH through another repository")


def conditions(repository, algorithm):
    digest = repository.push_blob(os.urandom(CHUNK), algorithm)
    for tags in ('"%s"', "%s", 'W/"%s"', '"other", "%s"', "*"):
        tags = tags % digest if "%" in tags else tags
        answer = repository.send("GET", "blobs/" + digest, headers={"If-None-Match": tags}).expect(304, tags)
        expect_equal((answer.body, answer["Docker-Content-Digest"]), (b"", digest), "304")
    repository.send("GET", "blobs/" + digest, headers={"If-None-Match": '"other"'}).expect(200, "another tag")
    repository.delete_blob(digest)


BLOB_CASES = (
    ("get missing", get_missing),
    ("post only", post_only),
    ("post + put", post_put),
    ("post with digest-algorithm", announced_algorithm),
    ("chunked single", lambda r, a: chunked(r, a, 1)),
    ("stream", stream),
    ("post cancel", cancel),
    ("chunked multi", chunked),
    ("chunked multi and put chunk", lambda r, a: chunked(r, a, last_in_put=True)),
    ("chunked out of order", lambda r, a: chunked(r, a, out_of_order=True)),
    ("chunked out of order and put chunk", lambda r, a: chunked(r, a, last_in_put=True, out_of_order=True)),
    ("bad digest", bad_digest),
    ("range", ranges),
    ("known blobs", known_blobs),
    ("a PUT again", again),
    ("another repository's upload", elsewhere),
    ("conditions", conditions),
)


def mounts(target, source, algorithm):
    data = os.urandom(CHUNK)
    digest = source.push_blob(data, algorithm)
    for query in ({"mount": digest, "from": source.name}, {"mount": digest}):
        target.send("GET", "blobs/" + digest).expect(404, "the blob is visible through another repository")
        answer = target.send("POST", with_query("blobs/uploads/", **query)).expect(201, "mount")
        finished(target, algorithm, data, answer)
    missing = digest_of(os.urandom(8), algorithm)
    for query in ({"mount": missing, "from": source.name}, {"mount": missing}, {"mount": digest, "from": "Not/A/Name"},
                  {"mount": digest, "from": "nowhere"}, {"mount": "sha256:bad"}, {"from": source.name}):
        place = target.send("POST", with_query("blobs/uploads/", **query)).expect(202, "mount of %s" % query)
        target.send("DELETE", place["Location"]).expect(204, "the upload instead")


# -- manifests


def data_set(repository, data):
    for blob in data.blobs:
        repository.push_blob(blob, data.algorithm)
    for digest, content, media_type in data.manifests:
        answer = repository.put(digest, content, media_type).expect(201, "PUT of " + digest)
        pushed(repository, data, answer, digest, content, media_type)
    contents = {digest: (content, kind) for digest, content, kind in data.manifests}
    for tag, digest in data.tags.items():
        answer = repository.put(tag, *contents[digest]).expect(201, "PUT of " + tag)
        pushed(repository, data, answer, digest, *contents[digest])
        repository.check_manifest(tag, *contents[digest], digest)
    expect_equal(repository.tags(), sorted(data.tags), "tags")
    for i, tag in enumerate(sorted(data.tags)):
        expect_equal(repository.tags("?last=" + tag), sorted(data.tags)[i + 1:], "tags after " + tag)
    for subject, referrers in data.subjects.items():
        check_referrers(repository, subject, referrers)
    for tag in data.tags:
        repository.send("DELETE", "manifests/" + tag).expect(202, "DELETE of " + tag)
        repository.get(tag).expect_error(404, "MANIFEST_UNKNOWN", "GET of a deleted tag")
    expect_equal(repository.tags(), [], "tags after their DELETE")
    for digest, content, _ in reversed(data.manifests):
        repository.send("DELETE", "manifests/" + digest).expect(202, "DELETE of " + digest)
        repository.get(digest).expect_error(404, "MANIFEST_UNKNOWN", "GET of a deleted manifest")
    for subject in data.subjects:
        expect_equal(repository.referrers(subject), [], "referrers after their DELETE")
    for blob in set(data.blobs):
        repository.delete_blob(digest_of(blob, data.algorithm))


def pushed(repository, data, answer, digest, content, media_type):
    expect_equal(answer["Docker-Content-Digest"], digest, "Docker-Content-Digest of PUT")
    place = repository.send("GET", answer["Location"]).expect(200, "Location of PUT")
    expect_equal((place.body, place["Content-Type"], place["Content-Length"]),
                 (content, media_type, str(len(content))), "what Location has")
    subject = next((s for s, all in data.subjects.items() if digest in [r[0] for r in all]), None)
    expect_equal(answer["OCI-Subject"], subject, "OCI-Subject")
    repository.check_manifest(digest, content, media_type, digest)


def check_referrers(repository, subject, referrers):
    wanted = {}
    for digest, document, size, media_type in referrers:
        entry = {"mediaType": media_type, "digest": digest, "size": size}
        kind = document.get("artifactType") or document.get("config", {}).get("mediaType")
        if kind:
            entry["artifactType"] = kind
        if "annotations" in document:
            entry["annotations"] = document["annotations"]
        wanted[digest] = entry
    by_digest = lambda entries: {e["digest"]: e for e in entries}  # noqa: E731
    expect_equal(by_digest(repository.referrers(subject)), wanted, "referrers")
    for kind in {e.get("artifactType") for e in wanted.values()} - {None}:
        answer = repository.send("GET", with_query("referrers/" + subject, artifactType=kind)).expect(200, "filter")
        expect_equal(answer["OCI-Filters-Applied"], "artifactType", "OCI-Filters-Applied")
        expect_equal(by_digest(answer.json["manifests"]),
                     {d: e for d, e in wanted.items() if e.get("artifactType") == kind}, "referrers of " + kind)


def tag_parameters(repository, algorithm):
    data, _ = repository.push_image(None, algorithm)
    digest, tags = digest_of(data, algorithm), ["v%d" % i for i in range(10)]
    answer = repository.put(digest, data, query="?" + "&".join("tag=" + t for t in tags)).expect(201, "PUT")
    expect_equal([t.strip() for t in answer["OCI-Tag"].split(",")], tags, "OCI-Tag")
    for tag in tags:
        expect_equal(repository.get(tag, "HEAD").expect(200, tag)["Docker-Content-Digest"], digest, tag)
    repository.put(digest, data, query="?" + "&".join("tag=t%d" % i for i in range(100))).expect(414, "100 tags")
    repository.put(digest, data, query="?tag=.bad").expect_error(400, "TAG_INVALID", "a bad tag")
    expect_equal(repository.tags(), tags, "tags")


def bad_digest_image(repository):
    data, _ = repository.push_image("good")
    for algorithm in ALGORITHMS:
        wrong = digest_of(b"other", algorithm)
        repository.put(wrong, data).expect_error(400, "DIGEST_INVALID", "PUT by another digest")
        repository.get(wrong).expect(404, "GET of the other digest")


def manifest_errors(repository):
    repository.get("none").expect_error(404, "NAME_UNKNOWN", "a tag of no repository")
    data, _ = repository.push_image("good")
    for reference in ("none", digest_of(b"none"), digest_of(b"none", "sha512")):
        for method in ("GET", "HEAD", "DELETE"):
            answer = repository.send(method, "manifests/" + reference).expect(404, method + " " + reference)
            expect(method == "HEAD" or answer.codes == ["MANIFEST_UNKNOWN"], "%s: %r" % (method, answer.body))
    repository.put("sha256:baddigeststring", data).expect_error(400, "DIGEST_INVALID", "PUT to a bad digest")
    repository.get("sha256:baddigeststring").expect((404, 400), "GET of a bad digest")
    missing = [descriptor(OCI_LAYER, b"missing %d" % i) for i in range(2)]
    answer = repository.put("x", {"schemaVersion": 2, "config": descriptor(OCI_LAYER, b"{}"), "layers": missing})
    answer.expect_error(404, "MANIFEST_BLOB_UNKNOWN", "a manifest without its layers")
    expect_equal([e["detail"]["digest"] for e in answer.json["errors"]], [m["digest"] for m in missing], "details")


def pages(repository):
    tags = ["A", "B-1", "B.1", "Z", "_", "a", "b", "sha256-" + "0" * 64, "v1", "z"]
    data, _ = repository.push_image(tags[0])
    for tag in tags:
        repository.put(tag, data).expect(201, "PUT")
    expect_equal(repository.tags(), tags, "all tags, in the order of ASCII")
    found, path = [], "tags/list?n=3"
    while path:
        answer = repository.send("GET", path).expect(200, path)
        found.append(answer.json["tags"])
        path = next_page(answer)
    expect_equal(found, [tags[:3], tags[3:6], tags[6:9], tags[9:]], "pages of tags")
    none = repository.send("GET", "tags/list?n=0").expect(200, "n=0")
    expect_equal((none.json["tags"], none["Link"]), ([], None), "n=0")
    expect_equal(repository.tags("?last=Bb"), tags[3:], "after a tag that does not exist")
    expect_equal(repository.tags("?n=2&last=zz"), [], "after the last one")
    expect_equal(repository.tags("?n=1000000"), tags, "more than the maximum")
    for n in ("-1", "x", "1.5", ""):
        for path in ("tags/list?n=", "/v2/_catalog?n="):
            repository.send("GET", path + n).expect_error(400, "PAGINATION_NUMBER_INVALID", path + n)
    names = repository.send("GET", "/v2/_catalog").expect(200, "catalog").json["repositories"]
    expect(names == sorted(names) and repository.name in names, "catalog: %s" % names)
    found, path = [], "/v2/_catalog?n=4"
    while path:
        answer = repository.send("GET", path).expect(200, path)
        found += answer.json["repositories"]
        path = next_page(answer)
    expect_equal(found, names, "pages of the catalog")


def sparse(repository, status):
    _, here = repository.push_image(None)
    index = compact({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [
        descriptor("application/vnd.oci.image.manifest.v1+json", b"not here")]})
    repository.put("sparse", index, OCI_INDEX).expect(status, "an index with a child that is not there")
