import { Link, useNavigate } from "@tanstack/react-router";

import { signOut } from "../../session/session";
import { useSession } from "../../session/use-session";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { exactTime } from "../../words/times";
import { ChangeAccount, passwordFields, profileFields } from "./ChangeAccount";

export function Account() {
  const who = useSession();
  const navigate = useNavigate();
  if (who.state === "unknown") return null;
  if (who.state === "signed_out" || !who.account)
    return (
      <Empty title={who.state === "signed_in" ? "You use the demo user" : "You are not signed in"}>
        {who.state === "signed_in" && (
          <p>
            This node lets in everybody who comes from its own machine. With an account you have orders of your own.
          </p>
        )}
        <Link to="/sign-in" search={{ to: "/account" }} className="button main">
          Sign in
        </Link>
      </Empty>
    );
  const { account } = who;
  return (
    <div className="stack narrow">
      <h1>Your account</h1>
      <ChangeAccount title="Profile" done="Your profile is changed." fields={profileFields(account)} />
      <ChangeAccount
        title="New password"
        done="Your password is changed. All other sessions have ended."
        fields={passwordFields}
      />
      <div className="card row between">
        <span className="soft small">Customer since {exactTime(account.created_at)}</span>
        <Button onClick={() => void signOut().then(() => navigate({ to: "/" }))}>Sign out</Button>
      </div>
    </div>
  );
}
