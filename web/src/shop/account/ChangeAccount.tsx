import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { api, get } from "../../api/client";
import { asProblem, type Problem } from "../../api/problem";
import { learn, signIn, type User } from "../../session/session";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Refused } from "../../ui/Refused";
import { sentence } from "../../words/problems";

type Name = "name" | "email" | "password";

interface AccountField {
  name: Name;
  label: string;
  type: "text" | "email" | "password";
  autoComplete: string;
  value?: string;
  hint?: string;
}

export const profileFields = ({ name, email }: User): AccountField[] => [
  { name: "name", label: "Name", type: "text", autoComplete: "name", value: name },
  {
    name: "email",
    label: "E-mail address",
    type: "email",
    autoComplete: "email",
    value: email,
    hint: "A new one needs your password.",
  },
];
export const passwordFields: AccountField[] = [
  {
    name: "password",
    label: "New password",
    type: "password",
    autoComplete: "new-password",
    hint: "At least 10 characters. All sessions on other devices end.",
  },
];

interface Properties {
  title: string;
  done: string;
  fields: readonly AccountField[];
}

/// Says of a problem what the form can say better.
function Summary({ problem }: { problem: Problem }) {
  if (problem.errors.length > 0) return null;
  const text =
    problem.code === "conflict"
      ? "There is another account with this e-mail address."
      : problem.code === "unauthenticated" || problem.code === "forbidden"
        ? "The present password is not right."
        : "";
  return text ? (
    <p className="notice tone-refused" role="alert">
      {text}
    </p>
  ) : (
    <Refused problem={problem} />
  );
}

/// Changes some of the account. What one signs in with needs the present password, and a new password begins a new
/// session.
export function ChangeAccount({ title, done, fields }: Properties) {
  const [values, setValues] = useState<Partial<Record<Name, string>>>({});
  const [current, setCurrent] = useState("");
  const changed = Object.fromEntries(
    fields.flatMap(({ name, value = "" }) => {
      const wanted = values[name] ?? value;
      return wanted === value ? [] : [[name, wanted]];
    }),
  ) as Partial<Record<Name, string>>;
  const needsPassword = "email" in changed || "password" in changed;
  const { mutate, isPending, isSuccess, error, reset } = useMutation({
    mutationFn: async () => {
      const user = await get(
        api.PATCH("/v1/me", { body: { ...changed, ...(needsPassword && { current_password: current }) } }),
      );
      if (changed.password) await signIn(user.email, changed.password);
      else learn(user);
    },
    onSuccess: () => {
      setValues({});
      setCurrent("");
    },
  });
  const problem = error ? asProblem(error) : undefined;
  const wrongAt = (name: string) => {
    const detail = problem?.errors.find(({ pointer }) => pointer === `/${name}`)?.detail;
    return detail ? sentence(detail) : undefined;
  };
  function send(event: FormEvent) {
    event.preventDefault();
    if (!isPending && Object.keys(changed).length > 0) mutate();
  }
  return (
    <form className="card stack" onSubmit={send} aria-busy={isPending} aria-label={title}>
      <h2>{title}</h2>
      {fields.map(({ name, value = "", ...rest }) => (
        <Field
          key={name}
          name={name}
          {...rest}
          required
          value={values[name] ?? value}
          wrong={wrongAt(name)}
          maxLength={name === "password" ? 128 : 200}
          minLength={name === "password" ? 10 : undefined}
          onChange={({ target }) => {
            if (isSuccess || error) reset();
            setValues({ ...values, [name]: target.value });
          }}
        />
      ))}
      {needsPassword && (
        <Field
          label="Present password"
          name="current_password"
          type="password"
          autoComplete="current-password"
          required
          value={current}
          wrong={wrongAt("current_password")}
          onChange={({ target }) => setCurrent(target.value)}
        />
      )}
      {problem && <Summary problem={problem} />}
      <div role="status">{isSuccess && <p className="notice tone-done">{done}</p>}</div>
      <Button type="submit" busy={isPending} disabled={Object.keys(changed).length === 0}>
        {isPending ? "Changing …" : "Change"}
      </Button>
    </form>
  );
}
