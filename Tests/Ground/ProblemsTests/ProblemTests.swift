// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Problems
import Testing

private struct SampleProblem: Problem {
    var identifier = "sample"
    var message: String
    var remedy: String?
    var cause: (any Error)?
}

@Suite struct ProblemTests {
    @Test("a problem reads as its message, its causes and the first remedy")
    func chain() {
        let root = SystemCallProblem("open", "/data/x", errorNumber: ENOSPC)
        let middle = SampleProblem(message: "the object cannot be stored", cause: root)
        let top = SampleProblem(message: "the layer is lost", cause: middle)
        #expect(
            top.description
                == "the layer is lost: the object cannot be stored: cannot open /data/x: No space left on device; "
                + "free some space on that file system"
        )
    }

    @Test("the outermost remedy wins")
    func remedy() {
        let inner = SampleProblem(message: "inner", remedy: "not this")
        #expect(
            SampleProblem(message: "outer", remedy: "this", cause: inner).description == "outer: inner; this"
        )
    }

    @Test("an error that is no problem is named as it names itself")
    func foreignCause() {
        let problem = SampleProblem(message: "outer", cause: CancellationError())
        #expect(problem.description == "outer: CancellationError()")
    }

    @Test("without cause and remedy the message is all")
    func plain() { #expect(SampleProblem(message: "alone").description == "alone") }
}
