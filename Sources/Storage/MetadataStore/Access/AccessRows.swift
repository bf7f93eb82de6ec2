// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

package import AccessControl
package import PublicationRules

/// Accounts of people.
package protocol AccountRows {
    /// Whether there is any account: until then everything is open to programs on the machine.
    func hasAccounts() throws -> Bool

    /// The account of a name, which is compared byte by byte.
    func account(named name: String) throws -> AccountRecord?

    /// The account of a number.
    func account(_ id: Int64) throws -> AccountRecord?

    /// Up to `limit` accounts in the byte order of their names after `last`.
    func accounts(after last: String?, limit: Int) throws -> [AccountRecord]

    /// Makes an account; its number in `account` is ignored, and the new one is returned.
    func createAccount(_ account: AccountRecord) throws -> Int64

    /// Stores everything but number, name and creation, and raises the version of the credentials.
    func updateAccount(_ account: AccountRecord) throws

    /// Replaces the stored form of the same password, which changes no version.
    func rehashPassword(of account: Int64, from old: String, to new: String) throws

    /// Removes an account with its memberships and tokens; `false` if there was none.
    func deleteAccount(_ id: Int64) throws -> Bool

    /// How many accounts are administrators and not disabled.
    func administratorCount() throws -> Int
}

/// Projects and their members.
package protocol ProjectRows {
    /// The project of a name.
    func project(named name: ProjectName) throws -> ProjectRecord?

    /// Up to `limit` projects in the byte order of their names after `last`.
    func projects(after last: String?, limit: Int) throws -> [ProjectRecord]

    /// Makes a project, which must be new.
    func createProject(_ name: ProjectName, isPublic: Bool, at now: Timestamp) throws -> ProjectRecord

    /// Opens a project to everybody or closes it.
    func setPublic(_ isPublic: Bool, of project: ProjectRecord) throws

    /// Removes a project with its members and robots; `false` if there was none.
    func deleteProject(_ name: ProjectName) throws -> Bool

    /// How many repositories a project has.
    func repositoryCount(in project: ProjectName) throws -> Int

    /// Has the publication of all tags of a project decided anew; what is published stays so meanwhile.
    func republish(_ project: ProjectName, at now: Timestamp) throws

    /// What a project says about the publication of its tags.
    func publicationRules(of project: ProjectRecord) throws -> PublicationRules

    /// Stores what a project says about the publication of its tags.
    func setPublicationRules(_ rules: PublicationRules, of project: ProjectRecord) throws

    /// The project that has a published repository for itself; `nil` if everybody may read the repository.
    func owner(ofPublished repository: String) throws -> ProjectName?

    /// Keeps a published repository for those who may pull from a project, for good.
    ///
    /// There is no way back: what was private once never becomes public, though its project be gone.
    func reserve(published repository: String, for project: ProjectName) throws

    /// Whether there is a published repository of a name, with a first revision or without.
    func hasPublished(_ repository: String) throws -> Bool

    /// The role that an account has in a project.
    func role(of account: Int64, in project: ProjectRecord) throws -> ProjectRole?

    /// The members of a project in the byte order of their names.
    func members(of project: ProjectRecord) throws -> [MemberRecord]

    /// Gives an account a role, or takes the one that it has.
    func setRole(_ role: ProjectRole?, of account: Int64, in project: ProjectRecord) throws

    /// The projects in which an account has a role.
    func memberships(of account: Int64) throws -> [ProjectName]
}

/// Accounts of programs.
package protocol RobotRows {
    /// The robot of a name.
    func robot(named name: String) throws -> RobotRecord?

    /// The robot of a number.
    func robot(_ id: Int64) throws -> RobotRecord?

    /// All robots of a project, or of the system, in the byte order of their names.
    func robots(of project: ProjectName?) throws -> [RobotRecord]

    /// Makes a robot; its number in `robot` is ignored, and the new one is returned.
    func createRobot(_ robot: RobotRecord) throws -> Int64

    /// Stores everything but number, name, project and creation, and raises the version of the credentials.
    func updateRobot(_ robot: RobotRecord) throws

    /// Removes a robot; `false` if there was none.
    func deleteRobot(_ id: Int64) throws -> Bool
}

/// What tokens need.
package protocol TokenRows {
    /// Stores a refresh token.
    func storeRefreshToken(_ token: RefreshTokenRecord) throws

    /// The refresh token of a hash.
    func refreshToken(_ hash: String) throws -> RefreshTokenRecord?

    /// Removes the refresh tokens that have expired.
    func deleteRefreshTokens(expiredAt now: Timestamp) throws

    /// The keys that sign tokens, newest first.
    func tokenKeys() throws -> [TokenKeyRecord]

    /// Adds a key.
    func storeTokenKey(_ key: TokenKeyRecord) throws

    /// Removes the keys that were made before a moment.
    func deleteTokenKeys(createdBefore deadline: Timestamp) throws
}

/// The records of changes.
package protocol AuditRows {
    /// Adds a record.
    func audit(_ action: String, _ subject: String, _ detail: String, by actor: AuditActor, at now: Timestamp)
        throws

    /// Up to `limit` records, newest first, before the record `before`.
    func auditRecords(before: Int64?, limit: Int) throws -> [AuditRecord]

    /// Removes the records that are older than a moment.
    func deleteAuditRecords(before deadline: Timestamp) throws
}
