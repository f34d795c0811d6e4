import { useNavigate, useSearch } from "../go";

type Search = Record<string, string | undefined>;

/// What stands behind the question mark of the address, and what changes it. An empty value leaves it.
export function useAddress(): [search: Search, change: (changed: Search, options?: { replace?: boolean }) => void] {
  const search = useSearch<Record<string, unknown>>();
  const navigate = useNavigate();
  const texts = Object.fromEntries(
    Object.entries(search).map(([name, value]) => [name, value === undefined ? undefined : String(value)]),
  );
  return [
    texts,
    (changed, { replace = true } = {}) => {
      const next = Object.entries({ ...texts, ...changed }).filter(([, value]) => value);
      void navigate({ to: ".", search: Object.fromEntries(next), replace });
    },
  ];
}
