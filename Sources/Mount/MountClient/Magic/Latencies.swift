// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import FUSEWire
internal import Synchronization

/// How long requests took, from their arrival to their answer: measured only where somebody asked for that.
///
/// Each thread has its own counts, so that measuring costs two looks at the clock and no wait.
final class Latencies: Sendable {
    /// The counts of one thread.
    final class Lane: Sendable {
        private let counts = Mutex<[Histogram]>(
            Array(repeating: Histogram(), count: RequestKind.allCases.count)
        )

        /// Counts a request that arrived at a time.
        func note(_ kind: RequestKind, since arrival: ContinuousClock.Instant) {
            let time = (ContinuousClock.now - arrival).inNanoseconds
            counts.withLock { $0[kind.rawValue].add(time) }
        }

        fileprivate var current: [Histogram] { counts.withLock { $0 } }
    }

    private let lanes = Mutex<[Lane]>([])

    /// Counts for one more thread.
    func lane() -> Lane {
        let lane = Lane()
        lanes.withLock { $0.append(lane) }
        return lane
    }

    private static let quantiles = [10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 95, 99, 99.9]

    /// One line for each kind of request that there was, after one of titles.
    ///
    /// - Source: cvmfs-format H.13, `latency`.
    var table: String {
        var sums = Array(repeating: Histogram(), count: RequestKind.allCases.count)
        for lane in lanes.withLock({ $0 }) {
            for (index, histogram) in lane.current.enumerated() { sums[index].add(histogram) }
        }
        let titles = ["action", "total_count", "time_unit"] + Self.quantiles.map { "p\($0)" }
        let rows = RequestKind.allCases.filter { sums[$0.rawValue].count > 0 }.map { kind in
            let histogram = sums[kind.rawValue]
            return
                (["\"\(kind)\"", "\(histogram.count)", "\"nanoseconds\""]
                + Self.quantiles.map { "\(histogram.quantile($0 / 100))" }).joined(separator: ",")
        }
        return ([titles.map { "\"\($0)\"" }.joined(separator: ",")] + rows).joined(separator: "\n")
    }
}

/// The requests that are told apart.
enum RequestKind: Int, CaseIterable, Sendable {
    case lookup, forget, getattr, readlink, open, opendir, read, readdir, release, statfs, getxattr,
        listxattr, other

    init(_ operation: Operation) {
        switch operation {
        case .lookup: self = .lookup
        case .forget, .batchForget: self = .forget
        case .getAttributes: self = .getattr
        case .readLink: self = .readlink
        case .open: self = .open
        case .openDirectory: self = .opendir
        case .read: self = .read
        case .readDirectory, .readDirectoryPlus: self = .readdir
        case .release, .releaseDirectory: self = .release
        case .fileSystemStatus: self = .statfs
        case .getExtendedAttribute: self = .getxattr
        case .listExtendedAttributes: self = .listxattr
        case .initialise, .interrupt, .destroy, .modification, .unsupported: self = .other
        }
    }
}

extension Duration {
    /// Whole nanoseconds; 0 for what is negative.
    fileprivate var inNanoseconds: UInt64 {
        UInt64(clamping: components.seconds) &* 1_000_000_000
            &+ UInt64(clamping: components.attoseconds / 1_000_000_000)
    }
}
