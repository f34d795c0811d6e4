import { type ReactNode, useEffect, useId, useRef } from "react";

interface Properties {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
}

/// The browser's own dialog: it keeps the focus, gives it back, and ends by Escape.
export function Dialog({ title, isOpen, onClose, children }: Properties) {
  const at = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (isOpen && !at.current?.open) at.current?.showModal();
    if (!isOpen) at.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={at} aria-labelledby={id} onClose={onClose}>
      {isOpen && <div className="stack"><h2 id={id}>{title}</h2>{children}</div>}
    </dialog>
  );
}
