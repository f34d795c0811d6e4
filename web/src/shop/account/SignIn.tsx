import "../../elements/sign-in";

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";

import { useSession } from "../../session/use-session";

export function SignIn() {
  const { to = "/orders" } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const who = useSession();
  const hasAccount = who.state === "signed_in" && who.account !== undefined;
  useEffect(() => {
    // Also when it happened in another tab.
    if (hasAccount) void navigate({ to, replace: true });
  }, [hasAccount, to, navigate]);
  return (
    <div className="card narrow">
      <h1 className="unseen">Your account</h1>
      <waybill-sign-in />
    </div>
  );
}
