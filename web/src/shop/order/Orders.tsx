import "../../elements/notifications";
import "../../elements/orders";

import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

/// Orders are opened without a new page, and signing in is ours.
function useElementEvents() {
  const navigate = useNavigate();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const at = place.current;
    const toOrder = (event: Event) => {
      event.preventDefault();
      void navigate({ to: "/orders/$id", params: { id: (event as CustomEvent<{ order: string }>).detail.order } });
    };
    const toSignIn = () => void navigate({ to: "/sign-in", search: {} });
    at?.addEventListener("waybill-order-chosen", toOrder);
    at?.addEventListener("waybill-sign-in-wanted", toSignIn);
    return () => {
      at?.removeEventListener("waybill-order-chosen", toOrder);
      at?.removeEventListener("waybill-sign-in-wanted", toSignIn);
    };
  }, [navigate]);
  return place;
}

export const Orders = () => (
  <div className="stack" ref={useElementEvents()}>
    <h1>Your orders</h1>
    <div className="card">
      <waybill-orders href="/shop/orders/{id}" />
    </div>
  </div>
);

export const Notifications = () => (
  <div className="stack" ref={useElementEvents()}>
    <h1>News</h1>
    <div className="card">
      <waybill-notifications href="/shop/orders/{id}" />
    </div>
  </div>
);
