import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../../ui/Button";
import { Refused } from "../../../ui/Refused";
import { Ask } from "../Ask";

type Status = "enabled" | "disabled";

/// Switches a target off, after a question, or on again. What was refused stands below the buttons around it.
export function OnOff({
  status,
  turn,
  changed,
}: {
  status: string;
  turn: (status: Status) => Promise<unknown>;
  changed: () => void;
}) {
  const [isAsking, setAsking] = useState(false);
  const enable = useMutation({ mutationFn: () => turn("enabled"), onSettled: changed });
  return (
    <>
      {status === "enabled" ? (
        <Button onClick={() => setAsking(true)}>Switch off</Button>
      ) : (
        <Button kind="main" busy={enable.isPending} onClick={() => enable.mutate()}>
          Switch on
        </Button>
      )}
      {enable.error && <Refused problem={enable.error} />}
      {isAsking && (
        <Ask
          title="Switch it off?"
          action="Switch it off"
          keep="Leave it on"
          run={() => turn("disabled")}
          onClose={() => {
            setAsking(false);
            changed();
          }}>
          <p>
            It is sent nothing. When it is switched on again it gets what it missed, as far as the log still has it: a
            target that is off keeps nothing in the log.
          </p>
        </Ask>
      )}
    </>
  );
}
