import type { Waybill } from "../client.js";
import type { PathsOf, Schemas, paths } from "../schema-types.js";

type Delivery = Schemas["Delivery"];
type Courier = Schemas["Courier"];
type DeliveryQuery = NonNullable<paths["/v1/deliveries"]["get"]["parameters"]["query"]>;
type NewCourier = paths["/v1/couriers"]["post"]["requestBody"]["content"]["application/json"];
type CourierChange = paths["/v1/couriers/{id}"]["patch"]["requestBody"]["content"]["application/json"];

/// What is offered to a courier, and what a courier carries; for operators all.
///
/// `attempt` names the offer that is answered (`delivery.attempt`), so that saying it twice does nothing and never means a later offer.
/// 409 `illegal_transition`: the offer has passed; 409 `conflict`: the courier carries as much as they can; 404: it is another's.
export class Deliveries {
  constructor(private readonly client: Waybill) {}

  list(query: Omit<DeliveryQuery, "cursor"> = {}, signal?: AbortSignal): AsyncGenerator<Delivery, void, undefined> {
    return this.client.pages<Delivery>("/v1/deliveries" satisfies PathsOf<"get">, { query, signal });
  }

  get(id: string): Promise<Delivery> {
    return this.client.request("get", "/v1/deliveries/{id}", { path: { id } });
  }

  accept(id: string, attempt: number): Promise<Delivery> {
    return this.client.request("post", "/v1/deliveries/{id}/accept", { path: { id }, body: { attempt }, mayRepeat: true });
  }

  /// It is offered to the next courier.
  decline(id: string, attempt: number, reason: string): Promise<Delivery> {
    return this.client.request("post", "/v1/deliveries/{id}/decline", { path: { id }, body: { attempt, reason }, mayRepeat: true });
  }

  /// The courier has the goods.
  start(id: string, attempt: number): Promise<Delivery> {
    return this.client.request("post", "/v1/deliveries/{id}/start", { path: { id }, body: { attempt }, mayRepeat: true });
  }

  /// The customer has the goods: the money is captured, and the order completed.
  complete(id: string, attempt: number): Promise<Delivery> {
    return this.client.request("post", "/v1/deliveries/{id}/complete", { path: { id }, body: { attempt }, mayRepeat: true });
  }

  abort(id: string, attempt: number, reason: string): Promise<Delivery> {
    return this.client.request("post", "/v1/deliveries/{id}/abort", { path: { id }, body: { attempt, reason }, mayRepeat: true });
  }

  // -- couriers ---------------------------------------------------------------------------------------------------------

  couriers(online?: boolean, signal?: AbortSignal): AsyncGenerator<Courier, void, undefined> {
    return this.client.pages<Courier>("/v1/couriers" satisfies PathsOf<"get">, { query: { online }, signal });
  }

  courier(id: string): Promise<Courier> {
    return this.client.request("get", "/v1/couriers/{id}", { path: { id } });
  }

  /// `user_id`: who signs in as this courier, with the role courier. A user is one courier: adding it again gives that one.
  addCourier(courier: NewCourier): Promise<Courier> {
    return this.client.request("post", "/v1/couriers", { body: courier, mayRepeat: courier.user_id !== undefined });
  }

  /// Couriers change `online` of themselves; operators change the rest.
  changeCourier(id: string, change: CourierChange): Promise<Courier> {
    return this.client.request("patch", "/v1/couriers/{id}", { path: { id }, body: change });
  }

  async removeCourier(id: string): Promise<void> {
    await this.client.request("delete", "/v1/couriers/{id}", { path: { id } });
  }
}
