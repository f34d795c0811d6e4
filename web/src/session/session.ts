import { node } from "../api/node";
import { toProblem, unreachable } from "../api/problem";
import type { components } from "../api/schema";

type Session = components["schemas"]["Session"];
export type User = components["schemas"]["User"];
export type Person = Pick<User, "id" | "name" | "email" | "roles" | "customer_id">;

/// Who uses the page. `unknown`: a session of before is being taken up. Without an `account` it is the demo user, as
/// whom a node may let in everybody who has no session.
export type Who =
  | { state: "unknown" }
  | { state: "signed_out"; ended?: boolean }
  | { state: "signed_in"; user: Person; account?: User };

// The refresh token outlives the page and is shared by all tabs; the access token stays in memory.
const kept = "waybill.refresh_token";
/// Milliseconds before its end at which a token is renewed, but not before half of its life.
const margin = 60_000;

let who: Who = { state: "unknown" };
let token = "";
let renewAt = 0;
let renewing: Promise<string> | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
const watchers = new Set<() => void>();
const tokenWatchers = new Set<(token: string) => void>();

function become(next: Who) {
  who = next;
  for (const tell of watchers) tell();
}

async function post(path: string, body: object): Promise<unknown> {
  const answer = await fetch(node + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => {
    throw unreachable();
  });
  const text = await answer.text();
  const read: unknown = text && JSON.parse(text);
  if (!answer.ok) throw toProblem(answer, read);
  return read;
}

function take(session: Session) {
  token = session.access_token;
  localStorage.setItem(kept, session.refresh_token);
  const life = session.expires_in * 1000;
  const left = life - Math.min(margin, life / 2);
  renewAt = Date.now() + left;
  clearTimeout(timer);
  // An open WebSocket needs the next token before this one ends.
  timer = setTimeout(() => void renew().catch(() => undefined), left);
  become({ state: "signed_in", user: session.user, account: session.user });
  for (const tell of tokenWatchers) tell(token);
}

function forget(ended: boolean) {
  token = "";
  clearTimeout(timer);
  localStorage.removeItem(kept);
  become({ state: "signed_out", ended });
}

/// As whom the node lets in who has no session.
async function readDemoUser(): Promise<Person | undefined> {
  const answer = await fetch(`${node}/v1/me`).catch(() => {
    throw unreachable();
  });
  if (answer.status === 401 || answer.status === 403) return undefined;
  if (!answer.ok) throw toProblem(answer, undefined);
  const { id, roles, customer_id } = (await answer.json()) as Person;
  return { id, roles, customer_id, name: "Demo", email: "" };
}

async function goOnWithoutSession(ended: boolean): Promise<void> {
  const user = await readDemoUser();
  // Somebody may have signed in meanwhile.
  if (localStorage.getItem(kept)) return;
  if (user) become({ state: "signed_in", user });
  else if (who.state !== "signed_out") become({ state: "signed_out", ended });
}

/// Runs `work` in one tab at a time, where the browser can say so. Elsewhere two tabs may trade a token at once: the
/// node gives both of them tokens that live.
const alone = async (work: () => Promise<string>): Promise<string> =>
  "locks" in navigator ? navigator.locks.request("waybill.session", work) : work();

async function trade(): Promise<string> {
  const refreshToken = localStorage.getItem(kept);
  if (!refreshToken) {
    if (who.state !== "signed_out") await goOnWithoutSession(who.state === "signed_in");
    return "";
  }
  try {
    take((await post("/v1/auth/refresh", { refresh_token: refreshToken })) as Session);
    return token;
  } catch (thrown) {
    const status = thrown instanceof Error && "status" in thrown ? thrown.status : 0;
    if (status !== 400 && status !== 401 && status !== 422) throw thrown;
    forget(true);
    await goOnWithoutSession(true);
    return "";
  }
}

/// Trades the refresh token for new ones, once for all who ask meanwhile. Empty when the session has ended; throws when
/// the node cannot be asked now.
export function renew(): Promise<string> {
  renewing ??= alone(trade).finally(() => {
    renewing = undefined;
  });
  return renewing;
}

/// The token to send; empty when nobody is signed in. When it cannot be renewed now, the old one may still hold.
export async function accessToken(): Promise<string> {
  if (who.state === "unknown" || (token && Date.now() > renewAt)) await renew().catch(() => undefined);
  return token;
}

export async function signIn(email: string, password: string): Promise<void> {
  take((await post("/v1/auth/login", { email, password })) as Session);
}

export async function register(name: string, email: string, password: string): Promise<void> {
  take((await post("/v1/auth/register", { name, email, password })) as Session);
}

/// Sets a new password with a code that an administrator had made. All sessions of the account end; nobody is signed in
/// by it.
export async function resetPassword(code: string, password: string): Promise<void> {
  await post("/v1/auth/password-reset", { code, password });
}

/// The session ends at the node as well; when that cannot be reached, at least here.
export async function signOut(): Promise<void> {
  const refreshToken = localStorage.getItem(kept);
  forget(false);
  if (refreshToken) await post("/v1/auth/logout", { refresh_token: refreshToken }).catch(() => undefined);
  await goOnWithoutSession(false).catch(() => undefined);
}

/// What the node says of the account now.
export function learn(account: User) {
  if (who.state === "signed_in" && who.user.id === account.id) become({ state: "signed_in", user: account, account });
}

// -- for those who look on --------------------------------------------------------------------------------------------

export const currentWho = () => who;

export function watchWho(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}

/// `tell` is called with each new token.
export function watchToken(tell: (token: string) => void): () => void {
  tokenWatchers.add(tell);
  return () => tokenWatchers.delete(tell);
}

/// Takes up the session of before, and follows the other tabs: signing in or out in one does so in all. Once a page.
export function startSession() {
  if (started) return;
  started = true;
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== kept && key !== null) return;
    if (!newValue && token) {
      forget(false);
      void goOnWithoutSession(false).catch(() => undefined);
    } else if (newValue && !token) void renew().catch(() => undefined);
  });
  takeUp();
}
let started = false;

function takeUp() {
  renew().catch(() => {
    // Whether the session still holds, only the node knows; what needs no session works meanwhile.
    timer = setTimeout(takeUp, 5000);
  });
}
