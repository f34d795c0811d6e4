// What an event says, in a sentence, from its data. Its type stands beside it for those who know it.

import type { Schema } from "../api/client";
import { amountText, isMoney } from "./money";
import { reasonText, shortId, type Tone } from "./orders";

type Event = Pick<Schema["Event"], "type" | "data">;
type Data = Record<string, unknown>;

const text = (value: unknown) => (typeof value === "string" || typeof value === "number" ? String(value) : "");
const id = (value: unknown) => (typeof value === "string" && value.includes("_") ? shortId(value) : text(value));
const money = (value: unknown) => (isMoney(value) ? amountText(value) : "");
/// `before` and what follows it, when there is something.
const with_ = (before: string, value: string) => value && `${before}${value}`;
const why = (data: Data) => with_(": ", text(data["reason"]) && reasonText(text(data["reason"])).replace(/\.$/, ""));
const attempt = ({ attempt }: Data) => with_(", attempt ", text(attempt));

const sentences: Record<string, (data: Data) => string> = {
  "order.placed": (data) => `Order placed${with_(" for ", money(data["total"]))}`,
  "order.stock_reserved": () => "All of the order's products are reserved",
  "order.stock_rejected": ({ requested, available }) =>
    `Not enough in stock: ${text(requested)} wanted, ${text(available)} there`,
  "order.payment_authorized": (data) => `${money(data["amount"])} authorised by the provider`,
  "order.payment_declined": (data) => `The provider declined the payment${why(data)}`,
  "order.payment_provided": () => "Somebody pays it; the provider is asked",
  "order.payment_unknown": () => "The provider has not answered; it is asked again",
  "order.confirmed": () => "Order confirmed",
  "order.rejected": (data) => `Order rejected${why(data)}`,
  "order.fulfillment_started": () => "A delivery was asked for",
  "order.delivered": () => "Order delivered",
  "order.payment_captured": (data) => `${money(data["amount"])} captured`,
  "order.completed": () => "Order completed",
  "order.cancel_requested": (data) => `Cancellation asked for${why(data)}`,
  "order.cancel_refused": () => "Too late to cancel",
  "order.compensated": () => "Stock and money were released",
  "order.cancelled": (data) => `Order cancelled${why(data)}`,
  "order.needs_attention": (data) => `Order needs attention${why(data)}`,
  "order.retried": () => "Tried again by an operator",
  "order.resolved": ({ outcome, reason }) => `Closed by an operator as ${text(outcome)}${why({ reason })}`,
  "order.held": (data) => `Held by an operator${why(data)}`,
  "order.released": () => "Released by an operator",
  "order.refund_requested": (data) => `Refund${with_(" of ", money(data["amount"]))} asked for${why(data)}`,
  "order.refunded": (data) => `${money(data["amount"])} refunded`,
  "order.refund_declined": (data) => `The provider declined the refund${why(data)}`,
  "order.changed": () => "Order changed",
  "order.revision_requested": () => "Other lines asked for",
  "order.revised": () => "The order has its new lines",
  "order.revision_refused": (data) => `The new lines were refused${why(data)}`,
  "order.revision_closed": () => "The change of lines is settled",
  "payment.intent_recorded": ({ operation, amount }) =>
    `Provider to be asked: ${text(operation)}${with_(" ", money(amount))}`,
  "payment.authorized": (data) => `Provider authorised ${money(data["amount"])}`,
  "payment.declined": (data) => `Provider declined${why(data)}`,
  "payment.unknown": () => "No answer from the provider",
  "payment.captured": (data) => `Provider captured ${money(data["amount"])}`,
  "payment.voided": () => "Provider voided the authorisation",
  "payment.refunded": (data) => `Provider refunded ${money(data["amount"])}`,
  "product.created": ({ name, price }) => `Product added: ${text(name)}${with_(", ", money(price))}`,
  "product.changed": ({ name }) => `Product changed${with_(": ", text(name))}`,
  "product.withdrawn": () => "Product withdrawn",
  "stock.adjusted": ({ delta, reason }) => `Stock ${Number(delta) > 0 ? "+" : ""}${text(delta)}${why({ reason })}`,
  "stock.reserved": ({ quantity }) => `${text(quantity)} reserved`,
  "stock.rejected": ({ quantity, available }) => `${text(quantity)} wanted, ${text(available)} there`,
  "stock.released": ({ quantity }) => `${text(quantity)} returned to stock`,
  "stock.committed": ({ quantity }) => `${text(quantity)} taken off the stock`,
  "stock.expired": ({ quantity }) => `The reservation${with_(" of ", text(quantity))} expired`,
  "stock.low": ({ available }) => `Stock is low: ${text(available)} left`,
  "delivery.requested": () => "A courier is wanted",
  "delivery.offered": (data) => `Offered to courier ${id(data["courier"])}${attempt(data)}`,
  "delivery.declined": (data) => `Courier ${id(data["courier"])} declined${why(data)}`,
  "delivery.assigned": (data) => `Courier ${id(data["courier"])} accepted`,
  "delivery.started": (data) => `Courier ${id(data["courier"])} is under way`,
  "delivery.aborted": (data) => `Courier ${id(data["courier"])} gave up${why(data)}`,
  "delivery.completed": (data) => `Courier ${id(data["courier"])} handed it over`,
  "delivery.failed": (data) => `No courier could bring it${why(data)}`,
  "delivery.cancelled": () => "Delivery called off",
  "courier.added": ({ name }) => `Courier added${with_(": ", text(name))}`,
  "courier.changed": () => "Courier changed",
  "courier.went_online": () => "Courier went online",
  "courier.went_offline": () => "Courier went offline",
  "courier.removed": () => "Courier removed",
  "courier.assigned": (data) => `Courier got delivery ${id(data["delivery"])}`,
  "courier.released": (data) => `Courier is done with delivery ${id(data["delivery"])}`,
  "user.registered": () => "Account made",
  "user.changed": () => "Account changed",
  "user.roles_changed": ({ roles }) => `Roles are now ${Array.isArray(roles) ? roles.join(", ") : ""}`,
  "user.disabled": () => "Account shut",
  "user.enabled": () => "Account opened again",
  "user.session_started": () => "Signed in",
  "user.session_refreshed": () => "Session renewed",
  "user.session_ended": () => "Signed out",
  "user.password_reset_allowed": () => "A code for a new password was made",
  "function.registered": ({ name, number }) => `Function ${text(name)} has version ${text(number)} now`,
  "function.rolled_back": ({ number }) => `Version ${text(number)} of the function is called again`,
  "function.removed": () => "Function removed",
  "function.event_skipped": ({ about }) => `The function fails on ${text(about)}, and has skipped it`,
  "sink.created": ({ target }) => `Sink added${with_(": ", text((target as { url?: unknown } | undefined)?.url))}`,
  "sink.updated": () => "Sink changed",
  "sink.password_changed": () => "Password of a sink changed",
  "sink.disabled": () => "Sink switched off",
  "sink.enabled": () => "Sink switched on",
  "sink.failing": () => "Events do not get through to a broker",
  "sink.recovered": () => "Events get through to a broker again",
  "sink.deleted": () => "Sink deleted",
  "webhook.created": ({ url }) => `Webhook endpoint added${with_(": ", text(url))}`,
  "webhook.updated": () => "Webhook endpoint changed",
  "webhook.secret_rotated": () => "Webhook secret changed",
  "webhook.disabled": (data) => `Webhook endpoint switched off${why(data)}`,
  "webhook.failing": () => "Webhook messages do not get through",
  "webhook.recovered": () => "Webhook messages get through again",
  "webhook.enabled": () => "Webhook endpoint switched on",
  "webhook.deleted": () => "Webhook endpoint deleted",
  "webhook.replay_requested": () => "Old events are sent again",
  "webhook.replayed": () => "Old events were sent again",
  "notification.sent": ({ about }) =>
    about === "message" ? "Customer got a message" : `Customer told of ${text(about)}`,
  "cluster.node_joined": ({ node }) => `Node ${text(node)} joined`,
  "cluster.node_left": ({ node }) => `Node ${text(node)} left`,
};

/// "order.something_new" of a later version as words.
const plain = (type: string) => {
  const words = type.replace(/[._]/g, " ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
};

export const eventText = ({ type, data }: Event): string => sentences[type]?.(data) ?? plain(type);

const refused = /declined|rejected|refused|aborted|failed|failing|disabled|expired|cancelled|withdrawn/;
const attention = /needs_attention|unknown|stock\.low|held|cancel_requested/;
const done = /completed|captured|delivered|recovered|refunded$/;
export const eventTone = (type: string): Tone =>
  attention.test(type) ? "attention" : refused.test(type) ? "refused" : done.test(type) ? "done" : "waiting";
