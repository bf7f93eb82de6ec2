// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import MetadataStore
internal import OCISpec
internal import RegistryService

extension Exchange {
    func listRepositories() async throws -> Response {
        let page = try pageRequest()
        let found = try await useCases.listContent.repositories(page)
        var response = Self.json("{\"repositories\":\(JSONText.array(found.elements.map(\.description)))}")
        if found.hasMore, let last = found.elements.last {
            response.headers[.link] = page.nextLink(path: "/v2/_catalog", last: last.description)
        }
        return response
    }

    func listTags(_ name: RepositoryName) async throws -> Response {
        let page = try pageRequest()
        let found = try await useCases.listContent.tags(in: name, page)
        let tags = JSONText.array(found.elements.map(\.description))
        var response = Self.json("{\"name\":\(JSONText.quote(name.description)),\"tags\":\(tags)}")
        if found.hasMore, let last = found.elements.last {
            response.headers[.link] = page.nextLink(
                path: Self.path(name, "tags/list"),
                last: last.description
            )
        }
        return response
    }

    func listReferrers(_ name: RepositoryName, _ text: String) async throws -> Response {
        let subject = try Self.digest(text)
        let types = target.parameters("artifactType")
        let referrers = try await useCases.listContent.referrers(of: subject, in: name)
            .filter { types.isEmpty || types.contains($0.artifactType ?? "") }
        let descriptors = referrers.map { Self.descriptor($0) }.joined(separator: ",")
        var response = Self.json(
            "{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.ociIndex)\",\"manifests\":[\(descriptors)]}",
            contentType: MediaType.ociIndex
        )
        if !types.isEmpty { response.headers[.ociFiltersApplied] = "artifactType" }
        return response
    }

    private func pageRequest() throws -> PageRequest {
        try PageRequest(n: target.parameter("n"), last: target.parameter("last"))
    }

    private static func descriptor(_ record: ManifestRecord) -> String {
        var text = "{\"mediaType\":\(JSONText.quote(record.mediaType)),\"digest\":\"\(record.digest)\""
        text += ",\"size\":\(record.bytes.count)"
        if let type = record.artifactType { text += ",\"artifactType\":\(JSONText.quote(type))" }
        // What was stored was parsed when it came; if it cannot be now, only its notes are left out.
        let annotations =
            (try? Manifest(parsing: record.bytes, declaredType: record.mediaType))?.annotations ?? [:]
        if !annotations.isEmpty { text += ",\"annotations\":\(JSONText.object(annotations))" }
        return text + "}"
    }
}
