// A courier who takes what is offered, fetches it and brings it, until SIGTERM or SIGINT.
//
// WAYBILL_URL, COURIER_EMAIL, COURIER_PASSWORD: a user with the role courier whom an operator has made a courier (docs/operations.md,
// Couriers). A delivery is a job that several workers compete for: one that this worker accepted and does not start in time is offered
// to another. Killed and started again it goes on with what it has accepted.
import { Problem, Waybill } from "waybill-client";
import type { Schemas } from "waybill-client";

const { WAYBILL_URL: url = "", COURIER_EMAIL: email = "", COURIER_PASSWORD: password = "" } = process.env;
const waybill = new Waybill({ url });
const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort());

/// Takes a delivery to its end, from wherever it is. Each step may be said twice: `attempt` names the offer.
async function bring(delivery: Schemas["Delivery"]): Promise<void> {
  const { id, attempt } = delivery;
  try {
    let { status } = delivery;
    if (status === "offered") ({ status } = await waybill.deliveries.accept(id, attempt));
    if (status === "assigned") ({ status } = await waybill.deliveries.start(id, attempt));
    if (status !== "started") return;
    await waybill.deliveries.complete(id, attempt);
    console.log(`delivered ${delivery.order_id}`);
  } catch (error) {
    // The offer has passed, another courier has it, or there is no room for it: the next one may do.
    if (!(error instanceof Problem) || !["illegal_transition", "conflict", "not_found"].includes(error.code)) throw error;
    console.error(`${id}: ${error.detail}`);
  }
}

const courierId = (await waybill.signIn(email, password)).id.replace("usr_", "cur_");
// Before the list is read: what is offered while it is read comes as an event.
const after = await waybill.events.end();
await waybill.deliveries.changeCourier(courierId, { online: true });
try {
  for (const status of ["started", "assigned", "offered"] as const)
    for await (const delivery of waybill.deliveries.list({ status })) await bring(delivery);
  for await (const { type, stream } of waybill.events.follow({ after, types: ["delivery.*"], signal: stop.signal })) {
    // An event says that something was so; what is so now, the delivery says.
    if (["delivery.offered", "delivery.assigned", "delivery.started"].includes(type)) await bring(await waybill.deliveries.get(stream));
  }
} finally {
  await waybill.deliveries.changeCourier(courierId, { online: false });
  await waybill.signOut();
}
