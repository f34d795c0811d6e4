import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";

/// The console's parts about the system and its data. Each is loaded when it is opened.
export function systemRoutes(getParentRoute: () => AnyRoute) {
  const route = (path: string, component: ReturnType<typeof lazyRouteComponent>) => createRoute({ getParentRoute, path, component });
  return [
    route("/overview", lazyRouteComponent(() => import("./overview/Overview"), "Overview")),
  ];
}
