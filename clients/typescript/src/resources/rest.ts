import type { RequestOptions, Waybill } from "../client.js";
import type { PathsOf, Schemas, User, paths } from "../schema-types.js";

type Notification = Schemas["Notification"];
type Endpoint = Schemas["WebhookEndpoint"];
type ServiceKey = Schemas["ServiceKey"];
type Body<Route extends keyof paths> = paths[Route] extends { post: { requestBody: { content: { "application/json": infer X } } } } ? X : never;
type UserChange = paths["/v1/users/{id}"]["patch"]["requestBody"]["content"]["application/json"];

/// What customers were told, as a rule about their orders. Operators tell them more.
export class Notifications {
  constructor(private readonly client: Waybill) {}

  /// Newest first. The caller's own, or, for operators, those of `customerId`.
  list(unread?: boolean, signal?: AbortSignal, customerId?: string): AsyncGenerator<Notification, void, undefined> {
    const query = { unread, customer_id: customerId };
    return this.client.pages<Notification>("/v1/notifications" satisfies PathsOf<"get">, { query, signal });
  }

  /// Tells a customer something; for operators.
  push(notification: Schemas["NewNotification"], options: Pick<RequestOptions, "idempotencyKey"> = {}): Promise<Notification> {
    return this.client.request("post", "/v1/notifications", { body: notification, ...options });
  }

  /// Marks it as read; resolves to the time when it was read.
  async read(id: string): Promise<string> {
    return (await this.client.request("post", "/v1/notifications/{id}/read", { path: { id }, mayRepeat: true })).read_at;
  }

  async readAll(): Promise<void> {
    await this.client.request("post", "/v1/notifications/read-all", { mayRepeat: true });
  }
}

/// Who is told of events by HTTP; `verifyWebhook` is for the receiver.
export class WebhookEndpoints {
  constructor(private readonly client: Waybill) {}

  list(signal?: AbortSignal): AsyncGenerator<Endpoint, void, undefined> {
    return this.client.pages<Endpoint>("/v1/webhook-endpoints" satisfies PathsOf<"get">, { signal });
  }

  get(id: string): Promise<Endpoint> {
    return this.client.request("get", "/v1/webhook-endpoints/{id}", { path: { id } });
  }

  /// The secret is shown only here.
  create(endpoint: Body<"/v1/webhook-endpoints">): Promise<Schemas["WebhookEndpointWithSecret"]> {
    return this.client.request("post", "/v1/webhook-endpoints", { body: endpoint });
  }

  /// Enabled again, it goes on where it stopped.
  enable(id: string, enabled = true): Promise<Endpoint> {
    const status = enabled ? "enabled" : "disabled";
    return this.client.request("patch", "/v1/webhook-endpoints/{id}", { path: { id }, body: { status } });
  }

  /// During the overlap messages are signed with the old secret too.
  rotateSecret(id: string, overlapSeconds = 86_400): Promise<Schemas["WebhookEndpointWithSecret"]> {
    return this.client.request("post", "/v1/webhook-endpoints/{id}/rotate-secret", { path: { id }, body: { overlap_seconds: overlapSeconds } });
  }

  /// Sends a message of the type `webhook.test` now, and resolves to what the receiver answered.
  test(id: string): Promise<Schemas["WebhookTestResult"]> {
    return this.client.request("post", "/v1/webhook-endpoints/{id}/test", { path: { id }, mayRepeat: true });
  }

  async delete(id: string): Promise<void> {
    await this.client.request("delete", "/v1/webhook-endpoints/{id}", { path: { id } });
  }
}

/// Accounts; for admins.
export class Users {
  constructor(private readonly client: Waybill) {}

  get(id: string): Promise<User> {
    return this.client.request("get", "/v1/users/{id}", { path: { id } });
  }

  /// Without a password the user cannot sign in until it is reset.
  create(user: Body<"/v1/users">): Promise<User> {
    return this.client.request("post", "/v1/users", { body: user });
  }

  change(id: string, change: UserChange, options: Pick<RequestOptions, "ifVersion"> = {}): Promise<User> {
    return this.client.request("patch", "/v1/users/{id}", { path: { id }, body: change, ...options });
  }
}

/// The keys of machines; for admins.
export class ServiceKeys {
  constructor(private readonly client: Waybill) {}

  list(signal?: AbortSignal): AsyncGenerator<ServiceKey, void, undefined> {
    return this.client.pages<ServiceKey>("/v1/service-keys" satisfies PathsOf<"get">, { signal });
  }

  /// The token is shown only here.
  create(key: Body<"/v1/service-keys">): Promise<{ key: ServiceKey; token: string }> {
    return this.client.request("post", "/v1/service-keys", { body: key });
  }

  async revoke(id: string): Promise<void> {
    await this.client.request("delete", "/v1/service-keys/{id}", { path: { id } });
  }
}
