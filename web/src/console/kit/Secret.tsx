import type { ReactNode } from "react";

import { Button } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Dialog } from "../../ui/Dialog";

/// A secret that the system shows this once. It is left by the button only: a key pressed by accident loses nothing.
export const Secret = ({
  title,
  secret,
  onClose,
  children,
}: {
  title: string;
  secret: string;
  onClose: () => void;
  children: ReactNode;
}) => (
  <Dialog title={title} onClose={onClose} held>
    <p className="soft">{children} It is shown this once: keep it now.</p>
    <div className="secret">
      <code>{secret}</code>
    </div>
    <div className="row">
      <Copy text={secret} label="Copy it" />
      <Button kind="main" onClick={onClose}>
        I have kept it
      </Button>
    </div>
  </Dialog>
);
