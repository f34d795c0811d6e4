import "../../elements/orders";

/// The latest orders of all customers.
export const Orders = () => (
  <div className="stack">
    <h1>Orders</h1>
    <div className="card"><waybill-orders href="/console/orders/{id}" /></div>
  </div>
);
