import createClient from "openapi-fetch";

import { accessToken, renew } from "../session/session";
import { node } from "./node";
import { toProblem, unreachable } from "./problem";
import type { components, paths } from "./schema";

export type Schema = components["schemas"];

const unauthorized = 401;

/// Sends a request with the token of whoever is signed in. A token that the node no longer takes is renewed once.
async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const token = await accessToken();
  if (token) request.headers.set("Authorization", `Bearer ${token}`);
  const answer = await fetch(request);
  if (answer.status !== unauthorized || !token) return answer;
  const fresh = await renew();
  if (!fresh) return answer;
  again.headers.set("Authorization", `Bearer ${fresh}`);
  return fetch(again);
}

/// The API, with the types of gateway/openapi.yaml: `get(api.GET("/v1/products"))`.
export const api = createClient<paths>({ baseUrl: node, fetch: send });

/// What was answered; throws a Problem when it was refused.
export async function get<Data>(asked: Promise<{ data?: Data; error?: unknown; response: Response }>): Promise<Data> {
  const { data, error, response } = await asked.catch((thrown: unknown) => {
    throw thrown instanceof TypeError ? unreachable() : thrown;
  });
  if (!response.ok) throw toProblem(response, error);
  return data as Data;
}
