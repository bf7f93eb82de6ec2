// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// One way to the servers: straight, or through a proxy at one of the addresses that its name stands for.
package struct ProxyMember: Sendable, Hashable, CustomStringConvertible {
    /// As it is written in the list; `nil` for none.
    package let name: ProxyAddress?
    /// Where to connect; `nil` for no proxy.
    package let address: ProxyAddress?

    /// No proxy.
    package static let direct = ProxyMember(name: nil, address: nil)

    /// A proxy at an address.
    package init(_ name: ProxyAddress, at address: ProxyAddress) {
        self.init(name: name, address: address)
    }

    private init(name: ProxyAddress?, address: ProxyAddress?) {
        self.name = name
        self.address = address
    }

    package var description: String {
        guard let name, let address else { return "DIRECT" }
        return name == address ? "\(name)" : "\(name) (\(address.host))"
    }
}
