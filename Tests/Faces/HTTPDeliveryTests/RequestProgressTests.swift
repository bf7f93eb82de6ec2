// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import HTTPDelivery
import Testing

@Suite struct RequestProgressTests {
    @Test("the first bytes of a head start its time, once")
    func headTimer() {
        var progress = RequestProgress()
        let got1 = progress.gotBytes()
        #expect(got1 == .startHeadTimer)
        let got2 = progress.gotBytes()
        #expect(got2 == .nothing)
        progress.gotHead(lengthInBytes: 0, expectsContinue: false)
        let got3 = progress.gotEnd()
        #expect(got3 == .nothing)
        let got4 = progress.beginAnswer()
        #expect(!got4)
        let got5 = progress.endAnswer()
        #expect(got5 == .nothing)
        let got6 = progress.gotBytes()
        #expect(got6 == .startHeadTimer)
    }

    @Test(
        "a connection is kept after an early answer only if little is left to read",
        arguments: [
            (1_000, false, false), (ConnectionPace.drainLimitInBytes, false, false),
            (ConnectionPace.drainLimitInBytes + 1, false, true), (nil, false, true), (1_000, true, true),
        ] as [(Int64?, Bool, Bool)]
    )
    func early(length: Int64?, expectsContinue: Bool, closes: Bool) {
        var progress = RequestProgress()
        progress.gotHead(lengthInBytes: length, expectsContinue: expectsContinue)
        let got7 = progress.beginAnswer()
        #expect(got7 == closes)
        let got8 = progress.endAnswer()
        #expect(got8 == .startDrainTimer)
        let got9 = progress.gotBody(1_000)
        #expect(got9 == .nothing)
        let got10 = progress.gotEnd()
        #expect(got10 == (closes ? .close : .nothing))
    }

    @Test("what was read before the answer does not count as left")
    func rest() {
        var progress = RequestProgress()
        progress.gotHead(lengthInBytes: 10 << 20, expectsContinue: false)
        let got11 = progress.gotBody(10 << 20 - 5)
        #expect(got11 == .nothing)
        let got12 = progress.beginAnswer()
        #expect(!got12)
    }

    @Test("an unwanted body is read up to the limit and not beyond")
    func drain() {
        var progress = RequestProgress()
        progress.gotHead(lengthInBytes: nil, expectsContinue: false)
        _ = progress.beginAnswer()
        _ = progress.endAnswer()
        let got13 = progress.gotBody(ConnectionPace.drainLimitInBytes)
        #expect(got13 == .nothing)
        let got14 = progress.gotBody(1)
        #expect(got14 == .close)
    }

    @Test("a body is too slow if little came of it in a span, and somebody waits for it")
    func slow() {
        var progress = RequestProgress()
        let got15 = progress.isTooSlow(floor: 100)
        #expect(!got15)
        progress.gotHead(lengthInBytes: 1_000, expectsContinue: true)
        let got16 = progress.isTooSlow(floor: 100)
        #expect(!got16)
        progress.sentContinue()
        _ = progress.gotBody(100)
        let got17 = progress.isTooSlow(floor: 100)
        #expect(!got17)
        _ = progress.gotBody(99)
        let got18 = progress.isTooSlow(floor: 100)
        #expect(got18)
        _ = progress.gotEnd()
        let got19 = progress.isTooSlow(floor: 100)
        #expect(!got19)
    }

    @Test("the end of an answer that is known late does not count for the next request")
    func late() {
        var progress = RequestProgress()
        progress.gotHead(lengthInBytes: 0, expectsContinue: false)
        _ = progress.gotEnd()
        _ = progress.beginAnswer()
        progress.gotHead(lengthInBytes: 10, expectsContinue: false)
        let got20 = progress.endAnswer()
        #expect(got20 == .nothing)
        #expect(progress.isReceiving)
    }

    @Test("an answer is stuck if something of it waits through a whole span, and nothing is taken")
    func stuck() {
        var progress = RequestProgress()
        progress.gotHead(lengthInBytes: 0, expectsContinue: false)
        let idle = progress.isStuck()
        progress.sendBody()
        progress.sendBody()
        let fresh = progress.isStuck()
        progress.sentBody()
        let taking = progress.isStuck()
        let waiting = progress.isStuck()
        progress.sentBody()
        let done = progress.isStuck()
        #expect([idle, fresh, taking, waiting, done] == [false, false, false, true, false])
    }
}
