// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import BlobStorage
import OCISpec
import RegistryHTTP
import RegistryService
import Testing

@Suite struct RegistryErrorTests {
    @Test("every problem of a document has a code of the protocol", arguments: OCIProblem.Code.allCases)
    func documents(code: OCIProblem.Code) {
        let (name, status) = RegistryError.row(code)
        #expect((400..<500).contains(status ?? name.row.status))
    }

    @Test("every refusal of a use case has a code of the protocol", arguments: RegistryProblem.Code.allCases)
    func useCases(code: RegistryProblem.Code) {
        let (name, status) = RegistryError.row(code)
        // A blob that the storage has lost must not look like one that never was, or clients draw conclusions.
        #expect((code == .blobLost) == ((status ?? name.row.status) == 503))
    }

    @Test("a failure of the storage is a fault of the server, unless a client can act on it")
    func storage() {
        for code in BlobProblem.Code.allCases {
            switch code {
            case .failed, .truncated: #expect(RegistryError.row(code) == nil)
            default: #expect(RegistryError.row(code) != nil)
            }
        }
        #expect(RegistryError.row(BlobProblem.Code.outOfSpace)?.1 == 507)
    }

    @Test("errors do not give away the storage's own words")
    func secrets() throws {
        let error = try #require(RegistryError(BlobProblem(.outOfSpace, "/srv/secret is full")))
        #expect(!error.message.contains("secret"))
        #expect(RegistryError(BlobProblem(.failed, "/srv/secret")) == nil)
    }

    @Test("every code of the protocol has an error status and a text", arguments: OCIErrorCode.allCases)
    func table(code: OCIErrorCode) {
        #expect((400..<600).contains(code.row.status))
        #expect(!code.row.message.isEmpty)
    }
}
