-- The texts by which products are found, folded as persistence/search says: the program fills them in for the rows that
-- there are.
alter table products add column unique_sku text;
alter table products add column search_text text not null default '';
create unique index products_unique_sku on products (unique_sku);
