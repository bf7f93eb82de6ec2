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
    let listReferrers: ListReferrers
    let manifestSizeLimitInBytes: Int

    init(_ stores: RegistryStores, _ policy: RegistryPolicy) {
        pullBlob = PullBlob(stores)
        uploadBlob = UploadBlob(stores)
        mountBlob = MountBlob(stores)
        pullManifest = PullManifest(stores)
        pushManifest = PushManifest(
            stores,
            sizeLimitInBytes: policy.manifestSizeLimitInBytes,
            sparseIndexes: policy.sparseIndexes
        )
        deleteContent = DeleteContent(stores)
        listContent = ListContent(stores)
        listReferrers = ListReferrers(stores)
        manifestSizeLimitInBytes = policy.manifestSizeLimitInBytes
    }
}
