// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import HTTPTypes
import HummingbirdTesting
import Testing

@Suite struct ManifestEndpointTests {
    @Test("a manifest comes back byte for byte, by tag and by digest")
    func exact() async throws {
        try await RegistryHarbour.open { harbour in
            let manifest = try await harbour.pushImage("1.0")
            let digest = OCIDigest(of: Array(manifest.utf8))
            for reference in ["1.0", digest.description, digest.description.replacing(":", with: "%3A")] {
                let response = try await harbour.send(.get, "/v2/a/b/manifests/\(reference)")
                #expect(response.text == manifest)
                #expect(response.headers[.contentType] == "application/vnd.oci.image.manifest.v1+json")
                #expect(response.header("Docker-Content-Digest") == digest.description)
                #expect(response.headers[.eTag] == "\"\(digest)\"")
                let head = try await harbour.send(.head, "/v2/a/b/manifests/\(reference)")
                #expect(head.headers[.contentLength] == "\(manifest.utf8.count)")
                #expect(head.text.isEmpty)
            }
            let known: HTTPFields = [.ifNoneMatch: "\"\(digest)\""]
            #expect(
                try await harbour.send(.get, "/v2/a/b/manifests/1.0", headers: known).status == .notModified
            )
        }
    }

    @Test("an index, Docker's types and artifacts are stored with their own types")
    func types() async throws {
        try await RegistryHarbour.open { harbour in
            let image = try await harbour.pushImage("1")
            let child = OCIDigest(of: Array(image.utf8))
            let ociType = "application/vnd.oci.image.index.v1+json"
            let index = """
                {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",\
                "digest":"\(child)","size":\(image.utf8.count),"platform":{"architecture":"amd64","os":"linux"}}]}
                """
            for type in [ociType, "application/vnd.docker.distribution.manifest.list.v2+json"] {
                #expect(try await harbour.put(index, "index", type: type).status == .created)
            }
            // The first type stays with the bytes: a digest names one thing only.
            #expect(try await harbour.send(.get, "/v2/a/b/manifests/index").headers[.contentType] == ociType)
            let docker = "application/vnd.docker.distribution.manifest.v2+json"
            let typed = image.replacing("\"config\"", with: "\"mediaType\":\"\(docker)\",\"config\"")
            #expect(try await harbour.put(typed, "docker", type: docker).status == .created)
            #expect(try await harbour.send(.get, "/v2/a/b/manifests/docker").headers[.contentType] == docker)
        }
    }

    @Test("all that is missing is named at once")
    func missing() async throws {
        try await RegistryHarbour.open { harbour in
            let (config, layer) = (OCIDigest(of: [1]), OCIDigest(of: [2]))
            let response = try await harbour.put(
                RegistryHarbour.manifest(config: (config, 1), layer: (layer, 1)),
                "x"
            )
            #expect(response.status == .notFound)
            #expect(response.text.contains("MANIFEST_BLOB_UNKNOWN"))
            #expect(response.text.contains(config.description))
            #expect(response.text.contains(layer.description))
            #expect(try await harbour.send(.get, "/v2/a/b/manifests/x").status == .notFound)
            // The repository was made in the same transaction, so it is not there either.
            #expect(try await harbour.send(.get, "/v2/a/b/tags/list").text.contains("NAME_UNKNOWN"))
        }
    }

    @Test("sizes that are not the contents' own are refused")
    func sizes() async throws {
        try await RegistryHarbour.open { harbour in
            let (config, layer) = (try await harbour.push("{}"), try await harbour.push("layer"))
            let manifest = RegistryHarbour.manifest(config: (config, 2), layer: (layer, 6))
            let response = try await harbour.put(manifest, "x")
            #expect(response.status == .badRequest)
            #expect(response.text.contains("SIZE_INVALID"))
        }
    }

    @Test("a manifest must have the digest that it is pushed under")
    func digests() async throws {
        try await RegistryHarbour.open { harbour in
            let manifest = try await harbour.pushImage("1")
            let other = OCIDigest(of: [1])
            #expect(try await harbour.put(manifest, other.description).text.contains("DIGEST_INVALID"))
            let long = OCIDigest(.sha512, of: Array(manifest.utf8))
            #expect(try await harbour.put(manifest, long.description).status == .created)
            let response = try await harbour.send(.get, "/v2/a/b/manifests/\(long)")
            #expect(response.header("Docker-Content-Digest") == long.description)
            #expect(try await harbour.put(manifest, "sha256:baddigest").status == .badRequest)
        }
    }

    @Test("several tags are set by one push")
    func tags() async throws {
        try await RegistryHarbour.open { harbour in
            let manifest = try await harbour.pushImage("1")
            let digest = OCIDigest(of: Array(manifest.utf8))
            let response = try await harbour.put(manifest, "\(digest)?tag=2&tag=latest")
            #expect(response.header("OCI-Tag") == "2, latest")
            let list = try await harbour.send(.get, "/v2/a/b/tags/list")
            #expect(list.text == #"{"name":"a/b","tags":["1","2","latest"]}"#)
        }
    }

    @Test("tags are listed in pages that lead to each other")
    func pages() async throws {
        try await RegistryHarbour.open { harbour in
            let manifest = try await harbour.pushImage("a")
            for tag in ["b", "c"] { _ = try await harbour.put(manifest, tag) }
            let first = try await harbour.send(.get, "/v2/a/b/tags/list?n=2")
            #expect(first.text == #"{"name":"a/b","tags":["a","b"]}"#)
            #expect(first.header("Link") == "</v2/a/b/tags/list?last=b&n=2>; rel=\"next\"")
            let second = try await harbour.send(.get, "/v2/a/b/tags/list?last=b&n=2")
            #expect(second.text == #"{"name":"a/b","tags":["c"]}"#)
            #expect(second.header("Link") == nil)
            let none = try await harbour.send(.get, "/v2/a/b/tags/list?n=0")
            #expect(none.text == #"{"name":"a/b","tags":[]}"#)
            #expect(none.header("Link") == nil)
            #expect(try await harbour.send(.get, "/v2/a/b/tags/list?n=-1").status == .badRequest)
            #expect(try await harbour.send(.get, "/v2/_catalog").text == #"{"repositories":["a/b"]}"#)
        }
    }

    @Test("a deleted tag is gone, its manifest is not; a deleted manifest takes its tags along")
    func deletion() async throws {
        try await RegistryHarbour.open { harbour in
            let manifest = try await harbour.pushImage("1")
            _ = try await harbour.put(manifest, "2")
            _ = try await harbour.put(manifest, "3")
            let digest = OCIDigest(of: Array(manifest.utf8))
            #expect(try await harbour.send(.delete, "/v2/a/b/manifests/1").status == .accepted)
            #expect(try await harbour.send(.delete, "/v2/a/b/manifests/1").status == .notFound)
            #expect(try await harbour.send(.get, "/v2/a/b/manifests/1").text.contains("MANIFEST_UNKNOWN"))
            #expect(try await harbour.send(.get, "/v2/a/b/manifests/\(digest)").status == .ok)
            #expect(try await harbour.send(.delete, "/v2/a/b/manifests/\(digest)").status == .accepted)
            #expect(try await harbour.send(.get, "/v2/a/b/manifests/2").status == .notFound)
            #expect(try await harbour.send(.get, "/v2/a/b/tags/list").text == #"{"name":"a/b","tags":[]}"#)
        }
    }

    @Test("what refers to a manifest is listed, also if it came first")
    func referrers() async throws {
        try await RegistryHarbour.open { harbour in
            let subject = OCIDigest(of: [7])
            let empty = try await harbour.send(.get, "/v2/a/b/referrers/\(subject)")
            #expect(empty.headers[.contentType] == "application/vnd.oci.image.index.v1+json")
            #expect(empty.text.contains("\"manifests\":[]"))
            let (config, layer) = (try await harbour.push("{}"), try await harbour.push("layer"))
            let more = """
                ,"artifactType":"sig/x","annotations":{"k":"\\"v"},"subject":{"mediaType":"x/y","digest":"\(subject)","size":1}
                """
            let manifest = RegistryHarbour.manifest(config: (config, 2), layer: (layer, 5), more: more)
            let pushed = try await harbour.put(manifest, "sig")
            #expect(pushed.header("OCI-Subject") == subject.description)
            let list = try await harbour.send(.get, "/v2/a/b/referrers/\(subject)")
            #expect(list.text.contains("\"artifactType\":\"sig/x\",\"annotations\":{\"k\":\"\\\"v\"}"))
            let filtered = try await harbour.send(.get, "/v2/a/b/referrers/\(subject)?artifactType=other")
            #expect(filtered.text.contains("\"manifests\":[]"))
            #expect(filtered.header("OCI-Filters-Applied") == "artifactType")
            #expect(try await harbour.send(.get, "/v2/a/b/referrers/x").status == .badRequest)
        }
    }

    @Test("a manifest over the limit is answered with 413")
    func size() async throws {
        try await RegistryHarbour.open { harbour in
            let response = try await harbour.put(String(repeating: " ", count: (4 << 20) + 1), "x")
            #expect(response.status == .contentTooLarge)
        }
    }

    @Test("the protocol's version is on every answer, and errors are its JSON")
    func protocolForm() async throws {
        try await RegistryHarbour.open { harbour in
            let ping = try await harbour.send(.get, "/v2/")
            #expect(ping.status == .ok)
            #expect(ping.text == "{}")
            #expect(try await harbour.send(.get, "/v2").status == .ok)
            for uri in [
                "/v2/", "/v2/x", "/v2/A/tags/list", "/v2/a/../tags/list", "/v2/a/manifests/..",
                "/v2/a/blobs/x",
            ] {
                let response = try await harbour.send(.get, uri)
                #expect(response.header("Docker-Distribution-API-Version") == "registry/2.0")
                #expect(
                    response.status == .ok || response.text.hasPrefix("{\"errors\":[{\"code\":\""),
                    "\(uri)"
                )
            }
            let method = try await harbour.send(.post, "/v2/a/tags/list")
            #expect(method.status == .methodNotAllowed)
            #expect(method.headers[.allow] == "GET, HEAD, OPTIONS")
        }
    }
}
