// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// What names and passwords of accounts must look like.
package enum AccountRules {
    /// One sentence on what is wrong with a name; `nil` if nothing is.
    ///
    /// A colon would end the name in Basic authentication; the others are those that Harbor refuses, too.
    package static func fault(ofName name: String) -> String? {
        guard (1...255).contains(name.utf8.count) else { return "a user name has 1 to 255 bytes" }
        let isFit = name.unicodeScalars.allSatisfy { scalar in
            scalar.value > 0x20 && scalar.value != 0x7F && !":,\"~#%$/\\".unicodeScalars.contains(scalar)
        }
        return isFit ? nil : "a user name holds no blanks and none of : , \" ~ # % $ / \\"
    }

    /// One sentence on what is wrong with a password; `nil` if nothing is.
    package static func fault(ofPassword password: String, for name: String) -> String? {
        guard (8...128).contains(password.utf8.count) else { return "a password has 8 to 128 bytes" }
        guard password.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            return "a password holds no control characters"
        }
        return password.lowercased() == name.lowercased() ? "the password is the user name" : nil
    }

    /// One sentence on what is wrong with the short name of a robot; `nil` if nothing is.
    package static func fault(ofRobotName name: String) -> String? {
        let isFit = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isFit, (1...128).contains(name.utf8.count) else {
            return "a robot's name has 1 to 128 lower-case letters, digits, dots, dashes and underscores"
        }
        return nil
    }
}
