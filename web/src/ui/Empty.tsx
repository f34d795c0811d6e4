import type { ReactNode } from "react";

/// What would be here, and how to get it. `isPage`: there is nothing else, and the title is that of the page.
export const Empty = ({
  title,
  isPage = false,
  children,
}: {
  title: string;
  isPage?: boolean;
  children?: ReactNode;
}) => (
  <div className="empty">
    {isPage ? <h1>{title}</h1> : <strong>{title}</strong>}
    {children}
  </div>
);
