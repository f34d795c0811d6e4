import type { ReactNode } from "react";

import { Dialog } from "../../ui/Dialog";
import { Form } from "./Form";
import { useForm } from "./use-form";

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
export function Ask({ title, onClose, run, keep = "Leave it", ...rest }: Properties) {
  const state = useForm(run, onClose);
  return (
    <Dialog title={title} onClose={onClose} held={state.isPending}>
      <Form {...rest} state={state} onLeave={onClose} leave={keep} />
    </Dialog>
  );
}
