import { useState } from "react";

import { Guarded } from "../session/Guarded";
import { signOut } from "../session/session";
import { useSession } from "../session/use-session";
import { StoryList } from "../stories/StoryList";
import { StoryView } from "../stories/StoryView";
import { Button } from "../ui/Button";
import { StaleBar } from "../ui/StaleBar";
import icon from "../ui/icon.svg";
import { shortId } from "../words/orders";

/// The scenario that the address names: /scenario/3
const chosen = /^\/scenario\/(\d+)$/.exec(location.pathname)?.[1];

function Account() {
  const who = useSession();
  if (who.state !== "signed_in") return null;
  return (
    <nav aria-label="Account" className="row">
      {who.account ? (
        <>
          <span className="soft who" title={who.user.email}>
            {who.user.name}
          </span>
          <Button kind="plain" onClick={() => void signOut()}>
            Sign out
          </Button>
        </>
      ) : (
        <span className="soft" title="This node lets everybody in without a sign-in.">
          Demo
        </span>
      )}
    </nav>
  );
}

/// A story that is played at once, because its address means that; a page that is opened again shows the run that it
/// had.
function Chosen({ number }: { number: string }) {
  const [run, setRun] = useState(new URLSearchParams(location.search).get("run") ?? "");
  const takeRun = (begun: string) => {
    history.replaceState(null, "", `?run=${begun}`);
    setRun(begun);
  };
  return (
    <StoryView
      number={number}
      run={run}
      onRun={takeRun}
      startsByItself
      back={<a href="/scenarios">← Scenarios</a>}
      orderLink={(order) => (
        <a href={`/console/orders/${order}`}>
          <code title={order}>{shortId(order)}</code>
        </a>
      )}
    />
  );
}

/// The stories for whoever comes by: /scenarios has all of them, and the address of one plays it.
export const Scenarios = () => (
  <div className="scenarios">
    <a href="#content" className="skip">
      To the content
    </a>
    <header className="top">
      <a href="/" className="brand">
        <img src={icon} alt="" />
        Waybill
      </a>
      <Account />
    </header>
    <StaleBar />
    <main id="content" tabIndex={-1}>
      <Guarded roles={["observer", "operator", "admin"]}>
        {chosen === undefined ? (
          <StoryList link={(scenario, title) => <a href={`/scenario/${scenario}`}>{title}</a>} />
        ) : (
          <Chosen number={chosen} />
        )}
      </Guarded>
    </main>
  </div>
);
