/// Waybill's HTTP interface for Node.js and browsers. Begin with the class Waybill.
export { Waybill } from "./client.js";
export type { Options, RequestOptions } from "./client.js";
export { BadSignature, Problem, Unreachable, WaybillError } from "./problem.js";
export type { EventFilter } from "./resources/events.js";
export type { Answered, Asked, Event, Method, NewOrder, Operation, Order, PathsOf, Schemas, Session, User, paths } from "./schema-types.js";
export { verifyWebhook } from "./webhooks.js";
export type { WebhookMessage } from "./webhooks.js";
