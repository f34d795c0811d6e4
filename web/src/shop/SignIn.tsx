import "../elements/sign-in";

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";

import { useSession } from "../session/use-session";

export function SignIn() {
  const { to = "/orders" } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const { state } = useSession();
  useEffect(() => {
    // Also when it happened in another tab.
    if (state === "signed_in") void navigate({ to, replace: true });
  }, [state, to, navigate]);
  return <div className="card narrow"><waybill-sign-in /></div>;
}
