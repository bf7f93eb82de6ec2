// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Telemetry

/// The text that Prometheus reads.
///
/// ```
/// # HELP wharf_http_connections Connections that are open
/// # TYPE wharf_http_connections gauge
/// wharf_http_connections 3
/// ```
/// - Source: Prometheus exposition format 0.0.4.
struct MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// Adds a metric with one series, or with one for each value of its only label.
    mutating func add(_ metric: MetricName, _ value: some Numeric & LosslessStringConvertible) {
        begin(metric)
        text += "\(metric.rawValue) \(value)\n"
    }

    /// Adds a metric with one series for each value of its only label.
    mutating func add(_ metric: MetricName, byLabel values: [(String, Int)]) {
        begin(metric)
        for (label, value) in values {
            text += "\(metric.rawValue){\(metric.labels.first ?? "label")=\"\(label)\"} \(value)\n"
        }
    }

    /// Adds the histograms of all routes.
    mutating func add(_ metrics: RequestMetrics) {
        let name = MetricName.requestDuration.rawValue
        begin(.requestDuration)
        for route in RequestRoute.allCases {
            for (series, histogram) in metrics.histograms(of: route) {
                let values = [series.method.rawValue, route.pattern, String(series.status)]
                let labels = zip(MetricName.requestDuration.labels, values).map { "\($0)=\"\($1)\"" }
                    .joined(separator: ",")
                var sum: Int64 = 0
                for (bound, count) in zip(DurationHistogram.bounds, histogram.counts) {
                    sum += count
                    text += "\(name)_bucket{\(labels),le=\"\(Self.text(of: bound))\"} \(sum)\n"
                }
                sum += histogram.counts.last ?? 0
                text += "\(name)_bucket{\(labels),le=\"+Inf\"} \(sum)\n"
                text += "\(name)_sum{\(labels)} \(Double(histogram.sumInNanoseconds) / 1e9)\n"
                text += "\(name)_count{\(labels)} \(sum)\n"
            }
        }
    }

    private mutating func begin(_ metric: MetricName) {
        text +=
            "# HELP \(metric.rawValue) \(metric.meaning)\n# TYPE \(metric.rawValue) \(metric.kind.rawValue)\n"
    }

    /// `0.5`, and `10` without a fraction.
    private static func text(of bound: Double) -> String {
        bound == bound.rounded() ? String(Int(bound)) : String(bound)
    }
}
