import { useSession } from "./use-session";

export interface Rights {
  /// Whether they may act: an observer sees what operators see, and changes nothing.
  mayChange: boolean;
  isAdmin: boolean;
}

/// By the roles of somebody who may be in the console at all.
export const rightsOf = (roles: readonly string[]): Rights => ({
  mayChange: roles.includes("operator") || roles.includes("admin"),
  isAdmin: roles.includes("admin"),
});

/// What whoever is signed in may do in the console. The node decides; this keeps from offering what it refuses.
export function useRights(): Rights {
  const who = useSession();
  return rightsOf(who.state === "signed_in" ? who.user.roles : []);
}
