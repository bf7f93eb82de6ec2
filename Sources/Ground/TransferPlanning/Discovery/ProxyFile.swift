// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Problems

/// A file by which a site tells its proxies: a function in a small part of JavaScript, and what it may ask for.
///
/// Only what such files are made of is understood; anything else is refused by name rather than guessed. A file has bounded size,
/// depth and number of steps, so that a hostile one ends, too.
package struct ProxyFile {
    /// No file is longer.
    package static let sizeLimit = 256 << 10

    private let functions: [String: ScriptFunction]
    private let steps: [ScriptStatement]

    /// Reads a file.
    ///
    /// - Throws: `syntax`, `unsupported`, `tooLarge`.
    package init(_ bytes: [UInt8]) throws(ProxyFileProblem) {
        guard bytes.count <= Self.sizeLimit else {
            throw ProxyFileProblem(.tooLarge, "it has \(bytes.count) bytes")
        }
        (functions, steps) = try ScriptParser.read(String(decoding: bytes, as: UTF8.self))
        guard functions["FindProxyForURL"] != nil else {
            throw ProxyFileProblem(.syntax, "it has no function FindProxyForURL")
        }
    }

    /// What the file says of an address.
    ///
    /// - Parameters:
    ///   - url: the address.
    ///   - host: its host.
    ///   - addresses: what a name stands for; may block.
    ///   - ownAddress: the node's.
    /// - Returns: such as `PROXY proxy.example.org:3128; DIRECT`.
    /// - Throws: `unsupported`, `tooLarge`.
    package func proxy(
        for url: String,
        host: String,
        addresses: (String) -> [String],
        ownAddress: String
    ) throws(ProxyFileProblem) -> String {
        try withoutActuallyEscaping(addresses) { addresses throws(ProxyFileProblem) in
            var run = ScriptRun(functions, ProxyFileWorld(addresses: addresses, ownAddress: ownAddress))
            try run.begin(steps)
            guard case .text(let answer) = try run.call("FindProxyForURL", [.text(url), .text(host)]) else {
                throw ProxyFileProblem(.unsupported, "its answer is no text")
            }
            return answer
        }
    }

    /// An answer as a list of proxies; kinds of proxy that do not speak HTTP are passed over.
    package static func list(_ answer: String) -> ProxyString {
        var groups: [[ProxyString.Member]] = []
        for part in answer.split(separator: ";").prefix(64) {
            let words = part.split(whereSeparator: \.isWhitespace)
            switch (words.first?.uppercased(), words.count) {
            case ("DIRECT", 1): groups.append([.direct])
            case ("PROXY", 2), ("HTTP", 2):
                if let address = ProxyAddress("http://" + words[1]) { groups.append([.proxy(address)]) }
            case ("HTTPS", 2):
                if let address = ProxyAddress("https://" + words[1]) { groups.append([.proxy(address)]) }
            default: break
            }
        }
        return ProxyString(groups: groups)
    }
}

/// What a proxy file may ask for.
struct ProxyFileWorld {
    let addresses: (String) -> [String]
    let ownAddress: String
}

/// Why a proxy file is of no use.
package struct ProxyFileProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case syntax = "bad-proxy-file"
        case unsupported = "unsupported-proxy-file"
        case tooLarge = "proxy-file-too-large"
    }

    package let code: Code
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = "the proxy file is not understood: " + message
    }

    package var identifier: String { code.rawValue }
    package var remedy: String? { "name the proxies in CVMFS_HTTP_PROXY" }
}
