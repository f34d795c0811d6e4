import { useMutation } from "@tanstack/react-query";
import { type ComponentProps, useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { useRights } from "../../session/rights";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Refused } from "../../ui/Refused";
import { Ask } from "../kit/Ask";
import { CardTable } from "../kit/GridTable";
import { Id } from "../kit/Id";
import { ListStates } from "../kit/ListStates";

type Courier = Schema["Courier"];
type List = ComponentProps<typeof ListStates<Courier>>;

export function CourierList({
  list,
  empty,
  changed,
}: {
  list: List["list"];
  empty: List["empty"];
  changed: () => void;
}) {
  const [removing, setRemoving] = useState<Courier>();
  const { mayChange } = useRights();
  const turn = useMutation({
    mutationFn: ({ id, online }: Courier) =>
      get(api.PATCH("/v1/couriers/{id}", { params: { path: { id } }, body: { online: !online } })),
    onSettled: changed,
  });
  return (
    <>
      {turn.error && <Refused problem={turn.error} />}
      <ListStates list={list} empty={empty} more="Show more couriers">
        {(items) => (
          <CardTable columns={["Courier", "State", { number: "Deliveries" }, "Account"]} hasActions>
            {items.map((courier) => (
              <tr key={courier.id}>
                <td>
                  {courier.name}
                  <small>
                    <Id of={courier.id} />
                  </small>
                </td>
                <td>{courier.online ? <Badge tone="done">Online</Badge> : <Badge tone="waiting">Offline</Badge>}</td>
                <td className="end" data-name="deliveries">
                  {courier.deliveries.length} of {courier.capacity}
                </td>
                <td>
                  {courier.user_id ? (
                    <Id of={courier.user_id} />
                  ) : mayChange ? (
                    <a href={`/courier/${courier.id}`} aria-label={`Act for ${courier.name}`}>
                      none: act for them
                    </a>
                  ) : (
                    <span className="soft">none: operators act for them</span>
                  )}
                </td>
                <td className="end">
                  {mayChange && (
                    <>
                      <Button
                        kind="tiny"
                        busy={turn.isPending && turn.variables.id === courier.id}
                        aria-label={`${courier.online ? "Take offline" : "Bring online"}: ${courier.name}`}
                        onClick={() => turn.mutate(courier)}>
                        {courier.online ? "Take offline" : "Bring online"}
                      </Button>{" "}
                      <Button kind="tiny" aria-label={`Remove ${courier.name}`} onClick={() => setRemoving(courier)}>
                        Remove
                      </Button>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </CardTable>
        )}
      </ListStates>
      {removing && (
        <Ask
          title={`Remove ${removing.name}?`}
          action="Remove them"
          danger
          keep="Keep them"
          onClose={() => {
            setRemoving(undefined);
            changed();
          }}
          run={() => get(api.DELETE("/v1/couriers/{id}", { params: { path: { id: removing.id } } }))}>
          <p>
            They get no more offers.{" "}
            {removing.deliveries.length > 0
              ? `They have ${removing.deliveries.length} deliveries now: those must be over first.`
              : "They have no delivery now."}
          </p>
        </Ask>
      )}
    </>
  );
}
