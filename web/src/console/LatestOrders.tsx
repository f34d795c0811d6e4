import "../elements/orders";

import { Guarded } from "../session/Guarded";
import { StaleBar } from "../ui/StaleBar";

/// The latest orders of all customers.
export const LatestOrders = () => (
  <>
    <StaleBar />
    <main className="page stack">
      <h1>Orders</h1>
      <Guarded roles={["operator", "admin"]}><div className="card"><waybill-orders /></div></Guarded>
    </main>
  </>
);
