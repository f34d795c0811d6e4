import type { ReactNode } from "react";

import { Button } from "../../ui/Button";
import { Refused } from "../../ui/Refused";
import { Wrong } from "../../ui/wrong";
import type { FormState } from "./use-form";

interface Properties {
  state: FormState;
  /// What the button does, in its words.
  action: string;
  danger?: boolean;
  /// False: what it says is why it cannot be done.
  isPossible?: boolean;
  onLeave: () => void;
  /// What the other button does.
  leave?: string;
  children?: ReactNode;
}

/// The fields of a form, what was refused, and its two buttons.
export const Form = ({
  state: { form, send, isPending, refused, wrong },
  action,
  danger = false,
  isPossible = true,
  onLeave,
  leave = "Leave it",
  children,
}: Properties) => (
  <form ref={form} className="stack" onSubmit={send}>
    <Wrong value={wrong}>{children}</Wrong>
    {refused !== undefined && <Refused problem={refused} />}
    <div className="row">
      <Button kind={danger ? "danger" : "main"} type="submit" busy={isPending} disabled={!isPossible}>
        {action}
      </Button>
      <Button onClick={onLeave} disabled={isPending}>
        {leave}
      </Button>
    </div>
  </form>
);
