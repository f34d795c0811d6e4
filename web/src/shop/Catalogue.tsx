import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { api, get, type Schema } from "../api/client";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Refused } from "../ui/Refused";
import { Skeleton } from "../ui/Skeleton";
import { amountText } from "../words/money";
import { setQuantity, useCart } from "./cart/cart";
import { Stepper } from "./cart/Stepper";
import { NoProducts } from "./NoProducts";

type Product = Schema["Product"];

/// Milliseconds of rest after the last letter before it is searched for.
const rest = 200;
const few = 5;
const hues = 5;

const hueOf = (id: string) => [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % hues;
const stockText = (available: number) =>
  available === 0 ? "Sold out" : available <= few ? `Only ${available} left` : "In stock";

function ProductCard({ product }: { product: Product }) {
  const inCart = useCart().find((line) => line.product.id === product.id);
  return (
    <li className="card product">
      <span className={`picture hue-${hueOf(product.id)}`} aria-hidden="true">
        {product.name.slice(0, 2)}
      </span>
      <div>
        <h2>{product.name}</h2>
        <p className="soft small">{stockText(product.available)}</p>
      </div>
      <div className="foot">
        <span className="price">{amountText(product.price)}</span>
        {inCart ? (
          <Stepper product={product} quantity={inCart.quantity} />
        ) : (
          <Button
            aria-label={`Add ${product.name} to the cart`}
            disabled={product.available === 0}
            onClick={() => setQuantity(product, 1)}>
            Add
          </Button>
        )}
      </div>
    </li>
  );
}

const Waiting = () => (
  <ul className="products" aria-busy="true" aria-label="Loading">
    {Array.from({ length: 8 }, (_, index) => (
      <li key={index}>
        <Skeleton height={66} />
      </li>
    ))}
  </ul>
);

/// The products, with a search whose words stand in the address.
export function Catalogue() {
  const { q = "" } = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const [words, setWords] = useState(q);
  useEffect(() => setWords(q), [q]);
  useEffect(() => {
    if (words === q) return;
    const timer = setTimeout(() => void navigate({ search: words ? { q: words } : {}, replace: true }), rest);
    return () => clearTimeout(timer);
  }, [words, q, navigate]);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["products", q],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      get(
        api.GET("/v1/products", {
          params: { query: { limit: 48, ...(q && { q }), ...(pageParam && { cursor: pageParam }) } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const products = data?.pages.flatMap(({ items }) => items);
  return (
    <div className="catalogue">
      <div className="row between">
        <h1>Products</h1>
        <form className="search" role="search" onSubmit={(event) => event.preventDefault()}>
          <input
            className="input"
            type="search"
            aria-label="Search products"
            placeholder="Search products"
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
        </form>
      </div>
      {error && !products ? (
        <Refused problem={error} retry={() => void refetch()} />
      ) : !products ? (
        <Waiting />
      ) : products.length === 0 ? (
        <Empty title={q ? `Nothing is called “${q}”` : "Nothing is for sale yet"}>
          {q ? (
            <Button onClick={() => setWords("")}>Show all products</Button>
          ) : (
            <NoProducts onMade={() => void refetch()} />
          )}
        </Empty>
      ) : (
        <ul className="products">
          {products.map((product) => (
            <ProductCard key={product.id} product={product} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <div>
          <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}
