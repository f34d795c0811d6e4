import type { Schema } from "../../api/client";
import { Skeleton } from "../../ui/Skeleton";
import { statusTone } from "../../words/orders";
import { Link } from "../go";
import { mostOfAStatus } from "./use-facts";

interface Group {
  status: string;
  orders: Schema["Order"][];
  isMore: boolean;
}

/// What an order of a status waits for.
const names: Record<string, string> = {
  placed: "Waiting for stock or payment",
  confirmed: "Paid, waiting for dispatch",
  fulfilling: "With couriers",
  cancelling: "Being cancelled",
  needs_attention: "Waiting for a person",
};

/// The orders that have not ended, as a bar of where they are; a part of it leads to its orders.
export function OpenOrders({ groups }: { groups: readonly Group[] | undefined }) {
  if (!groups) return <Skeleton height={16} />;
  const shown = groups.filter(({ orders }) => orders.length > 0);
  if (shown.length === 0) return <p className="soft">No order is under way.</p>;
  return (
    <div className="stack tight">
      <div className="share" aria-hidden="true">
        {shown.map(({ status, orders }) => (
          <span
            key={status}
            className={`fill-${statusTone(status)} step-${status}`}
            style={{ flexGrow: orders.length }}
          />
        ))}
      </div>
      <ul className="share-names">
        {groups.map(({ status, orders, isMore }) => (
          <li key={status}>
            <Link to="/orders" search={{ status }} className={`share-name step-${status}`}>
              <strong className="number">
                {orders.length}
                {isMore ? "+" : ""}
              </strong>{" "}
              {names[status] ?? status}
            </Link>
          </li>
        ))}
      </ul>
      {groups.some(({ isMore }) => isMore) && <p className="soft small">Up to {mostOfAStatus} of each are counted.</p>}
    </div>
  );
}
