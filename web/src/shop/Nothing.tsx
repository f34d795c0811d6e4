import { Link } from "@tanstack/react-router";

import { Empty } from "../ui/Empty";

export const Nothing = () => (
  <Empty title="There is no such page">
    <Link to="/" className="button">
      To the products
    </Link>
  </Empty>
);
