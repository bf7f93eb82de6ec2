// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import AccessControl
import AccountService
import Foundation
import HTTPTypes
import HummingbirdTesting
import MetadataStore
import NIOCore
import OCISpec
import RegistryHTTP
import Testing

/// A registry with the accounts root (administrator), dev (developer of team), guest (guest of team) and nobody (no
/// member), and the projects team (private) and open (public), each with one image `app:1`.
struct GuardedHarbour {
    let harbour: RegistryHarbour

    static let password = "password of all"

    static func open(_ body: @escaping @Sendable (GuardedHarbour) async throws -> Void) async throws {
        try await RegistryHarbour.open { harbour in
            for name in ["team/app", "open/app"] { _ = try await harbour.pushImage("1", to: name) }
            let (accounts, projects) = (Accounts(harbour.access), Projects(harbour.access))
            let actor = AuditActor(name: "test")
            for name in ["root", "dev", "guest", "nobody"] {
                try await accounts.create(
                    name,
                    password: password,
                    isAdministrator: name == "root",
                    by: actor
                )
            }
            let team = try #require(ProjectName("team"))
            try await projects.setPublic(false, of: team, by: actor)
            try await projects.setRole(.developer, of: "dev", in: team, by: actor)
            try await projects.setRole(.guest, of: "guest", in: team, by: actor)
            try await body(GuardedHarbour(harbour: harbour))
        }
    }

    static func basic(_ name: String, _ password: String = password) -> String {
        "Basic " + Data("\(name):\(password)".utf8).base64EncodedString()
    }

    /// Sends a request on behalf of an account, by Basic authentication; `nil` is nobody.
    func send(_ method: HTTPRequest.Method, _ uri: String, as name: String?, body: String? = nil) async throws
        -> TestResponse
    {
        try await harbour.send(
            method,
            uri,
            headers: name.map { [.authorization: Self.basic($0)] } ?? [:],
            body: body
        )
    }

    /// Gets a token for scopes.
    func token(_ scopes: [String], as name: String?, offline: Bool = false) async throws -> TokenJSON {
        let query = scopes.map { "&scope=" + $0.replacing(":", with: "%3A") }.joined()
        let response = try await send(
            .get,
            "/service/token?service=harbour\(query)" + (offline ? "&offline_token=true" : ""),
            as: name
        )
        #expect(response.status == .ok, "\(response.text)")
        return try JSONDecoder().decode(TokenJSON.self, from: Data(response.body.readableBytesView))
    }

    func send(_ method: HTTPRequest.Method, _ uri: String, token: String) async throws -> TestResponse {
        try await harbour.send(method, uri, headers: [.authorization: "Bearer \(token)"])
    }
}

/// The answer of the token service.
struct TokenJSON: Decodable {
    var token: String
    var access_token: String
    var expires_in: Int
    var issued_at: String
    var scope: String
    var refresh_token: String?
}

@Suite struct AccessTests {
    @Test(
        "what an account may do with the image of a project follows from its role",
        arguments: [
            (String?.none, "team/app", [401, 401, 401]), ("nobody", "team/app", [403, 403, 403]),
            ("guest", "team/app", [200, 403, 403]), ("dev", "team/app", [200, 202, 403]),
            ("root", "team/app", [200, 202, 202]), (nil, "open/app", [200, 401, 401]),
            ("nobody", "open/app", [200, 403, 403]), ("root", "open/app", [200, 202, 202]),
            (nil, "none/app", [401, 401, 401]), ("dev", "none/app", [403, 403, 403]),
            ("root", "none/app", [404, 404, 404]),
        ]
    )
    func matrix(account: String?, repository: String, expected: [Int]) async throws {
        try await GuardedHarbour.open { harbour in
            let requests: [(HTTPRequest.Method, String)] = [
                (.get, "/v2/\(repository)/manifests/1"), (.post, "/v2/\(repository)/blobs/uploads/"),
                (.delete, "/v2/\(repository)/manifests/1"),
            ]
            for ((method, uri), status) in zip(requests, expected) {
                let response = try await harbour.send(method, uri, as: account)
                #expect(response.status.code == status, "\(method) \(uri) as \(account ?? "nobody")")
                #expect((response.headers[.wwwAuthenticate] != nil) == (status == 401))
            }
        }
    }

    @Test("the ping asks for a login, and a right password or any token answers it")
    func ping() async throws {
        try await GuardedHarbour.open { harbour in
            let challenge = try await harbour.send(.get, "/v2/", as: nil)
            #expect(challenge.status == .unauthorized)
            #expect(challenge.header("Docker-Distribution-API-Version") == "registry/2.0")
            let header = try #require(challenge.headers[.wwwAuthenticate])
            #expect(header.hasPrefix("Bearer realm=\"http://"))
            #expect(header.contains("/service/token\",service=\"harbour\""))
            #expect(!header.contains("scope="))
            #expect(try await harbour.send(.get, "/v2/", as: "guest").status == .ok)
            let wrong = try await harbour.harbour.send(
                .get,
                "/v2/",
                headers: [.authorization: GuardedHarbour.basic("guest", "wrong")]
            )
            #expect(wrong.status == .unauthorized)
            let token = try await harbour.token(["repository:team/app:pull"], as: "nobody")
            #expect(try await harbour.send(.get, "/v2/", token: token.token).status == .ok)
            #expect(try await harbour.send(.get, "/v2/", token: "nonsense").status == .unauthorized)
        }
    }

    @Test("a challenge names the scope that would do, and both repositories of a mount")
    func challenges() async throws {
        try await GuardedHarbour.open { harbour in
            let cases: [(HTTPRequest.Method, String, String)] = [
                (.get, "/v2/team/app/manifests/1", "repository:team/app:pull"),
                (.head, "/v2/team/app/manifests/1", "repository:team/app:pull"),
                (.post, "/v2/team/app/blobs/uploads/", "repository:team/app:pull,push"),
                (.delete, "/v2/team/app/manifests/1", "repository:team/app:delete"),
                (
                    .post, "/v2/team/app/blobs/uploads/?mount=sha256:0&from=open/app",
                    "repository:team/app:pull,push repository:open/app:pull"
                ),
                (.get, "/v2/_catalog", "registry:catalog:*"),
            ]
            for (method, uri, scope) in cases {
                let response = try await harbour.send(method, uri, as: nil)
                #expect(response.status == .unauthorized)
                #expect(response.headers[.wwwAuthenticate]?.contains("scope=\"\(scope)\"") == true, "\(uri)")
            }
        }
    }

    @Test("a token grants what was asked and allowed, no more, and says so")
    func tokens() async throws {
        try await GuardedHarbour.open { harbour in
            let both = ["repository:team/app:pull,push,delete", "repository:open/app:pull"]
            let cases: [(String?, [String], String)] = [
                ("dev", both, "repository:team/app:pull,push repository:open/app:pull"),
                ("guest", both, "repository:team/app:pull repository:open/app:pull"),
                ("nobody", both, "repository:open/app:pull"), (nil, both, "repository:open/app:pull"),
                ("root", both, "repository:team/app:pull,push,delete repository:open/app:pull"),
                ("dev", ["repository:team/app:pull"], "repository:team/app:pull"),
                ("dev", ["repository:none/app:pull"], ""), ("root", ["repository:none/app:pull"], ""),
                ("dev", [], ""),
            ]
            for (account, scopes, granted) in cases {
                let answer = try await harbour.token(scopes, as: account)
                #expect(answer.scope == granted)
                #expect(answer.token == answer.access_token)
                #expect(answer.expires_in == 300)
                // With fractions of a second: there are clients that take no other form.
                #expect(answer.issued_at == "1970-01-01T00:00:01.000Z")
                #expect(answer.refresh_token == nil)
            }
            #expect(
                try await harbour.send(.get, "/service/token?service=harbour", as: nil).status
                    == .unauthorized
            )
            #expect(
                try await harbour.send(.get, "/service/token?service=other", as: "dev").status == .badRequest
            )
            #expect(try await harbour.send(.put, "/service/token", as: "dev").status == .methodNotAllowed)
            let wrong = try await harbour.harbour.send(
                .get,
                "/service/token?scope=repository%3Aopen%2Fapp%3Apull",
                headers: [.authorization: GuardedHarbour.basic("dev", "wrong")]
            )
            #expect(wrong.status == .unauthorized)
        }
    }

    @Test("a token is good for its scope only, and the answer tells an account that another token would do")
    func scope() async throws {
        try await GuardedHarbour.open { harbour in
            let token = try await harbour.token(["repository:team/app:pull"], as: "dev").token
            #expect(try await harbour.send(.get, "/v2/team/app/manifests/1", token: token).status == .ok)
            let push = try await harbour.send(.post, "/v2/team/app/blobs/uploads/", token: token)
            #expect(push.status == .unauthorized)
            #expect(push.headers[.wwwAuthenticate]?.contains("error=\"insufficient_scope\"") == true)
            #expect(
                try await harbour.send(.delete, "/v2/team/app/manifests/1", token: token).status == .forbidden
            )
            let stranger = try await harbour.token(["repository:team/app:pull"], as: nil).token
            #expect(
                try await harbour.send(.get, "/v2/team/app/manifests/1", token: stranger).status
                    == .unauthorized
            )
        }
    }

    @Test("rights that are taken away end at once, whatever tokens are about")
    func revocation() async throws {
        try await GuardedHarbour.open { harbour in
            let actor = AuditActor(name: "test")
            let token = try await harbour.token(["repository:team/app:pull,push"], as: "dev").token
            let uri = "/v2/team/app/manifests/1"
            #expect(try await harbour.send(.get, uri, token: token).status == .ok)
            let team = try #require(ProjectName("team"))
            try await Projects(harbour.harbour.access).setRole(.guest, of: "dev", in: team, by: actor)
            #expect(try await harbour.send(.get, uri, token: token).status == .ok)
            #expect(
                try await harbour.send(.post, "/v2/team/app/blobs/uploads/", token: token).status
                    == .forbidden
            )
            try await Accounts(harbour.harbour.access).change("dev", .init(isDisabled: true), by: actor)
            #expect(try await harbour.send(.get, uri, token: token).status == .unauthorized)
            #expect(try await harbour.send(.get, uri, as: "dev").status == .unauthorized)
            let stranger = try await harbour.token(["repository:open/app:pull"], as: nil).token
            #expect(try await harbour.send(.get, "/v2/open/app/manifests/1", token: stranger).status == .ok)
            let open = try #require(ProjectName("open"))
            try await Projects(harbour.harbour.access).setPublic(false, of: open, by: actor)
            #expect(
                try await harbour.send(.get, "/v2/open/app/manifests/1", token: stranger).status
                    == .unauthorized
            )
        }
    }

    @Test("the second protocol of the token service takes passwords and refresh tokens")
    func posts() async throws {
        try await GuardedHarbour.open { harbour in
            func post(_ form: String) async throws -> TestResponse {
                try await harbour.harbour.send(
                    .post,
                    "/service/token",
                    headers: [.contentType: "application/x-www-form-urlencoded"],
                    body: form
                )
            }
            let scope = "scope=repository%3Ateam%2Fapp%3Apull+repository%3Aopen%2Fapp%3Apull"
            let response = try await post(
                "grant_type=password&service=harbour&client_id=x&access_type=offline&username=dev"
                    + "&password=password+of+all&\(scope)"
            )
            #expect(response.status == .ok, "\(response.text)")
            let first = try JSONDecoder().decode(TokenJSON.self, from: Data(response.body.readableBytesView))
            #expect(first.scope == "repository:team/app:pull repository:open/app:pull")
            let refresh = try #require(first.refresh_token)
            let again = try await post(
                "grant_type=refresh_token&service=harbour&refresh_token=\(refresh)&scope=repository:team/app:push"
            )
            let second = try JSONDecoder().decode(TokenJSON.self, from: Data(again.body.readableBytesView))
            #expect(second.scope == "repository:team/app:push")
            #expect(second.refresh_token == refresh)
            for (form, status) in [
                ("grant_type=password&username=dev&password=wrong", 401),
                ("grant_type=refresh_token&refresh_token=x", 401),
                ("grant_type=client_credentials", 400), ("grant_type=password", 400), ("", 400), ("%zz", 400),
            ] {
                #expect(try await post(form).status.code == status, "\(form)")
            }
            let change = Accounts.Change(password: "another password")
            try await Accounts(harbour.harbour.access).change("dev", change, by: AuditActor(name: "test"))
            #expect(
                try await post("grant_type=refresh_token&refresh_token=\(refresh)").status == .unauthorized
            )
        }
    }

    @Test("the list of repositories holds what the reader may pull, page by page")
    func catalog() async throws {
        try await GuardedHarbour.open { harbour in
            for (account, expected) in [
                ("nobody", #"["open/app"]"#), ("guest", #"["open/app","team/app"]"#),
                ("root", #"["open/app","team/app"]"#),
            ] {
                let response = try await harbour.send(.get, "/v2/_catalog", as: account)
                #expect(response.text.contains(expected), "\(account): \(response.text)")
            }
            let token = try await harbour.token(["registry:catalog:*"], as: nil).token
            let response = try await harbour.send(.get, "/v2/_catalog?n=1", token: token)
            #expect(response.text.contains(#"["open/app"]"#))
            #expect(response.header("Link") == nil)
            let other = try await harbour.token(["repository:open/app:pull"], as: nil).token
            #expect(try await harbour.send(.get, "/v2/_catalog", token: other).status == .unauthorized)
        }
    }

    @Test("a blob is mounted only from where its taker may pull, and its existence stays hidden else")
    func mounts() async throws {
        try await GuardedHarbour.open { harbour in
            let secret = try await harbour.harbour.access.metadata.read { transaction in
                guard let name = RepositoryName("team/app"),
                    let team = try transaction.repository(named: name),
                    let tag = TagName("1"), let digest = try transaction.tag(tag, in: team),
                    let record = try transaction.manifest(digest, in: team)
                else { return [OCISpec.Descriptor]() }
                let manifest = try Manifest(parsing: record.bytes, declaredType: record.mediaType)
                guard case .image(let image) = manifest.content else { return [] }
                return image.layers
            }
            let digest = try #require(secret.first).digest
            let actor = AuditActor(name: "test")
            let mine = try #require(ProjectName("mine"))
            try await Projects(harbour.harbour.access).create(mine, isPublic: false, by: actor)
            try await Projects(harbour.harbour.access).setRole(.developer, of: "nobody", in: mine, by: actor)
            let open = try #require(ProjectName("open"))
            try await Projects(harbour.harbour.access).setPublic(false, of: open, by: actor)
            for query in ["&from=team/app", ""] {
                let uri = "/v2/mine/app/blobs/uploads/?mount=\(digest)\(query)"
                #expect(try await harbour.send(.post, uri, as: "nobody").status == .accepted)
            }
            try await Projects(harbour.harbour.access).setRole(
                .limitedGuest,
                of: "nobody",
                in: open,
                by: actor
            )
            let uri = "/v2/mine/app/blobs/uploads/?mount=\(digest)"
            #expect(try await harbour.send(.post, uri, as: "nobody").status == .created)
        }
    }

    @Test("robots pull and push what they were granted, under names with a dollar and a plus sign")
    func robots() async throws {
        try await GuardedHarbour.open { harbour in
            let team = try #require(ProjectName("team"))
            let made = try await Robots(harbour.harbour.access, prefix: "robot$").create(
                .init(
                    name: "ci",
                    project: team,
                    summary: "",
                    lifetime: .seconds(60),
                    grants: [RobotGrant(.project(team), Permission(.repository, .pull))]
                ),
                by: AuditActor(name: "test")
            )
            let headers: HTTPFields = [.authorization: GuardedHarbour.basic(made.name, made.secret)]
            let harbour = harbour.harbour
            #expect(try await harbour.send(.get, "/v2/team/app/manifests/1", headers: headers).status == .ok)
            #expect(
                try await harbour.send(.post, "/v2/team/app/blobs/uploads/", headers: headers).status
                    == .forbidden
            )
            let answer = try await harbour.send(
                .get,
                "/service/token?scope=repository:team/app:pull,push",
                headers: headers
            )
            #expect(answer.text.contains(#""scope":"repository:team/app:pull""#))
        }
    }

    @Test("guesses are slowed down, and the answer says for how long")
    func throttling() async throws {
        try await GuardedHarbour.open { harbour in
            var last: TestResponse?
            for _ in 0..<6 {
                last = try await harbour.harbour.send(
                    .get,
                    "/v2/",
                    headers: [.authorization: GuardedHarbour.basic("dev", "guess")]
                )
            }
            #expect(last?.status == .tooManyRequests)
            #expect(last?.headers[.retryAfter] == "1")
            #expect(last?.text.contains("TOOMANYREQUESTS") == true)
        }
    }

    @Test(
        "an Authorization header that nobody understands is refused, not ignored",
        arguments: [
            "", "Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Digest x", "Bearer", "Bearer a.b.c",
            "Basic /w==",
        ]
    )
    func malformed(header: String) async throws {
        try await GuardedHarbour.open { harbour in
            let response = try await harbour.harbour.send(
                .get,
                "/v2/open/app/manifests/1",
                headers: [.authorization: header]
            )
            #expect(response.status == .unauthorized)
            #expect(response.headers[.wwwAuthenticate] != nil)
        }
    }
}
