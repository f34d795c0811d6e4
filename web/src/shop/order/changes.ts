import type { Schema } from "../../api/client";

/// How somebody wants an order to be.
export interface Wish {
  name: string;
  address: string;
  note: string;
  /// Zero takes a product out.
  lines: readonly Pick<Schema["OrderLine"], "product_id" | "name" | "quantity">[];
}

interface Changes {
  delivery?: { name?: string; address?: string };
  note?: string | null;
  lines?: { product_id: string; quantity: number }[];
}

/// What is to be sent so that the order becomes as it is wanted; undefined when it is so already. Lines that stay are
/// not sent: they would be priced and paid anew.
export function changesOf(
  { delivery, note, lines }: Pick<Schema["Order"], "delivery" | "note" | "lines">,
  wish: Wish,
): Changes | undefined {
  const changes: Changes = {};
  const [name, address, newNote] = [wish.name.trim(), wish.address.trim(), wish.note.trim()];
  if (name !== delivery.name || address !== delivery.address)
    changes.delivery = { ...(name !== delivery.name && { name }), ...(address !== delivery.address && { address }) };
  if (newNote !== note) changes.note = newNote || null;
  const isOther = wish.lines.some(
    ({ product_id, quantity }) => lines.find((line) => line.product_id === product_id)?.quantity !== quantity,
  );
  if (isOther)
    changes.lines = wish.lines.flatMap(({ product_id, quantity }) => (quantity > 0 ? [{ product_id, quantity }] : []));
  return Object.keys(changes).length > 0 ? changes : undefined;
}
