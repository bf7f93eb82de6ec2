#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""index: multi-platform indexes, artifacts and referrers.

usage: gen_index.py LAYOUT

Tags:
  multi      an image index: linux/amd64, linux/arm64, linux/arm/v7 dummies
             (two layers each, the second one shared) and an entry of platform
             unknown/unknown with an attestation, as build tools write
  nested     an index that contains the index 'multi' and an image
  artifact   an artifact: artifactType, empty config, one blob of its own type
  helm       a manifest with a chart's media types
  docker     a Docker schema 2 image and, as 'docker-list', a manifest list
  annotated  an image with annotations, labels and a subject-less signature
             tag sha256-DIGEST.sig beside it
  sha512     a manifest whose layer and config have sha512 digests

Without tags, in index.json by digest: four referrers of 'multi' and of its
amd64 image (an SPDX SBOM, a CycloneDX SBOM, a signature, and a signature of
the first SBOM), and a referrer of a subject that does not exist.
"""
import gzip
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ocilayout as oci  # noqa: E402
from ocilayout import Layout, tar_bytes  # noqa: E402

DOCKER = "application/vnd.docker."


def artifact(lay, kind, blobs, subject=None, annotations=None, config=None):
    m = {"schemaVersion": 2, "mediaType": oci.MT_MANIFEST, "artifactType": kind,
         "config": config or dict(lay.put(b"{}"), mediaType=oci.MT_EMPTY),
         "layers": [lay.put(data, mt, **extra) for data, mt, extra in blobs]}
    if subject:
        m["subject"] = {k: subject[k] for k in ("mediaType", "digest", "size")}
    if annotations:
        m["annotations"] = annotations
    desc = lay.put_json(m, oci.MT_MANIFEST)
    desc["artifactType"] = kind
    if annotations:
        desc["annotations"] = annotations
    return desc


def sbom_spdx(name):
    return json.dumps({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT", "name": name,
        "documentNamespace": "urn:example:" + name,
        "creationInfo": {"created": oci.created(), "creators": ["Tool: corpus"]},
        "packages": [{"SPDXID": "SPDXRef-Package-%d" % i, "name": "package-%d" % i,
                      "versionInfo": "1.%d" % i, "downloadLocation": "NOASSERTION"}
                     for i in range(200)]}, indent=1).encode()


def sbom_cyclonedx(name):
    return json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "container", "name": name}},
        "components": [{"type": "library", "name": "package-%d" % i,
                        "version": "1.%d" % i} for i in range(200)]}).encode()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    lay = Layout(sys.argv[1])

    def layer(name, text):
        def fill(t):
            t.add("etc", "d")
            t.add("etc/" + name, data=text.encode())
        return lay.layer_bytes(tar_bytes(fill))

    shared = layer("shared", "the same for all platforms\n")
    images = []
    for arch, variant in (("amd64", None), ("arm64", "v8"), ("arm", "v7")):
        d = lay.image([layer("arch", arch + "\n"), shared], architecture=arch)
        if variant:
            d["platform"]["variant"] = variant
        images.append(d)
    attest = artifact(
        lay, "application/vnd.in-toto+json",
        [(b'{"_type":"https://in-toto.io/Statement/v0.1","predicate":{}}',
          "application/vnd.in-toto+json", {})])
    del attest["artifactType"]
    attest["platform"] = {"architecture": "unknown", "os": "unknown"}
    attest["annotations"] = {"vnd.docker.reference.type": "attestation-manifest",
                             "vnd.docker.reference.digest": images[0]["digest"]}
    multi = lay.put_json({"schemaVersion": 2, "mediaType": oci.MT_INDEX,
                          "manifests": images + [attest],
                          "annotations": {"example.note": "multi"}}, oci.MT_INDEX)
    lay.tag(multi, "multi")
    lay.tag(lay.put_json({"schemaVersion": 2, "mediaType": oci.MT_INDEX,
                          "manifests": [multi, images[1]]}, oci.MT_INDEX), "nested")

    lay.tag(artifact(lay, "application/vnd.example.dataset.v1",
                     [(b"a,b\n1,2\n" * 1000, "text/csv",
                       {"annotations": {"org.opencontainers.image.title": "data.csv"}}),
                      (b"# Readme\n", "text/markdown",
                       {"annotations": {"org.opencontainers.image.title": "README.md"}})],
                     annotations={"org.opencontainers.image.created": oci.created()}),
            "artifact")
    chart = tar_bytes(lambda t: t.add(
        "demo/Chart.yaml", data=b"apiVersion: v2\nname: demo\nversion: 0.1.0\n"))
    lay.tag(lay.put_json({
        "schemaVersion": 2,
        "config": lay.put(b'{"name":"demo","version":"0.1.0","apiVersion":"v2"}',
                          "application/vnd.cncf.helm.config.v1+json"),
        "layers": [lay.put(gzip.compress(chart, mtime=0),
                           "application/vnd.cncf.helm.chart.content.v1.tar+gzip")]},
        oci.MT_MANIFEST), "helm")

    # Docker schema 2
    def docker(desc):
        with open(lay.blob_path(desc["digest"])) as f:
            m = json.load(f)
        m["mediaType"] = DOCKER + "distribution.manifest.v2+json"
        m["config"]["mediaType"] = DOCKER + "container.image.v1+json"
        for x in m["layers"]:
            x["mediaType"] = DOCKER + "image.rootfs.diff.tar.gzip"
        return dict(lay.put_json(m, m["mediaType"]), platform=desc["platform"])
    d = [docker(i) for i in images]
    lay.tag({k: d[0][k] for k in ("mediaType", "digest", "size")}, "docker")
    lay.tag(lay.put_json({"schemaVersion": 2,
                          "mediaType": DOCKER + "distribution.manifest.list.v2+json",
                          "manifests": d}, DOCKER + "distribution.manifest.list.v2+json"),
            "docker-list")

    noted = lay.image([layer("annotated", "x\n"), shared],
                      labels={"org.opencontainers.image.source": "example"},
                      annotations={"org.opencontainers.image.title": "annotated \u00e4 \u2713",
                                   "example.empty": "", "example.long": "v" * 5000})
    lay.tag(noted, "annotated")
    payload = json.dumps({"critical": {
        "identity": {"docker-reference": "example/annotated"},
        "image": {"docker-manifest-digest": noted["digest"]},
        "type": "cosign container image signature"}, "optional": None}).encode()
    lay.tag(lay.put_json({
        "schemaVersion": 2, "mediaType": oci.MT_MANIFEST,
        "config": lay.put(b'{"rootfs":{"type":"layers","diff_ids":[]}}', oci.MT_CONFIG),
        "layers": [lay.put(payload, "application/vnd.dev.cosign.simplesigning.v1+json",
                           annotations={"dev.cosignproject.cosign/signature": "AAAA"})]},
        oci.MT_MANIFEST), noted["digest"].replace(":", "-") + ".sig")

    # sha512
    os.makedirs(os.path.join(lay.path, "blobs", "sha512"), exist_ok=True)

    def put512(data, mt):
        digest = "sha512:" + hashlib.sha512(data).hexdigest()
        with open(lay.blob_path(digest), "wb") as f:
            f.write(data)
        return {"mediaType": mt, "digest": digest, "size": len(data)}
    tar = tar_bytes(lambda t: t.add("sha512", data=b"512\n"))
    lay.tag(lay.put_json({
        "schemaVersion": 2, "mediaType": oci.MT_MANIFEST,
        "config": put512(json.dumps({
            "architecture": "amd64", "os": "linux", "config": {},
            "rootfs": {"type": "layers", "diff_ids": [oci.sha256(tar)]}}).encode(),
            oci.MT_CONFIG),
        "layers": [put512(tar, oci.MT_LAYER)]}, oci.MT_MANIFEST), "sha512")

    # referrers
    spdx = artifact(lay, "application/spdx+json",
                    [(sbom_spdx("multi"), "application/spdx+json", {})], multi,
                    {"org.opencontainers.image.created": oci.created()})
    for r in (spdx,
              artifact(lay, "application/vnd.cyclonedx+json",
                       [(sbom_cyclonedx("amd64"), "application/vnd.cyclonedx+json", {})],
                       images[0], {"example.scope": "amd64"}),
              artifact(lay, "application/vnd.example.signature.v1",
                       [(payload, "application/octet-stream", {})], multi),
              artifact(lay, "application/vnd.example.signature.v1",
                       [(b"signature of the sbom", "application/octet-stream", {})], spdx),
              artifact(lay, "application/vnd.example.orphan.v1",
                       [(b"orphan", "application/octet-stream", {})],
                       {"mediaType": oci.MT_MANIFEST, "size": 7,
                        "digest": oci.sha256(b"nothing has this digest")})):
        lay.tag(r)
    lay.save()


if __name__ == "__main__":
    main()
