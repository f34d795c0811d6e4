import { type ReactNode, useEffect, useId, useRef } from "react";

interface Properties {
  title: string;
  /// It was left, by Escape too.
  onClose: () => void;
  /// Not to be left now: something is under way.
  held?: boolean;
  wide?: boolean;
  children: ReactNode;
}

/// A dialog that is open while it is shown. The browser keeps the focus in it and gives it back afterwards.
export function Dialog({ title, onClose, held = false, wide = false, children }: Properties) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? "wide" : ""}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (!held) onClose();
      }}>
      <div className="stack">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
