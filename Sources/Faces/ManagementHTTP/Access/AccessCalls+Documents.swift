// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import AccountService
internal import Foundation
internal import Problems

/// Why a call about access cannot be answered, other than for its content.
package struct AccessCallProblem: Problem {
    /// The kinds of problem.
    package enum Code: String, CaseIterable, Sendable {
        case noSuchCall = "no-such-call"
        case badDocument = "bad-document"
    }

    package let code: Code
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var identifier: String { code.rawValue }
}

extension AccessCalls {
    static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    static func document<Document: Decodable>(_ type: Document.Type, _ call: Call) throws -> Document {
        do {
            return try JSONDecoder().decode(type, from: Data(call.body))
        } catch {
            throw AccessCallProblem(.badDocument, "the body is not what the call takes")
        }
    }

    static func need<Value>(_ value: Value?, _ name: String) throws -> Value {
        guard let value else { throw AccessCallProblem(.badDocument, "'\(name)' is missing") }
        return value
    }

    static func project(_ text: String) throws -> ProjectName {
        guard let name = ProjectName(text) else {
            throw AccessCallProblem(
                .badDocument,
                "'\(text)' is not a project name (lower-case letters, digits, . _ -)"
            )
        }
        return name
    }

    static func role(_ text: String) throws -> ProjectRole {
        guard let role = ProjectRole(name: text) else {
            let names = ProjectRole.allCases.map(\.name).joined(separator: ", ")
            throw AccessCallProblem(.badDocument, "'\(text)' is not a role; there are \(names)")
        }
        return role
    }
}

extension Robots.Wish {
    init(_ wish: AccessDocument.RobotWish) throws {
        let project = try wish.project.map { try AccessCalls.project($0) }
        let days = try wish.lifetimeInDays.map { days in
            guard (1...36_500).contains(days) else {
                throw AccessCallProblem(.badDocument, "a robot lives from 1 to 36500 days")
            }
            return Duration.seconds(Int64(days) * 86_400)
        }
        self.init(
            name: try AccessCalls.need(wish.name, "name"),
            project: project,
            summary: wish.summary ?? "",
            lifetime: days,
            grants: try (wish.permissions ?? []).map { grant in
                guard let realm = RobotGrant.Realm(grant.realm), let permission = Permission(grant.permission)
                else {
                    throw AccessCallProblem(
                        .badDocument,
                        "'\(grant.realm) \(grant.permission)' is not a permission such as 'team repository:pull'"
                    )
                }
                return RobotGrant(realm, permission)
            }
        )
    }
}
