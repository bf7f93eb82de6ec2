// swift-tools-version:6.2
// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// A package of its own, so that no sanitiser is ever needed to build the product. Its sources are links to the rooms whose
// parsers are fuzzed: they are compiled here once more, with the counters of libFuzzer in them.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .unsafeFlags(["-sanitize=fuzzer"]),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: settings)
}

func library(_ name: String) -> Target { .systemLibrary(name: name, path: "Sources/\(name)") }

let package = Package(
    name: "fuzzing",
    targets: [
        .systemLibrary(name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "libcrypto"),
        .systemLibrary(name: "CLibFuzzer", path: "Sources/CLibFuzzer"),
        room("Problems"),
        room("Digests", ["Problems", "COpenSSL"]),
        room("OCISpec", ["Problems", "Digests"]),
        room("AccessControl", ["Problems", "OCISpec"]),
        room("HTTPDelivery", ["OCISpec"]),
        room("RegistryHTTP", ["OCISpec"]),
        library("CZlib"), library("CZstd"), library("CDeflate"), library("CISAL"), library("CSQLite"),
        library("CCacheFiles"),
        room("CompressionCodecs", ["Problems", "CZlib", "CZstd", "CDeflate", "CISAL"]),
        room("TarArchive", ["Problems"]),
        room("ELFHeaders"),
        room("TransferPlanning", ["Problems"]),
        room("FileTree", ["Problems", "Digests"]),
        room("LayerUnpacking", ["Problems", "Digests", "CompressionCodecs", "TarArchive", "FileTree"]),
        room("CVMFSFormat", ["Problems", "Digests"]),
        room("CVMFSCatalog", ["Problems", "Digests", "CVMFSFormat", "CSQLite"]),
        room("CVMFSReader"),
        room("FUSEWire", ["Problems"]),
        room("ObjectCache", ["Problems", "Digests", "CCacheFiles"]),
        room("ClientConfiguration"),
        room("PublicationRules", ["OCISpec"]),
        room(
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
        .executableTarget(
            name: "fuzz",
            dependencies: ["FuzzTargets", "CLibFuzzer"],
            path: "Sources/fuzz",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
        ),
    ],
    swiftLanguageModes: [.v6]
)
