# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""A commit that is killed before any of its steps, and one that is overtaken while it stands still."""
import os
import random
import shutil
import signal
import tarfile
import time
from subprocess import CalledProcessError

from fixtures.images import push_by_layout
from fixtures.server import REPOSITORY, Server
from fixtures.site import Scope, run, stop, wait_until
from fixtures.steps import kill_before, kill_running_before, stopped_at, stopped_child_of, traced
from fixtures.verdict import Failed, expect, expect_equal

NAME = "software.example.org"
FILES = ("one", "two", "sub/three")


def checks(site):
    with Scope("steps") as scope:
        data, archive = prepare(site, scope)
        yield "the record is on the disk before anybody sees the revision", lambda: order(site, scope, data, archive)
        yield "kill -9 before every step of a commit: the old tree or the new one, and it checks clean", lambda: every_step(
            site, scope, data, archive), 600
    with Scope("rivals") as scope:
        data, archive = prepare(site, scope)
        yield "a writer that was stopped past its lease publishes nothing", lambda: rivals(site, scope, data, archive)
    with Scope("served") as scope:
        server = Server(site, scope)
        yield "kill -9 of a server before steps of its commits: every push is published in the end", lambda: served_steps(
            site, server), 600


def prepare(site, scope):
    """A data directory with a repository, and an archive to publish into it."""
    data, archive = os.path.join(scope.path, "data"), os.path.join(scope.path, "files.tar")
    folder = scope.directory("files")
    os.makedirs(os.path.join(folder, "sub"))
    for name in FILES:
        with open(os.path.join(folder, name), "w") as f:
            f.write(name * 1000)
    with tarfile.open(archive, "w") as tar:
        tar.add(folder, ".")
    run(site.wharf, "repo", "create", NAME, "--data", data)
    run(*ingest(site, data, archive, "/first"))
    return data, archive


def ingest(site, data, archive, base):
    return site.wharf, "repo", "ingest", NAME, "--tar", archive, "--base", base, "--data", data


def found(site, data, base):
    """How many of the files are below a directory of the tree."""
    return sum(run(site.wharf, "repo", "cat", NAME, base + "/" + name, "--data", data, check=False).stdout ==
               (name * 1000).encode() for name in FILES)


def check(site, data):
    run(site.wharf, "repo", "check", os.path.join(data, "repositories", NAME),
        "--public-key", os.path.join(data, "keys", NAME + ".pub"), "--objects")


def order(site, scope, data, archive):
    copy = os.path.join(scope.path, "order")
    shutil.copytree(data, copy)
    steps = traced(os.path.join(scope.path, "trace"), *ingest(site, copy, archive, "/second"))
    objects = steps.last("syncfs", "")
    mirror = steps.last("rename", "/.cvmfspublished")
    calls = [name for name, _ in steps.steps]
    expect(objects < mirror, "objects are synced at %d, the manifest is shown at %d" % (objects, mirror))
    record = [n for n in range(objects, mirror) if calls[n] == "fdatasync"]
    expect(record, "the record is not synced between %d and %d: %s" % (objects, mirror, calls[objects:mirror]))


def every_step(site, scope, data, archive):
    copy = os.path.join(scope.path, "copy")
    shutil.copytree(data, copy)
    steps = traced(os.path.join(scope.path, "trace"), *ingest(site, copy, archive, "/second"))
    count, synced = len(steps.steps), steps.last("syncfs", "")
    chosen = range(count)
    if not site.is_long:
        # The swap and what follows it.
        chosen = sorted(random.sample(range(synced), 10)) + list(range(synced, min(count, synced + 10)))
    old, new = 0, 0
    for step in chosen:
        shutil.rmtree(copy)
        shutil.copytree(data, copy)
        kill_before(*steps.place(step), *ingest(site, copy, archive, "/second"))
        # As it lies there, for whoever reads the files.
        seen = found(site, copy, "/second")
        expect(seen in (0, len(FILES)), "step %d: %d of %d files" % (step, seen, len(FILES)))
        expect_equal(found(site, copy, "/first"), len(FILES), "step %d: files of before" % step)
        # The next writer repairs what was left half done, and keeps what was published.
        run(*ingest(site, copy, archive, "/third"))
        after = found(site, copy, "/second")
        expect(after in (0, len(FILES)) and after >= seen, "step %d: %d files, then %d" % (step, seen, after))
        expect_equal(found(site, copy, "/third"), len(FILES), "step %d: files of the next commit" % step)
        check(site, copy)
        old, new = old + (after == 0), new + (after > 0)
    print("        %d of %d steps: the old tree %d times, the new one %d times" % (len(chosen), count, old, new), flush=True)
    expect(old >= 10 and new >= 3, "the kills did not fall on both sides of the commit")


def rivals(site, scope, data, archive):
    output = open(os.path.join(scope.path, "output"), "w+")
    # Everything is written, and the record is about to be swapped.
    tracer = stopped_at("syncfs", output, *ingest(site, data, archive, "/stalled"))
    try:
        stalled = wait_until("the writer is stopped", lambda: stopped_child_of(tracer.pid), 20)
        # As on a file system whose locks end with the lease of a machine that sleeps.
        os.unlink(os.path.join(data, "wharf.lock"))
        run(*ingest(site, data, archive, "/rival"))
        expect_equal(found(site, data, "/rival"), len(FILES), "files of the rival")
        os.kill(stalled, signal.SIGCONT)
        expect(tracer.wait(30) != 0, "the stalled writer believes that it published")
        output.seek(0)
        said = output.read()
        expect("another writer took over" in said, "it said: %s" % said[-300:])
    finally:
        stop(tracer)
        output.close()
    expect_equal(found(site, data, "/stalled"), 0, "files of the stalled writer")
    expect_equal(found(site, data, "/rival"), len(FILES), "files of the rival, after that")
    check(site, data)
    run(*ingest(site, data, archive, "/stalled"))
    expect_equal(found(site, data, "/stalled"), len(FILES), "files of the stalled writer, who tries again")
    check(site, data)


def served_steps(site, server):
    """The calls of a commit in their order: objects, reflog, the sync of all, the record, the manifest that readers see."""
    places = [("write", 1), ("rename", 1), ("pwrite64", 20), ("rename", 3), ("pwrite64", 60), ("syncfs", 1), ("fdatasync", 1),
              ("fdatasync", 2), ("fsync", 1), ("rename", 6), ("rename", 7), ("rename", 8)]
    if site.is_long:
        places += [("rename", n) for n in range(1, 12)] + [("pwrite64", n) for n in range(1, 120, 3)]
    kills, revision = 0, 0
    for number, (call, count) in enumerate(places):
        name = "steps/n%d" % number
        tracer = kill_running_before(call, count, server.process.pid)
        try:
            is_pushed = push(site, server, name)
            is_killed = ended_by(server, name)
        finally:
            stop(tracer)
        if is_killed:
            kills += 1
            server.start()
        if not is_pushed:
            expect(push(site, server, name), "the push fails without a kill")
        now = server.wait_published(name, "1")["revision"]
        expect(now > revision, "revision %d after %d" % (now, revision))
        revision = now
        run(site.wharf, "repo", "check", server.url + "/cvmfs/" + REPOSITORY, "--public-key", server.key, "--objects")
    print("        %d kills at %d places" % (kills, len(places)), flush=True)
    expect(kills >= 8, "only %d kills" % kills)


def push(site, server, name):
    """Pushes an image; whether the server lived to say that it has it."""
    try:
        push_by_layout(site.layout("tiny"), "1", server, name)
        return True
    except CalledProcessError:
        return False


def ended_by(server, name):
    """Whether the server was killed before it had published an image."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if server.process.poll() is not None:
            return True
        try:
            if server.status(name, "1")["state"] == "published":
                # It may still be killed, by what follows a commit.
                time.sleep(0.2)
                return server.process.poll() is not None
        except (OSError, Failed):
            pass
        time.sleep(0.01)
    raise Failed("%s was neither published nor the server killed" % name)
