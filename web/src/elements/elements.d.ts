import type { DetailedHTMLProps, HTMLAttributes } from "react";

type Host = DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement>;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "waybill-sign-in": Host & { mode?: "sign-in" | "register" };
      "waybill-orders": Host & { href?: string };
      "waybill-notifications": Host & { href?: string };
      "waybill-order-tracker": Host & { order: string };
    }
  }
}
