import { afterEach, beforeEach, expect, test, vi } from "vitest";

const kept = "waybill.refresh_token";
const user = { id: "usr_1", name: "Ada", email: "ada@example.com", roles: ["customer"] };

let stored: Map<string, string>;
let asked: { path: string; body: Record<string, string> }[];
let answer: (path: string, body: Record<string, string>) => Response;
let me: () => Response;
let onStorage: (event: { key: string | null; newValue: string | null }) => void;

const json = (status: number, body: object) => new Response(JSON.stringify(body), { status });
const tokens = (number: number) =>
  json(200, { user, access_token: `access ${number}`, refresh_token: `refresh ${number}`, expires_in: 900 });
const refused = () => json(401, { code: "unauthenticated", detail: "no", request_id: "r" });

/// The module as a page that opens now has it.
async function open() {
  vi.resetModules();
  return import("./session");
}

beforeEach(() => {
  vi.useFakeTimers();
  stored = new Map();
  asked = [];
  let number = 0;
  answer = () => tokens(++number);
  me = refused;
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  });
  vi.stubGlobal("addEventListener", (_: string, listener: typeof onStorage) => {
    onStorage = listener;
  });
  vi.stubGlobal("fetch", (url: string, options?: { body: string }) => {
    const path = new URL(url).pathname;
    if (path === "/v1/me") return Promise.resolve(me());
    const read = JSON.parse(options?.body ?? "") as Record<string, string>;
    asked.push({ path, body: read });
    return Promise.resolve().then(() => answer(path, read));
  });
});

afterEach(() => vi.useRealTimers());

test("who was here before is signed in again, and only the refresh token is kept", async () => {
  stored.set(kept, "refresh 0");
  const session = await open();
  session.startSession();
  await vi.advanceTimersByTimeAsync(0);
  expect(session.currentWho()).toEqual({ state: "signed_in", user, account: user });
  expect([...stored]).toEqual([[kept, "refresh 1"]]);
});

test("all who need a token at once trade the refresh token once", async () => {
  stored.set(kept, "refresh 0");
  const session = await open();
  const got = await Promise.all([session.accessToken(), session.accessToken(), session.renew()]);
  expect(got).toEqual(["access 1", "access 1", "access 1"]);
  expect(asked).toHaveLength(1);
});

test("a token is renewed before it ends, with the refresh token of the last trade", async () => {
  stored.set(kept, "refresh 0");
  const session = await open();
  await session.accessToken();
  const seen: string[] = [];
  session.watchToken((token) => seen.push(token));
  await vi.advanceTimersByTimeAsync(840_000);
  expect(seen).toEqual(["access 2"]);
  expect(asked.at(-1)?.body).toEqual({ refresh_token: "refresh 1" });
});

test("a session that the node ended is over, and the page says so", async () => {
  stored.set(kept, "refresh 0");
  answer = refused;
  const session = await open();
  expect(await session.accessToken()).toBe("");
  expect(session.currentWho()).toEqual({ state: "signed_out", ended: true });
  expect(stored.size).toBe(0);
});

test("a node that cannot be reached ends no session: it is taken up as soon as it answers", async () => {
  stored.set(kept, "refresh 0");
  answer = () => {
    throw new TypeError("no network");
  };
  const session = await open();
  session.startSession();
  await vi.advanceTimersByTimeAsync(0);
  expect(session.currentWho().state).toBe("unknown");
  expect(stored.get(kept)).toBe("refresh 0");
  answer = () => tokens(1);
  await vi.advanceTimersByTimeAsync(5000);
  expect(session.currentWho().state).toBe("signed_in");
});

test("signing out or in in another tab does so in this one", async () => {
  const session = await open();
  session.startSession();
  await session.signIn("ada@example.com", "a password");
  stored.delete(kept);
  onStorage({ key: kept, newValue: null });
  expect(session.currentWho()).toEqual({ state: "signed_out", ended: false });
  stored.set(kept, "refresh 7");
  onStorage({ key: kept, newValue: "refresh 7" });
  await vi.advanceTimersByTimeAsync(0);
  expect(session.currentWho().state).toBe("signed_in");
});

test("signing out ends the session at the node too", async () => {
  const session = await open();
  await session.signIn("ada@example.com", "a password");
  answer = () => new Response(null, { status: 204 });
  await session.signOut();
  expect(asked.at(-1)).toEqual({ path: "/v1/auth/logout", body: { refresh_token: "refresh 1" } });
  expect(session.currentWho().state).toBe("signed_out");
});

test("a node that knows everybody without a session as its demo user needs no sign-in, and takes one", async () => {
  me = () => json(200, { id: "usr_0", kind: "admin", customer_id: "cus_0", roles: ["admin"] });
  const session = await open();
  session.startSession();
  await vi.advanceTimersByTimeAsync(0);
  const demo = {
    state: "signed_in",
    user: { id: "usr_0", name: "Demo", email: "", customer_id: "cus_0", roles: ["admin"] },
  };
  expect(session.currentWho()).toEqual(demo);
  expect(await session.accessToken()).toBe("");
  await session.signIn("ada@example.com", "a password");
  expect(session.currentWho()).toMatchObject({ account: user });
  await session.signOut();
  expect(session.currentWho()).toEqual(demo);
});
