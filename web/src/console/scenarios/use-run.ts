import { useMutation, useQuery } from "@tanstack/react-query";

import { api, get } from "../../api/client";
import { useAddress } from "../kit/address";

const askEveryMs = 500;
/// A flash sale has a thousand orders; a picture of the first few tells the story.
export const mostOrders = 5;

/// One run of a scenario: begun, waited for, and its events once it is over. The run stands in the address.
export function useRun(scenario: string) {
  const [{ run: id = "" }, change] = useAddress();
  const start = useMutation({
    mutationFn: () => get(api.POST("/v1/scenarios/{id}/runs", { params: { path: { id: Number(scenario) } } })),
    onSuccess: (begun) => change({ run: begun.id }),
  });
  const run = useQuery({
    queryKey: ["run", id], enabled: id !== "",
    queryFn: () => get(api.GET("/v1/scenario-runs/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.status === "running" ? askEveryMs : false),
  });
  const orders = run.data?.report?.order_ids.slice(0, mostOrders) ?? [];
  const events = useQuery({
    queryKey: ["run", id, "events"], enabled: run.data?.status === "completed", staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const pages = await Promise.all(orders.map((order) =>
        get(api.GET("/v1/orders/{id}/events", { params: { path: { id: order }, query: { limit: 200 } } }))));
      return pages.flatMap(({ items }) => items);
    },
  });
  return { id, start, run, events };
}
