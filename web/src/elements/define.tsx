import { QueryClientProvider } from "@tanstack/react-query";
import type { ComponentType, MouseEvent } from "react";
import { createRoot, type Root } from "react-dom/client";

import { queries } from "../api/queries";
import { startSession } from "../session/session";
import { sheet } from "../ui/sheet";

/// What a component gets: the element's attributes, and the element, at which it tells the page of what happened.
export type Attributes<Name extends string> = Record<Name, string> & { host: HTMLElement };

/// Tells the page: `element.addEventListener("waybill-signed-in", ...)`.
export const tell = (host: HTMLElement, name: string, detail?: unknown) =>
  host.dispatchEvent(new CustomEvent(`waybill-${name}`, { detail, bubbles: true, composed: true }));

/// Tells the page that an order was chosen by a link. A page that has its own way cancels it, and the link is not
/// followed.
export function choose(event: MouseEvent, host: HTMLElement, order: string) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const chosen = new CustomEvent("waybill-order-chosen", {
    detail: { order },
    bubbles: true,
    composed: true,
    cancelable: true,
  });
  if (!host.dispatchEvent(chosen)) event.preventDefault();
}

/// Defines a custom element: the component in a shadow root, where no style of the page reaches it but by custom
/// properties.
export function defineElement<Name extends string>(
  name: `waybill-${string}`,
  attributes: readonly Name[],
  Component: ComponentType<Attributes<Name>>,
  style = "",
) {
  if (customElements.get(name)) return;
  // A constructed sheet, because the pages allow no style that is written into them.
  const ownSheet = new CSSStyleSheet();
  ownSheet.replaceSync(sheet + style);

  class Element extends HTMLElement {
    static observedAttributes = attributes;
    private root: Root | undefined;

    connectedCallback() {
      startSession();
      if (!this.root) {
        const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
        shadow.adoptedStyleSheets = [ownSheet];
        this.root = createRoot(shadow);
      }
      this.show();
    }

    disconnectedCallback() {
      // Later, because the page may be rendering now, and may put the element back somewhere else.
      setTimeout(() => {
        if (this.isConnected) return;
        this.root?.unmount();
        this.root = undefined;
      });
    }

    attributeChangedCallback() {
      this.show();
    }

    private show() {
      const values = Object.fromEntries(attributes.map((key) => [key, this.getAttribute(key) ?? ""]));
      this.root?.render(
        <QueryClientProvider client={queries}>
          <Component {...(values as Record<Name, string>)} host={this} />
        </QueryClientProvider>,
      );
    }
  }
  customElements.define(name, Element);
}
