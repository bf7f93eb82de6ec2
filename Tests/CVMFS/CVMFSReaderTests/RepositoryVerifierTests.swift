// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import CVMFSFormat
import CVMFSPublisher
import CVMFSReader
import Digests
import Foundation
import RepositoryFixtures
import Testing

/// A repository damaged in exactly one way has the fault that names it.
@Suite struct RepositoryVerifierTests {
    @Test("a good repository has no faults, object by object")
    func good() throws {
        #expect(try DamagedRepository().faults(readingObjects: true).isEmpty)
    }

    @Test(
        "the repositories of the reference server have no faults",
        arguments: ["basic", "chunked", "shake128", "uncompressed", "ingested"]
    )
    func golden(set: String) throws {
        let scratch = try ScratchDirectory()
        let archive = BuiltProgram.packageRoot + "/Tests/Fixtures/golden/\(set).tar.zst"
        let unpacked = try BuiltProgram.run(
            "/usr/bin/env",
            ["tar", "-I", "zstd", "-C", scratch.path, "-xf", archive]
        )
        try #require(unpacked.status == 0, "\(unpacked.errors)")
        let name = "\(set).example.org"
        let key = try Data(contentsOf: URL(fileURLWithPath: "\(scratch.path)/\(set)/\(name).pub"))
        let faults = try Verification.faults(
            of: "\(scratch.path)/\(set)/cvmfs/\(name)",
            named: name,
            keys: MasterKeys(pemFiles: [[UInt8](key)]),
            readingObjects: true,
            now: 1_795_500_000
        )
        #expect(faults.isEmpty, "\(faults)")
    }

    @Test(
        "a damaged root catalog is named",
        arguments: [
            ("UPDATE catalog SET name = NULL WHERE name = 'file'", .catalogFormat),
            ("UPDATE catalog SET symlink = NULL WHERE name = 'file'", .catalogFormat),
            ("UPDATE catalog SET hardlinks = 1 WHERE name = 'a'", .hardLinkGroup),
            ("UPDATE catalog SET uid = 5 WHERE name = 'a'", .hardLinkGroup),
            ("UPDATE catalog SET hardlinks = 3 WHERE name = 'dir'", .linkCount),
            ("UPDATE catalog SET hash = NULL WHERE name = 'file'", .contentHash),
            ("UPDATE catalog SET md5path_1 = 5 WHERE name = 'file'", .pathKey),
            ("UPDATE catalog SET name = 'other' WHERE name = 'file'", .pathKey),
            ("UPDATE catalog SET parent_1 = 1 WHERE name = ''", .pathKey),
            ("UPDATE catalog SET parent_1 = 1 WHERE name = 'file'", .danglingRows),
            ("DELETE FROM chunks WHERE offset = 0", .chunks),
            ("DELETE FROM chunks", .chunks),
            ("UPDATE chunks SET size = size + 1 WHERE offset > 0", .chunks),
            ("UPDATE catalog SET size = size + 1 WHERE name = 'chunked'", .chunks),
            ("INSERT INTO chunks VALUES (1, 2, 0, 5, zeroblob(20))", .danglingRows),
            ("UPDATE statistics SET value = value + 1 WHERE counter = 'self_regular'", .counters),
            ("DELETE FROM statistics WHERE counter = 'self_xattr'", .counters),
            ("UPDATE statistics SET value = value + 1 WHERE counter = 'subtree_file_size'", .subtreeCounters),
            ("DELETE FROM nested_catalogs", .nestedCatalog),
            ("UPDATE catalog SET flags = 1 WHERE name = 'sub'", .nestedCatalog),
            ("UPDATE nested_catalogs SET path = '/dir/sub'", .nestedCatalog),
            ("UPDATE nested_catalogs SET size = size + 1", .catalogSize),
            ("UPDATE nested_catalogs SET sha1 = '0000000000000000000000000000000000000000'", .missingObject),
            ("UPDATE catalog SET mode = 16832 WHERE name = 'sub'", .transition),
            ("UPDATE catalog SET flags = 33 WHERE name = 'dir'", .transition),
            ("UPDATE catalog SET flags = 16385 WHERE name = 'dir'", .bindMountpoint),
            (
                "INSERT INTO bind_mountpoints VALUES ('/dir', 'e8ec3d88b62ebf526e4e5a4ff6162a3aa48a6b78', 0)",
                .bindMountpoint
            ),
            ("UPDATE properties SET value = '99' WHERE key = 'revision'", .manifest),
            ("UPDATE properties SET value = '9999999999' WHERE key = 'last_modified'", .manifest),
            ("INSERT INTO properties VALUES ('root_prefix', '/x')", .rootPrefix),
            ("UPDATE properties SET value = '3.0' WHERE key = 'schema'", .catalog),
            ("UPDATE catalog SET hash = x'00' WHERE name = 'file'", .catalog),
            ("DROP TABLE chunks", .catalog),
            ("DELETE FROM catalog WHERE name = ''", .catalog),
            ("UPDATE catalog SET hash = zeroblob(20) WHERE name = 'file'", .missingObject),
            ("UPDATE catalog SET flags = flags | 128 WHERE name = 'link'", .externalFile),
            (
                "UPDATE catalog SET size = 9 WHERE name = 'null'; UPDATE catalog SET mode = 4516 WHERE name = 'null'",
                .entrySize
            ),
        ] as [(String, RepositoryFault.Rule)]
    )
    func rootCatalog(sql: String, rule: RepositoryFault.Rule) throws {
        let repository = try DamagedRepository()
        try repository.editRoot(sql)
        let faults = try repository.faults()
        #expect(faults.contains { $0.rule == rule }, "\(faults)")
    }

    @Test(
        "a damaged nested catalog is named",
        arguments: [
            ("DELETE FROM catalog WHERE name = '.cvmfscatalog'", .catalogMarker),
            ("UPDATE properties SET value = '/other' WHERE key = 'root_prefix'", .rootPrefix),
            ("DELETE FROM properties WHERE key = 'root_prefix'", .rootPrefix),
            ("UPDATE catalog SET flags = 1 WHERE name = 'sub'", .transition),
            ("UPDATE catalog SET mtime = 0 WHERE name = 'sub'", .transition),
            ("DELETE FROM catalog WHERE name = 'sub'", .catalog),
            ("UPDATE statistics SET value = 7 WHERE counter = 'self_regular'", .counters),
            ("UPDATE catalog SET hash = zeroblob(20) WHERE name = 'inner'", .missingObject),
        ] as [(String, RepositoryFault.Rule)]
    )
    func nestedCatalog(sql: String, rule: RepositoryFault.Rule) throws {
        let repository = try DamagedRepository()
        try repository.editNested(sql)
        let faults = try repository.faults()
        #expect(faults.contains { $0.rule == rule }, "\(faults)")
        #expect(faults.contains { $0.path.hasPrefix("/sub") }, "\(faults)")
    }

    @Test("a single wrong value gives a single fault")
    func onlyOne() throws {
        let repository = try DamagedRepository()
        try repository.editRoot("UPDATE statistics SET value = value + 1 WHERE counter = 'self_symlink'")
        #expect(
            try repository.faults() == [RepositoryFault(.counters, "/", "self_symlink is 2, but 1 are there")]
        )
    }

    @Test("a catalog marker in the root directory is named")
    func rootMarker() throws {
        let repository = try DamagedRepository()
        try repository.editRoot("UPDATE catalog SET name = '.cvmfscatalog' WHERE name = 'file'")
        #expect(try repository.faults().contains { $0.rule == .catalogMarker })
    }

    @Test("a database in write-ahead mode is named")
    func writeAhead() throws {
        let repository = try DamagedRepository()
        try repository.patchRoot { ($0[18], $0[19]) = (2, 2) }
        #expect(try repository.faults().contains { $0.rule == .catalogFormat })
    }

    @Test("a root catalog that is no database is named")
    func noDatabase() throws {
        let repository = try DamagedRepository()
        try repository.patchRoot { $0 = Array("no database".utf8) }
        #expect(try repository.faults().contains { $0.rule == .catalog })
    }

    // MARK: Objects

    @Test("an object that is missing is named, and the verification goes on")
    func missingObjects() throws {
        let repository = try DamagedRepository()
        try FileManager.default.removeItem(atPath: repository.path(ofContent: "hello world\n"))
        try FileManager.default.removeItem(atPath: repository.path(ofContent: "inner\n"))
        try FileManager.default.removeItem(atPath: repository.path(ofContent: "second", .chunk))
        let faults = try repository.faults()
        #expect(Set(faults.map(\.rule)) == [.missingObject])
        #expect(Set(faults.map(\.path)) == ["/file", "/sub/inner", "/chunked"])
    }

    @Test("a changed object is named only when objects are read")
    func corruptObject() throws {
        let repository = try DamagedRepository()
        let path = repository.path(ofContent: "hello world\n")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[5] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(try repository.faults().isEmpty)
        let faults = try repository.faults(readingObjects: true)
        #expect(faults.map(\.rule) == [.corruptObject] && faults.map(\.path) == ["/file"])
    }

    @Test("an object of another size than its row says is named when objects are read")
    func objectSize() throws {
        let repository = try DamagedRepository()
        try repository.editRoot("UPDATE catalog SET size = size + 1 WHERE name = 'file'")
        #expect(
            try repository.faults(readingObjects: true).contains {
                $0.rule == .objectSize && $0.path == "/file"
            }
        )
    }

    @Test("a stranger among the objects, and one that not everyone may read, are named")
    func strangers() throws {
        let repository = try DamagedRepository()
        let directory = repository.location.served + "/data/ab"
        for name in ["note.txt", String(repeating: "0", count: 38) + "Z"] {
            try Data().write(to: URL(fileURLWithPath: directory + "/" + name))
        }
        chmod(repository.path(ofContent: "inner\n"), 0o600)
        let faults = try repository.faults()
        #expect(faults.count { $0.rule == .unknownObject } == 2)
        #expect(faults.count { $0.rule == .objectPermissions } == 1 && faults.count == 3)
    }

    // MARK: Signed files

    @Test("a signature by another hand is named, and the catalogs are verified all the same")
    func signature() throws {
        let repository = try DamagedRepository()
        try repository.editRoot("UPDATE catalog SET hardlinks = 9 WHERE name = 'dir'")
        var file = try Data(contentsOf: URL(fileURLWithPath: repository.location.manifest))
        file[file.count - 1] ^= 1
        try file.write(to: URL(fileURLWithPath: repository.location.manifest))
        #expect(Set(try repository.faults().map(\.rule)) == [.signature, .linkCount])
    }

    @Test("an expired whitelist, one of another key, and one without the certificate are named")
    func whitelist() throws {
        let repository = try DamagedRepository()
        #expect(try repository.faults(now: DamagedRepository.now + 31 * 86400).map(\.rule) == [.whitelist])
        let other = try MasterKeys(pemFiles: [RSAPrivateKey.generate().publicKey.pem])
        #expect(try repository.faults(keys: other).map(\.rule) == [.whitelist])
        try repository.writeWhitelist(expires: DamagedRepository.now + 86400, fingerprints: [])
        #expect(try repository.faults().map(\.rule) == [.certificate])
        try FileManager.default.removeItem(atPath: repository.location.whitelist)
        #expect(try repository.faults().map(\.rule) == [.whitelist])
    }

    @Test("a manifest of another name, without a history, or with links that are missing is named")
    func manifest() throws {
        let repository = try DamagedRepository()
        try repository.sign { $0.repository = "other.example.org" }
        #expect(try repository.faults().map(\.rule) == [.manifest])
        try repository.sign {
            $0.repository = "test.example.org"
            $0.hasAlternativeLinks = true
        }
        #expect(Set(try repository.faults().map(\.rule)) == [.alternativeLink])
        try repository.sign {
            $0.hasAlternativeLinks = false
            $0.history = nil
        }
        #expect(try repository.faults().map(\.rule) == [.manifest])
        try repository.sign { $0.rootCatalogSize += 1 }
        #expect(try repository.faults().contains { $0.rule == .catalogSize })
    }

    @Test("a manifest that cannot be read ends the verification with its fault")
    func unreadableManifest() throws {
        let repository = try DamagedRepository()
        try Data("garbage".utf8).write(to: URL(fileURLWithPath: repository.location.manifest))
        #expect(try repository.faults().map(\.rule) == [.manifest])
    }

    // MARK: Reflog and history

    @Test("a reflog that is missing, of another content, or without the current roots is named")
    func reflog() throws {
        let repository = try DamagedRepository()
        try repository.sign { $0.reflog = ContentHash(.sha1, of: [1]) }
        var file = try Data(contentsOf: URL(fileURLWithPath: repository.location.reflog))
        file.append(0)
        try file.write(to: URL(fileURLWithPath: repository.location.reflog))
        #expect(try repository.faults().map(\.rule) == [.reflog])
        // A replica keeps a list of its own, whose hash is not in the manifest.
        try FileManager.default.removeItem(atPath: repository.location.served + "/.cvmfs_master_replica")
        #expect(try repository.faults().isEmpty)
        try Data("garbage".utf8).write(to: URL(fileURLWithPath: repository.location.reflog))
        #expect(try repository.faults().map(\.rule) == [.reflog])
        try FileManager.default.removeItem(atPath: repository.location.reflog)
        #expect(try repository.faults().map(\.rule) == [.reflog])
    }

    @Test(
        "a history with an unknown branch, a lost root catalog, or another repository's name is named",
        arguments: [
            ("UPDATE tags SET branch = 'nowhere' WHERE name = 'trunk'", .history),
            (
                "UPDATE tags SET hash = '0000000000000000000000000000000000000000' WHERE name = 'trunk'",
                .missingObject
            ),
            ("UPDATE tags SET hash = 'x'", .history),
            ("UPDATE properties SET value = 'other.example.org' WHERE key = 'fqrn'", .history),
        ] as [(String, RepositoryFault.Rule)]
    )
    func history(sql: String, rule: RepositoryFault.Rule) throws {
        let repository = try DamagedRepository()
        try repository.editHistory(sql)
        #expect(try repository.faults().map(\.rule) == [rule])
    }
}
