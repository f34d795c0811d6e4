import { type FormEvent, useEffect, useRef, useState } from "react";

import { asProblem, type Problem } from "../api/problem";
import { register, resetPassword, signIn, signOut } from "../session/session";
import { useSession } from "../session/use-session";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Refused } from "../ui/Refused";
import { Skeleton } from "../ui/Skeleton";
import { wrongAt } from "../words/problems";
import { type Attributes, defineElement, tell } from "./define";
import style from "./sign-in.css?inline";

const shortestPassword = 10;

type Mode = "sign-in" | "register" | "reset";

const texts: Record<Mode, { title: string; action: string; unauthenticated: string }> = {
  "sign-in": {
    title: "Sign in",
    action: "Sign in",
    unauthenticated: "The e-mail address or the password is not right.",
  },
  register: { title: "Create an account", action: "Create account", unauthenticated: "" },
  reset: {
    title: "Set a new password",
    action: "Set the password",
    unauthenticated: "This code does not work: it may be mistyped, used already, or too old. Ask for a new one.",
  },
};

function Summary({ problem, mode }: { problem: Problem; mode: Mode }) {
  if (problem.errors.length > 0) return null;
  if (problem.code === "unauthenticated")
    return (
      <p className="notice tone-refused" role="alert">
        {texts[mode].unauthenticated}
      </p>
    );
  if (problem.code === "conflict")
    return (
      <p className="notice tone-refused" role="alert">
        There is an account with this e-mail address. Sign in instead.
      </p>
    );
  return <Refused problem={problem} />;
}

/// Sets the password, then signs in with it. False when only the first was possible: the address may be of another
/// account.
async function resetAndSignIn(email: string, code: string, password: string): Promise<boolean> {
  await resetPassword(code.trim(), password);
  return signIn(email, password).then(
    () => true,
    () => false,
  );
}

function Form({ mode: first, host }: Attributes<"mode">) {
  const [mode, setMode] = useState<Mode>(first === "register" || first === "reset" ? first : "sign-in");
  const [isSet, setSet] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), [mode]);

  function change(to: Mode) {
    setMode(to);
    setProblem(undefined);
    setSet(false);
  }

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) return;
    const values = new FormData(event.currentTarget);
    const text = (name: string) => String(values.get(name) ?? "");
    setBusy(true);
    setProblem(undefined);
    try {
      if (mode === "register") await register(text("name"), text("email"), text("password"));
      else if (mode === "sign-in") await signIn(text("email"), text("password"));
      else if (!(await resetAndSignIn(text("email"), text("code"), text("password")))) {
        change("sign-in");
        setSet(true);
        return;
      }
      tell(host, "signed-in");
    } catch (thrown) {
      const refused = asProblem(thrown);
      setProblem(refused);
      const isCode = mode === "reset" && refused.code === "unauthenticated";
      form.current?.querySelector<HTMLInputElement>(isCode ? "[name=code]" : "[name=password]")?.focus();
    } finally {
      setBusy(false);
    }
  }

  const isNew = mode !== "sign-in";
  return (
    <form ref={form} onSubmit={(event) => void send(event)} aria-busy={busy}>
      <h2>{texts[mode].title}</h2>
      {mode === "reset" && (
        <p className="soft">An administrator can make a code for you. It works once, and for a short time.</p>
      )}
      {isSet && (
        <p className="notice tone-done" role="status">
          Your new password is set. Sign in with it.
        </p>
      )}
      {problem && <Summary problem={problem} mode={mode} />}
      {mode === "register" && (
        <Field label="Name" name="name" autoComplete="name" required maxLength={200} wrong={wrongAt(problem, "name")} />
      )}
      <Field
        label="E-mail address"
        name="email"
        type="email"
        autoComplete="username"
        required
        wrong={wrongAt(problem, "email")}
      />
      {mode === "reset" && (
        <Field
          label="Code"
          name="code"
          required
          maxLength={256}
          autoComplete="one-time-code"
          spellCheck={false}
          autoCapitalize="none"
          placeholder="wbc_…"
          wrong={wrongAt(problem, "code")}
        />
      )}
      <Field
        key={mode}
        label={mode === "reset" ? "New password" : "Password"}
        name="password"
        type="password"
        required
        autoComplete={isNew ? "new-password" : "current-password"}
        minLength={isNew ? shortestPassword : undefined}
        wrong={wrongAt(problem, "password")}
        hint={isNew ? `At least ${shortestPassword} characters.` : undefined}
      />
      <Button kind="main wide" type="submit" busy={busy}>
        {texts[mode].action}
      </Button>
      {mode === "sign-in" && (
        <p className="switch">
          <Button kind="plain" onClick={() => change("reset")}>
            Forgot your password?
          </Button>
        </p>
      )}
      <p className="switch soft">
        {mode === "sign-in" ? "New here?" : mode === "register" ? "You have an account?" : "You know it again?"}
        <Button kind="plain" onClick={() => change(mode === "sign-in" ? "register" : "sign-in")}>
          {mode === "sign-in" ? "Create an account" : "Sign in"}
        </Button>
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
      <span>
        Signed in as <strong>{who.user.name}</strong>
      </span>
      <Button onClick={() => void signOut()}>Sign out</Button>
    </div>
  );
}

defineElement("waybill-sign-in", ["mode"], SignIn, style);
