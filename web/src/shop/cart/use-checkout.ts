import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";

import { api, get, type Schema } from "../../api/client";
import { newKey } from "../../api/new-key";
import { keepRecipient } from "./address";
import { emptyCart, useCart } from "./cart";

type NewOrder = Schema["NewOrder"];

/// How one can pay at this shop.
export const usePaymentMethods = () =>
  useQuery({ queryKey: ["payment-methods"], staleTime: Infinity, queryFn: () => get(api.GET("/v1/payment-methods")) });

/// Most cards are answered for by then; who waits longer sees the order itself.
const patience = "wait=4";

/// Orders what is in the cart, and waits a moment for the card: one that is refused keeps the cart. The same order sent
/// again, after an answer that was lost, is not a second one: it has its key.
export function useCheckout() {
  const cart = useCart();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const intent = useRef({ text: "", key: "" });
  return useMutation({
    mutationFn: (rest: Omit<NewOrder, "lines">) => {
      const body: NewOrder = {
        ...rest,
        lines: cart.map(({ product, quantity }) => ({ product_id: product.id, quantity })),
      };
      const text = JSON.stringify(body);
      if (intent.current.text !== text) intent.current = { text, key: newKey() };
      return get(
        api.POST("/v1/orders", {
          body,
          params: { header: { "Idempotency-Key": intent.current.key, Prefer: patience } },
        }),
      );
    },
    onSuccess: (order) => {
      // What is ordered from here on is another order.
      intent.current = { text: "", key: "" };
      keepRecipient(order.delivery);
      if (order.status === "rejected") return void cache.invalidateQueries({ queryKey: ["orders"] });
      emptyCart();
      cache.setQueryData(["order", order.id], order);
      void cache.invalidateQueries({ queryKey: ["orders"] });
      void navigate({ to: "/orders/$id", params: { id: order.id } });
    },
  });
}
