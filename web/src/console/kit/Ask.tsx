import { useMutation } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";

import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Refused } from "../../ui/Refused";

interface Properties {
  title: string;
  /// What the button does, in its words.
  action: string;
  danger?: boolean;
  /// False: what it says is why it cannot be done.
  isPossible?: boolean;
  onClose: () => void;
  /// With what was filled in. Throws a Problem when it was refused; the dialog then stays and shows it.
  run: (values: Record<string, string>) => Promise<unknown>;
  children?: ReactNode;
  keep?: string;
}

/// Asks before something is changed: says what will happen, takes what it needs, shows what was refused.
export function Ask({
  title,
  action,
  danger = false,
  onClose,
  run,
  children,
  keep = "Leave it",
  isPossible = true,
}: Properties) {
  const { mutate, isPending, error } = useMutation({ mutationFn: run, onSuccess: onClose });
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isPending) return;
    const values = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]);
    mutate(Object.fromEntries(values) as Record<string, string>);
  }
  return (
    <Dialog title={title} onClose={onClose} held={isPending}>
      <form className="stack" onSubmit={send}>
        {children}
        {error && <Refused problem={error} />}
        <div className="row">
          <Button kind={danger ? "danger" : "main"} type="submit" busy={isPending} disabled={!isPossible}>
            {action}
          </Button>
          <Button onClick={onClose} disabled={isPending}>
            {keep}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
