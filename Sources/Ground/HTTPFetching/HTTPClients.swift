// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import Synchronization
internal import TransferPlanning

/// The HTTP library's clients, one for each kind of way, and the requests as they take them.
final class HTTPClients: Sendable {
    private struct State {
        /// Speak through a tunnel, one for each proxy: what is encrypted a proxy cannot keep.
        var tunnels: [ProxyAddress: HTTPClient] = [:]
        var isClosed = false
    }

    private let direct: HTTPClient
    /// Speaks to web caches, whichever: in plain HTTP, which they may keep.
    private let cached: HTTPClient
    private let state = Mutex(State())
    private let configuration: HTTPFetcher.Configuration

    init(_ configuration: HTTPFetcher.Configuration) {
        self.configuration = configuration
        direct = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: Self.settings(configuration, configuration.direct)
        )
        var plain = Self.settings(configuration, configuration.proxied)
        plain.httpVersion = .http1Only
        plain.http1_1ConnectionDebugInitializer = { CacheRequestForm.install(in: $0) }
        cached = HTTPClient(eventLoopGroupProvider: .singleton, configuration: plain)
    }

    func close() {
        let tunnels = state.withLock { state in
            state.isClosed = true
            return Array(state.tunnels.values)
        }
        // Nobody waits for connections to say goodbye; a failure to do so changes nothing. A client has to live until
        // it is closed, also when this object is gone.
        for client in [direct, cached] + tunnels { client.shutdown { [client] _ in _ = client } }
    }

    /// A request, and the client that is to make it.
    func message(_ request: FetchRequest, by member: ProxyMember) throws(FetchProblem) -> (
        HTTPClientRequest, HTTPClient
    ) {
        guard let proxy = member.address else {
            return (message(request, url: request.url, isProxied: false), direct)
        }
        guard request.url.hasPrefix("http://") else {
            return (message(request, url: request.url, isProxied: true), try tunnel(through: proxy))
        }
        let address = request.url.dropFirst(7)
        let host = address.prefix { $0 != "/" }
        let path = address.dropFirst(host.count)
        var message = message(request, url: "\(proxy)\(path)", isProxied: true)
        message.headers.add(name: "Host", value: String(host))
        return (message, cached)
    }

    private func message(_ request: FetchRequest, url: String, isProxied: Bool) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: url)
        if request.isHeadOnly { message.method = .HEAD }
        if request.isChange { message.method = .POST }
        if request.showsCredentials, let authorization = configuration.authorization,
            authorization.isForServer(at: request.url, throughProxy: isProxied)
        {
            message.headers.add(name: "Authorization", value: authorization.header)
        }
        message.headers.add(name: "User-Agent", value: configuration.userAgent)
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

    private func tunnel(through proxy: ProxyAddress) throws(FetchProblem) -> HTTPClient {
        guard !proxy.isEncrypted else {
            // The library opens tunnels to proxies in plain text only.
            throw FetchProblem(
                .address,
                "a server on https cannot be asked through the https proxy \(proxy)",
                failure: .proxyStatus
            )
        }
        let client = state.withLock { state -> HTTPClient? in
            guard !state.isClosed else { return nil }
            if let client = state.tunnels[proxy] { return client }
            var settings = Self.settings(configuration, configuration.proxied)
            settings.proxy = .server(host: proxy.host, port: proxy.port)
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
            state.tunnels[proxy] = client
            return client
        }
        guard let client else { throw FetchProblem(.transfer, "the connections are closed", failure: .final) }
        return client
    }

    private static func settings(_ configuration: HTTPFetcher.Configuration, _ patience: HTTPFetcher.Patience)
        -> HTTPClient.Configuration
    {
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.timeout.connect = TimeAmount(patience.connect)
        settings.timeout.read = TimeAmount(patience.silence)
        // A refused connection is an answer for the fail-over, not something to wait out in the pool.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = SlotPlan.limit
        settings.decompression = .disabled
        // HTTP/2 where the server offers it, which it can over TLS only.
        settings.httpVersion = .automatic
        if case .path(let path) = configuration.trust {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(path)
            settings.tlsConfiguration = tls
        }
        return settings
    }
}
