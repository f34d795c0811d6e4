import type { Schema } from "../api/client";
import { useOrders } from "../orders/use-orders";
import { useSession } from "../session/use-session";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Refused } from "../ui/Refused";
import { Skeleton } from "../ui/Skeleton";
import { Time } from "../ui/Time";
import { amountText } from "../words/money";
import { statusText, statusTone } from "../words/orders";
import { type Attributes, choose, defineElement, tell } from "./define";
import style from "./orders.css?inline";

type Order = Schema["Order"];

const names = (order: Order) =>
  order.lines.map(({ name, quantity }) => (quantity > 1 ? `${quantity} × ${name}` : name)).join(", ");

/// Where an order is shown: the attribute `href`, in which `{id}` stands for its id. A page that has its own way
/// cancels the event.
function OrderRow({ order, href, host }: { order: Order; href: string; host: HTMLElement }) {
  return (
    <a
      className="order"
      href={href ? href.replace("{id}", order.id) : undefined}
      onClick={(event) => choose(event, host, order.id)}>
      <span className="names">{names(order)}</span>
      <span className="amount">{amountText(order.total)}</span>
      <span className="soft small">
        <Time at={order.created_at} />
      </span>
      <Badge tone={statusTone(order.status)}>{statusText(order.status)}</Badge>
    </a>
  );
}

function Orders({ href, host }: Attributes<"href">) {
  const { state } = useSession();
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useOrders();
  if (state === "signed_out")
    return (
      <Empty title="Your orders are here once you are signed in">
        <Button onClick={() => tell(host, "sign-in-wanted")}>Sign in</Button>
      </Empty>
    );
  if (error && !data) return <Refused problem={error} retry={() => void refetch()} />;
  if (!data)
    return (
      <div className="stack" aria-busy="true">
        <Skeleton height={14} />
        <Skeleton height={14} />
        <Skeleton height={14} />
      </div>
    );
  const orders = data.pages.flatMap(({ items }) => items);
  if (orders.length === 0)
    return <Empty title="No orders yet">What you order is here, from the first moment to the door.</Empty>;
  return (
    <>
      <ul aria-label="Orders">
        {orders.map((order) => (
          <li key={order.id}>
            <OrderRow order={order} href={href} host={host} />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <div className="more">
          <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show older orders
          </Button>
        </div>
      )}
    </>
  );
}

defineElement("waybill-orders", ["href"], Orders, style);
