// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import Logging

/// The server's loggers, made from its configuration.
package struct ServerLoggers: Sendable {
    /// For what happens.
    package let server: Logger
    /// For every request; `nil` if that is not wanted.
    package let access: Logger?

    /// Loggers that write to the standard error stream.
    package init(_ configuration: ServerConfiguration) {
        let outlet = LogOutlet()
        func logger(_ label: String, _ level: Logger.Level) -> Logger {
            Logger(label: label) { label in
                LineLogHandler(label: label, outlet: outlet, format: configuration.logFormat, level: level)
            }
        }
        server = logger("wharf", configuration.logLevel)
        access = configuration.logsAccess ? logger("wharf.access", .info) : nil
    }
}
