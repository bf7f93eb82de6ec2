// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The functions that every proxy file may use.
///
/// Those that ask for the time or the day are refused: a mount's proxies are found once.
enum ProxyFileWords {
    static func call(
        _ name: String,
        _ arguments: [ScriptValue],
        _ world: ProxyFileWorld
    ) throws(ProxyFileProblem) -> ScriptValue {
        let texts = arguments.map(\.asText)
        switch (name, texts.count) {
        case ("isPlainHostName", 1): return .truth(!texts[0].contains("."))
        case ("dnsDomainIs", 2): return .truth(texts[0].lowercased().hasSuffix(texts[1].lowercased()))
        case ("localHostOrDomainIs", 2):
            let (host, full) = (texts[0].lowercased(), texts[1].lowercased())
            return .truth(host == full || (!host.contains(".") && full.hasPrefix(host + ".")))
        case ("dnsDomainLevels", 1): return .number(Double(texts[0].filter { $0 == "." }.count))
        case ("shExpMatch", 2): return .truth(Self.matches(texts[0], pattern: texts[1]))
        case ("myIpAddress", 0): return .text(world.ownAddress)
        case ("dnsResolve", 1):
            return Self.address(of: texts[0], world).map { .text($0) } ?? .nothing
        case ("isResolvable", 1): return .truth(Self.address(of: texts[0], world) != nil)
        case ("isInNet", 3):
            guard let address = Self.address(of: texts[0], world).flatMap({ Self.number($0) }),
                let net = Self.number(texts[1]), let mask = Self.number(texts[2])
            else { return .truth(false) }
            return .truth(address & mask == net & mask)
        default: throw ProxyFileProblem(.unsupported, "the function '\(name)' is not understood")
        }
    }

    /// The functions of a text.
    static func method(_ name: String, of text: String, _ arguments: [ScriptValue]) throws(ProxyFileProblem)
        -> ScriptValue
    {
        switch (name, arguments.first, arguments.count) {
        case ("toLowerCase", nil, 0): return .text(text.lowercased())
        case ("toUpperCase", nil, 0): return .text(text.uppercased())
        case ("toString", nil, 0): return .text(text)
        case ("indexOf", .text(let wanted), 1): return .number(Double(Self.position(of: wanted, in: text)))
        case ("startsWith", .text(let start), 1): return .truth(text.hasPrefix(start))
        case ("endsWith", .text(let end), 1): return .truth(text.hasSuffix(end))
        case ("substring", .number(let start), 1...2):
            var bounds = [start, Double(text.utf16.count)]
            if case .number(let end)? = arguments.dropFirst().first { bounds[1] = end }
            let units = Array(text.utf16)
            let places = bounds.map { $0.isNaN ? 0 : Int(min(max($0, 0), Double(units.count))) }.sorted()
            return .text(String(decoding: units[places[0]..<places[1]], as: UTF16.self))
        default: throw ProxyFileProblem(.unsupported, "the function '\(name)' of a text is not understood")
        }
    }

    private static func address(of host: String, _ world: ProxyFileWorld) -> String? {
        number(host) != nil ? host : world.addresses(host).first
    }

    /// An address of the fourth version as a number.
    private static func number(_ address: String) -> UInt32? {
        let parts = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let part else { return nil }
            number = number << 8 | UInt32(part)
        }
        return number
    }

    private static func position(of wanted: String, in text: String) -> Int {
        let (wanted, text) = (Array(wanted.utf16), Array(text.utf16))
        guard wanted.count <= text.count else { return -1 }
        return (0...(text.count - wanted.count)).first { text[$0...].starts(with: wanted) } ?? -1
    }

    /// Whether a text is of a pattern with `*` and `?`; in linear time but for the last star.
    static func matches(_ text: String, pattern: String) -> Bool {
        let (text, pattern) = (Array(text.utf8), Array(pattern.utf8))
        var (position, place) = (0, 0)
        var star: (place: Int, position: Int)?
        while position < text.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                star = (place, position)
                place += 1
            } else if place < pattern.count,
                pattern[place] == UInt8(ascii: "?") || pattern[place] == text[position]
            {
                (position, place) = (position + 1, place + 1)
            } else if let last = star {
                star = (last.place, last.position + 1)
                (position, place) = (last.position + 1, last.place + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
