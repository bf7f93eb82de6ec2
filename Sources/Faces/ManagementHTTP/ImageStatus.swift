// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
package import MetadataStore
internal import OCISpec

/// What `wharf image status --json` prints and the API answers for one tag.
package struct ImageStatus: Codable, Sendable {
    /// How far the layers are.
    package struct Layers: Codable, Sendable {
        package var done: Int
        package var total: Int
    }

    package var reference: String
    package var digest: String?
    package var state: String
    package var reason: String?
    package var layers: Layers
    package var repository: String?
    package var revision: UInt64?
    package var path: String?
    package var warnings: [PublicationWarning]
    package var error: String?

    /// Describes a record.
    ///
    /// - Parameters:
    ///   - record: what the database says.
    ///   - registry: the registry's name.
    ///   - delay: why publications wait at the moment, if they do.
    package init(_ record: PublicationRecord, registry: String, delay: String? = nil) {
        let isPending = record.state == .stored || record.state == .ingesting
        reference = "\(registry)/\(record.repository):\(record.tag)"
        digest = record.digest?.description
        state = record.state.rawValue
        reason = record.reason ?? (isPending ? delay.map { "delayed: \($0)" } : nil)
        layers = Layers(done: record.layersDone, total: record.layersTotal)
        repository = record.publishedRepository
        revision = record.revision
        path = record.path
        warnings = record.warnings
        error = record.error
    }

    enum CodingKeys: String, CodingKey {
        case reference, digest, state, reason, layers, repository, revision, path, warnings, error
    }

    /// Absent values are written as `null`: the set of members is part of the contract.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(reference, forKey: .reference)
        try container.encode(digest, forKey: .digest)
        try container.encode(state, forKey: .state)
        try container.encode(reason, forKey: .reason)
        try container.encode(layers, forKey: .layers)
        try container.encode(repository, forKey: .repository)
        try container.encode(revision, forKey: .revision)
        try container.encode(path, forKey: .path)
        try container.encode(warnings, forKey: .warnings)
        try container.encode(error, forKey: .error)
    }
}
