import type { RequestOptions, Waybill } from "../client.js";
import type { Event, NewOrder, Order, PathsOf, Schemas, paths } from "../schema-types.js";

type ListQuery = NonNullable<paths["/v1/orders"]["get"]["parameters"]["query"]>;
type Change = NonNullable<paths["/v1/orders/{id}"]["patch"]["requestBody"]>["content"]["application/json"];
type Resolution = paths["/v1/orders/{id}/resolve"]["post"]["requestBody"]["content"]["application/json"]["outcome"];
type Versioned = Pick<RequestOptions, "ifVersion" | "signal">;
type Keyed = Pick<RequestOptions, "idempotencyKey" | "ifVersion" | "signal">;
type Waiting = Pick<RequestOptions, "idempotencyKey" | "wait" | "signal">;

/// Orders, and how they are paid.
export class Orders {
  constructor(private readonly client: Waybill) {}

  /// Resolves when the order is stored durably; with `wait` when stock and payment are decided, or the time is over. The order's `status`
  /// says how it stands: a declined card is no error.
  place(order: NewOrder, options: Waiting = {}): Promise<Order> {
    return this.client.request("post", "/v1/orders", { body: order, ...options });
  }

  get(id: string): Promise<Order> {
    return this.client.request("get", "/v1/orders/{id}", { path: { id } });
  }

  /// One's own orders, of an operator all, newest first.
  list(query: Omit<ListQuery, "cursor"> = {}, signal?: AbortSignal): AsyncGenerator<Order, void, undefined> {
    return this.client.pages<Order>("/v1/orders" satisfies PathsOf<"get">, { query, signal });
  }

  /// Until it is dispatched. What is not given stays as it is; a `note` that is null is removed.
  change(id: string, change: Change, options: Keyed = {}): Promise<Order> {
    return this.client.request("patch", "/v1/orders/{id}", { path: { id }, body: change, ...options });
  }

  /// The status is `cancelled`, or `cancelling` while stock and money are given back. Cancelling twice is no error.
  cancel(id: string, reason?: string, options: Versioned = {}): Promise<Order> {
    const body = reason !== undefined && { body: { reason } };
    return this.client.request("post", "/v1/orders/{id}/cancel", { path: { id }, ...body, mayRepeat: true, ...options });
  }

  hold(id: string, reason: string, options: Versioned = {}): Promise<Order> {
    return this.client.request("post", "/v1/orders/{id}/hold", { path: { id }, body: { reason }, ...options });
  }

  release(id: string, reason: string, options: Versioned = {}): Promise<Order> {
    return this.client.request("post", "/v1/orders/{id}/release", { path: { id }, body: { reason }, ...options });
  }

  /// Repeats the step that failed, of an order that needs attention.
  retry(id: string, reason?: string, options: Keyed = {}): Promise<Order> {
    return this.client.request("post", "/v1/orders/{id}/retry", { path: { id }, body: reason === undefined ? {} : { reason }, ...options });
  }

  /// Closes an order that needs attention.
  resolve(id: string, outcome: Resolution, reason: string, options: Versioned = {}): Promise<Order> {
    return this.client.request("post", "/v1/orders/{id}/resolve", { path: { id }, body: { outcome, reason }, ...options });
  }

  /// Pays an order that was placed with the method `deferred`; as often as you ask, once.
  pay(id: string, token: string, { method = "card", ...options }: Waiting & { method?: string } = {}): Promise<Order> {
    return this.client.request("post", "/v1/orders/{id}/payment", { path: { id }, body: { method, token }, ...options });
  }

  payment(id: string): Promise<Schemas["Payment"]> {
    return this.client.request("get", "/v1/orders/{id}/payment", { path: { id } });
  }

  /// Gives money back; without `amount` all that is left. Resolves to all refunds of the order.
  refund(id: string, reason: string, amount?: Schemas["Money"], options: Keyed = {}): Promise<Schemas["Refunds"]> {
    return this.client.request("post", "/v1/orders/{id}/refunds", { path: { id }, body: { reason, ...(amount && { amount }) }, ...options });
  }

  refunds(id: string): Promise<Schemas["Refunds"]> {
    return this.client.request("get", "/v1/orders/{id}/refunds", { path: { id } });
  }

  delivery(id: string): Promise<Schemas["OrderDelivery"]> {
    return this.client.request("get", "/v1/orders/{id}/delivery", { path: { id } });
  }

  /// What happened to the order so far, with its payment and its delivery.
  events(id: string, types: string[] = [], signal?: AbortSignal): AsyncGenerator<Event, void, undefined> {
    return this.client.pages<Event>("/v1/orders/{id}/events" satisfies PathsOf<"get">, { path: { id }, query: { type: types }, signal }, "after");
  }
}
