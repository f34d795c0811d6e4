import { Link, Outlet } from "@tanstack/react-router";

import { useNotifications } from "../orders/use-notifications";
import { useSession } from "../session/use-session";
import { StaleBar } from "../ui/StaleBar";
import icon from "../ui/icon.svg";
import { countOf, useCart } from "./cart/cart";

const Count = ({ of: number, words }: { of: number; words: string }) =>
  number > 0 ? <span className="count"><span aria-hidden="true">{number}</span><span className="unseen">{number} {words}</span></span> : null;

function Account() {
  const who = useSession();
  const { unread } = useNotifications();
  if (who.state === "unknown") return null;
  if (who.state === "signed_out") return <Link to="/sign-in" className="tab">Sign in</Link>;
  return (
    <>
      <Link to="/orders" className="tab">Orders</Link>
      <Link to="/notifications" className="tab">News <Count of={unread} words="unread" /></Link>
      <Link to="/account" className="tab">{who.user.name.split(" ")[0]}</Link>
    </>
  );
}

/// What all pages of the shop share.
export function Shell() {
  const cart = useCart();
  return (
    <div className="shell">
      <header className="top">
        <div>
          <Link to="/" className="brand"><img src={icon} alt="" />Waybill</Link>
          <nav aria-label="Shop">
            <Link to="/" className="tab" activeOptions={{ exact: true }}>Products</Link>
            <Account />
          </nav>
          <Link to="/cart" className="tab cart">Cart <Count of={countOf(cart)} words="in it" /></Link>
        </div>
      </header>
      <StaleBar />
      <main><Outlet /></main>
      <footer className="bottom"><a href="/">About this system</a><a href="/docs">API</a></footer>
    </div>
  );
}
