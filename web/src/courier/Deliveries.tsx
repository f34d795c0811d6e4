import { useQuery, useQueryClient } from "@tanstack/react-query";

import { api, get } from "../api/client";
import { useLive } from "../live/use-live";
import { Guarded } from "../session/Guarded";
import { Empty } from "../ui/Empty";
import { Refused } from "../ui/Refused";
import { Skeleton } from "../ui/Skeleton";
import { StaleBar } from "../ui/StaleBar";
import { Time } from "../ui/Time";

function List() {
  const cache = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: ["deliveries"], queryFn: () => get(api.GET("/v1/deliveries")) });
  const readAgain = () => void cache.invalidateQueries({ queryKey: ["deliveries"] });
  useLive({ types: ["delivery.*"] }, readAgain, readAgain);
  if (error && !data) return <Refused problem={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={32} />;
  if (data.items.length === 0) return <Empty title="No deliveries">What is offered to you arrives here by itself.</Empty>;
  return (
    <ul className="stack">
      {data.items.map(({ id, status, recipient, updated_at }) => (
        <li key={id} className="card stack tight">
          <strong>{recipient?.name}</strong>
          <span>{recipient?.address}</span>
          <span className="soft small">{status}, <Time at={updated_at} /></span>
        </li>
      ))}
    </ul>
  );
}

/// The deliveries of a courier.
export const Deliveries = () => (
  <>
    <StaleBar />
    <main className="page stack">
      <h1>Deliveries</h1>
      <Guarded roles={["courier", "operator", "admin"]}><List /></Guarded>
    </main>
  </>
);
