// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationKey {
    /// The keys of garbage collection.
    static var collection: [ConfigurationKey] {
        [
            duration(
                "gc.interval",
                \.collectionInterval,
                from: "0s",
                "How long after the end of one garbage collection the next one begins; `0s` for none but those that are asked "
                    + "for. All graces below are time that a server has seen pass since something became unreferenced."
            ),
            duration(
                "gc.blobGrace",
                \.blobGrace,
                from: "1s",
                "How long a blob is kept that no manifest of its repository needs. It must be longer than the longest push."
            ),
            duration(
                "gc.untaggedGrace",
                \.untaggedGrace,
                from: "0s",
                "How long a manifest is kept to which no tag points and which no index lists; `0s` keeps it for good. Pulling "
                    + "it by its digest begins the grace anew."
            ),
            duration(
                "gc.referrerGrace",
                \.referrerGrace,
                from: "0s",
                "How long a manifest is kept that refers to one which is gone, as a signature of a deleted image does; `0s` "
                    + "keeps it for good."
            ),
            duration(
                "gc.treeGrace",
                \.treeGrace,
                from: "1s",
                "How long an image's tree is kept in a published repository after the last link to it went."
            ),
            duration(
                "gc.layerGrace",
                \.layerGrace,
                from: "1s",
                "How long the index of a layer is kept that no published image needs: so long, an image that comes back is "
                    + "published without reading its layers. What it names is kept with it."
            ),
            duration(
                "gc.objectGrace",
                \.objectGrace,
                from: "1s",
                "How long an object of a published repository is kept that no revision, snapshot or layer index needs. It must "
                    + "be longer than the longest ingest, and than clients and caches stay on an old revision."
            ),
        ]
    }
}
