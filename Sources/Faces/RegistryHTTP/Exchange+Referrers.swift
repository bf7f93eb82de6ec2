// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import MetadataStore
internal import OCISpec
internal import RegistryService

extension Exchange {
    /// Answers 200 also where nothing is known: 404 would tell clients that the registry has no such list.
    func listReferrers(_ name: RepositoryName, _ text: String) async throws -> Response {
        // Media types have a plus sign, which some clients leave alone and some readers take for a blank.
        let types = target.parameters("artifactType")
            .map { $0.replacing(" ", with: "+") }
            .filter { !$0.isEmpty }
        let query = ListReferrers.Query(
            repository: name,
            subject: try Self.digest(text),
            artifactTypes: Set(types),
            position: try position()
        )
        let (head, tail) = (
            "{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.ociIndex)\",\"manifests\":[", "]}"
        )
        let page = try await useCases.listReferrers(
            query,
            pageSizeInBytes: (4 << 20) - head.utf8.count - tail.utf8.count,
            describe: Self.descriptor
        )
        // Clients compare the type exactly, so it must not say a character set.
        var response = Self.json(
            head + page.texts.joined(separator: ",") + tail,
            contentType: MediaType.ociIndex
        )
        if !types.isEmpty { response.headers[.ociFiltersApplied] = "artifactType" }
        if let next = page.next {
            let filters = types.map { "&artifactType=\(PercentEncoding.encode($0))" }.joined()
            let path = Self.path(name, "referrers/\(query.subject)")
            response.headers[.link] = "<\(path)?after=\(next)\(filters)>; rel=\"next\""
        }
        return response
    }

    private func position() throws -> Int64? {
        guard let text = target.parameter("after") else { return nil }
        guard let position = Int64(text) else {
            throw OCIProblem(.invalidPageSize, "'after' is not from the link of a page before")
        }
        return position
    }

    @Sendable private static func descriptor(_ record: ManifestRecord) -> String {
        var text = "{\"mediaType\":\(JSONText.quote(record.mediaType)),\"digest\":\"\(record.digest)\""
        text += ",\"size\":\(record.bytes.count)"
        if let type = record.artifactType { text += ",\"artifactType\":\(JSONText.quote(type))" }
        // What was stored was parsed when it came; if it cannot be now, only its notes are left out.
        let annotations =
            (try? Manifest(parsing: record.bytes, declaredType: record.mediaType, sizeLimit: .max))?
            .annotations
            ?? [:]
        if !annotations.isEmpty { text += ",\"annotations\":\(JSONText.object(annotations))" }
        return text + "}"
    }
}
