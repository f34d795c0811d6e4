import { useNotifications } from "../orders/use-notifications";
import { useSession } from "../session/use-session";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Refused } from "../ui/Refused";
import { Skeleton } from "../ui/Skeleton";
import { Time } from "../ui/Time";
import { shortId } from "../words/orders";
import { type Attributes, choose, defineElement } from "./define";
import style from "./notifications.css?inline";

/// `href`: where an order is shown; `{id}` stands for its id. A page that has its own way cancels the event.
function Notifications({ href, host }: Attributes<"href">) {
  const { state } = useSession();
  const { items, unread, error, refetch, readAll, read, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useNotifications();
  if (state === "signed_out")
    return <Empty title="You are not signed in">News about your orders is here once you are.</Empty>;
  if (error && !items) return <Refused problem={error} retry={() => void refetch()} />;
  if (!items)
    return (
      <div className="stack" aria-busy="true">
        <Skeleton height={8} />
        <Skeleton height={8} />
      </div>
    );
  if (items.length === 0) return <Empty title="Nothing new">News about your orders arrives here by itself.</Empty>;
  return (
    <>
      <div className="row between">
        <span className="soft" role="status">
          {unread ? `${unread} unread` : "All read"}
        </span>
        {unread && (
          <Button kind="plain" busy={readAll.isPending} onClick={() => readAll.mutate()}>
            Mark all as read
          </Button>
        )}
      </div>
      {readAll.error && <Refused problem={readAll.error} />}
      <ul>
        {items.map(({ id, text, order_id, created_at, read_at }) => (
          <li key={id}>
            <div className={`notification ${read_at === null ? "unread" : ""}`}>
              <span className="mark" />
              <span className="text">
                {read_at === null && <span className="unseen">Unread: </span>}
                {href && order_id ? (
                  <a
                    href={href.replace("{id}", order_id)}
                    onClick={(event) => {
                      if (read_at === null) read.mutate(id);
                      choose(event, host, order_id);
                    }}>
                    {text}
                  </a>
                ) : (
                  text
                )}{" "}
                {order_id && (
                  <code className="soft" title={order_id}>
                    {shortId(order_id)}
                  </code>
                )}
              </span>
              <span className="soft small">
                <Time at={created_at} />
              </span>
            </div>
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <div className="more">
          <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      )}
    </>
  );
}

defineElement("waybill-notifications", ["href"], Notifications, style);
