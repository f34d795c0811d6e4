import { useMutation } from "@tanstack/react-query";

import { api, get } from "../api/client";
import { useSession } from "../session/use-session";
import { Button } from "../ui/Button";
import { Refused } from "../ui/Refused";

const examples = [
  ["Earl Grey tea, 100 g", 650, 40],
  ["Dark chocolate, 70 %", 350, 120],
  ["Sourdough bread", 480, 12],
  ["Olive oil, 0.5 l", 1290, 30],
  ["Ground coffee, 250 g", 799, 60],
  ["Oat biscuits", 320, 4],
] as const;

async function makeExamples() {
  for (const [index, [name, amount, on_hand]] of examples.entries())
    await get(
      api.POST("/v1/products", {
        body: { sku: `EXAMPLE-${index + 1}`, name, price: { amount, currency: "EUR" }, on_hand },
      }),
    );
}

/// An empty shop; who may fill it can do so at once.
export function NoProducts({ onMade }: { onMade: () => void }) {
  const who = useSession();
  const { mutate, isPending, error } = useMutation({ mutationFn: makeExamples, onSettled: onMade });
  if (who.state !== "signed_in" || !who.user.roles.includes("admin"))
    return "As soon as there are products, they are here.";
  return (
    <>
      <p>Products are made in the console, with the API, or a few examples here.</p>
      {error && <Refused problem={error} />}
      <Button kind="main" busy={isPending} onClick={() => mutate()}>
        Make six example products
      </Button>
    </>
  );
}
