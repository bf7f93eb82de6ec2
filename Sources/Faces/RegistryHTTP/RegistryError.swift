// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import BlobStorage
internal import Digests
internal import HTTPTypes
internal import Hummingbird
package import MetadataStore
package import OCISpec
internal import Problems
package import RegistryService

/// The one place where problems become answers of the registry's protocol.
package struct RegistryError: Sendable {
    package let code: OCIErrorCode
    /// Usually the code's own.
    package let status: Int
    /// What is wrong, without paths or other secrets of the server.
    package let message: String
    /// The contents that are meant, one error for each.
    package var digests: [String] = []
    /// Where an upload stands.
    package var uploadOffset: Int64?
    /// The value of `WWW-Authenticate`.
    var challenge: String?
    /// When it is worth to try again.
    var retryAfter: Duration?

    /// Describes a refusal.
    package init(_ code: OCIErrorCode, _ message: String? = nil, status: Int? = nil) {
        self.code = code
        self.status = status ?? code.row.status
        self.message = message ?? code.row.message
    }

    /// Translates what a use case threw; `nil` for an error that no client can do anything about.
    package init?(_ error: any Error) {
        switch error {
        case let problem as OCIProblem:
            self.init(problem)
        case let problem as RegistryProblem:
            self.init(problem)
        case let problem as BlobProblem:
            guard let (code, status) = Self.row(problem.code) else { return nil }
            // The storage's own words name paths.
            self.init(code, status: status)
        case let problem as MetadataProblem:
            guard let (code, status) = Self.row(problem.code) else { return nil }
            self.init(code, code == .nameUnknown ? problem.message : nil, status: status)
        default:
            return nil
        }
    }

    init(_ problem: OCIProblem) {
        let (code, status) = Self.row(problem.code)
        self.init(code, problem.message, status: status)
    }

    init(_ problem: RegistryProblem) {
        let (code, status) = Self.row(problem.code)
        self.init(code, problem.message, status: status)
        digests = problem.digests.map(\.description)
        uploadOffset = problem.offset
    }

    /// The protocol's code for a document or text that breaks the rules.
    package static func row(_ code: OCIProblem.Code) -> (OCIErrorCode, Int?) {
        switch code {
        case .invalidName: (.nameInvalid, nil)
        case .invalidTag: (.tagInvalid, nil)
        case .invalidDigest: (.digestInvalid, nil)
        case .invalidReference: (.nameInvalid, nil)
        case .invalidRange: (.rangeInvalid, nil)
        case .invalidPageSize: (.paginationNumberInvalid, nil)
        case .invalidJSON, .invalidManifest, .invalidConfig: (.manifestInvalid, nil)
        case .manifestTooLarge: (.manifestInvalid, 413)
        }
    }

    /// The protocol's code for a refusal of a use case.
    package static func row(_ code: RegistryProblem.Code) -> (OCIErrorCode, Int?) {
        switch code {
        case .repositoryUnknown: (.nameUnknown, nil)
        case .blobUnknown: (.blobUnknown, nil)
        case .blobNeeded: (.unsupported, nil)
        case .uploadUnknown: (.blobUploadUnknown, nil)
        case .uploadOffset: (.rangeInvalid, nil)
        case .sizeMismatch: (.sizeInvalid, nil)
        case .manifestUnknown: (.manifestUnknown, nil)
        case .digestMismatch: (.digestInvalid, nil)
        case .referenceUnknown: (.manifestBlobUnknown, nil)
        case .referenceSize: (.sizeInvalid, nil)
        case .conditionFailed: (.preconditionFailed, nil)
        case .blobLost: (.unavailable, nil)
        }
    }

    /// The protocol's code for a failure of the storage; `nil` for one that is only a fault of the server.
    package static func row(_ code: BlobProblem.Code) -> (OCIErrorCode, Int?)? {
        switch code {
        case .digestMismatch: (.digestInvalid, nil)
        case .outOfSpace: (.unavailable, 507)
        case .uploadBusy: (.blobUploadInvalid, 409)
        case .wrongOffset: (.rangeInvalid, nil)
        case .stopped: (.unavailable, nil)
        case .failed, .truncated: nil
        }
    }

    /// The protocol's code for a failure of the database; `nil` for one that is only a fault of the server.
    package static func row(_ code: MetadataProblem.Code) -> (OCIErrorCode, Int?)? {
        switch code {
        case .outOfSpace: (.unavailable, 507)
        case .projectUnknown: (.nameUnknown, nil)
        case .tooNew, .unusable, .corrupt, .failed: nil
        }
    }

    /// The answer with the protocol's JSON.
    func response() -> Response {
        var errors: [String] = []
        for detail in digests.isEmpty ? [nil] : digests.map({ Optional($0) }) {
            var text = "{\"code\":\"\(code.rawValue)\",\"message\":\(JSONText.quote(message))"
            if let detail { text += ",\"detail\":{\"digest\":\(JSONText.quote(detail))}" }
            errors.append(text + "}")
        }
        let body = "{\"errors\":[\(errors.joined(separator: ","))]}\n"
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        if status == 429 || status == 503 {
            headers[.retryAfter] = String(max(1, retryAfter?.components.seconds ?? 1))
        }
        headers[.wwwAuthenticate] = challenge
        return Response(
            status: HTTPResponse.Status(code: status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }
}
