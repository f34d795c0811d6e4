/// The parts of the console as the navigation shows them. A part has a folder of its own here, and its routes in
/// router.tsx.
export interface Part {
  to: string;
  name: string;
  /// Behind `g`.
  key: string;
}

export const parts: readonly Part[] = [
  { to: "/overview", name: "Overview", key: "v" },
  { to: "/orders", name: "Orders", key: "o" },
  { to: "/payments", name: "Payments", key: "m" },
  { to: "/log", name: "Log", key: "l" },
  { to: "/products", name: "Products", key: "p" },
  { to: "/couriers", name: "Couriers", key: "c" },
  { to: "/webhooks", name: "Webhooks", key: "w" },
  { to: "/sinks", name: "Sinks", key: "i" },
  { to: "/functions", name: "Functions", key: "f" },
  { to: "/cluster", name: "Cluster", key: "n" },
  { to: "/actors", name: "Actors", key: "a" },
  { to: "/audit", name: "Audit", key: "t" },
  { to: "/users", name: "Users", key: "u" },
  { to: "/keys", name: "Service keys", key: "k" },
  { to: "/scenarios", name: "Scenarios", key: "s" },
];
