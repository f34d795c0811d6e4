import { useState } from "react";

import type { Schema } from "../../api/client";
import { Field } from "../../ui/Field";
import { writtenTypes } from "../kit/targets/types";
import { TypesField } from "../kit/targets/TypesField";
import { type Broker, brokerOf, brokers } from "./words";

/// What was filled in, as the API names it.
export const filledIn = ({
  url = "",
  destination = "",
  user = "",
  password = "",
  types = "",
  description = "",
}: Record<string, string>) => ({ url, destination, user, password, types: writtenTypes(types), description });

/// What a sink is made of. Its broker is asked for only while it is made: one that is there keeps its kind.
export function Fields({ sink }: { sink?: Schema["Sink"] }) {
  const [broker, setBroker] = useState<Broker>("rabbitmq");
  const words = sink ? brokerOf(sink) : brokers[broker];
  return (
    <>
      {!sink && (
        <fieldset className="choices in-row">
          <legend className="legend">Broker</legend>
          {Object.entries(brokers).map(([kind, { name }]) => (
            <label key={kind} className="choice">
              <input
                type="radio"
                name="broker"
                value={kind}
                checked={broker === kind}
                onChange={() => setBroker(kind as Broker)}
              />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
      )}
      <Field
        label="Address"
        name="url"
        required
        maxLength={2048}
        defaultValue={sink?.url}
        placeholder={words?.example}
        pattern={words?.pattern}
        title={words && `An address as ${words.example}`}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        hint={words?.urlHint}
      />
      <Field
        label={words?.destination ?? "Where"}
        name="destination"
        required
        maxLength={249}
        defaultValue={sink?.destination ?? "waybill.events"}
        autoComplete="off"
        spellCheck={false}
        hint={words?.destinationHint}
      />
      <TypesField
        name="types"
        types={sink?.types ?? ["order.*"]}
        required
        hint={sink ? "" : "It begins with the next event."}
      />
      <Field
        label="User"
        name="user"
        maxLength={128}
        defaultValue={sink?.user ?? ""}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        hint={words?.signInHint}
      />
      <Field
        label="Password"
        name="password"
        type="password"
        maxLength={1024}
        autoComplete="new-password"
        hint={
          sink
            ? "Empty: it stays as it is. With another address it must be written again."
            : "It is stored, and never shown again."
        }
      />
      {sink && (
        <label className="choice">
          <input type="checkbox" name="forget" value="yes" />
          <span>No password any more</span>
        </label>
      )}
      <Field label="What it is" name="description" maxLength={200} defaultValue={sink?.description} />
    </>
  );
}
