import type { components } from "./schema";

type Body = components["schemas"]["Problem"];

/// Why a request was refused (RFC 9457), or did not get through (`unreachable`).
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly requestId = "",
    /// What is wrong, by JSON pointers into the body.
    readonly errors: NonNullable<Body["errors"]> = [],
    /// Seconds after which it may be tried again; zero when the node does not say.
    readonly retryAfter = 0,
    /// Of a function's source, from 1.
    readonly line?: number,
  ) {
    super(detail);
  }
}

const isBody = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && "code" in value && "detail" in value;

/// `body`: what came with the answer, of whatever kind. A proxy between us and the node answers what it likes.
export function toProblem(answer: Response, body: unknown): Problem {
  const retryAfter = Number(answer.headers.get("Retry-After") ?? 0) || 0;
  if (!isBody(body)) return new Problem(answer.status, "internal", answer.statusText, "", [], retryAfter);
  return new Problem(answer.status, body.code, body.detail, body.request_id, body.errors, retryAfter, body.line);
}

export const unreachable = () => new Problem(0, "unreachable", "the node cannot be reached");

/// For what `catch` gives.
export const asProblem = (thrown: unknown): Problem =>
  thrown instanceof Problem
    ? thrown
    : new Problem(0, "internal", thrown instanceof Error ? thrown.message : String(thrown));
