// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The metrics that the server shows at `/metrics`.
///
/// OpenTelemetry's names where it has one, in the form of Prometheus; else `wharf_<wing>_<noun>_<unit>`. Labels are
/// bounded sets: never a repository, a digest, a path or a user.
/// `docs/operations/metrics.md` is made from this list.
/// - Source: OpenTelemetry semantic conventions 1.36, "HTTP metrics"; Prometheus exposition format 0.0.4.
package enum MetricName: String, CaseIterable, Sendable {
    case requestDuration = "http_server_request_duration_seconds"
    case activeRequests = "http_server_active_requests"
    case connections = "wharf_http_connections"
    case receivedBytes = "wharf_http_received_bytes_total"
    case sentBytes = "wharf_http_sent_bytes_total"
    case isReadOnly = "wharf_registry_read_only"
    case repositories = "wharf_registry_repositories"
    case tags = "wharf_registry_tags"
    case manifests = "wharf_registry_manifests"
    case blobs = "wharf_registry_blobs"
    case blobBytes = "wharf_registry_blob_bytes"
    case quarantinedBlobs = "wharf_registry_quarantined_blobs"
    case uploads = "wharf_registry_uploads"
    case publications = "wharf_cvmfs_publications"
    case whitelistExpiry = "wharf_cvmfs_whitelist_expiry_timestamp_seconds"
    case collectionRuns = "wharf_storage_collection_runs_total"
    case collectionFailures = "wharf_storage_collection_failures_total"
    case collectionRemoved = "wharf_storage_collection_removed_total"
    case collectionFreedBytes = "wharf_storage_collection_freed_bytes_total"
    case collectionLastSuccess = "wharf_storage_collection_last_success_timestamp_seconds"
    case isCollecting = "wharf_storage_collection_active"
    case waitingClients = "wharf_cvmfs_waiting_clients"
    case databaseBytes = "wharf_storage_database_bytes"
    case freeBytes = "wharf_storage_free_bytes"
    case processCPU = "process_cpu_seconds_total"
    case processMemory = "process_resident_memory_bytes"
    case processOpenFiles = "process_open_fds"
    case processMaximumFiles = "process_max_fds"
    case processStart = "process_start_time_seconds"

    /// How a metric counts.
    package enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// How the metric counts.
    package var kind: Kind {
        switch self {
        case .requestDuration: .histogram
        case .receivedBytes, .sentBytes, .processCPU, .collectionRuns, .collectionFailures,
            .collectionRemoved,
            .collectionFreedBytes:
            .counter
        default: .gauge
        }
    }

    /// What the metric says; one sentence without a full stop.
    package var meaning: String {
        switch self {
        case .requestDuration: "Time from the head of a request to the last byte of its answer"
        case .activeRequests: "Requests that are being answered"
        case .connections: "Connections that are open"
        case .receivedBytes: "Bytes of request bodies that were read"
        case .sentBytes: "Bytes of answers that were sent, without their heads"
        case .isReadOnly: "1 while pushes and deletions are refused"
        case .repositories: "Repositories of images"
        case .tags: "Tags in all repositories"
        case .manifests: "Manifests in all repositories"
        case .blobs: "Blobs that are known, each counted once"
        case .blobBytes: "Sum of the sizes of those blobs"
        case .quarantinedBlobs: "Blobs whose bytes were found damaged or gone"
        case .uploads: "Uploads that are not finished"
        case .publications: "Publications of tags by what became of them"
        case .whitelistExpiry: "When the first whitelist of a published repository ends"
        case .collectionRuns: "Garbage collections that ended since the server started"
        case .collectionFailures: "Those of them that failed"
        case .collectionRemoved: "What they removed, by kind"
        case .collectionFreedBytes: "Bytes of what they removed"
        case .collectionLastSuccess: "When the last one ended well; 0 before the first"
        case .isCollecting: "1 while a garbage collection is under way"
        case .waitingClients: "Clients that wait for new revisions"
        case .databaseBytes: "Size of the database with its write-ahead log"
        case .freeBytes: "Free space on the disk of the data directory"
        case .processCPU: "Processor time that the server has used"
        case .processMemory: "Memory that the server holds"
        case .processOpenFiles: "Files and sockets that the server has open"
        case .processMaximumFiles: "Most files and sockets that the server may have open"
        case .processStart: "When the server was started"
        }
    }

    /// The labels of each of its series.
    package var labels: [String] {
        switch self {
        case .requestDuration: ["http_request_method", "http_route", "http_response_status_code"]
        case .publications: ["state"]
        case .collectionRemoved: ["kind"]
        default: []
        }
    }
}
