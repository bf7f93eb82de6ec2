// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import Logging
internal import Problems
internal import Synchronization
internal import Telemetry

/// Writes log lines to the standard error stream: for people on a terminal, one JSON object in each line elsewhere.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let outlet: LogOutlet
    private let isJSON: Bool

    init(label: String, outlet: LogOutlet, format: ServerConfiguration.LogFormat, level: Logger.Level) {
        self.label = label
        self.outlet = outlet
        logLevel = level
        isJSON =
            switch format {
            case .json: true
            case .text: false
            case .auto: !outlet.isTerminal
            }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        if let error = event.error { fields[LogKey.error.name] = .string("\(error)") }
        // The server's library calls the key by its own name.
        if let id = fields.removeValue(forKey: RequestIdentity.libraryKey) {
            fields[LogKey.requestID.name] = id
        }
        let line = LogLine(
            time: WallClock.now(),
            level: event.level,
            label: label,
            message: event.message.description,
            fields: fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        )
        outlet.write(isJSON ? line.json : line.text)
    }
}
