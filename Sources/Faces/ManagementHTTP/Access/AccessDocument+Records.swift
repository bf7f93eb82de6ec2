// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import AccessControl
internal import AccountService
internal import MetadataStore
internal import PublicationRules

extension AccessDocument.User {
    init(_ listed: Accounts.Listed) {
        self.init(
            name: listed.account.name,
            administrator: listed.account.isAdministrator,
            disabled: listed.account.isDisabled,
            created: listed.account.created.millisecondsSince1970,
            projects: listed.projects
        )
    }
}

extension AccessDocument.Project {
    init(_ listed: Projects.Listed) {
        self.init(
            name: listed.project.name.description,
            public: listed.project.isPublic,
            created: listed.project.created.millisecondsSince1970,
            repositories: listed.repositoryCount,
            members: listed.members.map {
                AccessDocument.Member(user: $0.accountName, role: $0.role.name)
            },
            metadata: listed.rules.settings
        )
    }
}

extension AccessDocument.Robot {
    init(_ robot: RobotRecord) {
        self.init(
            name: robot.name,
            project: robot.project?.description,
            summary: robot.summary,
            expires: robot.expires?.millisecondsSince1970,
            disabled: robot.isDisabled,
            created: robot.created.millisecondsSince1970,
            permissions: robot.grants.map {
                AccessDocument.Grant(realm: $0.realm.description, permission: $0.permission.description)
            }
        )
    }
}

extension AccessDocument.RobotCredentials {
    init(_ credentials: Robots.Credentials) {
        self.init(
            name: credentials.name,
            secret: credentials.secret,
            expires: credentials.expires?.millisecondsSince1970
        )
    }
}

extension AccessDocument.Audit {
    init(_ record: AuditRecord) {
        self.init(
            id: record.id,
            at: record.at.millisecondsSince1970,
            actor: record.actor.name,
            address: record.actor.address,
            request: record.actor.request,
            action: record.action,
            subject: record.subject,
            detail: record.detail
        )
    }
}
