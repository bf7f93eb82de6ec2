// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The errors of the registry's protocol: identifier, usual status and text in one row each.
///
/// - Source: OCI distribution specification 1.1, "error codes"; those marked Docker are older and still
///   understood, those marked Harbor are that registry's own.
package enum OCIErrorCode: String, CaseIterable, Sendable {
    case blobUnknown = "BLOB_UNKNOWN"
    case blobUploadInvalid = "BLOB_UPLOAD_INVALID"
    case blobUploadUnknown = "BLOB_UPLOAD_UNKNOWN"
    case digestInvalid = "DIGEST_INVALID"
    case manifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN"
    case manifestInvalid = "MANIFEST_INVALID"
    case manifestUnknown = "MANIFEST_UNKNOWN"
    case nameInvalid = "NAME_INVALID"
    case nameUnknown = "NAME_UNKNOWN"
    case sizeInvalid = "SIZE_INVALID"
    case unauthorized = "UNAUTHORIZED"
    case denied = "DENIED"
    case unsupported = "UNSUPPORTED"
    case tooManyRequests = "TOOMANYREQUESTS"
    /// Docker.
    case tagInvalid = "TAG_INVALID"
    /// Docker.
    case rangeInvalid = "RANGE_INVALID"
    /// Docker.
    case paginationNumberInvalid = "PAGINATION_NUMBER_INVALID"
    /// Harbor.
    case preconditionFailed = "PRECONDITION"
    /// Docker.
    case unavailable = "UNAVAILABLE"
    /// Docker.
    case unknown = "UNKNOWN"

    /// The HTTP status and the text for people.
    package var row: (status: Int, message: String) {
        switch self {
        case .blobUnknown: (404, "the repository has no such blob")
        case .blobUploadInvalid: (400, "the upload cannot go on")
        case .blobUploadUnknown: (404, "there is no such upload: it is finished, cancelled or expired")
        case .digestInvalid: (400, "the digest is malformed or does not match the content")
        case .manifestBlobUnknown: (404, "the manifest refers to something that the repository does not have")
        case .manifestInvalid: (400, "the manifest is not valid")
        case .manifestUnknown: (404, "the repository has no such manifest")
        case .nameInvalid: (400, "the repository name is not valid")
        case .nameUnknown: (404, "there is no such repository")
        case .sizeInvalid: (400, "the length differs from the declared one")
        case .unauthorized: (401, "authentication is required")
        case .denied: (403, "access is denied")
        case .unsupported: (405, "the operation is not supported")
        case .tooManyRequests: (429, "too many requests")
        case .tagInvalid: (400, "the tag is not valid")
        case .rangeInvalid: (416, "the range cannot be satisfied")
        case .paginationNumberInvalid: (400, "the number of results is not valid")
        case .preconditionFailed: (412, "what the request expects is not so (any more)")
        case .unavailable: (503, "the storage cannot serve the request now")
        case .unknown: (500, "an internal error occurred")
        }
    }
}
