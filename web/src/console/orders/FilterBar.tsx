import { type FormEvent, useId } from "react";

import { Button } from "../../ui/Button";
import { orderStatuses, orderStatusText } from "../../words/operator";
import { chipText, type Filters, names, searched, underWay, waitsTexts } from "./filters";

interface Properties {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

const hour = 3_600_000;
const since: [string, number][] = [
  ["the last hour", hour],
  ["24 hours", 24 * hour],
  ["7 days", 168 * hour],
];
const isCustomer = /^cus_[0-9a-hjkmnp-tv-z]{20}$/;
const isProduct = /^prd_[0-9a-hjkmnp-tv-z]{20}$/;

/// Which orders are shown. All of it stands in the address; each filter is a chip that can be taken away.
export function FilterBar({ filters, onChange }: Properties) {
  const id = useId();
  const change = (name: keyof Filters, value: string) => {
    const { [name]: _, ...rest } = filters;
    onChange(value ? { ...rest, [name]: value } : rest);
  };

  /// A number of a customer or a product is known by how it begins.
  function find(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const input = event.currentTarget.elements.namedItem("text") as HTMLInputElement;
    const text = input.value.trim();
    if (isCustomer.test(text)) change("customer", text);
    else if (isProduct.test(text)) change("product", text);
    else if (text) change("q", searched(text));
    input.value = "";
  }

  return (
    <div className="stack tight">
      <div className="filters">
        <form onSubmit={find} role="search">
          <input
            className="input"
            name="text"
            type="search"
            autoComplete="off"
            spellCheck={false}
            aria-label="Filter"
            placeholder="E-mail, name, note, product, ord_…, cus_…"
          />
        </form>
        <label htmlFor={`${id}-status`} className="unseen">
          Status
        </label>
        <select
          id={`${id}-status`}
          className="input"
          value={filters.status ?? ""}
          onChange={(event) => change("status", event.target.value)}>
          <option value="">Any status</option>
          <option value={underWay}>Under way</option>
          {orderStatuses.map((status) => (
            <option key={status} value={status}>
              {orderStatusText(status)}
            </option>
          ))}
        </select>
        <label htmlFor={`${id}-waits`} className="unseen">
          Waits for
        </label>
        <select
          id={`${id}-waits`}
          className="input"
          value={filters.waits ?? ""}
          onChange={(event) => change("waits", event.target.value)}>
          <option value="">Waits for anything</option>
          {Object.entries(waitsTexts).map(([value, text]) => (
            <option key={value} value={value}>
              Waits {text}
            </option>
          ))}
        </select>
        <label htmlFor={`${id}-time`} className="unseen">
          Placed
        </label>
        <select
          id={`${id}-time`}
          className="input"
          value=""
          onChange={(event) =>
            change("after", event.target.value && new Date(Date.now() - Number(event.target.value)).toISOString())
          }>
          <option value="">Placed at any time</option>
          {since.map(([text, ms]) => (
            <option key={text} value={ms}>
              Placed in {text}
            </option>
          ))}
        </select>
      </div>
      <ul className="chips" aria-label="Filters">
        {names.map(
          (name) =>
            filters[name] && (
              <li key={name}>
                <Button
                  kind="tiny"
                  aria-label={`Remove the filter: ${chipText(name, filters[name])}`}
                  onClick={() => change(name, "")}>
                  {chipText(name, filters[name])} <span aria-hidden="true">×</span>
                </Button>
              </li>
            ),
        )}
      </ul>
    </div>
  );
}
