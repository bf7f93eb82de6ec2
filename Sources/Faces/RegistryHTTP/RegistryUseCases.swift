// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import RegistryService

/// The engine's use cases, ready to be called.
struct RegistryUseCases: Sendable {
    let pullBlob: PullBlob
    let uploadBlob: UploadBlob
    let mountBlob: MountBlob
    let pullManifest: PullManifest
    let pushManifest: PushManifest
    let deleteContent: DeleteContent
    let listContent: ListContent
    let manifestSizeLimitInBytes: Int

    init(_ stores: RegistryStores, manifestSizeLimitInBytes: Int) {
        pullBlob = PullBlob(stores)
        uploadBlob = UploadBlob(stores)
        mountBlob = MountBlob(stores)
        pullManifest = PullManifest(stores)
        pushManifest = PushManifest(stores, sizeLimitInBytes: manifestSizeLimitInBytes)
        deleteContent = DeleteContent(stores)
        listContent = ListContent(stores)
        self.manifestSizeLimitInBytes = manifestSizeLimitInBytes
    }
}
