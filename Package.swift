// swift-tools-version:6.2
// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// The floor plan in code: one line per room, ordered by storey. A room may import the rooms that its line names
// and nothing else; `Tests/Tidy` holds the sources to it. docs/ARCHITECTURE.md explains the rooms.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
]

func room(_ name: String, in wing: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(wing)/\(name)", swiftSettings: settings)
}

func tests(_ room: String, in wing: String, _ more: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(room)Tests",
        dependencies: [.byName(name: room)] + more,
        path: "Tests/\(wing)/\(room)Tests",
        swiftSettings: settings
    )
}

func integrationTests(_ subject: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(subject)IntegrationTests",
        dependencies: dependencies,
        path: "Tests/Integration/\(subject)IntegrationTests",
        swiftSettings: settings
    )
}

func testSupport(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Tests/Support/\(name)",
        swiftSettings: settings
    )
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: "Sources/Programs/\(name)",
        swiftSettings: settings
    )
}

func systemLibrary(_ name: String, pkgConfig: String, apt package: String) -> Target {
    .systemLibrary(
        name: name,
        path: "Sources/Ground/C/\(name)",
        pkgConfig: pkgConfig,
        providers: [.apt([package])]
    )
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHTTP2Types = Target.Dependency.product(name: "NIOHTTPTypesHTTP2", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "wharf",
    products: [
        .executable(name: "wharf", targets: ["wharf"]),
        .executable(name: "wharfd", targets: ["wharfd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Storey 0: words.
        systemLibrary("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        systemLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        systemLibrary("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
        systemLibrary("CDeflate", pkgConfig: "libdeflate", apt: "libdeflate-dev"),
        systemLibrary("CISAL", pkgConfig: "libisal", apt: "libisal-dev"),
        systemLibrary("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        .systemLibrary(name: "CAllocator", path: "Sources/Ground/C/CAllocator"),
        .systemLibrary(name: "CCrypt", path: "Sources/Ground/C/CCrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CFileSync", path: "Sources/Ground/C/CFileSync"),
        .systemLibrary(name: "CCacheFiles", path: "Sources/Ground/C/CCacheFiles"),
        .target(name: "CLinux", path: "Sources/Ground/C/CLinux"),
        .target(
            name: "CResolver",
            path: "Sources/Ground/C/CResolver",
            linkerSettings: [.linkedLibrary("resolv")]
        ),
        room("Problems", in: "Ground"),
        room("Telemetry", in: "Ground"),
        room("Digests", in: "Ground", ["Problems", "COpenSSL"]),
        tests("Digests", in: "Ground"),

        // Storey 1: pure cores.
        room("OCISpec", in: "Registry", ["Problems", "Digests"]),
        room("PublicationRules", in: "Registry", ["OCISpec"]),
        room("AccessControl", in: "Access", ["Problems", "OCISpec"]),
        room("CompressionCodecs", in: "Ground", ["Problems", "CZlib", "CZstd", "CDeflate", "CISAL"]),
        room("TarArchive", in: "Ground", ["Problems"]),
        room("ELFHeaders", in: "Ground"),
        room("FileTree", in: "Ground", ["Problems", "Digests"]),
        room(
            "LayerUnpacking",
            in: "CVMFS",
            ["Problems", "Digests", "CompressionCodecs", "TarArchive", "FileTree"]
        ),
        room("CVMFSFormat", in: "CVMFS", ["Problems", "Digests"]),
        room("FUSEWire", in: "Mount", ["Problems"]),
        room("ClientConfiguration", in: "Mount"),
        room("ContentLifetime", in: "Storage"),
        room("TransferPlanning", in: "Ground", ["Problems"]),

        // Storey 2: edges.
        room(
            "HTTPFetching",
            in: "Ground",
            [
                "Problems", "TransferPlanning", "CResolver", asyncHTTPClient, nioCore, nioHTTP1, nioPosix,
                nioSSL,
            ]
        ),
        room("ObjectCache", in: "Storage", ["Problems", "Digests", "CCacheFiles"]),
        room("BlobStorage", in: "Storage", ["Problems", "Digests", nioCore, nioPosix]),
        room(
            "MetadataStore",
            in: "Storage",
            ["Problems", "Digests", "OCISpec", "AccessControl", "ContentLifetime", "PublicationRules"]
        ),
        room(
            "MetadataStoreSQLite",
            in: "Storage",
            ["Problems", "Digests", "OCISpec", "AccessControl", "PublicationRules", "MetadataStore", grdb]
        ),
        room(
            "IdentityProviders",
            in: "Access",
            ["Problems", "Digests", "OCISpec", "AccessControl", "MetadataStore", "CCrypt", jwtKit, nioPosix]
        ),
        room("CVMFSCatalog", in: "CVMFS", ["Problems", "Digests", "CVMFSFormat", "CSQLite"]),

        // Storey 3: engines.
        room(
            "RegistryService",
            in: "Registry",
            ["Problems", "Digests", "OCISpec", "BlobStorage", "MetadataStore", nioCore]
        ),
        room(
            "RegistryImport",
            in: "Registry",
            ["Problems", "AccessControl", "Digests", "OCISpec", "BlobStorage", "MetadataStore"]
        ),
        room(
            "RegistryUpkeep",
            in: "Registry",
            ["Problems", "Digests", "OCISpec", "BlobStorage", "MetadataStore", nioCore]
        ),
        room(
            "AccountService",
            in: "Access",
            [
                "Problems", "OCISpec", "AccessControl", "PublicationRules", "IdentityProviders",
                "MetadataStore",
            ]
        ),
        room(
            "CVMFSPublisher",
            in: "CVMFS",
            [
                "Problems", "Digests", "CompressionCodecs", "FileTree", "CVMFSFormat", "CVMFSCatalog",
                "MetadataStore",
                "CFileSync",
            ]
        ),
        room(
            "DataBackup",
            in: "Storage",
            [
                "Problems", "Digests", "CVMFSFormat", "CVMFSPublisher", "BlobStorage", "MetadataStore",
                "MetadataStoreSQLite",
            ]
        ),
        room(
            "ImagePublishing",
            in: "CVMFS",
            [
                "Problems", "Digests", "CompressionCodecs", "TarArchive", "FileTree", "OCISpec",
                "AccessControl", "PublicationRules",
                "LayerUnpacking",
                "CVMFSFormat", "CVMFSPublisher", "BlobStorage", "MetadataStore", "Telemetry", nioCore,
                logging, tracing,
            ]
        ),
        room(
            "CVMFSReader",
            in: "CVMFS",
            [
                "Problems", "Digests", "CompressionCodecs", "CVMFSFormat", "TransferPlanning",
                "HTTPFetching", "ObjectCache", "CVMFSCatalog",
            ]
        ),
        room(
            "MountClient",
            in: "Mount",
            [
                "Problems", "Digests", "ELFHeaders", "CVMFSFormat", "TransferPlanning", "FUSEWire",
                "ObjectCache", "CVMFSCatalog", "CVMFSReader", "CLinux",
            ]
        ),
        room("ContainerLaunch", in: "Mount", ["Problems", "Digests", "OCISpec", "MountClient"]),

        room(
            "GarbageCollection",
            in: "Storage",
            [
                "Problems", "Digests", "OCISpec", "BlobStorage", "MetadataStore", "FileTree", "CVMFSFormat",
                "CVMFSPublisher", "ImagePublishing",
            ]
        ),

        // Storey 4: faces.
        room(
            "NodeCommands",
            in: "Faces",
            [
                "Problems", "Digests", "OCISpec", "CVMFSFormat", "TransferPlanning", "HTTPFetching",
                "ObjectCache",
                "CVMFSCatalog", "CVMFSReader", "MountClient", "ClientConfiguration",
                "ContainerLaunch", argumentParser,
            ]
        ),
        room(
            "HTTPDelivery",
            in: "Faces",
            [
                "Problems", "Telemetry", "OCISpec", "AccessControl", "BlobStorage", "MetadataStore",
                "IdentityProviders",
                hummingbird, httpTypes, nioCore, nioHTTP1, nioHTTPTypes, logging, nioPosix,
            ]
        ),
        room(
            "RegistryHTTP",
            in: "Faces",
            [
                "Problems", "Digests", "OCISpec", "AccessControl", "BlobStorage", "MetadataStore",
                "IdentityProviders", "RegistryService", "HTTPDelivery",
                hummingbird, httpTypes, logging, nioCore,
            ]
        ),
        room(
            "ManagementHTTP",
            in: "Faces",
            [
                "Problems", "Digests", "CompressionCodecs", "FileTree", "OCISpec", "AccessControl",
                "PublicationRules", "CVMFSFormat", "MetadataStore", "IdentityProviders", "AccountService",
                "CVMFSPublisher", "ImagePublishing", "HTTPDelivery", hummingbird, httpTypes, logging,
                nioPosix,
            ]
        ),
        room(
            "RepositoryHTTP",
            in: "Faces",
            [
                "Problems", "Digests", "OCISpec", "AccessControl", "BlobStorage", "HTTPDelivery", hummingbird,
                httpTypes,
                logging, nioCore, nioPosix,
            ]
        ),
        room(
            "ServerAssembly",
            in: "Faces",
            [
                "OCISpec", "AccessControl", "PublicationRules", "IdentityProviders", "AccountService",
                "GarbageCollection",
                "CVMFSFormat", "CVMFSPublisher", "LayerUnpacking", "ImagePublishing", "ManagementHTTP",
                "Problems", "Telemetry", "BlobStorage", "MetadataStore", "MetadataStoreSQLite",
                "RegistryService",
                "HTTPDelivery",
                "RegistryHTTP", "RepositoryHTTP", hummingbird, hummingbirdCore, httpTypes, logging, nioCore,
                nioHTTP2, nioHTTP2Types, nioHTTPTypes, nioPosix, nioSSL, nioTLS, serviceLifecycle, tracing,
                unixSignals, yams,
            ]
        ),
        room(
            "ServerCommands",
            in: "Faces",
            [
                "Problems", "Digests", "CompressionCodecs", "HTTPFetching", "ObjectCache", "MetadataStore",
                "MetadataStoreSQLite", "CVMFSFormat", "CVMFSCatalog", "CVMFSPublisher", "CVMFSReader",
                "FileTree",
                "ImagePublishing", "BlobStorage", "RegistryImport", "RegistryUpkeep", "RegistryService",
                "GarbageCollection", "DataBackup",
                "ManagementHTTP",
                "ServerAssembly",
                argumentParser,
                asyncHTTPClient, logging, nioCore, nioHTTP1, nioPosix,
            ]
        ),

        // Tests across rooms.
        .target(
            name: "RepositoryFixtures",
            dependencies: ["Digests", "CompressionCodecs", "CVMFSFormat", "CVMFSCatalog", "CVMFSPublisher"],
            path: "Tests/Support/RepositoryFixtures",
            swiftSettings: settings
        ),
        testSupport("ArchiveFixtures"),
        tests("Problems", in: "Ground"),
        tests("TarArchive", in: "Ground", ["ArchiveFixtures"]),
        tests("ELFHeaders", in: "Ground"),
        tests("CompressionCodecs", in: "Ground", ["Digests"]),
        tests("FileTree", in: "Ground", ["Digests"]),
        tests("CVMFSFormat", in: "CVMFS", ["Digests", "CompressionCodecs"]),
        tests("CVMFSCatalog", in: "CVMFS", ["Digests", "CVMFSFormat", "RepositoryFixtures"]),
        tests(
            "CVMFSPublisher",
            in: "CVMFS",
            [
                "Digests", "CompressionCodecs", "FileTree", "CVMFSFormat", "CVMFSCatalog", "CVMFSReader",
                "MetadataStore", "ObjectCache", "RepositoryFixtures",
            ]
        ),
        tests("LayerUnpacking", in: "CVMFS", ["Digests", "FileTree", "TarArchive"]),
        tests(
            "ImagePublishing",
            in: "CVMFS",
            [
                "Digests", "CompressionCodecs", "FileTree", "OCISpec", "AccessControl", "PublicationRules",
                "LayerUnpacking", "CVMFSFormat",
                "CVMFSPublisher", "BlobStorage", "MetadataStore", "MetadataStoreSQLite", "ArchiveFixtures",
                "RepositoryFixtures", logging, nioCore,
            ]
        ),
        tests(
            "CVMFSReader",
            in: "CVMFS",
            [
                "Digests", "CompressionCodecs", "FileTree", "CVMFSFormat", "CVMFSCatalog", "CVMFSPublisher",
                "MetadataStore", "ObjectCache", "RepositoryFixtures", grdb,
            ]
        ),
        tests("MetadataStore", in: "Storage", ["Digests", "MetadataStoreSQLite", "RepositoryFixtures"]),
        tests("FUSEWire", in: "Mount"),
        tests("TransferPlanning", in: "Ground"),
        tests("ClientConfiguration", in: "Mount"),
        tests("HTTPFetching", in: "Ground", ["TransferPlanning"]),
        tests("ObjectCache", in: "Storage", ["Digests", "RepositoryFixtures"]),
        tests("MountClient", in: "Mount", ["CVMFSFormat", "CVMFSReader", "Digests", "RepositoryFixtures"]),
        .testTarget(
            name: "NodeIntegrationTests",
            dependencies: ["Digests", "RepositoryFixtures"],
            path: "Tests/Integration/NodeIntegrationTests",
            swiftSettings: settings
        ),

        // Programs.
        program("wharf", ["NodeCommands"]),
        program("wharfd", ["ServerCommands", "CAllocator"]),

        // Tests, by storey, and what they share.
        testSupport("TestSupport"),
        testSupport("StorageConformance", ["Digests", "BlobStorage", nioCore]),
        testSupport(
            "FuzzTargets",
            [
                "AccessControl", "CVMFSCatalog", "CVMFSFormat", "CVMFSReader", "ClientConfiguration",
                "CompressionCodecs",
                "Digests", "ELFHeaders",
                "FUSEWire", "FileTree", "HTTPDelivery", "LayerUnpacking", "OCISpec", "ObjectCache",
                "PublicationRules",
                "RegistryHTTP",
                "TarArchive", "TransferPlanning",
            ]
        ),
        tests("FuzzTargets", in: "Support"),
        tests("OCISpec", in: "Registry", ["Digests"]),
        tests("PublicationRules", in: "Registry", ["OCISpec"]),
        tests("AccessControl", in: "Access", ["OCISpec"]),
        tests(
            "IdentityProviders",
            in: "Access",
            ["Digests", "OCISpec", "AccessControl", "MetadataStore", "MetadataStoreSQLite", "TestSupport"]
        ),
        tests(
            "AccountService",
            in: "Access",
            [
                "Digests", "OCISpec", "AccessControl", "IdentityProviders", "MetadataStore",
                "MetadataStoreSQLite",
                "TestSupport",
            ]
        ),
        tests(
            "BlobStorage",
            in: "Storage",
            ["Digests", "StorageConformance", "TestSupport", nioCore, nioPosix]
        ),
        tests(
            "MetadataStoreSQLite",
            in: "Storage",
            ["Digests", "OCISpec", "MetadataStore", "TestSupport", grdb]
        ),
        tests(
            "RegistryService",
            in: "Registry",
            [
                "Digests", "OCISpec", "BlobStorage", "MetadataStore", "MetadataStoreSQLite", "TestSupport",
                nioCore,
            ]
        ),
        tests("ContentLifetime", in: "Storage"),
        tests(
            "GarbageCollection",
            in: "Storage",
            [
                "AccessControl", "CompressionCodecs", "Digests", "OCISpec", "FileTree", "CVMFSFormat",
                "CVMFSPublisher",
                "ImagePublishing",
                "BlobStorage",
                "MetadataStore", "MetadataStoreSQLite", "RegistryService", "TestSupport", nioCore, nioPosix,
            ]
        ),
        tests("RegistryImport", in: "Registry", ["Digests", "TestSupport"]),
        tests(
            "RegistryUpkeep",
            in: "Registry",
            [
                "Digests", "OCISpec", "BlobStorage", "MetadataStore", "MetadataStoreSQLite", "TestSupport",
                nioCore,
            ]
        ),
        tests("HTTPDelivery", in: "Faces", [hummingbird, httpTypes, nioCore]),
        tests(
            "RegistryHTTP",
            in: "Faces",
            [
                "Digests", "OCISpec", "AccessControl", "BlobStorage", "MetadataStore", "MetadataStoreSQLite",
                "RegistryService", "IdentityProviders", "AccountService", "HTTPDelivery",
                "TestSupport", hummingbird, hummingbirdTesting, httpTypes, nioCore, nioPosix,
            ]
        ),
        tests(
            "RepositoryHTTP",
            in: "Faces",
            ["HTTPDelivery", "TestSupport", hummingbird, hummingbirdTesting, httpTypes, nioPosix]
        ),
        tests("ServerAssembly", in: "Faces", ["MetadataStore", "TestSupport", logging]),
        integrationTests("Registry", ["Digests", "TestSupport", "wharfd"]),
        // Tests of the house as a whole.
        .testTarget(name: "TidyTests", path: "Tests/Tidy/TidyTests", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
