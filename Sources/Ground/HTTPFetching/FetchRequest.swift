// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// One GET, or a HEAD.
package struct FetchRequest: Sendable {
    /// The whole address.
    package var url: String
    /// The bytes wanted, both ends included; `nil` for everything.
    package var range: ClosedRange<Int64>?
    /// What is known of the content already: the server may then answer *not modified*.
    package var validator: Validator?
    /// Whether caches on the way are told to ask the origin: after a corrupt answer.
    package var bypassesCaches: Bool
    /// Whether only the head of the answer is wanted: a HEAD instead of a GET.
    package var isHeadOnly = false
    /// Whether it is a call that changes something: a POST without a body.
    package var isChange = false
    /// Whether the server may see what the fetcher has to show.
    package var showsCredentials = true

    /// Describes a GET.
    package init(
        url: String,
        range: ClosedRange<Int64>? = nil,
        validator: Validator? = nil,
        bypassesCaches: Bool = false
    ) {
        self.url = url
        self.range = range
        self.validator = validator
        self.bypassesCaches = bypassesCaches
    }
}

/// What a server said to recognise a version of a resource by.
///
/// - Source: RFC 9110, section 8.8.
package struct Validator: Sendable, Equatable {
    /// The `ETag` header, verbatim.
    package var entityTag: String?
    /// The `Last-Modified` header, verbatim.
    package var lastModified: String?

    /// Wraps what an answer carried; `nil` if it carried neither.
    package init?(entityTag: String?, lastModified: String?) {
        guard entityTag != nil || lastModified != nil else { return nil }
        self.entityTag = entityTag
        self.lastModified = lastModified
    }

    /// Wraps what an answer carried, unless the resource changed just before the answer was made.
    ///
    /// Dates count whole seconds, and common servers make their tags of date and size, so a resource that changes twice
    /// within a second may keep both. `date` is the answer's own time.
    /// - Source: RFC 9110, section 8.8.2.2.
    package init?(entityTag: String?, lastModified: String?, date: String?) {
        if let lastModified, let changed = Self.secondOfDay(lastModified),
            let now = date.flatMap({ Self.secondOfDay($0) })
        {
            let age = (now - changed + 86400) % 86400
            guard age >= 2 else { return nil }
        }
        self.init(entityTag: entityTag, lastModified: lastModified)
    }

    /// The time of day in a date such as `Mon, 23 Nov 2026 20:02:24 GMT`.
    private static func secondOfDay(_ date: String) -> Int? {
        guard let time = date.split(separator: " ").first(where: { $0.contains(":") }) else { return nil }
        let parts = time.split(separator: ":").compactMap { Int($0) }
        guard parts.count == 3 else { return nil }
        return parts[0] * 3600 + parts[1] * 60 + parts[2]
    }
}

/// How a fetch ended well.
package enum FetchOutcome: Sendable, Equatable {
    /// The receiver has the whole content.
    case received(Validator?)
    /// The content is the one that the request's validator names; the receiver got nothing.
    case notModified
}

/// Takes the bytes of one content, possibly over several attempts.
package protocol ContentReceiver: AnyObject {
    /// A new attempt starts: forgets what came before.
    func restart() throws
    /// Takes the next bytes, which are valid during the call only.
    func receive(_ bytes: UnsafeRawBufferPointer) throws
    /// All bytes came. Throws a `FetchProblem` with the code `corrupt` if they are not what was asked for.
    func finish() throws
}
