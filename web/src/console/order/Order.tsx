import "../../elements/order-tracker";

import { useParams } from "../go";

/// One order.
export function Order() {
  const { id } = useParams<{ id: string }>();
  return (
    <div className="stack">
      <h1>Order <code>{id}</code></h1>
      <div className="card"><waybill-order-tracker order={id} /></div>
    </div>
  );
}
