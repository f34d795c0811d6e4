import { Field } from "../../../ui/Field";

interface Properties {
  label?: string;
  name: string;
  types: readonly string[];
  required?: boolean;
  hint?: string;
}

/// Types of events, to be read by `writtenTypes`.
export const TypesField = ({ label = "Types of events", name, types, required = false, hint = "" }: Properties) => (
  <Field
    label={label}
    name={name}
    required={required}
    defaultValue={types.join(" ")}
    autoComplete="off"
    autoCapitalize="none"
    spellCheck={false}
    hint={`With blanks between. A star at the end stands for all that begin so.${hint && ` ${hint}`}`}
  />
);
