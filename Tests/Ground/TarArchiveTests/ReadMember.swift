// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ArchiveFixtures
import TarArchive

/// A member with its whole content, holes written out.
struct ReadMember {
    var member: TarMember
    var content: [UInt8]

    var name: String { String(decoding: member.name, as: UTF8.self) }
    var text: String { String(decoding: content, as: UTF8.self) }
}

extension TarBytes {
    /// Reads the archive as a stream that never gives more than asked for.
    func read() throws -> [ReadMember] {
        var rest = bytes[...]
        let reader = TarReader { buffer in
            let count = min(buffer.count, rest.count)
            buffer.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            return count
        }
        var members: [ReadMember] = []
        while let member = try reader.next() {
            members.append(ReadMember(member: member, content: try Self.content(of: reader)))
        }
        return members
    }

    private static func content(of reader: TarReader) throws -> [UInt8] {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 700)
        while true {
            switch try buffer.withUnsafeMutableBytes({ try reader.readContent(into: $0) }) {
            case .data(let count): content += buffer[..<count]
            case .hole(let size): content += [UInt8](repeating: 0, count: Int(size))
            case .end: return content
            }
        }
    }
}
