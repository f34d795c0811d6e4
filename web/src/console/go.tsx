import {
  Link as AnyLink,
  useLocation,
  useNavigate as useAnyNavigate,
  useParams as useAnyParams,
  useSearch as useAnySearch,
} from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ComponentType } from "react";

// The router's types know one router in all of web/, which is the shop's. These are the same functions, for the
// console's addresses.

export interface Target {
  to: string;
  params?: Record<string, string>;
  search?: Record<string, unknown> | ((before: Record<string, unknown>) => Record<string, unknown>);
  replace?: boolean;
}

type LinkProperties = Omit<Target, "replace"> &
  AnchorHTMLAttributes<HTMLAnchorElement> & { activeOptions?: { exact?: boolean; includeSearch?: boolean } };

export const Link = AnyLink as unknown as ComponentType<LinkProperties>;
export const useNavigate = useAnyNavigate as unknown as () => (target: Target) => Promise<void>;
export const useParams = useAnyParams.bind(undefined, { strict: false } as never) as <Params>() => Params;
export const useSearch = useAnySearch.bind(undefined, { strict: false } as never) as <Search>() => Search;
/// The path of the page that is shown.
export const usePlace = (): string => useLocation({ select: ({ pathname }) => pathname });
