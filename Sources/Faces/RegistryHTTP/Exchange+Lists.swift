// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPDelivery
internal import HTTPTypes
internal import Hummingbird
internal import OCISpec
internal import RegistryService

extension Exchange {
    func listRepositories() async throws -> Response {
        let page = try pageRequest()
        let found = try await useCases.listContent.repositories(page) { [reception, visitor] in
            try await reception.mayPull(visitor, $0)
        }
        var response = Self.json("{\"repositories\":\(JSONText.array(found.elements.map(\.description)))}")
        if found.hasMore, let last = found.elements.last {
            response.headers[.link] = page.nextLink(path: "/v2/_catalog", last: last.description)
        }
        return response
    }

    func listTags(_ name: RepositoryName) async throws -> Response {
        let page = try pageRequest()
        let found = try await useCases.listContent.tags(in: name, page)
        let tags = JSONText.array(found.elements.map(\.description))
        var response = Self.json("{\"name\":\(JSONText.quote(name.description)),\"tags\":\(tags)}")
        if found.hasMore, let last = found.elements.last {
            response.headers[.link] = page.nextLink(
                path: Self.path(name, "tags/list"),
                last: last.description
            )
        }
        return response
    }

    private func pageRequest() throws -> PageRequest {
        try PageRequest(n: target.parameter("n"), last: target.parameter("last"))
    }
}
