// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import MountClient

/// Whom a container's process runs as.
struct ContainerUser: Equatable {
    var user: UInt32
    var group: UInt32
    var moreGroups: [UInt32]
    var home: String

    static let root = ContainerUser(user: 0, group: 0, moreGroups: [], home: "/root")

    /// Finds `user[:group]`, names or numbers, in the image's own files.
    ///
    /// The image's links are followed inside of its root only, so that they cannot show files of the host.
    /// - Throws: `unknownUser` for a name that the image's files do not have.
    /// - Source: OCI image specification 1.1, "config", `User`.
    init(_ text: String, in root: String) throws(LaunchProblem) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map { String($0) } ?? ""
        let users = Self.records("/etc/passwd", in: root)
        let groups = Self.records("/etc/group", in: root)
        let record = users.first { Self.names($0, name.isEmpty ? "0" : name) }
        guard let user = record.flatMap({ UInt32($0[2]) }) ?? (name.isEmpty ? 0 : UInt32(name)) else {
            throw LaunchProblem(.unknownUser, "the image has no user '\(name)'")
        }
        self.user = user
        home = record.flatMap { $0.count > 5 && !$0[5].isEmpty ? $0[5] : nil } ?? "/"
        moreGroups = []
        if parts.count > 1 {
            let wanted = String(parts[1])
            guard
                let group = groups.first(where: { Self.names($0, wanted) }).flatMap({ UInt32($0[2]) })
                    ?? UInt32(wanted)
            else { throw LaunchProblem(.unknownUser, "the image has no group '\(wanted)'") }
            self.group = group
        } else {
            group = record.flatMap { $0.count > 3 ? UInt32($0[3]) : nil } ?? 0
            if let login = record?[0] {
                moreGroups = groups.filter {
                    $0.count > 3 && $0[3].split(separator: ",").contains(login[...])
                }
                .compactMap { UInt32($0[2]) }
            }
        }
    }

    private init(user: UInt32, group: UInt32, moreGroups: [UInt32], home: String) {
        self.user = user
        self.group = group
        self.moreGroups = moreGroups
        self.home = home
    }

    /// The lines of a file of records with colons; those with fewer than three fields are passed over.
    private static func records(_ path: String, in root: String) -> [[String]] {
        guard let descriptor = RootedFile.open(path, in: root),
            let content = WholeFile.read(descriptor, limit: 1 << 20)
        else { return [] }
        return String(decoding: content, as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: ":", omittingEmptySubsequences: false).map { String($0) } }
            .filter { $0.count >= 3 }
    }

    private static func names(_ record: [String], _ wanted: String) -> Bool {
        record[0] == wanted || record[2] == wanted
    }
}
