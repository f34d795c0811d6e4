/// The parts of the console as the navigation shows them. A part has a folder of its own here, and its routes in router.tsx.
export interface Part {
  to: string;
  name: string;
  /// Behind `g`.
  key: string;
}

export const parts: readonly Part[] = [
  { to: "/orders", name: "Orders", key: "o" },
];
