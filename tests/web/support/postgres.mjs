// A PostgreSQL of its own for a test, for nodes that are several.
import { execFileSync } from "node:child_process";
import { chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/// Where Debian has the newest one; undefined without.
function binaries() {
  try {
    const versions = readdirSync("/usr/lib/postgresql").sort((left, right) => Number(right) - Number(left));
    return versions[0] && `/usr/lib/postgresql/${versions[0]}/bin`;
  } catch {
    return undefined;
  }
}

const freePort = () => new Promise((resolve) => {
  const server = createServer();
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

export class Postgres {
  #folder = mkdtempSync(join(tmpdir(), "waybill-web-pg-"));
  #isRoot = process.getuid() === 0;

  static isThere = () => binaries() !== undefined;

  /// It refuses to run as root.
  #run(program, ...options) {
    const command = [join(binaries(), program), ...options];
    const [first, ...rest] = this.#isRoot ? ["runuser", "-u", "postgres", "--", ...command] : command;
    return execFileSync(first, rest, { cwd: this.#folder, stdio: ["ignore", "ignore", "inherit"] });
  }

  /// Gives the address of an empty database.
  async start() {
    if (this.#isRoot) {
      const id = (flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
      chownSync(this.#folder, id("-u"), id("-g"));
    }
    const port = await freePort();
    const data = join(this.#folder, "data");
    this.#run("initdb", "--auth=trust", "--username=waybill", "--encoding=UTF8", "--no-sync", `--pgdata=${data}`);
    this.#run("pg_ctl", `--pgdata=${data}`, `--log=${this.#folder}/log`, "--wait", "-o",
              `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${this.#folder} -c fsync=off`, "start");
    return `postgresql://waybill@127.0.0.1:${port}/postgres`;
  }

  remove() {
    try {
      this.#run("pg_ctl", `--pgdata=${this.#folder}/data`, "--mode=immediate", "--wait", "stop");
    } catch {
      // It did not get that far.
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
