import { signOut } from "../session/session";
import { Guarded } from "../session/Guarded";
import { useSession } from "../session/use-session";
import { Button } from "../ui/Button";
import { StaleBar } from "../ui/StaleBar";
import icon from "../ui/icon.svg";
import { Choice } from "./Choice";
import { Desk } from "./Desk";

/// The courier whom an operator acts for, by the address: /courier/cur_...
const chosen = /^\/courier\/(cur_[0-9a-z]+)$/.exec(location.pathname)?.[1];
const operators = ["operator", "admin"];

function Place() {
  const who = useSession();
  if (who.state !== "signed_in") return null;
  const { id, roles } = who.user;
  const isOperator = roles.some((role) => operators.includes(role));
  // A user is one courier at most, whose id is the rest of theirs.
  const own = roles.includes("courier") ? id.replace(/^usr_/, "cur_") : undefined;
  const courier = (isOperator ? chosen : undefined) ?? own;
  return courier ? <Desk key={courier} id={courier} /> : <Choice />;
}

function Account() {
  const who = useSession();
  if (who.state !== "signed_in") return null;
  return (
    <nav aria-label="Account" className="row">
      {chosen && <a href="/courier">All couriers</a>}
      {who.account && (
        <Button kind="plain" onClick={() => void signOut()}>
          Sign out
        </Button>
      )}
    </nav>
  );
}

/// The courier's page, made for a phone and one hand.
export const Courier = () => (
  <div className="courier">
    <header className="top">
      <a href="/" className="brand">
        <img src={icon} alt="" />
        Waybill
      </a>
      <Account />
    </header>
    <StaleBar />
    <main>
      <Guarded roles={["courier", ...operators]}>
        <Place />
      </Guarded>
    </main>
  </div>
);
