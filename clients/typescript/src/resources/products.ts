import type { RequestOptions, Waybill } from "../client.js";
import type { PathsOf, Schemas, paths } from "../schema-types.js";

type Product = Schemas["Product"];
type NewProduct = paths["/v1/products"]["post"]["requestBody"]["content"]["application/json"];
type Change = paths["/v1/products/{id}"]["patch"]["requestBody"]["content"]["application/json"];

/// The catalogue and its stock.
export class Products {
  constructor(private readonly client: Waybill) {}

  /// `q`: words of the name, or of the SKU.
  list(q?: string, signal?: AbortSignal): AsyncGenerator<Product, void, undefined> {
    return this.client.pages<Product>("/v1/products" satisfies PathsOf<"get">, { query: { q }, signal });
  }

  get(id: string): Promise<Product> {
    return this.client.request("get", "/v1/products/{id}", { path: { id } });
  }

  create(product: NewProduct): Promise<Product> {
    return this.client.request("post", "/v1/products", { body: product });
  }

  change(id: string, change: Change, options: Pick<RequestOptions, "ifVersion"> = {}): Promise<Product> {
    return this.client.request("patch", "/v1/products/{id}", { path: { id }, body: change, ...options });
  }

  /// It can no longer be ordered.
  async withdraw(id: string): Promise<void> {
    await this.client.request("delete", "/v1/products/{id}", { path: { id } });
  }

  /// Adds to the stock in the warehouse, or takes from it; never below what orders have reserved (409 `insufficient_stock`).
  adjustStock(id: string, delta: number, reason: string, options: Pick<RequestOptions, "idempotencyKey"> = {}): Promise<Product> {
    return this.client.request("post", "/v1/products/{id}/stock", { path: { id }, body: { delta, reason }, ...options });
  }
}
