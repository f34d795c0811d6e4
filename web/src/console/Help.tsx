import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { shortcuts } from "../ui/shortcuts";

const namesOfKeys: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓", Enter: "Enter" };

/// What the keys do on the page that is open.
export const Help = ({ onClose }: { onClose: () => void }) => (
  <Dialog title="Keyboard" onClose={onClose}>
    <dl className="keys">
      {shortcuts.all().map(({ keys, text }) => (
        <div key={keys}>
          <dt>
            {keys.split(" ").map((key, index) => (
              <kbd key={index}>{namesOfKeys[key] ?? key}</kbd>
            ))}
          </dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
    <div className="row">
      <Button onClick={onClose}>Close</Button>
    </div>
  </Dialog>
);
