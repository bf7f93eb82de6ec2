// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RepositoryFixtures
import Testing

/// What a mount tells of itself by extended attributes.
@Suite(
    "magic attributes",
    .serialized,
    .enabled(if: MountedRepository.isPossible, "\(MountedRepository.requirement)")
)
struct MagicAttributeTests {
    let scratch: ScratchDirectory
    let repository: RepositoryFixture

    init() throws {
        scratch = try ScratchDirectory()
        repository = try RepositoryFixture("magic.example.org", in: scratch)
        let pieces = (0..<2000).map { [UInt8]("piece \($0)".utf8) }
        var file = FixtureEntry.text("/file", "content")
        file.attributes = ["user.own": "mine"]
        try repository.publish(
            [
                file, FixtureEntry("/chunked", .chunked(pieces)), .link("/link", to: "$(NAME)x"),
                FixtureEntry("/outside", .external([Array("far".utf8)])), .directory("/d"),
            ],
            revision: 5,
            nested: ["/d"]
        )
    }

    private func mount(_ options: String...) throws -> MountedRepository {
        try MountedRepository(repository, in: scratch, options: options)
    }

    private func attribute(_ name: String, _ path: String) -> String? {
        let outcome = try? BuiltProgram.run("/usr/bin/env", ["getfattr", "--only-values", "-hn", name, path])
        return outcome.flatMap { $0.status == 0 ? $0.output : nil }
    }

    private func listed(_ path: String) throws -> Set<String> {
        let outcome = try BuiltProgram.run("/usr/bin/env", ["getfattr", "-hm", "-", path])
        return Set(outcome.output.split(separator: "\n").map { String($0) }.filter { !$0.hasPrefix("#") })
    }

    /// - Source: cvmfs-format H.12.
    static let ofRepository = [
        "fqrn", "revision", "root_hash", "tag", "expires", "version", "pid", "uptime", "host", "host_list",
        "proxy",
        "proxy_list", "proxy_list_external", "external_host", "external_timeout", "timeout", "timeout_direct",
        "nclg",
        "nopen", "ndiropen", "ndownload", "nioerr", "hitrate", "rx", "speed", "ncleanup24", "usedfd",
        "useddirp", "maxfd",
        "inode_max", "timestamp_last_ioerr", "logbuffer", "pubkeys", "repo_counters", "catalog_counters",
    ]

    @Test("every attribute of the repository is told on every entry")
    func repositoryAttributes() throws {
        let mounted = try mount()
        for name in Self.ofRepository {
            // Linux lets nobody read attributes of the kind `user` of a link.
            for path in ["", "/d", "/file"] {
                #expect(attribute("user." + name, mounted.path + path) != nil, "\(name) of \(path)")
            }
        }
        #expect(attribute("user.fqrn", mounted.path) == "magic.example.org")
        #expect(attribute("user.revision", mounted.path + "/file") == "5")
        #expect(attribute("user.pubkeys", mounted.path)?.hasPrefix("-----BEGIN PUBLIC KEY-----") == true)
        let counters = try #require(attribute("user.catalog_counters", mounted.path + "/d"))
        #expect(counters.contains("catalog_mountpoint: /d\n") && counters.contains("self_dir,1\n"))
    }

    @Test("files tell of their objects, chunks and servers")
    func fileAttributes() throws {
        let mounted = try mount("CVMFS_EXTERNAL_URL=http://127.0.0.1:1/base")
        let (file, chunked) = (mounted.path + "/file", mounted.path + "/chunked")
        let hash = try #require(attribute("user.hash", file))
        #expect(attribute("user.lhash", file) == "not in the cache")
        #expect(try mounted.text("/file") == "content")
        #expect(attribute("user.lhash", file) == hash)
        #expect(attribute("user.chunks", file) == "1" && attribute("user.chunks", chunked) == "2000")
        #expect(attribute("user.chunk_list", file) == "hash,offset,size\n\(hash),0,7\n")
        #expect(attribute("user.compression", file) == "zlib")
        #expect(attribute("user.direct_io", file) == "0" && attribute("user.external_file", file) == "0")
        #expect(attribute("user.external_file", mounted.path + "/outside") == "1")
        #expect(attribute("user.external_url", file) == nil)
        #expect(attribute("user.hash", mounted.path + "/d") == nil)
        #expect(attribute("xfsroot.rawlink", mounted.path + "/link") == "$(NAME)x")
        #expect(attribute("xfsroot.rawlink", mounted.path + "/file") == nil)
    }

    @Test("long values come in pages, which together are the value")
    func pages() throws {
        let mounted = try mount()
        let path = mounted.path + "/chunked"
        let count = try #require(attribute("user.chunk_list~?", path).flatMap { Int($0) })
        #expect(count == 3)
        let pages = try (0..<count).map { try #require(attribute("user.chunk_list~\($0)", path)) }
        #expect(pages[0].utf8.count == 40_000 && pages[0] == attribute("user.chunk_list", path))
        #expect(pages.joined().split(separator: "\n").count == 2001)
        #expect(attribute("user.chunk_list@1", path) == "# Access page at idx: 1\n" + pages[1])
        #expect(attribute("user.chunk_list~3", path) == nil && attribute("user.chunk_list~-1", path) == nil)
        #expect(attribute("user.fqrn@?", path) == "1")
    }

    /// Mounts for the time of a body.
    private func mounted(_ options: String..., body: (String) throws -> Void) throws {
        let mounted = try MountedRepository(repository, in: scratch, options: options)
        try body(mounted.path)
        try mounted.unmount()
    }

    @Test("they are listed where that is asked for, and on request nowhere")
    func listing() throws {
        try mounted { path in
            let (onFile, onRoot) = (try listed(path + "/file"), try listed(path))
            #expect(onFile == ["user.own"] && onRoot.isEmpty)
        }
        try mounted("xattrs=rootonly") { path in
            let (onFile, onRoot) = (try listed(path + "/file"), try listed(path))
            #expect(onRoot.isSuperset(of: Self.ofRepository.map { "user." + $0 }))
            #expect(onRoot.isDisjoint(with: ["user.chunks", "user.rawlink", "user.authz"]))
            #expect(onFile == ["user.own"])
        }
        try mounted("CVMFS_MAGIC_XATTRS_VISIBILITY=always") { path in
            let onFile = try listed(path + "/file")
            #expect(onFile.isSuperset(of: ["user.own", "user.hash", "user.chunks", "user.fqrn"]))
            for name in onFile {
                #expect(attribute(name, path + "/file") != nil, "\(name) is listed, and not there")
            }
        }
        try mounted("CVMFS_MAGIC_XATTRS_VISIBILITY=always", "CVMFS_HIDE_MAGIC_XATTRS=yes") { path in
            let onRoot = try listed(path)
            #expect(onRoot.isEmpty)
            #expect(attribute("user.fqrn", path) != nil)
        }
    }

    @Test("protected ones are told to root and to privileged groups alone")
    func protection() throws {
        let mounted = try mount(
            "CVMFS_XATTR_PROTECTED_XATTRS=user.pubkeys",
            "CVMFS_XATTR_PRIVILEGED_GIDS=1234"
        )
        #expect(attribute("user.pubkeys", mounted.path) != nil)
        for (group, isTold) in [("1234", true), ("1235", false)] {
            let words = ["--reuid=65534", "--regid=\(group)", "--clear-groups", "getfattr", "--only-values"]
            for (name, expected) in [("user.pubkeys", isTold), ("user.fqrn", true)] {
                let outcome = try BuiltProgram.run(
                    "/usr/bin/env",
                    ["setpriv"] + words + ["-n", name, mounted.path]
                )
                #expect((outcome.status == 0) == expected, "\(name) for \(group): \(outcome.errors)")
            }
        }
    }

    @Test("what is counted grows by what is done")
    func counters() throws {
        let mounted = try mount("open=passthrough")
        func number(_ name: String) throws -> Int {
            try #require(attribute("user." + name, mounted.path).flatMap { Int($0) })
        }
        let before = (try number("nopen"), try number("ndiropen"), try number("ndownload"))
        _ = try mounted.text("/file")
        _ = try FileManager.default.contentsOfDirectory(atPath: mounted.path + "/d")
        #expect(try number("nopen") == before.0 + 1)
        #expect(try number("ndiropen") > before.1)
        // The file, and the nested catalog.
        #expect(try number("ndownload") == before.2 + 2)
        #expect(try number("nioerr") == 0)
        try FileManager.default.removeItem(atPath: repository.path(ofContent: "content"))
        try mounted.unmount()
        try FileManager.default.removeItem(atPath: mounted.cache)
        try mounted.mount()
        #expect(throws: (any Error).self) { try mounted.text("/file") }
        #expect(try number("nioerr") > 0)
        #expect(try number("timestamp_last_ioerr") > 1_700_000_000)
        #expect(attribute("user.logbuffer", mounted.path)?.contains("cannot answer") == true)
    }
}
