import { Outlet } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { useLiveState } from "../live/use-live";
import { Guarded } from "../session/Guarded";
import { useRights } from "../session/rights";
import { signOut } from "../session/session";
import { useSession } from "../session/use-session";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { StaleBar } from "../ui/StaleBar";
import icon from "../ui/icon.svg";
import { useShortcuts } from "../ui/shortcuts";
import { Help } from "./Help";
import { Link, useNavigate, usePlace } from "./go";
import { parts } from "./parts";
import { Search } from "./Search";

/// Whether what is shown moves by itself.
function Live() {
  const { state } = useLiveState();
  const texts = { idle: "Not followed", connecting: "Connecting …", live: "Live", waiting: "Connection lost" };
  return (
    <span className={`live is-${state}`} role="status">
      {texts[state]}
    </span>
  );
}

function Person() {
  const who = useSession();
  const { mayChange } = useRights();
  if (who.state !== "signed_in") return null;
  if (!who.account)
    return (
      <span className="soft" title="This node lets everybody in without a sign-in.">
        Demo, {who.user.roles.join(", ")}
      </span>
    );
  return (
    <>
      {!mayChange && <Badge tone="waiting">Look only</Badge>}
      <span className="soft who" title={`${who.user.email}, ${who.user.roles.join(", ")}`}>
        {who.user.name}
      </span>
      <Button kind="plain tiny" onClick={() => void signOut()}>
        Sign out
      </Button>
    </>
  );
}

/// The parts. On a narrow screen they are a row that scrolls, and the one that is open is in sight.
function Parts() {
  const nav = useRef<HTMLElement>(null);
  const place = usePlace();
  useEffect(() => {
    const [row, open] = [nav.current, nav.current?.querySelector("[aria-current]")];
    if (!row || !open) return;
    const [{ left, right }, at] = [row.getBoundingClientRect(), open.getBoundingClientRect()];
    if (at.left < left || at.right > right) row.scrollLeft += at.left - left - (row.clientWidth - at.width) / 2;
  }, [place]);
  return (
    <nav ref={nav} aria-label="Console">
      {parts.map(({ to, name, key }) => (
        <Link key={to} to={to} className="part">
          {name}
          <span className="hint-keys" aria-hidden="true">
            g {key}
          </span>
        </Link>
      ))}
    </nav>
  );
}

/// What all pages of the console share.
export function Shell() {
  const navigate = useNavigate();
  const place = usePlace();
  useEffect(() => {
    const open = parts.find(({ to }) => place === to || place.startsWith(`${to}/`));
    document.title = `${open ? `${open.name} · ` : ""}Console · Waybill`;
  }, [place]);
  const [isHelpOpen, setHelpOpen] = useState(false);
  useShortcuts([
    ...parts.map(({ to, name, key }) => ({
      keys: `g ${key}`,
      text: `Go to ${name.toLowerCase()}`,
      run: () => void navigate({ to }),
    })),
    { keys: "?", text: "What the keys do", run: () => setHelpOpen(true) },
  ]);
  return (
    <div className="console">
      <a href="#content" className="skip">
        To the content
      </a>
      <header className="side">
        <a href="/" className="brand">
          <img src={icon} alt="" />
          Waybill
        </a>
        <Search />
        <Parts />
        <div className="foot">
          <Person />
          <span className="row between">
            <Live />
            <Button kind="plain tiny" aria-label="What the keys do" onClick={() => setHelpOpen(true)}>
              ?
            </Button>
          </span>
        </div>
      </header>
      <div className="content">
        <StaleBar />
        <main id="content" tabIndex={-1}>
          <Guarded roles={["observer", "operator", "admin"]}>
            <Outlet />
          </Guarded>
        </main>
      </div>
      {isHelpOpen && <Help onClose={() => setHelpOpen(false)} />}
    </div>
  );
}
