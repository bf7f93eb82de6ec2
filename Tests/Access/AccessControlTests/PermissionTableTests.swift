// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import AccessControl
import Foundation
import Testing

@Suite struct PermissionTableTests {
    /// The rows of the table in docs/access.md: resource, then the cells in the order of the headline.
    private static let documented: [(resource: String, cells: [String])] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../docs/access.md")
        let text = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 9, Permission.Resource(rawValue: cells[1]) != nil else { return nil }
            return (cells[1], Array(cells[2...7]))
        }
    }()

    private static let columns: [ProjectRole?] = [
        .projectAdmin, .maintainer, .developer, .guest, .limitedGuest, nil,
    ]

    private static func permissions(_ resource: Permission.Resource, _ cell: String) -> Set<Permission> {
        let letters: [String: Permission.Action] = [
            "C": .create, "R": .read, "U": .update, "D": .delete, "L": .list, "S": .stop, "O": .operate,
            "pull": .pull, "push": .push,
        ]
        return Set(
            cell.split(separator: " ").compactMap { letters[String($0)].map { Permission(resource, $0) } }
        )
    }

    @Test("every cell is what the page says, for every action")
    func cells() throws {
        #expect(Self.documented.map(\.resource) == PermissionTable.resources.map(\.rawValue))
        let project = try #require(ProjectName("team"))
        for (name, cells) in Self.documented {
            let resource = try #require(Permission.Resource(rawValue: name))
            for (role, cell) in zip(Self.columns, cells) {
                let principal =
                    role == nil ? Principal.anonymous : .user(id: 1, name: "u", isAdministrator: false)
                let standing = ProjectStanding(exists: true, isPublic: role == nil, role: role)
                let allowed = AccessRules.permissions(of: principal, in: project, standing)
                let expected = Self.permissions(resource, cell)
                for action in Permission.Action.allCases {
                    let permission = Permission(resource, action)
                    #expect(
                        allowed.contains(permission) == expected.contains(permission),
                        "\(permission) for \(role?.name ?? "everyone")"
                    )
                }
                #expect(PermissionTable.cell(resource, role) == cell)
            }
        }
    }

    @Test("a role that stands above another may do all that the other may")
    func order() {
        let order: [ProjectRole] = [.limitedGuest, .guest, .developer, .maintainer, .projectAdmin]
        for (lower, higher) in zip(order, order.dropFirst()) {
            #expect(
                PermissionTable.permissions(of: lower).isSubset(of: PermissionTable.permissions(of: higher))
            )
        }
        #expect(PermissionTable.ofEveryoneInPublicProjects.isSubset(of: PermissionTable.all))
    }
}

@Suite struct AccessRulesTests {
    private let team: ProjectName
    private let user = Principal.user(id: 1, name: "u", isAdministrator: false)
    private let administrator = Principal.user(id: 2, name: "a", isAdministrator: true)

    init() throws { team = try #require(ProjectName("team")) }

    @Test(
        "nobody has a right in a project that does not exist, and everybody's rights follow from what is known"
    )
    func unknown() {
        for principal in [Principal.anonymous, user, administrator, .localOperator(name: "local")] {
            #expect(AccessRules.permissions(of: principal, in: team, .unknown).isEmpty)
        }
        let closed = ProjectStanding(exists: true, isPublic: false)
        #expect(AccessRules.permissions(of: .anonymous, in: team, closed).isEmpty)
        #expect(AccessRules.permissions(of: user, in: team, closed).isEmpty)
        #expect(AccessRules.permissions(of: administrator, in: team, closed) == PermissionTable.all)
        #expect(
            AccessRules.permissions(of: .localOperator(name: "x"), in: team, closed) == PermissionTable.all
        )
    }

    @Test(
        "roles and visibility become actions of the protocol",
        arguments: [
            (nil, false, []), (nil, true, .pull), (.limitedGuest, false, .pull),
            (.guest, false, .pull), (.developer, false, [.pull, .push]), (.developer, true, [.pull, .push]),
            (.maintainer, false, .all), (.projectAdmin, false, .all),
        ] as [(ProjectRole?, Bool, RepositoryActions)]
    )
    func actions(role: ProjectRole?, isPublic: Bool, expected: RepositoryActions) {
        let standing = ProjectStanding(exists: true, isPublic: isPublic, role: role)
        let allowed = RepositoryActions(allowedBy: AccessRules.permissions(of: user, in: team, standing))
        #expect(allowed == expected)
    }

    @Test("a robot's grants hold where they were granted and nowhere else")
    func robots() throws {
        let robot = Principal.robot(id: 1, name: "r")
        let push = Permission(.repository, .push)
        let other = try #require(ProjectName("other"))
        let cases: [(RobotGrant.Realm, inTeam: Bool, inOther: Bool)] = [
            (.project(team), true, false), (.everyProject, true, true), (.system, false, false),
        ]
        for (realm, inTeam, inOther) in cases {
            let standing = ProjectStanding(exists: true, isPublic: false, grants: [RobotGrant(realm, push)])
            #expect(AccessRules.permissions(of: robot, in: team, standing).contains(push) == inTeam)
            #expect(AccessRules.permissions(of: robot, in: other, standing).contains(push) == inOther)
        }
        let catalog = RobotGrant(.system, Permission(.catalog, .read))
        #expect(AccessRules.systemPermissions(of: robot, grants: [catalog]) == [Permission(.catalog, .read)])
        #expect(AccessRules.systemPermissions(of: user, grants: []).isEmpty)
        #expect(AccessRules.systemPermissions(of: administrator, grants: []) == PermissionTable.system)
    }
}
