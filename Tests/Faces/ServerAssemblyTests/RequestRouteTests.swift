// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

import ServerAssembly
import Testing

@Suite struct RequestRouteTests {
    @Test(
        "a path is counted under its pattern",
        arguments: [
            ("/v2", "/v2/"), ("/v2/", "/v2/"), ("/v2/?a=b", "/v2/"), ("/v2/_catalog?n=1", "/v2/_catalog"),
            ("/v2/a/b/tags/list", "/v2/{name}/tags/list"),
            ("/v2/a/manifests/1.2", "/v2/{name}/manifests/{reference}"),
            ("/v2/a/blobs/sha256:ab?x=/y/z", "/v2/{name}/blobs/{digest}"),
            ("/v2/a/blobs/uploads/", "/v2/{name}/blobs/uploads/"),
            ("/v2/a/blobs/uploads", "/v2/{name}/blobs/uploads/"),
            ("/v2/a/blobs/uploads/1f", "/v2/{name}/blobs/uploads/{id}"),
            ("/v2/manifests/blobs/tags/list/manifests/x", "/v2/{name}/manifests/{reference}"),
            ("/v2/a/referrers/sha256:1", "/v2/{name}/referrers/{digest}"),
            ("/cvmfs/a.b/data/00/1", "/cvmfs/{repository}/{path}"), ("/cvmfs/", "/cvmfs/{repository}/{path}"),
            ("/cvmfs/a.b/.wharf/after/3?x", "/cvmfs/{repository}/.wharf/{path}"),
            ("/cvmfs/a.b/data/.wharf/events", "/cvmfs/{repository}/{path}"), ("/keys/a.pub", "/keys/{key}"),
            ("/api/v2.0/x", "/api/{path}"), ("/service/token?scope=x", "/service/token"), ("/", "/"),
            ("/metrics", "/metrics"), ("/livez", "/livez"), ("/readyz?write", "/readyz"),
            ("", "other"), ("/v2/x", "other"), ("/v22", "other"), ("/etc/passwd", "other"),
            ("/v2/a/tags/x", "other"),
        ]
    )
    func patterns(target: String, pattern: String) {
        #expect(RequestRoute(target: target).pattern == pattern)
    }
}
