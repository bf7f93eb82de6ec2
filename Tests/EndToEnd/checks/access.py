# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""Users, projects, robots and tokens, with the clients that people log in with."""
import base64
import json
import os
import subprocess

from fixtures.images import push_by_layout
from fixtures.mount import Mount
from fixtures.server import Server
from fixtures.site import Scope, run, tool, wait_until
from fixtures.verdict import Failed, expect, expect_equal

PASSWORD = "correct horse battery"


def checks(site):
    with Scope("access") as scope:
        server = Server(site, scope)
        layout = site.layout("tiny")
        push_by_layout(layout, "1", server, "demo/app")
        server.wait_published("demo/app", "1")
        yield "the first user must be an administrator, and ends writes without login at once", lambda: first_user(
            site, server)
        people(site, server)
        yield "podman and skopeo log in with the right password only, and push what their user may", lambda: log_in(
            site, server, scope, layout)
        yield "podman login --get-login, logout and a credential helper work", lambda: helpers(server, scope)
        yield "docker logs in, keeps a token in place of the password, and reads with it", lambda: with_docker(
            site, server, scope)
        yield "a robot with a dollar in its name pulls, and a new secret ends the old one", lambda: robots(
            site, server, scope)
        yield "buildah pushes with credentials on the command line", lambda: with_buildah(server, scope, layout)
        yield "what is pushed to a private project is not published, until the project is opened", lambda: publication(
            site, server, layout)
        yield "an image leaves the mounted tree when its project is closed", lambda: closing(site, server, scope)
        yield "the management calls are for administrators", lambda: management(server)
        yield "every change is recorded with who made it", lambda: audit(site, server)
        yield "users and tokens survive a kill and a restart", lambda: restart(site, server)
        yield "htpasswd files of other registries are imported", lambda: htpasswd(site, server, scope)
        yield "commands work on the data directory when no server runs", lambda: offline(site, scope)
        yield "the first administrator can come from the configuration", lambda: configured(site, scope)
        yield "a server without users refuses to listen to the network", lambda: network(site, scope)


def admin(site, server, *words, password=None, check=True):
    """`wharf admin …` on the server's data directory."""
    done = subprocess.run([site.wharf, "admin", *words, "--data", server.data],
                          input=None if password is None else (password + "\n").encode(),
                          stdin=subprocess.DEVNULL if password is None else None,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if check and done.returncode != 0:
        raise Failed("admin %s: %s" % (" ".join(words), done.stderr.decode()))
    return done


def basic(name, password=PASSWORD):
    return {"Authorization": "Basic " + base64.b64encode(("%s:%s" % (name, password)).encode()).decode()}


def first_user(site, server):
    refused = admin(site, server, "user", "create", "bob", password=PASSWORD, check=False)
    expect_equal(refused.returncode, 1, "status")
    expect(b"administrator" in refused.stderr, refused.stderr)
    expect_equal(server.request("POST", "/v2/demo/app/blobs/uploads/")[0], 202, "before")
    admin(site, server, "user", "create", "root", "--admin", password=PASSWORD)
    status, body, headers = server.request("POST", "/v2/demo/app/blobs/uploads/")
    expect_equal(status, 401, "after")
    expect('realm="%s/service/token"' % server.url in headers["WWW-Authenticate"], headers["WWW-Authenticate"])
    expect_equal(server.get("/v2/")[0], 401, "the ping")
    expect_equal(server.get("/v2/demo/app/manifests/1")[0], 200, "pull of what was public")


def people(site, server):
    for name in ("dev", "reader"):
        admin(site, server, "user", "create", name, password=PASSWORD)
    admin(site, server, "project", "create", "team", "--private")
    admin(site, server, "project", "grant", "team", "dev", "developer")
    admin(site, server, "project", "grant", "team", "reader", "guest")


def authfile(scope, name):
    return os.path.join(scope.path, "auth-%s.json" % name)


def log_in(site, server, scope, layout):
    podman, skopeo = tool("podman"), tool("skopeo")
    for program in (podman, skopeo):
        wrong = run(program, "login", "--tls-verify=false", "--authfile", authfile(scope, "wrong"), "-u", "dev",
                    "-p", "wrong password", server.address, check=False)
        expect(wrong.returncode != 0, "%s took a wrong password" % program)
        for name in ("dev", "reader"):
            run(program, "login", "--tls-verify=false", "--authfile", authfile(scope, name), "-u", name,
                "-p", PASSWORD, server.address)
    target = "docker://%s/team/app:1" % server.address
    push = lambda name: run(skopeo, "copy", "--dest-tls-verify=false", "--authfile", authfile(scope, name),  # noqa
                            "oci:%s:1" % layout, target, check=False)
    expect(push("reader").returncode != 0, "a guest could push")
    done = push("dev")
    expect_equal(done.returncode, 0, done.stderr.decode())
    look = lambda *more: run(skopeo, "inspect", "--tls-verify=false", *more, target, check=False)  # noqa: E731
    expect(look("--no-creds").returncode != 0, "a stranger could pull")
    expect_equal(look("--authfile", authfile(scope, "reader")).returncode, 0, "pull by a guest")
    refused = run(skopeo, "delete", "--tls-verify=false", "--authfile", authfile(scope, "dev"), target, check=False)
    expect(refused.returncode != 0, "a developer could delete")


def helpers(server, scope):
    podman = tool("podman")
    auth = authfile(scope, "dev")
    answer = run(podman, "login", "--get-login", "--authfile", auth, server.address)
    expect_equal(answer.stdout.decode().strip(), "dev", "the login")
    # A helper is any program of that name: this one knows one password.
    programs = scope.directory("helpers")
    helper = os.path.join(programs, "docker-credential-check")
    with open(helper, "w") as f:
        f.write("#!/bin/sh\ncat >/dev/null\necho '%s'\n" % json.dumps(
            {"ServerURL": server.address, "Username": "reader", "Secret": PASSWORD}))
    os.chmod(helper, 0o755)
    config = os.path.join(scope.path, "helper.json")
    with open(config, "w") as f:
        json.dump({"credHelpers": {server.address: "check"}}, f)
    environment = dict(os.environ, PATH=programs + ":" + os.environ["PATH"])
    done = run(tool("skopeo"), "inspect", "--tls-verify=false", "--authfile", config,
               "docker://%s/team/app:1" % server.address, env=environment, check=False)
    expect_equal(done.returncode, 0, done.stderr.decode())
    run(podman, "logout", "--authfile", auth, server.address)
    gone = run(podman, "login", "--get-login", "--authfile", auth, server.address, check=False)
    expect(gone.returncode != 0, "still logged in")


def with_docker(site, server, scope):
    """Its client does these without an engine."""
    docker, config = tool("docker"), scope.directory("docker")

    def login(password):
        return subprocess.run([docker, "--config", config, "login", server.address, "-u", "reader", "--password-stdin"],
                              input=password.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    expect(login("wrong password").returncode != 0, "docker took a wrong password")
    done = login(PASSWORD)
    expect_equal(done.returncode, 0, done.stderr.decode())
    with open(os.path.join(config, "config.json")) as f:
        stored = json.load(f)["auths"][server.address]
    expect(stored.get("identitytoken"), "no token was kept: %s" % list(stored))
    expect(PASSWORD not in base64.b64decode(stored["auth"]).decode(), "the password was kept")
    # The token service's second protocol exchanges the kept token.
    look = lambda: run(docker, "--config", config, "manifest", "inspect", "--insecure",  # noqa: E731
                       "%s/team/app:1" % server.address, check=False)
    done = look()
    expect_equal(done.returncode, 0, done.stderr.decode())
    admin(site, server, "user", "passwd", "reader", password=PASSWORD + " two")
    expect(look().returncode != 0, "the kept token outlived the password")
    admin(site, server, "user", "passwd", "reader", password=PASSWORD)


def robots(site, server, scope):
    made = json.loads(admin(site, server, "robot", "create", "ci", "--project", "team", "--permission",
                            "repository:pull", "--json").stdout)
    expect_equal(made["name"], "robot$team+ci", "the name")
    look = lambda secret: run(tool("skopeo"), "inspect", "--tls-verify=false", "--creds",  # noqa: E731
                              "%s:%s" % (made["name"], secret), "docker://%s/team/app:1" % server.address, check=False)
    done = look(made["secret"])
    expect_equal(done.returncode, 0, done.stderr.decode())
    renewed = json.loads(admin(site, server, "robot", "secret", made["name"], "--json").stdout)
    expect(look(made["secret"]).returncode != 0, "the old secret still works")
    expect_equal(look(renewed["secret"]).returncode, 0, "the new secret")
    admin(site, server, "robot", "set", made["name"], "--disable-login")
    expect(look(renewed["secret"]).returncode != 0, "a disabled robot works")


def with_buildah(server, scope, layout):
    storage = ["--root", scope.directory("root"), "--runroot", scope.directory("runroot"), "--storage-driver", "vfs"]
    buildah = tool("buildah")
    # It names the image after the path, and takes no path that is no name.
    folder, image = os.path.split(layout)
    pulled = run(buildah, *storage, "pull", "oci:%s:1" % image, cwd=folder).stdout.decode().split()[-1]
    done = run(buildah, *storage, "push", "--tls-verify=false", "--creds", "dev:" + PASSWORD, pulled,
               "docker://%s/team/built:1" % server.address, check=False)
    expect_equal(done.returncode, 0, done.stderr.decode())


def publication(site, server, layout):
    state = wait_until("team/app is settled", lambda: as_root(server, "team/app", "1", "unpublished"))
    expect("private" in state["reason"], state["reason"])
    expect_equal(server.status("team/app", "1"), None, "what a stranger sees")
    admin(site, server, "project", "set", "team", "--public")
    wait_until("team/app is published", lambda: as_root(server, "team/app", "1", "published"))


def as_root(server, name, tag, state):
    status, body, _ = server.get("/api/v2.0/wharf/images/status?repository=%s&tag=%s" % (
        name.replace("/", "%2F"), tag), basic("root"))
    expect_equal(status, 200, "status of %s" % name)
    answer = json.loads(body)
    return answer if answer["state"] == state else None


def closing(site, server, scope):
    mount = Mount(site, scope, server)
    link = mount.link("team/app", "1")
    wait_until("the image is there", lambda: os.path.isdir(link), 10)
    admin(site, server, "project", "set", "team", "--private")
    wait_until("the image is gone", lambda: not os.path.lexists(link), 10)
    expect(os.path.isdir(mount.link("demo/app", "1")), "another image is gone, too")


def management(server):
    for path in ("/access/users", "/access/audit", "/access/robots"):
        for headers, expected in (({}, 401), (basic("dev"), 403), (basic("root"), 200)):
            expect_equal(server.get("/api/v2.0/wharf" + path, headers)[0], expected, path)
    status, _, _ = server.request("POST", "/api/v2.0/wharf/repositories?name=x.example.org", headers=basic("dev"))
    expect_equal(status, 403, "making a repository")
    images = json.loads(server.get("/api/v2.0/wharf/images")[1])
    expect(all(i["reference"].split("/")[1] == "demo" for i in images), "a stranger sees %s" % images)


def audit(site, server):
    records = json.loads(admin(site, server, "audit", "--json", "--limit", "1000").stdout)
    actions = {(r["actor"], r["action"]) for r in records}
    for wanted in (("local", "user.create"), ("local", "project.create"), ("local", "robot.create"),
                   ("dev", "manifest.push"), ("anonymous", "manifest.push"), ("local", "project.change")):
        expect(wanted in actions, "no record of %s" % (wanted,))
    expect(PASSWORD not in json.dumps(records), "a password is in the records")


def restart(site, server):
    status, body, _ = server.get("/service/token?scope=repository:team/app:pull", basic("reader"))
    expect_equal(status, 200, "token")
    token = {"Authorization": "Bearer " + json.loads(body)["token"]}
    server.kill()
    server.start()
    expect_equal(server.get("/v2/team/app/manifests/1", token)[0], 200, "the token of before")
    expect_equal(server.get("/v2/", basic("reader"))[0], 200, "the password")
    expect_equal(server.request("POST", "/v2/demo/app/blobs/uploads/")[0], 401, "a stranger's push")
    admin(site, server, "token-keys", "--revoke")
    expect_equal(server.get("/v2/team/app/manifests/1", token)[0], 401, "a revoked token")


def htpasswd(site, server, scope):
    file = os.path.join(scope.path, "htpasswd")
    run(tool("htpasswd"), "-Bbc", file, "carol", PASSWORD)
    admin(site, server, "user", "import", file)
    expect_equal(server.get("/v2/", basic("carol"))[0], 200, "the imported password")
    expect_equal(server.get("/v2/", basic("carol", "another"))[0], 401, "another password")
    with open(file, "a") as f:
        f.write("dave:$apr1$x$y\n")
    refused = admin(site, server, "user", "import", file, check=False)
    expect(refused.returncode == 1 and b"line 2" in refused.stderr, refused.stderr)


def offline(site, scope):
    class Stopped:
        data = os.path.join(scope.path, "offline")
    nothing = admin(site, Stopped, "user", "ls", check=False)
    expect(nothing.returncode == 1 and not os.path.exists(Stopped.data), "a look has made a data directory")
    admin(site, Stopped, "user", "create", "root", "--admin", password=PASSWORD)
    admin(site, Stopped, "project", "create", "team")
    users = json.loads(admin(site, Stopped, "user", "ls", "--json").stdout)
    expect_equal([u["name"] for u in users], ["root"], "users")
    server = Server(site, scope, data=Stopped.data)
    expect_equal(server.get("/v2/", basic("root"))[0], 200, "login")
    admin(site, server, "user", "create", "more", password=PASSWORD)
    server.stop()
    last = admin(site, Stopped, "user", "rm", "root", check=False)
    expect(last.returncode == 1 and b"no administrator would be left" in last.stderr, last.stderr)


def configured(site, scope):
    secret = os.path.join(scope.path, "secret")
    with open(secret, "w") as f:
        f.write(PASSWORD + "\n")
    data = os.path.join(scope.path, "configured")
    server = Server(site, scope, data=data, settings={"WHARF_ACCESS_ADMINISTRATOR_PASSWORD_FILE": secret})
    expect_equal(server.get("/v2/", basic("admin"))[0], 200, "login")
    server.stop()


def network(site, scope):
    for path, expected in ((os.path.join(scope.path, "open"), 1),):
        done = run(site.wharf, "serve", "--data", path, "--listen", "0.0.0.0:0", check=False)
        expect_equal(done.returncode, expected, "status")
        expect(b"there are no users yet" in done.stderr, done.stderr)
