import { type FormEvent, useEffect, useRef, useState } from "react";

import { asProblem, type Problem } from "../api/problem";
import { register, signIn, signOut } from "../session/session";
import { useSession } from "../session/use-session";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Refused } from "../ui/Refused";
import { Skeleton } from "../ui/Skeleton";
import { sentence } from "../words/problems";
import { type Attributes, defineElement, tell } from "./define";
import style from "./sign-in.css?inline";

const shortestPassword = 10;

/// Where a problem belongs: at a field, or above them.
const at = (problem: Problem | undefined, field: string) => {
  const detail = problem?.errors.find(({ pointer }) => pointer === `/${field}`)?.detail;
  return detail ? sentence(detail) : undefined;
};

function Summary({ problem }: { problem: Problem }) {
  if (problem.errors.length > 0) return null;
  if (problem.code === "unauthenticated")
    return <p className="notice tone-refused" role="alert">The e-mail address or the password is not right.</p>;
  if (problem.code === "conflict")
    return <p className="notice tone-refused" role="alert">There is an account with this e-mail address. Sign in instead.</p>;
  return <Refused problem={problem} />;
}

function Form({ mode, host }: Attributes<"mode">) {
  const [isNew, setNew] = useState(mode === "register");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), [isNew]);

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) return;
    const values = new FormData(event.currentTarget);
    const text = (name: string) => String(values.get(name) ?? "");
    setBusy(true);
    setProblem(undefined);
    try {
      if (isNew) await register(text("name"), text("email"), text("password"));
      else await signIn(text("email"), text("password"));
      tell(host, "signed-in");
    } catch (thrown) {
      setProblem(asProblem(thrown));
      form.current?.querySelector<HTMLInputElement>("[name=password]")?.focus();
    } finally {
      setBusy(false);
    }
  }

  return (
    <form ref={form} onSubmit={(event) => void send(event)} aria-busy={busy}>
      <h2>{isNew ? "Create an account" : "Sign in"}</h2>
      {problem && <Summary problem={problem} />}
      {isNew && <Field label="Name" name="name" autoComplete="name" required maxLength={200} wrong={at(problem, "name")} />}
      <Field label="E-mail address" name="email" type="email" autoComplete="username" required wrong={at(problem, "email")} />
      <Field label="Password" name="password" type="password" required autoComplete={isNew ? "new-password" : "current-password"}
             minLength={isNew ? shortestPassword : undefined} wrong={at(problem, "password")}
             hint={isNew ? `At least ${shortestPassword} characters.` : undefined} />
      <Button kind="main wide" type="submit" busy={busy}>{isNew ? "Create account" : "Sign in"}</Button>
      <p className="switch soft">
        {isNew ? "You have an account?" : "New here?"}
        <Button kind="plain" onClick={() => { setNew(!isNew); setProblem(undefined); }}>{isNew ? "Sign in" : "Create an account"}</Button>
      </p>
    </form>
  );
}

function SignIn(attributes: Attributes<"mode">) {
  const who = useSession();
  if (who.state === "unknown") return <Skeleton height={64} />;
  if (who.state === "signed_out" || !who.account) return <Form {...attributes} />;
  return (
    <div className="row between">
      <span>Signed in as <strong>{who.user.name}</strong></span>
      <Button onClick={() => void signOut()}>Sign out</Button>
    </div>
  );
}

defineElement("waybill-sign-in", ["mode"], SignIn, style);
