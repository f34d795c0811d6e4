// The types of the API reach those who use the library. Only compiled, by run.sh: each line behind an `expect-error` must be one.
import type { Order } from "waybill-client";
import { Waybill } from "waybill-client";

export async function typed(waybill: Waybill): Promise<void> {
  const order: Order = await waybill.orders.place({
    lines: [{ product_id: "prd_1", quantity: 2 }], payment: { method: "card", token: "tok_ok" }, delivery: { name: "Ada", address: "Main Street 1" },
  }, { wait: 5, idempotencyKey: "basket-1" });
  const amount: number = order.total.amount;
  // @ts-expect-error An order has no such member.
  order.price;
  // @ts-expect-error The lines are missing.
  await waybill.orders.place({ payment: { method: "card" }, delivery: { name: "Ada", address: "Main Street 1" } });
  // @ts-expect-error Nothing takes a key here.
  await waybill.products.create({ sku: "tea", name: "Tea", price: { amount, currency: "EUR" }, on_hand: 1 }, { idempotencyKey: "k" });

  const cluster = await waybill.request("get", "/v1/cluster", {});
  const node: string = cluster.node;
  const held: Order = await waybill.request("post", "/v1/orders/{id}/hold", { path: { id: order.id }, body: { reason: node } });
  const nothing: undefined = await waybill.request("delete", "/v1/products/{id}", { path: { id: held.id } });
  // @ts-expect-error There is no such path.
  await waybill.request("get", "/v1/nothing", {});
  // @ts-expect-error It is not deleted.
  await waybill.request("delete", "/v1/cluster", {});
  // @ts-expect-error The id is missing.
  await waybill.request("get", "/v1/orders/{id}", { body: nothing });
  // @ts-expect-error The reason is missing.
  await waybill.request("post", "/v1/orders/{id}/hold", { path: { id: order.id }, body: {} });
  // @ts-expect-error There is no such parameter.
  await waybill.request("get", "/v1/products", { query: { colour: "red" } });

  for await (const event of waybill.events.follow({ types: ["order.*"], order: order.id })) {
    const position: string = event.position;
    // @ts-expect-error A position is a text.
    const number: number = event.position;
    void [position, number];
  }
}
