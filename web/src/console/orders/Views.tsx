import { type FormEvent, useState } from "react";

import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { Link } from "../go";
import type { Filters } from "./filters";
import { isSame, ownViews, removeView, savedViews, saveView } from "./views";

/// Sets of filters with a name: ours, and those that are kept in this browser.
export function Views({ filters }: { filters: Filters }) {
  const [saved, setSaved] = useState(savedViews);
  const [isAsking, setAsking] = useState(false);
  const known = [...ownViews, ...saved];
  const isKnown = known.some((view) => isSame(view.filters, filters));

  function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setSaved(saveView({ name: String(new FormData(event.currentTarget).get("name")).trim(), filters }));
    setAsking(false);
  }

  return (
    <nav className="views" aria-label="Views">
      {known.map((view) => (
        <span key={view.name} className="view">
          <Link
            to="/orders"
            search={{ ...view.filters }}
            className="tab"
            aria-current={isSame(view.filters, filters) ? "page" : undefined}
            activeOptions={{ exact: true, includeSearch: true }}>
            {view.name}
          </Link>
          {saved.includes(view) && isSame(view.filters, filters) && (
            <Button
              kind="plain tiny"
              aria-label={`Remove the view ${view.name}`}
              onClick={() => setSaved(removeView(view.name))}>
              ×
            </Button>
          )}
        </span>
      ))}
      {!isKnown && (
        <Button kind="plain tiny" onClick={() => setAsking(true)}>
          Save as a view
        </Button>
      )}
      {isAsking && (
        <Dialog title="Save these filters" onClose={() => setAsking(false)}>
          <form className="stack" onSubmit={save}>
            <Field
              label="Name"
              name="name"
              required
              maxLength={40}
              hint="It is kept in this browser. A view of the same name is replaced."
            />
            <div className="row">
              <Button kind="main" type="submit">
                Save
              </Button>
              <Button onClick={() => setAsking(false)}>Cancel</Button>
            </div>
          </form>
        </Dialog>
      )}
    </nav>
  );
}
