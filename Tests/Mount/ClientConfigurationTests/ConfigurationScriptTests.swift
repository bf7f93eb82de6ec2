// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ClientConfiguration
import Testing

@Suite("configuration files")
struct ConfigurationScriptTests {
    private func evaluate(
        _ text: String,
        _ parameters: inout ParameterSet,
        path: String = "a.conf"
    ) -> [ConfigurationScript.Note] {
        let surroundings = ConfigurationScript.Surroundings(environment: ["SITE": "north"]) { test, path in
            test == "f" && path == "/there"
        }
        return ConfigurationScript.evaluate(text, path: path, into: &parameters, surroundings)
    }

    private func values(_ text: String) -> [String: String] {
        var parameters = ParameterSet()
        _ = evaluate(text, &parameters)
        return parameters.values
    }

    @Test(
        "assignments are read as a shell reads them",
        arguments: [
            ("A=1", "1"), ("A=\"x y\"", "x y"), ("A='$B'", "$B"), ("  export A=2 # why", "2"),
            ("A=1; A=3", "3"), ("A=x#y", "x#y"), ("A=a\\ b", "a b"), ("A=a\\\nb", "ab"),
            ("B=q; A=\"$B/${B}r\"", "q/qr"), ("A=${NONE:-d}", "d"), ("A=${NONE:-${SITE}}", "north"),
            ("A=$SITE", "north"), ("A=\"a\\\"b\\n\"", "a\"b\\n"), ("A=1\r\nB=2", "1"), ("A=", ""),
            ("A='http://p:3128;DIRECT'", "http://p:3128;DIRECT"), ("A=\"x\"'y'z", "xyz"), ("A=$", "$"),
        ]
    )
    func assignments(text: String, expected: String) {
        #expect(values(text)["A"] == expected)
    }

    @Test(
        "conditions choose",
        arguments: [
            ("if [ \"$SITE\" = \"north\" ]; then A=1; else A=2; fi", "1"),
            ("if [ x$SITE = xsouth ]\nthen\n A=1\nelif [ -n \"$SITE\" ]; then\n A=2\nfi", "2"),
            ("A=0\nif [ -f /there ]; then A=1; fi", "1"), ("A=0; [ -f /gone ] && A=1", "0"),
            ("A=0; [ -z \"$NONE\" ] && A=1", "1"), ("A=0; [ -f /gone ] || A=2", "2"),
            ("if ! [ 3 -gt 4 ]; then A=1; fi", "1"), ("if [[ $SITE == north ]]; then A=1; fi", "1"),
            ("case \"$SITE\" in\n south) A=1 ;;\n n*|m*) A=2 ;;\n *) A=3 ;;\nesac", "2"),
            ("if true; then if false; then A=1; else A=4; fi; fi", "4"),
            ("if [ -n \"$SITE\" -a 1 = 1 ]; then A=1; fi", "1"), ("test -n '' || A=7", "7"),
        ]
    )
    func conditions(text: String, expected: String) {
        #expect(values(text)["A"] == expected)
    }

    @Test("later files win, except over what was read-only")
    func order() {
        var parameters = ParameterSet()
        _ = evaluate("readonly A=1\nB=1", &parameters)
        let notes = evaluate("A=2\nB=2", &parameters, path: "b.conf")
        #expect(parameters["A"] == "1")
        #expect(parameters["B"] == "2")
        #expect(parameters.entries["B"]?.origin == .file("b.conf", line: 2))
        #expect(notes.map(\.line) == [1])
        parameters.set("A", to: "3", from: .commandLine)
        #expect(parameters["A"] == "3")
    }

    @Test("nothing is run: what only a shell can do is passed over and said, and the rest holds")
    func foreign() {
        var parameters = ParameterSet()
        let notes = evaluate(
            "A=1\nA=$(touch /tmp/x)\nB=`id`\nrm -rf / ; C=3\n. /etc/other\nfor i in 1 2; do D=$i; done\nE=5",
            &parameters
        )
        #expect(parameters["A"] == "1")
        #expect(parameters["B"] == nil)
        #expect(parameters["C"] == "3")
        #expect(parameters["E"] == "5")
        #expect(Set([2, 3, 4, 5, 6]).isSubset(of: Set(notes.map(\.line))))
    }

    @Test("a file that doubles its values does not fill the memory")
    func bombs() {
        let text = "A=0123456789\n" + String(repeating: "A=$A$A\n", count: 60)
        #expect((values(text)["A"]?.utf8.count ?? 0) <= 256 << 10)
    }

    @Test(
        "files that nest without end, or break off, do no harm",
        arguments: [
            String(repeating: "if true; then ", count: 10_000), "if", "case x in", "A=${", "A=\"", "A=$(",
            "(((((",
            String(repeating: "! ", count: 10_000), String(repeating: "${A:-", count: 10_000), "fi fi fi",
            "A=1 &&",
            "[ ] ]", "[", "[[ a && b ]]", "case $A in a) ;; b", "\\", "A='", "a)b",
        ]
    )
    func hostile(text: String) {
        _ = values(text)
        // What stands after a broken line on a line of its own is out of reach only inside of quotes.
        #expect(values("B=1\n" + text)["B"] == "1")
    }

    @Test("a file's condition may ask what an earlier file set")
    func earlier() {
        var parameters = ParameterSet()
        parameters.set("CVMFS_FQRN", to: "a.example.org", from: .program)
        _ = evaluate("if [ $CVMFS_FQRN = a.example.org ]; then CVMFS_HTTP_PROXY=DIRECT; fi", &parameters)
        #expect(parameters["CVMFS_HTTP_PROXY"] == "DIRECT")
    }

    @Test("files are looked for in the order of the stock client")
    func places() {
        let places = ConfigurationFiles.places(of: "a.example.org", domain: "example.org", in: "/etc/cvmfs")
        #expect(
            places == [
                .file("/etc/cvmfs/default.conf"), .directory("/etc/cvmfs/default.d"),
                .configurationRepository("etc/cvmfs/default.conf"), .file("/etc/cvmfs/default.local"),
                .configurationRepository("etc/cvmfs/domain.d/example.org.conf"),
                .file("/etc/cvmfs/domain.d/example.org.conf"),
                .file("/etc/cvmfs/domain.d/example.org.local"),
                .configurationRepository("etc/cvmfs/config.d/a.example.org.conf"),
                .file("/etc/cvmfs/config.d/a.example.org.conf"),
                .file("/etc/cvmfs/config.d/a.example.org.local"),
            ]
        )
    }
}
