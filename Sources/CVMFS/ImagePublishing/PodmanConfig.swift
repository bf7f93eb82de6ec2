// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CVMFSFormat
internal import Digests
internal import OCISpec

/// Which configs podman can read.
///
/// podman reads the configs of all images of a store at once and gives up at the first that it cannot read: one odd image
/// would hide all others, on every node. What an image says beyond this table is of no interest to it.
/// - Source: image-spec 1.1 `specs-go/v1/config.go`; containers/image `manifest/docker_schema2.go`, `Schema2V1Image`.
enum PodmanConfig {
    /// Whether podman reads the config of an image: its id is a SHA-256, and every member has the type that it expects.
    static func isReadable(_ image: PublishableImage) -> Bool {
        guard image.manifest.config.digest.algorithm == .sha256,
            let value = try? JSONValue(parsing: image.configBytes)
        else { return false }
        return document.holds(value)
    }

    /// What a member has to be, unless it is `null`.
    private indirect enum Shape: Sendable {
        case text, flag, number, time
        case list(Shape)
        /// An object with any names.
        case map(Shape)
        /// An object with some members of known shapes; others are passed over.
        case members([String: Shape])

        func holds(_ value: JSONValue) -> Bool {
            if value == .null { return true }
            switch self {
            case .text: return value.string != nil
            case .flag: return if case .boolean = value { true } else { false }
            case .number: return value.integer != nil
            case .time: return value.string.map(PodmanConfig.isTime) ?? false
            case .list(let shape): return value.array?.allSatisfy(shape.holds) ?? false
            case .map(let shape): return value.object?.all.values.allSatisfy(shape.holds) ?? false
            case .members(let shapes):
                // Names count whatever the case of their letters, the long s of old prints included.
                return value.object?.all.allSatisfy { name, value in
                    shapes[name.uppercased().lowercased()]?.holds(value) ?? true
                } ?? false
            }
        }
    }

    private static let texts = Shape.list(.text)
    private static let nothings = Shape.map(.members([:]))

    private static let container = Shape.members([
        "hostname": .text, "domainname": .text, "user": .text, "attachstdin": .flag, "attachstdout": .flag,
        "attachstderr": .flag, "exposedports": nothings, "tty": .flag, "openstdin": .flag, "stdinonce": .flag,
        "env": texts, "cmd": texts, "entrypoint": texts, "argsescaped": .flag, "image": .text,
        "volumes": nothings, "workingdir": .text, "networkdisabled": .flag, "macaddress": .text,
        "onbuild": texts, "labels": .map(.text), "stopsignal": .text, "stoptimeout": .number, "shell": texts,
        "healthcheck": .members([
            "test": texts, "interval": .number, "timeout": .number, "startperiod": .number,
            "retries": .number,
        ]),
    ])

    private static let document = Shape.members([
        "id": .text, "parent": .text, "comment": .text, "created": .time, "container": .text, "author": .text,
        "container_config": container, "config": container, "docker_version": .text, "architecture": .text,
        "variant": .text, "os": .text, "os.version": .text, "os.features": texts, "size": .number,
        "rootfs": .members(["type": .text, "diff_ids": texts]),
        "history": .list(
            .members([
                "created": .time, "created_by": .text, "author": .text, "comment": .text,
                "empty_layer": .flag,
            ])
        ),
    ])

    /// Whether a text is a moment in the form of RFC 3339, which is all that podman takes.
    private static func isTime(_ text: String) -> Bool {
        let form =
            /([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])/
        guard let parts = text.wholeMatch(of: form)?.output else { return false }
        let stamp = "\(parts.1)\(parts.2)\(parts.3)\(parts.4)\(parts.5)\(parts.6)"
        // A day that the month does not have comes back as another one.
        return CalendarTime(stamp: stamp).map { CalendarTime(unixSeconds: $0.unixSeconds).stamp == stamp }
            ?? false
    }
}
