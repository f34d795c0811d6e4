import "../elements/sign-in";

import type { ReactNode } from "react";

import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Skeleton } from "../ui/Skeleton";
import { signOut } from "./session";
import { useSession } from "./use-session";

/// What only those with one of the roles see; all others are asked to sign in, or are told which role it needs.
export function Guarded({ roles, children }: { roles: readonly string[]; children: ReactNode }) {
  const who = useSession();
  if (who.state === "unknown") return <Skeleton height={64} />;
  if (who.state === "signed_out")
    return (
      <div className="card">
        <h1 className="unseen">Sign in to go on</h1>
        <waybill-sign-in />
      </div>
    );
  if (who.user.roles.some((role) => roles.includes(role))) return children;
  return (
    <Empty isPage title="This is not for you">
      <p>
        It needs the role {roles.join(" or ")}.{" "}
        {who.account ? `You are signed in as ${who.account.email}.` : "You are not signed in."}
      </p>
      {who.account ? <Button onClick={() => void signOut()}>Sign out</Button> : <waybill-sign-in />}
    </Empty>
  );
}
