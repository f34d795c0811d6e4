import { useMutation } from "@tanstack/react-query";

import { api, get } from "../../api/client";
import { Button } from "../../ui/Button";
import { saveFile } from "../../ui/save";
import { explain } from "../../words/problems";

/// All that is known of an order as a file, for a colleague or for `waybill shell replay`. As the node wrote it: no
/// number in it is read and written anew.
export function Export({ order }: { order: string }) {
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => get(api.GET("/v1/orders/{id}/export", { params: { path: { id: order } }, parseAs: "text" })),
    onSuccess: (text) => saveFile(`${order}.json`, "application/json", text),
  });
  return (
    <>
      <Button busy={isPending} title="Its events, states, payments and webhooks in one file" onClick={() => mutate()}>
        Export
      </Button>
      {error && (
        <span className="small ink-refused" role="alert">
          {explain(error).title}. {explain(error).advice}
        </span>
      )}
    </>
  );
}
