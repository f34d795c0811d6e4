import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";

/// The console's parts about the system and its data. Each is loaded when it is opened.
export function systemRoutes(getParentRoute: () => AnyRoute) {
  const route = (path: string, component: ReturnType<typeof lazyRouteComponent>) =>
    createRoute({ getParentRoute, path, component });
  return [
    route(
      "/overview",
      lazyRouteComponent(() => import("./overview/Overview"), "Overview"),
    ),
    route(
      "/log",
      lazyRouteComponent(() => import("./log/Log"), "Log"),
    ),
    route(
      "/cluster",
      lazyRouteComponent(() => import("./cluster/Cluster"), "Cluster"),
    ),
    route(
      "/actors",
      lazyRouteComponent(() => import("./actors/Actors"), "Actors"),
    ),
    route(
      "/actors/$type/$id",
      lazyRouteComponent(() => import("./actors/Actor"), "Actor"),
    ),
    route(
      "/payments",
      lazyRouteComponent(() => import("./payments/Payments"), "Payments"),
    ),
    route(
      "/audit",
      lazyRouteComponent(() => import("./audit/Audit"), "Audit"),
    ),
    route(
      "/products",
      lazyRouteComponent(() => import("./products/Products"), "Products"),
    ),
    route(
      "/couriers",
      lazyRouteComponent(() => import("./couriers/Couriers"), "Couriers"),
    ),
    route(
      "/webhooks",
      lazyRouteComponent(() => import("./webhooks/Webhooks"), "Webhooks"),
    ),
    route(
      "/webhooks/$id",
      lazyRouteComponent(() => import("./webhooks/Webhook"), "Webhook"),
    ),
    route(
      "/sinks",
      lazyRouteComponent(() => import("./sinks/Sinks"), "Sinks"),
    ),
    route(
      "/sinks/$id",
      lazyRouteComponent(() => import("./sinks/Sink"), "Sink"),
    ),
    route(
      "/functions",
      lazyRouteComponent(() => import("./functions/Functions"), "Functions"),
    ),
    route(
      "/functions/$name",
      lazyRouteComponent(() => import("./functions/OneFunction"), "OneFunction"),
    ),
    route(
      "/users",
      lazyRouteComponent(() => import("./accounts/Users"), "Users"),
    ),
    route(
      "/scenarios",
      lazyRouteComponent(() => import("./scenarios/Scenarios"), "Scenarios"),
    ),
    route(
      "/scenarios/$number",
      lazyRouteComponent(() => import("./scenarios/Story"), "Story"),
    ),
    route(
      "/keys",
      lazyRouteComponent(() => import("./accounts/Keys"), "Keys"),
    ),
  ];
}
