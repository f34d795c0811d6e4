import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";

import { Account } from "./account/Account";
import { Cart } from "./cart/Cart";
import { Catalogue } from "./Catalogue";
import { Nothing } from "./Nothing";
import { Order } from "./order/Order";
import { Notifications, Orders } from "./order/Orders";
import { Shell } from "./Shell";
import { SignIn } from "./account/SignIn";

const root = createRootRoute({ component: Shell, notFoundComponent: Nothing });
const text = (value: unknown) => (typeof value === "string" ? value : "");

const catalogue = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: Catalogue,
  validateSearch: (search: Record<string, unknown>): { q?: string } =>
    text(search["q"]) ? { q: text(search["q"]) } : {},
});
const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: SignIn,
  validateSearch: (search: Record<string, unknown>): { to?: string } =>
    text(search["to"]) ? { to: text(search["to"]) } : {},
});
const pages = [
  catalogue,
  signIn,
  createRoute({ getParentRoute: () => root, path: "/cart", component: Cart }),
  createRoute({ getParentRoute: () => root, path: "/orders", component: Orders }),
  createRoute({ getParentRoute: () => root, path: "/orders/$id", component: Order }),
  createRoute({ getParentRoute: () => root, path: "/notifications", component: Notifications }),
  createRoute({ getParentRoute: () => root, path: "/account", component: Account }),
] as const;

export const router = createRouter({ routeTree: root.addChildren(pages), basepath: "/shop" });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
