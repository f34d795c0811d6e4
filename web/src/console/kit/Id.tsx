import { shortId } from "../../words/orders";

/// An id no longer than needed; whole where one points at it, and when it is copied.
export const Id = ({ of }: { of: string }) => (
  <code
    className="id"
    title={of}
    onCopy={(event) => {
      event.clipboardData.setData("text/plain", of);
      event.preventDefault();
    }}>
    {of.includes("_") ? shortId(of) : of}
  </code>
);
