import { type FormEvent, useRef, useState } from "react";

import { useShortcuts } from "../ui/shortcuts";
import { useNavigate } from "./go";

const isOrder = /^ord_[0-9a-hjkmnp-tv-z]{20}$/;

/// Opens what a number names.
export function Search() {
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState("");
  useShortcuts([{ keys: "/", text: "Find an order", run: () => input.current?.focus() }]);

  function open(event: FormEvent) {
    event.preventDefault();
    const text = input.current?.value.trim() ?? "";
    if (!text) return;
    if (!isOrder.test(text)) return setWrong("An order's number begins with ord_ and has 24 characters.");
    void navigate({ to: "/orders/$id", params: { id: text } });
    if (input.current) input.current.value = "";
    input.current?.blur();
  }

  return (
    <form role="search" aria-label="Find an order" className="find" onSubmit={open}>
      <input
        ref={input}
        type="search"
        className="input"
        aria-label="Order number"
        placeholder="Order number"
        autoComplete="off"
        spellCheck={false}
        aria-invalid={wrong ? true : undefined}
        aria-describedby={wrong ? "find-wrong" : undefined}
        onChange={() => setWrong("")}
        onKeyDown={({ key, currentTarget }) => key === "Escape" && currentTarget.blur()}
      />
      <kbd aria-hidden="true">/</kbd>
      {wrong && (
        <p id="find-wrong" role="alert">
          {wrong}
        </p>
      )}
    </form>
  );
}
