// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import RegistryService

/// A key of the configuration: its names and how its text becomes a value.
struct ConfigurationKey: Sendable {
    /// Dotted camelCase.
    let name: String
    /// Sets the value; returns what is wrong with the text, if anything.
    let set: @Sendable (inout ServerConfiguration, String) -> String?

    static let all: [ConfigurationKey] = [
        ConfigurationKey(name: "data") { configuration, text in
            guard !text.isEmpty else { return "is empty" }
            configuration.dataDirectory = text
            return nil
        },
        ConfigurationKey(name: "listen") { configuration, text in
            guard let address = ListenAddress(text) else { return "is not HOST:PORT" }
            configuration.listen = address
            return nil
        },
        ConfigurationKey(name: "server.name") { configuration, text in
            guard isServerName(text) else { return "is not a host name, with or without a port" }
            configuration.serverName = text
            return nil
        },
        ConfigurationKey(name: "uploads.expiry") { configuration, text in
            guard let value = UnitText.duration(text) else { return UnitText.durationFault }
            guard value >= .seconds(60) else { return "is less than 1m" }
            configuration.uploadExpiry = value
            return nil
        },
        ConfigurationKey(name: "limits.manifest") { configuration, text in
            guard let value = UnitText.sizeInBytes(text) else { return UnitText.sizeFault }
            guard (64 << 10...64 << 20).contains(value) else { return "is not between 64KiB and 64MiB" }
            configuration.manifestLimitInBytes = Int(value)
            return nil
        },
        ConfigurationKey(name: "http.idleTimeout") { configuration, text in
            guard let value = UnitText.duration(text) else { return UnitText.durationFault }
            guard value >= .seconds(5), value <= .seconds(86_400) else { return "is not between 5s and 1d" }
            configuration.idleTimeout = value
            return nil
        },
        ConfigurationKey(name: "log.level") { configuration, text in
            guard let level = Logger.Level(rawValue: text) else {
                return "is none of " + Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            }
            configuration.logLevel = level
            return nil
        },
        ConfigurationKey(name: "registry.sparseIndexes") { configuration, text in
            guard let value = PushManifest.SparseIndexes(rawValue: text) else {
                return "is neither refuse nor accept"
            }
            configuration.sparseIndexes = value
            return nil
        },
        ConfigurationKey(name: "http.headerTimeout") { configuration, text in
            guard let value = UnitText.duration(text) else { return UnitText.durationFault }
            guard value >= .seconds(1), value <= .seconds(3_600) else { return "is not between 1s and 1h" }
            configuration.headerTimeout = value
            return nil
        },
        ConfigurationKey(name: "http.shutdownTimeout") { configuration, text in
            guard let value = UnitText.duration(text) else { return UnitText.durationFault }
            guard value <= .seconds(86_400) else { return "is more than 1d" }
            configuration.shutdownTimeout = value
            return nil
        },
        ConfigurationKey(name: "limits.connections") { configuration, text in
            guard let value = Int(text), (16...1_000_000).contains(value) else {
                return "is not a number between 16 and 1000000"
            }
            configuration.connectionLimit = value
            return nil
        },
        ConfigurationKey(name: "limits.requests") { configuration, text in
            guard let value = Int(text), (16...1_000_000).contains(value) else {
                return "is not a number between 16 and 1000000"
            }
            configuration.requestLimit = value
            return nil
        },
        ConfigurationKey(name: "tls.certificateFile") { configuration, text in
            guard !text.isEmpty else { return "is empty" }
            configuration.certificateFile = text
            return nil
        },
        ConfigurationKey(name: "tls.keyFile") { configuration, text in
            guard !text.isEmpty else { return "is empty" }
            configuration.keyFile = text
            return nil
        },
    ]

    /// The key of a name.
    static func named(_ name: String) -> ConfigurationKey? { all.first { $0.name == name } }

    /// The environment's form: `_` at dots and before capitals.
    var environmentName: String {
        var result = "WHARF_"
        for character in name {
            if character == "." {
                result += "_"
            } else {
                if character.isUppercase { result += "_" }
                result += character.uppercased()
            }
        }
        return result
    }

    private static func isServerName(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 255 else { return false }
        let name = ListenAddress(text)?.host ?? text
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
    }
}
