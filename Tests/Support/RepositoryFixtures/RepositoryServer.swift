// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

#if canImport(Glibc)
internal import Glibc
#endif

/// A web server on loopback that serves a directory, with ranges and conditional requests.
package final class RepositoryServer {
    /// Its address, without a final slash.
    package private(set) var address: String
    private let root: String
    private var process: Process

    /// Serves a directory at a free port.
    package init(_ root: String) throws {
        self.root = root
        (process, address) = try Self.start(root, port: 0)
    }

    deinit { stop() }

    /// Ends the server, as if the machine were gone.
    package func stop() {
        guard process.isRunning else { return }
        // A test runner may have signals blocked that its children then never see; this one cannot be.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Starts it again at the same port.
    package func restart() throws {
        let port = address.split(separator: ":").last.flatMap { Int($0) } ?? 0
        (process, address) = try Self.start(root, port: port)
    }

    private static func start(_ root: String, port: Int) throws -> (Process, String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-u", "-c", program, root, String(port)]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8) {
            line += byte
        }
        return (process, "http://127.0.0.1:" + String(decoding: line, as: UTF8.self))
    }

    /// Python's own server knows no ranges.
    private static let program = #"""
        import http.server, os, re, sys
        os.chdir(sys.argv[1])
        class Handler(http.server.SimpleHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            def do_GET(self):
                wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
                if not wanted:
                    return super().do_GET()
                try:
                    content = open(self.translate_path(self.path), "rb").read()
                except OSError:
                    return self.send_error(404)
                first, last = int(wanted[1]), int(wanted[2])
                part = content[first:last + 1]
                self.send_response(206)
                self.send_header("Content-Length", str(len(part)))
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
                self.end_headers()
                self.wfile.write(part)
        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
        server = Server(("127.0.0.1", int(sys.argv[2])), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """#
}
