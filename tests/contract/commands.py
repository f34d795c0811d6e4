#!/usr/bin/env python3
"""Runs the commands of README.md and docs/operations.md as they stand there: commands.py <waybill binary> <source folder>

Each indented block of a document is found by how it begins, in `scenes` below. A scene has a network of its own, so that the
ports of the documents are free, and a shell in which its blocks run one after the other; a block that no scene and no reason
names is a failure. A command that ends with an error, or an answer of HTTP that is one, is one too. Needs root for the
network; skipped (77) elsewhere.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

PATIENCE_S = 400

# What stands before each scene. `serve` starts a node of the test's own, `await_ready` waits for a gateway.
PRELUDE = r"""
set -u -o pipefail
ip link set lo up
ip address add 10.0.0.7/32 dev lo
failed=0
trap 'code=$?; failed=1; echo "FAILED with $code: $BASH_COMMAND" >&2' ERR
curl() { command curl --write-out '%{stderr}%{http_code} %{url_effective}\n' "$@"; }
await_ready() {
  for _ in $(seq 900); do
    if command curl -sf -o /dev/null "${1:-http://127.0.0.1:4000}/readyz"; then return; fi
    sleep 0.1
  done
  echo "FAILED: the node did not get ready" >&2
  exit 1
}
serve() { waybill node "$@" & await_ready; }
json='Content-Type: application/json'
text_of() { grep -o "\"$1\":\"[^\"]*" | head -1 | cut -d'"' -f4; }
place_order() {
  local key product
  key=$(date +%s%N)
  product=$(curl -s localhost:4000/v1/products -H "$json" -d '{"sku":"'$key'","name":"Tea","price":{"amount":499,"currency":"EUR"},"on_hand":10}' | text_of id)
  curl -s localhost:4000/v1/orders -H "$json" -H 'Prefer: wait=5' -H "Idempotency-Key: $key" -d '{"lines":[{"product_id":"'$product'","quantity":2}],"payment":{"method":"card","token":"tok_ok"},"delivery":{"name":"Ada","address":"Main Street 1 [couriers: complete]"}}' | text_of id
}
await_status() { until command curl -s localhost:4000/v1/orders/$1 | grep -q "\"status\":\"$2\""; do sleep 0.1; done; }
postgres() {
  export PGDATA=$PWD/pg
  mkdir "$PGDATA"; chown postgres "$PGDATA"; chmod 777 "$PWD"
  as_postgres initdb --auth=trust > initdb.log
  echo "unix_socket_directories = '$PWD'" >> "$PGDATA/postgresql.conf"
  as_postgres pg_ctl --pgdata="$PGDATA" --log=/dev/null --wait start > /dev/null
  psql -qh 127.0.0.1 -U postgres postgres -c "create role \"user\" login password 'password'" -c 'create database shop owner "user"' \
    -c 'create role waybill login' -c 'create database waybill owner waybill' -c 'create role replicator login replication'
}
as_postgres() { runuser -u postgres -- env PATH="$(dirname "$(ls -d /usr/lib/postgresql/*/bin/initdb | tail -1)"):$PATH" PGDATA="$PGDATA" "$@"; }
"""
CLOSING = r"""
trap - ERR
kill $(jobs -p) 2> /dev/null
wait
[ -z "${PGDATA:-}" ] || as_postgres pg_ctl --pgdata="$PGDATA" --mode=immediate stop > /dev/null
exit $failed
"""

README, OPERATIONS = "README.md", "docs/operations.md"


class Block:
    """The block of a document that begins so; `lines`: only some of them; `becomes`: what stands for a reader's own values;
    `after`: text that follows, such as the & of a node that goes on running; `prints`: what must be in the output."""

    def __init__(self, document, begins, lines=None, becomes=None, after="", prints=()):
        self.document, self.begins, self.lines = document, begins, lines
        self.becomes, self.after, self.prints = becomes or {}, after, prints


def env_check(block_text):
    """Lines of variables, checked as a node would read them."""
    words = [line.split("#")[0].strip() for line in block_text.strip().split("\n")]
    return "env " + " ".join(words) + " waybill config check\n"


class Variables(Block):
    pass


class File(Block):
    pass


SITE = {"/etc/waybill/": "$PWD/certificates/"}
CERTIFICATES = Block(OPERATIONS, "docker/certificates.sh", becomes={"/root/waybill-authority": "authority"}, after=" site")

scenes = {
    "traces": [Block(OPERATIONS, "waybill node --trace-endpoint"), "await_ready", "curl -s localhost:4000/scenario/1 | grep -q pass"],
    "one process": [
        "build/release/waybill node --order-grace=0ms &\nawait_ready",
        Block(README, "curl -s localhost:4000/scenario/1", prints=['"verdict":"pass"', "12"]),
        Block(README, "K=$(date", prints=['"status":"confirmed"']),
        Block(README, "K=$(date", prints=['"status":"confirmed"']),
        Block(OPERATIONS, "waybill config check", prints=["valid", "read"]),
        Block(OPERATIONS, "waybill shell -c \"audit\"", prints=["0"]),
        "O=$(place_order); await_status $O completed",
        Block(OPERATIONS, "waybill shell -c \"trace", becomes={"ord_...": "$O"}, prints=["completed", "nothing is under way"]),
        Block(OPERATIONS, "curl -s 'http://127.0.0.1:4000/v1/orders?status=needs_attention'", becomes={"ord_...": "$O"}),
        Block(OPERATIONS, "O=http", becomes={"ord_...": "$O"}, prints=["one was broken"]),
    ],
    "an order that waits": [
        "serve --order-grace=2m --http-allowed-origins=https://shop.example\nO=http://127.0.0.1:4000/v1/orders/$(place_order)",
        Block(OPERATIONS, "curl -s $O/hold", prints=["ring twice"]),
        Block(OPERATIONS, "curl -si -X OPTIONS", prints=["Access-Control-Allow-Origin: https://shop.example"]),
    ],
    "seven processes": [
        "postgres",
        Block(README, "port=4100"),
        Block(README, "K=$(date", prints=['"status":"confirmed"']),
        "waybill node --role=order --name=order-2 --store=postgresql://user:password@localhost/shop --listen=127.0.0.1:4200 &\n"
        "until waybill shell -c nodes | grep order-2 | grep -q up; do sleep 0.2; done",
        Block(OPERATIONS, "waybill shell -c nodes", prints=["order-2"]),
        Block(OPERATIONS, "psql postgresql://user:password@localhost/shop", prints=["role"]),
    ],
    "accounts": [
        "URL=http://127.0.0.1:4000\nP=first-good-password\n"
        "serve --auth=required --admin-email=admin@localhost --admin-password=$P\n"
        "until command curl -sf -o /dev/null $URL/v1/auth/login -H \"$json\" -d '{\"email\":\"admin@localhost\",\"password\":\"'$P'\"}'; do sleep 0.2; done",
        Block(OPERATIONS, "T=$(curl -s $URL/v1/auth/login", prints=["admin@localhost"]),
    ],
    "couriers": [
        Block(OPERATIONS, "build/release/waybill node --courier-pool=real", after=" &\nawait_ready"),
        "sign_up() { curl -s localhost:4000/v1/auth/register -H \"$json\" -d '{\"email\":\"'$1'@example.com\",\"password\":\"a good password\",\"name\":\"'$1'\"}'; }\n"
        "sign_in() { curl -s localhost:4000/v1/auth/login -H \"$json\" -d '{\"email\":\"'$1'@example.com\",\"password\":\"a good password\"}' | text_of access_token; }\n"
        "U=$(sign_up ann | grep -o 'usr_[a-z0-9]*' | head -1)\nboss=$(sign_up boss | grep -o 'usr_[a-z0-9]*' | head -1)\n"
        "curl -s -X PATCH localhost:4000/v1/users/$U -H \"$json\" -d '{\"roles\":[\"courier\"]}'\n"
        "curl -s -X PATCH localhost:4000/v1/users/$boss -H \"$json\" -d '{\"roles\":[\"operator\"]}'\n"
        "C=$(sign_in ann); T=$(sign_in boss)",
        Block(OPERATIONS, "JSON='Content-Type", prints=['"name":"Ann"']),
        Block(OPERATIONS, "curl -s -X PATCH localhost:4000/v1/couriers", lines=slice(0, 1), prints=['"online":true']),
        "place_order\nuntil D=$(command curl -s 'localhost:4000/v1/deliveries?status=offered' -H \"Authorization: Bearer $C\""
        " | grep -o 'dlv_[a-z0-9]*' | head -1); [ -n \"$D\" ]; do sleep 0.2; done",
        Block(OPERATIONS, "curl -s -X PATCH localhost:4000/v1/couriers", lines=slice(1, 5), prints=['"status":"completed"']),
    ],
    "certificates and HTTPS": [
        "ln -s $root/docker docker",
        CERTIFICATES,
        "postgres",
        Block(OPERATIONS, "waybill node --role=order --store=postgresql://waybill@db.internal", after=" &\nnode=$!",
              becomes={"db.internal": "127.0.0.1", **SITE}),
        "cd certificates\nuntil waybill shell --connect=10.0.0.7:4100 --cluster-tls-ca=ca.pem --cluster-tls-certificate=alice.pem"
        " --cluster-tls-key=alice.key -c nodes 2> /dev/null | grep -q order; do sleep 0.2; done",
        Block(OPERATIONS, "waybill shell --connect=10.0.0.7:4100", after=" -c nodes", prints=["order"]),
        "cd ..; kill $node; wait $node",
        Block(OPERATIONS, "waybill node --http=0.0.0.0:443", after=" --auth=required &", becomes=SITE),
        "until command curl -skf https://127.0.0.1/readyz; do sleep 0.1; done\ncurl -s http://127.0.0.1/",
    ],
    "listener for operators": [
        Block(OPERATIONS, "waybill node --ops=127.0.0.1:4090", after=" &\nawait_ready"),
        Block(OPERATIONS, "curl -s 127.0.0.1:4090/debug/process", prints=["cpu_user_ms"]),
        "waybill bench orders --duration=1s --concurrency=2 --ops=127.0.0.1:4090",
    ],
    "options": [
        "printf 'a secret of the test, long enough' > secret; echo whsec_$(head -c 24 /dev/zero | base64) > callbacks",
        "cp /etc/ssl/certs/ca-certificates.crt ca.pem",
        Variables(OPERATIONS, "WAYBILL_PAYMENT_PROVIDER=http", prints=["valid"],
                  becomes={"/run/secrets/payment-callbacks": "$PWD/callbacks", "/run/secrets/payment": "$PWD/secret",
                           "/etc/waybill/payment-ca.pem": "$PWD/ca.pem"}),
        Variables(OPERATIONS, "WAYBILL_WEBHOOK_TARGETS=public", prints=["valid"]),
        Variables(OPERATIONS, "WAYBILL_SINK_TARGETS=any", prints=["valid"]),
        "echo 'amqps://user:password@host/vhost?queue=orders' > source; echo wbk_of-the-test > source-key",
        Variables(OPERATIONS, "WAYBILL_SOURCE_FILE=", prints=["valid"],
                  becomes={"/etc/waybill/source-key": "$PWD/source-key", "/etc/waybill/source": "$PWD/source"}),
        File(OPERATIONS, "event-retention = 90d", prints=["valid"]),
        "mkdir events; echo '{\"stream\":\"ord_1\"}' > events/events-0-1.jsonl",
        Block(OPERATIONS, "cat /var/lib/waybill/events", prints=['{"stream":"ord_1"}'],
              becomes={"/var/lib/waybill/events": "events", "ord_...": "ord_1"}),
    ],
    "backup of SQLite": [
        "mkdir data saved\nserve --store=sqlite:data/waybill.db --order-grace=0ms\nnode=$!\nO=$(place_order); await_status $O completed",
        Block(OPERATIONS, "waybill backup --to=", becomes={"/backup/": "saved/"}, prints=["saved/monday", "0 violations"]),
        "later=$(place_order); await_status $later completed\nkill $node; wait $node",
        Block(OPERATIONS, "waybill restore --from=", becomes={"/backup/": "saved/"}),
        "serve --store=sqlite:data/waybill.db\nawait_status $O completed\n"
        "[ $(command curl -s -o /dev/null -w '%{http_code}' localhost:4000/v1/orders/$later) = 404 ]",
    ],
    "backup of PostgreSQL": [
        "postgres\nmkdir backup",
        Block(OPERATIONS, "pg_basebackup --host=db.internal", becomes={"db.internal": "127.0.0.1", "/backup/": "backup/"}),
        "ls backup/*/PG_VERSION\nbefore=$(psql -Ath 127.0.0.1 -U postgres postgres -c 'select txid_current()')\n"
        "pg_ctl() { as_postgres pg_ctl --log=/dev/null \"$@\"; }\npg_resetwal() { as_postgres pg_resetwal \"$@\"; }\n"
        "vacuumdb() { command vacuumdb --quiet --host=127.0.0.1 --username=postgres \"$@\"; }",
        Block(OPERATIONS, "last=20768", becomes={"pg_ctl --pgdata=\"$PGDATA\" start":
                                                 "chown -R postgres: \"$PGDATA\"; pg_ctl --pgdata=\"$PGDATA\" start"}),
        "[ $(psql -Ath 127.0.0.1 -U postgres postgres -c 'select txid_current()') -gt 1000000 ]",
    ],
    "fault injection": [
        Block(OPERATIONS, "build/release/waybill node --chaos=on", lines=slice(0, 1), after="\nawait_ready"),
        Block(OPERATIONS, "build/release/waybill node --chaos=on", lines=slice(1, 2), prints=["pass"]),
    ],
}

# What begins so cannot be run here; its form is checked, and something else runs it.
elsewhere = {
    "docker ": "needs images; structure.docker checks the files",
    "kubectl ": "needs a cluster; contract.chart renders the chart, contract.chart_runs runs its pods",
    "scripts/build.sh release": "needs systemd; contract.package makes and installs the package",
    "export COMPOSE_FILE": "needs images; structure.docker checks the files",
    "./scripts/run.sh": "is what this very test was built by",
}


def blocks_of(text):
    """The indented blocks of a document, without the indentation."""
    indented = re.findall(r"(?:^\n|\A)((?: {4}.*\n|\n(?= {4}))+)", text, re.MULTILINE)
    return [re.sub(r"^ {4}", "", block, flags=re.MULTILINE) for block in indented]


def commands_in(block):
    """Its lines, each with those that it goes on in."""
    return [line.replace("\0", "\\\n") + "\n" for line in block.replace("\\\n", "\0").strip().split("\n")]


def script_of(step, blocks):
    if isinstance(step, str):
        return step + "\n"
    block = blocks[(step.document, step.begins)]
    if step.lines is not None:
        block = "".join(commands_in(block)[step.lines])
    for own, other in step.becomes.items():
        block = block.replace(own, other)
    if isinstance(step, Variables):
        block = env_check(block)
    if isinstance(step, File):
        block = "cat > node.conf << 'END'\n" + block + "END\nwaybill config check --config=node.conf\n"
    return block.rstrip("\n") + step.after + "\n"


def run_scene(name, steps, blocks, binary, root):
    script = PRELUDE
    for i, step in enumerate(steps):
        script += f"\necho; echo '--- step {i}'\n" + script_of(step, blocks)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        (work / "bin").mkdir()
        (work / "build/release").mkdir(parents=True)
        for place in ("bin/waybill", "build/release/waybill"):
            (work / place).symlink_to(binary)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("WAYBILL_")}
        environment["PATH"] = f"{work}/bin:{os.environ['PATH']}:/usr/sbin"
        environment["root"] = str(root)
        command = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "-c", script + CLOSING]
        try:
            done = subprocess.run(command, cwd=work, env=environment, capture_output=True, timeout=PATIENCE_S, check=False)
            code, out, err = done.returncode, done.stdout.decode(), done.stderr.decode()
        except subprocess.TimeoutExpired as late:
            code, out, err = -1, (late.stdout or b"").decode(), (late.stderr or b"").decode()
    wrong = [] if code == 0 else [f"it ended with {code}"]
    wrong += re.findall(r"^FAILED.*|^[45]\d\d http(?!.*/readyz).*", err, re.MULTILINE)
    parts = re.split(r"^--- step (\d+)\n", out, flags=re.MULTILINE)
    printed = dict(zip(map(int, parts[1::2]), parts[2::2]))
    for i, step in enumerate(steps):
        for text in getattr(step, "prints", ()):
            if text not in printed.get(i, ""):
                wrong.append(f"step {i} does not print {text}, but: {printed.get(i, 'nothing')[-600:]}")
    if wrong:
        print(f"{name}:\n  " + "\n  ".join(wrong) + "\n  the end of its output:\n" + out[-2000:] + "\n  the end of its errors:\n" + err[-3000:])
    return len(wrong)


def main():
    binary, root = sys.argv[1], pathlib.Path(sys.argv[2])
    only = sys.argv[3:]
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode != 0:
        print("skipped: a network of its own needs root")
        sys.exit(77)
    texts = {name: blocks_of((root / name).read_text(encoding="utf-8")) for name in (README, OPERATIONS)}
    used = {(step.document, step.begins) for steps in scenes.values() for step in steps if isinstance(step, Block)}
    blocks, failures = {}, 0
    for name, own in texts.items():
        for block in own:
            for document, begins in used:
                if document == name and block.startswith(begins):
                    blocks[document, begins] = block
                    break
            else:
                if not any(block.startswith(begins) for begins in elsewhere):
                    print(f"{name}: no scene runs the block that begins with: {block.splitlines()[0]}")
                    failures += 1
                elif subprocess.run(["bash", "-n", "-c", block], check=False).returncode != 0:
                    print(f"{name}: this is no shell: {block}")
                    failures += 1
    for document, begins in used - set(blocks):
        print(f"{document} has no block that begins with: {begins}")
        failures += 1
    if failures == 0:
        for name, steps in scenes.items():
            if not only or name in only:
                failures += run_scene(name, steps, blocks, binary, root)
    print(f"{sum(map(len, texts.values()))} blocks, {failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
