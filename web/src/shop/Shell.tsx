import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { useUnread } from "../orders/use-notifications";
import { useSession } from "../session/use-session";
import { Dialog } from "../ui/Dialog";
import { useShortcuts } from "../ui/shortcuts";
import { StaleBar } from "../ui/StaleBar";
import icon from "../ui/icon.svg";
import { countOf, useCart } from "./cart/cart";

const Count = ({ of: number, words }: { of: string; words: string }) =>
  number ? (
    <span className="count">
      <span aria-hidden="true">{number}</span>
      <span className="unseen">
        {number} {words}
      </span>
    </span>
  ) : null;

function Account() {
  const who = useSession();
  const unread = useUnread();
  if (who.state === "unknown") return null;
  if (who.state === "signed_out")
    return (
      <Link to="/sign-in" className="tab">
        Sign in
      </Link>
    );
  return (
    <>
      <Link to="/orders" className="tab">
        Orders
      </Link>
      <Link to="/notifications" className="tab">
        News <Count of={unread} words="unread" />
      </Link>
      <Link to="/account" className="tab">
        {who.user.name.split(" ")[0]}
      </Link>
    </>
  );
}

/// The keys of the shop; `?` lists them.
function Keys() {
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const go = (keys: string, text: string, to: string) => ({ keys, text, run: () => void navigate({ to }) });
  const list = [
    {
      keys: "/",
      text: "Search products",
      run: () =>
        void navigate({ to: "/" }).then(() => document.querySelector<HTMLInputElement>("[type=search]")?.focus()),
    },
    go("g p", "Products", "/"),
    go("g c", "Cart", "/cart"),
    go("g o", "Your orders", "/orders"),
    go("g n", "News", "/notifications"),
    go("g a", "Your account", "/account"),
    { keys: "?", text: "These keys", run: () => setOpen(true) },
  ];
  useShortcuts(list);
  if (!isOpen) return null;
  return (
    <Dialog title="Keys" onClose={() => setOpen(false)}>
      <dl className="facts keys">
        {list.map(({ keys, text }) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <button type="button" className="button" onClick={() => setOpen(false)}>
        Close
      </button>
    </Dialog>
  );
}

/// What all pages of the shop share.
export function Shell() {
  const inCart = countOf(useCart());
  return (
    <div className="shell">
      <header className="top">
        <a
          href="#content"
          className="skip"
          onClick={(event) => {
            event.preventDefault();
            document.getElementById("content")?.focus();
          }}>
          To the content
        </a>
        <div>
          <Link to="/" className="brand">
            <img src={icon} alt="" />
            Waybill
          </Link>
          <nav aria-label="Shop">
            <Link to="/" className="tab" activeOptions={{ exact: true }}>
              Products
            </Link>
            <Account />
          </nav>
          <Link to="/cart" className="tab cart">
            Cart <Count of={inCart ? String(inCart) : ""} words="in it" />
          </Link>
        </div>
      </header>
      <StaleBar />
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <footer className="bottom">
        <a href="/">About this system</a>
        <a href="/docs">API</a>
        <span>
          Press <kbd>?</kbd> for keys
        </span>
      </footer>
      <Keys />
    </div>
  );
}
