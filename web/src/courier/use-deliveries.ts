import { useQuery } from "@tanstack/react-query";

import { api, get, type Schema } from "../api/client";
import { useLive } from "../live/use-live";
import { useReadAgain } from "../live/use-read-again";
import { clockOffset } from "./time-left";

export type Delivery = Schema["Delivery"];

const open = ["offered", "assigned", "started"] as const;
const rank = (status: string) => ["offered", "started", "assigned"].indexOf(status);

/// What needs an answer first, then what is on the way; of the same kind, what is due first.
export const inOrder = (deliveries: readonly Delivery[]) =>
  deliveries.toSorted(
    (one, other) => rank(one.status) - rank(other.status) || (one.due_at ?? "").localeCompare(other.due_at ?? ""),
  );

const courierKey = (id: string) => ["courier", id] as const;
const deliveriesKey = (id: string) => ["courier", id, "deliveries"] as const;

export const useCourier = (id: string) =>
  useQuery({
    queryKey: courierKey(id),
    queryFn: () => get(api.GET("/v1/couriers/{id}", { params: { path: { id } } })),
  });

async function readDeliveries(courier: string) {
  let offset = 0;
  const pages = await Promise.all(
    open.map((status) => {
      const asked = api.GET("/v1/deliveries", { params: { query: { status, courier_id: courier, limit: 100 } } });
      return get(
        asked.then((answer) => {
          offset = clockOffset(answer.response.headers.get("Date"), Date.now());
          return answer;
        }),
      );
    }),
  );
  // One may have gone on to its next status between two answers.
  const known = new Map(pages.flatMap(({ items }) => items).map((delivery) => [delivery.id, delivery]));
  return { items: inOrder([...known.values()]), offset };
}

/// What is offered to a courier and what they carry, live; with the difference of the node's clock.
export function useDeliveries(courier: string) {
  const deliveries = useQuery({
    queryKey: deliveriesKey(courier),
    queryFn: () => readDeliveries(courier),
    staleTime: 0,
  });
  const readAgain = useReadAgain(courierKey(courier));
  // Operators hear of all couriers.
  useLive(
    { types: ["delivery.*", "courier.*"] },
    ({ stream, data }) => {
      if (stream === courier || data["courier"] === courier) readAgain.soon();
    },
    readAgain.now,
  );
  return { ...deliveries, readAgain: readAgain.now };
}
