import { useRef } from "react";

import { api, get, type Schema } from "../../api/client";
import { asProblem, Problem } from "../../api/problem";
import { Field } from "../../ui/Field";
import { Form } from "../kit/Form";
import { writtenTypes } from "../kit/targets/types";
import { TypesField } from "../kit/targets/TypesField";
import { useForm } from "../kit/use-form";
import { choiceOf, guardChoices, guardOf, placeOf } from "./words";

type Function = Schema["Function"];

/// Shows a line of what is written, as the selection of its text.
function select(area: HTMLTextAreaElement, line: number) {
  area.setSelectionRange(...placeOf(area.value, line));
  area.scrollTop = (area.scrollHeight * (line - 1)) / area.value.split("\n").length - area.clientHeight / 2;
}

const Guards = ({ chosen }: { chosen: string }) => (
  <fieldset className="choices">
    <legend className="legend">Before an order is placed</legend>
    {Object.entries(guardChoices).map(([choice, { name, hint }]) => (
      <label key={choice} className="choice">
        <input type="radio" name="guard" value={choice} defaultChecked={choice === chosen} />
        <span>{name}</span>
        <span className="hint">{hint}</span>
      </label>
    ))}
  </fieldset>
);

/// Registers a function, or a new version of one.
export function Editor({
  of,
  onDone,
  onLeave,
}: {
  of?: Function;
  onDone: (registered: Function) => void;
  onLeave: () => void;
}) {
  // What somebody else registers meanwhile is not overwritten.
  const began = useRef(of);
  const box = useRef<HTMLDivElement>(null);
  const registered = useRef<Function>(undefined);
  async function send({ name = "", source = "", triggers = "", guard = "" }: Record<string, string>) {
    const condition: Record<string, string> = began.current
      ? { "If-Match": `"${began.current.version}"` }
      : { "If-None-Match": "*" };
    try {
      registered.current = await get(
        api.PUT("/v1/functions/{id}", {
          params: { path: { id: began.current?.name ?? name } },
          headers: condition,
          body: { source, triggers: writtenTypes(triggers), guard: guardOf(guard) },
        }),
      );
    } catch (thrown) {
      const problem = asProblem(thrown);
      const area = box.current?.querySelector("textarea");
      if (area && problem.line) select(area, problem.line);
      if (!began.current && ["version_mismatch", "conflict"].includes(problem.code) && problem.errors.length === 0)
        throw new Problem(problem.status, problem.code, problem.message, problem.requestId, [
          { pointer: "/name", detail: "there is a function of this name already" },
        ]);
      throw thrown;
    }
  }
  const state = useForm(send, () => registered.current && onDone(registered.current));
  return (
    <div className="card" ref={box}>
      <Form state={state} action={of ? "Register a new version" : "Register it"} onLeave={onLeave}>
        {!of && (
          <Field
            label="Name"
            name="name"
            required
            maxLength={63}
            pattern="[a-z](-?[a-z0-9])*"
            title="Small letters, digits, and single dashes between them"
            placeholder="shipping-fee"
            autoFocus
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            hint="Small letters, digits and dashes. It is in the address, and stays."
          />
        )}
        <Field
          label="Source"
          name="source"
          required
          lines={16}
          maxLength={65_536}
          className="program"
          wrap="off"
          defaultValue={of?.source ?? "-- What “input” holds, and what comes back\nreturn input\n"}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          hint="The body of a function in Lua 5.4. “input” is the JSON of the call, “return” gives the result."
        />
        <TypesField
          label="Called for events"
          name="triggers"
          types={of?.triggers ?? []}
          hint="Empty: for none. It begins with what happens from now on."
        />
        <Guards chosen={choiceOf(of?.guard)} />
      </Form>
    </div>
  );
}
