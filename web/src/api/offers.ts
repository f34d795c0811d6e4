import { useQuery } from "@tanstack/react-query";

import { api, get } from "./client";
import { node } from "./node";

interface Document {
  paths: Record<string, object>;
}

/// The paths that the node has: while nodes are upgraded one after the other, a page may be newer than the node that it asks.
const readPaths = async (): Promise<string[]> => {
  const answer = await fetch(`${node}/openapi.json`);
  if (!answer.ok) throw new Error(`the node does not show its API: ${answer.status}`);
  return Object.keys(((await answer.json()) as Document).paths);
};

/// Whether the node has a path: `useOffers("/v1/orders/{id}/progress")`. False until it is known.
export function useOffers(path: string): boolean {
  const { data } = useQuery({ queryKey: ["paths"], queryFn: readPaths, staleTime: Infinity });
  return data?.includes(path) ?? false;
}

type Ask = (path: string, options?: object) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

/// Asks a path that `useOffers` has found, and that the types of this page's own API may not have.
export const getOffered = async <Data>(path: string, options: object = {}): Promise<Data> =>
  (await get((api.GET as unknown as Ask)(path, options))) as Data;
export const postOffered = async <Data>(path: string, options: object = {}): Promise<Data> =>
  (await get((api.POST as unknown as Ask)(path, options))) as Data;
