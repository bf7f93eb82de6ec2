// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import OCISpec
import PublicationRules
import Testing

@Suite struct PublicationRulesTests {
    private static func candidates(_ names: [String]) -> [PublicationRules.Candidate] {
        names.enumerated().compactMap { index, name in
            TagName(name).map { PublicationRules.Candidate(tag: $0, moved: Int64(index)) }
        }
    }

    private static func shown(_ settings: [String: String], _ names: [String]) throws -> Set<String> {
        let all = candidates(names)
        let withheld = try PublicationRules(settings: settings).withheld(of: all)
        return Set(all.map(\.tag).filter { withheld[$0] == nil }.map(\.description))
    }

    @Test(
        "rules let through what they say",
        arguments: [
            ([:], ["1", "2", "latest"]),
            (["publish": "false"], []),
            (["publish_latest_only": "true"], ["latest"]),
            (["publish_include": "1 lat*"], ["1", "latest"]),
            (["publish_exclude": "{1,2}"], ["latest"]),
            (["publish_include": "?", "publish_exclude": "2"], ["1"]),
            (["publish_newest": "2"], ["2", "latest"]),
            // What another rule withholds takes no place among the newest.
            (["publish_newest": "1", "publish_exclude": "latest"], ["2"]),
        ] as [([String: String], [String])]
    )
    func table(settings: [String: String], shown: [String]) throws {
        #expect(try Self.shown(settings, ["1", "2", "latest"]) == Set(shown))
    }

    @Test("the reason names the rule")
    func reasons() throws {
        let tag = try #require(TagName("dev-1"))
        let all = [PublicationRules.Candidate(tag: tag, moved: 1)]
        let rules = try PublicationRules(settings: ["publish_exclude": "x dev-*"])
        #expect(rules.withheld(of: all)[tag]?.description == "rule exclude: the tag matches 'dev-*'")
    }

    @Test("settings are what they were after reading and writing")
    func roundTrip() throws {
        let settings = [
            "publish": "false", "publish_repository": "team.example.org", "publish_include": "a* {b,c}",
            "publish_exclude": "x", "publish_platforms": "amd64 arm:v6", "publish_latest_only": "true",
            "publish_newest": "3", "publish_layers": "true",
        ]
        #expect(try PublicationRules(settings: settings).settings == settings)
        let empty = settings.mapValues { _ in "" }
        #expect(try PublicationRules(settings: empty) == PublicationRules())
    }

    @Test(
        "a setting that is not understood is refused by name",
        arguments: [
            ("publish", "yes"), ("publish_newest", "0"), ("publish_newest", "-1"), ("publish_newest", "x"),
            ("publish_repository", "nodots"), ("publish_repository", "../etc"), ("publish_repository", "A.b"),
            ("publish_repository", "a..b"), ("publish_platforms", "../x y/../z;"), ("publish_include", "{"),
            ("public", "true"), ("publish_everything", "true"),
        ]
    )
    func refusal(key: String, value: String) {
        #expect(throws: PublicationRules.BadSetting.self) { try PublicationRules(settings: [key: value]) }
    }

    @Test("platforms are understood in both ways of writing")
    func platforms() throws {
        let rules = try PublicationRules(settings: ["publish_platforms": "linux/arm/v6,amd64"])
        #expect(rules.takes(platform: "arm:v6") && rules.takes(platform: "amd64"))
        #expect(!rules.takes(platform: "arm64"))
    }

    @Test("whatever the order of tags and the rules, the same tags are shown, and never more than the newest")
    func laws() throws {
        var generator = SystemRandomNumberGenerator()
        for seed in 0..<200 {
            var rules = PublicationRules()
            if seed % 2 == 0 { rules.newest = Int.random(in: 1...5, using: &generator) }
            if seed % 3 == 0 { rules.exclude = [TagPattern("*1*"), TagPattern("t?")].compactMap { $0 } }
            if seed % 5 == 0 { rules.include = [TagPattern("t*2")].compactMap { $0 } }
            var all = (0..<Int.random(in: 0...20, using: &generator)).compactMap { number in
                TagName("t\(number)").map {
                    PublicationRules.Candidate(tag: $0, moved: Int64.random(in: 0...3, using: &generator))
                }
            }
            let first = rules.withheld(of: all)
            all.shuffle(using: &generator)
            #expect(rules.withheld(of: all) == first, "rules \(rules.settings)")
            let shown = all.filter { first[$0.tag] == nil }
            if let newest = rules.newest {
                #expect(shown.count <= newest)
                // None that gave way is newer than one that is shown.
                let oldest = shown.map(\.moved).min() ?? .max
                let gone = all.filter { first[$0.tag] == .notAmongNewest(newest) }
                #expect(gone.allSatisfy { $0.moved <= oldest })
                #expect(gone.isEmpty || shown.count == newest)
            }
            // To withhold a tag that is withheld anyway changes nothing for the others, unless it counted.
            let others = all.filter { first[$0.tag] == nil }
            #expect(rules.withheld(of: others).isEmpty)
        }
    }
}
