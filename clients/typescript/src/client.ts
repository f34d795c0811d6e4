import { Credentials } from "./credentials.js";
import { newKey } from "./crypto.js";
import type { Answer, Fetch } from "./exchange.js";
import { exchange } from "./exchange.js";
import { Problem, toProblem } from "./problem.js";
import { Deliveries } from "./resources/deliveries.js";
import { Events } from "./resources/events.js";
import { Orders } from "./resources/orders.js";
import { Products } from "./resources/products.js";
import { Notifications, ServiceKeys, Users, WebhookEndpoints } from "./resources/rest.js";
import { repeat } from "./retrying.js";
import type { Answered, Asked, KeyedRoute, Method, Operation, PathsOf, Session, User } from "./schema-types.js";

export interface Options {
  /// The node's address, as https://shop.example.com; a page that the node serves itself need not give it.
  url?: string;
  /// The token of a machine.
  serviceKey?: string;
  /// Of a session that goes on.
  refreshToken?: string;
  /// Called with each new session, and with undefined when it ends; keep its refresh token to go on after a restart.
  onSession?: (session: Session | undefined) => void;
  /// Milliseconds until the whole answer of one try must be there.
  timeout?: number;
  /// Milliseconds in which a request is sent again after a loss of the connection, 429 or 503 (and as long as Retry-After says), if
  /// sending it twice does what sending it once does.
  patience?: number;
  fetch?: Fetch;
}

export interface RequestOptions {
  /// For requests that take one; without, each gets its own. Bring yours when you may ask again after a restart of your program.
  idempotencyKey?: string | undefined;
  /// Only if the resource still has this version (412 `version_mismatch` otherwise).
  ifVersion?: number | undefined;
  /// Seconds that the node may wait for the outcome (`Prefer: wait`), at most 30.
  wait?: number | undefined;
  /// Whether sending it twice is safe; without, it is for whatever has an idempotency key, and for every method but POST without
  /// `ifVersion`.
  mayRepeat?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/// What the request has that no type looks at any more.
interface Loose extends RequestOptions {
  path?: Record<string, string | number>;
  query?: Record<string, unknown>;
  body?: unknown;
}

/// Checked by the compiler: exactly the operations of the API that take an Idempotency-Key.
const keyedRoutes: Record<KeyedRoute, true> = {
  "post /v1/orders": true,
  "patch /v1/orders/{id}": true,
  "post /v1/orders/{id}/retry": true,
  "post /v1/orders/{id}/refunds": true,
  "post /v1/orders/{id}/payment": true,
  "post /v1/bulk-actions": true,
  "post /v1/products/{id}/stock": true,
  "post /v1/notifications": true,
  "post /rpc": true,
};

const defaultTimeout = 40_000;
const defaultPatience = 30_000;

/// A node, or a cluster behind one address.
///
///     const waybill = new Waybill({ url: "https://shop.example.com", serviceKey: "wbk_..." });
///     const order = await waybill.orders.place({ ... }, { wait: 10 });
///
/// Whatever fails throws a WaybillError: Problem or Unreachable; or the reason of your own signal.
export class Waybill {
  readonly orders = new Orders(this);
  readonly products = new Products(this);
  readonly deliveries = new Deliveries(this);
  readonly notifications = new Notifications(this);
  readonly events = new Events(this);
  readonly webhookEndpoints = new WebhookEndpoints(this);
  readonly users = new Users(this);
  readonly serviceKeys = new ServiceKeys(this);

  readonly url: string;
  private readonly timeout: number;
  private readonly patience: number;
  private readonly fetch: Fetch;
  private readonly credentials: Credentials;

  constructor({ url = "", serviceKey, refreshToken, onSession, timeout = defaultTimeout, patience = defaultPatience, fetch }: Options = {}) {
    this.url = url.replace(/\/+$/, "");
    this.timeout = timeout;
    this.patience = patience;
    // Browsers want it to be called on the global object.
    this.fetch = fetch ?? ((...request) => globalThis.fetch(...request));
    this.credentials = new Credentials((token, within) => this.trade(token, within), onSession, serviceKey, refreshToken, patience);
  }

  // -- who asks ---------------------------------------------------------------------------------------------------------

  signIn(email: string, password: string): Promise<User> {
    return this.begin("/v1/auth/login", { email, password }, true);
  }

  /// Makes an account with the role customer, and signs in.
  register(email: string, password: string, name: string): Promise<User> {
    return this.begin("/v1/auth/register", { email, password, name }, false);
  }

  /// Ends the session, at the node as well.
  async signOut(): Promise<void> {
    const token = this.credentials.end();
    if (token !== undefined) await this.post("/v1/auth/logout", { refresh_token: token }, true);
  }

  me(): Promise<Answered<Operation<"get", "/v1/me">>> {
    return this.request("get", "/v1/me", {});
  }

  /// The token that a request would be sent with now, for other protocols (docs/doors.md).
  token(): Promise<string | undefined> {
    return this.credentials.token();
  }

  // -- requests ---------------------------------------------------------------------------------------------------------

  /// Any request of the API, with the types of its document: `request("post", "/v1/orders/{id}/hold", { path: { id }, body: { reason } })`.
  async request<M extends Method, P extends PathsOf<M>>(
    method: M, route: P, asked: Asked<Operation<M, P>> & RequestOptions): Promise<Answered<Operation<M, P>>> {
    return (await this.send(method, route, asked as Loose)).data as Answered<Operation<M, P>>;
  }

  /// The items of a list, page after page, as they are taken. `cursor`: the parameter that `next_cursor` is given as.
  async *pages<Item>(route: string, { path, query, signal }: Loose, cursor = "cursor"): AsyncGenerator<Item, void, undefined> {
    let place: string | null | undefined;
    do {
      const asked: Loose = { query: { ...query, ...(place && { [cursor]: place }) }, signal, ...(path && { path }) };
      const page = (await this.send("get", route, asked)).data as { items: Item[]; next_cursor: string | null };
      yield* page.items;
      place = page.next_cursor;
    } while (place);
  }

  /// A stream of Server-Sent Events, once; `events.follow` is what you want.
  openStream(route: string, query: Record<string, unknown>, signal: AbortSignal): Promise<Response> {
    return this.withToken(async (token) => {
      const headers = { ...this.headers(token), Accept: "text/event-stream" };
      const answer = await this.fetch(this.url + targetOf(route, {}, query), { headers, signal, cache: "no-store" });
      if (!answer.ok) throw toProblem(answer.status, answer.headers, await answer.text());
      return answer;
    });
  }

  private async send(method: Method, route: string, asked: Loose): Promise<Answer<unknown>> {
    const { path = {}, query = {}, body, idempotencyKey, ifVersion, wait, signal } = asked;
    const isKeyed = `${method} ${route}` in keyedRoutes;
    if (idempotencyKey !== undefined && !isKeyed) throw new TypeError(`${method} ${route} takes no idempotency key`);
    const more = {
      ...(isKeyed && { "Idempotency-Key": idempotencyKey ?? (await newKey()) }),
      ...(ifVersion !== undefined && { "If-Match": `"${ifVersion}"` }),
      ...(wait !== undefined && { Prefer: `wait=${wait}` }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
    };
    const outgoing = {
      method: method.toUpperCase(),
      url: this.url + targetOf(route, path, query),
      body: body === undefined ? undefined : JSON.stringify(body),
      timeout: wait === undefined ? this.timeout : Math.max(this.timeout, (wait + 10) * 1000),
      signal,
    };
    // With `ifVersion`, a change whose answer was lost would be refused the second time as if somebody else had made it.
    const mayRepeat = asked.mayRepeat ?? (isKeyed || (method !== "post" && (method === "get" || ifVersion === undefined)));
    const once = () => this.withToken((token) => exchange(this.fetch, { ...outgoing, headers: { ...this.headers(token), ...more } }));
    return repeat(once, mayRepeat, this.patience, signal);
  }

  /// With another token when the node refuses the first one.
  private async withToken<Result>(ask: (token: string | undefined) => Promise<Result>): Promise<Result> {
    const token = await this.credentials.token();
    try {
      return await ask(token);
    } catch (error) {
      const fresh = error instanceof Problem && error.status === 401 ? await this.credentials.tokenAfter(token) : undefined;
      if (fresh === undefined) throw error;
      return ask(fresh);
    }
  }

  private headers(token: string | undefined): Record<string, string> {
    return { Accept: "application/json", ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
  }

  /// Without the token of a session.
  private post(route: string, body: object, mayRepeat: boolean, patience = this.patience): Promise<Answer<unknown>> {
    const headers = { ...this.headers(undefined), "Content-Type": "application/json" };
    const outgoing = { method: "POST", url: this.url + route, headers, body: JSON.stringify(body), timeout: this.timeout };
    return repeat(() => exchange(this.fetch, outgoing), mayRepeat, patience);
  }

  private async begin(route: string, body: object, mayRepeat: boolean): Promise<User> {
    const session = (await this.post(route, body, mayRepeat)).data as Session;
    this.credentials.begin(session);
    return session.user;
  }

  private async trade(refreshToken: string, patience: number): Promise<Session> {
    // Repeated when the answer was lost: the node gives the same new token again for some seconds.
    return (await this.post("/v1/auth/refresh", { refresh_token: refreshToken }, true, patience)).data as Session;
  }
}

/// `/v1/orders/{id}` and what belongs into it, as it stands in a request.
function targetOf(route: string, path: Record<string, string | number>, query: Record<string, unknown>): string {
  const target = route.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const pairs = new URLSearchParams();
  for (const [name, given] of Object.entries(query)) {
    // The one list that is not a repeated parameter.
    if (Array.isArray(given) && name === "status") pairs.append(name, given.join(","));
    else if (Array.isArray(given)) for (const one of given) pairs.append(name, String(one));
    else if (given !== undefined) pairs.append(name, String(given));
  }
  const text = pairs.toString();
  return text ? `${target}?${text}` : target;
}
