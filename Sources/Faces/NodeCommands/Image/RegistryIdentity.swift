// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Who asks a registry: images of a private project are shown to its members alone.
struct RegistryIdentity: ParsableArguments {
    @Option(help: "File with NAME:SECRET or a token; sent over https and within the machine only.")
    var tokenFile: String?

    /// The service, which is told who asks.
    func shown(to service: ImageService) throws(SettingProblem) -> ImageService {
        guard let tokenFile else { return service }
        var service = service
        service.authorization = try TokenFile.read(tokenFile)
        return service
    }
}
