import { type FormEvent, useRef } from "react";

import { useShortcuts } from "../ui/shortcuts";
import { useNavigate } from "./go";
import { orderOf, searched } from "./orders/filters";

/// Opens what a number names; anything else is looked for among the orders.
export function Search() {
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: "/", text: "Find an order", run: () => input.current?.focus() }]);

  function open(event: FormEvent) {
    event.preventDefault();
    const text = input.current?.value.trim() ?? "";
    if (!text) return;
    const id = orderOf(text);
    if (id) void navigate({ to: "/orders/$id", params: { id } });
    else void navigate({ to: "/orders", search: { q: searched(text) } });
    if (input.current) input.current.value = "";
    input.current?.blur();
  }

  return (
    <form role="search" aria-label="Find an order" className="find" onSubmit={open}>
      <input
        ref={input}
        type="search"
        className="input"
        aria-label="Order number, or words"
        placeholder="Order number, name …"
        autoComplete="off"
        spellCheck={false}
        onKeyDown={({ key, currentTarget }) => key === "Escape" && currentTarget.blur()}
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  );
}
