import { type InputHTMLAttributes, type TextareaHTMLAttributes, useContext, useId } from "react";

import { Wrong } from "./wrong";

interface Common {
  label: string;
  hint?: string | undefined;
  /// What is wrong with it; otherwise what the form around it knows.
  wrong?: string | undefined;
}

type Properties = Common &
  (
    | (InputHTMLAttributes<HTMLInputElement> & { lines?: undefined })
    | (TextareaHTMLAttributes<HTMLTextAreaElement> & { lines: number })
  );

/// An input with its label, its hint and what is wrong with it.
export function Field({ label, hint, wrong: given, lines, ...rest }: Properties) {
  const id = useId();
  const known = useContext(Wrong)(rest.name ?? "");
  const wrong = given ?? known;
  const about = {
    id,
    className: rest.className ? `input ${rest.className}` : "input",
    "aria-invalid": wrong ? true : undefined,
    "aria-describedby": [wrong && `${id}-wrong`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined,
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {lines === undefined ? (
        <input {...(rest as InputHTMLAttributes<HTMLInputElement>)} {...about} />
      ) : (
        <textarea {...(rest as TextareaHTMLAttributes<HTMLTextAreaElement>)} {...about} rows={lines} />
      )}
      {wrong && (
        <p id={`${id}-wrong`} className="wrong">
          {wrong}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
    </div>
  );
}
