"""The software that we did not write: where it comes from, how it is set up, and how it is started.

A set-up lives in the cache folder and is made again only when what it is made of changes.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from processes import Failed, last_line

HERE = Path(__file__).parent / "peers"
LIBMODBUS_TESTS = Path("/usr/share/doc/libmodbus-dev/examples")


def run(command, **options):
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, **options
        )
    except (OSError, subprocess.TimeoutExpired) as why:
        raise Failed(str(why)) from None
    if done.returncode != 0:
        raise Failed(f"{command[0]}: {last_line(done.stderr or done.stdout)}")
    return done.stdout


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Failed(f"{program} is not installed")


def debian_version(package):
    return run(["dpkg-query", "-W", "-f", "${Version}", package])


class Peer:
    """One set-up. `folder` is its source; `cache` is where it is built."""

    source = None  # a folder of peers/

    def __init__(self, cache):
        self.cache = cache / type(self).__name__.lower()

    def inputs(self):
        skipped = {"node_modules", "target", "__pycache__"}
        folder = HERE / self.source
        return [
            path for path in sorted(folder.rglob("*")) if path.is_file() and not skipped & set(path.parts)
        ]

    def set_up(self):
        digest = hashlib.sha256()
        for path in self.inputs():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        stamp = self.cache / "made-of"
        if stamp.exists() and stamp.read_text() == digest.hexdigest():
            return
        self.cache.mkdir(parents=True, exist_ok=True)
        self.install()
        stamp.write_text(digest.hexdigest())

    def install(self):
        raise NotImplementedError

    def version(self, name):
        raise NotImplementedError


class Python(Peer):
    source = "python"

    def inputs(self):
        return [HERE / "python" / "requirements.txt"]

    def install(self):
        run([sys.executable, "-m", "venv", str(self.cache / "venv")])
        run(
            [
                str(self.cache / "venv/bin/pip"),
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--requirement",
                str(HERE / "python/requirements.txt"),
            ]
        )

    def command(self, script, *arguments):
        return [str(self.cache / "venv/bin/python"), str(HERE / "python" / script), *arguments]

    def version(self, name):
        return re.search(rf"^{name}==(.+)$", (HERE / "python/requirements.txt").read_text(), re.MULTILINE)[1]


class Node(Peer):
    source = "node"

    def install(self):
        need("node", "npm")
        for path in self.inputs():
            shutil.copy(path, self.cache)
        run(["npm", "ci", "--omit=optional", "--no-audit", "--no-fund"], cwd=self.cache)

    def command(self, script, *arguments):
        return ["node", str(self.cache / script), *arguments]

    def version(self, name):
        return json.loads((HERE / "node/package.json").read_text())["dependencies"][name]


class Rust(Peer):
    source = "rust"

    def install(self):
        need("cargo")
        run(
            [
                "cargo",
                "build",
                "--quiet",
                "--manifest-path",
                str(HERE / "rust/Cargo.toml"),
                "--target-dir",
                str(self.cache / "target"),
            ]
        )

    def command(self, program, *arguments):
        return [str(self.cache / "target/debug" / program), *arguments]

    def version(self, name):
        return re.search(
            rf'^{name} = {{ version = "=([^"]+)"', (HERE / "rust/Cargo.toml").read_text(), re.MULTILINE
        )[1]


class Java(Peer):
    source = "java"

    def install(self):
        need("java", "mvn")
        run(
            [
                "mvn",
                "--quiet",
                "--batch-mode",
                "--file",
                str(HERE / "java/pom.xml"),
                f"-Dinterop.build={self.cache}",
                "compile",
                "dependency:copy-dependencies",
            ]
        )

    def command(self, program, *arguments):
        return [
            "java",
            "-cp",
            f"{self.cache}/classes:{self.cache}/dependency/*",
            f"interop.{program}",
            *arguments,
        ]

    def version(self, name):
        pom = (HERE / "java/pom.xml").read_text()
        return re.search(rf"<artifactId>{name}</artifactId>\s*<version>([^<]+)<", pom)[1]


class Libmodbus(Peer):
    """Its own test server, as Debian ships it, with its deliberate faults. Only where it listens is ours."""

    def inputs(self):
        sources = [LIBMODBUS_TESTS / "unit-test-server.c", LIBMODBUS_TESTS / "unit-test.h"]
        if not all(source.exists() for source in sources):
            raise Failed(f"no {sources[0]}: apt install libmodbus-dev")
        return [*sources, Path(__file__)]

    def install(self):
        need("cc", "pkg-config")
        ready = 'printf("READY %s\\n", getenv("PORT")); fflush(stdout);'
        server = (LIBMODBUS_TESTS / "unit-test-server.c").read_text()
        for old, new in (
            ('"127.0.0.1", 1502', '"127.0.0.1", atoi(getenv("PORT"))'),
            ("s = modbus_tcp_listen(ctx, 1);", "s = modbus_tcp_listen(ctx, 1); " + ready),
            ('"/dev/ttyUSB0"', 'getenv("TTY")'),
            ("rc = modbus_connect(ctx);", "rc = modbus_connect(ctx); " + ready),
        ):
            if server.count(old) != 1:
                raise Failed(f"unit-test-server.c of another libmodbus: no {old}")
            server = server.replace(old, new)
        (self.cache / "server.c").write_text(server)
        shutil.copy(LIBMODBUS_TESTS / "unit-test.h", self.cache)
        flags = run(["pkg-config", "--cflags", "--libs", "libmodbus"]).split()
        run(["cc", "-O1", "-o", "server", "server.c", *flags], cwd=self.cache)

    def command(self, transport):
        return [str(self.cache / "server"), {"tcp": "tcp", "serial": "rtu"}[transport]]

    def version(self, _name):
        return debian_version("libmodbus-dev")


class Databases(Peer):
    """Time-series databases of Debian, and promtool, which comes with one of them."""

    def set_up(self):
        need("victoria-metrics", "prometheus", "promtool")

    def version(self, name):
        return debian_version("prometheus" if name == "promtool" else name)


class Mbpoll(Python):
    """A program of Debian; a script asks it."""

    def __init__(self, cache):
        self.cache = Python(cache).cache

    def set_up(self):
        need("mbpoll")

    def version(self, _name):
        return debian_version("mbpoll")


class Certificates:
    """A CA of our own with one server and one client, for Modbus/TCP Security."""

    def __init__(self, cache):
        self.folder = cache / "certificates"

    def set_up(self):
        if (self.folder / "client.pem").exists():
            return
        need("openssl")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"]
        run(
            [
                "openssl",
                "req",
                "-x509",
                *key,
                "-subj",
                "/CN=Interop CA",
                "-keyout",
                "ca.key",
                "-out",
                "ca.pem",
            ],
            cwd=self.folder,
        )
        for name in ("server", "client"):
            # 1.3.6.1.4.1.50316.802.1 is the role of Modbus/TCP Security, a UTF8String.
            (self.folder / f"{name}.ext").write_text(
                "subjectAltName = DNS:localhost, IP:127.0.0.1\n"
                f"extendedKeyUsage = {name}Auth\n"
                "1.3.6.1.4.1.50316.802.1 = ASN1:UTF8String:operator\n"
            )
            run(
                [
                    "openssl",
                    "req",
                    *key,
                    "-subj",
                    f"/CN=interop {name}",
                    "-keyout",
                    f"{name}.key",
                    "-out",
                    f"{name}.csr",
                ],
                cwd=self.folder,
            )
            run(
                [
                    "openssl",
                    "x509",
                    "-req",
                    "-in",
                    f"{name}.csr",
                    "-CA",
                    "ca.pem",
                    "-CAkey",
                    "ca.key",
                    "-CAcreateserial",
                    "-days",
                    "3650",
                    "-extfile",
                    f"{name}.ext",
                    "-out",
                    f"{name}.pem",
                ],
                cwd=self.folder,
            )
        for private in self.folder.glob("*.key"):
            os.chmod(private, 0o600)

    def options(self, name):
        return [
            "--cert",
            str(self.folder / f"{name}.pem"),
            "--key",
            str(self.folder / f"{name}.key"),
            "--ca",
            str(self.folder / "ca.pem"),
        ]
