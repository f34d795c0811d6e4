import { Link, useNavigate } from "@tanstack/react-router";

import { signOut } from "../session/session";
import { useSession } from "../session/use-session";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { exactTime } from "../words/times";

export function Account() {
  const who = useSession();
  const navigate = useNavigate();
  if (who.state !== "signed_in" || !who.account)
    return <Empty title="You are not signed in"><Link to="/sign-in" search={{ to: "/account" }} className="button">Sign in</Link></Empty>;
  return (
    <div className="stack narrow">
      <h1>Your account</h1>
      <div className="card stack">
        <dl className="facts">
          <dt>Name</dt><dd>{who.account.name}</dd>
          <dt>E-mail</dt><dd>{who.account.email}</dd>
          <dt>Since</dt><dd>{exactTime(who.account.created_at)}</dd>
        </dl>
        <Button onClick={() => void signOut().then(() => navigate({ to: "/" }))}>Sign out</Button>
      </div>
    </div>
  );
}
