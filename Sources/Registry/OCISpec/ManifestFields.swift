// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// Typed access to the members of one object in a foreign document, with errors that name the member.
struct ManifestFields {
    let object: JSONObject
    private let place: String
    private let code: OCIProblem.Code

    init(_ value: JSONValue, at place: String, code: OCIProblem.Code = .invalidManifest) throws(OCIProblem) {
        guard let object = value.object else { throw OCIProblem(code, "\(place) is not an object") }
        self.object = object
        self.place = place
        self.code = code
    }

    func string(_ name: String) throws(OCIProblem) -> String? {
        guard let value = object[name] else { return nil }
        guard let text = value.string else { throw problem(name, "is not a string") }
        return text
    }

    /// A size: an integer from 0 to 2^63 - 1.
    func size(_ name: String) throws(OCIProblem) -> Int64? {
        guard let value = object[name] else { return nil }
        guard let size = value.integer, size >= 0 else { throw problem(name, "is not a size in bytes") }
        return size
    }

    func object(_ name: String) throws(OCIProblem) -> JSONValue? {
        guard let value = object[name] else { return nil }
        guard value.object != nil else { throw problem(name, "is not an object") }
        return value
    }

    /// An object of strings; empty where it is absent.
    func strings(_ name: String) throws(OCIProblem) -> [String: String] {
        guard let members = try object(name)?.object?.all else { return [:] }
        var result: [String: String] = [:]
        for (key, value) in members {
            guard let text = value.string else { throw problem("\(name).\(key)", "is not a string") }
            result[key] = text
        }
        return result
    }

    /// A list of strings; `nil` where it is absent or `null`.
    func list(_ name: String) throws(OCIProblem) -> [String]? {
        guard let value = object[name] else { return nil }
        guard let elements = value.array else { throw problem(name, "is not an array") }
        var result: [String] = []
        for element in elements {
            guard let text = element.string else { throw problem(name, "holds something else than strings") }
            result.append(text)
        }
        return result
    }

    func descriptor(_ name: String) throws(OCIProblem) -> Descriptor? {
        guard let value = object[name] else { return nil }
        return try Descriptor(value, at: "\(place).\(name)")
    }

    /// What `null` means in place of a list.
    enum NullList {
        case empty
        case refused
    }

    /// A list of descriptors; empty where it is absent.
    func descriptors(_ name: String, null: NullList = .refused) throws(OCIProblem) -> [Descriptor] {
        guard object.contains(name) else { return [] }
        if object[name] == nil, null == .empty { return [] }
        guard let elements = object[name]?.array else { throw problem(name, "is not an array") }
        var result: [Descriptor] = []
        result.reserveCapacity(elements.count)
        for (position, element) in elements.enumerated() {
            result.append(try Descriptor(element, at: "\(place).\(name)[\(position)]"))
        }
        return result
    }

    func problem(_ name: String, _ why: String) -> OCIProblem {
        OCIProblem(code, "\(place).\(name) \(why)")
    }
}
