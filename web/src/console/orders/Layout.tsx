import { type FormEvent, useState } from "react";

import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { columns, type Layout, layoutOf, saveLayout, usualLayout } from "./columns";

/// Which columns the list has, and how close its rows are. Kept in this browser.
export function ChooseLayout({ layout, onChange }: { layout: Layout; onChange: (layout: Layout) => void }) {
  const [isOpen, setOpen] = useState(false);

  function choose(next: Layout) {
    onChange(saveLayout(next));
    setOpen(false);
  }
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    choose(layoutOf(form.getAll("column").map(String), form.has("dense")));
  }

  return (
    <>
      <Button kind="plain tiny" onClick={() => setOpen(true)}>
        Columns
      </Button>
      {isOpen && (
        <Dialog title="What the list shows" onClose={() => setOpen(false)}>
          <form className="stack" onSubmit={send}>
            <fieldset className="choices column-choices">
              <legend className="legend">Columns</legend>
              {columns.map(({ name, title }) => (
                <label key={name} className="choice">
                  <input type="checkbox" name="column" value={name} defaultChecked={layout.columns.includes(name)} />
                  {title}
                </label>
              ))}
            </fieldset>
            <label className="choice">
              <input type="checkbox" name="dense" defaultChecked={layout.isDense} />
              Rows close to each other
            </label>
            <p className="soft small">It is kept in this browser. A phone shows what fits.</p>
            <div className="row">
              <Button kind="main" type="submit">
                Show these
              </Button>
              <Button onClick={() => choose(usualLayout)}>As usual</Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
