import type { Schemas } from "./schema-types.js";

/// Whatever this library throws, but for what was called with wrong arguments.
export class WaybillError extends Error {
  override readonly name: string = "WaybillError";
}

/// The node refused a request (RFC 9457). Decide by `code`, a stable word; an unknown one means what `status` means. `message` is
/// for people. `requestId` and `traceId` find the request in the node's logs and traces.
export class Problem extends WaybillError {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly traceId: string;
  /// What is wrong, by JSON pointers (RFC 6901) into the body, or names of parameters.
  readonly errors: readonly { pointer: string; detail: string }[];
  /// Milliseconds after which the request may be sent again; undefined when the node does not say.
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, detail: string,
              more: { requestId?: string; traceId?: string; errors?: Schemas["Problem"]["errors"]; retryAfter?: number | undefined } = {}) {
    super(`${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.requestId = more.requestId ?? "";
    this.traceId = more.traceId ?? "";
    this.errors = more.errors ?? [];
    this.retryAfter = more.retryAfter;
  }
}

/// No answer came. `sent` is false when the request cannot have reached the node: then nothing was done.
export class Unreachable extends WaybillError {
  override readonly name = "Unreachable";
  readonly sent: boolean;

  constructor(message: string, sent: boolean, cause?: unknown) {
    super(message, { cause });
    this.sent = sent;
  }
}

/// A webhook's message that is not from the node, or not from now: answer 400, and do not read it.
export class BadSignature extends WaybillError {
  override readonly name = "BadSignature";
}

type Body = Pick<Schemas["Problem"], "code"> & Partial<Schemas["Problem"]>;

const isBody = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && "code" in value && typeof value.code === "string";

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/// The problem that an answer tells of. A proxy in between answers what it likes.
export function toProblem(status: number, headers: Headers, text: string): Problem {
  const body = parseJson(text);
  const asked = headers.get("Retry-After") ?? "";
  const more = {
    requestId: (isBody(body) && body.request_id) || (headers.get("X-Request-Id") ?? ""),
    // W3C Trace Context, section 3.2: version-trace-parent-flags.
    traceId: (headers.get("traceparent") ?? "").split("-")[1] ?? "",
    // RFC 9110, section 10.2.3. Waybill sends seconds; a date, which a proxy may send, counts as no word.
    retryAfter: /^\d+$/.test(asked) ? Number(asked) * 1000 : undefined,
  };
  if (isBody(body)) return new Problem(status, body.code, body.detail ?? "", { ...more, errors: body.errors });
  const code = status === 502 || status === 503 || status === 504 ? "unavailable" : "internal";
  return new Problem(status, code, `HTTP status ${status}, without a problem`, more);
}
