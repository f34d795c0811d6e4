// What of the generated types the rest of the library uses.
import type { components, paths } from "./schema.js";

export type Schemas = components["schemas"];
export type Event = Schemas["Event"];
export type Order = Schemas["Order"];
export type NewOrder = Schemas["NewOrder"];
export type Session = Schemas["Session"];
export type User = Schemas["User"];

export type Method = "get" | "post" | "put" | "patch" | "delete";
export type { paths };

/// The paths that have a method.
export type PathsOf<M extends Method> = keyof paths & { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];
export type Operation<M extends Method, P extends keyof paths> = paths[P] extends Record<M, infer O> ? O : never;

type PathOf<O> = O extends { parameters: { path: infer X } } ? { path: X } : { path?: undefined };
type QueryOf<O> = O extends { parameters: { query: infer X } } ? { query: X }
  : O extends { parameters: { query?: infer X } } ? { query?: NonNullable<X> } : { query?: undefined };
type BodyOf<O> = O extends { requestBody: { content: { "application/json": infer X } } } ? { body: X }
  : O extends { requestBody?: infer B } ? OptionalBody<NonNullable<B>> : { body?: undefined };
// `requestBody?: never` stands for none.
type OptionalBody<B> = [B] extends [never] ? { body?: undefined }
  : B extends { content: { "application/json": infer X } } ? { body?: X } : { body?: undefined };

/// What an operation is asked with.
export type Asked<O> = PathOf<O> & QueryOf<O> & BodyOf<O>;

type Json<R> = R extends { content: { "application/json": infer X } } ? X : undefined;
/// What an operation answers when it succeeds.
export type Answered<O> = O extends { responses: infer R } ? { [S in keyof R & (200 | 201 | 202 | 204)]: Json<R[S]> }[keyof R & (200 | 201 | 202 | 204)]
  : never;

type HeadersOf<O> = O extends { parameters: { header?: infer H } } ? NonNullable<H> : never;
type IsKeyed<O> = [HeadersOf<O>] extends [never] ? false : "Idempotency-Key" extends keyof HeadersOf<O> ? true : false;
/// The operations that take an Idempotency-Key, as "post /v1/orders".
export type KeyedRoute = {
  [P in keyof paths]: { [M in Method]: IsKeyed<Operation<M, P>> extends true ? `${M} ${P}` : never }[Method];
}[keyof paths];
