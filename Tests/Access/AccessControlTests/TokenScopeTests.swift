// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import AccessControl
import OCISpec
import Testing

@Suite struct TokenScopeTests {
    @Test(
        "scopes are read as clients write them",
        arguments: [
            ("repository:team/app:pull,push", "repository:team/app:pull,push"),
            ("repository:team/app:push,pull", "repository:team/app:pull,push"),
            ("repository(plugin):team/app:pull", "repository:team/app:pull"),
            ("repository:team/app:*", "repository:team/app:pull,push,delete"),
            ("repository:team/app:pull,scanner-pull", "repository:team/app:pull"),
            ("registry:catalog:*", "registry:catalog:*"),
        ]
    )
    func read(text: String, expected: String) {
        #expect(TokenScope(text)?.description == expected)
    }

    @Test(
        "what is no scope of this registry is none",
        arguments: [
            "", "repository", "repository:", "repository::pull", "repository:Team/App:pull",
            "repository:team",
            "registry:other:*", "registry:catalog:push", "image:team/app:pull", "repository:../x:pull",
            "repository:host:5000/team/app:pull",
        ]
    )
    func refuse(text: String) {
        #expect(TokenScope(text) == nil)
    }

    @Test("several parameters, several scopes in one, and repeated subjects are joined, up to a limit")
    func list() {
        let scopes = TokenScope.list([
            "repository:a:pull repository:b:push", "repository:a:push", "nonsense", "registry:catalog:*",
        ])
        #expect(
            scopes.map(\.description) == [
                "repository:a:pull,push", "repository:b:push", "registry:catalog:*",
            ]
        )
        let many = (0..<200).map { "repository:r\($0):pull" }
        #expect(TokenScope.list(many, limit: 64).count == 64)
    }

    @Test("a scope without known actions allows nothing")
    func nothing() {
        #expect(TokenScope("repository:a:frobnicate")?.actions == [])
    }

    @Test("a token allows what its scopes say, for the repository that they name")
    func claims() throws {
        let name = try #require(RepositoryName("team/app"))
        let other = try #require(RepositoryName("team/app2"))
        let claims = TokenClaims(
            principal: .anonymous,
            scopes: TokenScope.list(["repository:team/app:pull"]),
            expires: 0
        )
        #expect(claims.actions(on: name) == .pull)
        #expect(claims.actions(on: other) == [])
        #expect(!claims.allowsCatalog)
    }

    @Test("a principal in a token is read back", arguments: ["anonymous", "user:7:2", "robot:3:1"])
    func reference(text: String) {
        #expect(PrincipalReference(text)?.description == text)
    }

    @Test(
        "what names no principal is refused",
        arguments: ["", "user", "user:1", "user:x:1", "root:1:1", "anonymous:1:1", "user:1:2:3"]
    )
    func badReference(text: String) {
        #expect(PrincipalReference(text) == nil)
    }

    @Test(
        "a project's name is one component",
        arguments: [
            ("team", true), ("te-am.x_1", true), ("team/app", false), ("Team", false), ("", false),
            ("..", false),
        ]
    )
    func projectName(text: String, isValid: Bool) {
        #expect((ProjectName(text) != nil) == isValid)
    }

    @Test("roles are read as Harbor and as people write them")
    func roles() {
        #expect(ProjectRole(name: "projectAdmin") == .projectAdmin)
        #expect(ProjectRole(name: "project-admin") == .projectAdmin)
        #expect(ProjectRole(name: "LIMITEDGUEST") == .limitedGuest)
        #expect(ProjectRole(name: "owner") == nil)
        #expect(ProjectRole.allCases.map(\.rawValue) == [1, 2, 3, 4, 5])
    }
}
