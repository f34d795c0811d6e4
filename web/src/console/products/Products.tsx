import "../kit/kit.css";

import { type FormEvent, useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { useLive } from "../../live/use-live";
import { useReadAgain } from "../../live/use-read-again";
import { useRights } from "../../session/rights";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { useVisible } from "../../live/use-visible";
import { amountText } from "../../words/money";
import { useAddress } from "../kit/address";
import { CardTable } from "../kit/GridTable";
import { ListStates } from "../kit/ListStates";
import { paged, usePages } from "../kit/pages";
import { AddProduct, AdjustStock, ChangeProduct, Withdraw } from "./dialogs";

type Product = Schema["Product"];
type Open = { what: "stock" | "change" | "withdraw"; product: Product } | { what: "add" };
/// At and below it a shop wants to know.
const low = 5;

/// The catalogue with its stock, as it moves.
export function Products() {
  const [{ q = "" }, change] = useAddress();
  const [open, setOpen] = useState<Open>();
  const { mayChange, isAdmin } = useRights();
  const products = usePages(["products", "console", q], (cursor) =>
    get(api.GET("/v1/products", { params: { query: { ...paged(cursor), ...(q && { q }) } } })),
  );
  const readAgain = useReadAgain(["products"]);
  const isVisible = useVisible();
  useLive(isVisible ? { types: ["stock.*", "product.*"] } : undefined, readAgain.soon, readAgain.now);
  const close = () => {
    setOpen(undefined);
    readAgain.now();
  };
  function search(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    change({ q: String(new FormData(event.currentTarget).get("q")).trim() }, { replace: false });
  }
  return (
    <div className="stack">
      <div className="page-head">
        <h1>Products and stock</h1>
        <div className="tools">
          <form role="search" className="tools" onSubmit={search}>
            <label>
              Search
              <input key={q} className="input" type="search" name="q" defaultValue={q} placeholder="Name or SKU" />
            </label>
            <Button type="submit">Search</Button>
          </form>
          {isAdmin && (
            <Button kind="main" onClick={() => setOpen({ what: "add" })}>
              Add a product
            </Button>
          )}
        </div>
      </div>
      <ListStates
        list={products}
        more="Show more products"
        empty={
          <Empty title={q ? `Nothing is called “${q}”` : "No products yet"}>
            <p>{q ? "Try another word." : "A product that is added can be ordered at once."}</p>
          </Empty>
        }>
        {(items) => (
          <CardTable
            columns={[
              "Product",
              { number: "Price" },
              { number: "On hand" },
              { number: "Reserved" },
              { number: "Available" },
            ]}
            hasActions>
            {items.map((product) => (
              <tr key={product.id}>
                <td>
                  {product.name}
                  <small>
                    <code>{product.sku}</code>
                  </small>
                </td>
                <td className="end">{amountText(product.price)}</td>
                <td className="end" data-name="on hand">
                  {product.on_hand}
                </td>
                <td className="end" data-name="reserved">
                  {product.reserved}
                </td>
                <td className="end" data-name="available">
                  {product.available === 0 ? (
                    <Badge tone="refused">None</Badge>
                  ) : product.available <= low ? (
                    <Badge tone="attention">{product.available}</Badge>
                  ) : (
                    product.available
                  )}
                </td>
                <td className="end">
                  {mayChange && (
                    <Button
                      kind="tiny"
                      aria-label={`Change the stock of ${product.name}`}
                      onClick={() => setOpen({ what: "stock", product })}>
                      Stock
                    </Button>
                  )}{" "}
                  {isAdmin && (
                    <>
                      <Button
                        kind="tiny"
                        aria-label={`Change ${product.name}`}
                        onClick={() => setOpen({ what: "change", product })}>
                        Change
                      </Button>{" "}
                      <Button
                        kind="tiny"
                        aria-label={`Withdraw ${product.name}`}
                        onClick={() => setOpen({ what: "withdraw", product })}>
                        Withdraw
                      </Button>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </CardTable>
        )}
      </ListStates>
      {open?.what === "add" && <AddProduct onClose={close} />}
      {open?.what === "stock" && <AdjustStock product={open.product} onClose={close} />}
      {open?.what === "change" && <ChangeProduct product={open.product} onClose={close} />}
      {open?.what === "withdraw" && <Withdraw product={open.product} onClose={close} />}
    </div>
  );
}
