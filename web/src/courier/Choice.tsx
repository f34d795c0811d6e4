import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";

import { api, get } from "../api/client";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Refused } from "../ui/Refused";
import { Skeleton } from "../ui/Skeleton";

const placeOf = (id: string) => `/courier/${id}`;

function NewCourier() {
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: (name: string) => get(api.POST("/v1/couriers", { body: { name } })),
    onSuccess: ({ id }) => location.assign(placeOf(id)),
  });
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!isPending && !isSuccess) mutate(String(new FormData(event.currentTarget).get("name")).trim());
  }
  return (
    <form className="card stack" onSubmit={send}>
      <h2>A new courier</h2>
      <Field
        label="Name"
        name="name"
        required
        maxLength={200}
        autoComplete="off"
        hint="For whom you act; they need no account."
      />
      {error && <Refused problem={error} />}
      <Button kind="main wide" type="submit" busy={isPending || isSuccess}>
        Begin
      </Button>
    </form>
  );
}

/// An operator acts for couriers: for whom?
export function Choice() {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["couriers"],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      get(api.GET("/v1/couriers", { params: { query: { limit: 20, ...(pageParam && { cursor: pageParam }) } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const couriers = data?.pages.flatMap(({ items }) => items);
  return (
    <div className="stack">
      <h1>Who brings it?</h1>
      {error && !couriers ? (
        <Refused problem={error} retry={() => void refetch()} />
      ) : !couriers ? (
        <Skeleton height={32} />
      ) : (
        couriers.length > 0 && (
          <ul className="card couriers" aria-label="Couriers">
            {couriers.map(({ id, name, online }) => (
              <li key={id}>
                <a href={placeOf(id)}>
                  <strong>{name}</strong>
                  <Badge tone={online ? "done" : "waiting"}>{online ? "Online" : "Offline"}</Badge>
                </a>
              </li>
            ))}
          </ul>
        )
      )}
      {hasNextPage && (
        <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
      <NewCourier />
    </div>
  );
}
