import { parseJson, toProblem, Unreachable, WaybillError } from "./problem.js";

export type Fetch = typeof globalThis.fetch;

export interface Outgoing {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string | undefined;
  /// Milliseconds until the whole answer must be there.
  timeout: number;
  signal?: AbortSignal | undefined;
}

/// An answer of success; `data` is what its body says, undefined when there is none.
export interface Answer<Data> {
  status: number;
  headers: Headers;
  data: Data;
}

/// A signal that is aborted with `outer`, or by `stop`. (AbortSignal.any came after Node 18.)
export function linkTo(outer: AbortSignal | undefined): { signal: AbortSignal; stop: (reason: Error) => void; free: () => void } {
  const controller = new AbortController();
  const pass = () => controller.abort(outer?.reason);
  if (outer?.aborted) pass();
  outer?.addEventListener("abort", pass, { once: true });
  return { signal: controller.signal, stop: (reason) => controller.abort(reason), free: () => outer?.removeEventListener("abort", pass) };
}

/// Node tells why it could not connect; browsers do not.
function wasSent(thrown: unknown): boolean {
  const cause: unknown = thrown instanceof Error ? thrown.cause : undefined;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  return !["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"].includes(String(code));
}

/// For what `fetch` throws; what the caller's own signal ended is theirs.
export function toUnreachable(thrown: unknown, what: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  return thrown instanceof WaybillError ? thrown : new Unreachable(`no answer to ${what}: ${String(thrown)}`, wasSent(thrown), thrown);
}

/// Sends a request, once. Throws Problem for what was refused, Unreachable when no whole answer came.
export async function exchange(fetch: Fetch, outgoing: Outgoing): Promise<Answer<unknown>> {
  const { method, url, headers, body, timeout, signal } = outgoing;
  const what = `${method} ${url}`;
  const linked = linkTo(signal);
  const timer = setTimeout(() => linked.stop(new Unreachable(`no answer to ${what} within ${timeout} ms`, true)), timeout);
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(url, { method, headers, signal: linked.signal, ...(body !== undefined && { body }) });
    text = await answer.text();
  } catch (thrown) {
    throw toUnreachable(thrown, what, signal);
  } finally {
    clearTimeout(timer);
    linked.free();
  }
  if (!answer.ok) throw toProblem(answer.status, answer.headers, text);
  return { status: answer.status, headers: answer.headers, data: text ? parseJson(text) : undefined };
}
