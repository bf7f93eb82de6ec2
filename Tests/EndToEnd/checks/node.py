# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""A node's habits: the files of a CVMFS client, mount(8), autofs, the control socket, the log, the doctor."""
import concurrent.futures
import json
import os
import re
import shutil
import socket
import subprocess

from fixtures.mount import processes_naming
from fixtures.node import Node
from fixtures.relay import Relay
from fixtures.site import Scope, free_port, run, stop, tool, wait_until
from fixtures.software import Repository, WebServer
from fixtures.verdict import Skipped, expect, expect_equal

NAME, DOMAIN = "software.example.org", "example.org"


def checks(site):
    if not os.path.exists("/dev/fuse"):
        raise Skipped("there is no /dev/fuse")
    with Scope("node") as scope:
        repository = Repository(site, scope, NAME, {"hello": b"hello\n", "dir/cold": b"cold\n", "dir/later": b"later\n"})
        web = WebServer(scope, repository.directory)
        box = (site, scope, repository, web)
        yield "a node that is configured for CVMFS needs a name and a directory", lambda: configured(*box)
        yield "every parameter is shown with its place and effect", lambda: shown(*box)
        yield "mount(8) and fstab mount it by type", lambda: by_type(*box)
        yield "only what is listed is mounted strictly, and short names get the domain", lambda: strict(*box)
        yield "a configuration repository is mounted first, and heard", lambda: configuration_repository(*box)
        yield "certificates and revisions on the blacklist are refused", lambda: blacklisted(*box)
        yield "a running mount answers in the words of cvmfs_talk", lambda: talk(*box)
        yield "two mounts of one repository are asked each for itself", lambda: twice(*box)
        yield "servers change without a new mount", lambda: reload(*box)
        yield "servers and time limits are set by hand, until the files are read again", lambda: by_hand(*box)
        yield "who tells of revisions is asked through the proxies that hold now", lambda: listening(*box)
        yield "two who change a mount at once", lambda: changed_at_once(*box)
        yield "the clock jumps past the whitelist under a running mount: what is shown stays, and it recovers", lambda: clock(*box)
        yield "probe tells what can be read", lambda: probe(*box)
        yield "numbers are kept in a file for collectors, until the mount ends", lambda: metrics(*box)
        yield "the log goes to the journal with fields, to syslog, to a file", lambda: logs(*box)
        yield "the process runs where and as it was told", lambda: process(*box)
        yield "autofs mounts at the first look, and unmounts what nobody uses", lambda: autofs(*box), 120
        yield "systemd makes an automount unit of a line in fstab", lambda: automount_unit(*box)
        yield "a user mounts in a user namespace, without root", lambda: rootless(*box)
        yield "the doctor names what is wrong, in order, with the line that mends it", lambda: doctor(*box), 120
        yield "the doctor's report holds no secrets", lambda: report(*box)


# -- Configuration

def configured_node(site, scope, repository, web, name, **more):
    """A node with the files that a site has, as the stock client's package and an administrator write them."""
    node = Node(site, scope, name)
    node.write("cvmfs/default.conf", 'CVMFS_CLIENT_PROFILE=""\nCVMFS_KEYS_DIR=/etc/cvmfs/keys\nCVMFS_TIMEOUT=5\nCVMFS_MOUNT_DIR=%s\n' % node.mounts +
               'if [ "x$CVMFS_BASE_ENV" = "x" ]; then\n  readonly CVMFS_BASE_ENV=1\nfi\n')
    node.write("cvmfs/default.local", 'CVMFS_HTTP_PROXY="DIRECT"\nCVMFS_CACHE_BASE=%s\nCVMFS_QUOTA_LIMIT=1500\n'
               'CVMFS_NFILES=4096\n' % node.cache
               + "".join("%s=%s\n" % pair for pair in more.items()))
    node.write("cvmfs/domain.d/%s.conf" % DOMAIN, "# servers\nCVMFS_SERVER_URL='%s'\nCVMFS_KEYS_DIR=/etc/cvmfs/keys/%s\n"
               % (web.url, DOMAIN))
    with open(repository.key) as f:
        node.write("cvmfs/keys/%s/%s.pub" % (DOMAIN, DOMAIN), f.read())
    return node


def configured(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "configured")
    directory = node.directory(NAME)
    done = node.wharf("mount", NAME, directory)
    expect_equal(node.run("cat", directory + "/hello").stdout, b"hello\n", "the file")
    expect(b"CVMFS_NFILES (/etc/cvmfs/default.local:4) has no effect" in done.stderr, "it said: %s" % done.stderr)
    with open(os.path.join(node.cache, "wharf", "log." + NAME)) as f:
        expect("CVMFS_NFILES" in f.read(), "the log does not name the parameter without effect")
    limit = node.wharf("client", "talk", NAME, "cache limit get").stdout
    expect_equal(limit, b"1500\n", "the cache's limit")
    node.unmount(directory)


def shown(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "shown", CVMFS_SYSLOG_LEVEL="$(reboot)")
    done = node.wharf("client", "config", NAME, "--json")
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    expect_equal(rows["CVMFS_KEYS_DIR"]["value"], "/etc/cvmfs/keys/" + DOMAIN, "value")
    expect_equal(rows["CVMFS_KEYS_DIR"]["origin"], "/etc/cvmfs/domain.d/%s.conf:3" % DOMAIN, "origin")
    expect(rows["CVMFS_NFILES"]["effect"].startswith("ignored: "), "effect: %s" % rows["CVMFS_NFILES"])
    expect("CVMFS_SYSLOG_LEVEL" not in rows, "a command was taken for a value")
    expect(b"would have to be run" in done.stderr, "it said: %s" % done.stderr)


def by_type(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "type")
    directory = node.directory(NAME)
    node.run("mount", "-t", "wharf", NAME, directory)
    expect_equal(node.run("cat", directory + "/hello").stdout, b"hello\n", "the file, by mount -t")
    node.unmount(directory)
    node.run("mount", "-t", "tmpfs", "tmpfs", directory)
    refused = node.wharf("umount", directory, check=False)
    expect(refused.returncode != 0 and b"tmpfs" in refused.stderr, "a mount of others: %s" % refused.stderr)
    node.run("umount", directory)
    node.write("fstab.test", "%s %s wharf defaults,_netdev,nodev,noauto,noexec,x-systemd.automount,x-mine 0 0\n" % (NAME, directory))
    node.run("mount", "-T", "/etc/fstab.test", directory)
    expect_equal(node.run("cat", directory + "/hello").stdout, b"hello\n", "the file, by fstab")
    shown = node.run("findmnt", "-no", "OPTIONS", directory).stdout.decode()
    expect("noexec" in shown.strip().split(","), "noexec does not hold: %s" % shown)
    node.run("umount", directory)
    wait_until("the client has ended", lambda: not processes_naming(directory))


def strict(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "strict", CVMFS_STRICT_MOUNT="yes",
                           CVMFS_REPOSITORIES="other", CVMFS_DEFAULT_DOMAIN=DOMAIN)
    directory = node.directory(NAME)
    done = node.wharf("mount", "software", directory, check=False)
    expect(done.returncode == 1 and b"is not in CVMFS_REPOSITORIES" in done.stderr, "it said: %s" % done.stderr)
    node.write("cvmfs/config.d/%s.conf" % NAME, "CVMFS_REPOSITORIES=$CVMFS_REPOSITORIES,software\n")
    node.wharf("mount", "software", directory)
    expect_equal(node.run("cat", directory + "/hello").stdout, b"hello\n", "the file")
    node.unmount(directory)


def configuration_repository(site, scope, repository, web):
    other = "config.%s" % DOMAIN
    configuration = Repository(site, scope, other, {
        "etc/cvmfs/default.conf": b"CVMFS_TIMEOUT=9\nCVMFS_TIMEOUT_DIRECT=9\n",
        "etc/cvmfs/domain.d/%s.conf" % DOMAIN: b"CVMFS_SERVER_URL=%s\n" % web.url.encode(),
    })
    node = configured_node(site, scope, repository, web, "by-repository")
    node.write("cvmfs/default.d/20-config.conf", "CVMFS_CONFIG_REPOSITORY=%s\n" % other)
    os.unlink(node.path("/etc/cvmfs/domain.d/%s.conf" % DOMAIN))
    with open(configuration.key) as f:
        node.write("cvmfs/keys/%s.pub" % other, f.read())
    with open(repository.key) as f:
        node.write("cvmfs/keys/%s.pub" % NAME, f.read())
    node.write("cvmfs/config.d/%s.conf" % other, "CVMFS_SERVER_URL=%s\n" % configuration.directory)
    directory = node.directory(NAME)
    node.wharf("mount", NAME, directory)
    expect_equal(node.run("cat", directory + "/hello").stdout, b"hello\n", "the file")
    answer = node.wharf("client", "config", NAME).stdout.decode()
    expect("CVMFS_TIMEOUT=9    # %s/etc/cvmfs/default.conf:1" % os.path.join(node.mounts, other) in answer,
           "configuration: %s" % answer)
    node.unmount(directory)
    node.unmount(os.path.join(node.mounts, other))
    node.write("cvmfs/config.d/%s.conf" % other, "CVMFS_SERVER_URL=/nowhere\n")
    node.write("cvmfs/default.d/50-required.conf", "CVMFS_CONFIG_REPO_REQUIRED=yes\n")
    done = node.wharf("mount", NAME, directory, check=False)
    expect(done.returncode == 1 and b"configuration repository" in done.stderr, "it said: %s" % done.stderr)


def blacklisted(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "blacklist")
    directory = node.directory(NAME)
    node.write("cvmfs/blacklist", "<%s 1000\n" % NAME)
    done = node.wharf("mount", NAME, directory, check=False)
    expect(done.returncode == 1 and b"blacklist wants 1000" in done.stderr, "it said: %s" % done.stderr)
    with open(os.path.join(repository.directory, ".cvmfswhitelist"), "rb") as f:
        prints = [line for line in f.read().split(b"\n--\n")[0].decode().splitlines() if re.match("[0-9A-F]{2}:", line)]
    node.write("cvmfs/blacklist", prints[0] + "\n")
    done = node.wharf("mount", NAME, directory, check=False)
    expect(done.returncode == 1 and b"on this node's blacklist" in done.stderr, "it said: %s" % done.stderr)
    node.write("cvmfs/blacklist", "<%s 1\n" % NAME)
    node.wharf("mount", NAME, directory)
    node.unmount(directory)


# -- A running mount

def talk(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "talk")
    directory = node.directory(NAME)
    node.wharf("mount", NAME, directory)

    def ask(*words, check=True):
        return node.wharf("client", "talk", NAME, *words, check=check)
    expect_equal(ask("mountpoint").stdout.decode().strip(), directory, "mount point")
    revision = int(ask("revision").stdout)
    expect(ask("remount", "sync").stdout == b"Catalog up to date\n", "nothing is new")
    repository.publish({"new": b"new\n"}, "/added")
    answer = ask("remount").stdout
    expect(answer in (b"New revision applied\n", b"Catalog up to date\n"), "it said: %s" % answer)
    expect_equal(int(ask("revision").stdout), revision + 1, "revision")
    expect_equal(node.run("cat", directory + "/added/new").stdout, b"new\n", "the new file")
    expect(web.url in ask("host info").stdout.decode(), "the host is not named")
    expect(re.match(rb"\d+:\d+\n$", ask("device id").stdout), "device id")
    pid = int(ask("pid").stdout)
    expect(pid in processes_naming(directory), "pid %d is not the client" % pid)
    for words in ("cache size", "cache instance", "open catalogs", "internal affairs", "parameters", "proxy info",
                  "timeout info", "version", "vfs inodes", "detach nested catalogs", "max ttl info", "reset error counters"):
        expect(ask(*words.split()).stdout.strip(), "no answer to '%s'" % words)
    done = ask("nonsense", check=False)
    expect(done.returncode == 1 and done.stdout == b"unknown command\n", "nonsense: %s" % done)
    # As the stock client's tool speaks: one command, ended by a NUL, and the answer up to the end.
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(os.path.join(node.cache, "wharf", "cvmfs_io." + NAME))
        s.sendall(b"revision\0")
        expect_equal(b"".join(iter(lambda: s.recv(4096), b"")), b"%d\n" % (revision + 1), "answer on the socket")
    # Somebody who says nothing keeps nobody else waiting for long, and nothing breaks.
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(os.path.join(node.cache, "wharf", "cvmfs_io." + NAME))
        s.sendall(b"x" * 512)
    expect_equal(int(ask("revision").stdout), revision + 1, "revision, after noise")
    state = json.loads(node.wharf("client", "stat", NAME, "--json").stdout)[0]
    expect(state["revision"] == revision + 1 and state["isOnline"], "state: %s" % state)
    node.unmount(directory)
    expect(not os.path.exists(os.path.join(node.cache, "wharf", "cvmfs_io." + NAME)), "the socket is left behind")


def twice(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "twice")
    first, second = node.directory("first"), node.directory("second")
    node.wharf("mount", NAME, first)
    node.wharf("mount", NAME, second)
    for directory in (first, second):
        expect_equal(node.wharf("client", "talk", directory, "mountpoint").stdout.decode().strip(), directory, "answer")
    done = node.wharf("client", "talk", NAME, "revision", check=False)
    expect(done.returncode == 1 and b"is mounted 2 times" in done.stderr, "it said: %s" % done.stderr)
    lines = node.wharf("client", "stat", NAME, "--metrics").stdout.decode().splitlines()
    expect(len([n for n in lines if n.startswith("# TYPE wharf_client_revision ")]) == 1, "types: %s" % lines)
    expect(len([n for n in lines if n.startswith('wharf_client_revision{repository="%s"' % NAME)]) == 2, "samples: %s" % lines)
    for pid in processes_naming(first):
        os.kill(pid, 9)
    wait_until("the first has ended", lambda: not processes_naming(first))
    done = node.wharf("client", "stat", NAME, check=False)
    expect(done.returncode == 1 and second in done.stdout.decode(), "the dead mount hides the other: %s" % done)
    node.unmount(first)
    # What a killed client left behind is in nobody's way.
    node.wharf("mount", NAME, first)
    expect_equal(node.wharf("client", "talk", first, "mountpoint").stdout.decode().strip(), first, "answer")
    node.unmount(first)
    node.unmount(second)


def reload(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "reload")
    old, directory = WebServer(scope, repository.directory), node.directory(NAME)
    node.write("cvmfs/config.d/%s.local" % NAME, "CVMFS_SERVER_URL=%s\nCVMFS_EXTERNAL_URL=%s/a\n" % (old.url, web.url))
    node.wharf("mount", NAME, directory)
    expect_equal(node.run("cat", directory + "/hello").stdout, b"hello\n", "the file")
    expect(b"nothing changed" in node.wharf("client", "reload", NAME).stdout, "nothing changed")
    node.write("cvmfs/config.d/%s.local" % NAME, "CVMFS_SERVER_URL=%s\nCVMFS_EXTERNAL_URL=%s/b\nCVMFS_SUID=yes\n" % (
        web.url, web.url))
    said = node.wharf("client", "reload", NAME).stdout.decode()
    for name in ("CVMFS_SERVER_URL", "CVMFS_EXTERNAL_URL"):
        expect(name + " changed\n" in said, "it said: %s" % said)
    expect("CVMFS_SUID changed: takes effect when the repository is mounted anew" in said, "it said: %s" % said)
    old.close()
    expect_equal(node.run("cat", directory + "/dir/cold").stdout, b"cold\n", "a file from the new server")
    node.write("cvmfs/config.d/%s.local" % NAME, "CVMFS_SERVER_URL=\nCVMFS_TIMEOUT=x\n")
    done = node.wharf("client", "reload", NAME, check=False)
    expect(done.returncode == 1 and b"Failed" in done.stdout, "nonsense was taken: %s" % done)
    expect_equal(node.run("cat", directory + "/dir/later").stdout, b"later\n", "a file after that")
    node.unmount(directory)


def asker(node, name=NAME):
    """Asks the mount of a name; returns the answer, and whether it counts as done."""
    def ask(*words):
        done = node.wharf("client", "talk", name, *words, check=False)
        return done.stdout.decode().strip(), done.returncode == 0
    return ask


def by_hand(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "by-hand", CVMFS_MAX_TTL="30", CVMFS_STATFS_CACHE_TIMEOUT="3600",
                           CVMFS_INSTRUMENT_FUSE="yes")
    old, directory = WebServer(scope, repository.directory), node.directory(NAME)
    node.write("cvmfs/config.d/%s.local" % NAME, "CVMFS_SERVER_URL=%s\nCVMFS_EXTERNAL_URL=%s/a\n" % (old.url, web.url))
    node.wharf("mount", NAME, directory)
    ask = asker(node)
    before = os.statvfs(node.path(directory))
    expect_equal(node.run("cat", directory + "/hello").stdout, b"hello\n", "the file")
    expect_equal(os.statvfs(node.path(directory)).f_bfree, before.f_bfree, "free blocks, which are kept for an hour")
    for words, reason in (
            ("host set ftp://%s" % web.url, "no server"), ("host set ;;", "no server"), ("host set http://a@b/c", "no server"),
            ("host set http://good/x;nonsense", "no server"), ("host set", "Usage: host set"),
            ("proxy set http://user:word@host:1", "a name and a password"), ("proxy set", "Usage"),
            ("proxy fallback %%", "is no proxy"), ("timeout set 5", "Usage"), ("timeout set 0 5", "from 1 to 86400"),
            ("timeout set 5 -1", "Usage"), ("timeout set 99999999999999999999 1", "Usage"), ("max ttl set soon", "Usage"),
            ("nameserver set example.org", "is no address"), ("external host set ;", "no server"),
            ("cache limit set 0", "Usage"), ("cache limit set -1", "Usage"), ("cleanup rate x", "Usage"), ("cleanup x", "Usage"),
            ("evict /absent", "No such regular file"), ("evict /dir", "No such regular file"), ("evict", "Usage"),
            ("host set http://" + "a" * 20000, "command too long"), ("hostset x", "unknown command")):
        answer, is_done = ask(words)
        expect(reason in answer and not is_done, "'%s' was answered with '%s'" % (words[:60], answer))
    expect(old.url in ask("host", "info")[0], "nonsense changed the servers: %s" % ask("host", "info")[0])
    expect_equal(ask("timeout", "info")[0], "Timeout with proxy: 5s\nTimeout without proxy: 10s", "time limits")
    expect_equal(ask("host", "set", "%s;%s" % (web.url, old.url))[0], "OK", "the answer to 'host set'")
    expect_equal(ask("host", "info")[0], "[0] %s\n  [1] %s\nActive host 0: %s" % (web.url, old.url, web.url), "hosts")
    old.close()
    expect_equal(node.run("cat", directory + "/dir/cold").stdout, b"cold\n", "a file from the server that was set")
    expect_equal(ask("timeout", "set", "7", "9")[0], "OK", "the answer to 'timeout set'")
    expect_equal(ask("timeout", "info")[0], "Timeout with proxy: 7s\nTimeout without proxy: 9s", "time limits")
    expect_equal(node.run("getfattr", "--only-values", "-n", "user.timeout", directory).stdout, b"7", "user.timeout")
    rows = {line.split(",")[0]: line.split(",") for line in ask("latency")[0].splitlines()}
    expect('"lookup"' in rows and int(rows['"lookup"'][1]) > 0 and int(rows['"lookup"'][8]) > 0, "latencies: %s" % rows)
    expect_equal(ask("max", "ttl", "info")[0], "30 minutes", "the longest time to live")
    expect_equal(ask("max", "ttl", "set", "2")[0], "OK", "the answer to 'max ttl set'")
    expect_equal(ask("max", "ttl", "info")[0], "2 minutes", "the longest time to live")
    expect_equal(ask("max", "ttl", "set", "0")[0], "OK", "the answer to 'max ttl set 0'")
    expect_equal(ask("max", "ttl", "info")[0], "unset", "the longest time to live")
    expect_equal(ask("external", "host", "set", web.url + "/b")[0], "OK", "the answer to 'external host set'")
    expect(web.url + "/b" in ask("external", "host", "info")[0], "external hosts: %s" % ask("external", "host", "info")[0])
    expect_equal(ask("reload")[0], "the servers set by hand are left for the configuration\n"
                 "the time limits set by hand are left for the configuration", "the answer to 'reload'")
    expect(old.url in ask("host", "info")[0] and web.url not in ask("host", "info")[0], "hosts: %s" % ask("host", "info")[0])
    expect_equal(ask("timeout", "info")[0], "Timeout with proxy: 5s\nTimeout without proxy: 10s", "time limits")
    expect(web.url + "/a" in ask("external", "host", "info")[0], "external hosts: %s" % ask("external", "host", "info")[0])
    expect_equal(ask("reload")[0], "nothing changed", "the answer to a second 'reload'")
    node.unmount(directory)


def listening(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "listening")
    address = web.url.split("/")[2]
    first, second, third = (Relay(scope, address) for _ in range(3))
    directory = node.directory(NAME)
    # No line of the proxies is local to this machine's eyes: the manifest is asked for by its time to live alone.
    node.write("cvmfs/config.d/%s.local" % NAME, "CVMFS_HTTP_PROXY=%s\n" % first.url)
    node.wharf("mount", NAME, directory, "-o", "refresh=1h")
    wait_until("the first proxy is asked for notices", lambda: first.count("/.wharf/"))
    node.write("cvmfs/config.d/%s.local" % NAME, "CVMFS_HTTP_PROXY=%s\n" % second.url)
    expect(b"CVMFS_HTTP_PROXY changed" in node.wharf("client", "reload", NAME).stdout, "the change was not seen")
    wait_until("the second proxy is asked for notices", lambda: second.count("/.wharf/"))
    ask = asker(node)
    expect_equal(ask("proxy", "set", third.url)[0], "OK", "the answer to 'proxy set'")
    wait_until("the third proxy is asked for notices", lambda: third.count("/.wharf/"))
    expect(third.url in ask("proxy", "info")[0].splitlines()[-1], "proxies: %s" % ask("proxy", "info")[0])
    expect_equal(node.run("cat", directory + "/hello").stdout, b"hello\n", "the file")
    expect(third.count("/data/") > 0, "the file did not come through the proxy that was set")
    expect_equal(ask("proxy", "set", "DIRECT")[0], "OK", "the answer to 'proxy set DIRECT'")
    expect_equal(ask("proxy", "info")[0], "No proxies defined", "proxies")
    expect_equal(ask("reload")[0], "the proxies set by hand are left for the configuration", "the answer to 'reload'")
    expect(second.url in ask("proxy", "info")[0], "proxies: %s" % ask("proxy", "info")[0])
    node.unmount(directory)


def changed_at_once(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "at-once")
    other, directory = WebServer(scope, repository.directory), node.directory(NAME)
    node.wharf("mount", NAME, directory)
    ask = asker(node)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda number: ask("host", "set", (web, other)[number % 2].url), range(24)))
        read = list(pool.map(lambda number: (ask("evict", "/hello"), node.run("cat", directory + "/hello").stdout), range(12)))
    expect_equal(set(said), {("OK", True)}, "answers")
    expect_equal({content for _, content in read}, {b"hello\n"}, "contents while servers change and the file is evicted")
    expect(ask("host", "info")[0].splitlines()[-1].split()[-1] in (web.url, other.url), "hosts: %s" % ask("host", "info")[0])
    node.unmount(directory)


SHIFTED_CLOCK = """
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* The time of day, and so many seconds more as a file says. */
time_t time(time_t *result) {
    struct timespec now;
    long shift = 0;
    FILE *file = fopen(getenv("CLOCK_SHIFT"), "r");
    clock_gettime(CLOCK_REALTIME, &now);
    if (file) {
        if (fscanf(file, "%ld", &shift) != 1) shift = 0;
        fclose(file);
    }
    if (result) *result = now.tv_sec + shift;
    return now.tv_sec + shift;
}
"""


def clock(site, scope, repository, web):
    source, library = os.path.join(scope.path, "clock.c"), os.path.join(scope.path, "clock.so")
    with open(source, "w") as f:
        f.write(SHIFTED_CLOCK)
    run(tool("cc"), "-shared", "-fPIC", "-o", library, source)
    node = configured_node(site, scope, repository, web, "clock")
    directory, offset = node.directory(NAME), os.path.join(node.root, "offset")

    def ask(*words):
        return node.wharf("client", "talk", NAME, *words).stdout.decode().strip()

    def shift(text):
        with open(offset, "w") as f:
            f.write(text)
    shift("0")
    node.run("env", "LD_PRELOAD=" + library, "CLOCK_SHIFT=" + offset, site.wharf, "mount", NAME, directory, "-o", "refresh=1h")
    revision = int(ask("revision"))
    shift(str(400 * 86400))
    repository.publish({"late": b"late\n"}, "/clock")
    expect_equal(ask_failing(node, "remount"), "Failed", "the answer with a clock that is wrong")
    expect_equal(int(ask("revision")), revision, "revision")
    expect_equal(node.run("cat", directory + "/hello").stdout, b"hello\n", "a file of before")
    expect_equal(node.run("cat", directory + "/dir/cold").stdout, b"cold\n", "a file that was not read before")
    with open(os.path.join(node.cache, "wharf", "log." + NAME)) as f:
        expect("check this machine's clock" in f.read(), "the log does not say it")
    shift("0")
    expect_equal(ask("remount"), "New revision applied", "the answer with the right clock")
    expect_equal(node.run("cat", directory + "/clock/late").stdout, b"late\n", "the new file")
    node.unmount(directory)


def ask_failing(node, *words):
    return node.wharf("client", "talk", NAME, *words, check=False).stdout.decode().strip()


def probe(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "probe", CVMFS_REPOSITORIES="%s,absent.%s" % (NAME, DOMAIN))
    directory = node.directory(NAME)
    node.wharf("mount", NAME, directory)
    done = node.wharf("client", "probe", check=False)
    expect_equal(done.stdout.decode().splitlines(), [
        "Probing %s... OK" % directory,
        "Probing %s/absent.%s... Failed! (No such file or directory)" % (node.mounts, DOMAIN)], "probes")
    expect_equal(done.returncode, 1, "status")
    expect_equal(node.wharf("client", "probe", NAME).returncode, 0, "status for one")
    node.unmount(directory)


def metrics(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "metrics")
    directory, path = node.directory(NAME), os.path.join(node.root, "wharf.prom")
    node.wharf("mount", NAME, directory, "-o", "metrics-file=" + path)
    text = wait_until("the file is there", lambda: os.path.exists(path) and open(path).read())
    expect('wharf_client_revision{repository="%s",mountpoint="%s"} ' % (NAME, directory) in text, "metrics: %s" % text)
    node.unmount(directory)
    expect(not os.path.exists(path), "the file outlives the mount")


def logs(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "logs")
    directory = node.directory(NAME)
    lost = node.wharf("mount", NAME, directory, "-o", "log=/nowhere/log", check=False)
    expect(lost.returncode != 0 and b"/nowhere/log" in lost.stderr, "a log that cannot be written: %s" % lost.stderr)

    def listener(path):
        # Through the namespace: the path of a socket is short.
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.settimeout(10)
        s.bind(node.path(path))
        return s
    with listener("/run/systemd/journal/socket") as journal:
        node.wharf("mount", NAME, directory)
        node.run("umount", directory)
        said = wait_until("the journal hears of it", lambda: _heard(journal, b"unmounted"))
        for field in (b"MESSAGE=unmounted", b"SYSLOG_IDENTIFIER=wharf", b"WHARF_REPOSITORY=" + NAME.encode(),
                      b"WHARF_MOUNTPOINT=" + directory.encode(), b"PRIORITY=5"):
            expect(field in said.split(b"\n"), "%s is not in %s" % (field, said))
    wait_until("the client has ended", lambda: not processes_naming(directory))
    log = os.path.join(node.root, "mount.log")
    node.wharf("mount", NAME, directory, "-o", "log=" + log)
    node.run("umount", directory)
    wait_until("the file has it", lambda: os.path.exists(log) and "unmounted" in open(log).read())


def _heard(listener, word):
    message = listener.recv(65536)
    return message if word in message else None


def process(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "process", CVMFS_OOM_SCORE_ADJ="123", CVMFS_CPU_AFFINITY="0")
    directory = node.directory(NAME)
    node.wharf("mount", NAME, directory)
    pid = int(node.wharf("client", "talk", NAME, "pid").stdout)
    with open("/proc/%d/oom_score_adj" % pid) as f:
        expect_equal(int(f.read()), 123, "score")
    for thread in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/status" % (pid, thread)) as f:
            allowed = [line.split()[1] for line in f if line.startswith("Cpus_allowed_list:")]
        expect_equal(allowed, ["0"], "cores of a thread")
    expect_equal(os.readlink("/proc/%d/cwd" % pid), "/", "the directory of a mount in the background")
    node.unmount(directory)
    # Relative paths count from where the command is given, for a mount that is elsewhere by then, too.
    node.run("sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", scope.path, site.wharf, "mount", NAME, directory,
             "--cache", "relative-cache", "-o", "workspace=relative-workspace")
    expect(os.path.isdir(os.path.join(scope.path, "relative-cache", "00")), "no cache beside the caller")
    expect(os.listdir(os.path.join(scope.path, "relative-workspace")), "no workspace beside the caller")
    node.unmount(directory)


# -- Ways to mount

def autofs(site, scope, repository, web):
    automount = tool("automount")
    if not os.path.exists("/dev/autofs"):
        raise Skipped("the kernel has no autofs")
    node = configured_node(site, scope, repository, web, "autofs")
    map_file = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "..", "packaging", "wharf", "auto.wharf")
    shutil.copy(map_file, node.path("/etc/auto.wharf"))
    node.write("auto.master.test", "%s program:/etc/auto.wharf --timeout=2\n" % node.mounts)
    os.makedirs(node.path("/run/autofs"), exist_ok=True)
    # The daemon's own process group sees what lies below; others wait for it.
    daemon = subprocess.Popen(node.command(automount, "-f", "-t", "2", "-p", "/run/autofs/pid", "/etc/auto.master.test"),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    directory = os.path.join(node.mounts, NAME)
    try:
        wait_until("autofs serves the directory", lambda: node.run(
            "findmnt", "-no", "FSTYPE", node.mounts, check=False).stdout.split()[-1:] == [b"autofs"])
        expect_equal(node.run("cat", directory + "/hello").stdout, b"hello\n", "the file")
        for bad in ("absent.%s" % DOMAIN, "nodots", "..;reboot.x"):
            expect(node.run("ls", os.path.join(node.mounts, bad), check=False).returncode != 0, "%s is there" % bad)
        wait_until("autofs unmounts what nobody uses", lambda: not processes_naming(directory), 60)
        expect_equal(node.run("cat", directory + "/hello").stdout, b"hello\n", "the file, once more")
    finally:
        stop(daemon)


def automount_unit(site, scope, repository, web):
    generator = "/usr/lib/systemd/system-generators/systemd-fstab-generator"
    if not os.path.exists(generator):
        raise Skipped("systemd is not installed")
    folder, table = scope.directory("units"), os.path.join(scope.path, "fstab")
    with open(table, "w") as f:
        f.write("%s /cvmfs/%s wharf noauto,nodev,_netdev,x-systemd.automount 0 0\n" % (NAME, NAME))
    run(generator, folder, folder, folder, env=dict(os.environ, SYSTEMD_FSTAB=table))
    with open(os.path.join(folder, "cvmfs-%s.mount" % NAME)) as f:
        text = f.read()
    expect("What=" + NAME in text and "Type=wharf" in text, "unit: %s" % text)
    expect(os.path.exists(os.path.join(folder, "cvmfs-%s.automount" % NAME)), "no automount unit: %s" % os.listdir(folder))


def rootless(site, scope, repository, web):
    directory, cache = scope.directory("rootless"), scope.directory("rootless-cache")
    script = os.path.join(scope.path, "rootless.sh")
    with open(script, "w") as f:
        f.write('set -e\nwharf=$1\nshift\n"$wharf" mount "$1" "$2" --server "$3" --public-key "$4" --cache "$5"\n'
                'cat "$2/hello"\nid -u\n"$wharf" client talk "$2" revision\n"$wharf" umount "$2"\n')
    for path in (scope.path, directory, cache):
        os.chmod(path, 0o755)
        os.chown(path, 65534, 65534)
    key = os.path.join(scope.path, "rootless.pub")
    shutil.copy(repository.key, key)
    os.chmod(key, 0o644)
    program = os.path.join(scope.path, "wharf")
    shutil.copy(site.wharf, program)
    # The node's device may be for root only, which is the site's choice; here it is for everybody.
    device = os.path.join(scope.path, "fuse")
    os.mknod(device, 0o020666, os.stat("/dev/fuse").st_rdev)
    os.chmod(device, 0o666)
    done = run("unshare", "-m", "sh", "-c", 'mount --bind "$0" /dev/fuse && exec "$@"', device, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
               "unshare", "--user", "--map-root-user", "--mount", "sh", script, program, NAME, directory, web.url, key, cache, check=False)
    if b"unshare failed: Operation not permitted" in done.stderr:
        raise Skipped("the machine lets users make no namespaces")
    expect(done.returncode == 0 and done.stdout.startswith(b"hello\n0\n"), "it said: %s %s" % (done.stdout, done.stderr))


# -- The doctor

def doctor(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "doctor")

    def look(*words):
        done = node.wharf("doctor", NAME, "--json", *words, check=False)
        findings = [f for patient in json.loads(done.stdout) for f in patient["findings"]]
        wrong = [f for f in findings if f["verdict"] == "FAILED"]
        expect_equal(done.returncode, 1 if wrong else 0, "status")
        return findings, wrong

    def first_wrong(subject, *words):
        findings, wrong = look(*words)
        expect(wrong and wrong[0]["subject"] == subject, "looked for %s, found %s" % (subject, findings))
        expect(wrong[0].get("remedy"), "no remedy: %s" % wrong[0])
        return wrong[0]
    findings, wrong = look()
    expect(not wrong, "a healthy node: %s" % wrong)
    expect_equal([f["subject"] for f in findings if f["verdict"] == "ok"],
                 ["fuse", "permissions", "configuration", "dns", "proxy", "server", "clock", "keys", "whitelist", "manifest",
                  "disk", "quota", "mount"], "what was looked at")
    first_wrong("dns", "--server", "http://nowhere.invalid/cvmfs/" + NAME)
    first_wrong("proxy", "-o", "proxy=http://127.0.0.1:%d" % free_port())
    first_wrong("server", "--server", "http://127.0.0.1:%d" % free_port())
    first_wrong("server", "--server", web.url + "/absent")
    web.date = "Mon, 01 Jan 2024 00:00:00 GMT"
    found = first_wrong("clock")
    expect("ahead" in found["text"], "clock: %s" % found)
    web.date = None
    other = Repository(site, scope, "other." + DOMAIN, {"x": b"x"})
    first_wrong("keys", "--public-key", other.key)
    first_wrong("keys", "--public-key", os.path.join(scope.path, "absent"))
    first_wrong("manifest", "--server", other.directory, "--public-key", other.key)
    small = scope.directory("small")
    node.run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small)
    first_wrong("disk", "--cache", small)
    findings, wrong = look("-o", "cache-limit=900TB")
    expect([f for f in findings if f["subject"] == "quota" and f["verdict"] == "warning"], "quota: %s" % findings)
    directory = node.directory(NAME)
    node.wharf("mount", NAME, directory)
    for pid in processes_naming(directory):
        os.kill(pid, 9)
    wait_until("the client has ended", lambda: not processes_naming(directory))
    found = first_wrong("mount")
    expect("umount --lazy" in found["remedy"], "remedy: %s" % found)
    node.unmount(directory)
    os.rename(node.path("/etc/cvmfs/domain.d/%s.conf" % DOMAIN), node.path("/etc/cvmfs/domain.d/off"))
    first_wrong("configuration")


def report(site, scope, repository, web):
    node = configured_node(site, scope, repository, web, "report", SITE_MIRROR="http://me:secret1@127.0.0.1:1/x",
                           SITE_TOKEN="secret2")
    said = node.wharf("doctor", NAME, "--report", check=False).stdout.decode()
    expect("secret" not in said, "a secret is told: %s" % said)
    for part in ("Parameters of " + NAME, "(hidden)@127.0.0.1:1", "SITE_TOKEN=(hidden)", "kernel", "End of the log"):
        expect(part in said, "'%s' is not in: %s" % (part, said))
