// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// Makes GET requests for threads that may block, over connections that are kept alive.
package final class HTTPFetcher: Sendable {
    /// How requests are made.
    package struct Configuration: Sendable {
        /// The longest wait for a connection.
        package var connectTimeout: Duration = .seconds(5)
        /// The longest silence of a server in the middle of an answer.
        package var idleTimeout: Duration = .seconds(10)
        /// The proxy of all requests; `nil` for none.
        package var proxy: ProxyAddress?
        /// The `User-Agent` header.
        package var userAgent = "wharf"
        /// What is shown to servers, but never over a connection that others can read.
        package var authorization: Authorization?

        /// The defaults.
        package init() {}
    }

    private let client: HTTPClient
    /// Speaks to the web cache, if there is one: for plain HTTP, which it may keep.
    private let cacheClient: HTTPClient?
    private let proxy: ProxyAddress?
    private let userAgent: String
    private let authorization: Authorization?

    /// Makes a fetcher; its connections are opened when first needed.
    package init(_ configuration: Configuration) {
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.timeout.connect = TimeAmount(configuration.connectTimeout)
        settings.timeout.read = TimeAmount(configuration.idleTimeout)
        // A refused connection is an answer for the fail-over, not something to wait out in the pool.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
        settings.decompression = .disabled
        settings.httpVersion = .http1Only
        proxy = configuration.proxy
        if proxy == nil {
            cacheClient = nil
        } else {
            var plain = settings
            plain.http1_1ConnectionDebugInitializer = { CacheRequestForm.install(in: $0) }
            cacheClient = HTTPClient(eventLoopGroupProvider: .singleton, configuration: plain)
        }
        // What is encrypted goes through a tunnel.
        settings.proxy = configuration.proxy.map { .server(host: $0.host, port: $0.port) }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        userAgent = configuration.userAgent
        authorization = configuration.authorization
    }

    // The HTTP library insists on being closed; to do so twice is no harm.
    deinit { close() }

    /// Closes the connections.
    ///
    /// Requests that are under way fail.
    package func close() {
        // Nobody waits for connections to say goodbye; a failure to do so changes nothing. A client has to live until
        // it is closed, also when this fetcher is gone.
        client.shutdown { [client] _ in _ = client }
        cacheClient?.shutdown { [cacheClient] _ in _ = cacheClient }
    }

    /// Makes one attempt, hands the bytes to `receiver` on the calling thread, and lets it verify them.
    ///
    /// Blocks the calling thread: never call it from a task. Throws a `FetchProblem`, or what the receiver threw.
    package func get(_ request: FetchRequest, into receiver: any ContentReceiver) throws -> FetchOutcome {
        let handoff = BodyHandoff()
        let (message, client) = message(request)
        let url = request.url
        // The border between threads and tasks: the task ends by itself at the answer's end or at the timeout.
        let task = Task.detached {
            await Self.pump(message, for: url, through: client, to: handoff)
        }
        defer {
            handoff.abandon()
            task.cancel()
        }
        try receiver.restart()
        var validator: Validator?
        while true {
            switch handoff.next() {
            case .head(status: 304, _, _) where request.validator != nil: return .notModified
            case .head(let status, let found, _):
                guard status == (request.range == nil ? 200 : 206) else {
                    throw FetchProblem(
                        .status,
                        "\(request.url) was answered with status \(status)",
                        status: status
                    )
                }
                validator = found
            case .chunk(let buffer): try buffer.withUnsafeReadableBytes { try receiver.receive($0) }
            case .end(let problem?): throw problem
            case .end(nil):
                try receiver.finish()
                return .received(validator)
            }
        }
    }

    private static func pump(
        _ message: HTTPClientRequest,
        for url: String,
        through client: HTTPClient,
        to handoff: BodyHandoff
    ) async {
        do {
            let response = try await client.execute(message, deadline: .distantFuture)
            let validator = Validator(
                entityTag: response.headers.first(name: "etag"),
                lastModified: response.headers.first(name: "last-modified"),
                date: response.headers.first(name: "date")
            )
            let length = response.headers.first(name: "content-length").flatMap { Int64($0) }
            guard await handoff.offer(.head(status: Int(response.status.code), validator, length: length))
            else { return }
            for try await chunk in response.body {
                guard await handoff.offer(.chunk(chunk)) else { return }
            }
            _ = await handoff.offer(.end(nil))
        } catch {
            let code: FetchProblem.Code = isAddressFault(error) ? .address : .transfer
            let problem = FetchProblem(code, "cannot fetch \(url)", cause: error)
            _ = await handoff.offer(.end(problem))
        }
    }

    /// A request, and the client that is to make it.
    private func message(_ request: FetchRequest) -> (HTTPClientRequest, HTTPClient) {
        guard let cacheClient, let proxy, request.url.hasPrefix("http://") else {
            return (message(request, url: request.url), client)
        }
        let address = request.url.dropFirst(7)
        let host = address.prefix { $0 != "/" }
        let path = address.dropFirst(host.count)
        var message = message(request, url: "http://\(proxy.host):\(proxy.port)\(path)")
        message.headers.add(name: "Host", value: String(host))
        return (message, cacheClient)
    }

    private func message(_ request: FetchRequest, url: String) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: url)
        if request.isHeadOnly { message.method = .HEAD }
        if request.isChange { message.method = .POST }
        if let authorization, authorization.isForServer(at: request.url, throughProxy: proxy != nil) {
            message.headers.add(name: "Authorization", value: authorization.header)
        }
        message.headers.add(name: "User-Agent", value: userAgent)
        message.headers.add(name: "Accept", value: "*/*")
        if let range = request.range {
            message.headers.add(name: "Range", value: "bytes=\(range.lowerBound)-\(range.upperBound)")
        }
        if let tag = request.validator?.entityTag {
            message.headers.add(name: "If-None-Match", value: tag)
        }
        if let date = request.validator?.lastModified {
            message.headers.add(name: "If-Modified-Since", value: date)
        }
        if request.bypassesCaches {
            message.headers.add(name: "Cache-Control", value: "no-cache")
            message.headers.add(name: "Pragma", value: "no-cache")
        }
        return message
    }

    private static func isAddressFault(_ error: any Error) -> Bool {
        guard let error = error as? HTTPClientError else { return false }
        return error == .invalidURL || error == .emptyHost || error == .emptyScheme
    }
}

/// Where the site's web cache listens.
package struct ProxyAddress: Sendable, Equatable {
    package let host: String
    package let port: Int

    /// Reads `http://host:port` or `host:port`; `nil` for anything else.
    ///
    /// The port defaults to 3128.
    package init?(_ text: String) {
        var rest = Substring(text)
        if rest.hasPrefix("http://") { rest = rest.dropFirst(7) }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty, parts.count <= 2 else { return nil }
        guard let port = parts.count == 2 ? Int(parts[1]) : 3128, (1...65535).contains(port) else {
            return nil
        }
        self.host = String(host)
        self.port = port
    }
}
