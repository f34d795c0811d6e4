import { type FormEvent, useState } from "react";

import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";

const reasons = ["Nobody opens the door", "The address is wrong", "My vehicle broke down", "I had an accident"];

/// Asks why a delivery is given up half-way.
export function GiveUp({
  recipient,
  onClose,
  onReason,
}: {
  recipient: string;
  onClose: () => void;
  onReason: (reason: string) => void;
}) {
  const [chosen, setChosen] = useState("");
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("text") ?? "").trim();
    onReason(chosen === "other" ? text : chosen);
  }
  return (
    <Dialog title="Give this delivery up?" onClose={onClose}>
      <form className="stack" onSubmit={send}>
        <p className="soft">Another courier is asked to bring it to {recipient}. What happened?</p>
        <fieldset className="choices">
          <legend className="unseen">Reason</legend>
          {[...reasons, "other"].map((reason) => (
            <label key={reason} className="choice">
              <input
                type="radio"
                name="reason"
                value={reason}
                required
                checked={chosen === reason}
                onChange={() => setChosen(reason)}
              />
              <span>{reason === "other" ? "Something else" : reason}</span>
            </label>
          ))}
        </fieldset>
        {chosen === "other" && <Field label="In your words" name="text" required maxLength={500} autoFocus />}
        <div className="pair">
          <Button onClick={onClose}>Go on with it</Button>
          <Button kind="danger" type="submit">
            Give up
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
