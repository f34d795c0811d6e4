import type { ReactNode } from "react";

import { Badge } from "../../../ui/Badge";
import { Time } from "../../../ui/Time";
import { sentence } from "../../../words/problems";
import { Link } from "../../go";
import { CardTable } from "../GridTable";
import { type Target, targetState } from "./state";

interface Properties<Item> {
  /// What an item is.
  name: string;
  /// The address of the page of one, without its id.
  to: string;
  items: readonly Item[];
  /// What waits to be sent to it.
  waiting: (item: Item) => ReactNode;
  /// What else it is known by.
  about: (item: Item) => ReactNode;
}

/// What is told of events, with how it goes.
export const TargetTable = <Item extends Target & { id: string; url: string; types: readonly string[] }>({
  name,
  to,
  items,
  waiting,
  about,
}: Properties<Item>) => (
  <CardTable columns={[name, "State", "Wants", { number: "To be sent" }, "Last success"]}>
    {items.map((item) => {
      const { text, tone } = targetState(item);
      return (
        <tr key={item.id}>
          <td>
            <Link to={`${to}/${item.id}`}>{item.url}</Link>
            <small>{about(item)}</small>
          </td>
          <td>
            <Badge tone={tone}>{text}</Badge>
            {item.failing_since && item.status === "enabled" && (
              <small>
                since <Time at={item.failing_since} />
                {item.last_error && `. ${sentence(item.last_error)}`}
              </small>
            )}
          </td>
          <td>
            <code>{item.types.join(" ")}</code>
          </td>
          <td className="end" data-name="to be sent">
            {waiting(item)}
          </td>
          <td data-name="last success">
            {item.last_success_at ? <Time at={item.last_success_at} /> : <span className="soft">none yet</span>}
          </td>
        </tr>
      );
    })}
  </CardTable>
);
