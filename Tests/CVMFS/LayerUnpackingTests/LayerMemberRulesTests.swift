// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import FileTree
import LayerUnpacking
import TarArchive
import Testing

/// - Source: OCI image specification 1.1, "Whiteouts"; the limits of the security model.
@Suite struct LayerMemberRulesTests {
    private func member(_ name: String, _ type: TarMemberType = .regular) -> TarMember {
        TarMember(type: type, name: Array(name.utf8))
    }

    private func change(_ member: TarMember, _ limits: LayerLimits = LayerLimits()) throws -> TreeChange {
        var rules = LayerMemberRules(limits: limits)
        return try rules.change(of: member)
    }

    @Test(
        "names with the prefix are whiteouts of their own directory",
        arguments: [
            (".wh.a", .whiteout(TreePath("a"))), ("d/.wh.a", .whiteout(TreePath("d/a"))),
            ("./d//.wh.a", .whiteout(TreePath("d/a"))), ("../.wh.a", .whiteout(TreePath("a"))),
            (".wh..wh..opq", .opaque(.root)), ("d/.wh..wh..opq", .opaque(TreePath("d"))),
            (".wh..a", .whiteout(TreePath(".a"))),
        ] as [(String, TreeChange)]
    )
    func whiteouts(name: String, expected: TreeChange) throws {
        #expect(try change(member(name)) == expected)
    }

    @Test(
        "a whiteout can never name its own directory or the one above",
        arguments: ["d/.wh.", "d/.wh..", "d/.wh..."]
    )
    func escapingWhiteouts(name: String) throws {
        guard case .whiteout(let path) = try change(member(name)) else {
            Issue.record("\(name) is no whiteout")
            return
        }
        #expect(path.parent == TreePath("d") && path != TreePath("d"))
    }

    @Test("in an archive that is no layer, such names are ordinary")
    func ordinaryNames() throws {
        var rules = LayerMemberRules(limits: LayerLimits(), whiteouts: .ordinary)
        guard case .entry(let entry) = try rules.change(of: member("d/.wh.a")) else {
            Issue.record("the member is no entry")
            return
        }
        #expect(entry.path == TreePath("d/.wh.a"))
    }

    @Test("an entry keeps every attribute")
    func attributes() throws {
        var device = member("null", .characterDevice)
        device.permissions = 0o4666
        (device.uid, device.gid) = (.max, 3_000_000_000)
        (device.mtime, device.mtimeNanoseconds) = (-5, 999_999_999)
        (device.deviceMajor, device.deviceMinor) = (1, 3)
        device.extendedAttributes = [(Array("user.a".utf8), [0, 255])]
        guard case .entry(let entry) = try change(device) else {
            Issue.record("the member is no entry")
            return
        }
        #expect(entry.kind == .characterDevice && entry.deviceMajor == 1 && entry.deviceMinor == 3)
        #expect(
            entry.metadata
                == EntryMetadata(
                    permissions: 0o4666,
                    uid: .max,
                    gid: 3_000_000_000,
                    mtime: ModificationTime(seconds: -5, nanoseconds: 999_999_999),
                    attributes: [RawAttribute(name: Array("user.a".utf8), value: [0, 255])]
                )
        )
    }

    @Test("a hard link names a path of the image, normalised")
    func hardLink() throws {
        var link = member("b", .hardLink)
        link.linkTarget = Array("/../a/./x".utf8)
        #expect(try change(link) == .hardLink(path: TreePath("b"), target: TreePath("a/x")))
    }

    @Test("a symbolic link keeps its target verbatim")
    func symbolicLink() throws {
        var link = member("l", .symbolicLink)
        link.linkTarget = Array("../../../etc/./passwd".utf8)
        guard case .entry(let entry) = try change(link) else {
            Issue.record("the member is no entry")
            return
        }
        #expect(entry.linkTarget == link.linkTarget)
    }

    // MARK: Limits

    private func problem(_ members: [TarMember], _ adapt: (inout LayerLimits) -> Void) -> LayerProblem? {
        var limits = LayerLimits()
        adapt(&limits)
        var rules = LayerMemberRules(limits: limits)
        do {
            for member in members { _ = try rules.change(of: member) }
            return nil
        } catch {
            return error
        }
    }

    @Test("the defaults are those of the security model")
    func defaults() {
        let limits = LayerLimits()
        #expect(limits.expandedSize == 200 << 30 && limits.entries == 5_000_000 && limits.fileSize == 1 << 40)
        #expect(limits.attributesSize == 128 << 10 && limits.layers == 127 && limits.pathLength < 4096)
    }

    @Test("each limit lets its value pass, refuses one more, and says so")
    func limits() {
        let files = (0..<3).map { member("f\($0)") }
        #expect(problem(files) { $0.entries = 3 } == nil)
        #expect(problem(files) { $0.entries = 2 }?.message.contains("more than 2 entries") == true)

        var big = member("big")
        big.size = 1000
        #expect(problem([big]) { $0.fileSize = 1000 } == nil)
        #expect(
            problem([big]) { $0.fileSize = 999 }?.message == "/big: the file has 1000 bytes, more than 999"
        )
        #expect(problem([big, big]) { $0.expandedSize = 2 * 1512 } == nil)
        #expect(problem([big, big]) { $0.expandedSize = 2 * 1512 - 1 }?.code == .tooLarge)

        #expect(problem([member("a/bc")]) { $0.pathLength = 4 } == nil)
        #expect(problem([member("a/bcd")]) { $0.pathLength = 4 }?.code == .pathTooLong)

        let name = String(repeating: "n", count: 255)
        #expect(problem([member("d/" + name)]) { _ in } == nil)
        #expect(problem([member("d/n" + name)]) { _ in }?.code == .nameTooLong)
        #expect(problem([member("n" + name + "/f")]) { _ in }?.code == .nameTooLong)

        var attributed = member("x")
        attributed.extendedAttributes = [([1, 2], [3]), ([4], [5])]
        #expect(problem([attributed]) { $0.attributesSize = 5 } == nil)
        #expect(problem([attributed]) { $0.attributesSize = 4 }?.code == .attributesTooLarge)

        var link = member("l", .symbolicLink)
        link.linkTarget = [UInt8](repeating: 97, count: 4095)
        #expect(problem([link]) { _ in } == nil)
        link.linkTarget.append(97)
        #expect(problem([link]) { _ in }?.code == .linkTargetTooLong)

        var hard = member("h", .hardLink)
        hard.linkTarget = Array("a/bcd".utf8)
        #expect(problem([hard]) { $0.pathLength = 4 }?.code == .pathTooLong)
    }

    @Test("every problem that an operator can act on says how")
    func remedies() {
        for code in LayerProblem.Code.allCases {
            #expect(LayerProblem(code, "detail").remedy?.isEmpty == false)
        }
    }
}
