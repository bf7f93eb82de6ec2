// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Synchronization

/// What is counted of requests and connections while they pass.
///
/// Counting costs a fraction of a microsecond: a lock for each route, which nobody holds for longer than that.
final class RequestMetrics: Sendable {
    /// Requests that are being answered.
    let active = Atomic<Int>(0)
    /// Connections that are open.
    let connections = Atomic<Int>(0)
    /// Bytes of request bodies.
    let received = Atomic<Int64>(0)
    /// Bytes of answers' bodies.
    let sent = Atomic<Int64>(0)

    /// The series of one route.
    struct Series: Hashable, Sendable {
        let method: Method
        let status: Int
    }

    /// The methods that have a label of their own; a client may send any word.
    enum Method: String, Hashable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
        case other = "_OTHER"
    }

    private final class Route: Sendable {
        let histograms = Mutex<[Series: DurationHistogram]>([:])
    }

    private let routes = RequestRoute.allCases.map { _ in Route() }

    /// Counts an answer.
    func record(_ route: RequestRoute, _ method: Method, status: Int, nanoseconds: Int64) {
        routes[route.rawValue].histograms.withLock {
            $0[Series(method: method, status: status), default: DurationHistogram()].record(
                nanoseconds: nanoseconds
            )
        }
    }

    /// Everything that was counted of a route, in the order of method and status.
    func histograms(of route: RequestRoute) -> [(series: Series, histogram: DurationHistogram)] {
        routes[route.rawValue].histograms.withLock { $0 }
            .sorted { ($0.key.method.rawValue, $0.key.status) < ($1.key.method.rawValue, $1.key.status) }
            .map { ($0.key, $0.value) }
    }
}

extension RequestMetrics.Method {
    init(_ method: HTTPRequest.Method) {
        self =
            switch method {
            case .get: .get
            case .head: .head
            case .post: .post
            case .put: .put
            case .patch: .patch
            case .delete: .delete
            default: .other
            }
    }
}
