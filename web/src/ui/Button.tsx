import type { ButtonHTMLAttributes } from "react";

type Kind = "" | "main" | "danger" | "plain" | "wide" | "tiny";

interface Properties extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind | `${Kind} ${Kind}`;
  /// What it began is under way: it does nothing meanwhile, and keeps the focus.
  busy?: boolean;
}

export function Button({ kind, busy = false, onClick, type = "button", ...rest }: Properties) {
  return (
    <button
      {...rest}
      type={type}
      className={`button ${kind ?? ""}`}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    />
  );
}
