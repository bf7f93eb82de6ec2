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

let package = Package(
    name: "wharf",
    products: [
        .executable(name: "wharf", targets: ["wharf"]),
        .executable(name: "wharfd", targets: ["wharfd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // Storey 0: words.
        systemLibrary("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        systemLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        systemLibrary("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
        systemLibrary("CDeflate", pkgConfig: "libdeflate", apt: "libdeflate-dev"),
        systemLibrary("CISAL", pkgConfig: "libisal", apt: "libisal-dev"),
        systemLibrary("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        .systemLibrary(name: "CFileSync", path: "Sources/Ground/C/CFileSync"),
        room("Problems", in: "Ground"),
        room("Digests", in: "Ground", ["Problems", "COpenSSL"]),
        tests("Digests", in: "Ground"),

        // Storey 1: pure cores.
        room("CompressionCodecs", in: "Ground", ["Problems", "CZlib", "CZstd", "CDeflate", "CISAL"]),
        room("TarArchive", in: "Ground", ["Problems"]),
        room("FileTree", in: "Ground", ["Problems", "Digests"]),
        room(
            "LayerUnpacking",
            in: "CVMFS",
            ["Problems", "Digests", "CompressionCodecs", "TarArchive", "FileTree"]
        ),
        room("CVMFSFormat", in: "CVMFS", ["Problems", "Digests"]),

        // Storey 2: edges.
        room("CVMFSCatalog", in: "CVMFS", ["Problems", "Digests", "CVMFSFormat", "CSQLite"]),
        room("MetadataStore", in: "Storage", ["Problems", "Digests"]),

        // Storey 3: engines.
        room(
            "CVMFSPublisher",
            in: "CVMFS",
            [
                "Problems", "Digests", "CompressionCodecs", "FileTree", "CVMFSFormat", "CVMFSCatalog",
                "MetadataStore",
                "CFileSync",
            ]
        ),

        // Programs.
        program("wharf", ["Problems", argumentParser]),
        program("wharfd", ["Problems", "LayerUnpacking", "CVMFSPublisher", argumentParser]),
    ],
    swiftLanguageModes: [.v6]
)
