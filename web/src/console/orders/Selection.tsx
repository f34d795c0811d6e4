import { useState } from "react";

import type { Schema } from "../../api/client";
import { Button } from "../../ui/Button";
import { actions } from "../actions/actions";
import { BulkDialog } from "../bulk/BulkDialog";
import { type BulkKind, mostOrders } from "../bulk/bulk";

type Order = Schema["Order"];
/// What is done to many at once. Amounts of refunds differ; these are given one by one.
const bulkKinds: readonly BulkKind[] = ["hold", "release", "cancel", "retry", "resolve"];

interface Properties {
  orders: readonly Order[];
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
  hasNext: boolean;
  /// Reads more, and gives all that are known then.
  readNext: () => Promise<Order[]>;
}

/// What is selected, and what can be done to it.
export function Selection({ orders, selected, onSelect, hasNext, readNext }: Properties) {
  const [kind, setKind] = useState<BulkKind>();
  const [isReading, setReading] = useState(false);
  const chosen = orders.filter(({ id }) => selected.has(id)).slice(0, mostOrders);
  const ids = (from: readonly Order[]) => new Set(from.slice(0, mostOrders).map(({ id }) => id));
  const fits = bulkKinds.filter((one) => chosen.some(actions[one].fits));

  async function selectAll() {
    setReading(true);
    let known = [...orders];
    for (let more = hasNext; more && known.length < mostOrders;) {
      const next = await readNext();
      more = next.length > known.length;
      known = next.length > known.length ? next : known;
    }
    onSelect(ids(known));
    setReading(false);
  }

  return (
    <div className="selection" role="group" aria-label="Selection">
      <label className="row">
        <input
          type="checkbox"
          checked={chosen.length > 0 && chosen.length === Math.min(orders.length, mostOrders)}
          disabled={orders.length === 0}
          onChange={(event) => onSelect(event.target.checked ? ids(orders) : new Set())}
        />
        {chosen.length > 0 ? (
          <strong className="number">{chosen.length} selected</strong>
        ) : (
          <span className="soft">Select all shown</span>
        )}
      </label>
      {chosen.length > 0 && hasNext && chosen.length < mostOrders && (
        <Button kind="plain tiny" busy={isReading} onClick={() => void selectAll()}>
          {isReading ? "Reading …" : `Select all that fit, up to ${mostOrders}`}
        </Button>
      )}
      {fits.map((one) => (
        <Button key={one} kind={actions[one].danger ? "danger tiny" : "tiny"} onClick={() => setKind(one)}>
          {actions[one].name}
        </Button>
      ))}
      {chosen.length > 0 && fits.length === 0 && (
        <span className="soft small">Nothing can be done to these: they have ended.</span>
      )}
      {kind && <BulkDialog kind={kind} selected={chosen} onClose={() => setKind(undefined)} />}
    </div>
  );
}
