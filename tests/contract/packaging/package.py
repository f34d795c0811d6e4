#!/usr/bin/env python3
"""Makes the Debian package of a built program and uses what is in it: package.py <waybill binary> <source folder>

Nothing is compiled. The package must hold what it should, with the rights that it should have; its program plays a story from a folder
into which it was unpacked; the unit, the configuration, the manual pages and the completions are held against what the program says of
itself; at last it is installed and purged (installed.sh). What the machine has no program for is left out, which is said.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import node  # noqa: E402

SKIPPED = 77
CONF = "etc/waybill/waybill.conf"
UNIT = "usr/lib/systemd/system/waybill.service"
PROGRAMS = {"usr/bin/waybill", "usr/share/waybill/certificates.sh"}
FILES = PROGRAMS | {
    CONF, UNIT, "usr/lib/sysusers.d/waybill.conf", "usr/share/man/man1/waybill.1.gz", "usr/share/man/man1/waybill-shell.1.gz",
    "usr/share/bash-completion/completions/waybill", "usr/share/zsh/vendor-completions/_waybill",
    "usr/share/doc/waybill/copyright", "usr/share/doc/waybill/NOTICE", "usr/share/doc/waybill/changelog.gz",
    "usr/share/doc/waybill/changelog.Debian.gz", "usr/share/doc/waybill/operations.md",
    "usr/share/doc/waybill/examples/monitoring/waybill.yml",
}
PASSWORD = "a password of the test"

failures = 0


def expect(holds, claim):
    global failures
    if not holds:
        failures += 1
        print(claim)


def run(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **more)


def output(*words, **more):
    done = run(*words, **more)
    expect(done.returncode == 0, f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return done.stdout


def left_out(program, what):
    print(f"{what} is left out: there is no {program}")


def check_contents(package, unpacked, epoch):
    fields = dict(line.split(": ", 1) for line in output("dpkg-deb", "--field", package).splitlines() if re.match(r"^[A-Z]", line))
    version = run(unpacked / "usr/bin/waybill", "version").stdout.split()[1]
    expect(fields["Package"] == "waybill" and fields["Version"].startswith(version + "-"), f"it is {fields}")
    for needed in ("libc6 (>= ", "libpq5", "libsqlite3-0", "libssl3", "ca-certificates", "systemd"):
        expect(needed in fields["Depends"], f"it does not depend on {needed}: {fields['Depends']}")
    expect(output("dpkg-deb", "--info", package, "conffiles") == f"/{CONF}\n", "its configuration is no conffile")
    seen = set()
    for line in output("dpkg-deb", "--contents", package, env={**os.environ, "TZ": "UTC"}).splitlines():
        mode, owner, _, day, clock, path = line.split(maxsplit=5)
        path = path.removeprefix("./").rstrip("/")
        seen.add(path)
        wanted = "drwxr-xr-x" if mode.startswith("d") else "-rwxr-xr-x" if path in PROGRAMS else "-rw-r--r--"
        expect(mode == wanted and owner == "root/root", f"{path} is {mode} {owner}")
        # So that the same sources give the same package.
        expect(f"{day} {clock}" == epoch, f"{path} is of {day} {clock}, not of the last change, {epoch}")
    expect(FILES <= seen, f"it lacks {FILES - seen}")
    strangers = [path for path in seen if path.split("/")[0] not in ("etc", "usr")]
    expect(not strangers, f"it has {strangers}")
    sums = output("dpkg-deb", "--info", package, "md5sums")
    expect(run("md5sum", "--quiet", "--check", cwd=unpacked, input=sums).returncode == 0, "its sums do not fit its files")
    for script in ("postinst", "prerm", "postrm"):
        expect(run("sh", "-n", input=output("dpkg-deb", "--info", package, script)).returncode == 0, f"{script} is no shell script")
    licences = (unpacked / "usr/share/doc/waybill/copyright").read_text(encoding="utf-8")
    for words in ("C++ Actor Framework", "common-licenses/Apache-2.0", "BSD-3-Clause\n---", "Boost Software License", "MIT\n---"):
        expect(words in licences, f"the copyright says nothing of {words}")
    places = run("strings", unpacked / "usr/bin/waybill").stdout if shutil.which("strings") else ""
    expect(str(HERE.parents[2]) + "/build" not in places, "the program names the folder that it was built in")
    expect(".symtab" not in run("readelf", "--sections", unpacked / "usr/bin/waybill").stdout, "the program is not stripped")


def check_unit(unpacked, program):
    unit = (unpacked / UNIT).read_text(encoding="utf-8")
    values = dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))
    limit_s = int(re.search(r"^shutdown-timeout = (\d+)s ", output(program, "config", "dump"), re.MULTILINE)[1])
    expect(int(values["TimeoutStopSec"]) > limit_s, f"systemd kills a node after {values['TimeoutStopSec']} s, which may take {limit_s} s to end")
    words = values["ExecStart"].split()
    expect(words[0] == "/usr/bin/waybill" and words[2] == f"--config=/{CONF}", f"it starts {words}")
    expect(values["Type"] == "exec" and "sd_notify" not in run("strings", program).stdout, "the program tells systemd more than Type says")
    if not shutil.which("systemd-analyze"):
        left_out("systemd-analyze", "the unit")
        return
    # The program is not where the unit looks for it.
    here = unpacked / "waybill.service"
    here.write_text(unit.replace("/usr/bin/waybill", str(program)), encoding="utf-8")
    done = run("systemd-analyze", "verify", "--man=no", here)
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if "waybill" in line]
    expect(not complaints, f"systemd-analyze verify: {complaints}")
    exposed = run("systemd-analyze", "security", "--offline=yes", "--threshold=25", "--no-pager", here)
    expect(exposed.returncode == 0, f"the unit is open: {exposed.stdout[-300:]}{exposed.stderr}")


def check_configuration(unpacked, program):
    conf = unpacked / CONF
    expect("valid" in output(program, "config", "check", f"--config={conf}"), "the configuration is not valid as it is shipped")
    text = conf.read_text(encoding="utf-8")
    offered = re.findall(r"^# ([a-z-]+) = (.+)$", text, re.MULTILINE)
    expect(len(offered) > 20, f"it shows {len(offered)} options")
    for name, value in offered:
        # A secret's file is not there; whether it would be is no question of the configuration.
        option = name.removesuffix("-file")
        done = run(program, "config", "dump", f"--{name}={value}")
        wrong = re.search(r"unrecognised option|bad value", done.stderr)
        expect(not wrong, f"{CONF}: {name} = {value}: {done.stderr}")
        expect(re.search(rf"\b{option}\b", run(program, "node", "--help=all").stdout), f"{CONF}: {name} is no option")


def check_pages(unpacked, program):
    commands = re.findall(r"^  ([a-z]+) ", output(program, "help"), re.MULTILINE)
    options = re.findall(r"^([a-z0-9-]+) = ", output(program, "config", "dump"), re.MULTILINE)
    expect(len(commands) > 5 and len(options) > 50, "the program says nothing of itself")
    if shutil.which("man"):
        shown = {}
        for page in ("waybill", "waybill-shell"):
            path = unpacked / f"usr/share/man/man1/{page}.1.gz"
            done = run("man", "--warnings", "-E", "UTF-8", "-l", path, env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
            expect(done.returncode == 0 and not done.stderr, f"man {page}: {done.stderr}")
            shown[page] = done.stdout
        for word in [f"--{option}=" for option in options] + commands:
            expect(re.search(rf"^ *{word}\b" if word in commands else re.escape(word), shown["waybill"], re.MULTILINE), f"waybill(1) lacks {word}")
        expect("drain" in shown["waybill-shell"], "waybill-shell(1) has no commands")
    else:
        left_out("man", "the manual pages")
    script = unpacked / "usr/share/bash-completion/completions/waybill"

    def completed(*words):
        inside = f'source {script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); $(complete -p waybill | grep -o "_waybill[a-z_]*"); printf "%s\\n" "${{COMPREPLY[@]}}"'
        return output("bash", "-c", inside, "bash", *words).split()

    expect(completed("waybill", "") == commands, "bash does not complete the commands")
    for command in ("node", "config", "health", "backup", "restore"):
        given = completed("waybill", command, "x", "--") if command == "config" else completed("waybill", command, "--")
        expect({f"--{option}=" for option in options} <= set(given), f"bash does not complete the options of {command}")
    expect(completed("waybill", "config", "d") == ["dump"], "bash does not complete config")
    expect(completed("waybill", "shell", "dra") == ["drain"], "bash does not complete the shell's commands")
    expect(completed("waybill", "node", "--config", "=", f"{unpacked}/et") == [f"{unpacked}/etc"], "bash does not complete a path")
    if shutil.which("zsh"):
        output("zsh", "-n", unpacked / "usr/share/zsh/vendor-completions/_waybill")
    else:
        left_out("zsh", "its completion")


def check_it_runs(unpacked, work):
    program = unpacked / "usr/bin/waybill"
    secret = work / "admin-password"
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    options = [f"--config={unpacked / CONF}", f"--admin-password-file={secret}"]
    with node.started(str(program), work / "node", *options) as url:
        def ask(path, body=None, token=None):
            headers = {"Content-Type": "application/json", **({"Authorization": "Bearer " + token} if token else {})}
            request = urllib.request.Request(url + path, headers=headers, data=json.dumps(body).encode() if body else None)
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.loads(answer.read())

        token = ask("/v1/auth/login", {"email": "admin@localhost", "password": PASSWORD})["access_token"]
        story = ask("/scenario/1", token=token)
        expect(story["verdict"] == "pass", f"the unpacked program's story: {story}")


def main():
    binary, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        moment = 1_790_000_000
        made = output(root / "scripts/package.sh", binary, work / "out", env={**os.environ, "SOURCE_DATE_EPOCH": str(moment)})
        if failures:
            sys.exit(1)
        package = pathlib.Path(made.strip())
        unpacked = work / "unpacked"
        output("dpkg-deb", "--extract", package, unpacked)
        epoch = output("date", "--utc", "+%F %R", f"--date=@{moment}").strip()
        program = unpacked / "usr/bin/waybill"
        check_contents(package, unpacked, epoch)
        check_unit(unpacked, program)
        check_configuration(unpacked, program)
        check_pages(unpacked, program)
        check_it_runs(unpacked, work)
        done = run(HERE / "installed.sh", package)
        print(done.stdout, end="")
        expect(done.returncode in (0, SKIPPED), f"installed.sh: {done.stderr}")
        print(f"{package.name}, {package.stat().st_size} bytes: {failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
