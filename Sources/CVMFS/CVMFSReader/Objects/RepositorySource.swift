// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import HTTPFetching
internal import Problems
package import TransferPlanning

#if canImport(Glibc)
internal import Glibc
#endif

/// Where the files of a repository come from.
///
/// Calls block their thread.
package protocol RepositorySource: Sendable {
    /// What the source is called in messages.
    var label: String { get }
    /// Whether asking costs so little that the manifest may be asked for every second.
    var isNearby: Bool { get }
    /// Who is asked, as of now.
    var status: TransferStatus { get }
    /// Delivers the file at `path`, relative to the repository's root.
    ///
    /// Tries again where that can help, and only then throws a `FetchProblem`. What the receiver throws ends the
    /// attempt; its `corrupt` problems are tried again past the caches, by the next proxy, and from the next server.
    /// `weight` says who waits, and for how much.
    func fetch(
        _ path: String,
        range: ClosedRange<Int64>?,
        validator: Validator?,
        weight: TransferWeight,
        into receiver: any ContentReceiver
    ) throws -> FetchOutcome
    /// Changes the way of the next transfers, where there is a choice.
    func obey(_ order: TransferOrder)
    /// Runs what fetches with the weight `ahead`, once it keeps nobody waiting.
    func ahead<Result>(_ body: () throws -> Result) rethrows -> Result
    /// Whether there is a file at `path`. Throws a `FetchProblem` if that cannot be told.
    func contains(_ path: String) throws -> Bool
}

extension RepositorySource {
    /// Delivers a small file that somebody waits for.
    package func fetch(
        _ path: String,
        range: ClosedRange<Int64>?,
        validator: Validator?,
        into receiver: any ContentReceiver
    ) throws -> FetchOutcome {
        try fetch(path, range: range, validator: validator, weight: .small, into: receiver)
    }
}

/// A repository behind one or more HTTP servers.
package struct HTTPSource: RepositorySource {
    private let servers: ServerList

    /// Reads from servers, each given by the base address of the repository.
    package init(_ servers: ServerList) { self.servers = servers }

    package var label: String { servers.servers.joined(separator: ", ") }
    package var isNearby: Bool { servers.isLoopback }
    package var status: TransferStatus {
        var status = TransferStatus()
        status.servers = servers.servers
        status.server = servers.currentServer
        if servers.hasProxies {
            // Before the first use their addresses are not known.
            if let name = servers.currentMember.name { status.proxy = "\(name)" }
            status.proxies = servers.proxies.map { $0.map(\.description) }
        }
        status.isOffline = servers.isOffline
        return status
    }

    package func fetch(
        _ path: String,
        range: ClosedRange<Int64>?,
        validator: Validator?,
        weight: TransferWeight,
        into receiver: any ContentReceiver
    ) throws -> FetchOutcome {
        try servers.fetch(path, range: range, validator: validator, weight: weight, into: receiver)
    }

    package func ahead<Result>(_ body: () throws -> Result) rethrows -> Result { try servers.ahead(body) }

    package func obey(_ order: TransferOrder) { servers.obey(order) }

    package func contains(_ path: String) throws -> Bool { try servers.contains(path) }
}

/// A repository in a directory of this machine.
package struct DirectorySource: RepositorySource {
    private let root: String

    /// Reads below `root`, the directory that holds `.cvmfspublished`.
    package init(_ root: String) { self.root = root }

    package var label: String { root }
    package var isNearby: Bool { true }
    package var status: TransferStatus {
        var status = TransferStatus()
        status.servers = [root]
        status.server = root
        return status
    }
    package func ahead<Result>(_ body: () throws -> Result) rethrows -> Result { try body() }
    package func obey(_ order: TransferOrder) {}

    package func contains(_ path: String) throws -> Bool {
        let file = root + "/" + path
        if access(file, F_OK) == 0 { return true }
        guard errno == ENOENT || errno == ENOTDIR else {
            throw FetchProblem(.transfer, "cannot look for \(file)", cause: SystemCallProblem("access", file))
        }
        return false
    }

    package func fetch(
        _ path: String,
        range: ClosedRange<Int64>?,
        validator: Validator?,
        weight: TransferWeight,
        into receiver: any ContentReceiver
    ) throws -> FetchOutcome {
        let file = root + "/" + path
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code: FetchProblem.Code = errno == ENOENT ? .status : .transfer
            let cause = SystemCallProblem("open", file)
            throw FetchProblem(code, "cannot read \(file)", status: code == .status ? 404 : nil, cause: cause)
        }
        defer { close(descriptor) }
        try receiver.restart()
        var position = range?.lowerBound ?? 0
        let end = range.map { $0.upperBound + 1 } ?? Int64.max
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        while position < end {
            let wanted = Int(min(Int64(buffer.count), end - position))
            let count = pread(descriptor, buffer.baseAddress, wanted, off_t(position))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw FetchProblem(.transfer, "cannot read \(file)", cause: SystemCallProblem("read", file))
            }
            if count == 0 { break }
            try receiver.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            position += Int64(count)
        }
        try receiver.finish()
        return .received(nil)
    }
}
