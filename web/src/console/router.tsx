import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { Empty } from "../ui/Empty";
import { Skeleton } from "../ui/Skeleton";
import { Shell } from "./Shell";
import { systemRoutes } from "./system-routes";

const Nothing = () => (
  <Empty title="There is no such page">
    <p>The navigation shows what there is.</p>
  </Empty>
);
const Loading = () => (
  <div className="stack">
    <Skeleton width={48} height={8} />
    <Skeleton height={64} />
  </div>
);

const root = createRootRoute({ component: Shell, notFoundComponent: Nothing });
const getParentRoute = () => root;

const start = createRoute({
  getParentRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/overview" as "/", replace: true });
  },
});
const orders = createRoute({
  getParentRoute,
  path: "/orders",
  component: lazyRouteComponent(() => import("./orders/Orders"), "Orders"),
});
const order = createRoute({
  getParentRoute,
  path: "/orders/$id",
  component: lazyRouteComponent(() => import("./order/Order"), "Order"),
});

const bulk = createRoute({
  getParentRoute,
  path: "/bulk/$id",
  component: lazyRouteComponent(() => import("./bulk/Bulk"), "Bulk"),
});

export const router = createRouter({
  routeTree: root.addChildren([start, orders, order, bulk, ...systemRoutes(getParentRoute)]),
  basepath: "/console",
  // As people write addresses: a parameter is a text, `retrying=true` too.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return text && `?${text}`;
  },
  defaultPendingComponent: Loading,
});
