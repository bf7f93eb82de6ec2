# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Every image of the corpus: pushed, pulled back unchanged, published, and mounted as its layers say."""
import json
import os

from fixtures.images import (NOT_FOR_SKOPEO, Podman, blob_path, config_digest, is_file_tree, pull_by_hand,
                             pull_by_skopeo, push, tags)
from fixtures.mount import Mount
from fixtures.server import Server
from fixtures.site import Scope, run, wait_until
from fixtures.trees import check_tree, expected
from fixtures.verdict import expect, expect_equal

IMAGES = ("tiny", "debian", "python", "weird", "index")
# What podman 4.3 can unpack and put together again: it does both before it pushes.
FOR_PODMAN = (("tiny", "1"), ("debian", "1"), ("python", "1"), ("weird", "numbers"), ("weird", "names"))


def checks(site):
    with Scope("images") as scope:
        server = Server(site, scope)
        images = IMAGES + (("science",) if site.is_long else ())
        all_tags = [(image, tag, top) for image in images for tag, top in tags(site.layout(image))]
        for image, tag, top in all_tags:
            yield "%s:%s is pushed" % (image, tag), lambda: push(
                image, tag, site.layout(image), server, "corpus/" + image), 1200
        for image, tag, top in all_tags:
            yield "%s:%s comes back unchanged" % (image, tag), lambda: comes_back(
                site, scope, server, image, tag, top)
        mount = Mount(site, scope, server)
        for image, tag, top in all_tags:
            yield "%s:%s is mounted as its layers say" % (image, tag), lambda: is_mounted_as_layers_say(
                site, server, mount, image, tag, top), 3600 if image == "science" else 400
        yield "wharf image diff and status print what the API says", lambda: commands_agree(site, server)
        yield "the server stays small", lambda: expect(
            server.peak_memory_in_mebibytes() <= 256, "peak %d MiB" % server.peak_memory_in_mebibytes())
    for image, tag in FOR_PODMAN:
        yield "%s:%s is pushed by podman" % (image, tag), lambda: pushed_by_podman(site, image, tag), 400


def comes_back(site, scope, server, image, tag, top):
    layout = site.layout(image)
    pull_by_hand(layout, top, server, "corpus/" + image, tag)
    if (image, tag) not in NOT_FOR_SKOPEO:
        directory = os.path.join(scope.path, "back")
        run("rm", "-rf", directory)
        pull_by_skopeo(layout, top, server, "corpus/" + image, tag, directory)


def is_mounted_as_layers_say(site, server, mount, image, tag, top):
    layout, name = site.layout(image), "corpus/" + image
    if not is_file_tree(layout, top):
        status = server.wait_settled(name, tag)
        expect_equal(status["state"], "unpublished", "state of what is no image")
        expect(status["reason"], "the status gives no reason")
        return
    status = server.wait_published(name, tag, 3000 if image == "science" else 200)
    expect_equal(status["digest"], top["digest"], "digest in the status")
    wait_until("the mount shows the tag", lambda: os.path.isdir(mount.link(name, tag)), 3)
    platforms = platforms_of(layout, top)
    if not platforms:
        check_tree(server, mount, name, tag, mount.link(name, tag), expected(layout, tag))
        return
    for platform in platforms:
        directory = os.path.join(mount.path, ".multiarch", platform, server.address, "%s:%s" % (name, tag))
        expect(os.path.isdir(directory), "no tree for %s" % platform)
    # The diff is that of the public link, and the client puts amd64 in.
    # The model takes the first entry that fits; in 'nested' that of amd64 is in the index within.
    model = "multi" if (image, tag) == ("index", "nested") else tag
    check_tree(server, mount, name, tag, mount.link(name, tag), expected(layout, model, "amd64"), "amd64")
    expect("/.flat/" in os.path.realpath(mount.link(name, tag)), "the link does not lead to a flat tree")


def platforms_of(layout, top):
    """The platforms of an index as directory names of `.multiarch`; empty for a single image."""
    with open(blob_path(layout, top["digest"])) as f:
        entries = json.load(f).get("manifests")
    return {p["architecture"] for p in (e.get("platform", {}) for e in entries or ())
            if p.get("os") == "linux" and p["architecture"] != "unknown"}


def commands_agree(site, server):
    reference = "%s/corpus/weird:1" % server.address
    said = json.loads(run(site.wharf, "image", "status", reference, "--json").stdout)
    expect_equal(said, server.status("corpus/weird", "1"), "wharf image status --json")
    lines = run(site.wharf, "image", "diff", reference).stdout.decode().splitlines()
    expect_equal(lines, server.differences("corpus/weird", "1"), "wharf image diff")
    listed = run(site.wharf, "image", "ls", "--server", server.url).stdout.decode()
    expect("corpus/weird:1" in listed, "wharf image ls does not list the image")


def pushed_by_podman(site, image, tag):
    with Scope("podman") as scope:
        server = Server(site, scope)
        layout, name = site.layout(image), "podman/" + image
        Podman(scope).push(layout, tag, server, name)
        server.wait_published(name, tag)
        mount = Mount(site, scope, server)
        check_tree(server, mount, name, tag, mount.link(name, tag), expected(layout, tag))
        directory = os.path.basename(os.path.realpath(mount.link(name, tag)))
        expect(config_digest(server, name, tag).endswith(directory), "the flat tree is not named by the config")
