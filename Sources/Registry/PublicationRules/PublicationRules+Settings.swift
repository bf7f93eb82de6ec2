// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The rules as settings of a project: strings by key, which is how Harbor's API has a project's metadata.
///
/// Lists are separated by spaces or, outside braces, commas. An empty value puts a setting back to its default.
extension PublicationRules {
    /// A setting that is not understood.
    package struct BadSetting: Error, Hashable {
        package var key: String
        package var expectation: String
    }

    /// The keys, as `wharf admin project set` and the API take them.
    package enum Key: String, CaseIterable, Sendable {
        case publish
        case repository = "publish_repository"
        case include = "publish_include"
        case exclude = "publish_exclude"
        case platforms = "publish_platforms"
        case latestOnly = "publish_latest_only"
        case newest = "publish_newest"
        case layers = "publish_layers"
    }

    private static let newestLimit = 100_000
    private static let listLimit = 64

    /// The settings that are not at their defaults.
    package var settings: [String: String] {
        var settings: [String: String] = [:]
        func set(_ key: Key, _ value: String?) { settings[key.rawValue] = value }
        if !isOn { set(.publish, "false") }
        set(.repository, repository)
        if !include.isEmpty { set(.include, Self.text(include)) }
        if !exclude.isEmpty { set(.exclude, Self.text(exclude)) }
        if !platforms.isEmpty { set(.platforms, platforms.joined(separator: " ")) }
        if isLatestOnly { set(.latestOnly, "true") }
        set(.newest, newest.map { "\($0)" })
        if showsLayers { set(.layers, "true") }
        return settings
    }

    /// Reads all settings; what is absent has its default.
    package init(settings: [String: String]) throws(BadSetting) {
        self.init()
        for (key, value) in settings.sorted(by: { $0.key < $1.key }) { try set(key, to: value) }
    }

    /// Changes one setting.
    package mutating func set(_ name: String, to value: String) throws(BadSetting) {
        guard let key = Key(rawValue: name) else {
            let known = Key.allCases.map(\.rawValue).joined(separator: ", ")
            throw BadSetting(key: name, expectation: "is not a setting of publication; there are \(known)")
        }
        switch key {
        case .publish: isOn = try Self.flag(value, name) ?? true
        case .repository: repository = try Self.repository(value)
        case .include: include = try Self.patterns(value, name)
        case .exclude: exclude = try Self.patterns(value, name)
        case .platforms: platforms = try Self.platforms(value)
        case .latestOnly: isLatestOnly = try Self.flag(value, name) ?? false
        case .newest: newest = try Self.count(value)
        case .layers: showsLayers = try Self.flag(value, name) ?? false
        }
    }

    // MARK: Values

    private static func flag(_ value: String, _ name: String) throws(BadSetting) -> Bool? {
        switch value {
        case "": nil
        case "true": true
        case "false": false
        default: throw BadSetting(key: name, expectation: "must be true or false")
        }
    }

    private static func count(_ value: String) throws(BadSetting) -> Int? {
        guard !value.isEmpty else { return nil }
        guard let count = Int(value), (1...newestLimit).contains(count) else {
            throw BadSetting(
                key: Key.newest.rawValue,
                expectation: "must be a number from 1 to \(newestLimit)"
            )
        }
        return count
    }

    /// A domain name in lower case: it becomes a directory, and a part of URLs.
    private static func repository(_ value: String) throws(BadSetting) -> String? {
        guard !value.isEmpty else { return nil }
        let labels = value.split(separator: ".", omittingEmptySubsequences: false)
        let isName =
            value.utf8.count <= 60 && labels.count >= 2
            && labels.allSatisfy { label in
                !label.isEmpty && label.first != "-"
                    && label.utf8.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                            true
                        default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                        }
                    }
            }
        guard isName else {
            throw BadSetting(
                key: Key.repository.rawValue,
                expectation: "must be a name such as team.example.org, in lower case"
            )
        }
        return value
    }

    private static func platforms(_ value: String) throws(BadSetting) -> [String] {
        let names = try list(value, Key.platforms.rawValue)
        for name in names where name == "linux/" || !name.utf8.allSatisfy({ isPlatformByte($0) }) {
            throw BadSetting(
                key: Key.platforms.rawValue,
                expectation: "must name platforms such as amd64 or arm:v6"
            )
        }
        // Both ways of writing are about: linux/arm/v6 and arm:v6.
        return names.map { name in
            let bare = name.hasPrefix("linux/") ? String(name.dropFirst("linux/".count)) : name
            return bare.replacing("/", with: ":")
        }
    }

    private static func isPlatformByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "_-:/.".utf8.contains(byte)
        }
    }

    private static func patterns(_ value: String, _ name: String) throws(BadSetting) -> [TagPattern] {
        var patterns: [TagPattern] = []
        for word in try list(value, name) {
            guard let pattern = TagPattern(word) else {
                throw BadSetting(key: name, expectation: "holds '\(word)', which is not a pattern for tags")
            }
            patterns.append(pattern)
        }
        return patterns
    }

    private static func list(_ value: String, _ name: String) throws(BadSetting) -> [String] {
        var words: [String] = [""]
        var isInBraces = false
        for character in value {
            if character == "{" { isInBraces = true }
            if character == "}" { isInBraces = false }
            if character == " " || (character == "," && !isInBraces) {
                words.append("")
            } else {
                words[words.count - 1].append(character)
            }
        }
        words.removeAll { $0.isEmpty }
        guard words.count <= listLimit else {
            throw BadSetting(key: name, expectation: "holds more than \(listLimit) entries")
        }
        return words
    }

    private static func text(_ patterns: [TagPattern]) -> String {
        patterns.map(\.description).joined(separator: " ")
    }
}
