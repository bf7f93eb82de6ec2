// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

extension ConfigurationKey {
    /// Where a value lives in the configuration.
    typealias Place<Value> = any WritableKeyPath<ServerConfiguration, Value> & Sendable

    /// A text that must pass a check, which returns what is wrong with it.
    static func text<Value>(
        _ name: String,
        _ place: Place<Value>,
        form: String,
        standard: String?,
        _ summary: String,
        read: @escaping @Sendable (String) -> Reading<Value>
    ) -> ConfigurationKey {
        ConfigurationKey(name: name, summary: summary, form: form, standard: standard) {
            configuration,
            text in
            switch read(text) {
            case .value(let value):
                configuration[keyPath: place] = value
                return nil
            case .fault(let fault): return fault
            }
        }
    }

    /// What a text means.
    enum Reading<Value> {
        case value(Value)
        /// What is wrong: "is not a time".
        case fault(String)
    }

    /// A time with its unit, from and up to others.
    static func duration(
        _ name: String,
        _ place: Place<Duration>,
        from least: String,
        to most: String? = nil,
        _ summary: String
    ) -> ConfigurationKey {
        text(
            name,
            place,
            form: "a time from \(least)" + (most.map { " to \($0)" } ?? ""),
            standard: UnitText.text(ServerConfiguration()[keyPath: place]),
            summary
        ) { text in
            guard let value = UnitText.duration(text) else { return .fault(UnitText.durationFault) }
            if let least = UnitText.duration(least), value < least {
                return .fault("is less than \(UnitText.text(least))")
            }
            if let most = most.flatMap({ UnitText.duration($0) }), value > most {
                return .fault("is more than \(UnitText.text(most))")
            }
            return .value(value)
        }
    }

    /// A whole number without unit.
    static func count(
        _ name: String,
        _ place: Place<Int>,
        in range: ClosedRange<Int>,
        _ summary: String
    ) -> ConfigurationKey {
        text(
            name,
            place,
            form: "a number from \(range.lowerBound) to \(range.upperBound)",
            standard: "\(ServerConfiguration()[keyPath: place])",
            summary
        ) { text in
            guard let value = Int(text), range.contains(value) else {
                return .fault("is not a number between \(range.lowerBound) and \(range.upperBound)")
            }
            return .value(value)
        }
    }

    /// A size with its unit, from and up to others.
    static func size(
        _ name: String,
        _ place: Place<Int>,
        from least: String,
        to most: String,
        _ summary: String
    ) -> ConfigurationKey {
        text(
            name,
            place,
            form: "a size from \(least) to \(most)",
            standard: UnitText.text(sizeInBytes: ServerConfiguration()[keyPath: place]),
            summary
        ) { text in
            guard let value = UnitText.sizeInBytes(text) else { return .fault(UnitText.sizeFault) }
            let range = (UnitText.sizeInBytes(least) ?? 0)...(UnitText.sizeInBytes(most) ?? .max)
            guard range.contains(value) else { return .fault("is not between \(least) and \(most)") }
            return .value(Int(value))
        }
    }

    /// A whole number without a unit.
    static func number(
        _ name: String,
        _ place: Place<Int>,
        _ range: ClosedRange<Int>,
        _ summary: String
    ) -> ConfigurationKey {
        let form = "a number from \(range.lowerBound) to \(range.upperBound)"
        return text(
            name,
            place,
            form: form,
            standard: String(ServerConfiguration()[keyPath: place]),
            summary
        ) { text in
            guard let value = Int(text), range.contains(value) else { return .fault("is not \(form)") }
            return .value(value)
        }
    }

    /// `true` or `false`.
    static func flag(_ name: String, _ place: Place<Bool>, _ summary: String) -> ConfigurationKey {
        text(
            name,
            place,
            form: "`true` or `false`",
            standard: String(ServerConfiguration()[keyPath: place]),
            summary
        ) { text in Bool(text).map { .value($0) } ?? .fault("is neither true nor false") }
    }

    /// One of a few words.
    static func choice<Value>(_ name: String, _ place: Place<Value>, _ summary: String) -> ConfigurationKey
    where Value: RawRepresentable<String> & CaseIterable & Sendable {
        let words = Value.allCases.map(\.rawValue)
        return text(
            name,
            place,
            form: words.map { "`\($0)`" }.joined(separator: ", "),
            standard: ServerConfiguration()[keyPath: place].rawValue,
            summary
        ) { text in
            Value(rawValue: text).map { .value($0) }
                ?? .fault("is none of " + words.joined(separator: ", "))
        }
    }

    /// The path of a file that must be there and readable, such as a certificate or a secret.
    ///
    /// It is looked at while the configuration is read, so that `--check-config` finds a wrong path.
    static func file(_ name: String, _ place: Place<String?>, _ summary: String) -> ConfigurationKey {
        text(name, place, form: "the path of a readable file", standard: nil, summary) { text in
            var status = stat()
            guard stat(text, &status) == 0, access(text, R_OK) == 0 else {
                return .fault("cannot be read: " + String(cString: strerror(errno)))
            }
            guard status.st_mode & S_IFMT != S_IFDIR else { return .fault("is a directory, not a file") }
            return .value(text)
        }
    }
}
