import { shortId } from "../../words/orders";

/// From so many characters on a position of the log is shown by its end.
const long = 24;
const shown = (id: string) => (id.includes("_") ? shortId(id) : id.length < long ? id : `…${id.slice(-8)}`);

/// An id no longer than needed; whole where one points at it, and when it is copied.
export const Id = ({ of }: { of: string }) => (
  <code
    className="id"
    title={of}
    onCopy={(event) => {
      event.clipboardData.setData("text/plain", of);
      event.preventDefault();
    }}>
    {shown(of)}
  </code>
);
