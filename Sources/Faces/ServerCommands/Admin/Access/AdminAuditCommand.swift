// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import ManagementHTTP

/// `wharfd admin audit`: who changed what.
struct AdminAuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "List who changed what, newest first.",
        discussion: "Example: wharf admin audit --limit 20"
    )

    @Option(help: "How many records, up to 1000.")
    var limit = 100
    @Option(help: "Go on before the record of a number.")
    var before: Int64?
    @Flag(help: "Print JSON.")
    var json = false
    @OptionGroup var options: AccessOptions

    func run() async throws {
        var query = ["limit": "\(limit)"]
        query["before"] = before.map { "\($0)" }
        let records: [AccessDocument.Audit] = try await options.client.call("GET", ["audit"], query: query)
        if json { return try JSONOutput.write(records) }
        var table = TextTable(["NUMBER", "TIME", "WHO", "FROM", "ACTION", "SUBJECT", "DETAIL"])
        for record in records {
            table.add([
                "\(record.id)", TextTable.moment(record.at), record.actor, record.address, record.action,
                record.subject, record.detail,
            ])
        }
        StandardStream.output.write(table.text)
    }
}

/// `wharfd admin token-keys`: the keys that sign tokens.
struct AdminTokenKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token-keys",
        abstract: "Sign tokens with a new key from now on.",
        discussion: """
            It happens by itself (access.tokenKeyRotation). With --revoke all tokens end
            now; clients fetch new ones by themselves.

            Example: wharf admin token-keys --revoke
            """
    )

    @Flag(help: "End the tokens that older keys have signed.")
    var revoke = false
    @OptionGroup var options: AccessOptions

    func run() async throws {
        try await options.client.call("POST", ["token-keys"], query: revoke ? ["revoke": "true"] : [:])
        print("There is a new key" + (revoke ? "; all tokens have ended." : "."))
    }
}
