// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Where a redirection leads, if it may be followed.
///
/// - Source: RFC 9110, section 15.4; RFC 3986, section 4.2.
package enum RedirectRule {
    /// No more are followed in a row.
    package static let limit = 4

    /// Whether a status is a redirection of a GET.
    package static func isRedirect(_ status: Int) -> Bool { [301, 302, 303, 307, 308].contains(status) }

    /// The address that a `Location` means; `nil` if it is none, or leads from an encrypted server to one that is not.
    package static func target(_ location: String, from url: String) -> String? {
        guard location.utf8.count <= 8192, location.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        let scheme = url.hasPrefix("https://") ? "https://" : "http://"
        let target: String
        if location.hasPrefix("//") {
            target = scheme.dropLast(2) + location
        } else if location.hasPrefix("/") {
            target = scheme + authority(of: url) + location
        } else {
            target = location
        }
        guard target.hasPrefix("https://") || (target.hasPrefix("http://") && scheme == "http://") else {
            return nil
        }
        let host = authority(of: target)
        return host.isEmpty || host.contains("@") ? nil : target
    }

    /// Host and port of an address.
    package static func authority(of url: String) -> Substring {
        let rest = url.hasPrefix("https://") ? url.dropFirst(8) : url.dropFirst(7)
        return rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    }
}
