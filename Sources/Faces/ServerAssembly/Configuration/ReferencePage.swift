// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Telemetry

/// The pages of `docs/operations/` that are made from the tables in the code; a test compares them with what is committed.
///
/// `wharfd serve --print-reference configuration > docs/operations/configuration.md` makes one anew.
package enum ReferencePage: String, CaseIterable, Sendable {
    case configuration
    case metrics
    case logKeys = "log-keys"

    /// The page in Markdown.
    package var text: String {
        switch self {
        case .configuration: Self.configurationText
        case .metrics: Self.metricsText
        case .logKeys: Self.logKeysText
        }
    }

    private static let note =
        "<!-- Made by `wharfd serve --print-reference`; change the table in the code instead. -->\n\n"

    private static var configurationText: String {
        var text = "# Configuration\n\n" + note
        text += """
            A value comes from a flag (`--data`, `--listen`), else from the environment, else from the YAML file that `--config`
            names, else it has its default. `wharf serve --check-config` reads everything, reports all faults at once with their
            lines, looks whether the files that are named can be read, and starts nothing.

            Keys with dots are nested in the file:

            ```yaml
            listen: 127.0.0.1:5000
            log:
              level: info
              access: true
            ```

            Times have a unit (`s`, `m`, `h`, `d`), sizes too (`KiB`, `MiB`, `GiB`, `TiB`); a bare number is refused where a unit
            is due, and an unknown key always is. Secrets are given as the path of a file that holds them.

            | key | environment | value | default | meaning |
            |---|---|---|---|---|

            """
        for key in ConfigurationKey.all {
            let standard = key.standard.map { "`\($0)`" } ?? "none"
            text +=
                "| `\(key.name)` | `\(key.environmentName)` | \(key.form) | \(standard) | \(key.summary) |\n"
        }
        return text
    }

    private static var metricsText: String {
        var text = "# Metrics\n\n" + note
        text += """
            `/metrics` shows these in the text form that Prometheus reads. Counts of rows are read from the database every ten
            seconds at most.

            | metric | kind | labels | meaning |
            |---|---|---|---|

            """
        for metric in MetricName.allCases {
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            text += "| `\(metric.rawValue)` | \(metric.kind.rawValue) | \(labels) | \(metric.meaning) |\n"
        }
        text += """

            Values of `http_route`: \(RequestRoute.allCases.map { "`\($0.pattern)`" }.joined(separator: ", ")).

            Buckets of durations end at \(DurationHistogram.bounds.map { "\($0)" }.joined(separator: ", ")) seconds.

            """
        return text
    }

    private static var logKeysText: String {
        var text = "# Keys of log lines\n\n" + note
        text += """
            Beside `time`, `level`, `logger` and `message`, a line has any of these; each means the same wherever it stands.

            | key | meaning |
            |---|---|

            """
        for key in LogKey.allCases { text += "| `\(key.name)` | \(key.meaning) |\n" }
        return text
    }
}
